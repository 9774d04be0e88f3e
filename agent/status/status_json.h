/* What is the case, as JSON for the control socket. */
#ifndef AGENT_STATUS_STATUS_JSON_H
#define AGENT_STATUS_STATUS_JSON_H

#include "agent/status/status.h"
#include "common/json.h"

/* The whole as JSON (docs/control-protocol.md), but for what only the resident part knows. NULL where memory is gone. */
json_t *status_json(const struct status *status, const struct config *config);
/* Pieces that other answers use too: a pause; a moment as text, or null for 0. */
json_t *status_pause_json(const struct pause_row *pause);
json_t *status_time_json(int64_t time_s);
/* The last change of the terminal's key; null: none so far. */
json_t *status_identity_json(const struct identity *identity);

/* What is known of the files of its current release: whether they are sound, when that was looked at, when all were read. */
json_t *status_files_json(const struct status_package *package);

#endif
