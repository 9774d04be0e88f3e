#include "tools/repo/workbench/bench_health.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/platform.h"
#include "rollback/guard_options.h"
#include "rollback/health.h"
#include "rollback/plan.h"
#include "updater/fetch/http.h"

#define PAUSE_MS 200 /* between looks at an application that comes up */

const char *bench_health_obstacle(const struct bench *bench, const struct release *release)
{
	switch (release->health.kind) {
	case RELEASE_HEALTH_NONE:
		return "it brings none";
	case RELEASE_HEALTH_UNIT:
		return bench->settings->application
			       ? NULL
			       : "the unit does not run here; --application names the program that it starts";
	case RELEASE_HEALTH_HTTP:
		return bench->settings->application
			       ? NULL
			       : "the application does not run here; --application names the program that answers";
	case RELEASE_HEALTH_COMMAND:
		break;
	}
	return strcmp(release->package, GUARD_AGENT_PACKAGE) == 0 ? "the agent, which does not run here, is asked"
								  : NULL;
}

struct asking {
	struct bench *bench;
	const struct env *env;
	const struct release_health *health;
	const struct sandbox *sandbox;
	struct bench_application *application; /* NULL: none was started */
};

static int64_t now_ms(const struct asking *asking)
{
	return asking->env->clock->monotonic_ms(asking->env->clock);
}

static bool has_gone(const struct asking *asking)
{
	return asking->application && bench_application_has_ended(asking->application);
}

static int ask_until_it_is_up(const struct asking *asking, struct error *err)
{
	int64_t until_ms = now_ms(asking) + asking->bench->settings->start_delay_s * 1000;

	for (;;) {
		struct error why = {0};
		int ret = health_check(asking->env, asking->health, asking->sandbox, &why);

		if (has_gone(asking))
			return error_set(err, ERROR_REFUSED, "the application %s", asking->application->how);
		if (ret == 0)
			return 0;
		if (!asking->application || now_ms(asking) >= until_ms)
			return error_set(err, why.code, "%s", why.text);
		asking->env->clock->wait_ms(asking->env->clock, PAUSE_MS);
	}
}

/* What answers before the application runs is none of this release. */
static int check_nobody_answers(const struct asking *asking, struct error *err)
{
	struct error why = {0};

	if (asking->health->kind != RELEASE_HEALTH_HTTP ||
		health_check(asking->env, asking->health, asking->sandbox, &why) < 0)
		return 0;
	return error_set(err, ERROR_BUSY, "something else on this machine answers at '%s'; stop it first", asking->health->url);
}

/* On a terminal the package's data are the application's; here it is whom the checks become. What was given stays whose it was. */
static int give_data(const struct bench *bench, const struct sandbox *sandbox, struct error *err)
{
	AUTO(fd) int fd = -1;
	char path[PATH_MAX];
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0 || bench->has_data)
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", sandbox->package, sandbox->data) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT, "the path of the package's data is too long");
	if (platform_user_ids(sandbox->user, &uid, &gid, err) < 0 ||
		(fd = fs_open(bench->env.fs, bench->packages_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err)) < 0)
		return -1;
	return fs_set_owner(bench->env.fs, fd, path, uid, gid, err);
}

static int ask_beside_application(struct asking *asking, struct error *err)
{
	AUTO(bench_application) struct bench_application application = BENCH_APPLICATION_INIT;
	struct bench *bench = asking->bench;
	struct sandbox sandbox = *asking->sandbox;
	struct env env = bench->env;
	int ret;

	env.processes = &bench->programs.real;
	sandbox.has_network = true;
	if (check_nobody_answers(asking, err) < 0 || give_data(bench, &sandbox, err) < 0 ||
		bench_application_start(&env, &sandbox, bench->settings->application, &application, err) < 0)
		return -1;
	asking->application = bench->programs.application = &application;
	ret = ask_until_it_is_up(asking, err);
	bench->programs.application = NULL;
	return ret;
}

int bench_health_ask(
	struct bench *bench, const struct release *release, const struct sandbox *sandbox, struct error *err)
{
	const struct http_options options = {.total_timeout_s = release->health.check.timeout_s, .stop_fd = -1};
	AUTO(http) struct transport *http = NULL;
	struct env env = bench->env;
	struct asking asking = {.bench = bench, .env = &env, .health = &release->health, .sandbox = sandbox};

	if (release->health.kind == RELEASE_HEALTH_HTTP) {
		if (http_open(&options, &http, err) < 0)
			return -1;
		env.transport = http;
	}
	return bench->settings->application ? ask_beside_application(&asking, err) : ask_until_it_is_up(&asking, err);
}
