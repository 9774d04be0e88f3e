/* Publishing, cut off at every change on disk it makes: what a client then sees, and whether it can be run again. */
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/env.h"
#include "manifests/tuf/tuf_client.h"
#include "tests/support/folder.h"
#include "tools/repo/commands/commands.h"
#include "updater/fetch/http.h"

/* A publisher's folder "pub" with its keys, and the client's folder "client"; "draft" and "former" are copies to
 * begin from. */
struct world {
	struct folder folder;
	struct fs fs;
	struct clock clock;
	struct log log;
	struct transport *transport;
};

static void shell(const struct world *world, const char *command)
{
	char line[2048];

	(void)snprintf(line, sizeof(line), "cd %s && %s", world->folder.path, command);
	if (system(line) != 0)
		fail_msg("failed: %s", line);
}

/* Runs a command of haishin-repo in this process; WORDS end with NULL. */
static int run(struct world *world, const struct command *command, const char *const *words, struct error *err)
{
	char paths[2][FOLDER_PATH_SIZE + 16];
	char *argv[16] = {(char *)"--repo", paths[0], (char *)"--keys", paths[1]};
	int argc = 4;
	struct args args;
	struct tool tool = {.fs = &world->fs, .clock = &world->clock, .log = &world->log, .args = &args};

	(void)snprintf(paths[0], sizeof(paths[0]), "%s/pub", world->folder.path);
	(void)snprintf(paths[1], sizeof(paths[1]), "%s/keys", world->folder.path);
	while (*words)
		argv[argc++] = (char *)*words++;
	return args_init(&args, ARGS_TABLES(command->options), argc, argv, err) < 0 ? -1 : command->run(&tool, err);
}

static void must_run(struct world *world, const struct command *command, const char *first, const char *second,
	const char *third, const char *fourth, const char *fifth)
{
	const char *words[] = {first, second, third, fourth, fifth, NULL};
	struct error err = {0};

	assert_ok(run(world, command, words, &err), &err);
}

static int refresh_client(struct world *world, struct error *err)
{
	AUTO(fd) int metadata_fd = openat(world->folder.fd, "client", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(tuf_client) struct tuf_client *client = NULL;
	struct env env = {
		.clock = &world->clock, .fs = &world->fs, .transport = world->transport, .log = &world->log};
	char url[FOLDER_PATH_SIZE + 64];
	struct tuf_client_options options = {.metadata_dir_fd = metadata_fd, .metadata_url = url};
	AUTO(tuf_target) struct tuf_target target = {0};

	(void)snprintf(url, sizeof(url), "file://%s/pub/repository/metadata", world->folder.path);
	options.start_time_s = world->clock.now_s(&world->clock);
	if (tuf_client_open(&env, &options, &client, err) < 0 || tuf_client_refresh(client, err) < 0)
		return -1;
	return tuf_client_find(client, "catalog.json", &target, err);
}

static void make_key(struct world *world, const char *name)
{
	char folder[FOLDER_PATH_SIZE + 16];
	char *argv[] = {(char *)"new", (char *)name, (char *)"--unencrypted", (char *)"--keys", folder};
	struct args args;
	struct tool tool = {.fs = &world->fs, .clock = &world->clock, .log = &world->log, .args = &args};
	struct error err = {0};

	(void)snprintf(folder, sizeof(folder), "%s/keys", world->folder.path);
	assert_ok(args_init(&args, ARGS_TABLES(command_key.options), 5, argv, &err), &err);
	assert_ok(command_key.run(&tool, &err), &err);
}

static int set_up(void **state)
{
	static const struct http_options http = {.stop_fd = -1};
	struct world *world = calloc(1, sizeof(*world));
	struct error err = {0};

	folder_init(&world->folder);
	fs_init(&world->fs);
	clock_init(&world->clock, "/proc/sys/kernel/random/boot_id");
	log_init(&world->log, "test");
	assert_ok(http_open(&http, &world->transport, &err), &err);
	assert_non_null(freopen("/dev/null", "w", stdout)); /* what the commands print is none of this test's */
	must_run(world, &command_init, "--unencrypted", NULL, NULL, NULL, NULL);
	must_run(world, &command_campaign, "add", "1", "--first=2026-01-01", "--last=2026-01-31", NULL);
	must_run(world, &command_publish, NULL, NULL, NULL, NULL, NULL);
	shell(world, "mkdir client && cp pub/repository/metadata/1.root.json client/root.json");
	assert_ok(refresh_client(world, &err), &err);
	shell(world, "cp -r client former");
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	http_close(world->transport);
	folder_clear(&world->folder);
	free(world);
	return 0;
}

/* From the change numbered by CONTEXT on, everything fails: as after a power cut. */
static int fail_from(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	return number >= *(uint64_t *)fs->context ? EIO : 0;
}

/* Publishes what is in "draft", cut off at the Nth change; true if it was. */
static bool publish_cut_at(struct world *world, uint64_t n)
{
	static const char *const nothing[] = {NULL};
	struct error err = {0};
	int ret;

	shell(world, "rm -rf pub client && cp -r draft pub && cp -r former client");
	fs_init(&world->fs);
	world->fs.before_change = fail_from;
	world->fs.context = &n;
	ret = run(world, &command_publish, nothing, &err);
	fs_init(&world->fs);
	return ret < 0;
}

static int64_t timestamp_version(const struct world *world)
{
	char *text = folder_get(&world->folder, "pub/repository/metadata/timestamp.json", NULL);
	struct error err = {0};
	json_t *json = json_parse(text, strlen(text), &err);
	int64_t version = json_integer_value(json_object_get(json_object_get(json, "signed"), "version"));

	json_decref(json);
	free(text);
	return version;
}

/* Cuts publishing off everywhere; each time the client goes on, publishing can be run again, and the client sees the
 * end. */
static void cut_everywhere(struct world *world)
{
	struct error err = {0};
	bool cut = true;
	uint64_t n;

	shell(world, "cp -r pub draft");
	for (n = 1; cut; n++) {
		cut = publish_cut_at(world, n);
		if (refresh_client(world, &err) < 0)
			fail_msg("cut at change %d: the client is left behind: %s", (int)n, err.text);
		must_run(world, &command_publish, NULL, NULL, NULL, NULL, NULL);
		assert_ok(refresh_client(world, &err), &err);
		assert_true(timestamp_version(world) >= 2);
	}
	assert_true(n > 10);
}

TEST_CASE(test_a_publish_cut_off_anywhere_leaves_clients_well)
{
	struct world *world = *state;

	must_run(world, &command_campaign, "add", "2", "--first=2026-02-01", "--last=2026-02-28", NULL);
	cut_everywhere(world);
}

TEST_CASE(test_a_rotation_of_online_keys_cut_off_anywhere_leaves_clients_well)
{
	static const char *const roles[] = {"timestamp", "snapshot", "targets", "root"};
	struct world *world = *state;
	char add[FOLDER_PATH_SIZE + 64];
	char former[FOLDER_PATH_SIZE + 64];

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%s-new", roles[i]);
		make_key(world, name);
		(void)snprintf(add, sizeof(add), "--add=%s/keys/%s.pub.json", world->folder.path, name);
		(void)snprintf(former, sizeof(former), "--remove=%s/keys/%s.pub.json", world->folder.path,
			strcmp(roles[i], "root") == 0 ? "root-1" : roles[i]);
		must_run(world, &command_rotate, roles[i], add, former, NULL, NULL);
	}
	cut_everywhere(world);
}

TESTS(set_up, tear_down)
