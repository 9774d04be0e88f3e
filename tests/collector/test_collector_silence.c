/* Which terminals are called silent, and why. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

#define DAY_S 86400

static int setup(void **state)
{
	struct collector *collector = malloc(sizeof(*collector));

	collector_init(collector);
	*state = collector;
	return 0;
}

static int teardown(void **state)
{
	collector_clear(*state);
	free(*state);
	return 0;
}

/* What a terminal said last, and what it is to be telephoned for. */
struct words {
	const char *reason, *problem, *outcome, *package_state, *cause;
	int64_t certificate_days; /* until its end; 0: a year */
};

static const struct words all_words[] = {
	{"all-current", NULL, "contacted", "current", "unknown", 0},
	{"disabled", NULL, "disabled", "current", "disabled", 0},
	{"certificate", "certificate", "network", "current", "certificate", 0},
	{"all-current", NULL, "contacted", "current", "certificate", 2},
	{"not-running", NULL, "not-running", "current", "not-running", 0},
	{"server-untrusted", "server-untrusted", "server", "current", "server-untrusted", 0},
	{"clock", "clock", "clock", "current", "clock", 0},
	{"no-space", "no-space", "contacted", "current", "no-space", 0},
	{"staged", NULL, "contacted", "staged", "activated", 0},
	{"all-current", NULL, "contacted", "trial", "activated", 0},
	{"all-current", NULL, "off", "current", "off", 0},
	{"no-contact", "no-contact", "contacted", "current", "network", 0},
	{"all-current", NULL, "server", "current", "server", 0},
	{"rolled-back", "rolled-back", "contacted", "rolled-back", "rolled-back", 0},
};

static void say(struct collector *collector, const struct words *words, int number)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct pki_pair pair;
	struct ask *ask;
	char name[32];

	(void)snprintf(name, sizeof(name), "1310000%03d", number);
	pki_issue_client(&collector->pki, &pair, name, pki_yesterday(),
		words->certificate_days ? collector_now_s() + words->certificate_days * DAY_S : pki_next_year());
	report_maker_init(&maker, collector_now_s());
	maker.reason = words->reason;
	if (words->problem)
		report_maker_add_problem(&maker, words->problem, NULL);
	report_maker_set_package(&maker, "face-library", "5.1.0", words->package_state);
	report_maker_add_window(&maker, collector_now_s() - DAY_S, words->outcome);
	report_maker_make(&maker, &body);
	ask = collector_client(collector, &pair);
	assert_int_equal(ask_for(ask, "/reports", buf_text(&body), body.len, &answer), 200);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
	pki_pair_clear(&pair);
}

static void change_store(const struct collector *collector, const char *sql)
{
	sqlite3 *database = NULL;

	assert_int_equal(sqlite3_open_v2(collector->store, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(database);
}

/* Lets so many days go by: what is in the store was so much earlier. THERE: a collector was there all the time. */
static void let_days_go_by(struct collector *collector, int days, bool there)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
		"UPDATE terminal SET opens_s = opens_s - %d, closes_s = closes_s - %d, received_s = received_s - %d; "
		"DELETE FROM presence; INSERT INTO presence SELECT 'test', %" PRId64 ", %" PRId64 " WHERE %d",
		days * DAY_S, days * DAY_S, days * DAY_S, collector_now_s() - (days + 1) * DAY_S, collector_now_s(),
		there);
	change_store(collector, sql);
}

static json_t *get(struct collector *collector, const char *path)
{
	struct ask *ask = collector_client(collector, &collector->operator);
	struct ask_answer answer = {0};
	json_t *value;

	assert_int_equal(ask_for(ask, path, NULL, 0, &answer), 200);
	value = json_loads(buf_text(&answer.body), 0, NULL);
	ask_answer_clear(&answer);
	ask_free(ask);
	return value;
}

/* The figures are counted in a round of the collector, in which it looked for silence first. */
static int64_t silent_terminals(struct collector *collector)
{
	AUTO(json) json_t *fleet = get(collector, "/api/v1/fleet");

	return json_integer_value(json_object_get(fleet, "silent"));
}

static void test_each_silent_terminal_is_under_its_cause(void **state)
{
	struct collector *collector = *state;
	AUTO(json) json_t *list = NULL;
	const json_t *items;

	collector_start(collector);
	for (size_t i = 0; i < ARRAY_SIZE(all_words); i++)
		say(collector, &all_words[i], (int)i);
	assert_int_equal(silent_terminals(collector), 0);
	collector_stop(collector);
	let_days_go_by(collector, 3, true);
	collector_start(collector);
	assert_int_equal(silent_terminals(collector), ARRAY_SIZE(all_words));
	list = get(collector, "/api/v1/terminals?silent=yes");
	items = json_object_get(list, "items");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		const char *name = json_string_value(json_object_get(item, "name"));
		const struct words *words = &all_words[atoi(name + 7)];

		assert_string_equal(json_string_value(json_object_get(item, "cause")), words->cause);
	}
	assert_int_equal(json_array_size(items), ARRAY_SIZE(all_words));
	collector_stop(collector);
}

/* A clinic that is closed from Friday to Monday, and a clock that is ahead by years, which is not believed. */
static void test_a_terminal_is_due_when_it_said_itself(void **state)
{
	static const int days_ahead[] = {3, 900};
	struct collector *collector = *state;
	struct ask *ask;

	collector_start(collector);
	ask = collector_client(collector, &collector->terminal);
	for (size_t i = 0; i < ARRAY_SIZE(days_ahead); i++) {
		AUTO(buf) struct buf body = BUF_INIT(65536);
		struct ask_answer answer = {0};
		struct report_maker maker;

		report_maker_init(&maker, collector_now_s());
		maker.opens_s = collector_now_s() + days_ahead[i] * DAY_S;
		maker.closes_s = maker.opens_s + 9 * 3600;
		report_maker_make(&maker, &body);
		assert_int_equal(ask_for(ask, "/reports", buf_text(&body), body.len, &answer), 200);
		ask_answer_clear(&answer);
		report_maker_clear(&maker);
	}
	ask_free(ask);
	collector_stop(collector);
	let_days_go_by(collector, 3, true);
	collector_start(collector);
	assert_int_equal(silent_terminals(collector), 1);
	collector_stop(collector);
	let_days_go_by(collector, 1, true);
	collector_start(collector);
	assert_int_equal(silent_terminals(collector), 2);
	collector_stop(collector);
}

/* It would be expected never again. */
static void test_a_window_without_an_end_is_not_believed(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	report_maker_add_window(&maker, collector_now_s() - DAY_S, "contacted");
	(void)json_object_set_new(
		json_array_get(maker.windows, 0), "closes", json_string("9999-12-31T23:59:59Z"));
	report_maker_make(&maker, &body);
	collector_start(collector);
	ask = collector_client(collector, &collector->terminal);
	assert_int_equal(ask_for(ask, "/reports", buf_text(&body), body.len, &answer), 200);
	collector_stop(collector);
	let_days_go_by(collector, 3, true);
	collector_start(collector);
	assert_int_equal(silent_terminals(collector), 1);
	collector_stop(collector);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

static void test_no_terminal_is_silent_because_the_collector_was_down(void **state)
{
	struct collector *collector = *state;

	collector_start(collector);
	say(collector, &all_words[0], 0);
	collector_stop(collector);
	let_days_go_by(collector, 3, false);
	collector_start(collector);
	assert_int_equal(silent_terminals(collector), 0);
	collector_stop(collector);
	/* It waits for the next window now. */
	assert_int_equal(
		collector_count(collector, "SELECT count(*) FROM terminal WHERE closes_s > unixepoch() - 7200"), 1);
}

static void test_a_terminal_that_reports_again_is_silent_no_more(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	ask = collector_client(collector, &collector->terminal);
	report_maker_make(&maker, &body);
	assert_int_equal(ask_for(ask, "/reports", buf_text(&body), body.len, &answer), 200);
	collector_stop(collector);
	ask_free(ask);
	let_days_go_by(collector, 2, true);
	collector_start(collector);
	assert_int_equal(silent_terminals(collector), 1);
	ask = collector_client(collector, &collector->terminal);
	report_maker_make(&maker, &body);
	assert_int_equal(ask_for(ask, "/reports", buf_text(&body), body.len, &answer), 200);
	assert_int_equal(silent_terminals(collector), 0);
	collector_stop(collector);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_silent_terminal_is_under_its_cause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_terminal_is_due_when_it_said_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_window_without_an_end_is_not_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_no_terminal_is_silent_because_the_collector_was_down, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_terminal_that_reports_again_is_silent_no_more, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
