#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rollback/health.h"

/* A world whose programs and server answer from a list, one answer a call, the last one for ever. */
struct world {
	struct clock clock;
	struct processes processes;
	struct transport transport;
	struct env env;
	const int *answers; /* exit statuses or HTTP statuses; -1: could not be run or reached */
	int count;
	int calls;
	int64_t now_ms;
	bool timed_out;
	const char *says;  /* what programs print */
	char program[256]; /* what was run last, and as whom */
	char user[32];
};

static int64_t world_monotonic_ms(const struct clock *clock)
{
	return ((struct world *)clock->context)->now_ms;
}

static void world_wait_ms(const struct clock *clock, int64_t wait_ms)
{
	((struct world *)clock->context)->now_ms += wait_ms;
}

static int answer(struct world *world)
{
	int at = world->calls++;

	return world->answers[at < world->count ? at : world->count - 1];
}

static int world_run(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct world *world = processes->context;
	int status = answer(world);

	(void)snprintf(world->program, sizeof(world->program), "%s", request->argv[0]);
	(void)snprintf(world->user, sizeof(world->user), "%s", request->user ? request->user : "");
	if (status < 0)
		return error_set(err, ERROR_FAILED, "no process");
	if (buf_append(request->output, world->says, strlen(world->says), err) < 0)
		return -1;
	*ret_result = (struct process_result){.exit_status = status, .timed_out = world->timed_out};
	return 0;
}

static int world_get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	struct world *world = transport->context;

	(void)request;
	(void)sink;
	(void)sink_context;
	ret_reply->http_status = answer(world);
	if (ret_reply->http_status < 0) {
		ret_reply->http_status = 0;
		return error_set(err, ERROR_NETWORK, "connection refused");
	}
	return ret_reply->http_status >= 400 ? error_set(err, ERROR_SERVER, "status %d", ret_reply->http_status) : 0;
}

static void world_init(struct world *world, const int *answers, int count)
{
	*world = (struct world){.answers = answers, .count = count, .says = "no reader\n"};
	world->clock = (struct clock){.monotonic_ms = world_monotonic_ms, .wait_ms = world_wait_ms, .context = world};
	world->processes = (struct processes){.run = world_run, .context = world};
	world->transport = (struct transport){.ask = world_get, .context = world};
	world->env =
		(struct env){.clock = &world->clock, .processes = &world->processes, .transport = &world->transport};
}

#define WORLD(name, ...)                                                                                             \
	static const int name##_answers[] = {__VA_ARGS__};                                                           \
	struct world name;                                                                                           \
	world_init(&name, name##_answers, (int)ARRAY_SIZE(name##_answers))

static const struct release_health command = {.kind = RELEASE_HEALTH_COMMAND,
	.check = {.argv = {"bin/health"}, .timeout_s = 10, .retries = 2, .retry_pause_s = 3}};
static const struct release_health unit = {
	.kind = RELEASE_HEALTH_UNIT, .unit = "reader.service", .check = {.timeout_s = 10}};
static const struct release_health http = {
	.kind = RELEASE_HEALTH_HTTP, .url = "http://localhost:8080/health", .check = {.timeout_s = 10}};

static int check(struct world *world, const struct release_health *health, struct error *err)
{
	const struct sandbox sandbox = {.packages_path = "/opt/haishin",
		.package = "a",
		.folder = "1-00000000",
		.former = "",
		.data = "data",
		.user = "nobody"};

	return health_check(&world->env, health, &sandbox, err);
}

TEST_CASE(test_a_release_without_a_check_is_healthy_at_once)
{
	struct release_health none = {.kind = RELEASE_HEALTH_NONE, .settle_s = 600};
	struct error err = {0};

	WORLD(world, -1);
	assert_ok(check(&world, &none, &err), &err);
	assert_int_equal(world.now_ms, 0);
}

TEST_CASE(test_runs_the_releases_own_command_without_privileges)
{
	struct error err = {0};

	WORLD(world, 0);
	assert_ok(check(&world, &command, &err), &err);
	assert_string_equal(world.program, "/opt/haishin/a/versions/1-00000000/bin/health");
	assert_string_equal(world.user, "nobody");
}

TEST_CASE(test_a_failure_counts_after_the_last_try)
{
	struct error err = {0};

	WORLD(late, 1, 1, 0);
	assert_ok(check(&late, &command, &err), &err);
	assert_int_equal(late.now_ms, 6000);
	WORLD(never, 7);
	assert_int_equal(check(&never, &command, &err), -1);
	assert_error(&err, ERROR_REFUSED, "the health check ended with status 7: no reader");
	assert_int_equal(never.calls, 3);
}

TEST_CASE(test_a_check_that_does_not_end_is_a_failure)
{
	struct error err = {0};

	WORLD(world, 137);
	world.timed_out = true;
	assert_int_equal(check(&world, &command, &err), -1);
	assert_error(&err, ERROR_REFUSED, "did not end within 10 s");
}

TEST_CASE(test_a_check_that_cannot_be_run_tells_nothing)
{
	struct error err = {0};

	WORLD(world, -1);
	assert_int_equal(check(&world, &command, &err), -1);
	assert_error(&err, ERROR_FAILED, "could not be run");
}

TEST_CASE(test_has_to_stay_healthy_while_it_settles)
{
	struct release_health settling = command;
	struct error err = {0};

	settling.settle_s = 20;
	settling.check.retries = 1;
	WORLD(steady, 1, 0);
	assert_ok(check(&steady, &settling, &err), &err);
	assert_int_equal(steady.now_ms, 23000); /* from the first success on */
	assert_true(steady.calls > 3);
	WORLD(falling, 0, 0, 1);
	assert_int_equal(check(&falling, &settling, &err), -1);
	assert_error(&err, ERROR_REFUSED, "status 1");
}

TEST_CASE(test_asks_the_service_manager_for_a_unit)
{
	static const struct {
		int status;
		const char *says;
		enum error_code code;
	} rows[] = {
		{0, "ActiveState=active\nSubState=running\n", ERROR_NONE},
		{0, "ActiveState=active\nSubState=exited\n", ERROR_NONE},
		{0, "ActiveState=reloading\nSubState=reload\n", ERROR_NONE},
		{0, "ActiveState=activating\nSubState=start\n", ERROR_FAILED},
		{0, "ActiveState=activating\nSubState=auto-restart\n", ERROR_REFUSED},
		{0, "ActiveState=deactivating\nSubState=stop-sigterm\n", ERROR_REFUSED},
		{0, "ActiveState=failed\nSubState=failed\n", ERROR_REFUSED},
		{0, "ActiveState=inactive\nSubState=dead\n", ERROR_REFUSED},
		{1, "Failed to connect to bus\n", ERROR_FAILED},
		{127, "", ERROR_FAILED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		struct world world;

		world_init(&world, &rows[i].status, 1);
		world.says = rows[i].says;
		assert_int_equal(check(&world, &unit, &err), rows[i].code ? -1 : 0);
		assert_int_equal(err.code, rows[i].code);
		assert_string_equal(world.program, "/usr/bin/systemctl");
	}
}

TEST_CASE(test_a_local_answer_has_to_be_200)
{
	static const struct {
		int status;
		enum error_code code;
	} rows[] = {{200, ERROR_NONE}, {204, ERROR_REFUSED}, {500, ERROR_REFUSED}, {-1, ERROR_REFUSED}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		struct world world;

		world_init(&world, &rows[i].status, 1);
		assert_int_equal(check(&world, &http, &err), rows[i].code ? -1 : 0);
		assert_int_equal(err.code, rows[i].code);
	}
}

TEST_CASE(test_asks_nobody_but_this_machine)
{
	static const char *const urls[] = {"http://example.com/", "http://localhost.example.com/",
		"https://localhost/", "http://localhost@example.com/", "http://localhost:80@example.com/"};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct release_health elsewhere = http;
		struct error err = {0};

		elsewhere.url = urls[i];
		WORLD(world, 200);
		assert_int_equal(check(&world, &elsewhere, &err), -1);
		assert_error(&err, ERROR_FAILED, "is not on this machine");
		assert_int_equal(world.calls, 0);
	}
}

TEST_CASE(test_says_so_where_nothing_can_ask)
{
	struct error err = {0};

	WORLD(world, 200);
	world.env.transport = NULL;
	assert_int_equal(check(&world, &http, &err), -1);
	assert_error(&err, ERROR_FAILED, "nothing here can ask");
}

TESTS(NULL, NULL)
