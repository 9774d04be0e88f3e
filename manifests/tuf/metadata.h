/* One signed document (TUF 4.2.1, 4.3): the envelope, the members that all roles share, and the check of its
 * signatures. What is wrong with it is ERROR_REFUSED, and the text begins with the name of the attack it would have
 * been. */
#ifndef MANIFESTS_TUF_METADATA_H
#define MANIFESTS_TUF_METADATA_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

/* Nobody needs more; bounds memory where signed metadata lists a length of its own. */
#define METADATA_MAX_BYTES (64u << 20)

/* No document carries more signatures: they are no part of what is signed, so that anybody may add some. */
#define METADATA_SIGNATURES_MAX 1024

struct metadata {
	char *role;	    /* the name it goes by, such as "targets" or "reader-app/acme" */
	json_t *document;   /* owns all that follows */
	const json_t *body; /* member "signed" */
	const json_t *signatures;
	struct buf canonical; /* the bytes that are signed */
	int64_t version;      /* above 0 */
	int64_t expires_s;
	int64_t issued_s; /* when our publisher says it signed (member "haishin"); 0 where it does not say */
};

/* Reads envelope and common members of a document that goes by the name ROLE and must be of TYPE. No signature is
 * checked yet. */
WARN_UNUSED int metadata_parse(const void *data, size_t len, const char *role, const char *type,
	struct metadata **ret_metadata, struct error *err);

/* 0 if it is not expired at NOW_S; a freeze attack otherwise. */
WARN_UNUSED int metadata_check_time(const struct metadata *metadata, int64_t now_s, struct error *err);

/* A string without U+0000 inside; NULL for anything else, which must not pass for its beginning. */
const char *metadata_text(const json_t *value);

/* True where nobody signed it, so that nobody forged it either: a login page, the words of a proxy, half a document. */
bool metadata_is_strange(const void *data, size_t len);

/* Puts "malformed metadata: ROLE" in front of what a parser found, as ERROR_REFUSED. */
int metadata_malformed(const char *role, struct error *err);

void metadata_free(struct metadata *metadata);
DEFINE_AUTO_PTR(metadata, struct metadata, metadata_free);

#endif
