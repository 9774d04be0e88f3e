/* Reports into haishin-collector, as terminals send them. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

static int setup(void **state)
{
	struct collector *collector = malloc(sizeof(*collector));

	collector_init(collector);
	/* more than by default: these senders come again at once, which no terminal does */
	(void)strcpy(collector->more, "[reports]\nper_hour = 1000000\n");
	*state = collector;
	return 0;
}

/* The same with a database of PostgreSQL, emptied. */
static int setup_postgres(void **state)
{
	(void)postgres_number(&collector_postgres,
		"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT 1");
	(void)setup(state);
	collector_use_postgres(*state, &collector_postgres);
	return 0;
}

static int teardown(void **state)
{
	collector_clear(*state);
	free(*state);
	return 0;
}

/* Sends BODY to /reports and returns the status. */
static long send(struct ask *ask, const struct buf *body, struct ask_answer *ret_answer)
{
	return ask_for(ask, "/reports", buf_text(body), body->len, ret_answer);
}

/* The same, again while the store is busy, as a terminal does. */
static long send_patiently(struct ask *ask, const struct buf *body, struct ask_answer *ret_answer)
{
	long status;

	while ((status = send(ask, body, ret_answer)) == 503)
		;
	return status;
}

static void assert_answer(const struct ask_answer *answer, long status, const char *part)
{
	if (answer->status != status || !strstr(buf_text(&answer->body), part))
		fail_msg(
			"expected %ld with '%s', got %ld: %s", status, part, answer->status, buf_text(&answer->body));
}

/* Sends one report of MAKER, which must be taken; the answer must hold PART. */
static void report_and_hear(struct collector *collector, struct report_maker *maker, const char *part)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask *ask = collector_client(collector, &collector->terminal);
	struct ask_answer answer = {0};

	report_maker_make(maker, &body);
	(void)send_patiently(ask, &body, &answer);
	assert_answer(&answer, 200, part);
	ask_answer_clear(&answer);
	ask_free(ask);
}

static void report(struct collector *collector, struct report_maker *maker)
{
	report_and_hear(collector, maker, "receipt");
}

static void test_a_report_is_kept_with_what_it_tells(void **state)
{
	struct collector *collector = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	report_maker_add_delivery(
		&maker, "face-library", "5.1.0", "confirmed", collector_now_s() - 7200, collector_now_s() - 3600);
	collector_start(collector);
	report(collector, &maker);
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

static void test_the_same_report_twice_is_one(void **state)
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
		(void)send_patiently(ask, &first, &answer);
		assert_answer(&answer, 200, "receipt");
		if (i == 1)
			report(collector, &maker);
	}
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 2);
	assert_int_equal(collector_count(collector, "SELECT number FROM terminal WHERE twin_s = 0"), 2);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

static void test_two_machines_with_one_key_are_noticed(void **state)
{
	struct collector *collector = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	report(collector, &maker);
	report(collector, &maker);
	maker.number = 2;
	maker.rows = 15;
	maker.seed = 1;
	report_and_hear(collector, &maker, "\"twin\":\"20");
	report_and_hear(collector, &maker, "\"twin\":\"20");
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM terminal WHERE twin_s > 0"), 1);
	report_maker_clear(&maker);
}

/* A disk that was copied before it went on: nothing contradicts yet but the machine. */
static void test_a_copied_disk_is_noticed_by_its_machine_until_there_is_one_again(void **state)
{
	struct collector *collector = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	maker.machine = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	collector_start(collector);
	report_and_hear(collector, &maker, "\"at\":");
	report(collector, &maker);
	maker.machine = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	report_and_hear(collector, &maker, "\"twin\":\"20");
	maker.machine = NULL; /* an agent that was taken back */
	report_and_hear(collector, &maker, "\"twin\":\"20");
	(void)collector_count(collector, "UPDATE terminal SET twin_s = twin_s - 15 * 86400 RETURNING 1");
	report(collector, &maker);
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM terminal WHERE twin_s = 0"), 1);
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

static void test_what_is_no_report_is_refused_with_the_reason(void **state)
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
		send(ask, &body, &answer);
		assert_answer(&answer, rows[i].status, rows[i].part);
	}
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 0);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM terminal"), 0);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

static void test_hostile_bodies_cost_their_senders_alone(void **state)
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
		assert_answer(&answer, 400, "error");
	}
	assert_int_equal(buf_extend(&body, 60000, &room, NULL), 0);
	memset(room, '[', 60000);
	send(ask, &body, &answer);
	assert_answer(&answer, 400, "error");
	assert_int_equal(buf_extend(&body, 100000, &room, NULL), 0);
	memset(room, 'x', 100000);
	send(ask, &body, &answer);
	assert_answer(&answer, 413, "65536");
	report(collector, &maker);
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 1);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

static void test_nobody_without_a_certificate_is_heard(void **state)
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
	send(ask, &body, &answer);
	assert_answer(&answer, 400, "No required SSL certificate was sent");
	ask_free(ask);
	ask = collector_client(collector, &forged);
	send(ask, &body, &answer);
	assert_answer(&answer, 400, "not from an authority");
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 0);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
	pki_pair_clear(&forged);
	pki_clear(&other);
}

static void test_a_certificate_has_a_quota_and_others_have_theirs(void **state)
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
		send(ask, &body, &answer);
		assert_int_equal(answer.status, i < 4 ? 200 : 429);
	}
	assert_in_range(atoi(ask_header(&answer, "Retry-After", retry, sizeof(retry))), 1, 1801);
	report(collector, &maker);
	collector_stop(collector);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

/* ---- Power cuts ---- */

#define SENDERS 4
#define CUTS 6

struct sender {
	struct collector *collector;
	struct report_maker maker;
	int answered; /* the number of the last report that was */
};

/* Sends one report after the other until the collector is gone. */
static void *send_until_cut(void *context)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct sender *sender = context;
	struct ask *ask = collector_client(sender->collector, &sender->collector->terminal);
	struct ask_answer answer = {0};

	for (;;) {
		report_maker_make(&sender->maker, &body);
		if (send_patiently(ask, &body, &answer) != 200)
			break;
		__atomic_store_n(&sender->answered, (int)sender->maker.number - 1, __ATOMIC_RELEASE);
	}
	/* The one without an answer may be there or not: the next is another, as that of a real terminal would be. */
	ask_answer_clear(&answer);
	ask_free(ask);
	return NULL;
}

/* Waits until each sender was answered MORE times more. */
static void wait_for_answers(struct sender *senders, int more)
{
	for (int i = 0; i < SENDERS; i++) {
		int from = __atomic_load_n(&senders[i].answered, __ATOMIC_ACQUIRE);

		while (__atomic_load_n(&senders[i].answered, __ATOMIC_ACQUIRE) < from + more)
			(void)usleep(1000);
	}
}

static int64_t count_of(struct collector *collector, const struct sender *sender, const char *what)
{
	char sql[400];

	(void)snprintf(sql, sizeof(sql),
		"SELECT %s FROM report JOIN terminal ON terminal.id = report.terminal WHERE key = '%s' AND "
		"report.number <= %d",
		what, signer_key_id(sender->maker.signer), sender->answered);
	return collector_count(collector, sql);
}

static void test_every_answered_report_is_there_once_after_cuts(void **state)
{
	struct sender senders[SENDERS] = {0};
	struct collector *collector = *state;
	pthread_t threads[SENDERS];
	int answered[SENDERS][CUTS];

	for (int i = 0; i < SENDERS; i++) {
		senders[i].collector = collector;
		report_maker_init(&senders[i].maker, collector_now_s());
	}
	for (int cut = 0; cut < CUTS; cut++) {
		collector_start(collector);
		for (int i = 0; i < SENDERS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, send_until_cut, &senders[i]), 0);
		wait_for_answers(senders, 7 + 5 * cut);
		collector_kill(collector);
		for (int i = 0; i < SENDERS; i++)
			assert_int_equal(pthread_join(threads[i], NULL), 0);
		for (int i = 0; i < SENDERS; i++)
			answered[i][cut] = senders[i].answered;
	}
	collector_start(collector);
	collector_stop(collector);
	for (int i = 0; i < SENDERS; i++) {
		/* Numbers without an answer are those behind each life's last; each may be there or not. */
		int64_t there = count_of(collector, &senders[i], "count(DISTINCT report.number)");

		assert_in_range(there, senders[i].answered - (CUTS - 1), senders[i].answered);
		assert_int_equal(there, count_of(collector, &senders[i], "count(*)"));
		for (int cut = 0; cut < CUTS; cut++) {
			char sql[400];

			(void)snprintf(sql, sizeof(sql),
				"SELECT count(*) FROM report JOIN terminal ON terminal.id = report.terminal "
				"WHERE key = '%s' AND report.number = %d",
				signer_key_id(senders[i].maker.signer), answered[i][cut]);
			assert_int_equal(collector_count(collector, sql), 1);
		}
		report_maker_clear(&senders[i].maker);
	}
}

/* ---- PostgreSQL ---- */

static void test_reports_are_taken_again_when_postgresql_is_back(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	char retry[32];
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	report(collector, &maker);
	postgres_kill(&collector_postgres);
	ask = collector_client(collector, &collector->terminal);
	report_maker_make(&maker, &body);
	send(ask, &body, &answer);
	assert_answer(&answer, 503, "network");
	assert_int_equal(atoi(ask_header(&answer, "Retry-After", retry, sizeof(retry))), 60);
	postgres_start(&collector_postgres);
	(void)send_patiently(ask, &body, &answer); /* for a moment nobody tries the store again */
	assert_answer(&answer, 200, "receipt");
	report(collector, &maker);
	collector_kill(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 3);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

/* Whoever asks first after a restart of the database is answered by connections that were lost while nobody used them. */
static void test_the_first_question_after_postgresql_was_away_is_answered(void **state)
{
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *operator;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	report(collector, &maker);
	operator= collector_client(collector, &collector->operator);
	assert_int_equal(ask_for(operator, "/api/v1/terminals", NULL, 0, &answer), 200);
	postgres_kill(&collector_postgres);
	postgres_start(&collector_postgres);
	for (int i = 0; i < 4; i++) {
		(void)ask_for(operator, "/api/v1/terminals", NULL, 0, &answer);
		assert_answer(&answer, 200, "1312345678");
	}
	collector_stop(collector);
	ask_answer_clear(&answer);
	ask_free(operator);
	report_maker_clear(&maker);
}

/* Nothing ever comes from a database that hangs: whoever waited for it would wait for ever. */
static void test_a_postgresql_that_hangs_is_one_that_is_gone(void **state)
{
	struct collector *collector = *state;
	struct ask_answer answer = {.head = BUF_INIT(65536), .body = BUF_INIT(1u << 20)};
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct report_maker maker;
	struct ask *ask, *operator;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	report(collector, &maker);
	ask = collector_client(collector, &collector->terminal);
	operator= collector_client(collector, &collector->operator);
	report_maker_make(&maker, &body);
	postgres_freeze(&collector_postgres);
	for (int i = 0; i < 5; i++) {
		send(ask, &body, &answer);
		assert_answer(&answer, 503, "network");
		(void)ask_for(operator, "/api/v1/terminals", NULL, 0, &answer);
		assert_answer(&answer, 503, "PostgreSQL");
	}
	postgres_thaw(&collector_postgres);
	(void)send_patiently(ask, &body, &answer);
	assert_answer(&answer, 200, "receipt");
	report(collector, &maker);
	collector_stop(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 3);
	ask_answer_clear(&answer);
	ask_free(operator);
	ask_free(ask);
	report_maker_clear(&maker);
}

/* Sends the same reports to the collector that it was given. */
static void *send_the_same(void *context)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct sender *sender = context;
	struct ask *ask = collector_client(sender->collector, &sender->collector->terminal);
	struct ask_answer answer = {0};

	for (int i = 0; i < 50; i++) {
		report_maker_make(&sender->maker, &body);
		if (send_patiently(ask, &body, &answer) != 200)
			print_error("%s", buf_text(&answer.body));
		sender->answered += answer.status == 200;
	}
	ask_answer_clear(&answer);
	ask_free(ask);
	return NULL;
}

static void test_two_collectors_share_one_database(void **state)
{
	struct sender senders[2] = {0};
	struct collector *collector = *state, second = *collector;
	struct report_maker maker;
	pthread_t threads[2];

	collector_start(collector);
	collector_start(&second);
	report_maker_init(&maker, collector_now_s());
	for (int i = 0; i < 2; i++)
		senders[i] = (struct sender){.collector = i ? &second : collector, .maker = maker};
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_the_same, &senders[i]), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	collector_stop(&second);
	collector_stop(collector);
	assert_int_equal(senders[0].answered, 50);
	assert_int_equal(senders[1].answered, 50);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 50);
	assert_int_equal(collector_count(collector, "SELECT number FROM terminal WHERE twin_s = 0"), 50);
	report_maker_clear(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_postgresql_that_hangs_is_one_that_is_gone, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(test_a_report_is_kept_with_what_it_tells, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_same_report_twice_is_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_machines_with_one_key_are_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_copied_disk_is_noticed_by_its_machine_until_there_is_one_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_report_is_refused_with_the_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_bodies_cost_their_senders_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_without_a_certificate_is_heard, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_certificate_has_a_quota_and_others_have_theirs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_answered_report_is_there_once_after_cuts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_report_is_kept_with_what_it_tells, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(test_the_same_report_twice_is_one, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(test_two_machines_with_one_key_are_noticed, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_copied_disk_is_noticed_by_its_machine_until_there_is_one_again, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(
			test_every_answered_report_is_there_once_after_cuts, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(
			test_reports_are_taken_again_when_postgresql_is_back, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_first_question_after_postgresql_was_away_is_answered, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(test_two_collectors_share_one_database, setup_postgres, teardown),
	};

	return cmocka_run_group_tests(tests, collector_postgres_begin, collector_postgres_end);
}
