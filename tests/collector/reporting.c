#include "tests/collector/reporting.h"

#include <stdlib.h>

int reporting_set_up(void **state)
{
	struct collector *collector = malloc(sizeof(*collector));

	collector_init(collector);
	/* more than by default: these senders come again at once, which no terminal does */
	(void)strcpy(collector->more, "[reports]\nper_hour = 1000000\n");
	*state = collector;
	return 0;
}

int reporting_set_up_postgres(void **state)
{
	(void)postgres_number(&collector_postgres,
		"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT 1");
	(void)reporting_set_up(state);
	collector_use_postgres(*state, &collector_postgres);
	return 0;
}

int reporting_tear_down(void **state)
{
	collector_clear(*state);
	free(*state);
	return 0;
}

long reporting_send(struct ask *ask, const struct buf *body, struct ask_answer *ret_answer)
{
	return ask_for(ask, "/reports", buf_text(body), body->len, ret_answer);
}

long reporting_send_patiently(struct ask *ask, const struct buf *body, struct ask_answer *ret_answer)
{
	long status;

	while ((status = reporting_send(ask, body, ret_answer)) == 503)
		;
	return status;
}

void assert_reporting_answer(const struct ask_answer *answer, long status, const char *part)
{
	if (answer->status != status || !strstr(buf_text(&answer->body), part))
		fail_msg(
			"expected %ld with '%s', got %ld: %s", status, part, answer->status, buf_text(&answer->body));
}

void reporting_hears(struct collector *collector, struct report_maker *maker, const char *part)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask *ask = collector_client(collector, &collector->terminal);
	struct ask_answer answer = {0};

	report_maker_make(maker, &body);
	(void)reporting_send_patiently(ask, &body, &answer);
	assert_reporting_answer(&answer, 200, part);
	ask_answer_clear(&answer);
	ask_free(ask);
}

void reporting_is_taken(struct collector *collector, struct report_maker *maker)
{
	reporting_hears(collector, maker, "receipt");
}
