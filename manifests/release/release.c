#include "manifests/release/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "manifests/base/arena.h"
#include "manifests/base/json_table.h"
#include "manifests/release/release_check.h"
#include "manifests/release/release_notes.h"
#include "manifests/release/release_rules.h"

#define MAX_BYTES (INT64_MAX / 4)

void release_free(struct release *release)
{
	if (!release)
		return;
	arena_free(release->memory);
	free(release->requires);
	free(release->files);
	free(release->frames);
	free(release);
}

/* Reading: each function takes one member of the JSON. Strings are copied to the release's memory. */

static int read_bytes(const json_t *object, const char *key, uint64_t *ret_bytes, struct error *err)
{
	int64_t bytes;

	if (json_want_integer(object, key, 0, MAX_BYTES, &bytes, err) < 0)
		return -1;
	*ret_bytes = (uint64_t)bytes;
	return 0;
}

static int read_sha256(const json_t *object, struct sha256 *ret_digest, struct error *err)
{
	const char *hex;

	if (json_want_string(object, "sha256", &hex, err) < 0)
		return -1;
	return sha256_parse(hex, ret_digest, err) < 0 ? error_context(err, "member 'sha256'") : 0;
}

static int read_frame(struct release_frame *frame, const json_t *value, struct error *err)
{
	if (!json_is_object(value))
		return error_set(err, ERROR_INPUT, "not an object");
	if (read_bytes(value, "offset", &frame->offset, err) < 0 ||
		read_bytes(value, "length", &frame->length, err) < 0 ||
		read_bytes(value, "tar_offset", &frame->tar_offset, err) < 0 ||
		read_bytes(value, "tar_length", &frame->tar_length, err) < 0)
		return -1;
	return read_sha256(value, &frame->sha256, err);
}

static int read_payload(struct release *release, const json_t *json, struct error *err)
{
	const json_t *payload;
	const json_t *frames;
	const json_t *value;
	size_t i;

	if (json_want_object(json, "payload", &payload, err) < 0 ||
		arena_keep_member(release->memory, payload, "target", &release->payload_target, err) < 0 ||
		read_bytes(payload, "length", &release->payload_length, err) < 0 ||
		read_bytes(payload, "tar_length", &release->tar_length, err) < 0 ||
		read_sha256(payload, &release->payload_sha256, err) < 0 ||
		json_want_array(payload, "frames", &frames, err) < 0)
		return -1;
	if (json_array_size(frames) > RELEASE_MAX_FRAMES)
		return error_set(err, ERROR_INPUT, "it has %zu frames; at most %u are allowed",
			json_array_size(frames), RELEASE_MAX_FRAMES);
	if (!(release->frames = calloc(json_array_size(frames) + 1, sizeof(*release->frames))))
		return error_set(err, ERROR_FAILED, "no memory for %zu frames", json_array_size(frames));
	json_array_foreach (frames, i, value) {
		if (read_frame(&release->frames[i], value, err) < 0)
			return error_context(err, "frame %zu", i);
		release->frames_count = i + 1;
	}
	return 0;
}

static int read_mode(const json_t *value, uint32_t *ret_mode, struct error *err)
{
	const char *text;
	char *end;
	unsigned long mode;

	if (json_want_string(value, "mode", &text, err) < 0)
		return -1;
	mode = strtoul(text, &end, 8);
	if (strlen(text) != 4 || strspn(text, "01234567") != 4)
		return error_set(err, ERROR_INPUT, "mode '%.20s' is not four octal digits such as 0644", text);
	*ret_mode = (uint32_t)mode;
	return 0;
}

static int read_file(struct release *release, struct release_file *file, const json_t *value, struct error *err)
{
	const char *type = "file";

	if (arena_keep_member(release->memory, value, "path", &file->path, err) < 0 ||
		json_may_string(value, "type", &type, err) < 0)
		return -1;
	if (strcmp(type, "link") == 0) {
		file->type = RELEASE_LINK;
		file->mode = 0777;
		return arena_keep_member(release->memory, value, "link", &file->link, err);
	}
	if (read_mode(value, &file->mode, err) < 0)
		return -1;
	if (strcmp(type, "folder") == 0) {
		file->type = RELEASE_FOLDER;
		return 0;
	}
	if (strcmp(type, "file") != 0)
		return error_set(err, ERROR_INPUT, "type '%.40s' is none of file, folder, link", type);
	file->type = RELEASE_FILE;
	if (read_bytes(value, "size", &file->size, err) < 0 || read_sha256(value, &file->sha256, err) < 0)
		return -1;
	return file->size ? read_bytes(value, "tar_offset", &file->tar_offset, err) : 0;
}

/* Makes room for one more file, doubling what there is. */
static struct release_file *add_file(struct release *release, struct error *err)
{
	size_t count = release->files_count;

	if (count == RELEASE_MAX_FILES) {
		(void)error_set(err, ERROR_INPUT, "it has more than the %u files allowed", RELEASE_MAX_FILES);
		return NULL;
	}
	if ((count & (count - 1)) == 0) {
		struct release_file *files = reallocarray(release->files, count ? 2 * count : 1, sizeof(*files));

		if (!files) {
			(void)error_set(err, ERROR_FAILED, "no memory for %zu files", 2 * count);
			return NULL;
		}
		release->files = files;
	}
	release->files[count] = (struct release_file){0};
	return &release->files[count];
}

static int take_file(void *context, size_t number, const json_t *row, struct error *err)
{
	struct release *release = context;
	struct release_file *file = add_file(release, err);

	if (!file)
		return -1;
	if (read_file(release, file, row, err) < 0)
		return error_context(
			err, "file %zu%s%.200s", number, file->path ? ", " : "", file->path ? file->path : "");
	release->files_count++;
	return 0;
}

static int read_requirements(struct release *release, const json_t *json, struct error *err)
{
	const json_t *requires = NULL;
	const char *package;
	const json_t *version;

	if (json_may_object(json, "requires", &requires, err) < 0)
		return -1;
	if (!requires)
		return 0;
	if (!(release->requires = calloc(json_object_size(requires) + 1, sizeof(*release->requires))))
		return error_set(err, ERROR_FAILED, "no memory for %zu requirements", json_object_size(requires));
	json_object_foreach ((json_t *) requires, package, version) {
		struct release_requirement *wanted = &release->requires[release->requires_count];

		if (!json_is_string(version))
			return error_set(
				err, ERROR_INPUT, "requires: the version of '%.80s' is not a string", package);
		if (arena_keep(release->memory, package, &wanted->package, err) < 0 ||
			arena_keep(release->memory, json_string_value(version), &wanted->version, err) < 0)
			return -1;
		release->requires_count++;
	}
	return 0;
}

static int read_release(struct release *release, const json_t *json, struct error *err)
{
	const char *passes_through = NULL;

	if (arena_keep_member(release->memory, json, "package", &release->package, err) < 0 ||
		arena_keep_member(release->memory, json, "version", &release->version, err) < 0 ||
		read_bytes(json, "installed_bytes", &release->installed_bytes, err) < 0 ||
		json_may_string(json, "passes_through", &passes_through, err) < 0 ||
		json_may_bool(json, "network", &release->wants_network, err) < 0 ||
		read_payload(release, json, err) < 0 || read_requirements(release, json, err) < 0 ||
		release_check_read(release->memory, json, "self_test", &release->self_test, err) < 0 ||
		release_check_read(release->memory, json, "migrate", &release->migrate, err) < 0 ||
		release_check_read_health(release->memory, json, &release->health, err) < 0 ||
		release_notes_read(json, release, err) < 0)
		return -1;
	return passes_through ? arena_keep(release->memory, passes_through, &release->passes_through, err) : 0;
}

int release_parse(const void *data, size_t len, struct release **ret_release, struct error *err)
{
	AUTO(release) struct release *release = calloc(1, sizeof(*release));
	AUTO(json) json_t *json = NULL;

	if (!release)
		return error_set(err, ERROR_FAILED, "no memory for a release");
	if (len > RELEASE_MAX_BYTES)
		return error_set(
			err, ERROR_INPUT, "release: %zu bytes are more than the %u allowed", len, RELEASE_MAX_BYTES);
	if (!(release->memory = arena_new(err)) ||
		!(json = json_table_parse(data, len, "files", take_file, release, err)) ||
		read_release(release, json, err) < 0 || release_rules_check(release, err) < 0)
		return error_context(err, "release");
	*ret_release = take_ptr(&release);
	return 0;
}

/* Writing: json_pack's failures (NULL) travel up to the one place that names them. */

static json_t *pack_digest(const struct sha256 *digest)
{
	char hex[SHA256_HEX_SIZE];

	return json_string(sha256_hex(digest, hex));
}

static json_t *pack_frames(const struct release *release)
{
	json_t *frames = json_array();

	for (size_t i = 0; i < release->frames_count; i++) {
		const struct release_frame *frame = &release->frames[i];

		if (json_array_append_new(frames, JSON_OBJECT({
							  json_number("offset", frame->offset),
							  json_number("length", frame->length),
							  json_number("tar_offset", frame->tar_offset),
							  json_number("tar_length", frame->tar_length),
							  json_take("sha256", pack_digest(&frame->sha256)),
						  })) < 0) {
			json_decref(frames);
			return NULL;
		}
	}
	return frames;
}

static json_t *pack_file(const struct release_file *file)
{
	char mode[16];
	json_t *json;

	(void)snprintf(mode, sizeof(mode), "%04o", file->mode);
	if (file->type == RELEASE_LINK)
		return JSON_OBJECT({
			json_text("path", file->path),
			json_text("type", "link"),
			json_text("link", file->link),
		});
	if (file->type == RELEASE_FOLDER)
		return JSON_OBJECT({
			json_text("path", file->path),
			json_text("type", "folder"),
			json_text("mode", mode),
		});
	json = JSON_OBJECT({
		json_text("path", file->path),
		json_text("mode", mode),
		json_number("size", file->size),
		json_take("sha256", pack_digest(&file->sha256)),
	});
	if (json && file->size &&
		json_object_set_new(json, "tar_offset", json_integer((json_int_t)file->tar_offset)) < 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *pack_files(const struct release *release)
{
	json_t *files = json_array();

	for (size_t i = 0; i < release->files_count; i++)
		if (json_array_append_new(files, pack_file(&release->files[i])) < 0) {
			json_decref(files);
			return NULL;
		}
	return files;
}

static json_t *pack_requirements(const struct release *release)
{
	json_t *requires = json_object();

	for (size_t i = 0; i < release->requires_count; i++)
		if (json_object_set_new(
			    requires, release->requires[i].package, json_string(release->requires[i].version)) < 0) {
			json_decref(requires);
			return NULL;
		}
	return requires;
}

/* The members in the order in which a person would read them: the long tables last. */
static json_t *pack_release(const struct release *release)
{
	json_t *json = JSON_OBJECT({
		json_text("package", release->package),
		json_text("version", release->version),
		json_number("installed_bytes", release->installed_bytes),
	});
	bool failed = !json;

	if (release->requires_count)
		failed = failed || json_object_set_new(json, "requires", pack_requirements(release)) < 0;
	if (release->passes_through)
		failed = failed ||
			 json_object_set_new(json, "passes_through", json_string(release->passes_through)) < 0;
	if (release->wants_network)
		failed = failed || json_object_set_new(json, "network", json_true()) < 0;
	if (release->self_test.argv[0])
		failed =
			failed || json_object_set_new(json, "self_test", release_check_pack(&release->self_test)) < 0;
	if (release->migrate.argv[0])
		failed = failed || json_object_set_new(json, "migrate", release_check_pack(&release->migrate)) < 0;
	if (release->health.kind != RELEASE_HEALTH_NONE)
		failed = failed ||
			 json_object_set_new(json, "health", release_check_pack_health(&release->health)) < 0;
	if (release->notes_count)
		failed = failed || json_object_set_new(json, "notes", release_notes_pack(release)) < 0;
	failed = failed || json_object_set_new(json, "payload",
				   JSON_OBJECT({
					   json_text("target", release->payload_target),
					   json_number("length", release->payload_length),
					   json_take("sha256", pack_digest(&release->payload_sha256)),
					   json_number("tar_length", release->tar_length),
					   json_take("frames", pack_frames(release)),
				   })) < 0;
	failed = failed || json_object_set_new(json, "files", pack_files(release)) < 0;
	if (failed) {
		json_decref(json);
		return NULL;
	}
	return json;
}

int release_write(const struct release *release, struct buf *ret_json, struct error *err)
{
	AUTO(json) json_t *json = NULL;

	if (release_rules_check(release, err) < 0)
		return -1;
	if (!(json = pack_release(release)))
		return error_set(err, ERROR_FAILED, "no memory to write a release, or a text in it is not UTF-8");
	return json_write(json, ret_json, err);
}
