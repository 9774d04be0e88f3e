/* Quarantine: releases never offered again until the catalog names another. */
#ifndef AGENT_STORE_QUARANTINE_H
#define AGENT_STORE_QUARANTINE_H

#include "agent/store/record.h"

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
/* The catalog names DIGEST for the package now, and ALSO ("": nothing else): what was quarantined under other digests may be offered
 * again some day. */
WARN_UNUSED int quarantine_lift_others(
	struct store *store, const char *package, const char *digest, const char *also, struct error *err);
/* A person here asked for it that the release of DIGEST went; one for each package, until it is lifted or another takes its
 * place. RET_DIGEST is "" where there is none. */
WARN_UNUSED int quarantine_note_wish(struct store *store, const char *package, const char *digest, struct error *err);
WARN_UNUSED int quarantine_wish(
	struct store *store, const char *package, char ret_digest[static SHA256_HEX_SIZE], struct error *err);
/* The wish that was lifted last; RET_DIGEST is "" where there is none. */
WARN_UNUSED int quarantine_lifted(
	struct store *store, const char *package, char ret_digest[static SHA256_HEX_SIZE], struct error *err);
/* Lets the package's releases come again, because WHO asked for it ('haishin release'), and forgets the wish. A hold is something else:
 * it keeps a package at its version, and is a pause (agent/store/pause.h). */
WARN_UNUSED int quarantine_lift(struct store *store, const char *package, const char *who, struct error *err);
WARN_UNUSED int quarantine_each(struct store *store,
	int (*each)(void *context, const struct quarantine_row *row, struct error *err), void *context,
	struct error *err);

#endif
