#include "updater/stage/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/disk/disk.h"
#include "updater/stage/delta_fetch.h"
#include "updater/stage/stage_fetch.h"
#include "updater/stage/stage_here.h"
#include "updater/stage/stage_verify.h"
#include "updater/stage/stage_work.h"

#define FOLDER_BLOCK 4096u
#define OWN_FILES 4 /* the release's own bytes, what waits in the cache, and how they are written */

static bool json_is_kept(const struct stage_work *work)
{
	const struct stage_request *request = work->request;
	AUTO(buf) struct buf kept = BUF_INIT(request->release_json_len + 1);
	struct error ignored;

	return fs_read_file(work->env->fs, request->versions_dir_fd, work->json, &kept, &ignored) == 0 &&
	       kept.len == request->release_json_len && memcmp(buf_text(&kept), request->release_json, kept.len) == 0;
}

/* Keeps the release's own bytes beside its folder, which is there. */
static int keep_json(const struct stage_work *work, struct error *err)
{
	const struct stage_request *request = work->request;

	if (json_is_kept(work))
		return 0;
	return fs_write_file(work->env->fs, request->versions_dir_fd, work->json, request->release_json,
		request->release_json_len, 0644, err);
}

/* The same before the folder has its name: nobody reads it yet, and the sync of the tree makes it durable too. */
static int put_json(const struct stage_work *work, struct error *err)
{
	const struct stage_request *request = work->request;
	struct fs *fs = work->env->fs;
	AUTO(fd) int fd = -1;

	if (json_is_kept(work))
		return 0;
	if (fs_remove_tree(fs, request->versions_dir_fd, work->json, err) < 0 ||
		(fd = fs_create(fs, request->versions_dir_fd, work->json, 0644, err)) < 0 ||
		fs_set_mode(fs, fd, work->json, 0644, err) < 0)
		return -1;
	return fs_write(fs, fd, work->json, request->release_json, request->release_json_len, err);
}

/* Is the release there from before, and sound? Damaged, it is built anew beside itself. */
static int look_at_folder(struct stage_work *work, bool *ret_complete, struct error *err)
{
	const struct stage_request *request = work->request;
	struct error reason;

	*ret_complete = false;
	if (!fs_exists(work->env->fs, request->versions_dir_fd, request->folder))
		return 0;
	if (stage_verify(work->env, request->versions_dir_fd, request->folder, request->release, &reason) == 0) {
		*ret_complete = true;
		return 0;
	}
	work->repairs = true;
	if (reason.code == ERROR_DAMAGED || reason.code == ERROR_NOT_FOUND || reason.sys == EIO ||
		reason.sys == ENOTDIR)
		return 0;
	if (err)
		*err = reason;
	return -1;
}

static int open_partial(struct stage_work *work, struct error *err)
{
	const struct stage_request *request = work->request;
	struct fs *fs = work->env->fs;
	uint64_t wire;

	if (partial_drop_others(fs, request->versions_dir_fd, work->partial, err) < 0 ||
		fs_make_dirs(fs, request->versions_dir_fd, work->partial, 0700, err) < 0 ||
		(work->partial_fd = fs_open(
			 fs, request->versions_dir_fd, work->partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err)) < 0)
		return -1;
	tree_init(&work->tree, fs, work->partial_fd);
	if (needs_init(&work->needs, request->release, err) < 0)
		return -1;
	wire = needs_choose_frames(&work->needs);
	if (partial_take_up(&work->tree, &work->needs, err) < 0)
		return -1;
	work->progress.saved_by_resume = stage_work_saved(wire, needs_choose_frames(&work->needs));
	return 0;
}

/* Before the first byte: everything that is missing, the folders, and the beginning of a frame after a cut. */
static int check_space(struct stage_work *work, struct error *err)
{
	const struct stage_request *request = work->request;
	const struct release *release = request->release;
	const struct disk_room reserve = {.bytes = request->reserve_bytes, .files = request->reserve_files};
	struct disk_room needed = {.bytes = needs_missing_bytes(&work->needs),
		.files = needs_missing_files(&work->needs) + OWN_FILES};
	uint64_t frame_most = 0;
	struct disk disk;

	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].type == RELEASE_FOLDER)
			needed.bytes += FOLDER_BLOCK;
	for (size_t k = 0; k < release->frames_count; k++)
		if (release->frames[k].length > frame_most)
			frame_most = release->frames[k].length;
	needed.bytes += frame_most;
	if (disk_look(work->env->fs, request->versions_dir_fd, ".", &disk, err) < 0)
		return -1;
	return disk_check_room(&disk, &needed, &reserve, err);
}

/* Links when nothing is written through them any more; folders' modes from the innermost out. */
static int finish_tree(struct stage_work *work, struct error *err)
{
	const struct release *release = work->request->release;

	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].type == RELEASE_LINK &&
			tree_make_link(&work->tree, &release->files[i], err) < 0)
			return -1;
	for (size_t i = release->files_count; i-- > 0;)
		if (release->files[i].type == RELEASE_FOLDER &&
			tree_set_folder_mode(&work->tree, &release->files[i], err) < 0)
			return -1;
	return fs_set_mode(work->env->fs, work->partial_fd, work->partial, 0755, err);
}

/* Everything on disk in one flush, its description too, then its name: who sees the name sees all of it. */
static int seal(struct stage_work *work, struct error *err)
{
	const struct stage_request *request = work->request;
	struct fs *fs = work->env->fs;

	if (finish_tree(work, err) < 0 || (work->repairs ? keep_json(work, err) : put_json(work, err)) < 0 ||
		fs_sync_tree(fs, request->versions_dir_fd, work->partial, err) < 0)
		return -1;
	if (!work->repairs)
		return fs_rename(fs, request->versions_dir_fd, work->partial, request->folder, err);
	if (fs_exchange(fs, request->versions_dir_fd, work->partial, request->folder, err) < 0)
		return -1;
	return fs_remove_tree(fs, request->versions_dir_fd, work->partial, err);
}

static int keep_complete(struct stage_work *work, struct error *err)
{
	const struct release *release = work->request->release;

	work->progress.saved_bytes = release->payload_length;
	work->progress.unpacked_bytes = release->installed_bytes;
	if (keep_json(work, err) < 0)
		return -1;
	return fs_remove_tree(work->env->fs, work->request->versions_dir_fd, work->partial, err);
}

static int build(struct stage_work *work, struct error *err)
{
	bool complete;

	if (look_at_folder(work, &complete, err) < 0)
		return -1;
	if (complete)
		return keep_complete(work, err);
	if (open_partial(work, err) < 0 || check_space(work, err) < 0 || stage_here_take(work, err) < 0 ||
		stage_fetch_missing(work, err) < 0)
		return -1;
	return seal(work, err);
}

/* The release is there, or will never be: what waited in the cache for it has no use any more. */
static void clear_cache(const struct stage_work *work)
{
	const struct stage_request *request = work->request;
	struct delta_fetch fetch = {
		.env = work->env, .cache_dir_fd = request->cache_dir_fd, .folder = request->folder};

	partial_drop_rest(work->env->fs, request->cache_dir_fd, request->folder);
	delta_fetch_drop(&fetch);
}

/* What is not what it should be is not kept for a next time. */
static void throw_away(struct stage_work *work)
{
	struct error ignored;

	(void)!fs_remove_tree(work->env->fs, work->request->versions_dir_fd, work->partial, &ignored);
	clear_cache(work);
}

/* The disk, or a quota, is at its end, and what was made of this release would keep applications from making a file. What is
 * there while the reserve is free stays for the next time. */
static bool is_in_the_way(const struct stage_work *work, const struct error *reason)
{
	const struct disk_room reserve = {.files = work->request->reserve_files};
	bool is_files = false;
	struct disk disk;

	if (reason->code != ERROR_NO_SPACE || work->partial_fd < 0)
		return false;
	return reason->sys == EDQUOT ||
	       (disk_look(work->env->fs, work->partial_fd, ".", &disk, NULL) == 0 &&
		       disk_is_short(&disk, &reserve, &is_files));
}

int stage_release(const struct env *env, const struct stage_request *request, struct stage_progress *ret_progress,
	struct error *err)
{
	AUTO(stage_work)
	struct stage_work work = {.env = env, .request = request, .partial_fd = -1, .tree = {.parent_fd = -1}};
	struct error reason = {0};
	int result;

	work.progress.unpacked_total = request->release->installed_bytes;
	(void)snprintf(work.partial, sizeof(work.partial), ".%s" PARTIAL_SUFFIX, request->folder);
	(void)snprintf(work.json, sizeof(work.json), "%s.json", request->folder);
	result = build(&work, &reason);
	if (ret_progress)
		*ret_progress = work.progress;
	if (result == 0) {
		clear_cache(&work);
		return 0;
	}
	if (reason.code == ERROR_REFUSED || is_in_the_way(&work, &reason))
		throw_away(&work);
	(void)error_context(&reason, "%s %s", request->release->package, request->release->version);
	if (err)
		*err = reason;
	return -1;
}
