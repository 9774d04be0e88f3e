/* haishin-tuf-client: the trust code behind the command line that outside suites speak. docs/trust.md describes it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/command_line/args.h"
#include "common/env.h"
#include "manifests/tuf/tuf_client.h"
#include "manifests/tuf/tuf_download.h"
#include "updater/fetch/http.h"

#define ROOT_MAX_BYTES 512000

static const struct args_option options[] = {
	{"metadata-dir", "MDIR", "where the trusted metadata is kept"},
	{"metadata-url", "MURL", "where metadata is fetched from"},
	{"target-name", "PATH", "a target to download; may be given several times"},
	{"target-dir", "TDIR", "where targets go"},
	{"target-base-url", "TURL", "where targets are fetched from"},
	ARGS_HELP,
	ARGS_VERSION,
	{0},
};

static void print_help(void)
{
	(void)puts(
		"usage: haishin-tuf-client --metadata-dir MDIR init TRUSTED_ROOT\n"
		"       haishin-tuf-client --metadata-url MURL --metadata-dir MDIR refresh\n"
		"       haishin-tuf-client --metadata-url MURL --metadata-dir MDIR --target-name PATH [--target-name "
		"PATH ...]\n"
		"                          --target-dir TDIR --target-base-url TURL download\n");
	args_print_help(options);
}

static int init(struct fs *fs, const struct args *args, struct error *err)
{
	AUTO(buf) struct buf root = BUF_INIT(ROOT_MAX_BYTES);
	AUTO(fd) int dir_fd = -1;
	const char *metadata_dir;

	if (args_want_positional(args, 2, 2, "the trusted root", err) < 0 ||
		args_want(args, "metadata-dir", &metadata_dir, err) < 0 ||
		fs_read_given(fs, args_positional(args, 1), &root, err) < 0 ||
		(dir_fd = fs_open_dir(fs, AT_FDCWD, metadata_dir, err)) < 0)
		return -1;
	return tuf_client_init(fs, dir_fd, buf_text(&root), root.len, err);
}

static int download(const struct env *env, const struct args *args, struct tuf_client *client, struct error *err)
{
	const char *target_dir, *base_url, *name;
	AUTO(fd) int target_dir_fd = -1;

	if (args_want(args, "target-dir", &target_dir, err) < 0 ||
		args_want(args, "target-base-url", &base_url, err) < 0 ||
		(target_dir_fd = fs_open_dir(env->fs, AT_FDCWD, target_dir, err)) < 0)
		return -1;
	for (size_t i = 0; (name = args_nth(args, "target-name", i)); i++) {
		AUTO(tuf_target) struct tuf_target target = {0};

		if (tuf_client_find(client, name, &target, err) < 0 ||
			tuf_download(env, target_dir_fd, base_url, &target, err) < 0)
			return -1;
	}
	return 0;
}

/* With TARGETS, fetches those as well. */
static int refresh(
	const struct env *env, const struct args *args, bool targets, int64_t start_time_s, struct error *err)
{
	struct tuf_client_options client_options = {.start_time_s = start_time_s, .wait_for_lock = true};
	AUTO(tuf_client) struct tuf_client *client = NULL;
	AUTO(fd) int metadata_dir_fd = -1;
	const char *metadata_dir, *ignored;

	if (args_want_positional(args, 1, 1, "the command", err) < 0 ||
		args_want(args, "metadata-dir", &metadata_dir, err) < 0 ||
		args_want(args, "metadata-url", &client_options.metadata_url, err) < 0 ||
		(targets && args_want(args, "target-name", &ignored, err) < 0) ||
		(metadata_dir_fd = fs_open_dir(env->fs, AT_FDCWD, metadata_dir, err)) < 0)
		return -1;
	client_options.metadata_dir_fd = metadata_dir_fd;
	if (tuf_client_open(env, &client_options, &client, err) < 0 || tuf_client_refresh(client, err) < 0)
		return -1;
	return targets ? download(env, args, client, err) : 0;
}

static int run(const struct args *args, int64_t start_time_s, struct error *err)
{
	struct http_options http_options = {
		.redirects = HTTP_REDIRECTS_ANY, .fresh_connections = true, .stop_fd = -1};
	const char *command = args_positional(args, 0);
	AUTO(http) struct transport *transport = NULL;
	struct env env = {0};
	struct fs fs;
	bool targets;

	fs_init(&fs);
	if (command && strcmp(command, "init") == 0)
		return init(&fs, args, err);
	targets = command && strcmp(command, "download") == 0;
	if (!targets && (!command || strcmp(command, "refresh") != 0))
		return error_set(err, ERROR_USAGE, "the command is init, refresh or download; --help tells more");
	if (http_open(&http_options, &transport, err) < 0)
		return -1;
	env.fs = &fs;
	env.transport = transport;
	return refresh(&env, args, targets, start_time_s, err);
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct clock clock;
	struct args args;
	int64_t start_time_s;

	(void)signal(SIGPIPE, SIG_IGN);
	clock_init(&clock, "");
	start_time_s = clock.now_s(&clock); /* 5.1: once, for every expiry check */
	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) == 0) {
		if (args_has(&args, "help")) {
			print_help();
			return 0;
		}
		if (args_has(&args, "version"))
			return puts("haishin-tuf-client " HAISHIN_VERSION) < 0;
		if (run(&args, start_time_s, &err) == 0)
			return 0;
	}
	(void)fprintf(stderr, "haishin-tuf-client: %s\n", err.text);
	return 1;
}
