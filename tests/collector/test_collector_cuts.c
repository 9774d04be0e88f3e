/* Whatever ends a collector or its store: what was answered is there, once, and reports are taken again. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/collector/reporting.h"

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
		if (reporting_send_patiently(ask, &body, &answer) != 200)
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

TEST_CASE(test_every_answered_report_is_there_once_after_cuts)
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
ON_POSTGRES(test_every_answered_report_is_there_once_after_cuts)

/* ---- PostgreSQL ---- */

TEST_CASE_WITH(test_reports_are_taken_again_when_postgresql_is_back, reporting_set_up_postgres, reporting_tear_down)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	char retry[32];
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	reporting_is_taken(collector, &maker);
	postgres_kill(&collector_postgres);
	ask = collector_client(collector, &collector->terminal);
	report_maker_make(&maker, &body);
	reporting_send(ask, &body, &answer);
	assert_reporting_answer(&answer, 503, "network");
	assert_int_equal(atoi(ask_header(&answer, "Retry-After", retry, sizeof(retry))), 60);
	postgres_start(&collector_postgres);
	(void)reporting_send_patiently(ask, &body, &answer); /* for a moment nobody tries the store again */
	assert_reporting_answer(&answer, 200, "receipt");
	reporting_is_taken(collector, &maker);
	collector_kill(collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM report"), 3);
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
}

/* Whoever asks first after a restart of the database is answered by connections that were lost while nobody used them. */
TEST_CASE_WITH(test_the_first_question_after_postgresql_was_away_is_answered, reporting_set_up_postgres, reporting_tear_down)
{
	struct collector *collector = *state;
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct ask *operator;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	reporting_is_taken(collector, &maker);
	operator= collector_client(collector, &collector->operator);
	assert_int_equal(ask_for(operator, "/api/v1/terminals", NULL, 0, &answer), 200);
	postgres_kill(&collector_postgres);
	postgres_start(&collector_postgres);
	for (int i = 0; i < 4; i++) {
		(void)ask_for(operator, "/api/v1/terminals", NULL, 0, &answer);
		assert_reporting_answer(&answer, 200, "1312345678");
	}
	collector_stop(collector);
	ask_answer_clear(&answer);
	ask_free(operator);
	report_maker_clear(&maker);
}

/* Nothing ever comes from a database that hangs: whoever waited for it would wait for ever. */
TEST_CASE_WITH(test_a_postgresql_that_hangs_is_one_that_is_gone, reporting_set_up_postgres, reporting_tear_down)
{
	struct collector *collector = *state;
	struct ask_answer answer = {.head = BUF_INIT(65536), .body = BUF_INIT(1u << 20)};
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct report_maker maker;
	struct ask *ask, *operator;

	report_maker_init(&maker, collector_now_s());
	collector_start(collector);
	reporting_is_taken(collector, &maker);
	ask = collector_client(collector, &collector->terminal);
	operator= collector_client(collector, &collector->operator);
	report_maker_make(&maker, &body);
	postgres_freeze(&collector_postgres);
	for (int i = 0; i < 5; i++) {
		reporting_send(ask, &body, &answer);
		assert_reporting_answer(&answer, 503, "network");
		(void)ask_for(operator, "/api/v1/terminals", NULL, 0, &answer);
		assert_reporting_answer(&answer, 503, "PostgreSQL");
	}
	postgres_thaw(&collector_postgres);
	(void)reporting_send_patiently(ask, &body, &answer);
	assert_reporting_answer(&answer, 200, "receipt");
	reporting_is_taken(collector, &maker);
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
		if (reporting_send_patiently(ask, &body, &answer) != 200)
			print_error("%s", buf_text(&answer.body));
		sender->answered += answer.status == 200;
	}
	ask_answer_clear(&answer);
	ask_free(ask);
	return NULL;
}

TEST_CASE_WITH(test_two_collectors_share_one_database, reporting_set_up_postgres, reporting_tear_down)
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

TESTS_WITHIN(collector_postgres_begin, collector_postgres_end, reporting_set_up, reporting_tear_down)
