#include "agent/night/night_package.h"

#include <fcntl.h>

#include "agent/night/night_neighbours.h"
#include "agent/night/night_plan.h"
#include "agent/sound/sound_check.h"
#include "agent/sound/sound_repair.h"
#include "agent/server/delta_count.h"
#include "agent/store/delivery.h"
#include "rollback/plan_programs.h"
#include "rollback/versions.h"
#include "updater/fetch/http_hop.h"

/* ---- How far it is ---- */

static void report_fetching(struct night *night)
{
	const struct clock *clock = night->terminal->env->clock;
	uint64_t came = night->distribution.connection.traffic->bytes;
	struct job_progress progress = {
		.bytes = night->stage.wire_bytes + came - night->stage_bytes,
		.total = night->stage.wire_total,
		.saved = night->stage.saved_bytes,
		.saved_by_delta = night->stage.saved_by_delta,
		.saved_by_resume = night->stage.saved_by_resume,
	};

	if (progress.bytes > progress.total)
		progress.bytes = progress.total;
	pace_note(&night->pace, clock->monotonic_ms(clock), came);
	progress.rate = pace_rate(&night->pace);
	progress.left_s = pace_left_s(&night->pace, progress.total - progress.bytes);
	job_lines_progress(night->lines, "fetching", &progress);
}

/* Which package the bytes are for is known once the first is at work. */
void night_note_arrival(void *context)
{
	struct night *night = context;

	if (night->stage.wire_total)
		report_fetching(night);
}

/* ---- Fetching and staging ---- */

static int take_progress(void *context, const struct stage_progress *progress, struct error *err)
{
	struct night *night = context;

	night->stage = *progress;
	night->stage_bytes = night->distribution.connection.traffic->bytes;
	report_fetching(night);
	return night_window_is_over(night, err);
}

static void note_how_it_looks(const struct night *night, const struct stage_request *request)
{
	struct error ignored = {0};
	AUTO(fd) int folder_fd = fs_open(night->terminal->env->fs, request->versions_dir_fd, request->folder,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &ignored);

	if (folder_fd >= 0)
		sound_note_staged(night->terminal, request->release->package, request->folder, folder_fd,
			request->release, request->release_json, request->release_json_len);
}

static int stage_wanted(
	struct night *night, const struct wanted *wanted, struct stage_progress *ret_progress, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	AUTO(night_neighbours) struct night_neighbours neighbours = {0};
	AUTO(free) char *delta_url = NULL;
	struct stage_request request = {
		.release = wanted->offer.release,
		.release_json = buf_text(&wanted->offer.json),
		.release_json_len = wanted->offer.json.len,
		.folder = wanted->offer.folder,
		.cache_dir_fd = night->terminal->cache_dir_fd,
		.current_folder = *wanted->current ? wanted->current : NULL,
		.mends = wanted->repairs,
		.payload_url = wanted->offer.payload_url,
		.reserve_bytes = night->terminal->config->reserve_space,
		.reserve_files = (uint64_t)night->terminal->config->reserve_files,
		.progress = take_progress,
		.context = night,
	};

	if (night_window_is_over(night, err) < 0 ||
		versions_open(night->terminal->env->fs, night->terminal->packages_dir_fd, wanted->package, &versions,
			err) < 0)
		return -1;
	request.versions_dir_fd = versions_dir_fd(versions);
	if (night_neighbours_open(night, wanted, &neighbours, err) < 0)
		return -1;
	request.neighbours = neighbours.items;
	request.neighbours_count = neighbours.count;
	if (*wanted->current && !wanted->repairs &&
		distribution_delta(&night->distribution, wanted->offer.release, wanted->current_version, &delta_url,
			&request.delta_length, &request.delta_sha256, err) < 0)
		return -1;
	request.delta_url = delta_url;
	if (stage_release(&night->distribution.env, &request, ret_progress, err) < 0)
		return -1;
	note_how_it_looks(night, &request);
	return 0;
}

/* From whoever has what was signed: bytes that were altered on their way, or are somebody else's, are asked for elsewhere. */
static int stage_from_anywhere(
	struct night *night, const struct wanted *wanted, struct stage_progress *ret_progress, struct error *err)
{
	uint64_t wire_bytes = 0;
	int result;

	while ((result = stage_wanted(night, wanted, ret_progress, err)) < 0 &&
		(err->code == ERROR_ALTERED || err->code == ERROR_STRANGER) &&
		distribution_pass_over(&night->distribution, err))
		wire_bytes += ret_progress->wire_bytes;
	ret_progress->wire_bytes += wire_bytes;
	return result;
}

/* What an attempt that failed means for the next one. */
static int note_failure(struct night *night, const struct wanted *wanted, struct delivery *delivery,
	int64_t wire_bytes, const struct error *why, struct error *err)
{
	struct store *store = night->terminal->store;

	if (why->code == ERROR_REFUSED || why->code == ERROR_ALTERED)
		return delivery_reject(store, delivery, why, err);
	if (wanted_is_not_given(why) &&
		distribution_postpone(&night->distribution, wanted->package, wanted->digest, why, err) < 0)
		return -1;
	return delivery_interrupted(store, delivery, wire_bytes, why, err);
}

int night_deliver(struct night *night, struct wanted *wanted, struct error *err)
{
	struct store *store = night->terminal->store;
	struct stage_progress progress = {0};
	struct plan_entry ignored;
	struct delivery delivery;
	struct error why = {0};
	int result;

	night->stage = (struct stage_progress){0};
	night->lines->number++;
	night->lines->package = wanted->package;
	night->lines->version = wanted->version;
	if (delivery_plan_in(store, wanted->package, wanted->version, wanted->offer.digest, wanted->offer.folder,
		    wanted->campaign, &delivery, err) < 0 ||
		delivery_begin(store, &delivery, (int64_t)wanted->offer.release->payload_length, err) < 0)
		return -1;
	if (wanted->repairs && sound_repair_note(night->terminal, wanted->package, err) < 0)
		return -1;
	/* What the guard cannot take is not worth a byte. */
	result = plan_programs_write(wanted->offer.release, &ignored, &why);
	if (result == 0)
		result = stage_from_anywhere(night, wanted, &progress, &why);
	if (!progress.wire_bytes && distribution_blame(&night->distribution, wanted->package, wanted->digest, &why, err) < 0)
		return -1;
	http_blame_file(&why);
	if (progress.did_not_come_out && delta_count_add_missed(store, err) < 0)
		return -1;
	if (result == 0) {
		wanted->complete = true;
		wanted->progress = progress;
		return 0;
	}
	if (note_failure(night, wanted, &delivery, (int64_t)progress.wire_bytes, &why, err) < 0)
		return -1;
	*err = why;
	return -1;
}
