#include "updater/stage/stage_fetch.h"

#include <stdbool.h>

#include "updater/stage/entries.h"
#include "updater/stage/frames.h"
#include "updater/stage/pipeline.h"

/* A second pass fetches again what a cut spoilt; after that, what is missing stays missing. */
#define PASSES 2

static int report_frame(void *context, uint64_t wire_bytes, struct error *err)
{
	struct stage_work *work = context;

	work->progress.wire_bytes = work->wire_before + wire_bytes;
	return stage_work_tell(work, err);
}

/* Lets the frames that are needed run through the pipeline. */
static int run_pipeline(struct stage_work *work, struct unpack *unpack, struct error *err)
{
	const struct stage_request *request = work->request;
	AUTO(pipeline) struct pipeline *pipeline = NULL;
	struct frames frames = {.env = work->env,
		.needs = &work->needs,
		.url = request->payload_url,
		.cache_dir_fd = request->cache_dir_fd,
		.folder = request->folder,
		.arrived = report_frame,
		.context = work};
	struct error fetch_error;
	int fetched;

	if (pipeline_begin(unpack, &pipeline, err) < 0)
		return -1;
	frames.pipeline = pipeline;
	fetched = frames_fetch(&frames, &fetch_error);
	work->wire_before += frames.wire_bytes;
	work->progress.wire_bytes = work->wire_before;
	if (pipeline_end(pipeline, err) < 0)
		return -1;
	if (fetched == 0) {
		partial_drop_rest(work->env->fs, request->cache_dir_fd, request->folder);
		return 0;
	}
	/* A frame is checked before it is unpacked: what came is wrong, which says nothing about the release. */
	if (fetch_error.code == ERROR_REFUSED)
		fetch_error.code = ERROR_ALTERED;
	else if (fetch_error.code != ERROR_STRANGER)
		frames_keep_rest(&frames);
	if (err)
		*err = fetch_error;
	return -1;
}

static int fetch_missing(struct stage_work *work, bool *ret_again, struct error *err)
{
	AUTO(unpack) struct unpack unpack = {.file_fd = -1};
	uint64_t wire = needs_choose_frames(&work->needs);
	int result;

	*ret_again = false;
	work->done_before = needs_done_bytes(&work->needs);
	work->progress.wire_total = work->wire_before + wire;
	work->progress.saved_bytes =
		stage_work_saved(work->request->release->payload_length, work->progress.wire_total);
	if (wire == 0)
		return entries_make(&work->tree, &work->needs, err);
	if (unpack_init(&unpack, &work->tree, &work->needs, work->request->reserve_bytes, err) < 0)
		return -1;
	unpack.reserve_files = work->request->reserve_files;
	work->unpack = &unpack;
	result = run_pipeline(work, &unpack, err);
	work->unpack = NULL;
	*ret_again = unpack.stale;
	return result;
}

int stage_fetch_missing(struct stage_work *work, struct error *err)
{
	bool again = true;

	for (int pass = 0; again && pass < PASSES; pass++)
		if (fetch_missing(work, &again, err) < 0)
			return -1;
	for (size_t i = 0; i < work->request->release->files_count; i++)
		if (work->request->release->files[i].type == RELEASE_FILE && !work->needs.files[i].done)
			return error_set(err, ERROR_FAILED, "'%s' could not be completed",
				work->request->release->files[i].path);
	work->done_before = needs_done_bytes(&work->needs);
	return stage_work_tell(work, err);
}
