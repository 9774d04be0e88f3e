/* A TUF repository in memory with real keys and signatures, able to say anything wrong, served through a transport
 * that records what is asked for. What cannot be done here ends the program. */
#ifndef TESTS_SUPPORT_TUF_REPOSITORY_H
#define TESTS_SUPPORT_TUF_REPOSITORY_H

#include <stdbool.h>

#include "common/json.h"
#include "common/transport.h"
#include "manifests/keys/signer.h"
#include "tests/support/folder.h"

#define TUF_METADATA_URL "http://repository.test/metadata/"
#define TUF_TARGETS_URL "http://repository.test/targets/"

/* Metadata that is not meant to expire does so then: 2030-01-01. */
#define TUF_EXPIRES "2030-01-01T00:00:00Z"
#define TUF_NOW_S INT64_C(1767225600) /* 2026-01-01 */

struct tuf_repository {
	struct transport transport;
	json_t *bodies;	      /* role -> what it says next: change it, then publish */
	json_t *files;	      /* "metadata/2.root.json" or "targets/..." -> bytes, in hex */
	json_t *signers;      /* role -> key ids that sign it */
	struct signer **keys; /* every key ever made */
	size_t keys_count;
	enum key_kind kind;	/* of the keys made next */
	bool list_contents;	/* snapshot and timestamp list lengths and hashes */
	char requests[65536];	/* what was asked for since the last clear, a blank behind each */
	const char *fault_name; /* a file that is answered with fault_status instead: 0 is a cut connection */
	int fault_status;
};

/* Version 1 of root, timestamp, snapshot and targets, one Ed25519 key each, consistent snapshots. */
void tuf_repository_init(struct tuf_repository *repository);
void tuf_repository_clear(struct tuf_repository *repository);

/* What a role says next, borrowed; and one of its members that is an object. */
json_t *tuf_repository_body(struct tuf_repository *repository, const char *role);
json_t *tuf_repository_member(struct tuf_repository *repository, const char *role, const char *member);
void tuf_repository_set_version(struct tuf_repository *repository, const char *role, int64_t version);
int64_t tuf_repository_version(struct tuf_repository *repository, const char *role);
void tuf_repository_set_expires(struct tuf_repository *repository, const char *role, const char *date);

/* Signs a role as it stands and serves it, with its version in the name and without. */
void tuf_repository_publish(struct tuf_repository *repository, const char *role);
/* One version up, then publishes. */
void tuf_repository_bump(struct tuf_repository *repository, const char *role);
/* Lists the published versions of all targets roles in a new snapshot, and that in a new timestamp. */
void tuf_repository_snapshot(struct tuf_repository *repository);
/* A new timestamp that lists the snapshot as published. */
void tuf_repository_timestamp(struct tuf_repository *repository);
/* Targets one version up, and listed so. */
void tuf_repository_bump_targets(struct tuf_repository *repository);

/* Signs and serves a role unlisted: with other contents under the version it has; as another version under the name of
 * the one it has. */
void tuf_repository_alter(struct tuf_repository *repository, const char *role);
void tuf_repository_disguise(struct tuf_repository *repository, const char *role, int64_t version);

/* The signed document of a role, to change and to put in place. */
json_t *tuf_repository_document(struct tuf_repository *repository, const char *role);
void tuf_repository_put(struct tuf_repository *repository, const char *name, const void *data, size_t len);
void tuf_repository_put_json(struct tuf_repository *repository, const char *name, const json_t *document);
void tuf_repository_remove(struct tuf_repository *repository, const char *name);
/* The bytes served under a name, on the heap. */
char *tuf_repository_bytes(struct tuf_repository *repository, const char *name, size_t *ret_len);

/* Makes a key; the repository keeps it. */
struct signer *tuf_repository_key(struct tuf_repository *repository);
/* The delegator's list of a role's signers gets another key, which signs it from now on. BY is "root" for top-level
 * roles. */
const char *tuf_repository_add_key(struct tuf_repository *repository, const char *by, const char *role);
/* A new key takes the place of all others. */
void tuf_repository_rotate(struct tuf_repository *repository, const char *by, const char *role);
void tuf_repository_set_threshold(struct tuf_repository *repository, const char *by, const char *role, int threshold);
/* The object that appoints a role's signers. */
json_t *tuf_repository_appointment(struct tuf_repository *repository, const char *by, const char *role);

/* Lists and serves a target. */
void tuf_repository_add_target(
	struct tuf_repository *repository, const char *role, const char *path, const char *text);
/* Delegates a pattern to a role, made with one key where it is new. */
void tuf_repository_delegate(
	struct tuf_repository *repository, const char *by, const char *role, const char *pattern, bool terminating);

void tuf_repository_forget_requests(struct tuf_repository *repository);

/* Writes all files below PREFIX in a folder, for a real server; and removes nothing. */
void tuf_repository_export(struct tuf_repository *repository, const struct folder *folder, const char *prefix);

#endif
