#include "tools/repo/commands/release/delta_advice.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/base/package.h"
#include "tools/repo/commands/release/delta_counts.h"
#include "tools/repo/release/release_files.h"
#include "updater/tree/needs.h"

/* Deltas are worth making until so much of all bytes is saved from; one for less than a hundredth never is. */
#define SHARE_ENOUGH 0.95
#define SHARE_LEAST 0.01

static int by_content(const void *a, const void *b)
{
	return memcmp((*(const struct release_file *const *)a)->sha256.bytes,
		(*(const struct release_file *const *)b)->sha256.bytes, SHA256_SIZE);
}

/* Bytes of the frames that a terminal needs for the new release, where it runs the old one. */
static int bytes_between(const struct release *old, const struct release *new, uint64_t *ret_bytes, struct error *err)
{
	AUTO(needs) struct needs needs = {0};
	AUTO(free) const struct release_file **files = calloc(old->files_count + 1, sizeof(*files));
	size_t count = 0;

	if (!files)
		return error_set(err, ERROR_FAILED, "no memory for %zu files", old->files_count);
	if (needs_init(&needs, new, err) < 0)
		return -1;
	for (size_t i = 0; i < old->files_count; i++)
		if (old->files[i].type == RELEASE_FILE)
			files[count++] = &old->files[i];
	qsort(files, count, sizeof(*files), by_content);
	for (size_t i = 0; i < new->files_count; i++) {
		const struct release_file *file = &new->files[i];

		needs.files[i].done = file->type == RELEASE_FILE &&
				      bsearch(&file, files, count, sizeof(*files), by_content) != NULL;
	}
	*ret_bytes = needs_choose_frames(&needs);
	return 0;
}

/* The former release with that version, beside the new one; one that is not there cannot have a delta made. */
static int look_at(struct delta_count *counted, const struct release_files *new, struct error *err)
{
	AUTO(release_files) struct release_files old = RELEASE_FILES_INIT(new->fs);
	AUTO(free) char *path = NULL;
	char target[PACKAGE_TARGET_SIZE];
	struct error reason = {0};

	counted->each = new->release->payload_length;
	package_release_target(new->release->package, counted->version, target);
	if (asprintf(&path, "%s/%s", new->beside, strrchr(target, '/') + 1) < 0) {
		path = NULL;
		return error_set(err, ERROR_FAILED, "no memory");
	}
	if (release_files_read(&old, path, &reason) < 0) {
		if (reason.code != ERROR_NOT_FOUND && err)
			*err = reason;
		return reason.code == ERROR_NOT_FOUND ? 0 : -1;
	}
	counted->is_here = true;
	return bytes_between(old.release, new->release, &counted->each, err);
}

static int by_bytes(const void *a, const void *b)
{
	const struct delta_count *left = a, *right = b;

	return left->share > right->share ? -1 : left->share < right->share;
}

static void judge(struct delta_counts *counts)
{
	double all = 0, covered = 0;

	for (size_t i = 0; i < counts->count; i++)
		all += (double)counts->all[i].terminals * (double)counts->all[i].each;
	for (size_t i = 0; i < counts->count; i++)
		counts->all[i].share =
			all > 0 ? (double)counts->all[i].terminals * (double)counts->all[i].each / all : 0;
	qsort(counts->all, counts->count, sizeof(*counts->all), by_bytes);
	for (size_t i = 0; i < counts->count; i++) {
		struct delta_count *counted = &counts->all[i];

		counted->is_worth = counted->is_here && covered < SHARE_ENOUGH && counted->share >= SHARE_LEAST;
		covered += counted->share;
	}
}

static int print_json(const struct delta_counts *counts, const struct release *release, struct error *err)
{
	AUTO(json) json_t *versions = json_array();
	AUTO(json) json_t *json = NULL;

	for (size_t i = 0; i < counts->count; i++) {
		const struct delta_count *counted = &counts->all[i];

		json_t *version = JSON_OBJECT({
			json_text("from", counted->version),
			json_number("terminals", (int64_t)counted->terminals),
			json_number("bytes_each", (int64_t)counted->each),
			json_take("share", json_real(counted->share)),
			json_flag("here", counted->is_here),
			json_flag("worth", counted->is_worth),
		});

		if (json_array_append_new(versions, version) < 0)
			return error_set(err, ERROR_FAILED, "no memory");
	}
	json = JSON_OBJECT({
		json_text("package", release->package),
		json_text("version", release->version),
		json_share("from", versions),
	});
	return tool_print_json(json, err);
}

static const char *verdict_on(const struct delta_count *counted)
{
	if (counted->each == 0)
		return "nothing to fetch";
	if (!counted->is_here)
		return "its release does not stand beside the new one";
	return counted->is_worth ? "worth a delta" : "not worth one";
}

static void print_text(const struct delta_counts *counts)
{
	for (size_t i = 0; i < counts->count; i++) {
		const struct delta_count *counted = &counts->all[i];

		(void)printf("%s: %" PRIu64 " terminals, %.1f MiB each, %.1f %% of all bytes: %s\n", counted->version,
			counted->terminals, (double)counted->each / (1 << 20), 100 * counted->share,
			verdict_on(counted));
	}
}

int delta_advise(struct tool *tool, const char *new_path, struct error *err)
{
	AUTO(release_files) struct release_files new = RELEASE_FILES_INIT(tool->fs);
	AUTO(free) struct delta_counts *counts = calloc(1, sizeof(*counts));

	if (!counts)
		return error_set(err, ERROR_FAILED, "no memory");
	if (release_files_read(&new, new_path, err) < 0 ||
		delta_counts_read(tool->fs, args_get(tool->args, "advise"), new.release->package, counts, err) < 0)
		return -1;
	for (size_t i = 0; i < counts->count; i++) {
		if (version_compare(counts->all[i].version, new.release->version) == 0)
			continue; /* runs it already: nothing to fetch */
		if (look_at(&counts->all[i], &new, err) < 0)
			return -1;
	}
	judge(counts);
	if (tool->json)
		return print_json(counts, new.release, err);
	print_text(counts);
	return 0;
}
