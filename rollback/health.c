#include "rollback/health.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/platform.h"

#define OUTPUT_LIMIT 4096
#define ANSWER_LIMIT (1u << 20)
#define SETTLE_PAUSE_S 5 /* between looks while a release settles, where it names no pause */

struct checking {
	const struct env *env;
	const struct release_health *health;
	const struct sandbox *sandbox;
};

static int judge_time(const struct checking *checking, const struct process_result *result, struct error *err)
{
	if (result->timed_out)
		return error_set(err, ERROR_REFUSED, "the health check did not end within %lld s",
			(long long)checking->health->check.timeout_s);
	return 0;
}

static int check_command(const struct checking *checking, struct error *err)
{
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_LIMIT);
	const struct sandbox *sandbox = checking->sandbox;
	const char *argv[RELEASE_MAX_ARGUMENTS + 1];
	struct process_request request = {
		.argv = argv, .output = &output, .timeout_ms = checking->health->check.timeout_s * 1000};
	struct process_result result = {0};
	char program[PATH_MAX];
	const char *said;

	memcpy(argv, checking->health->check.argv, sizeof(argv));
	if (!argv[0] || snprintf(program, sizeof(program), "%s/%s/versions/%s/%s", sandbox->packages_path,
				sandbox->package, sandbox->folder, argv[0]) >= (int)sizeof(program))
		return error_set(err, ERROR_FAILED, "the release names no command that can be run");
	argv[0] = program;
	if (sandbox_run(checking->env, sandbox, &request, &result, err) < 0)
		return error_context(err, "the health check could not be run");
	if (judge_time(checking, &result, err) < 0)
		return -1;
	said = process_last_line(&output);
	if (result.exit_status)
		return error_set(err, ERROR_REFUSED, "the health check ended with status %d%s%.120s",
			result.exit_status, *said ? ": " : "", said);
	return 0;
}

/* True if the service manager's answer holds this line. */
static bool has_line(const struct buf *output, const char *line)
{
	const char *found = strstr(buf_text(output), line);

	return found && found[strlen(line)] == '\n';
}

/* A unit that has not finished starting tells nothing yet; one that failed and waits for its next try has told. */
static int check_unit(const struct checking *checking, struct error *err)
{
	const char *const argv[] = {PLATFORM_SERVICE_CONTROL, "show", "--property=ActiveState", "--property=SubState",
		"--", checking->health->unit, NULL};
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_LIMIT);
	struct processes *processes = checking->env->processes;
	struct process_request request = {
		.argv = argv, .output = &output, .timeout_ms = checking->health->check.timeout_s * 1000};
	struct process_result result = {0};

	if (processes->run(processes, &request, &result, err) < 0)
		return error_context(err, "the service manager could not be asked");
	if (judge_time(checking, &result, err) < 0)
		return -1;
	if (result.exit_status)
		return error_set(err, ERROR_FAILED, "whether the unit %s is active could not be told: %s",
			checking->health->unit, process_last_line(&output));
	if (has_line(&output, "ActiveState=active") || has_line(&output, "ActiveState=reloading"))
		return 0;
	if (has_line(&output, "ActiveState=activating") && !has_line(&output, "SubState=auto-restart"))
		return error_set(err, ERROR_FAILED, "the unit %s has not finished starting", checking->health->unit);
	return error_set(err, ERROR_REFUSED, "the unit %s is not active", checking->health->unit);
}

static bool is_local(const char *url)
{
	static const char *const hosts[] = {"http://localhost", "http://127.0.0.1", "http://[::1]"};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		size_t len = strlen(hosts[i]);

		if (strncmp(url, hosts[i], len) == 0 && strchr("/:", url[len]) && !strpbrk(url + len, "@"))
			return true;
	}
	return false;
}

static int ignore_body(void *context, const void *data, size_t len, struct error *err)
{
	(void)context;
	(void)data;
	(void)len;
	(void)err;
	return 0;
}

static int check_http(const struct checking *checking, struct error *err)
{
	struct transport_request request = {.url = checking->health->url, .limit = ANSWER_LIMIT};
	struct transport *transport = checking->env->transport;
	struct transport_reply reply = {0};
	struct error why = {0};

	if (!transport)
		return error_set(err, ERROR_FAILED, "nothing here can ask '%s'", request.url);
	if (!is_local(request.url))
		return error_set(err, ERROR_FAILED, "'%s' is not on this machine", request.url);
	if (transport->ask(transport, &request, ignore_body, NULL, &reply, &why) < 0 && reply.http_status != 200) {
		if (why.code == ERROR_STOPPED || why.code == ERROR_FAILED)
			return error_set(err, why.code, "%s", why.text);
		return error_set(err, ERROR_REFUSED, "'%s' does not answer as it should: %s", request.url, why.text);
	}
	if (reply.http_status != 200)
		return error_set(
			err, ERROR_REFUSED, "'%s' answers with %d, not with 200", request.url, reply.http_status);
	return 0;
}

static int check_once(const struct checking *checking, struct error *err)
{
	switch (checking->health->kind) {
	case RELEASE_HEALTH_COMMAND:
		return check_command(checking, err);
	case RELEASE_HEALTH_UNIT:
		return check_unit(checking, err);
	case RELEASE_HEALTH_HTTP:
		return check_http(checking, err);
	case RELEASE_HEALTH_NONE:
		break;
	}
	return 0;
}

/* Some applications need their time to come up: a failure counts after the last try. */
static int check_with_retries(const struct checking *checking, struct error *err)
{
	const struct clock *clock = checking->env->clock;
	const struct release_check *check = &checking->health->check;

	for (int64_t left = check->retries;; left--) {
		if (check_once(checking, err) == 0)
			return 0;
		if (left <= 0 || err->code == ERROR_STOPPED)
			return -1;
		clock->wait_ms(clock, check->retry_pause_s * 1000);
	}
}

int health_check(
	const struct env *env, const struct release_health *health, const struct sandbox *sandbox, struct error *err)
{
	const struct checking checking = {.env = env, .health = health, .sandbox = sandbox};
	int64_t pause_ms = (health->check.retry_pause_s ? health->check.retry_pause_s : SETTLE_PAUSE_S) * 1000;
	int64_t healthy_since_ms = -1;
	struct error why = {0};

	if (health->kind == RELEASE_HEALTH_NONE)
		return 0;
	for (;;) {
		int64_t left_ms, now_ms;

		if (check_with_retries(&checking, &why) < 0)
			return error_set(err, why.code, "%s", why.text);
		now_ms = env->clock->monotonic_ms(env->clock);
		healthy_since_ms = healthy_since_ms < 0 ? now_ms : healthy_since_ms;
		if ((left_ms = healthy_since_ms + health->settle_s * 1000 - now_ms) <= 0)
			return 0;
		env->clock->wait_ms(env->clock, left_ms < pause_ms ? left_ms : pause_ms);
	}
}
