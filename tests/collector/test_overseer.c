/* Who looks after the fleet, by a clock that may be set and on a machine that may sleep. */
#include "tests/support/test.h"

#include <stdio.h>

#include "collector/oversight/overseer.h"
#include "collector/store/report_row.h"
#include "collector/store/schema.h"
#include "collector/store/terminal_row.h"
#include "tests/support/folder.h"
#include "tests/support/postgres.h"

#define NOW_S INT64_C(1768939200)
#define HOUR_S 3600
#define DAY_S INT64_C(86400)
#define YEAR_S (365 * DAY_S)

struct world {
	struct folder folder;
	struct config config;
	struct clock clock, machine;
	int64_t now_s; /* as the clock says */
	struct log log;
	struct database *database;
	struct overseer *overseer;
};

static int64_t say_now(const struct clock *clock)
{
	const struct world *world = clock->context;

	return __atomic_load_n(&world->now_s, __ATOMIC_SEQ_CST);
}

static int64_t say_ms(const struct clock *clock)
{
	const struct world *world = clock->context;

	return world->machine.monotonic_ms(&world->machine);
}

static void do_nothing(void *context, struct database *database, bool is_holder, int64_t now_s)
{
	(void)context, (void)database, (void)is_holder, (void)now_s;
}

/* Over an SQLite file of its own where URL is NULL. */
static int begin(void **state, const char *url)
{
	static const struct overseer_errand errand = {do_nothing, NULL};
	static struct world world;
	struct error err = {0};
	char store[FOLDER_PATH_SIZE + 16];

	world = (struct world){.now_s = NOW_S};
	folder_init(&world.folder);
	if (url)
		(void)snprintf(store, sizeof(store), "%s", url);
	else
		(void)snprintf(store, sizeof(store), "%s/store", world.folder.path);
	clock_init(&world.machine, "/proc/sys/kernel/random/boot_id");
	world.clock = (struct clock){.now_s = say_now, .monotonic_ms = say_ms, .context = &world};
	log_init(&world.log, "test");
	assert_ok(config_load(NULL, &world.config, &err), &err);
	assert_ok(config_set(&world.config, "store", "url", store, &err), &err);
	assert_ok(config_set(&world.config, "store", "keep_days", "100", &err), &err);
	assert_ok(config_set(&world.config, "fleet", "summary_age", "0s", &err), &err);
	assert_ok(database_open(store, &world.database, &err), &err);
	assert_ok(schema_update(world.database, &err), &err);
	assert_ok(overseer_open(&world.config, &world.clock, &world.log, &errand, &world.overseer, &err), &err);
	*state = &world;
	return 0;
}

static int set_up(void **state)
{
	return begin(state, NULL);
}

static struct postgres postgres;

static int set_up_postgres(void **state)
{
	postgres_init(&postgres);
	return begin(state, postgres.url);
}

static int tear_down(void **state)
{
	struct world *world = *state;

	overseer_close(world->overseer);
	database_close(world->database);
	config_clear(&world->config);
	folder_clear(&world->folder);
	return 0;
}

static int tear_down_postgres(void **state)
{
	int result = tear_down(state);

	postgres_clear(&postgres);
	return result;
}

/* The clock says so from now on, and a round goes by. */
static void look_at(struct world *world, int64_t now_s)
{
	__atomic_store_n(&world->now_s, now_s, __ATOMIC_SEQ_CST);
	overseer_refresh(world->overseer);
}

/* So that nothing but time goes by. */
static void be_there(struct world *world, int64_t from_s, int64_t to_s)
{
	for (; from_s <= to_s; from_s += 240)
		look_at(world, from_s);
}

static void expect_terminal(struct world *world, int64_t opens_s)
{
	static const char key[] = "1111111111111111111111111111111111111111111111111111111111111111";
	struct terminal_row row = {.id = terminal_id_of(key), .form = 2, .verdict = "up-to-date", .words = "unknown",
		.certificate_ends_s = NOW_S + 20 * YEAR_S, .received_s = NOW_S - DAY_S, .opens_s = opens_s,
		.closes_s = opens_s + 2 * HOUR_S};
	struct error err = {0};

	assert_ok(database_begin(world->database, &err), &err);
	assert_ok(terminal_row_reserve(world->database, key, NOW_S, &err), &err);
	assert_ok(terminal_row_change(world->database, &row, &err), &err);
	assert_ok(database_commit(world->database, &err), &err);
}

static struct terminal_row terminal(struct world *world)
{
	struct terminal_row row;
	struct error err = {0};

	assert_ok(terminal_row_find(
			  world->database, terminal_id_of("1111111111111111"), &row, &err),
		&err);
	return row;
}

static void keep_report(struct world *world, int64_t received_s)
{
	const struct sha256 digest = {{1}};
	const struct report_row row = {.received_s = received_s, .certificate = "", .digest = &digest, .packed = "x", .packed_len = 1};
	struct error err = {0};

	assert_ok(database_begin(world->database, &err), &err);
	assert_ok(report_row_add(world->database, &row, &err), &err);
	assert_ok(database_commit(world->database, &err), &err);
}

static bool has_report(struct world *world)
{
	const struct sha256 digest = {{1}};
	struct error err = {0};
	bool exists;

	assert_ok(report_row_exists(world->database, 0, 0, &digest, &exists, &err), &err);
	return exists;
}

TEST_CASE(test_who_sent_nothing_while_somebody_was_there_is_silent)
{
	struct world *world = *state;

	expect_terminal(world, NOW_S + HOUR_S);
	be_there(world, NOW_S, NOW_S + 4 * HOUR_S);
	assert_int_equal(terminal(world).silent_s, 0);
	be_there(world, NOW_S + 4 * HOUR_S, NOW_S + 5 * HOUR_S + 480);
	assert_int_equal(terminal(world).silent_s, NOW_S + 3 * HOUR_S);
}

TEST_CASE(test_a_machine_that_slept_was_not_there)
{
	struct world *world = *state;

	expect_terminal(world, NOW_S + HOUR_S);
	look_at(world, NOW_S);
	look_at(world, NOW_S + 8 * HOUR_S);
	look_at(world, NOW_S + 8 * HOUR_S + 60);
	assert_int_equal(terminal(world).silent_s, 0);
	assert_int_equal(terminal(world).closes_s, NOW_S + 3 * HOUR_S + DAY_S);
}
TEST_CASE_AGAIN(test_a_machine_that_slept_was_not_there, set_up_postgres, tear_down_postgres)

TEST_CASE(test_a_clock_that_was_ahead_costs_nothing)
{
	struct world *world = *state;

	keep_report(world, NOW_S - DAY_S);
	expect_terminal(world, NOW_S + HOUR_S);
	look_at(world, NOW_S);
	look_at(world, NOW_S + 9 * YEAR_S);
	look_at(world, NOW_S + 9 * YEAR_S + 60);
	assert_true(terminal(world).closes_s > NOW_S + 8 * YEAR_S);
	look_at(world, NOW_S + 120);
	assert_true(has_report(world));
	assert_int_equal(terminal(world).silent_s, 0);
	assert_int_equal(terminal(world).closes_s, NOW_S + 3 * HOUR_S);
	be_there(world, NOW_S + 240, NOW_S + 5 * HOUR_S + 480);
	assert_int_equal(terminal(world).silent_s, NOW_S + 3 * HOUR_S);
}

TEST_CASE(test_what_is_too_old_goes_once_the_clock_has_stood_for_an_hour)
{
	struct world *world = *state;

	keep_report(world, NOW_S - YEAR_S);
	be_there(world, NOW_S, NOW_S + HOUR_S - 240);
	assert_true(has_report(world));
	be_there(world, NOW_S + HOUR_S - 240, NOW_S + HOUR_S + 480);
	assert_false(has_report(world));
}

TESTS(set_up, tear_down)
