/* A collector that takes reports, over either store, and terminals that send them. */
#ifndef TESTS_COLLECTOR_REPORTING_H
#define TESTS_COLLECTOR_REPORTING_H

#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

/* For cmocka: *STATE is the collector, which is not started yet; its store is SQLite, or an emptied one of PostgreSQL. */
int reporting_set_up(void **state);
int reporting_set_up_postgres(void **state);
int reporting_tear_down(void **state);
/* The same test once more. */
#define ON_POSTGRES(name) TEST_CASE_AGAIN(name, reporting_set_up_postgres, reporting_tear_down)

/* Sends BODY to /reports and returns the status. */
long reporting_send(struct ask *ask, const struct buf *body, struct ask_answer *ret_answer);
/* The same, again while the store is busy, as a terminal does. */
long reporting_send_patiently(struct ask *ask, const struct buf *body, struct ask_answer *ret_answer);
void assert_reporting_answer(const struct ask_answer *answer, long status, const char *part);
/* One report of MAKER is taken; the answer holds PART. */
void reporting_hears(struct collector *collector, struct report_maker *maker, const char *part);
void reporting_is_taken(struct collector *collector, struct report_maker *maker);

#endif
