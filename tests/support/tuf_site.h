/* A repository and a client's folder side by side: what most tests of the trust code begin with. */
#ifndef TESTS_SUPPORT_TUF_SITE_H
#define TESTS_SUPPORT_TUF_SITE_H

#include "common/env.h"
#include "manifests/tuf/tuf_client.h"
#include "tests/support/folder.h"
#include "tests/support/tuf_repository.h"

struct tuf_site {
	struct tuf_repository repository;
	struct folder metadata; /* the client's */
	struct folder targets;	/* the client's */
	struct fs fs;
	struct env env;
	int64_t now_s;
	bool keep_time_floor;
	struct error err; /* of the last call */
};

/* The client trusts root 1 and has nothing else yet. */
void tuf_site_init(struct tuf_site *site);
void tuf_site_clear(struct tuf_site *site);

/* For a test that opens the client itself. */
struct tuf_client_options tuf_site_options(const struct tuf_site *site);

/* One update in a client of its own, with the requests recorded anew. 0, or -1 with site->err set. */
int tuf_site_refresh(struct tuf_site *site);
/* Refreshes, then finds and downloads each target; NULL ends the list. */
int tuf_site_download(struct tuf_site *site, const char *const *paths);
/* The same for one. */
int tuf_site_download_one(struct tuf_site *site, const char *path);

/* The version that a file of trusted metadata says, 0 where there is none; NAME is a role as files spell it. */
int64_t tuf_site_version(struct tuf_site *site, const char *name);
/* True if the client's file has exactly the bytes that are served under a name. */
bool tuf_site_has_bytes(struct tuf_site *site, const char *name, const char *served);
/* The text of a stored target; NULL where there is none. On the heap. */
char *tuf_site_target(struct tuf_site *site, const char *file);

#endif
