/* bench_stage --worker PROGRAM [--ca FILE] NEW.json URL FOLDER [OLD.json OLD-URL [DELTA-FILE DELTA-URL]]
 *
 * Stages a release into FOLDER from URL (http, https or file) as the agent does, with the worker haishin-fetch, and
 * prints what it cost as one line of JSON: the worker and this process together. With OLD it stages that first,
 * uncounted, and takes it as the current release. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "common/auto.h"
#include "common/command_line/args.h"
#include "updater/fetch/fetch.h"
#include "updater/stage/stage.h"

struct plan {
	struct fs *fs;
	const char *worker;
	const char *ca; /* NULL: the machine's own list */
	struct buf ca_bytes;
};

struct side {
	struct buf json;
	struct release *release;
	char folder[PACKAGE_FOLDER_SIZE];
};

static void side_clear(struct side *side)
{
	buf_clear(&side->json);
	release_free(side->release);
}
DEFINE_AUTO(side, struct side, side_clear);

static int side_read(struct fs *fs, const char *path, struct side *side, struct error *err)
{
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	side->json = (struct buf)BUF_INIT(RELEASE_MAX_BYTES);
	if (fs_read_file(fs, AT_FDCWD, path, &side->json, err) < 0 ||
		release_parse(side->json.data, side->json.len, &side->release, err) < 0)
		return error_context(err, "%s", path);
	sha256_of(side->json.data, side->json.len, &digest);
	package_release_folder(side->release->version, sha256_hex(&digest, hex), side->folder);
	return 0;
}

static void describe(struct stage_request *request, const struct side *side, const char *url)
{
	request->release = side->release;
	request->release_json = side->json.data;
	request->release_json_len = side->json.len;
	request->folder = side->folder;
	request->payload_url = url;
}

static int describe_delta(
	struct fs *fs, const char *path, const char *url, struct stage_request *request, struct error *err)
{
	AUTO(buf) struct buf delta = BUF_INIT(UINT64_C(1) << 36);

	if (fs_read_file(fs, AT_FDCWD, path, &delta, err) < 0)
		return -1;
	request->delta_url = url;
	request->delta_length = delta.len;
	sha256_of(delta.data, delta.len, &request->delta_sha256);
	return 0;
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* This process and its worker, which has ended. */
static void print_cost(const struct rusage *before, double wall_s, const struct stage_progress *progress)
{
	struct rusage self, worker;

	(void)getrusage(RUSAGE_SELF, &self);
	(void)getrusage(RUSAGE_CHILDREN, &worker);
	(void)printf("{\"wall_s\": %.3f, \"cpu_s\": %.3f, \"peak_rss_kib\": %ld, \"wire_bytes\": %" PRIu64
		     ", \"saved_bytes\": %" PRIu64 "}\n",
		wall_s, cpu_seconds(&self) - cpu_seconds(before) + cpu_seconds(&worker),
		self.ru_maxrss + worker.ru_maxrss, progress->wire_bytes, progress->saved_bytes);
}

/* One release with a worker of its own, which is gone afterwards. */
static int stage(const struct plan *plan, const struct stage_request *request, struct stage_progress *ret_progress,
	struct error *err)
{
	struct fetch_options options = {.program = plan->worker, .http = {.ca_pem = plan->ca, .stop_fd = -1}};
	AUTO(fetch) struct fetch *fetch = NULL;
	struct env env = {.fs = plan->fs};

	if (fetch_open(&options, &fetch, err) < 0)
		return -1;
	env.transport = fetch_transport(fetch);
	return stage_release(&env, request, ret_progress, err);
}

static int measure(const struct plan *plan, const struct stage_request *request, struct error *err)
{
	struct stage_progress progress;
	struct rusage before;
	double begin = seconds();

	(void)getrusage(RUSAGE_SELF, &before);
	if (stage(plan, request, &progress, err) < 0)
		return -1;
	print_cost(&before, seconds() - begin, &progress);
	return 0;
}

static int run(const struct plan *plan, int argc, const char *const *argv, struct error *err)
{
	AUTO(side) struct side new = {0};
	AUTO(side) struct side old = {0};
	AUTO(fd) int folder_fd = -1;
	struct stage_request request = {0};
	struct stage_progress ignored;

	if (fs_make_dirs(plan->fs, AT_FDCWD, argv[2], 0755, err) < 0 ||
		(folder_fd = fs_open_dir(plan->fs, AT_FDCWD, argv[2], err)) < 0)
		return -1;
	request.versions_dir_fd = request.cache_dir_fd = folder_fd;
	if (argc > 4) {
		if (side_read(plan->fs, argv[3], &old, err) < 0)
			return -1;
		describe(&request, &old, argv[4]);
		if (stage(plan, &request, &ignored, err) < 0)
			return -1;
		request.current_folder = old.folder;
	}
	if (argc > 6 && describe_delta(plan->fs, argv[5], argv[6], &request, err) < 0)
		return -1;
	if (side_read(plan->fs, argv[0], &new, err) < 0)
		return -1;
	describe(&request, &new, argv[1]);
	return measure(plan, &request, err);
}

static int read_ca(struct plan *plan, const char *path, struct error *err)
{
	plan->ca_bytes = (struct buf)BUF_INIT(UINT64_C(1) << 20);
	if (fs_read_file(plan->fs, AT_FDCWD, path, &plan->ca_bytes, err) < 0)
		return -1;
	plan->ca = buf_text(&plan->ca_bytes);
	return 0;
}

static const struct args_option options[] = {
	{"worker", "PROGRAM", "the worker to fetch with"},
	{"ca", "FILE", "the authority that signed the server's certificate"},
	{0},
};

/* The positional arguments, three, five or seven. */
static int read_arguments(
	const struct args *args, struct plan *plan, int *ret_argc, const char *ret_argv[static 7], struct error *err)
{
	const char *ca = args_get(args, "ca"), *argument;

	for (*ret_argc = 0; (argument = args_positional(args, (size_t)*ret_argc)) && *ret_argc < 7; ++*ret_argc)
		ret_argv[*ret_argc] = argument;
	if (args_want(args, "worker", &plan->worker, err) < 0 || (ca && read_ca(plan, ca, err) < 0))
		return -1;
	if (argument || *ret_argc < 3 || *ret_argc % 2 == 0)
		return error_set(err, ERROR_USAGE,
			"usage: bench_stage --worker PROGRAM [--ca FILE] NEW.json URL FOLDER"
			" [OLD.json OLD-URL [DELTA-FILE DELTA-URL]]");
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct args args;
	struct fs fs;
	struct plan plan = {.fs = &fs};
	const char *words[7];
	int count, result = -1;

	fs_init(&fs);
	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) == 0 &&
		read_arguments(&args, &plan, &count, words, &err) == 0)
		result = run(&plan, count, words, &err);
	buf_clear(&plan.ca_bytes);
	if (result == 0)
		return 0;
	(void)fprintf(stderr, "bench_stage: %s\n", err.text);
	return error_exit_status(err.code);
}
