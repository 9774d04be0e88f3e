#include <stdio.h>
#include <stdlib.h>

#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "agent/store/quarantine.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

#define PACKAGE "face-library"

static const struct error network = {.code = ERROR_NETWORK, .text = "the connection was cut"};
static const struct error wrong = {.code = ERROR_REFUSED, .text = "frame 3 has another digest"};

/* ---- The table ---- */

TEST_CASE_WITH(test_only_the_edges_of_the_table_exist, NULL, NULL)
{
	static const char *const table[] = {
		[DELIVERY_PLANNED] = "fetching failed",
		[DELIVERY_FETCHING] = "fetching staged rejected failed",
		[DELIVERY_STAGED] = "activated failed",
		[DELIVERY_ACTIVATED] = "confirmed rolled-back failed",
		[DELIVERY_CONFIRMED] = "rolled-back",
		[DELIVERY_ROLLED_BACK] = "",
		[DELIVERY_REJECTED] = "",
		[DELIVERY_FAILED] = "",
	};

	for (int from = DELIVERY_PLANNED; from <= DELIVERY_FAILED; from++)
		for (int to = DELIVERY_PLANNED; to <= DELIVERY_FAILED; to++) {
			const char *name = delivery_state_name((enum delivery_state)to);

			if (delivery_may_go((enum delivery_state)from, (enum delivery_state)to) !=
				!!strstr(table[from], name))
				fail_msg("%s -> %s", delivery_state_name((enum delivery_state)from), name);
		}
	assert_false(delivery_is_over(DELIVERY_ACTIVATED));
	assert_true(delivery_is_over(DELIVERY_CONFIRMED));
	assert_true(delivery_is_over(DELIVERY_FAILED));
}

/* ---- Walking it ---- */

static struct delivery plan(struct store_fixture *fixture, const char *version, const char *digest)
{
	struct delivery delivery;
	struct error err = {0};

	assert_ok(delivery_plan(fixture->store, PACKAGE, version, digest, 7, &delivery, &err), &err);
	return delivery;
}

static struct delivery bring_to(struct store_fixture *fixture, enum delivery_state state)
{
	struct delivery delivery = plan(fixture, "5.1.0", DIGEST_A);
	struct store *store = fixture->store;
	struct error err = {0};

	if (state != DELIVERY_PLANNED)
		assert_ok(delivery_begin(store, &delivery, 1000, &err), &err);
	if (state == DELIVERY_REJECTED)
		assert_ok(delivery_reject(store, &delivery, &wrong, &err), &err);
	if (state == DELIVERY_FAILED)
		assert_ok(delivery_fail(store, &delivery, "withdrawn", &err), &err);
	if ((state >= DELIVERY_STAGED && state <= DELIVERY_ROLLED_BACK))
		assert_ok(delivery_staged(store, &delivery, 1000, &err), &err);
	if (state >= DELIVERY_ACTIVATED && state <= DELIVERY_ROLLED_BACK)
		assert_ok(delivery_activated(store, &delivery, NULL, &err), &err);
	if (state == DELIVERY_CONFIRMED)
		assert_ok(delivery_confirmed(store, &delivery, &err), &err);
	if (state == DELIVERY_ROLLED_BACK)
		assert_ok(delivery_rolled_back(store, &delivery, "its health check failed", NULL, &err), &err);
	assert_int_equal(delivery.state, state);
	return delivery;
}

static int take_edge(struct store *store, struct delivery *delivery, int edge, struct error *err)
{
	switch (edge) {
	case 0:
		return delivery_begin(store, delivery, 1000, err);
	case 1:
		return delivery_interrupted(store, delivery, 10, &network, err);
	case 2:
		return delivery_staged(store, delivery, 10, err);
	case 3:
		return delivery_reject(store, delivery, &wrong, err);
	case 4:
		return delivery_fail(store, delivery, "withdrawn", err);
	case 5:
		return delivery_activated(store, delivery, NULL, err);
	case 6:
		return delivery_confirmed(store, delivery, err);
	default:
		return delivery_rolled_back(store, delivery, "unhealthy", NULL, err);
	}
}

static void assert_stored(struct store_fixture *fixture, const struct delivery *expected)
{
	struct delivery stored;
	struct error err = {0};
	bool found;

	assert_ok(delivery_of_folder(fixture->store, PACKAGE, expected->folder, &stored, &found, &err), &err);
	assert_true(found);
	assert_int_equal(stored.id, expected->id);
	assert_int_equal(stored.state, expected->state);
	assert_string_equal(stored.digest, expected->digest);
	assert_int_equal(stored.attempts, expected->attempts);
	assert_int_equal(stored.wire_bytes, expected->wire_bytes);
	assert_int_equal(stored.error, expected->error);
	assert_string_equal(stored.detail, expected->detail);
}

/* Each function from each state: either the table's edge, stored with its row, or a refusal that changes nothing. */
TEST_CASE_WITH(test_every_function_takes_its_edge_or_changes_nothing, NULL, NULL)
{
	static const enum delivery_state leads_to[] = {DELIVERY_FETCHING, DELIVERY_FETCHING, DELIVERY_STAGED,
		DELIVERY_REJECTED, DELIVERY_FAILED, DELIVERY_ACTIVATED, DELIVERY_CONFIRMED, DELIVERY_ROLLED_BACK};

	for (int from = DELIVERY_PLANNED; from <= DELIVERY_FAILED; from++)
		for (int edge = 0; edge < (int)ARRAY_SIZE(leads_to); edge++) {
			bool allowed = delivery_may_go((enum delivery_state)from, leads_to[edge]) &&
				       !(edge == 1 && from != DELIVERY_FETCHING);
			struct store_fixture fixture;
			struct delivery delivery;
			struct error err = {0};
			int64_t rows;

			store_fixture_init(&fixture);
			delivery = bring_to(&fixture, (enum delivery_state)from);
			rows = store_fixture_number(&fixture, "SELECT count(*) FROM history");
			assert_int_equal(take_edge(fixture.store, &delivery, edge, &err), allowed ? 0 : -1);
			assert_int_equal(delivery.state, allowed ? leads_to[edge] : (enum delivery_state)from);
			assert_stored(&fixture, &delivery);
			if (allowed)
				assert_true(store_fixture_number(&fixture, "SELECT count(*) FROM history") > rows);
			else
				assert_int_equal(
					store_fixture_number(&fixture, "SELECT count(*) FROM history"), rows);
			store_fixture_clear(&fixture);
		}
}

static int collect(void *context, const struct history_row *row, struct error *err)
{
	char *story = context;

	(void)err;
	assert_string_equal(row->package, PACKAGE);
	assert_string_equal(row->digest, DIGEST_A);
	(void)snprintf(
		story + strlen(story), 1000 - strlen(story), "%s %s %s; ", row->operation, row->outcome, row->error);
	return 0;
}

static void assert_story(struct store_fixture *fixture, const char *expected)
{
	char story[1000] = "";
	struct error err = {0};

	assert_ok(history_each(fixture->store, &(struct history_filter){0}, collect, story, &err), &err);
	assert_string_equal(story, expected);
}

TEST_CASE(test_the_history_tells_every_step_of_a_good_delivery)
{
	struct store_fixture *fixture = *state;
	struct delivery delivery = plan(fixture, "5.1.0", DIGEST_A);
	struct store *store = fixture->store;
	struct error stopped = {.code = ERROR_STOPPED, .text = "the window has ended"};
	struct error err = {0};

	assert_string_equal(delivery.folder, "5.1.0-aaaaaaaa");
	assert_int_equal(delivery.campaign, 7);
	assert_ok(delivery_begin(store, &delivery, 5000, &err), &err);
	assert_ok(delivery_interrupted(store, &delivery, 1000, &network, &err), &err);
	assert_int_equal(delivery.error, ERROR_NETWORK);
	assert_string_equal(delivery.detail, "the connection was cut");
	assert_ok(delivery_begin(store, &delivery, 5000, &err), &err);
	assert_ok(delivery_interrupted(store, &delivery, 2000, &stopped, &err), &err);
	assert_ok(delivery_begin(store, &delivery, 5000, &err), &err);
	assert_ok(delivery_staged(store, &delivery, 2000, &err), &err);
	assert_ok(delivery_activated(store, &delivery, NULL, &err), &err);
	assert_ok(delivery_confirmed(store, &delivery, &err), &err);
	assert_int_equal(delivery.attempts, 3);
	assert_int_equal(delivery.wire_bytes, 5000);
	assert_int_equal(delivery.error, ERROR_NONE);
	assert_stored(fixture, &delivery);
	assert_story(fixture,
		"plan done none; fetch begun none; fetch failed network; fetch begun none; fetch stopped stopped; "
		"fetch begun none; stage done none; activate done none; confirm done none; ");
}

TEST_CASE(test_what_was_rejected_is_in_quarantine)
{
	struct quarantine_row row;
	struct error err = {0};
	bool found;

	(void)bring_to(*state, DELIVERY_REJECTED);
	assert_ok(quarantine_find(((struct store_fixture *)*state)->store, PACKAGE, DIGEST_A, &row, &found, &err),
		&err);
	assert_true(found);
	assert_string_equal(row.version, "5.1.0");
	assert_string_equal(row.reason, "frame 3 has another digest");
	assert_story(*state, "plan done none; fetch begun none; reject refused refused; quarantine done none; ");
}

TEST_CASE(test_what_was_rolled_back_is_in_quarantine_at_the_time_it_happened)
{
	struct store_fixture *fixture = *state;
	struct history_moment when = {.at_s = FIXTURE_NOW_S + 500, .boot_id = "boot-2"};
	struct delivery delivery = bring_to(fixture, DELIVERY_ACTIVATED);
	struct quarantine_row row;
	struct error err = {0};
	bool found;

	assert_ok(delivery_rolled_back(fixture->store, &delivery, "its self-test failed", &when, &err), &err);
	assert_int_equal(delivery.changed_s, FIXTURE_NOW_S + 500);
	assert_ok(quarantine_find(fixture->store, PACKAGE, DIGEST_A, &row, &found, &err), &err);
	assert_true(found);
	assert_int_equal(store_fixture_number(fixture,
				 "SELECT at_s FROM history WHERE operation = 'roll-back' AND boot_id = 'boot-2'"),
		FIXTURE_NOW_S + 500);
}

/* ---- Planning ---- */

TEST_CASE_WITH(test_planning_the_same_release_again_finds_it, NULL, NULL)
{
	for (int s = DELIVERY_PLANNED; s <= DELIVERY_ACTIVATED; s++) {
		struct store_fixture fixture;
		struct delivery first, again;
		int64_t rows;

		store_fixture_init(&fixture);
		first = bring_to(&fixture, (enum delivery_state)s);
		rows = store_fixture_number(&fixture, "SELECT count(*) FROM history");
		again = plan(&fixture, "5.1.0", DIGEST_A);
		assert_int_equal(again.id, first.id);
		assert_int_equal(again.state, s);
		assert_int_equal(store_fixture_number(&fixture, "SELECT count(*) FROM history"), rows);
		store_fixture_clear(&fixture);
	}
}

TEST_CASE(test_a_release_that_ended_may_be_planned_anew)
{
	struct delivery first = bring_to(*state, DELIVERY_FAILED);
	struct delivery again = plan(*state, "5.1.0", DIGEST_A);

	assert_int_not_equal(again.id, first.id);
	assert_int_equal(again.state, DELIVERY_PLANNED);
	assert_int_equal(again.attempts, 0);
}

TEST_CASE_WITH(test_a_newer_release_supersedes_what_is_not_activated, NULL, NULL)
{
	for (int s = DELIVERY_PLANNED; s <= DELIVERY_ACTIVATED; s++) {
		struct store_fixture fixture;
		struct delivery first, second, stored;
		struct error err = {0};
		bool found;

		store_fixture_init(&fixture);
		first = bring_to(&fixture, (enum delivery_state)s);
		second = plan(&fixture, "5.2.0", DIGEST_B);
		assert_ok(delivery_of_folder(fixture.store, PACKAGE, first.folder, &stored, &found, &err), &err);
		assert_int_equal(stored.state, s == DELIVERY_ACTIVATED ? DELIVERY_ACTIVATED : DELIVERY_FAILED);
		if (s != DELIVERY_ACTIVATED)
			assert_string_equal(stored.detail, "superseded by 5.2.0");
		assert_ok(delivery_latest(fixture.store, PACKAGE, &stored, &found, &err), &err);
		assert_int_equal(stored.id, second.id);
		store_fixture_clear(&fixture);
	}
}

TEST_CASE(test_a_package_never_seen_has_no_delivery)
{
	struct delivery delivery;
	struct error err = {0};
	bool found = true;

	assert_ok(delivery_latest(((struct store_fixture *)*state)->store, PACKAGE, &delivery, &found, &err), &err);
	assert_false(found);
}

TEST_CASE(test_refuses_what_names_no_release)
{
	struct store_fixture *fixture = *state;
	struct delivery delivery = {0};
	struct error err = {0};

	assert_int_equal(delivery_plan(fixture->store, PACKAGE, "5.1.0", "not a digest", 0, &delivery, &err), -1);
	assert_error(&err, ERROR_FAILED, "digest");
	assert_int_equal(store_fixture_number(fixture, "SELECT count(*) FROM history"), 0);
}

/* ---- Together with others ---- */

TEST_CASE(test_a_change_goes_with_the_transaction_around_it)
{
	struct store_fixture *fixture = *state;
	struct delivery delivery = bring_to(fixture, DELIVERY_FETCHING), before = delivery;
	struct error err = {0};

	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(delivery_reject(fixture->store, &delivery, &wrong, &err), &err);
	store_roll_back(fixture->store);
	assert_stored(fixture, &before);
	assert_int_equal(store_fixture_number(fixture, "SELECT count(*) FROM quarantine"), 0);
	assert_story(fixture, "plan done none; fetch begun none; ");
}

TEST_CASE(test_a_refused_edge_leaves_the_transaction_around_it_whole)
{
	struct store_fixture *fixture = *state;
	struct delivery delivery = bring_to(fixture, DELIVERY_PLANNED);
	struct error err = {0};

	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_set_setting(fixture->store, "colour", "blue", &err), &err);
	assert_int_equal(delivery_confirmed(fixture->store, &delivery, &err), -1);
	assert_error(&err, ERROR_FAILED, "cannot go from planned to confirmed");
	assert_ok(store_commit(fixture->store, &err), &err);
	assert_int_equal(
		store_fixture_number(fixture, "SELECT count(*) FROM setting WHERE name <> 'schema_readable_from'"),
		1);
}

TEST_CASE(test_notices_that_another_process_was_faster)
{
	struct store_fixture *fixture = *state;
	struct delivery mine = bring_to(fixture, DELIVERY_FETCHING), theirs = mine;
	struct error err = {0};

	assert_ok(delivery_fail(fixture->store, &theirs, "withdrawn", &err), &err);
	assert_int_equal(delivery_staged(fixture->store, &mine, 0, &err), -1);
	assert_error(&err, ERROR_BUSY, "another process changed it");
	assert_int_equal(mine.state, DELIVERY_FETCHING);
}

TEST_CASE(test_adopts_what_is_on_disk)
{
	struct store_fixture *fixture = *state;
	struct delivery delivery, found_again;
	struct quarantine_row row;
	struct error err = {0};
	bool found;

	assert_ok(delivery_adopt(fixture->store, PACKAGE, "5.1.0-aaaaaaaa", "aaaaaaaa", DELIVERY_ACTIVATED,
			  "found on disk", &delivery, &err),
		&err);
	assert_string_equal(delivery.version, "5.1.0");
	assert_int_equal(delivery.state, DELIVERY_ACTIVATED);
	found_again = plan(fixture, "5.1.0", DIGEST_A);
	assert_int_equal(found_again.id, delivery.id);
	assert_ok(delivery_rolled_back(fixture->store, &delivery, "unhealthy", NULL, &err), &err);
	assert_ok(quarantine_find(fixture->store, PACKAGE, DIGEST_A, &row, &found, &err), &err);
	assert_true(found);
	assert_ok(quarantine_find(fixture->store, PACKAGE, DIGEST_B, &row, &found, &err), &err);
	assert_false(found);
}

TESTS(store_fixture_setup, store_fixture_teardown)
