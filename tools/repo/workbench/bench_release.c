#include "tools/repo/workbench/bench_release.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "rollback/versions.h"
#include "updater/stage/stage.h"

#define URL_SIZE (PACKAGE_TARGET_SIZE + 64)

void bench_release_init(struct bench_release *release, const struct release_files *files)
{
	char hex[SHA256_HEX_SIZE];

	release->files = files;
	package_release_folder(files->release->version, sha256_hex(&files->id, hex), release->folder);
}

/* Names of packages and versions hold nothing that a URL could not. */
static void url_of(const struct bench_release *release, const char *target, char ret_url[static URL_SIZE])
{
	(void)snprintf(
		ret_url, URL_SIZE, "file:///proc/self/fd/%d/%s", release->files->beside_fd, strrchr(target, '/') + 1);
}

static int digest_of(int fd, struct sha256 *ret_digest, uint64_t *ret_length, struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	char bytes[65536];
	ssize_t got;

	if (!digest)
		return -1;
	for (*ret_length = 0; (got = read(fd, bytes, sizeof(bytes))) > 0; *ret_length += (uint64_t)got)
		digest_update(digest, bytes, (size_t)got);
	digest_finish(digest, ret_digest->bytes);
	return got < 0 ? error_system(err, errno, "cannot read the delta") : 0;
}

/* The delta from FORMER that stands beside the release; of several formats the newer. */
static int find_delta(const struct bench_release *release, const struct bench_release *former,
	char ret_url[static URL_SIZE], struct stage_request *request, struct error *err)
{
	static const enum package_delta_format formats[] = {PACKAGE_DELTA, PACKAGE_DELTA_FORMER};
	const struct release *to = release->files->release;
	char target[PACKAGE_TARGET_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		AUTO(fd) int fd = -1;

		package_delta_target(to->package, to->version, former->files->release->version, formats[i], target);
		fd = openat(release->files->beside_fd, strrchr(target, '/') + 1, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		url_of(release, target, ret_url);
		request->delta_url = ret_url;
		return digest_of(fd, &request->delta_sha256, &request->delta_length, err);
	}
	return 0;
}

static int keep_progress(void *context, const struct stage_progress *progress, struct error *err)
{
	(void)err;
	*(struct stage_progress *)context = *progress;
	return 0;
}

int bench_release_stage(const struct bench *bench, const struct bench_release *release,
	const struct bench_release *former, struct stage_progress *ret_progress, struct error *err)
{
	const struct release_files *files = release->files;
	AUTO(versions) struct versions *versions = NULL;
	char payload_url[URL_SIZE], delta_url[URL_SIZE];
	struct stage_request request = {
		.release = files->release,
		.release_json = files->json.data,
		.release_json_len = files->json.len,
		.folder = release->folder,
		.cache_dir_fd = bench->cache_fd,
		.current_folder = former ? former->folder : NULL,
		.payload_url = payload_url,
		.reserve_bytes = bench->settings->reserve_bytes,
		.progress = keep_progress,
		.context = ret_progress,
	};

	*ret_progress = (struct stage_progress){0};
	url_of(release, files->release->payload_target, payload_url);
	if (versions_open(bench->env.fs, bench->packages_fd, files->release->package, &versions, err) < 0 ||
		(former && find_delta(release, former, delta_url, &request, err) < 0))
		return -1;
	request.versions_dir_fd = versions_dir_fd(versions);
	return stage_release(&bench->env, &request, ret_progress, err);
}

int bench_release_install(const struct bench *bench, const struct bench_release *release, struct error *err)
{
	const char *package = release->files->release->package;
	AUTO(versions) struct versions *versions = NULL;
	struct stage_progress progress;

	if (bench_release_stage(bench, release, NULL, &progress, err) < 0 ||
		versions_open(bench->env.fs, bench->packages_fd, package, &versions, err) < 0 ||
		versions_activate(versions, release->folder, err) < 0)
		return error_context(err, "%s %s", package, release->files->release->version);
	return 0;
}
