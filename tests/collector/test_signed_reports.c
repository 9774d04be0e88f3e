/* Reports of form 2 as the collector reads them: signed whole, and vouched for by the certificate's holder. */
#include "tests/support/test.h"

#include "collector/reports/report.h"
#include "ledger/proof/signed_report.h"
#include "tests/support/pki.h"
#include "tests/support/report_maker.h"

#define NOW_S INT64_C(1768939200)

struct world {
	struct report_maker maker;
	struct pki pki;
	struct pki_pair client, other;
};

static int set_up(void **state)
{
	static struct world world; /* one test at a time */

	world = (struct world){0};
	report_maker_init(&world.maker, NOW_S);
	pki_init(&world.pki, "authority");
	pki_issue_client(&world.pki, &world.client, "1312345678", NOW_S - 86400, NOW_S + 86400);
	pki_issue_client(&world.pki, &world.other, "9999999999", NOW_S - 86400, NOW_S + 86400);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	report_maker_clear(&world->maker);
	pki_pair_clear(&world->client);
	pki_pair_clear(&world->other);
	pki_clear(&world->pki);
	return 0;
}

static char *make(struct world *world, const struct pki_pair *signing, const struct pki_pair *shown)
{
	AUTO(buf) struct buf text = BUF_INIT(SIGNED_REPORT_MAX_BYTES);
	char *copy;

	report_maker_make_whole(&world->maker, signing, shown, &text);
	assert_non_null(copy = strdup(buf_text(&text)));
	return copy;
}

TEST_CASE(test_takes_one_that_is_signed_whole)
{
	struct world *world = *state;
	AUTO(free) char *text = make(world, &world->client, &world->client);
	AUTO(report) struct report report = {0};
	struct error err = {0};

	assert_ok(report_read(text, strlen(text), &report, &err), &err);
	assert_int_equal(report.form, 2);
	assert_string_equal(report.certificate, world->client.pem);
}

/* The head of its history is signed still, and would do for form 1. */
TEST_CASE(test_refuses_one_in_which_anything_was_changed)
{
	struct world *world = *state;
	AUTO(free) char *text = make(world, &world->client, &world->client);
	AUTO(report) struct report report = {0};
	struct error err = {0};
	char *version = strstr(text, "\"agent\":\"0.1.0\"");

	assert_non_null(version);
	version[strlen("\"agent\":\"")] = '9';
	assert_int_equal(report_read(text, strlen(text), &report, &err), -1);
	assert_error(&err, ERROR_REFUSED, "the terminal's signature does not hold");
}

TEST_CASE(test_refuses_a_certificate_whose_holder_did_not_vouch)
{
	struct world *world = *state;
	AUTO(free) char *text = make(world, &world->other, &world->client);
	AUTO(report) struct report report = {0};
	struct error err = {0};

	assert_int_equal(report_read(text, strlen(text), &report, &err), -1);
	assert_error(&err, ERROR_REFUSED, "has not vouched for this terminal's key");
}

TESTS(set_up, tear_down)
