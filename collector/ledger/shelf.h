/* The repository's metadata as they were, kept for the delivery certificates of years later: a folder for each state of the
 * repository, named by the second when it was first seen. Nothing is verified here: who checks a certificate believes its own root
 * alone. */
#ifndef COLLECTOR_LEDGER_SHELF_H
#define COLLECTOR_LEDGER_SHELF_H

#include <stdint.h>

#include "common/error.h"
#include "common/json.h"

/* States that differ in their timestamps alone are kept so far apart. */
#define SHELF_PAUSE_S (12 * 3600)

/* Looks at REPOSITORY, a folder as haishin-repo publishes it or a copy of one, and keeps its state below SHELF where it is a new
 * one. Does nothing where another process does so at this moment. ERROR_INPUT where it is no whole repository: perhaps it is
 * being published. */
WARN_UNUSED int shelf_look(const char *repository, const char *shelf, int64_t now_s, struct error *err);

/* The state at AT_S, if it lists TARGET; else the nearest one that does, rather before than after. *RET_METADATA: name of
 * the file -> text. ERROR_NOT_FOUND where none does. */
WARN_UNUSED int shelf_find(
	const char *shelf, int64_t at_s, const char *target, json_t **ret_metadata, struct error *err);

#endif
