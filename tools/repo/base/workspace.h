/* The publisher's folder: its settings, its lock, and what stands where in it. What is in the metadata is for
 * tools/repo/metadata/documents.h.
 *
 *   haishin-repo.json     settings: days until metadata expires
 *   staged/ROLE.json      new metadata, waiting for signatures and for `publish`
 *   staged/targets/       new target files under their published names
 *   repository/metadata/  published metadata (old versions stay)
 *   repository/targets/   published target files */
#ifndef TOOLS_REPO_BASE_WORKSPACE_H
#define TOOLS_REPO_BASE_WORKSPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/fs.h"
#include "tools/repo/base/command.h"

#define WORKSPACE_STAGED "staged"
#define WORKSPACE_TARGETS "repository/targets"
#define WORKSPACE_METADATA "repository/metadata"
#define WORKSPACE_STAGED_TARGETS "staged/targets"

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
	int64_t ahead; /* versions that are left out, as clients may have seen them; 0 */
};

#define WORKSPACE_INIT                                                                                               \
	{                                                                                                            \
		.dir_fd = -1, .lock_fd = -1                                                                          \
	}

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
void workspace_close(struct workspace *workspace);
DEFINE_AUTO(workspace, struct workspace, workspace_close);

/* Every name that is none of the four top-level roles is a delegated role's. */
enum workspace_role_kind workspace_kind(const char *role);
/* How long new metadata of ROLE holds, as the settings say. */
int64_t workspace_lifetime_s(const struct workspace *workspace, const char *role);

#endif
