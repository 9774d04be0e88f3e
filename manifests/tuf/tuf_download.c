#include "manifests/tuf/tuf_download.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "manifests/tuf/tuf_path.h"
#include "manifests/tuf/tuf_targets.h"

struct download {
	struct fs *fs;
	int fd;
	const char *name;
	struct tuf_content_check check;
};

static int store_bytes(void *context, const void *data, size_t len, struct error *err)
{
	struct download *download = context;

	tuf_content_check_add(&download->check, data, len);
	return fs_write(download->fs, download->fd, download->name, data, len, err);
}

/* The folder itself is the lock, so that no lock file lies among the targets. */
static int lock_folder(struct fs *fs, int dir_fd, struct error *err)
{
	AUTO(fd) int fd = fs_open_dir(fs, dir_fd, ".", err);

	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_system(err, errno, "cannot lock the folder of targets");
	return take_fd(&fd);
}

/* True if the stored file has the listed length and hashes. Anything else, a link or a folder too, is false. */
static bool already_there(struct fs *fs, int dir_fd, const char *name, const struct tuf_content *content)
{
	AUTO(tuf_content_check) struct tuf_content_check check = {0};
	AUTO(fd) int fd = fs_open(fs, dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, NULL);
	char chunk[65536];
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != content->length ||
		tuf_content_check_init(&check, content, NULL) < 0)
		return false;
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		tuf_content_check_add(&check, chunk, (size_t)got);
	}
	return tuf_content_check_finish(&check, NULL) == 0;
}

/* Fetches into the temporary file and checks it. */
static int fetch(const struct env *env, struct download *download, const char *url, const struct tuf_target *target,
	struct error *err)
{
	struct transport_request request = {.url = url, .limit = target->length};
	struct transport_reply reply = {0};
	struct error why = {0};

	if (env->transport->ask(env->transport, &request, store_bytes, download, &reply, &why) < 0)
		return error_set(err, why.code == ERROR_NOT_FOUND ? ERROR_SERVER : why.code, "%s target '%.150s': %s",
			why.code == ERROR_REFUSED ? "endless data attack:" : "cannot fetch", target->path, why.text);
	if (tuf_content_check_finish(&download->check, err) < 0)
		return error_context(err, "arbitrary software attack: target '%.150s'", target->path);
	return fs_sync_file(env->fs, download->fd, download->name, err);
}

static int fetch_to(const struct env *env, int dir_fd, const char *temporary, const char *name, const char *url,
	const struct tuf_target *target, struct error *err)
{
	struct download download = {.fs = env->fs, .name = temporary};
	AUTO(tuf_content_check) struct tuf_content_check check = {0};
	AUTO(fd) int fd = -1;

	if (fs_remove(env->fs, dir_fd, temporary, err) < 0 || /* left by a cut */
		tuf_content_check_init(&check, &target->content, err) < 0 ||
		(fd = fs_create(env->fs, dir_fd, temporary, 0644, err)) < 0)
		return -1;
	download.fd = fd;
	download.check = check;
	if (fetch(env, &download, url, target, err) < 0 || fs_rename(env->fs, dir_fd, temporary, name, err) < 0) {
		int ignored = fs_remove(env->fs, dir_fd, temporary, NULL);

		(void)ignored; /* the next download removes what is left */
		return -1;
	}
	return 0;
}

int tuf_download(const struct env *env, int dir_fd, const char *targets_url, const struct tuf_target *target,
	struct error *err)
{
	AUTO(buf) struct buf url = BUF_INIT(2 * TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf temporary = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(fd) int lock_fd = -1;

	if (tuf_target_file_name(target->path, &name, err) < 0 ||
		buf_printf(&temporary, err, ".%s.tmp", name.data) < 0 ||
		tuf_url_join(targets_url, target->url_path, &url, err) < 0 ||
		(lock_fd = lock_folder(env->fs, dir_fd, err)) < 0)
		return -1;
	if (already_there(env->fs, dir_fd, name.data, &target->content))
		return 0;
	return fetch_to(env, dir_fd, temporary.data, name.data, url.data, target, err);
}
