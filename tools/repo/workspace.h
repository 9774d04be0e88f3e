/* The publisher's folder: settings, metadata being prepared, and the repository that clients see.
 *
 *   haishin-repo.json     settings: days until metadata expires
 *   staged/ROLE.json      new metadata, waiting for signatures and for `publish`
 *   staged/targets/       new target files under their published names
 *   repository/metadata/  published metadata (old versions stay)
 *   repository/targets/   published target files */
#ifndef TOOLS_REPO_WORKSPACE_H
#define TOOLS_REPO_WORKSPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/fs.h"
#include "common/json.h"
#include "tools/repo/command.h"

#define WORKSPACE_STAGED "staged"
#define WORKSPACE_TARGETS "repository/targets"
#define WORKSPACE_METADATA "repository/metadata"
#define WORKSPACE_STAGED_TARGETS "staged/targets"
#define WORKSPACE_METADATA_MAX_BYTES (64u << 20)
#define WORKSPACE_ROLE_FILE_SIZE 256

enum workspace_role_kind {
	WORKSPACE_ROOT,
	WORKSPACE_TARGETS_ROLE,
	WORKSPACE_DELEGATED,
	WORKSPACE_SNAPSHOT,
	WORKSPACE_TIMESTAMP,
	WORKSPACE_ROLE_KINDS
};

struct workspace {
	struct fs *fs;
	const struct clock *clock;
	int dir_fd;
	int lock_fd;
	const char *repository; /* the published part, below the folder */
	const char *path;
	size_t existed; /* so many bytes of PATH named something before workspace_create */
	bool made_lock;
	int64_t expiry_days[WORKSPACE_ROLE_KINDS];
};

/* Opens and locks the folder of --repo. ERROR_NOT_FOUND where it is none of ours, ERROR_BUSY where another command is
 * at work in it. */
WARN_UNUSED int workspace_open(struct workspace *workspace, const struct tool *tool, struct error *err);
/* ERROR_USAGE where the folder of --repo is a publisher's already. Changes nothing. */
WARN_UNUSED int workspace_may_begin(const struct tool *tool, struct error *err);
/* Begins a new one, empty, and locks it; refused as by workspace_may_begin. It becomes one with
 * workspace_save_settings. After failure there is nothing that was not there before. */
WARN_UNUSED int workspace_create(struct workspace *workspace, const struct tool *tool, struct error *err);
/* Takes back what workspace_create made, as far as nothing else is in there. */
void workspace_abandon(struct workspace *workspace);
/* The folders of a new one, before anything is staged. */
WARN_UNUSED int workspace_make_folders(const struct workspace *workspace, struct error *err);
/* Opens a publisher's folder, or one that holds metadata/ and targets/ alone, to read what is published. */
WARN_UNUSED int workspace_look(
	struct workspace *workspace, const struct tool *tool, const char *path, struct error *err);
WARN_UNUSED int workspace_save_settings(const struct workspace *workspace, struct error *err);
void workspace_release(struct workspace *workspace);
DEFINE_AUTO(workspace, struct workspace, workspace_release);

enum workspace_role_kind workspace_kind(const char *role);
int64_t workspace_lifetime_s(const struct workspace *workspace, const char *role);

/* "ROLE" with all but A-Z a-z 0-9 - . _ ~ as %XX. ERROR_INPUT where it is too long for a file name. */
WARN_UNUSED int workspace_role_file(
	const char *role, char ret_name[static WORKSPACE_ROLE_FILE_SIZE], struct error *err);

/* A published document {"signatures", "signed"}, a new reference; NULL with no error where the role is not published.
 */
WARN_UNUSED int workspace_published(
	const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err);
/* The same for what is staged. */
WARN_UNUSED int workspace_staged(
	const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err);
/* What is staged, or else published. */
WARN_UNUSED int workspace_current(
	const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err);

/* The roles that are staged, as an array of names. A new reference. */
json_t *workspace_staged_roles(const struct workspace *workspace, struct error *err);

/* A copy of a role's current "signed", to be changed and staged; NULL with no error where there is none. */
WARN_UNUSED int workspace_edit(
	const struct workspace *workspace, const char *role, json_t **ret_signed, struct error *err);

/* Stages BODY as the next version of ROLE, with a new expiry and no signatures. BODY is changed so. */
WARN_UNUSED int workspace_stage(const struct workspace *workspace, const char *role, json_t *body, struct error *err);

/* Writes a whole staged document, for signatures. */
WARN_UNUSED int workspace_put_staged(
	const struct workspace *workspace, const char *role, const json_t *document, struct error *err);
WARN_UNUSED int workspace_drop_staged(const struct workspace *workspace, const char *role, struct error *err);

/* A new "signed" of TYPE, without what is particular to it. */
json_t *workspace_new_body(const char *type);

/* Version, expiry and time of signing for a document that is about to be signed. */
WARN_UNUSED int workspace_date(
	const struct workspace *workspace, const char *role, json_t *body, int64_t version, struct error *err);

#endif
