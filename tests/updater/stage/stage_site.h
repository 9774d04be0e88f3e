/* A terminal's folder for one package, a server with two generations of it, and what the disk is told to refuse. */
#ifndef TESTS_UPDATER_STAGE_STAGE_SITE_H
#define TESTS_UPDATER_STAGE_STAGE_SITE_H

#include "tests/support/folder.h"
#include "tests/support/payload.h"
#include "tests/support/test.h"
#include "updater/stage/stage.h"

struct site {
	struct folder folder;
	int versions_fd;
	int cache_fd;
	struct payload old;
	struct payload new;
	struct payload_server server; /* of the new one */
	struct fs fs;
	struct env env;
	struct stage_request request;
	struct stage_progress progress;
	struct error err;
	uint64_t fail_at; /* the change that fails, or at which the process ends; 0: none */
	int fail_with;	  /* errno, or 0 to end the process */
	unsigned stop_at_frame;
	unsigned frames_seen;
	void *noise[4];
};

/* For cmocka: *STATE is a site; or by hand, where a test wants several. */
int site_setup(void **state);
int site_teardown(void **state);
struct site *site_new(void);
void site_free(struct site *site);

/* The old release is staged, and current. */
void site_stage_old(struct site *site);
/* Stages the new one: 0, or -1 with site->err. */
int site_stage(struct site *site);
/* ... and it is there then, whole, with its JSON, and nothing of the work is left over. */
void site_stages(struct site *site);
/* ... or it fails so, and nobody sees the new release. */
void site_refuses(struct site *site, enum error_code code, const char *part);
bool site_is_staged(struct site *site);
/* Whether what is there is what the release says: 0, or -1 with site->err. */
int site_verify(struct site *site);

/* PATH of a release, and of the new one while it is made. Until the next call. */
const char *site_path(const char *folder, const char *path);
const char *site_partial(const struct site *site, const char *path);
void site_assert_file(const struct site *site, const char *path, const void *data, size_t size);
/* A line of shell in the folder. */
void site_run(const struct site *site, const char *command, ...) PRINTF_LIKE(2, 3);
/* One byte of a file becomes another. */
void site_spoil(const struct site *site, const char *path, size_t at);

#endif
