/* What verified metadata says about the bytes of a file, and the check of bytes against it as they pass by. */
#ifndef MANIFESTS_TUF_TUF_CONTENT_H
#define MANIFESTS_TUF_TUF_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/json.h"

struct tuf_content {
	bool has_length;
	uint64_t length;
	bool has_hashes; /* some are listed, perhaps none that is supported: then no bytes match */
	bool is_listed[DIGEST_KINDS];
	uint8_t hashes[DIGEST_KINDS][DIGEST_MOST_BYTES];
};

/* Reads members "length" and "hashes" of OBJECT; both must be there where REQUIRED. ERROR_INPUT where they are
 * misshapen. */
WARN_UNUSED int tuf_content_parse(
	const json_t *object, bool required, struct tuf_content *ret_content, struct error *err);

/* The first of the listed hashes that is supported; DIGEST_KINDS where none is. */
enum digest_kind tuf_content_hash(const struct tuf_content *content);

/* Checks a stream: every listed hash that is supported, and the length. */
struct tuf_content_check {
	const struct tuf_content *content;
	struct digest *digests[DIGEST_KINDS]; /* NULL where it is not listed */
	uint64_t length;
};
WARN_UNUSED int tuf_content_check_init(
	struct tuf_content_check *check, const struct tuf_content *content, struct error *err);
void tuf_content_check_add(struct tuf_content_check *check, const void *data, size_t len);
/* ERROR_REFUSED says what does not match; the caller puts the attack's name in front. */
WARN_UNUSED int tuf_content_check_finish(struct tuf_content_check *check, struct error *err);
void tuf_content_check_clear(struct tuf_content_check *check);
DEFINE_AUTO(tuf_content_check, struct tuf_content_check, tuf_content_check_clear);

/* The whole in one call. */
WARN_UNUSED int tuf_content_verify(
	const struct tuf_content *content, const void *data, size_t len, struct error *err);

#endif
