/* The store: one SQLite file that is the truth about why (the disk is the truth about what is current). WAL, synchronous
 * FULL, every change in one transaction with the history row that tells of it. Several processes may have it open; a writer
 * waits for another up to 10 seconds, then ERROR_BUSY.
 *
 * Only store.c and store_schema.c know SQLite's header. docs/store.md describes the tables. */
#ifndef AGENT_STORE_H
#define AGENT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/fs.h"
#include "manifests/package.h"
#include "manifests/version.h"

#define STORE_TEXT_SIZE 256

struct store;

/* Opens or makes STATE.db at PATH (mode 0600) and brings its schema up to date, each step in one transaction. ERROR_DAMAGED:
 * the file is not a sound store; ERROR_INPUT: a newer haishin made it. CLOCK is asked for the time and boot id of each
 * history row; borrowed. */
WARN_UNUSED int store_open(const char *path, const struct clock *clock, struct store **ret_store, struct error *err);

/* The same, but a damaged file is set aside as PATH.damaged-TIME (with its -wal and -shm), a new one is made, the history of
 * which begins with a row that says so, and *RET_SET_ASIDE is true. */
WARN_UNUSED int store_open_or_rebuild(struct fs *fs, const char *path, const struct clock *clock,
	struct store **ret_store, bool *ret_set_aside, struct error *err);
void store_close(struct store *store);
DEFINE_AUTO_PTR(store, struct store, store_close);

/* Several changes that happen together or not at all. Nested calls are not allowed. */
WARN_UNUSED int store_begin(struct store *store, struct error *err);
WARN_UNUSED int store_commit(struct store *store, struct error *err);
void store_roll_back(struct store *store); /* does nothing outside a transaction */

/* SQLite's own integrity check. ERROR_DAMAGED with its first line. */
WARN_UNUSED int store_check(struct store *store, struct error *err);

/* Small things that outlive the process: text by name. ERROR_NOT_FOUND where it was never set. */
WARN_UNUSED int store_setting(struct store *store, const char *name, struct buf *ret_value, struct error *err);
WARN_UNUSED int store_set_setting(struct store *store, const char *name, const char *value, struct error *err);
WARN_UNUSED int store_drop_setting(struct store *store, const char *name, struct error *err);

/* 32 bytes that only this terminal knows, made at the first call. Spreads the fleet over the night. */
WARN_UNUSED int store_terminal_secret(struct store *store, uint8_t ret_secret[static 32], struct error *err);

/* ---- History: append-only; each row carries the digest of the row before (docs/store.md has the exact bytes). ---- */

struct history_row {
	int64_t number;          /* from 1, without gaps */
	int64_t at_s;
	char boot_id[BOOT_ID_SIZE];
	char operation[32];      /* "check", "fetch", "stage", "activate", "confirm", "roll-back", "quarantine", "disable" ... */
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	char digest[SHA256_HEX_SIZE];
	char outcome[16];        /* "done", "refused", "failed", "begun" */
	char error[16];          /* error_code_name(); "none" */
	char detail[STORE_TEXT_SIZE]; /* one plain sentence, nothing personal (F27) */
	char previous[SHA256_HEX_SIZE];
	char row_digest[SHA256_HEX_SIZE];
};

/* What a caller says of a row; the store adds number, time, boot id and digests. NULL stands for "". */
struct history_entry {
	const char *operation;
	const char *package;
	const char *version;
	const char *digest;
	const char *outcome;
	enum error_code error;
	const char *detail;
};
WARN_UNUSED int history_add(struct store *store, const struct history_entry *entry, struct error *err);

struct history_filter {
	const char *package;   /* NULL: all */
	const char *operation; /* NULL: all */
	const char *outcome;   /* NULL: all */
	int64_t since_s;       /* 0: from the beginning */
	int64_t until_s;       /* 0: to the end; exclusive otherwise */
	int64_t newest;        /* only so many of the newest; 0: all */
};
/* Hands rows over, oldest first. -1 from EACH ends it. */
WARN_UNUSED int history_each(struct store *store, const struct history_filter *filter,
	int (*each)(void *context, const struct history_row *row, struct error *err), void *context, struct error *err);

/* Checks the chain. ERROR_DAMAGED names the first bad row. */
WARN_UNUSED int history_verify(struct store *store, int64_t *ret_rows, struct error *err);

/* ---- Quarantine: releases never offered again until the catalog names another. ---- */

struct quarantine_row {
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	char digest[SHA256_HEX_SIZE];
	int64_t since_s;
	char reason[STORE_TEXT_SIZE];
};
WARN_UNUSED int quarantine_add(struct store *store, const char *package, const char *version, const char *digest,
	const char *reason, struct error *err);
WARN_UNUSED int quarantine_find(struct store *store, const char *package, const char *digest,
	struct quarantine_row *ret_row, bool *ret_found, struct error *err);
/* The catalog names DIGEST for the package now: what was quarantined under other digests may be offered again some day. */
WARN_UNUSED int quarantine_release_others(struct store *store, const char *package, const char *digest,
	struct error *err);
WARN_UNUSED int quarantine_each(struct store *store,
	int (*each)(void *context, const struct quarantine_row *row, struct error *err), void *context, struct error *err);

/* ---- Disabled and held (F8): a pause of all delivery (PACKAGE ""), or of one package. ---- */

struct pause_row {
	char package[PACKAGE_NAME_SIZE]; /* "" for the whole terminal */
	int64_t since_s;
	int64_t until_s;                 /* 0: until it is ended by hand */
	char who[64];                    /* account name */
	char why[STORE_TEXT_SIZE];
};
WARN_UNUSED int pause_set(struct store *store, const char *package, int64_t until_s, const char *who, const char *why,
	struct error *err);
WARN_UNUSED int pause_end(struct store *store, const char *package, const char *who, struct error *err);
/* A pause whose time is over at NOW_S counts as none. */
WARN_UNUSED int pause_find(struct store *store, const char *package, int64_t now_s, struct pause_row *ret_row,
	bool *ret_found, struct error *err);

/* ---- Nights: proof of contact. One row a night: what became of it. ---- */

struct night_row {
	char date[11];          /* the date the night began on, "2026-01-10" */
	int64_t opens_s;
	int64_t closes_s;
	int64_t first_try_s;    /* 0: never */
	int64_t contact_s;      /* last verified contact with the server; 0: none */
	int64_t attempts;
	char outcome[16];       /* "contacted", "disabled", "network", "server", "off", "clock"; "" while it is not over */
	char detail[STORE_TEXT_SIZE];
};
WARN_UNUSED int night_find(struct store *store, const char *date, struct night_row *ret_row, bool *ret_found,
	struct error *err);
WARN_UNUSED int night_put(struct store *store, const struct night_row *row, struct error *err);

#endif
