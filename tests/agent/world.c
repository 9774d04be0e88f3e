#include "tests/agent/world.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/resident/agenda.h"
#include "agent/restart/boot.h"
#include "agent/store/history.h"
#include "agent/turn/windows.h"
#include "manifests/release/release_parts.h"
#include "rollback/guard.h"
#include "rollback/versions.h"
#include "tests/support/test.h"

#define COMMAND_SIZE 4096

static const char *const packages[] = {"distro-app", "face-library", "linkage-app", "reader-app/acme"};

static int64_t world_now_s(const struct clock *clock)
{
	const struct world *world = clock->context;

	return world->now_s;
}

static int64_t world_monotonic_ms(const struct clock *clock)
{
	const struct world *world = clock->context;

	return (world->now_s - world->booted_s) * 1000;
}

static int world_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	const struct world *world = clock->context;

	(void)err;
	memcpy(ret_id, world->boot_id, BOOT_ID_SIZE);
	return 0;
}

static void world_wait_ms(const struct clock *clock, int64_t wait_ms)
{
	struct world *world = clock->context;

	world->now_s += (wait_ms + 999) / 1000;
}

static void run_command(const char *command)
{
	int status = system(command);

	if (status != 0)
		fail_msg("'%s' ended with %d", command, status);
}

/* The environment in which the publisher's programs see another time than the real one. */
static void name_clock(const struct world *world, char *ret_words, size_t size)
{
	const char *library = "LD_PRELOAD=" FAKETIME_LIBRARY;

	if (world->publisher_at_s)
		(void)snprintf(
			ret_words, size, "%s FAKETIME_FMT=%%s FAKETIME=%" PRId64, library, world->publisher_at_s);
	else if (world->publisher_ahead_s)
		(void)snprintf(ret_words, size, "%s FAKETIME=+%" PRId64, library, world->publisher_ahead_s);
}

void world_repo(struct world *world, const char *arguments, ...)
{
	char rest[COMMAND_SIZE / 2], command[COMMAND_SIZE], clock[160] = "";
	size_t verb = strcspn(arguments, " ");
	va_list args;

	va_start(args, arguments);
	(void)vsnprintf(rest, sizeof(rest), arguments, args);
	va_end(args);
	name_clock(world, clock, sizeof(clock));
	(void)snprintf(command, sizeof(command),
		"%s %s/haishin-repo %.*s --repo %s/publisher --keys %s/keys %s >%s/repo.log 2>&1 || { cat "
		"%s/repo.log "
		">&2; exit 1; }",
		clock, PROGRAMS, (int)verb, rest, world->folder.path, world->folder.path, rest + verb,
		world->folder.path, world->folder.path);
	run_command(command);
}

static void write_config(struct world *world, const char *urls)
{
	char text[2048];
	int len = snprintf(text, sizeof(text),
		"[paths]\nroot = %s/terminal\nprograms = %s\n"
		"[server]\nurl = %s\n"
		"[terminal]\npackages = distro-app face-library linkage-app reader-app/acme\n"
		"[users]\nfetch = %s\nself_test = nobody\n",
		world->folder.path, "/programs", urls, "nobody");

	folder_put(&world->folder, "terminal/etc/haishin/haishin.conf", text, (size_t)len);
}

static void load_config(struct world *world)
{
	char path[FOLDER_PATH_SIZE + 64];
	struct error err = {0};

	(void)snprintf(path, sizeof(path), "%s/terminal/etc/haishin/haishin.conf", world->folder.path);
	config_clear(&world->config);
	assert_ok(config_load(&world->fs, path, NULL, &world->config, &err), &err);
}

/* The terminal's programs lie below its root, as everything of it does. */
static void link_programs(struct world *world)
{
	char command[COMMAND_SIZE];

	(void)snprintf(command, sizeof(command),
		"chmod 755 %s && mkdir -p %s/terminal/programs && cp %s/haishin-fetch %s/terminal/programs/",
		world->folder.path, world->folder.path, PROGRAMS, world->folder.path);
	run_command(command);
}

static void ship_root(struct world *world)
{
	size_t len;
	char *root = folder_get(&world->folder, "publisher/repository/metadata/1.root.json", &len);

	assert_non_null(root);
	folder_put(&world->folder, "terminal/usr/share/haishin/root.json", root, len);
	free(root);
}

static int64_t evening_s(void)
{
	int64_t day_s = 86400;

	return time(NULL) / day_s * day_s + 2 * day_s + 14 * 3600; /* 14:00 UTC is 23:00 in Japan */
}

static void init_terminal(struct world *world)
{
	(void)snprintf(world->boot_id, sizeof(world->boot_id), "boot-1");
	world->clock = (struct clock){.now_s = world_now_s,
		.monotonic_ms = world_monotonic_ms,
		.boot_id = world_boot_id,
		.wait_ms = world_wait_ms,
		.context = world};
	fs_init(&world->fs);
	processes_init(&world->processes);
	log_init(&world->log, "test");
	world->log.level = LOG_LEVEL_ERROR;
	world->env = (struct env){
		.clock = &world->clock, .fs = &world->fs, .processes = &world->processes, .log = &world->log};
}

/* Takes the keys that are there, and makes those that are not. */
static void init_publisher(struct world *world)
{
	world_repo(world, "init --unencrypted");
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++)
		world_repo(world, "delegate %s --unencrypted", packages[i]);
}

static void give_terminal_its_files(struct world *world)
{
	char url[FOLDER_PATH_SIZE + 64];

	link_programs(world);
	ship_root(world);
	(void)snprintf(url, sizeof(url), "file://%s/publisher/repository", world->folder.path);
	write_config(world, url);
	load_config(world);
}

static struct world *make_world(int64_t now_s)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	folder_init(&world->folder);
	assert_int_equal(mkdirat(world->folder.fd, "keys", 0700), 0);
	world->now_s = now_s;
	init_terminal(world);
	return world;
}

int world_setup(void **state)
{
	struct world *world = make_world(evening_s());

	init_publisher(world);
	give_terminal_its_files(world);
	*state = world;
	return 0;
}

struct world *world_new_at(int64_t now_s, world_keys *make_keys, void *context)
{
	struct world *world = make_world(now_s);

	world->publisher_at_s = now_s - 86400;
	make_keys(&world->folder, context);
	init_publisher(world);
	give_terminal_its_files(world);
	return world;
}

int world_teardown(void **state)
{
	struct world *world = *state;

	world_close(world);
	if (world->server)
		bad_server_stop(world->server);
	config_clear(&world->config);
	folder_clear(&world->folder);
	free(world);
	return 0;
}

void world_publisher_lives_now(struct world *world)
{
	world->publisher_ahead_s = world->now_s - time(NULL);
}

/* The name that a package's files go by: '-' for '/'. */
static const char *stem_of(const char *package, char ret_stem[static PACKAGE_NAME_SIZE])
{
	(void)snprintf(ret_stem, PACKAGE_NAME_SIZE, "%s", package);
	for (char *c = ret_stem; *c; c++)
		*c = *c == '/' ? '-' : *c;
	return ret_stem;
}

void world_put(
	struct world *world, const char *package, const char *version, const char *file, const void *data, size_t len)
{
	char stem[PACKAGE_NAME_SIZE], path[256];

	(void)snprintf(path, sizeof(path), "input/%s-%s/%s", stem_of(package, stem), version, file);
	folder_put(&world->folder, path, data, len);
}

void world_pack(struct world *world, const char *package, const char *version, const char *options)
{
	static const char agent[] = "#!/bin/sh\nexit 0\n";
	char command[COMMAND_SIZE], stem[PACKAGE_NAME_SIZE];

	(void)stem_of(package, stem);
	if (strcmp(package, RELEASE_AGENT_PACKAGE) == 0)
		world_put(world, package, version, RELEASE_AGENT_PROGRAM, agent, strlen(agent));
	(void)snprintf(command, sizeof(command),
		"cd %s/input && chmod 755 %s-%s/bin/* && %s/haishin-repo pack %s-%s --package %s --version %s "
		"--level 1 %s "
		"--output ../packed >../repo.log 2>&1 || { cat ../repo.log >&2; exit 1; }",
		world->folder.path, stem, version, PROGRAMS, stem, version, package, version, options);
	run_command(command);
}

void world_delta(struct world *world, const char *package, const char *version, const char *from_version)
{
	char command[COMMAND_SIZE], stem[PACKAGE_NAME_SIZE];

	(void)stem_of(package, stem);
	(void)snprintf(command, sizeof(command),
		"cd %s/packed && %s/haishin-repo delta %s-%s.json --from %s-%s.json >../repo.log 2>&1 || "
		"{ cat ../repo.log >&2; exit 1; }",
		world->folder.path, PROGRAMS, stem, version, stem, from_version);
	run_command(command);
}

void world_add(struct world *world, const char *package, const char *version, const char *options)
{
	const char *first = world->programs_begin_with ? world->programs_begin_with : "";
	char good[512], bad[512], *health = strstr(version, "666") ? bad : good;
	char content[4096], stem[PACKAGE_NAME_SIZE];

	(void)snprintf(good, sizeof(good), "#!/bin/sh\n%sexit 0\n", first);
	(void)snprintf(bad, sizeof(bad), "#!/bin/sh\n%secho no camera\nexit 1\n", first);
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (char)("0123456789abcdef"[(i * 7 + (size_t)version[0]) % 16]);
	world_put(world, package, version, "data.txt", content, sizeof(content));
	world_put(world, package, version, "version.txt", version, strlen(version));
	world_put(world, package, version, "bin/self-test", good, strlen(good));
	world_put(world, package, version, "bin/health", health, strlen(health));
	world_pack(world, package, version, options);
	world_repo(world, "add %s/packed/%s-%s.json", world->folder.path, stem_of(package, stem), version);
}

void world_publish(struct world *world, const char *releases)
{
	world_repo(world, "catalog set %s", releases);
	world_repo(world, "publish");
}

void world_open(struct world *world)
{
	struct boot_result result;
	struct error err = {0};

	assert_ok(terminal_open(&world->env, &world->config, &world->terminal, &err), &err);
	world->is_open = true;
	assert_ok(boot_reconcile_terminal(&world->terminal, &result, &err), &err);
}

void world_close(struct world *world)
{
	if (world->is_open)
		terminal_close(&world->terminal);
	world->is_open = false;
}

int world_run(struct world *world, enum job_kind kind, struct job_result *ret_result, struct error *err)
{
	struct job_lines lines = {.fd = -1};
	struct job_result result = {0};
	int ret;

	if (!world->is_open)
		world_open(world);
	ret = job_run(&world->terminal, kind, &lines, &result, err);
	if (ret_result)
		*ret_result = result;
	return ret;
}

void world_does(struct world *world, enum job_kind kind)
{
	struct error err = {0};

	assert_ok(world_run(world, kind, NULL, &err), &err);
}

void world_delivers(struct world *world)
{
	world_does(world, JOB_NIGHT);
	world_restart(world);
	world_does(world, JOB_CONFIRM);
}

struct plan *world_plan(struct world *world)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	assert_non_null(plan);
	assert_ok(plan_read(&world->fs, world->terminal.boot_dir_fd, plan, &err), &err);
	return plan;
}

void world_use_applications_command(struct world *world, const char *script)
{
	char path[FOLDER_PATH_SIZE + 32];

	folder_put(&world->folder, "applications", script, strlen(script));
	assert_int_equal(fchmodat(world->folder.fd, "applications", 0755, 0), 0);
	(void)snprintf(path, sizeof(path), "%s/applications", world->folder.path);
	free(world->config.applications_command_path);
	assert_non_null(world->config.applications_command_path = strdup(path));
}

void world_serve(struct world *world, const char *others)
{
	char repository[FOLDER_PATH_SIZE + 64], urls[1024];

	assert_false(world->is_open);
	(void)snprintf(repository, sizeof(repository), "%s/publisher/repository", world->folder.path);
	world->server = bad_server_start(&(struct bad_server_options){.folder = repository});
	(void)snprintf(urls, sizeof(urls), "%s %s", others, bad_server_url(world->server));
	write_config(world, urls);
	load_config(world);
}

#define PAUSE_SETTING "window.again_s" /* as agent/resident/agenda.c keeps it */

/* Gives the terminal a secret with which its turn in this night has come by now, so that the hours left do not depend
 * on chance: nothing but the pause that a server asked for is waited for. */
static void take_an_early_turn(struct world *world)
{
	struct agenda agenda = {.due_s = SCHEDULE_NEVER};
	struct store *store = world->terminal.store;
	struct error err = {0};
	char secret[65];
	int64_t again_s;

	assert_ok(store_number(store, PAUSE_SETTING, &again_s, &err), &err);
	assert_ok(store_set_number(store, PAUSE_SETTING, 0, &err), &err);
	for (int i = 0; i < 100 && agenda.due_s > world->now_s; i++) {
		(void)snprintf(secret, sizeof(secret), "%064d", i);
		assert_ok(store_set_setting(store, "terminal_secret", secret, &err), &err);
		assert_ok(agenda_next(&world->terminal, &agenda, &err), &err);
	}
	assert_ok(store_set_number(store, PAUSE_SETTING, again_s, &err), &err);
}

int world_night(struct world *world, struct error *ret_last)
{
	struct schedule_answer window;
	struct error err = {0};
	int attempts = 0;

	if (!world->is_open)
		world_open(world);
	assert_ok(windows_ask(&world->terminal, &window, &err), &err);
	assert_int_equal(window.reason, SCHEDULE_OPEN);
	take_an_early_turn(world);
	for (;;) {
		struct agenda agenda;

		assert_ok(agenda_next(&world->terminal, &agenda, &err), &err);
		if (agenda.kind != JOB_NIGHT || agenda.due_s >= window.closes_s)
			break;
		if (agenda.due_s > world->now_s)
			world->now_s = agenda.due_s;
		world->last_job_s = world->now_s;
		*ret_last = (struct error){0};
		attempts++;
		(void)!world_run(world, JOB_NIGHT, NULL, ret_last);
	}
	world->now_s = window.opens_s + 86400 + 3 * 3600;
	return attempts;
}

void world_restart(struct world *world)
{
	struct guard_options options = {
		.packages_path = world->config.packages_path,
		.self_test_user = world->config.self_test_user,
	};
	struct guard_result result;
	struct error err = {0};

	if (!world->is_open)
		world_open(world);
	(void)snprintf(world->boot_id, sizeof(world->boot_id), "boot-%lld", (long long)world->now_s);
	world->now_s += 60;
	options.boot_dir_fd = world->terminal.boot_dir_fd;
	options.packages_dir_fd = world->terminal.packages_dir_fd;
	assert_ok(guard_boot(&world->env, &options, &result, &err), &err);
	world_close(world);
	world_open(world);
}

const char *world_current(struct world *world, const char *package)
{
	static char folder[VERSIONS_FOLDER_SIZE];
	AUTO(versions) struct versions *versions = NULL;
	struct error err = {0};

	assert_ok(versions_open(&world->fs, world->terminal.packages_dir_fd, package, &versions, &err), &err);
	assert_ok(versions_current(versions, folder, &err), &err);
	folder[strcspn(folder, "-")] = '\0';
	return folder;
}

enum delivery_state world_delivery(struct world *world, const char *package)
{
	struct delivery delivery;
	struct error err = {0};
	bool found;

	assert_ok(delivery_latest(world->terminal.store, package, &delivery, &found, &err), &err);
	assert_true(found);
	return delivery.state;
}

uint64_t world_wire_bytes(struct world *world, const char *package)
{
	struct delivery delivery;
	struct error err = {0};
	bool found;

	assert_ok(delivery_latest(world->terminal.store, package, &delivery, &found, &err), &err);
	assert_true(found);
	return (uint64_t)delivery.wire_bytes;
}

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)row;
	(void)err;
	++*(int *)context;
	return 0;
}

int world_history(struct world *world, const char *operation, const char *package, const char *outcome)
{
	struct history_filter filter = {.operation = operation, .package = package, .outcome = outcome};
	struct error err = {0};
	int count = 0;

	assert_ok(history_each(world->terminal.store, &filter, count_row, &count, &err), &err);
	return count;
}
