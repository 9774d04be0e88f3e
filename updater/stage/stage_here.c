#include "updater/stage/stage_here.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>

#include "updater/delta/delta.h"
#include "updater/stage/delta_fetch.h"
#include "updater/stage/entries.h"
#include "updater/stage/reuse.h"

/* The release in use, as far as it can be read. */
struct current {
	int folder_fd; /* -1: there is none that can be used */
	struct release *release;
	struct sha256 id;
};

static void current_clear(struct current *current)
{
	fd_close(&current->folder_fd);
	release_free(current->release);
}
DEFINE_AUTO(current, struct current, current_clear);

/* A release here whose description is missing or damaged only costs bytes. */
static void open_installed(struct fs *fs, int versions_dir_fd, const char *folder, struct current *ret_current)
{
	AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);
	char name[PARTIAL_NAME_SIZE];
	struct error ignored;

	(void)snprintf(name, sizeof(name), "%s.json", folder);
	if (fs_read_file(fs, versions_dir_fd, name, &json, &ignored) < 0 ||
		release_parse(buf_text(&json), json.len, &ret_current->release, &ignored) < 0)
		return;
	sha256_of(buf_text(&json), json.len, &ret_current->id);
	ret_current->folder_fd = fs_open(fs, versions_dir_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &ignored);
}

static int report_reuse(void *context, struct error *err)
{
	struct stage_work *work = context;

	work->done_before = needs_done_bytes(&work->needs);
	return stage_work_tell(work, err);
}

static int reuse_from(struct stage_work *work, int folder_fd, const struct release *release, struct error *err)
{
	AUTO(tree) struct tree from = {.parent_fd = -1};
	struct reuse reuse = {.to = &work->tree,
		.needs = &work->needs,
		.from = &from,
		.from_release = release,
		.went_on = report_reuse,
		.context = work};

	tree_init(&from, work->env->fs, folder_fd);
	return reuse_unchanged(&reuse, err);
}

/* FOLDER holds this release, in part. */
static int reuse_damaged(struct stage_work *work, const char *folder, struct error *err)
{
	AUTO(fd) int folder_fd = -1;
	struct error ignored;

	if ((folder_fd = fs_open(work->env->fs, work->request->versions_dir_fd, folder,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &ignored)) < 0)
		return 0;
	return entries_make(&work->tree, &work->needs, err) < 0
		       ? -1
		       : reuse_from(work, folder_fd, work->request->release, err);
}

/* What other packages here have with the same digest. Their descriptions are read only while something is missing. */
static int reuse_neighbours(struct stage_work *work, struct error *err)
{
	const struct stage_request *request = work->request;

	for (size_t i = 0; i < request->neighbours_count && needs_choose_frames(&work->needs) > 0; i++) {
		const struct stage_neighbour *neighbour = &request->neighbours[i];
		AUTO(current) struct current other = {.folder_fd = -1};

		open_installed(work->env->fs, neighbour->versions_dir_fd, neighbour->folder, &other);
		if (other.folder_fd < 0)
			continue;
		if (entries_make(&work->tree, &work->needs, err) < 0 ||
			reuse_from(work, other.folder_fd, other.release, err) < 0)
			return -1;
	}
	return 0;
}

static int report_delta(void *context, uint64_t wire_bytes, struct error *err)
{
	struct stage_work *work = context;

	work->progress.wire_bytes = wire_bytes;
	return stage_work_tell(work, err);
}

static int apply_delta(
	struct stage_work *work, const struct current *current, struct delta_fetch *fetch, struct error *err)
{
	const struct stage_request *request = work->request;
	AUTO(fd) int delta_fd = -1;
	AUTO(tree) struct tree from = {.parent_fd = -1};
	struct delta delta = {.len = request->delta_length,
		.to = &work->tree,
		.needs = &work->needs,
		.from = &from,
		.from_release = current->release,
		.from_id = current->id,
		.went_on = report_reuse,
		.context = work};

	int result;

	if (delta_fetch(fetch, &delta_fd, err) < 0)
		return -1;
	delta.fd = delta_fd;
	sha256_of(request->release_json, request->release_json_len, &delta.to_id);
	tree_init(&from, work->env->fs, current->folder_fd);
	result = delta_apply(&delta, err);
	work->progress.did_not_come_out = delta.did_not_come_out;
	return result;
}

/* True for what has to do with the delta itself: the frames do without it. */
static bool is_the_deltas_fault(enum error_code code)
{
	return code == ERROR_REFUSED || code == ERROR_NOT_FOUND || code == ERROR_SERVER || code == ERROR_STRANGER ||
	       code == ERROR_DAMAGED;
}

static int take_from_delta(struct stage_work *work, const struct current *current, struct error *err)
{
	const struct stage_request *request = work->request;
	struct delta_fetch fetch = {.env = work->env,
		.url = request->delta_url,
		.length = request->delta_length,
		.sha256 = request->delta_sha256,
		.cache_dir_fd = request->cache_dir_fd,
		.folder = request->folder,
		.arrived = report_delta,
		.context = work};
	uint64_t wire = needs_choose_frames(&work->needs);
	struct error reason = {0};
	int result;

	if (!request->delta_url || current->folder_fd < 0 || wire <= request->delta_length)
		return 0;
	work->progress.wire_total = request->delta_length;
	work->progress.saved_bytes = request->release->payload_length - request->delta_length;
	result = apply_delta(work, current, &fetch, &reason);
	work->wire_before = work->progress.wire_bytes = fetch.wire_bytes;
	if (result == 0)
		work->progress.saved_by_delta =
			stage_work_saved(wire, request->delta_length + needs_choose_frames(&work->needs));
	if (result == 0 || is_the_deltas_fault(reason.code)) {
		delta_fetch_drop(&fetch);
		return 0;
	}
	if (err)
		*err = reason;
	return -1;
}

int stage_here_take(struct stage_work *work, struct error *err)
{
	AUTO(current) struct current current = {.folder_fd = -1};

	const struct stage_request *request = work->request;

	if (request->current_folder && !request->mends)
		open_installed(work->env->fs, request->versions_dir_fd, request->current_folder, &current);
	if (current.folder_fd >= 0 && entries_make(&work->tree, &work->needs, err) < 0)
		return -1;
	if ((work->repairs && reuse_damaged(work, request->folder, err) < 0) ||
		(request->mends && reuse_damaged(work, request->current_folder, err) < 0))
		return -1;
	if (current.folder_fd >= 0 && reuse_from(work, current.folder_fd, current.release, err) < 0)
		return -1;
	return reuse_neighbours(work, err) < 0 ? -1 : take_from_delta(work, &current, err);
}
