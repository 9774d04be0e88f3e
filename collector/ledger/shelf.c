#include "collector/ledger/shelf.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "manifests/tuf/tuf_path.h"

#define LOCK ".lock"
#define SCRATCH ".new"
#define TIMESTAMP "timestamp.json"
#define FILE_MOST (5u << 20)
#define STATE_MOST (24u << 20) /* of all files: a certificate takes 32 MiB */
#define ROOTS_MOST 256
#define ROLES_MOST 1024
#define NAME_SIZE 256

/* ---- What is published ---- */

struct gathering {
	struct fs *fs;
	int dir_fd;
	json_t *files; /* name -> text */
	size_t bytes;
};

static int gather(struct gathering *gathering, const char *name, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(FILE_MOST);
	json_t *value;

	if (strchr(name, '/') || *name == '.')
		return error_set(err, ERROR_INPUT, "'%.64s' is no name of metadata", name);
	if (fs_read_file(gathering->fs, gathering->dir_fd, name, &text, err) < 0)
		return -1;
	if ((gathering->bytes += text.len) > STATE_MOST)
		return error_set(err, ERROR_INPUT, "the metadata have more than %u bytes", STATE_MOST);
	if (!(value = json_stringn(buf_text(&text), text.len)) ||
		json_object_set_new(gathering->files, name, value) < 0)
		return error_set(err, ERROR_INPUT, "'%s' is not text", name);
	return 0;
}

/* The versions that a document of those gathered lists. */
static int read_meta(const struct gathering *gathering, const char *name, json_t **ret_json, const json_t **ret_meta,
	struct error *err)
{
	const json_t *text = json_object_get(gathering->files, name), *body;

	if (!(*ret_json = json_parse(json_string_value(text), json_string_length(text), err)) ||
		json_want_object(*ret_json, "signed", &body, err) < 0 ||
		json_want_object(body, "meta", ret_meta, err) < 0)
		return error_context(err, "'%s'", name);
	return 0;
}

/* Adds VERSION.ROLE.json, spelled as URLs are, where META lists ROLE.json. */
static int gather_role(struct gathering *gathering, const json_t *meta, const char *key,
	char ret_name[static NAME_SIZE], struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(NAME_SIZE - 32);
	char role[NAME_SIZE];
	const json_t *listed;
	int64_t version;
	size_t len = strlen(key);

	if (len <= strlen(".json") || len >= sizeof(role) || strcmp(key + len - strlen(".json"), ".json") != 0)
		return error_set(err, ERROR_INPUT, "'%.64s' is no name of metadata", key);
	(void)snprintf(role, sizeof(role), "%.*s", (int)(len - strlen(".json")), key);
	if (json_want_object(meta, key, &listed, err) < 0 ||
		json_want_integer(listed, "version", 1, INT64_MAX, &version, err) < 0 ||
		tuf_role_encode(role, &name, err) < 0)
		return error_context(err, "'%s'", key);
	(void)snprintf(ret_name, NAME_SIZE, "%" PRId64 ".%s.json", version, buf_text(&name));
	return gather(gathering, ret_name, err);
}

static int gather_roles(struct gathering *gathering, const char *snapshot, struct error *err)
{
	AUTO(json) json_t *json = NULL;
	const json_t *meta, *value;
	char name[NAME_SIZE];
	const char *key;

	if (read_meta(gathering, snapshot, &json, &meta, err) < 0)
		return -1;
	if (json_object_size(meta) > ROLES_MOST)
		return error_set(err, ERROR_INPUT, "more than %d roles", ROLES_MOST);
	json_object_foreach ((json_t *)meta, key, value)
		if (gather_role(gathering, meta, key, name, err) < 0)
			return -1;
	return 0;
}

/* Every root: whoever checks has some earlier one. */
static int gather_roots(struct gathering *gathering, struct error *err)
{
	char name[NAME_SIZE];
	struct error why;

	for (int version = 1; version <= ROOTS_MOST; version++) {
		(void)snprintf(name, sizeof(name), "%d.root.json", version);
		if (gather(gathering, name, &why) == 0)
			continue;
		if (why.code == ERROR_NOT_FOUND && version > 1)
			return 0;
		return error_set(err, why.code, "%s", why.text);
	}
	return error_set(err, ERROR_INPUT, "more than %d roots", ROOTS_MOST);
}

/* The snapshot comes with the timestamp, to tell states apart. */
static int gather_newest(struct gathering *gathering, char ret_snapshot[static NAME_SIZE], struct error *err)
{
	AUTO(json) json_t *json = NULL;
	const json_t *meta;

	if (gather(gathering, TIMESTAMP, err) < 0 || read_meta(gathering, TIMESTAMP, &json, &meta, err) < 0)
		return -1;
	return gather_role(gathering, meta, "snapshot.json", ret_snapshot, err);
}

/* ---- What is kept ---- */

struct states {
	int64_t *seen_s; /* oldest first */
	size_t count;
};

static void states_clear(struct states *states)
{
	free(states->seen_s);
}
DEFINE_AUTO(states, struct states, states_clear);

static int take_state(void *context, int dir_fd, const char *name, struct error *err)
{
	struct states *states = context;
	char *end;
	int64_t seen_s = strtoll(name, &end, 10);
	int64_t *larger;

	(void)dir_fd;
	if (*end || end == name)
		return 0;
	if (!(larger = realloc(states->seen_s, (states->count + 1) * sizeof(*larger))))
		return error_set(err, ERROR_FAILED, "no memory for the states of a repository");
	states->seen_s = larger;
	states->seen_s[states->count++] = seen_s;
	return 0;
}

static int compare_times(const void *a, const void *b)
{
	const int64_t *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

static int list_states(struct fs *fs, int shelf_fd, struct states *states, struct error *err)
{
	if (fs_each(fs, shelf_fd, ".", take_state, states, err) < 0)
		return -1;
	if (states->count > 0)
		qsort(states->seen_s, states->count, sizeof(*states->seen_s), compare_times);
	return 0;
}

static void name_state(int64_t seen_s, char ret_name[static NAME_SIZE])
{
	(void)snprintf(ret_name, NAME_SIZE, "%012" PRId64, seen_s);
}

/* The newest state that is kept has this snapshot, and is not old. */
static int is_known(struct fs *fs, int shelf_fd, const struct gathering *gathering, const char *snapshot,
	int64_t now_s, bool *ret_known, struct error *err)
{
	AUTO(buf) struct buf kept = BUF_INIT(FILE_MOST);
	AUTO(states) struct states states = {0};
	char name[NAME_SIZE], path[2 * NAME_SIZE];
	struct error none;

	*ret_known = false;
	if (list_states(fs, shelf_fd, &states, err) < 0)
		return -1;
	if (states.count == 0 || states.seen_s[states.count - 1] + SHELF_PAUSE_S <= now_s)
		return 0;
	name_state(states.seen_s[states.count - 1], name);
	(void)snprintf(path, sizeof(path), "%s/%s", name, snapshot);
	*ret_known = fs_read_file(fs, shelf_fd, path, &kept, &none) == 0 &&
		     strcmp(buf_text(&kept), json_string_value(json_object_get(gathering->files, snapshot))) == 0;
	return 0;
}

static int write_state(struct fs *fs, int shelf_fd, const json_t *files, int64_t now_s, struct error *err)
{
	char name[NAME_SIZE], path[2 * NAME_SIZE];
	const char *key;
	json_t *text;

	name_state(now_s, name);
	if (fs_exists(fs, shelf_fd, name))
		return 0;
	if (fs_remove_tree(fs, shelf_fd, SCRATCH, err) < 0 || fs_make_dirs(fs, shelf_fd, SCRATCH, 0755, err) < 0)
		return -1;
	json_object_foreach ((json_t *)files, key, text) {
		(void)snprintf(path, sizeof(path), SCRATCH "/%s", key);
		if (fs_write_file(fs, shelf_fd, path, json_string_value(text), json_string_length(text), 0644, err) <
			0)
			return -1;
	}
	return fs_rename(fs, shelf_fd, SCRATCH, name, err);
}

/* ---- From outside ---- */

int shelf_look(const char *repository, const char *shelf, int64_t now_s, struct error *err)
{
	AUTO(json) json_t *files = json_object();
	AUTO(fd) int repository_fd = -1, dir_fd = -1, shelf_fd = -1, lock_fd = -1;
	struct gathering gathering = {.files = files};
	char snapshot[NAME_SIZE];
	bool is_kept;
	struct fs fs;

	fs_init(&fs);
	if ((repository_fd = fs_open_dir(&fs, AT_FDCWD, repository, err)) < 0 ||
		(dir_fd = fs_open_dir(&fs, repository_fd, "metadata", err)) < 0 ||
		fs_make_dirs(&fs, AT_FDCWD, shelf, 0755, err) < 0 ||
		(shelf_fd = fs_open_dir(&fs, AT_FDCWD, shelf, err)) < 0)
		return -1;
	if ((lock_fd = fs_lock(&fs, shelf_fd, LOCK, false, err)) < 0)
		return err->code == ERROR_BUSY ? 0 : -1;
	gathering.fs = &fs;
	gathering.dir_fd = dir_fd;
	if (gather_newest(&gathering, snapshot, err) < 0 ||
		is_known(&fs, shelf_fd, &gathering, snapshot, now_s, &is_kept, err) < 0)
		return -1;
	if (is_kept)
		return 0;
	if (gather_roles(&gathering, snapshot, err) < 0 || gather_roots(&gathering, err) < 0)
		return -1;
	return write_state(&fs, shelf_fd, files, now_s, err);
}

static int take_file(void *context, int dir_fd, const char *name, struct error *err)
{
	struct gathering *gathering = context;

	gathering->dir_fd = dir_fd;
	return gather(gathering, name, err);
}

/* *RET_FILES stays NULL where the state does not list TARGET. */
static int read_state(
	struct fs *fs, int shelf_fd, int64_t seen_s, const char *target, json_t **ret_files, struct error *err)
{
	AUTO(json) json_t *files = json_object();
	struct gathering gathering = {.fs = fs, .files = files};
	char name[NAME_SIZE], listed[NAME_SIZE + 2];
	const char *key;
	json_t *text;

	name_state(seen_s, name);
	(void)snprintf(listed, sizeof(listed), "\"%s\"", target);
	if (fs_each(fs, shelf_fd, name, take_file, &gathering, err) < 0)
		return -1;
	json_object_foreach (files, key, text)
		if (strstr(json_string_value(text), listed)) {
			*ret_files = take_ptr(&files);
			return 0;
		}
	return 0;
}

int shelf_find(const char *shelf, int64_t at_s, const char *target, json_t **ret_metadata, struct error *err)
{
	AUTO(states) struct states states = {0};
	AUTO(fd) int shelf_fd = -1;
	json_t *files = NULL;
	size_t after = 0;
	struct fs fs;

	fs_init(&fs);
	if ((shelf_fd = fs_open_dir(&fs, AT_FDCWD, shelf, err)) < 0 || list_states(&fs, shelf_fd, &states, err) < 0)
		return -1;
	while (after < states.count && states.seen_s[after] <= at_s)
		after++;
	for (size_t i = after; i > 0 && !files; i--)
		if (read_state(&fs, shelf_fd, states.seen_s[i - 1], target, &files, err) < 0)
			return -1;
	for (size_t i = after; i < states.count && !files; i++)
		if (read_state(&fs, shelf_fd, states.seen_s[i], target, &files, err) < 0)
			return -1;
	if (!files)
		return error_set(err, ERROR_NOT_FOUND, "no state of the repository that was kept in '%s' lists '%s'",
			shelf, target);
	*ret_metadata = files;
	return 0;
}
