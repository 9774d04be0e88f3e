/* bench_stage NEW.json URL FOLDER [OLD.json OLD-URL [DELTA-FILE DELTA-URL]]
 *
 * Stages a release into FOLDER from URL (http, https or file) in this process, and prints what it cost as one line of
 * JSON. With OLD it stages that first, uncounted, and takes it as the current release. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "common/auto.h"
#include "updater/http.h"
#include "updater/stage.h"

struct side {
	struct buf json;
	struct release *release;
	char folder[PACKAGE_FOLDER_SIZE];
};

static void side_release(struct side *side)
{
	buf_release(&side->json);
	release_free(side->release);
}
DEFINE_AUTO(side, struct side, side_release);

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

static int measure(const struct env *env, const struct stage_request *request, struct error *err)
{
	struct stage_progress progress;
	struct rusage before, after;
	double begin = seconds();

	(void)getrusage(RUSAGE_SELF, &before);
	if (stage_release(env, request, &progress, err) < 0)
		return -1;
	(void)getrusage(RUSAGE_SELF, &after);
	(void)printf("{\"wall_s\": %.3f, \"cpu_s\": %.3f, \"peak_rss_kib\": %ld, \"wire_bytes\": %" PRIu64
		     ", \"saved_bytes\": %" PRIu64 "}\n",
		seconds() - begin, cpu_seconds(&after) - cpu_seconds(&before), after.ru_maxrss, progress.wire_bytes,
		progress.saved_bytes);
	return 0;
}

static int run(int argc, char **argv, struct error *err)
{
	AUTO(side) struct side new = {0};
	AUTO(side) struct side old = {0};
	AUTO(http) struct transport *transport = NULL;
	AUTO(fd) int folder_fd = -1;
	struct http_options options = {.stop_fd = -1};
	struct stage_request request = {0};
	struct fs fs;
	struct env env = {.fs = &fs};

	fs_init(&fs);
	if (http_open(&options, &transport, err) < 0 || fs_make_dirs(&fs, AT_FDCWD, argv[3], 0755, err) < 0 ||
		(folder_fd = fs_open_dir(&fs, AT_FDCWD, argv[3], err)) < 0)
		return -1;
	env.transport = transport;
	request.versions_dir_fd = request.cache_dir_fd = folder_fd;
	if (argc > 5) {
		if (side_read(&fs, argv[4], &old, err) < 0)
			return -1;
		describe(&request, &old, argv[5]);
		if (stage_release(&env, &request, NULL, err) < 0)
			return -1;
		request.current_folder = old.folder;
		release_free(old.release);
		old.release = NULL;
	}
	if (argc > 7 && describe_delta(&fs, argv[6], argv[7], &request, err) < 0)
		return -1;
	if (side_read(&fs, argv[1], &new, err) < 0)
		return -1;
	describe(&request, &new, argv[2]);
	return measure(&env, &request, err);
}

int main(int argc, char **argv)
{
	struct error err = {0};

	if (argc != 4 && argc != 6 && argc != 8) {
		(void)fputs(
			"usage: bench_stage NEW.json URL FOLDER [OLD.json OLD-URL [DELTA-FILE DELTA-URL]]\n", stderr);
		return 2;
	}
	if (run(argc, argv, &err) == 0)
		return 0;
	(void)fprintf(stderr, "bench_stage: %s\n", err.text);
	return error_exit_status(err.code);
}
