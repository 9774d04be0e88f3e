/* The TUF client workflow (specification 1.0.34, section 5) over a folder of trusted metadata and a transport. One
 * client is one update: one fixed start time, one state. */
#ifndef MANIFESTS_TUF_TUF_CLIENT_H
#define MANIFESTS_TUF_TUF_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/env.h"
#include "common/error.h"
#include "manifests/tuf/tuf_target.h"

/* An update, or a search for a target, takes no longer over all its requests: ERROR_NETWORK. Others wait for the
 * folder meanwhile. */
#define TUF_UPDATE_MOST_S 900

struct tuf_client;

struct tuf_client_options {
	int metadata_dir_fd;	  /* borrowed; holds root.json and what the client keeps */
	const char *metadata_url; /* base; one '/' is put behind it where none is */
	int64_t start_time_s;	  /* the one time every expiry is checked against (5.1) */
	bool wait_for_lock;	  /* where another process holds the folder: wait, instead of ERROR_BUSY */
	bool keep_time_floor;	  /* believe no clock behind the time floor of the folder, and raise the floor */
};

/* Makes BYTES the trusted root of an empty or existing folder (init). The root must be well-formed and signed by its
 * own threshold; a folder that has another keeps it where it is not. */
WARN_UNUSED int tuf_client_init(struct fs *fs, int metadata_dir_fd, const void *root, size_t len, struct error *err);

/* Locks the folder (ERROR_BUSY), loads the trusted root. ERROR_DAMAGED where it is unusable: before any request. */
WARN_UNUSED int tuf_client_open(const struct env *env, const struct tuf_client_options *options,
	struct tuf_client **ret_client, struct error *err);

/* 5.3 to 5.6.6: root chain, timestamp, snapshot, top-level targets. ERROR_REFUSED names the attack it would have been
 * (rollback, freeze, mix and match, wrong key ...). Roles accepted before a later one fails are kept. */
WARN_UNUSED int tuf_client_refresh(struct tuf_client *client, struct error *err);

/* 5.6.7: finds the target, fetching delegated roles as needed. After tuf_client_refresh. ERROR_NOT_FOUND. */
WARN_UNUSED int tuf_client_find(
	struct tuf_client *client, const char *path, struct tuf_target *ret_target, struct error *err);

/* Fetches a target found before into memory, within the limit of RET_BYTES; its length and digests are checked. */
WARN_UNUSED int tuf_client_fetch(struct tuf_client *client, const char *targets_url, const struct tuf_target *target,
	struct buf *ret_bytes, struct error *err);

/* A document that stands in no snapshot, "ROLE.json", which its role's key alone replaces. Fetched anew each time, and only where
 * the targets role delegates PATH to ROLE; its signatures are checked, nothing else. ERROR_NOT_FOUND where there is no such
 * delegation; ERROR_SERVER where the server does not have it. After tuf_client_refresh. */
WARN_UNUSED int tuf_client_fetch_statement(struct tuf_client *client, const char *role, const char *path,
	struct buf *ret_bytes, struct error *err);
/* The same check of one that was kept: 0 where it is signed by those whom the targets role names now. */
WARN_UNUSED int tuf_client_check_statement(struct tuf_client *client, const char *role, const char *path,
	const void *data, size_t len, struct error *err);

/* Raises the time floor, where it is kept, to a time that a verified target vouches for, such as the catalog's time
 * of issue. A time at which metadata trusted now would be expired is not believed: whoever holds one stolen key
 * cannot make everything look expired for good. */
WARN_UNUSED int tuf_client_vouch_time(struct tuf_client *client, int64_t time_s, struct error *err);

/* The time that expiry is checked against: the start time, or the floor where that is above it. */
int64_t tuf_client_now_s(const struct tuf_client *client);

/* The version of a role's trusted metadata, 0 where there is none; its expiry. For status and reports. */
int64_t tuf_client_version(const struct tuf_client *client, const char *role, int64_t *ret_expires_s);

void tuf_client_free(struct tuf_client *client);
DEFINE_AUTO_PTR(tuf_client, struct tuf_client, tuf_client_free);

#endif
