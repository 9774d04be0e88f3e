/* What a release changes, for people: in several languages, signed with the release. Text and nothing else. */
#ifndef MANIFESTS_RELEASE_RELEASE_NOTES_H
#define MANIFESTS_RELEASE_RELEASE_NOTES_H

#include <jansson.h>

#include "common/digest.h"
#include "common/error.h"
#include "manifests/release/release_parts.h"

/* Reads member "notes" of a release. ERROR_INPUT names the language that breaks a rule. */
WARN_UNUSED int release_notes_read(const json_t *json, struct release *release, struct error *err);
/* Adds one, in its place by language; LANGUAGE and TEXT are copied. The same rules. */
WARN_UNUSED int release_notes_add(struct release *release, const char *language, const char *text, struct error *err);
/* The JSON of the member; NULL without memory. */
json_t *release_notes_pack(const struct release *release);

/* Every release keeps to these: so many languages and bytes, and no character that acts instead of being shown. */
WARN_UNUSED int release_notes_check(const struct release *release, struct error *err);

/* Their first lines that are not empty, as an object by language. NULL without memory. */
json_t *release_notes_headlines(const struct release *release);
/* What identifies these notes: the digest of their JSON. */
WARN_UNUSED int release_notes_digest(
	const struct release *release, char ret_digest[static SHA256_HEX_SIZE], struct error *err);

#endif
