/* Who may sign a document, and whether enough of them did (TUF 4.2.1, 4.3). Each signature and each listed key id is
 * looked up once, so that time grows with their sum. */
#ifndef MANIFESTS_TUF_METADATA_SIGNERS_H
#define MANIFESTS_TUF_METADATA_SIGNERS_H

#include "manifests/tuf/metadata.h"

/* No role lists more key ids. */
#define METADATA_KEY_IDS_MAX 1024

/* The signers of a role, borrowed from the document that says so. */
struct metadata_signers {
	const json_t *keys; /* key id -> key object */
	const json_t *key_ids;
	int64_t threshold;
};

/* Reads {"keyids", "threshold"}; KEYS is borrowed. ERROR_INPUT where it is misshapen or lists too many. */
WARN_UNUSED int metadata_signers_parse(
	const json_t *keys, const json_t *role, struct metadata_signers *ret_signers, struct error *err);

/* Checks the shape of an object of keys; ERROR_INPUT. Schemes we do not know are fine: such keys never count. */
WARN_UNUSED int metadata_check_keys(const json_t *keys, struct error *err);

/* 0 if enough different keys signed. A key under a wrong id never counts, an invalid signature neither. BY names who
 * appointed the signers, for the message. */
WARN_UNUSED int metadata_verify(
	const struct metadata *metadata, const struct metadata_signers *signers, const char *by, struct error *err);

/* True if enough of the keys signed it, under whatever ids: an id stands beside a signature and is no part of what was signed, so
 * that a key which is listed under another id than before still vouches for it. For signers that a root appoints, as each of
 * their keys is tried with each signature. */
bool metadata_is_signed(const struct metadata *metadata, const struct metadata_signers *signers);

/* True if signatures by the keys that both list, however these are spelled, could be enough for NEXT. */
bool metadata_signers_overlap(const struct metadata_signers *before, const struct metadata_signers *next);

#endif
