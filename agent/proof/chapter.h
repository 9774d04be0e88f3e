/* Chapters of the history (F20): whose it is from a row on. An institution that changes its code, merges, gets a new
 * certificate, or a terminal that is switched to another environment begins a new chapter; the former ones stay. */
#ifndef AGENT_PROOF_CHAPTER_H
#define AGENT_PROOF_CHAPTER_H

#include "agent/base/terminal.h"
#include "updater/fetch/certificate.h"

struct chapter_row {
	int64_t number; /* from 1 */
	int64_t first_row;
	int64_t since_s;
	char environment[ENVIRONMENT_NAME_SIZE];
	char institution_code[16];	   /* "" where none is configured */
	char certificate[SHA256_HEX_SIZE]; /* SHA-256 of the client certificate; "" before one was shown */
};

/* Begins a chapter where environment, institution code or certificate are not those of the last one, with a row of the
 * history that says what holds now. CERTIFICATE is the one that is shown from now on; NULL: not known, as at the
 * agent's start. */
WARN_UNUSED int chapter_note(struct terminal *terminal, const struct certificate *certificate, struct error *err);

/* Begins a chapter although all of these are the same: from here on the history is that of the terminal in whose place FORMER (the
 * id of its key; "": not known) stood. */
WARN_UNUSED int chapter_begin(struct terminal *terminal, const char *former, struct error *err);

/* The environment of the last chapter; production where there is none. */
WARN_UNUSED int chapter_environment(
	struct terminal *terminal, char ret_name[static ENVIRONMENT_NAME_SIZE], struct error *err);

/* Hands over all chapters, oldest first. */
WARN_UNUSED int chapter_each(struct store *store,
	int (*each)(void *context, const struct chapter_row *row, struct error *err), void *context,
	struct error *err);

#endif
