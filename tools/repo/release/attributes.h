/* What a file carries beside its bytes and mode, and a payload does not: capabilities, access lists, extended
 * attributes. Whoever relied on them would miss them on every terminal, so they are refused. */
#ifndef TOOLS_REPO_RELEASE_ATTRIBUTES_H
#define TOOLS_REPO_RELEASE_ATTRIBUTES_H

#include "common/error.h"

/* Of the open file FD (O_PATH will do), which is PATH in the release. ERROR_INPUT names the attribute. */
WARN_UNUSED int attributes_check(int fd, const char *path, struct error *err);
/* Of one attribute by its name, such as "security.capability". */
WARN_UNUSED int attributes_check_name(const char *name, const char *path, struct error *err);

#endif
