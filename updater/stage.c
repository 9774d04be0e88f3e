#include "updater/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "updater/delta.h"
#include "updater/delta_fetch.h"
#include "updater/frames.h"
#include "updater/partial.h"
#include "updater/pipeline.h"
#include "updater/needs.h"
#include "updater/reuse.h"
#include "updater/tree.h"
#include "updater/unpack.h"

#define FOLDER_BLOCK 4096u
/* A second pass fetches again what a cut spoilt; after that, what is missing stays missing. */
#define PASSES 2

struct stage {
	const struct env *env;
	const struct stage_request *request;
	struct stage_progress progress;
	char partial[PARTIAL_NAME_SIZE];
	char json[PARTIAL_NAME_SIZE];
	int partial_fd;
	struct tree tree;
	struct needs needs;
	int current_fd; /* of the current release; -1: there is none that can be used */
	struct release *current;
	struct sha256 current_id;
	bool repairs;	       /* the folder is there, but damaged */
	struct unpack *unpack; /* under way, or NULL */
	uint64_t wire_before;  /* came in earlier passes */
	uint64_t done_before;  /* bytes of files that were there before this pass */
};

static void stage_clear(struct stage *stage)
{
	tree_release(&stage->tree);
	needs_release(&stage->needs);
	auto_fd(&stage->partial_fd);
	auto_fd(&stage->current_fd);
	release_free(stage->current);
}
DEFINE_AUTO(stage, struct stage, stage_clear);

static int report(struct stage *stage, struct error *err)
{
	const struct stage_request *request = stage->request;

	stage->progress.unpacked_bytes =
		stage->done_before + (stage->unpack ? atomic_load(&stage->unpack->bytes) : 0);
	return request->progress ? request->progress(request->context, &stage->progress, err) : 0;
}

static int report_reuse(void *context, struct error *err)
{
	struct stage *stage = context;

	stage->done_before = needs_done_bytes(&stage->needs);
	return report(stage, err);
}

static int report_frame(void *context, uint64_t wire_bytes, struct error *err)
{
	struct stage *stage = context;

	stage->progress.wire_bytes = stage->wire_before + wire_bytes;
	return report(stage, err);
}

struct stray {
	const struct needs *needs;
};

static int refuse_stray(void *context, const char *path, mode_t mode, struct error *err)
{
	struct stray *stray = context;

	(void)mode;
	if (needs_find(stray->needs, path) >= 0)
		return 0;
	return error_set(err, ERROR_DAMAGED, "'%s' is there, but not part of the release", path);
}

static int verify_file(struct tree *tree, const struct release_file *file, struct digest *digest, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct sha256 found;

	if (tree_check_entry(tree, file, err) < 0)
		return -1;
	if (file->type != RELEASE_FILE)
		return 0;
	if ((fd = tree_open_file(tree, file->path, O_RDONLY, NULL, NULL, err)) < 0 ||
		tree_digest_file(fd, file->path, file->size, digest, err) < 0)
		return -1;
	digest_finish(digest, found.bytes);
	if (!sha256_equal(&found, &file->sha256))
		return error_set(err, ERROR_DAMAGED, "the content of '%s' is not what the release says", file->path);
	return 0;
}

int stage_verify(const struct env *env, int versions_dir_fd, const char *folder, const struct release *release,
	struct error *err)
{
	AUTO(needs) struct needs needs = {0};
	AUTO(digest) struct digest *digest = NULL;
	AUTO(fd) int folder_fd = -1;
	AUTO(tree) struct tree tree = {.parent_fd = -1};
	struct stray stray = {.needs = &needs};

	if ((folder_fd = fs_open(env->fs, versions_dir_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err)) < 0 ||
		!(digest = digest_new(DIGEST_SHA256, err)) || needs_init(&needs, release, err) < 0)
		return error_context(err, "%s", folder);
	tree_init(&tree, env->fs, folder_fd);
	for (size_t i = 0; i < release->files_count; i++)
		if (verify_file(&tree, &release->files[i], digest, err) < 0)
			return error_context(err, "%s", folder);
	return tree_walk(&tree, refuse_stray, &stray, err) < 0 ? error_context(err, "%s", folder) : 0;
}

static bool json_is_kept(const struct stage *stage)
{
	const struct stage_request *request = stage->request;
	AUTO(buf) struct buf kept = BUF_INIT(request->release_json_len + 1);
	struct error ignored;

	return fs_read_file(stage->env->fs, request->versions_dir_fd, stage->json, &kept, &ignored) == 0 &&
	       kept.len == request->release_json_len && memcmp(buf_text(&kept), request->release_json, kept.len) == 0;
}

/* Keeps the release's own bytes beside its folder, which is there. */
static int keep_json(const struct stage *stage, struct error *err)
{
	const struct stage_request *request = stage->request;

	if (json_is_kept(stage))
		return 0;
	return fs_write_file(stage->env->fs, request->versions_dir_fd, stage->json, request->release_json,
		request->release_json_len, 0644, err);
}

/* The same before the folder has its name: nobody reads it yet, and the sync of the tree makes it durable too. */
static int put_json(const struct stage *stage, struct error *err)
{
	const struct stage_request *request = stage->request;
	struct fs *fs = stage->env->fs;
	AUTO(fd) int fd = -1;

	if (json_is_kept(stage))
		return 0;
	if (fs_remove_tree(fs, request->versions_dir_fd, stage->json, err) < 0 ||
		(fd = fs_create(fs, request->versions_dir_fd, stage->json, 0644, err)) < 0 ||
		fs_set_mode(fs, fd, stage->json, 0644, err) < 0)
		return -1;
	return fs_write(fs, fd, stage->json, request->release_json, request->release_json_len, err);
}

/* Is the release there from before, and sound? Damaged, it is built anew beside itself. */
static int look_at_folder(struct stage *stage, bool *ret_complete, struct error *err)
{
	const struct stage_request *request = stage->request;
	struct error reason;

	*ret_complete = false;
	if (!fs_exists(stage->env->fs, request->versions_dir_fd, request->folder))
		return 0;
	if (stage_verify(stage->env, request->versions_dir_fd, request->folder, request->release, &reason) == 0) {
		*ret_complete = true;
		return 0;
	}
	stage->repairs = true;
	if (reason.code == ERROR_DAMAGED || reason.code == ERROR_NOT_FOUND || reason.sys == EIO ||
		reason.sys == ENOTDIR)
		return 0;
	if (err)
		*err = reason;
	return -1;
}

static uint64_t less(uint64_t all, uint64_t part)
{
	return all > part ? all - part : 0;
}

static int open_partial(struct stage *stage, struct error *err)
{
	const struct stage_request *request = stage->request;
	struct fs *fs = stage->env->fs;
	uint64_t wire;

	if (partial_drop_others(fs, request->versions_dir_fd, stage->partial, err) < 0 ||
		fs_make_dirs(fs, request->versions_dir_fd, stage->partial, 0700, err) < 0 ||
		(stage->partial_fd = fs_open(
			 fs, request->versions_dir_fd, stage->partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err)) < 0)
		return -1;
	tree_init(&stage->tree, fs, stage->partial_fd);
	if (needs_init(&stage->needs, request->release, err) < 0)
		return -1;
	wire = needs_choose_frames(&stage->needs);
	if (partial_take_up(&stage->tree, &stage->needs, err) < 0)
		return -1;
	stage->progress.saved_by_resume = less(wire, needs_choose_frames(&stage->needs));
	return 0;
}

/* Before the first byte: everything that is missing, the folders, and the beginning of a frame after a cut. */
static int check_space(struct stage *stage, struct error *err)
{
	const struct release *release = stage->request->release;
	uint64_t needed = needs_missing_bytes(&stage->needs), frame_most = 0;

	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].type == RELEASE_FOLDER)
			needed += FOLDER_BLOCK;
	for (size_t k = 0; k < release->frames_count; k++)
		if (release->frames[k].length > frame_most)
			frame_most = release->frames[k].length;
	return unpack_check_space(stage->env->fs, stage->request->versions_dir_fd, needed + frame_most,
		stage->request->reserve_bytes, err);
}

/* Folders, and files without content: they are in no frame. */
static int make_empty_entries(struct stage *stage, struct error *err)
{
	const struct release *release = stage->request->release;
	struct sha256 nothing;

	sha256_of("", 0, &nothing);
	for (size_t i = 0; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];
		AUTO(fd) int fd = -1;

		if (file->type == RELEASE_FOLDER && tree_make_folder(&stage->tree, file, err) < 0)
			return -1;
		if (file->type != RELEASE_FILE || file->size || stage->needs.files[i].done)
			continue;
		if (!sha256_equal(&file->sha256, &nothing))
			return error_set(err, ERROR_REFUSED, "'%s' is empty, but its digest is not that of nothing",
				file->path);
		if ((fd = tree_create_file(&stage->tree, file, err)) < 0 ||
			fs_set_mode(stage->env->fs, fd, file->path, file->mode, err) < 0)
			return -1;
		stage->needs.files[i].done = true;
	}
	return 0;
}

static int reuse_from(struct stage *stage, int folder_fd, const struct release *release, struct error *err)
{
	AUTO(tree) struct tree from = {.parent_fd = -1};
	struct reuse reuse = {.to = &stage->tree,
		.needs = &stage->needs,
		.from = &from,
		.from_release = release,
		.went_on = report_reuse,
		.context = stage};

	tree_init(&from, stage->env->fs, folder_fd);
	return reuse_unchanged(&reuse, err);
}

static int reuse_damaged(struct stage *stage, struct error *err)
{
	AUTO(fd) int folder_fd = -1;
	struct error ignored;

	if ((folder_fd = fs_open(stage->env->fs, stage->request->versions_dir_fd, stage->request->folder,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &ignored)) < 0)
		return 0;
	return reuse_from(stage, folder_fd, stage->request->release, err);
}

/* A current release whose description is missing or damaged only costs bytes. */
static void open_current(struct stage *stage)
{
	const struct stage_request *request = stage->request;
	struct fs *fs = stage->env->fs;
	AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);
	char name[PARTIAL_NAME_SIZE];
	struct error ignored;

	if (!request->current_folder)
		return;
	(void)snprintf(name, sizeof(name), "%s.json", request->current_folder);
	if (fs_read_file(fs, request->versions_dir_fd, name, &json, &ignored) < 0 ||
		release_parse(buf_text(&json), json.len, &stage->current, &ignored) < 0)
		return;
	sha256_of(buf_text(&json), json.len, &stage->current_id);
	stage->current_fd = fs_open(
		fs, request->versions_dir_fd, request->current_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &ignored);
}

static int report_delta(void *context, uint64_t wire_bytes, struct error *err)
{
	struct stage *stage = context;

	stage->progress.wire_bytes = wire_bytes;
	return report(stage, err);
}

static int apply_delta(struct stage *stage, struct delta_fetch *fetch, struct error *err)
{
	const struct stage_request *request = stage->request;
	AUTO(fd) int delta_fd = -1;
	AUTO(tree) struct tree from = {.parent_fd = -1};
	struct delta delta = {.len = request->delta_length,
		.to = &stage->tree,
		.needs = &stage->needs,
		.from = &from,
		.from_release = stage->current,
		.from_id = stage->current_id,
		.went_on = report_reuse,
		.context = stage};

	if (delta_fetch(fetch, &delta_fd, err) < 0)
		return -1;
	delta.fd = delta_fd;
	sha256_of(request->release_json, request->release_json_len, &delta.to_id);
	tree_init(&from, stage->env->fs, stage->current_fd);
	return delta_apply(&delta, err);
}

/* True for what has to do with the delta itself: the frames do without it. */
static bool is_the_deltas_fault(enum error_code code)
{
	return code == ERROR_REFUSED || code == ERROR_NOT_FOUND || code == ERROR_SERVER || code == ERROR_DAMAGED;
}

static int take_from_delta(struct stage *stage, struct error *err)
{
	const struct stage_request *request = stage->request;
	struct delta_fetch fetch = {.env = stage->env,
		.url = request->delta_url,
		.length = request->delta_length,
		.sha256 = request->delta_sha256,
		.cache_dir_fd = request->cache_dir_fd,
		.folder = request->folder,
		.arrived = report_delta,
		.context = stage};
	uint64_t wire = needs_choose_frames(&stage->needs);
	struct error reason = {0};
	int result;

	if (!request->delta_url || stage->current_fd < 0 || wire <= request->delta_length)
		return 0;
	stage->progress.wire_total = request->delta_length;
	stage->progress.saved_bytes = request->release->payload_length - request->delta_length;
	result = apply_delta(stage, &fetch, &reason);
	stage->wire_before = stage->progress.wire_bytes = fetch.wire_bytes;
	if (result == 0)
		stage->progress.saved_by_delta =
			less(wire, request->delta_length + needs_choose_frames(&stage->needs));
	if (result == 0 || is_the_deltas_fault(reason.code)) {
		delta_fetch_drop(&fetch);
		return 0;
	}
	if (err)
		*err = reason;
	return -1;
}

static int take_what_is_here(struct stage *stage, struct error *err)
{
	open_current(stage);
	if (stage->repairs && reuse_damaged(stage, err) < 0)
		return -1;
	if (stage->current_fd >= 0 && reuse_from(stage, stage->current_fd, stage->current, err) < 0)
		return -1;
	return take_from_delta(stage, err);
}

/* Lets the frames that are needed run through the pipeline. */
static int run_pipeline(struct stage *stage, struct unpack *unpack, struct error *err)
{
	const struct stage_request *request = stage->request;
	AUTO(pipeline) struct pipeline *pipeline = NULL;
	struct frames frames = {.env = stage->env,
		.needs = &stage->needs,
		.url = request->payload_url,
		.cache_dir_fd = request->cache_dir_fd,
		.folder = request->folder,
		.arrived = report_frame,
		.context = stage};
	struct error fetch_error;
	int fetched;

	if (pipeline_begin(unpack, &pipeline, err) < 0)
		return -1;
	frames.pipeline = pipeline;
	fetched = frames_fetch(&frames, &fetch_error);
	stage->wire_before += frames.wire_bytes;
	stage->progress.wire_bytes = stage->wire_before;
	if (pipeline_end(pipeline, err) < 0)
		return -1;
	if (fetched == 0) {
		partial_drop_rest(stage->env->fs, request->cache_dir_fd, request->folder);
		return 0;
	}
	/* A frame is checked before it is unpacked: what came is wrong, which says nothing about the release. */
	if (fetch_error.code == ERROR_REFUSED)
		fetch_error.code = ERROR_ALTERED;
	else
		frames_keep_rest(&frames);
	if (err)
		*err = fetch_error;
	return -1;
}

static int fetch_missing(struct stage *stage, bool *ret_again, struct error *err)
{
	AUTO(unpack) struct unpack unpack = {.file_fd = -1};
	uint64_t wire = needs_choose_frames(&stage->needs);
	int result;

	*ret_again = false;
	stage->done_before = needs_done_bytes(&stage->needs);
	stage->progress.wire_total = stage->wire_before + wire;
	stage->progress.saved_bytes = less(stage->request->release->payload_length, stage->progress.wire_total);
	if (wire == 0)
		return 0;
	if (unpack_init(&unpack, &stage->tree, &stage->needs, stage->request->reserve_bytes, err) < 0)
		return -1;
	stage->unpack = &unpack;
	result = run_pipeline(stage, &unpack, err);
	stage->unpack = NULL;
	*ret_again = unpack.stale;
	return result;
}

static int fetch_all(struct stage *stage, struct error *err)
{
	bool again = true;

	for (int pass = 0; again && pass < PASSES; pass++)
		if (fetch_missing(stage, &again, err) < 0)
			return -1;
	for (size_t i = 0; i < stage->request->release->files_count; i++)
		if (stage->request->release->files[i].type == RELEASE_FILE && !stage->needs.files[i].done)
			return error_set(err, ERROR_FAILED, "'%s' could not be completed",
				stage->request->release->files[i].path);
	stage->done_before = needs_done_bytes(&stage->needs);
	return report(stage, err);
}

/* Links when nothing is written through them any more; folders' modes from the innermost out. */
static int finish_tree(struct stage *stage, struct error *err)
{
	const struct release *release = stage->request->release;

	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].type == RELEASE_LINK &&
			tree_make_link(&stage->tree, &release->files[i], err) < 0)
			return -1;
	for (size_t i = release->files_count; i-- > 0;)
		if (release->files[i].type == RELEASE_FOLDER &&
			tree_set_folder_mode(&stage->tree, &release->files[i], err) < 0)
			return -1;
	return fs_set_mode(stage->env->fs, stage->partial_fd, stage->partial, 0755, err);
}

/* Everything on disk in one flush, its description too, then its name: who sees the name sees all of it. */
static int seal(struct stage *stage, struct error *err)
{
	const struct stage_request *request = stage->request;
	struct fs *fs = stage->env->fs;

	if (finish_tree(stage, err) < 0 || (stage->repairs ? keep_json(stage, err) : put_json(stage, err)) < 0 ||
		fs_sync_tree(fs, request->versions_dir_fd, stage->partial, err) < 0)
		return -1;
	if (!stage->repairs)
		return fs_rename(fs, request->versions_dir_fd, stage->partial, request->folder, err);
	if (fs_exchange(fs, request->versions_dir_fd, stage->partial, request->folder, err) < 0)
		return -1;
	return fs_remove_tree(fs, request->versions_dir_fd, stage->partial, err);
}

static int keep_complete(struct stage *stage, struct error *err)
{
	const struct release *release = stage->request->release;

	stage->progress.saved_bytes = release->payload_length;
	stage->progress.unpacked_bytes = release->installed_bytes;
	if (keep_json(stage, err) < 0)
		return -1;
	return fs_remove_tree(stage->env->fs, stage->request->versions_dir_fd, stage->partial, err);
}

static int build(struct stage *stage, struct error *err)
{
	bool complete;

	if (look_at_folder(stage, &complete, err) < 0)
		return -1;
	if (complete)
		return keep_complete(stage, err);
	if (open_partial(stage, err) < 0 || check_space(stage, err) < 0 || make_empty_entries(stage, err) < 0 ||
		take_what_is_here(stage, err) < 0 || fetch_all(stage, err) < 0)
		return -1;
	return seal(stage, err);
}

/* The release is there, or will never be: what waited in the cache for it has no use any more. */
static void clear_cache(const struct stage *stage)
{
	const struct stage_request *request = stage->request;
	struct delta_fetch fetch = {
		.env = stage->env, .cache_dir_fd = request->cache_dir_fd, .folder = request->folder};

	partial_drop_rest(stage->env->fs, request->cache_dir_fd, request->folder);
	delta_fetch_drop(&fetch);
}

/* What is not what it should be is not kept for a next time. */
static void throw_away(struct stage *stage)
{
	struct error ignored;

	(void)!fs_remove_tree(stage->env->fs, stage->request->versions_dir_fd, stage->partial, &ignored);
	clear_cache(stage);
}

int stage_release(const struct env *env, const struct stage_request *request, struct stage_progress *ret_progress,
	struct error *err)
{
	AUTO(stage)
	struct stage stage = {
		.env = env, .request = request, .partial_fd = -1, .current_fd = -1, .tree = {.parent_fd = -1}};
	struct error reason = {0};
	int result;

	stage.progress.unpacked_total = request->release->installed_bytes;
	(void)snprintf(stage.partial, sizeof(stage.partial), ".%s" PARTIAL_SUFFIX, request->folder);
	(void)snprintf(stage.json, sizeof(stage.json), "%s.json", request->folder);
	result = build(&stage, &reason);
	if (ret_progress)
		*ret_progress = stage.progress;
	if (result == 0) {
		clear_cache(&stage);
		return 0;
	}
	if (reason.code == ERROR_REFUSED)
		throw_away(&stage);
	(void)error_context(&reason, "%s %s", request->release->package, request->release->version);
	if (err)
		*err = reason;
	return -1;
}
