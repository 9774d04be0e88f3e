/* The release that belongs to a folder on disk, as its own bytes beside it say. */
#ifndef AGENT_RESTART_RELEASE_FILE_H
#define AGENT_RESTART_RELEASE_FILE_H

#include "agent/base/terminal.h"
#include "manifests/release/release.h"

/* ERROR_NOT_FOUND where its bytes are not there; other errors where they are damaged. */
WARN_UNUSED int release_file_read(const struct terminal *terminal, const char *package, const char *folder,
	struct release **ret_release, struct error *err);

#endif
