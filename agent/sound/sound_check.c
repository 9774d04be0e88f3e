#include "agent/sound/sound_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sound/sound_files.h"
#include "agent/store/history.h"
#include "updater/inspect/glance.h"
#include "updater/inspect/inspect.h"

#define DAY_S INT64_C(86400)
#define WEEK_S (7 * DAY_S)
#define NIGHT_S (14 * 3600) /* longer than a window, shorter than from one to the next */
#define AGAIN_S 3600	    /* a check by hand that finds what the last one found is told again after that */

/* One check. */
struct checking {
	struct terminal *terminal;
	const char *package;
	enum sound_depth depth;
	const struct sound_watch *watch;
	struct sound_result *result;
	struct sound_files files;
	struct soundness before;
	struct inspect inspect;
	int64_t counts[INSPECT_KINDS]; /* found in this check */
	char example[STORE_TEXT_SIZE];
	uint64_t *prints; /* the record */
	uint64_t total;	  /* bytes to be read */
};

static void checking_clear(struct checking *checking)
{
	inspect_clear(&checking->inspect);
	sound_files_close(&checking->files);
	free(checking->prints);
}
DEFINE_AUTO(checking, struct checking, checking_clear);

/* ---- What is found ---- */

/* The name of what somebody has put there may name a person: it is told to who looks, and recorded nowhere. */
static int take_finding(void *context, enum inspect_kind kind, const char *path, struct error *err)
{
	struct checking *checking = context;

	checking->counts[kind]++;
	if (kind != INSPECT_ADDED && !*checking->example)
		record_text(path, checking->example, sizeof(checking->example));
	return checking->watch->found ? checking->watch->found(checking->watch->context, kind, path, err) : 0;
}

static int take_progress(void *context, uint64_t bytes, struct error *err)
{
	const struct checking *checking = context;
	const struct sound_watch *watch = checking->watch;

	return watch->went_on ? watch->went_on(watch->context, bytes, checking->total, err) : 0;
}

/* ---- The record of the last look ---- */

static int read_record(struct checking *checking, struct error *err)
{
	size_t count = checking->files.release->files_count;
	char name[SOUND_RECORD_NAME_SIZE];
	AUTO(fd) int dir_fd = -1;

	if (!(checking->prints = calloc(count + 1, sizeof(*checking->prints))))
		return error_set(err, ERROR_FAILED, "no memory to look at %zu files", count);
	if (sound_files_open_records(checking->terminal, &dir_fd, err) < 0)
		return -1;
	sound_files_record_name(checking->package, checking->files.folder, name);
	glance_read(checking->terminal->env->fs, dir_fd, name, &checking->files.id, checking->prints, count);
	return 0;
}

/* From now on what was found sound counts as it looks now. */
static int write_record(struct checking *checking, struct error *err)
{
	size_t count = checking->files.release->files_count;
	char name[SOUND_RECORD_NAME_SIZE];
	bool changed = false;
	AUTO(fd) int dir_fd = -1;

	for (size_t i = 0; i < count; i++)
		if (checking->inspect.sound[i] && checking->prints[i] != checking->inspect.prints[i]) {
			checking->prints[i] = checking->inspect.prints[i];
			changed = true;
		}
	if (!changed)
		return 0;
	if (sound_files_open_records(checking->terminal, &dir_fd, err) < 0)
		return -1;
	sound_files_record_name(checking->package, checking->files.folder, name);
	return glance_write(checking->terminal->env->fs, dir_fd, name, &checking->files.id, checking->prints, count, err);
}

/* ---- Which contents are read ---- */

static uint64_t bytes_from(const struct release *release, size_t from)
{
	uint64_t bytes = 0;

	for (size_t i = from; i < release->files_count; i++)
		bytes += release->files[i].size;
	return bytes;
}

/* What looks otherwise than when it was last found sound. */
static int read_suspects(struct checking *checking, struct error *err)
{
	const struct release *release = checking->files.release;
	AUTO(free) bool *suspects = calloc(release->files_count + 1, sizeof(*suspects));
	size_t ignored;

	if (!suspects)
		return error_set(err, ERROR_FAILED, "no memory to look at %zu files", release->files_count);
	for (size_t i = 0; i < release->files_count; i++) {
		suspects[i] = checking->prints[i] != GLANCE_UNKNOWN && checking->prints[i] != checking->inspect.prints[i];
		checking->total += suspects[i] ? release->files[i].size : 0;
	}
	return inspect_read(&checking->inspect, suspects, 0, UINT64_MAX, &ignored, err);
}

static bool is_reading(const struct soundness *soundness)
{
	return soundness->cycle_s && soundness->read_s < soundness->cycle_s;
}

/* Tonight's share: what is left of the week's reading, spread over what is left of the week. None where the week has been read, or
 * this night had its share. */
static uint64_t share_of_tonight(struct checking *checking, int64_t now_s)
{
	struct soundness *soundness = &checking->result->soundness;
	int64_t nights;
	uint64_t left;

	if (now_s >= soundness->share_s && now_s - soundness->share_s < NIGHT_S)
		return 0;
	if (!is_reading(soundness) && now_s >= soundness->cycle_s && now_s - soundness->cycle_s < WEEK_S)
		return 0;
	if (!is_reading(soundness) || now_s < soundness->cycle_s) {
		soundness->cycle_s = now_s;
		soundness->next = 0;
	}
	nights = (soundness->cycle_s + WEEK_S - now_s + DAY_S - 1) / DAY_S;
	left = bytes_from(checking->files.release, (size_t)soundness->next);
	return nights > 1 ? left / (uint64_t)nights + 1 : left + 1;
}

static int read_share(struct checking *checking, int64_t now_s, struct error *err)
{
	struct soundness *soundness = &checking->result->soundness;
	size_t count = checking->files.release->files_count, next = 0;
	uint64_t share = share_of_tonight(checking, now_s);

	if (!share)
		return 0;
	checking->total += share;
	if (inspect_read(&checking->inspect, NULL, (size_t)soundness->next, share, &next, err) < 0)
		return -1;
	soundness->share_s = now_s;
	soundness->next = next < count ? (int64_t)next : 0;
	if (next == count)
		soundness->read_s = now_s;
	return 0;
}

static int read_all(struct checking *checking, int64_t now_s, struct error *err)
{
	struct soundness *soundness = &checking->result->soundness;
	size_t next;

	checking->total = checking->files.release->installed_bytes;
	if (inspect_read(&checking->inspect, NULL, 0, UINT64_MAX, &next, err) < 0)
		return -1;
	soundness->read_s = soundness->cycle_s = soundness->share_s = now_s;
	soundness->next = 0;
	return 0;
}

static int inspect_files(struct checking *checking, int64_t now_s, struct error *err)
{
	struct inspect_options options = {
		.fs = checking->terminal->env->fs,
		.folder_fd = checking->files.folder_fd,
		.release = checking->files.release,
		.is_quiet = checking->depth != SOUND_WHOLE,
		.found = take_finding,
		.went_on = take_progress,
		.context = checking,
	};

	if (inspect_init(&checking->inspect, &options, err) < 0 || read_record(checking, err) < 0 ||
		inspect_shape(&checking->inspect, err) < 0)
		return -1;
	if (checking->depth == SOUND_WHOLE ? read_all(checking, now_s, err) < 0
					   : (read_suspects(checking, err) < 0 ||
						     (checking->depth == SOUND_SHARE && read_share(checking, now_s, err) < 0)))
		return -1;
	return write_record(checking, err);
}

/* ---- What comes of it ---- */

/* A look does not take back what a reading found. */
static void judge(struct checking *checking, int64_t now_s)
{
	struct soundness *soundness = &checking->result->soundness;
	bool is_damaged = *checking->files.fault != '\0';

	for (size_t i = 0; i < INSPECT_KINDS; i++) {
		if (checking->depth == SOUND_WHOLE || checking->counts[i] > soundness->counts[i])
			soundness->counts[i] = checking->counts[i];
		is_damaged |= soundness->counts[i] > 0;
	}
	if (checking->depth == SOUND_WHOLE || *checking->example)
		memcpy(soundness->example, checking->example, sizeof(soundness->example));
	memcpy(soundness->list_fault, checking->files.fault, sizeof(soundness->list_fault));
	soundness->looked_s = now_s;
	if (!is_damaged) {
		soundness->damaged_s = 0;
		*soundness->obstacle = '\0';
	} else if (!soundness->damaged_s) {
		soundness->damaged_s = now_s;
	}
}

/* Worth a row: what was not so before, the end of a week's reading, and what was asked for by hand, though not every minute. */
static bool is_news(const struct checking *checking)
{
	const struct soundness *before = &checking->before, *now = &checking->result->soundness;

	if (soundness_is_damaged(before) != soundness_is_damaged(now) ||
		memcmp(before->counts, now->counts, sizeof(now->counts)) != 0 ||
		strcmp(before->list_fault, now->list_fault) != 0)
		return true;
	if (checking->depth == SOUND_WHOLE)
		return now->looked_s < before->read_s || now->looked_s - before->read_s >= AGAIN_S;
	return now->read_s != before->read_s;
}

static int record(const struct checking *checking, struct error *err)
{
	const struct sound_result *result = checking->result;
	const struct soundness *soundness = &result->soundness;
	bool is_damaged = soundness_is_damaged(soundness);
	char counts[SOUNDNESS_TEXT_SIZE], detail[STORE_TEXT_SIZE];
	struct history_entry entry = {
		.operation = "verify",
		.package = checking->package,
		.version = result->version,
		.outcome = is_damaged ? "failed" : "done",
		.error = is_damaged ? ERROR_DAMAGED : ERROR_NONE,
		.detail = detail,
	};

	soundness_text(soundness, counts);
	if (*soundness->list_fault)
		(void)snprintf(detail, sizeof(detail), "the list of its files: %.200s", soundness->list_fault);
	else if (is_damaged)
		(void)snprintf(detail, sizeof(detail), "%s%s%.120s", counts, *soundness->example ? "; " : "",
			soundness->example);
	else
		(void)snprintf(detail, sizeof(detail), "%" PRIu64 " files", result->files);
	return history_add(checking->terminal->store, &entry, err);
}

static int note(struct checking *checking, struct error *err)
{
	struct store *store = checking->terminal->store;

	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store,
		soundness_put(store, checking->package, &checking->result->soundness, err) < 0 ? -1
		: is_news(checking)							       ? record(checking, err)
											       : 0,
		err);
}

static int check(struct checking *checking, struct error *err)
{
	struct terminal *terminal = checking->terminal;
	struct sound_result *result = checking->result;
	int64_t now_s = terminal_now_s(terminal);

	if (sound_files_open(terminal, checking->package, &checking->files, err) < 0)
		return -1;
	if (!*checking->files.folder)
		return 0;
	package_folder_version(checking->files.folder, result->version);
	if (soundness_find(terminal->store, checking->package, checking->files.folder, &result->soundness, err) < 0)
		return -1;
	checking->before = result->soundness;
	if (checking->files.release) {
		if ((size_t)result->soundness.next > checking->files.release->files_count)
			result->soundness.next = 0;
		result->files = checking->files.release->files_count;
		result->bytes = checking->files.release->installed_bytes;
		if (inspect_files(checking, now_s, err) < 0)
			return -1;
	}
	result->files_read = checking->inspect.files_read;
	result->bytes_read = checking->inspect.bytes_read;
	judge(checking, now_s);
	return note(checking, err);
}

int sound_check(struct terminal *terminal, const char *package, enum sound_depth depth, const struct sound_watch *watch,
	struct sound_result *ret_result, struct error *err)
{
	AUTO(checking)
	struct checking checking = {.terminal = terminal,
		.package = package,
		.depth = depth,
		.watch = watch,
		.result = ret_result,
		.files = SOUND_FILES_INIT};

	*ret_result = (struct sound_result){0};
	return check(&checking, err) < 0 ? error_context(err, "the files of %s", package) : 0;
}

/* ---- After staging ---- */

static int ignore_finding(void *context, enum inspect_kind kind, const char *path, struct error *err)
{
	(void)context;
	(void)kind;
	(void)path;
	(void)err;
	return 0;
}

static int record_looks(struct terminal *terminal, const char *package, const char *folder,
	const struct inspect_options *options, const struct sha256 *id, struct error *err)
{
	AUTO(inspect) struct inspect inspect = {0};
	char name[SOUND_RECORD_NAME_SIZE];
	AUTO(fd) int dir_fd = -1;

	sound_files_record_name(package, folder, name);
	if (inspect_init(&inspect, options, err) < 0 || inspect_shape(&inspect, err) < 0 ||
		sound_files_open_records(terminal, &dir_fd, err) < 0)
		return -1;
	return glance_write(
		terminal->env->fs, dir_fd, name, id, inspect.prints, options->release->files_count, err);
}

void sound_note_staged(struct terminal *terminal, const char *package, const char *folder, int folder_fd,
	const struct release *release, const void *list, size_t list_len)
{
	struct inspect_options options = {
		.fs = terminal->env->fs, .folder_fd = folder_fd, .release = release, .found = ignore_finding};
	struct error err = {0};
	struct sha256 id;

	sha256_of(list, list_len, &id);
	if (record_looks(terminal, package, folder, &options, &id, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "how %s looks was not recorded: %s, ignored", package,
			err.text);
}
