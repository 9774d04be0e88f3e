/* The older part of the history, sealed with the terminal's key and moved from the store to files in
 * STATE/history/, so that the store stays small and nothing is lost. */
#ifndef AGENT_PROOF_ARCHIVE_H
#define AGENT_PROOF_ARCHIVE_H

#include <stdio.h>

#include "agent/base/terminal.h"
#include "agent/store/history.h"
#include "agent/store/history_chain.h"
#include "common/digest.h"

#define ARCHIVE_FOLDER "history"

struct archive_row {
	int64_t first_row;
	int64_t last_row;
	char last_digest[SHA256_HEX_SIZE];
	char file[64]; /* in ARCHIVE_FOLDER */
	char file_digest[SHA256_HEX_SIZE];
	int64_t sealed_s;
	int64_t dropped_s; /* when its file was removed to make room; 0: it is there */
};

/* Hands over what was archived, oldest first. */
WARN_UNUSED int archive_each(struct store *store,
	int (*each)(void *context, const struct archive_row *row, struct error *err), void *context,
	struct error *err);

/* The first behind row NUMBER. */
WARN_UNUSED int archive_find_after(
	struct store *store, int64_t number, struct archive_row *ret_row, bool *ret_found, struct error *err);
/* The last whose file was removed: all before it were, too. */
WARN_UNUSED int archive_find_dropped(
	struct store *store, struct archive_row *ret_row, bool *ret_found, struct error *err);
/* Its file, to read. ERROR_NOT_FOUND. */
WARN_UNUSED int archive_open(
	struct terminal *terminal, const struct archive_row *row, FILE **ret_file, struct error *err);
/* Another one after a file was archived, removed, or touched. */
WARN_UNUSED int archive_mark(struct terminal *terminal, struct sha256 *ret_mark, struct error *err);

/* Archives the oldest rows where the store holds more than [history] keep_rows: half of that number, 2500 at most at once. Then,
 * where the files take more than [history] max_size, removes the oldest that were sealed more than [history] keep_days ago, which
 * is told in the history. A cut at any moment loses nothing. */
WARN_UNUSED int archive_run(struct terminal *terminal, struct error *err);

#endif
