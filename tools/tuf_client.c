/* haishin-tuf-client: the trust code behind the command line that outside suites speak. docs/trust.md describes it.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/env.h"
#include "manifests/tuf/tuf_client.h"
#include "manifests/tuf/tuf_download.h"
#include "updater/fetch/http.h"

#define ROOT_MAX_BYTES 512000

struct options {
	const char *metadata_dir;
	const char *metadata_url;
	const char *target_dir;
	const char *target_base_url;
	const char **target_names; /* in the order given */
	int target_names_count;
	const char *words[2]; /* the subcommand, and the trusted root of init */
	int words_count;
};

static int usage(struct error *err, const char *what)
{
	return error_set(err, ERROR_USAGE,
		"%s\n"
		"usage: haishin-tuf-client --metadata-dir MDIR init TRUSTED_ROOT\n"
		"       haishin-tuf-client --metadata-url MURL --metadata-dir MDIR refresh\n"
		"       haishin-tuf-client --metadata-url MURL --metadata-dir MDIR --target-name PATH [--target-name "
		"PATH ...]\n"
		"                          --target-dir TDIR --target-base-url TURL download",
		what);
}

static int parse_options(int argc, char **argv, struct options *options, struct error *err)
{
	static const struct option known[] = {
		{"metadata-dir", required_argument, NULL, 'm'},
		{"metadata-url", required_argument, NULL, 'u'},
		{"target-dir", required_argument, NULL, 'd'},
		{"target-base-url", required_argument, NULL, 'b'},
		{"target-name", required_argument, NULL, 't'},
		{0},
	};
	int option;

	opterr = 0;
	/* '-': words in any order among the options */
	while ((option = getopt_long(argc, argv, "-", known, NULL)) != -1) {
		if (option == 'm')
			options->metadata_dir = optarg;
		else if (option == 'u')
			options->metadata_url = optarg;
		else if (option == 'd')
			options->target_dir = optarg;
		else if (option == 'b')
			options->target_base_url = optarg;
		else if (option == 't')
			options->target_names[options->target_names_count++] = optarg;
		else if (option == 1 && options->words_count < 2)
			options->words[options->words_count++] = optarg;
		else
			return usage(
				err, option == 1 ? "too many words" : "an unknown option, or one without its value");
	}
	while (optind < argc && options->words_count < 2) /* behind "--" */
		options->words[options->words_count++] = argv[optind++];
	return optind < argc ? usage(err, "too many words") : 0;
}

static int init(struct fs *fs, const struct options *options, struct error *err)
{
	AUTO(buf) struct buf root = BUF_INIT(ROOT_MAX_BYTES);
	AUTO(fd) int dir_fd = -1;

	if (options->words_count != 2 || !options->metadata_dir)
		return usage(err, "init needs --metadata-dir and a trusted root");
	if (fs_read_file(fs, AT_FDCWD, options->words[1], &root, err) < 0 ||
		(dir_fd = fs_open_dir(fs, AT_FDCWD, options->metadata_dir, err)) < 0)
		return -1;
	return tuf_client_init(fs, dir_fd, buf_text(&root), root.len, err);
}

static int open_client(const struct env *env, const struct options *options, int metadata_dir_fd,
	int64_t start_time_s, struct tuf_client **ret_client, struct error *err)
{
	struct tuf_client_options client_options = {
		.metadata_dir_fd = metadata_dir_fd,
		.metadata_url = options->metadata_url,
		.start_time_s = start_time_s,
		.wait_for_lock = true,
	};

	return tuf_client_open(env, &client_options, ret_client, err);
}

static int download_all(
	const struct env *env, const struct options *options, struct tuf_client *client, struct error *err)
{
	AUTO(fd) int target_dir_fd = fs_open_dir(env->fs, AT_FDCWD, options->target_dir, err);

	if (target_dir_fd < 0)
		return -1;
	for (int i = 0; i < options->target_names_count; i++) {
		AUTO(tuf_target) struct tuf_target target = {0};

		if (tuf_client_find(client, options->target_names[i], &target, err) < 0 ||
			tuf_download(env, target_dir_fd, options->target_base_url, &target, err) < 0)
			return -1;
	}
	return 0;
}

static int refresh(const struct env *env, const struct options *options, int64_t start_time_s, struct error *err)
{
	bool download = strcmp(options->words[0], "download") == 0;
	AUTO(tuf_client) struct tuf_client *client = NULL;
	AUTO(fd) int metadata_dir_fd = -1;

	if (options->words_count != 1 || !options->metadata_dir || !options->metadata_url)
		return usage(err, "--metadata-dir and --metadata-url are needed");
	if (download && (!options->target_dir || !options->target_base_url || options->target_names_count == 0))
		return usage(err, "download needs --target-name, --target-dir and --target-base-url");
	if ((metadata_dir_fd = fs_open_dir(env->fs, AT_FDCWD, options->metadata_dir, err)) < 0 ||
		open_client(env, options, metadata_dir_fd, start_time_s, &client, err) < 0 ||
		tuf_client_refresh(client, err) < 0)
		return -1;
	return download ? download_all(env, options, client, err) : 0;
}

static int run(const struct options *options, int64_t start_time_s, struct error *err)
{
	struct http_options http_options = {.redirects = HTTP_REDIRECTS_ANY, .fresh_connections = true, .stop_fd = -1};
	AUTO(http) struct transport *transport = NULL;
	struct env env = {0};
	struct fs fs;

	fs_init(&fs);
	if (options->words_count == 0)
		return usage(err, "no subcommand");
	if (strcmp(options->words[0], "init") == 0)
		return init(&fs, options, err);
	if (strcmp(options->words[0], "refresh") != 0 && strcmp(options->words[0], "download") != 0)
		return usage(err, "an unknown subcommand");
	if (http_open(&http_options, &transport, err) < 0)
		return -1;
	env.fs = &fs;
	env.transport = transport;
	return refresh(&env, options, start_time_s, err);
}

int main(int argc, char **argv)
{
	AUTO(free) const char **target_names = calloc((size_t)argc + 1, sizeof(*target_names));
	struct options options = {.target_names = target_names};
	struct error err = {.text = "out of memory"};
	struct clock clock;
	int64_t start_time_s;

	(void)signal(SIGPIPE, SIG_IGN);
	clock_init(&clock, "");
	start_time_s = clock.now_s(&clock); /* 5.1: once, for every expiry check */
	if (target_names && parse_options(argc, argv, &options, &err) == 0 && run(&options, start_time_s, &err) == 0)
		return 0;
	(void)fprintf(stderr, "haishin-tuf-client: %s\n", err.text);
	return 1;
}
