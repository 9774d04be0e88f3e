/* The brake's statement, signed anew whenever what it says changes, and every few hours: terminals believe none that is old. */
#ifndef COLLECTOR_ROLLOUT_BRAKE_STATEMENT_H
#define COLLECTOR_ROLLOUT_BRAKE_STATEMENT_H

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/buf.h"
#include "manifests/keys/key.h"

/* Reads the key of the settings; NULL on failure. */
struct signer *brake_statement_read_key(const struct config *config, struct error *err);

/* The id of the public half of that key, which is opened for it. */
WARN_UNUSED int brake_statement_key_id(
	const struct config *config, char ret_id[static KEY_ID_SIZE], struct error *err);

/* Within a transaction: signs one where the rollouts ask for another than the last, or that is old, or was signed by another key than
 * KEY_ID, which is that of the settings. *RET_SIGNED: it did. */
WARN_UNUSED int brake_statement_renew(const struct config *config, struct database *database, const char *key_id,
	int64_t now_s, bool *ret_signed, struct error *err);
/* Writes the last one to the file of the settings, where it is not there. Each collector does, whoever signed. */
WARN_UNUSED int brake_statement_publish(const struct config *config, struct database *database, struct error *err);
/* Appends the last one; ERROR_NOT_FOUND where none was signed yet. *RET_ISSUED_S may be NULL. */
WARN_UNUSED int brake_statement_read(
	struct database *database, struct buf *ret_text, int64_t *ret_issued_s, struct error *err);

#endif
