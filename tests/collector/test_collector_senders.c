/* Nobody but a terminal reports as that terminal. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

struct world {
	struct collector collector;
	struct report_maker maker;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct clock clock;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	collector_init(&world->collector);
	report_maker_init(&world->maker, clock.now_s(&clock));
	collector_start(&world->collector);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	report_maker_clear(&world->maker);
	collector_clear(&world->collector);
	free(world);
	return 0;
}

/* Sends BODY with the certificate of SENDER; the answer must have STATUS and hold PART. */
static void send_as(
	struct world *world, const struct pki_pair *sender, const struct buf *body, long status, const char *part)
{
	struct ask *ask = collector_client(&world->collector, sender);
	struct ask_answer answer = {0};

	ask_for(ask, "/reports", buf_text(body), body->len, &answer);
	if (answer.status != status || !strstr(buf_text(&answer.body), part))
		fail_msg("expected %ld with '%s', got %ld: %s", status, part, answer.status, buf_text(&answer.body));
	ask_answer_clear(&answer);
	ask_free(ask);
}

/* Somebody with a role could otherwise bring terminals of his own making, whose words count in the fleet. */
TEST_CASE(test_who_has_a_role_reports_as_no_terminal)
{
	struct world *world = *state;
	const struct collector *collector = &world->collector;
	const struct pki_pair *senders[] = {&collector->vendor, &collector->auditor, &collector->operator};
	AUTO(buf) struct buf body = BUF_INIT(65536);

	for (size_t i = 0; i < ARRAY_SIZE(senders); i++) {
		report_maker_make_whole(&world->maker, senders[i], senders[i], &body);
		send_as(world, senders[i], &body, 403, "has the role");
	}
	collector_stop(&world->collector);
	assert_int_equal(collector_count(collector, "SELECT count(*) FROM terminal"), 0);
}

static char *see(struct world *world, const char *path)
{
	struct ask *ask = collector_client(&world->collector, &world->collector.operator);
	struct ask_answer answer = {0};
	char *text;

	if (ask_for(ask, path, NULL, 0, &answer) != 200)
		fail_msg("%s: %ld: %s", path, answer.status, buf_text(&answer.body));
	assert_non_null(text = strdup(buf_text(&answer.body)));
	ask_answer_clear(&answer);
	ask_free(ask);
	return text;
}

static size_t times(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

/* An agent is brought up to date, an authority's certificate is put behind its own or goes again, an agent is taken back: the
 * certificate is the same all the while, and what is around it is not. */
TEST_CASE(test_all_reports_of_a_certificate_are_read_however_it_was_told)
{
	struct world *world = *state;
	const struct pki_pair *terminal = &world->collector.terminal;
	struct pki_pair chained = *terminal;
	AUTO(buf) struct buf body = BUF_INIT(65536);
	AUTO(free) char *seen = NULL;
	char path[128];

	assert_true(asprintf(&chained.pem, "Subject: CN=1312345678\n%s\n%s", terminal->pem, world->collector.pki.ca_pem) > 0);
	const struct pki_pair *const told[] = {NULL, terminal, &chained, NULL, &chained, terminal};

	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		report_maker_add_window(&world->maker, world->maker.made_s - 86400, "contacted");
		if (told[i])
			report_maker_make_whole(&world->maker, terminal, told[i], &body);
		else
			report_maker_make(&world->maker, &body);
		send_as(world, terminal, &body, 200, "receipt");
	}
	(void)snprintf(path, sizeof(path), "/api/v1/terminals/%s", signer_key_id(world->maker.signer));
	seen = see(world, path);
	assert_int_equal(times(seen, "\"sha256\":"), ARRAY_SIZE(told));
	assert_int_equal(times(seen, "\"outcome\":\"contacted\""), 1 + 2 + 3 + 4 + 5 + 6);
	collector_stop(&world->collector);
	free(chained.pem);
}

static void report_with_campaign(struct world *world, const struct pki_pair *sender, int first, int count)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct report_maker maker;

	report_maker_init(&maker, world->maker.made_s);
	for (int i = 0; i < count; i++) {
		report_maker_add_delivery(&maker, "face-library", "5.1.0", "planned", maker.made_s - 60 - i, maker.made_s);
		(void)json_object_set_new(json_array_get(maker.deliveries, (size_t)i), "campaign", json_integer(first + i));
	}
	report_maker_make_whole(&maker, sender, sender, &body);
	send_as(world, sender, &body, 200, "receipt");
	report_maker_clear(&maker);
}

TEST_CASE(test_one_terminal_hides_no_campaign_from_the_operator)
{
	struct world *world = *state;
	AUTO(free) char *seen = NULL;

	report_with_campaign(world, &world->collector.terminal, 150, 1);
	report_with_campaign(world, &world->collector.stranger, INT32_MAX - 60, 60);
	report_with_campaign(world, &world->collector.terminal, 150, 1);
	seen = see(world, "/api/v1/campaigns");
	assert_int_equal(times(seen, "\"campaign\":150,"), 1);
	assert_int_equal(times(seen, "\"campaign\":"), 20);
	collector_stop(&world->collector);
}

static void assert_is_known_as_the_terminal(struct world *world)
{
	collector_stop(&world->collector);
	assert_int_equal(
		collector_count(&world->collector,
			"SELECT count(*) FROM terminal WHERE name = '1312345678' AND institution = '1312345678'"),
		1);
}

TEST_CASE(test_a_report_that_is_not_signed_whole_takes_no_terminal_from_its_institution)
{
	struct world *world = *state;
	const struct pki_pair *terminal = &world->collector.terminal;
	AUTO(buf) struct buf body = BUF_INIT(65536);

	report_maker_make_whole(&world->maker, terminal, terminal, &body);
	send_as(world, terminal, &body, 200, "receipt");
	report_maker_make(&world->maker, &body);
	send_as(world, &world->collector.stranger, &body, 403, "does not speak for it");
	send_as(world, terminal, &body, 200, "receipt");
	report_maker_make(&world->maker, &body);
	send_as(world, &world->collector.stranger, &body, 403, "does not speak for it");
	assert_is_known_as_the_terminal(world);
}

TEST_CASE(test_a_report_that_is_signed_whole_counts_for_the_certificate_in_it_only)
{
	struct world *world = *state;
	const struct pki_pair *terminal = &world->collector.terminal;
	AUTO(buf) struct buf body = BUF_INIT(65536);

	report_maker_make_whole(&world->maker, terminal, terminal, &body);
	send_as(world, &world->collector.stranger, &body, 403, "is not that of 'CN=Somebody");
	send_as(world, terminal, &body, 200, "receipt");
	assert_is_known_as_the_terminal(world);
}

TESTS(setup, teardown)
