/* The older part of the history, sealed with the terminal's key and moved from the store to files in
 * STATE/history/, so that the store stays small and nothing is lost. */
#ifndef AGENT_PROOF_ARCHIVE_H
#define AGENT_PROOF_ARCHIVE_H

#include "agent/base/terminal.h"
#include "agent/store/history.h"
#include "agent/store/history_chain.h"

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

/* Archives the older half of the rows where the store holds more than [history] keep_rows; then, where the files take
 * more than [history] max_size, removes the oldest, which is told in the history. A cut at any moment loses nothing.
 */
WARN_UNUSED int archive_run(struct terminal *terminal, struct error *err);

/* Checks every archived file that is still to be there, and hands its rows to EACH (NULL: nobody). *RET_CHAIN is then
 * behind the last archived row. ERROR_DAMAGED names the first thing that is wrong. */
WARN_UNUSED int archive_verify(struct terminal *terminal, history_row_function *each, void *context,
	struct history_chain *ret_chain, struct error *err);

#endif
