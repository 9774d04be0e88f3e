/* Succinct hash-bin delegations (TAP 15): one entry that stands for 2^bit_length roles. */
#ifndef MANIFESTS_TUF_TUF_BINS_H
#define MANIFESTS_TUF_TUF_BINS_H

#include "common/error.h"
#include "common/json.h"

/* Checks {"keyids", "threshold", "bit_length", "name_prefix"} but for the signers; ERROR_INPUT. */
WARN_UNUSED int tuf_bins_check(const json_t *bins, struct error *err);

/* The role that the path falls to, on the heap; NULL when memory is gone. */
char *tuf_bins_role(const json_t *bins, const char *path);

#endif
