#include "agent/store/store_rebuild.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>

#include "agent/store/history.h"
#include "agent/store/store_query.h"

#define PATH_LIMIT 4096

static int move_aside(struct fs *fs, const char *path, const char *aside, const char *suffix, struct error *err)
{
	char from[PATH_LIMIT], to[PATH_LIMIT];

	if (snprintf(from, sizeof(from), "%s%s", path, suffix) >= (int)sizeof(from) ||
		snprintf(to, sizeof(to), "%s%s", aside, suffix) >= (int)sizeof(to))
		return error_set(err, ERROR_USAGE, "path of the store is too long");
	return fs_exists(fs, AT_FDCWD, from) ? fs_rename(fs, AT_FDCWD, from, to, err) : 0;
}

/* The file goes first: a log that a cut leaves behind alone is thrown away by SQLite, a file without its log would be
 * taken for a sound one that is short of its last changes. */
static int set_aside(struct fs *fs, const char *path, int64_t now_s, struct error *err)
{
	char aside[PATH_LIMIT];
	int tries = 0;

	do {
		if (snprintf(aside, sizeof(aside), "%s.damaged-%" PRId64, path, now_s + tries) >= (int)sizeof(aside))
			return error_set(err, ERROR_USAGE, "path of the store is too long");
	} while (fs_exists(fs, AT_FDCWD, aside) && ++tries < 100);
	if (move_aside(fs, path, aside, "", err) < 0 || move_aside(fs, path, aside, "-wal", err) < 0 ||
		move_aside(fs, path, aside, "-shm", err) < 0)
		return error_context(err, "the store is damaged and cannot be set aside");
	return 0;
}

static int record_rebuilt(struct store *store, const struct error *damage, struct error *err)
{
	struct history_entry entry = {
		.operation = "store-rebuilt",
		.outcome = "done",
		.error = ERROR_DAMAGED,
		.detail = damage->text,
	};

	if (store_set_number(store, STORE_SETTING_REBUILT, store_now_s(store), err) < 0)
		return -1;
	return history_add(store, &entry, err);
}

int store_open_or_rebuild(struct fs *fs, const char *path, const struct clock *clock, struct store **ret_store,
	bool *ret_set_aside, struct error *err)
{
	AUTO(fd) int lock_fd = -1;
	AUTO(store) struct store *store = NULL;
	struct error damage = {0};

	*ret_set_aside = false;
	if (store_open(path, clock, ret_store, &damage) == 0)
		return 0;
	if (damage.code != ERROR_DAMAGED)
		return error_set(err, damage.code, "%s", damage.text);
	if ((lock_fd = store_open_lock(path, err)) < 0)
		return -1;
	if (store_lock(lock_fd, LOCK_EX | LOCK_NB, err) < 0)
		return error_set(
			err, ERROR_DAMAGED, "%s; another process has it open: restart haishind", damage.text);
	if (store_open_locked(path, clock, &lock_fd, &store, &damage) == 0) { /* another process was faster */
		*ret_store = take_ptr(&store);
		return store_lock((*ret_store)->lock_fd, LOCK_SH, err);
	}
	if (set_aside(fs, path, clock->now_s(clock), err) < 0 ||
		store_open_locked(path, clock, &lock_fd, &store, err) < 0 || record_rebuilt(store, &damage, err) < 0 ||
		store_lock(store->lock_fd, LOCK_SH, err) < 0)
		return -1;
	*ret_set_aside = true;
	*ret_store = take_ptr(&store);
	return 0;
}
