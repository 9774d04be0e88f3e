#include "updater/stage/delta_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/base/package.h"
#include "updater/fetch/http_hop.h"
#include "updater/tree/tree.h"

#define NAME_SIZE (PACKAGE_FOLDER_SIZE + 8)
#define REPORT_EVERY (1u << 20)

struct arrival {
	struct delta_fetch *fetch;
	int fd;
	const char *name;
	uint64_t reported;
};

static const char *name_of(const struct delta_fetch *fetch, char ret_name[static NAME_SIZE])
{
	(void)snprintf(ret_name, NAME_SIZE, "%s.delta", fetch->folder);
	return ret_name;
}

void delta_fetch_drop(const struct delta_fetch *fetch)
{
	char name[NAME_SIZE];
	struct error ignored;

	(void)!fs_remove_tree(fetch->env->fs, fetch->cache_dir_fd, name_of(fetch, name), &ignored);
}

static int take_bytes(void *context, const void *data, size_t len, struct error *err)
{
	struct arrival *arrival = context;
	struct delta_fetch *fetch = arrival->fetch;

	if (fs_write(fetch->env->fs, arrival->fd, arrival->name, data, len, err) < 0)
		return -1;
	fetch->wire_bytes += len;
	if (fetch->wire_bytes - arrival->reported < REPORT_EVERY)
		return 0;
	arrival->reported = fetch->wire_bytes;
	return fetch->arrived ? fetch->arrived(fetch->context, fetch->wire_bytes, err) : 0;
}

/* Opens what is there from before, or begins anew; says how much is there. */
static int open_file(const struct delta_fetch *fetch, const char *name, uint64_t *ret_have, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct error ignored;
	struct stat st;

	fd = fs_open_plain(fetch->env->fs, fetch->cache_dir_fd, name, O_RDWR | O_NOFOLLOW, &ignored);
	*ret_have = 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= fetch->length &&
		lseek(fd, st.st_size, SEEK_SET) == st.st_size) {
		*ret_have = (uint64_t)st.st_size;
		return take_fd(&fd);
	}
	delta_fetch_drop(fetch);
	return fs_create(fetch->env->fs, fetch->cache_dir_fd, name, 0600, err);
}

static int check(const struct delta_fetch *fetch, const char *name, int *ret_fd, struct error *err)
{
	AUTO(digest) struct digest *digest = NULL;
	AUTO(fd) int fd = -1;
	struct sha256 found;

	if (!(digest = digest_new(DIGEST_SHA256, err)) ||
		(fd = fs_open_plain(fetch->env->fs, fetch->cache_dir_fd, name, O_RDONLY | O_NOFOLLOW, err)) < 0 ||
		tree_digest_file(fd, name, fetch->length, digest, err) < 0)
		return -1;
	digest_finish(digest, found.bytes);
	if (!sha256_equal(&found, &fetch->sha256))
		return error_set(err, ERROR_REFUSED, "the delta is not what its target says");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int fetch_once(struct delta_fetch *fetch, const char *name, uint64_t *ret_have, int *ret_fd, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct transport_request request = {.url = fetch->url};
	struct transport_reply reply = {0};
	struct arrival arrival = {.fetch = fetch, .name = name, .reported = fetch->wire_bytes};

	if ((fd = open_file(fetch, name, ret_have, err)) < 0)
		return -1;
	arrival.fd = fd;
	request.offset = *ret_have;
	request.limit = fetch->length - *ret_have;
	request.length = *ret_have ? request.limit : 0;
	if (request.limit &&
		fetch->env->transport->ask(fetch->env->transport, &request, take_bytes, &arrival, &reply, err) < 0) {
		http_blame_file(err); /* it may well have the frames */
		return -1;
	}
	if (reply.bytes < request.limit)
		return error_set(err, ERROR_SERVER, "the server's delta ends after %" PRIu64 " of %" PRIu64 " bytes",
			reply.bytes, request.limit);
	return check(fetch, name, ret_fd, err);
}

int delta_fetch(struct delta_fetch *fetch, int *ret_fd, struct error *err)
{
	char name[NAME_SIZE];
	struct error reason = {0};
	uint64_t have = 0;

	(void)name_of(fetch, name);
	if (fetch_once(fetch, name, &have, ret_fd, &reason) == 0)
		return 0;
	if (reason.code == ERROR_REFUSED || reason.code == ERROR_DAMAGED) {
		delta_fetch_drop(fetch);
		/* What waited in the cache may have been spoilt: once more, whole. */
		if (have && fetch_once(fetch, name, &have, ret_fd, &reason) == 0)
			return 0;
	}
	if (reason.code == ERROR_REFUSED)
		delta_fetch_drop(fetch);
	if (err)
		*err = reason;
	return -1;
}
