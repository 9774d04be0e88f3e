/* The root role (TUF 4.3): who may sign what. */
#ifndef MANIFESTS_TUF_TUF_ROOT_H
#define MANIFESTS_TUF_TUF_ROOT_H

#include <stdbool.h>

#include "common/digest.h"
#include "manifests/tuf/metadata_signers.h"

#define TUF_ROOT_MAX_BYTES 512000

/* Reads a root and checks its members; no signature is checked yet. */
WARN_UNUSED int tuf_root_parse(const void *data, size_t len, struct metadata **ret_root, struct error *err);

/* The signers of "root", "timestamp", "snapshot" or "targets", borrowed from ROOT. */
struct metadata_signers tuf_root_signers(const struct metadata *root, const char *role);

/* 5.2: a root that meets its own threshold. */
WARN_UNUSED int tuf_root_verify_self(const struct metadata *root, struct error *err);

/* 5.3.4 and 5.3.5: NEXT meets the threshold of the trusted root and its own, and is exactly one version newer. */
WARN_UNUSED int tuf_root_verify_next(const struct metadata *trusted, const struct metadata *next, struct error *err);

/* 5.3.12; false where the root does not say. */
bool tuf_root_is_consistent(const struct metadata *root);

/* A digest of who signs timestamp and snapshot, and how many must: the same one means that no recovery can be due
 * (5.3.11). */
WARN_UNUSED int tuf_root_online_keys(
	const struct metadata *root, char ret_keys[static SHA256_HEX_SIZE], struct error *err);

#endif
