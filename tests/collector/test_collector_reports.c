/* Reports into haishin-collector, as terminals send them, and what is none. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/collector/reporting.h"

TEST_CASE(test_a_report_is_kept_with_what_it_tells)
{
	struct collector *collector = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	report_maker_add_delivery(
		&maker, "face-library", "5.1.0", "confirmed", collector_now_s() - 7200, collector_now_s() - 3600);
	collector_start(collector);
	reporting_is_taken(collector, &maker);
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 1);
	assert_int_equal(collector_count(collector,
				 "SELECT count(*) FROM terminal WHERE institution = '1312345678' AND verdict = "
				 "'up-to-date' AND number = 1 AND closes_s > received_s AND words = 'unknown'"),
		1);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM installed WHERE state = 'current'"), 3);
	assert_int_equal(collector_count(collector,
				 "SELECT count(*) FROM delivery JOIN release ON release.id = delivery.release "
				 "WHERE state = 'confirmed' AND package = 'face-library' AND version = '5.1.0'"),
		1);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM certificate WHERE name = '1312345678'"), 1);
	report_maker_clear(&maker);
}
ON_POSTGRES(test_a_report_is_kept_with_what_it_tells)

/* Names are kept up to 127 bytes, which ends within the 43rd of these characters. */
TEST_CASE(test_a_name_longer_than_any_is_nobodys)
{
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	char path[512] = "/api/v1/terminals?name=";
	struct ask *ask;

	for (int i = 0; i < 45; i++)
		(void)strcat(path, "%E7%AB%AF");
	collector_start(collector);
	ask = collector_client(collector, &collector->operator);
	(void)ask_for(ask, path, NULL, 0, &answer);
	assert_reporting_answer(&answer, 200, "\"items\":[]");
	collector_stop(collector);
	ask_answer_clear(&answer);
	ask_free(ask);
}
ON_POSTGRES(test_a_name_longer_than_any_is_nobodys)

TEST_CASE(test_the_same_report_twice_is_one)
{
	AUTO(buf) struct buf first = BUF_INIT(65536);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	report_maker_make(&maker, &first);
	collector_start(collector);
	ask = collector_client(collector, &collector->terminal);
	for (int i = 0; i < 3; i++) {
		(void)reporting_send_patiently(ask, &first, &answer);
		assert_reporting_answer(&answer, 200, "receipt");
		if (i == 1)
			reporting_is_taken(collector, &maker);
	}
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 2);
	assert_int_equal(collector_count(collector, "SELECT number FROM terminal WHERE twin_s = 0"), 2);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}
ON_POSTGRES(test_the_same_report_twice_is_one)

TEST_CASE(test_two_machines_with_one_key_are_noticed)
{
	struct collector *collector = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	reporting_is_taken(collector, &maker);
	reporting_is_taken(collector, &maker);
	maker.number = 2;
	maker.rows = 15;
	maker.seed = 1;
	reporting_hears(collector, &maker, "\"twin\":\"20");
	reporting_hears(collector, &maker, "\"twin\":\"20");
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM terminal WHERE twin_s > 0"), 1);
	report_maker_clear(&maker);
}
ON_POSTGRES(test_two_machines_with_one_key_are_noticed)

/* A disk that was copied before it went on: nothing contradicts yet but the machine. */
TEST_CASE(test_a_copied_disk_is_noticed_by_its_machine_until_there_is_one_again)
{
	struct collector *collector = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	maker.machine = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	collector_start(collector);
	reporting_hears(collector, &maker, "\"at\":");
	reporting_is_taken(collector, &maker);
	maker.machine = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	reporting_hears(collector, &maker, "\"twin\":\"20");
	maker.machine = NULL; /* an agent that was taken back */
	reporting_hears(collector, &maker, "\"twin\":\"20");
	(void)collector_count(collector, "UPDATE terminal SET twin_s = twin_s - 15 * 86400 RETURNING 1");
	reporting_is_taken(collector, &maker);
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM terminal WHERE twin_s = 0"), 1);
	report_maker_clear(&maker);
}
ON_POSTGRES(test_a_copied_disk_is_noticed_by_its_machine_until_there_is_one_again)

/* Reads the reports for as long as it likes, as pg_dump does. */
static FILE *read_for_long(const struct collector *collector)
{
	char command[300];
	FILE *reader;

	(void)snprintf(command, sizeof(command), "psql -qAt '%s' >/dev/null", collector->postgres->url);
	assert_non_null(reader = popen(command, "w"));
	assert_true(fputs("BEGIN; LOCK TABLE report IN ACCESS SHARE MODE;\n", reader) >= 0 && fflush(reader) == 0);
	while (collector_count(collector,
		       "SELECT count(*) FROM pg_locks WHERE relation = 'report'::regclass AND mode = 'AccessShareLock' AND granted") == 0)
		;
	return reader;
}

TEST_CASE_WITH(test_a_backup_at_the_turn_of_a_month_keeps_no_report_waiting, reporting_set_up_postgres, reporting_tear_down)
{
	struct collector *collector = *state;
	struct report_maker maker;
	FILE *reader;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	reporting_is_taken(collector, &maker);
	collector_stop(collector);
	(void)collector_count(collector,
		"DO $$ BEGIN EXECUTE 'DROP TABLE ' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + "
		"interval '1 month', '\"report_\"YYYY_MM'); END $$; SELECT 1");
	reader = read_for_long(collector);
	collector_start(collector);
	reporting_is_taken(collector, &maker);
	collector_stop(collector);
	assert_int_equal(pclose(reader), 0);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'report'::regclass"), 2);
	report_maker_clear(&maker);
}

/* ---- What is refused ---- */

static void change(const char *member, const char *value, struct buf *body)
{
	AUTO(json) json_t *report = json_loads(buf_text(body), 0, NULL);

	assert_int_equal(
		json_object_set_new(report, member, json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)), 0);
	buf_empty(body);
	assert_int_equal(json_write(report, body, NULL), 0);
}

/* Each of them is one, and no more than may be; all of them are more than the row of a terminal holds. */
static void put_many_packages(struct buf *body)
{
	AUTO(buf) struct buf list = BUF_INIT(65536);

	for (int i = 0; i < 64; i++)
		assert_int_equal(buf_printf(&list, NULL,
					 "%c{\"name\": \"a-package-with-a-rather-long-name-of-its-own-%02d\", \"version\": "
					 "\"1.2.3\", \"state\": \"current\", \"staged\": \"1.2.4\", \"newest\": \"1.2.4\"}",
					 i ? ',' : '[', i),
			0);
	assert_int_equal(buf_printf(&list, NULL, "]"), 0);
	change("packages", buf_text(&list), body);
}

TEST_CASE(test_what_is_no_report_is_refused_with_the_reason)
{
	static const struct {
		const char *member, *value; /* put into a good report */
		long status;
		const char *part;
	} rows[] = {
		{"form", "\"haishin-report-9\"", 400, "no form of report"},
		{"form", "7", 400, "member 'form' is not a string"},
		{"number", "0", 400, "'number'"},
		{"number", "1.5", 400, "'number'"},
		{"made", "\"yesterday\"", 400, "'made'"},
		{"verdict", "\"fine; DROP TABLE\"", 400, "'verdict'"},
		{"agent", "\"\\u0000\"", 400, "U+0000"},
		{"terminal", "\"0000000000000000000000000000000000000000000000000000000000000000\"", 403,
			"not the id of the key"},
		{"packages", "[{\"name\": \"../etc\", \"version\": \"1\", \"state\": \"current\"}]", 400,
			"packages, entry 1"},
		{"packages", "{}", 400, "not an array"},
		{"deliveries", "[{}]", 400, "deliveries, entry 1"},
		{"windows", "[7]", 400, "windows, entry 1"},
		{"history", "{\"rows\": 3}", 400, "history"},
		{"machine", "\"this one\"", 400, "'machine'"},
	};
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	ask = collector_client(collector, &collector->terminal);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		report_maker_make(&maker, &body);
		change(rows[i].member, rows[i].value, &body);
		reporting_send(ask, &body, &answer);
		assert_reporting_answer(&answer, rows[i].status, rows[i].part);
	}
	report_maker_make(&maker, &body);
	put_many_packages(&body);
	reporting_send(ask, &body, &answer);
	assert_reporting_answer(&answer, 400, "'packages' is longer than");
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 0);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM terminal"), 0);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

TEST_CASE(test_hostile_bodies_cost_their_senders_alone)
{
	static const char *const bodies[] = {"", "{", "[]", "null", "{\"form\": {\"form\": {}}}", "\xff\xfe", "{}{}"};
	AUTO(buf) struct buf body = BUF_INIT(1u << 20);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *ask;
	char *room;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	ask = collector_client(collector, &collector->stranger);
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		(void)ask_for(ask, "/reports", bodies[i], strlen(bodies[i]), &answer);
		assert_reporting_answer(&answer, 400, "error");
	}
	assert_int_equal(buf_extend(&body, 60000, &room, NULL), 0);
	memset(room, '[', 60000);
	reporting_send(ask, &body, &answer);
	assert_reporting_answer(&answer, 400, "error");
	assert_int_equal(buf_extend(&body, 100000, &room, NULL), 0);
	memset(room, 'x', 100000);
	reporting_send(ask, &body, &answer);
	assert_reporting_answer(&answer, 413, "65536");
	reporting_is_taken(collector, &maker);
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 1);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

TEST_CASE(test_nobody_without_a_certificate_is_heard)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct collector *collector = *state;
	struct pki_pair forged;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct pki other;
	struct ask *ask;

	pki_init(&other, "Another authority");
	pki_issue_client(&other, &forged, "Operator", pki_yesterday(), pki_next_year());
	report_maker_init(&maker, collector_now_s());
	report_maker_make(&maker, &body);
	collector_start(collector);
	ask = collector_client(collector, NULL);
	reporting_send(ask, &body, &answer);
	assert_reporting_answer(&answer, 400, "No required SSL certificate was sent");
	ask_free(ask);
	ask = collector_client(collector, &forged);
	reporting_send(ask, &body, &answer);
	assert_reporting_answer(&answer, 400, "not from an authority");
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 0);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
	pki_pair_clear(&forged);
	pki_clear(&other);
}

TEST_CASE(test_a_certificate_has_a_quota_and_others_have_theirs)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *ask;
	char retry[32];

	(void)strcpy(collector->more, "[reports]\nper_hour = 2\n");
	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	ask = collector_client(collector, &collector->stranger);
	for (int i = 0; i < 5; i++) {
		report_maker_make(&maker, &body);
		reporting_send(ask, &body, &answer);
		assert_int_equal(answer.status, i < 4 ? 200 : 429);
	}
	assert_in_range(atoi(ask_header(&answer, "Retry-After", retry, sizeof(retry))), 1, 1801);
	reporting_is_taken(collector, &maker);
	collector_stop(collector);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

TESTS_WITHIN(collector_postgres_begin, collector_postgres_end, reporting_set_up, reporting_tear_down)
