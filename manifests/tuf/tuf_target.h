/* A target, as its verified metadata says it. */
#ifndef MANIFESTS_TUF_TUF_TARGET_H
#define MANIFESTS_TUF_TUF_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/digest.h"
#include "manifests/tuf/tuf_content.h"

struct tuf_target {
	char *path;
	uint64_t length;
	struct tuf_content content; /* what its bytes are checked against: length and at least one hash */
	bool has_sha256;	    /* what our own documents name it by */
	struct sha256 sha256;
	char *url_path; /* below the targets base URL: with the digest in front of the last component where snapshots
			   are consistent */
	char *role;	/* the role that vouches for it, such as "targets" or "reader-app/acme" */
	/* From member "haishin" of "custom", when there; NULL otherwise. */
	char *package;
	char *version;
	char *kind; /* "release", "payload", "delta", "catalog" */
};
void tuf_target_clear(struct tuf_target *target);
DEFINE_AUTO(tuf_target, struct tuf_target, tuf_target_clear);

#endif
