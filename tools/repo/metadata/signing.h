/* Who may sign for a role, signing with the keys at hand, and counting what is still missing. */
#ifndef TOOLS_REPO_METADATA_SIGNING_H
#define TOOLS_REPO_METADATA_SIGNING_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/json.h"
#include "manifests/tuf/metadata_signers.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/keys/keyring.h"

/* The keys that a root or targets document appoints for one role. */
struct authority {
	json_t *document; /* owns what SIGNERS points to */
	struct metadata_signers signers;
};
void authority_clear(struct authority *authority);
DEFINE_AUTO(authority, struct authority, authority_clear);

/* As the current (staged, or else published) metadata says; or, where PUBLISHED is true, as clients know it now.
 * ERROR_NOT_FOUND where nobody is appointed. */
WARN_UNUSED int authority_find(struct authority *authority, const struct workspace *workspace, const char *role,
	bool published, struct error *err);

/* Adds signatures by keys of AUTHORITY that the keyring can open, until there are enough. RET_ADDED counts them. */
WARN_UNUSED int signing_add(json_t *document, const struct authority *authority, struct keyring *keyring,
	size_t *ret_added, struct error *err);

/* Opens as many private keys in the keyring as signing for ROLE takes, as BODY ("signed" of root, or of targets for a
 * delegated role) appoints them. A command does so before it changes anything: a wrong passphrase then leaves all as
 * it was. */
WARN_UNUSED int signing_open_keys(const json_t *body, const char *role, struct keyring *keyring, struct error *err);
/* The same as authority_find() knows them. */
WARN_UNUSED int signing_open_keys_of(const struct workspace *workspace, const char *role, bool published,
	struct keyring *keyring, struct error *err);

/* Signs a document of ROLE with the keys that authority_find() finds, as far as they are here. RET_MISSING counts what
 * is still missing. */
WARN_UNUSED int signing_for(const struct workspace *workspace, const char *role, bool published, json_t *document,
	struct keyring *keyring, int64_t *ret_missing, struct error *err);
/* The same for clients that still have the published root; nothing is missing where none is published. */
WARN_UNUSED int signing_for_former(const struct workspace *workspace, const char *role, json_t *document,
	struct keyring *keyring, int64_t *ret_missing, struct error *err);

/* Signs a document of ROLE for everybody who will check it: the current authority, and for root the published one
 * too. RET_MISSING counts what is still missing. */
WARN_UNUSED int signing_complete(const struct workspace *workspace, const char *role, json_t *document,
	struct keyring *keyring, int64_t *ret_missing, struct error *err);

/* Signs what is staged for ROLE and writes it back. ERROR_NOT_FOUND where nothing is. */
WARN_UNUSED int signing_staged(const struct workspace *workspace, const char *role, struct keyring *keyring,
	int64_t *ret_missing, struct error *err);

#endif
