/* Delivery by hand: from a repository in a folder, such as a stick or a share, on a terminal that is disabled or cut
 * off from its server (F6, F21). Trust and freshness are asked of it as of a server. */
#ifndef AGENT_NIGHT_INSTALL_H
#define AGENT_NIGHT_INSTALL_H

#include "agent/night/night.h"

/* ERROR_USAGE where PATH is no absolute path of printable UTF-8. */
WARN_UNUSED int install_check_path(const char *path, struct error *err);

/* As night_run(), with the repository in the folder PATH instead of the servers. The unprivileged worker reads it, so
 * nobody gets to see through it what they may not read themselves, unless everybody may. OPTIONS say nothing of a
 * window. */
WARN_UNUSED int install_run(struct terminal *terminal, const char *path, const struct night_options *options,
	struct job_lines *lines, struct job_result *ret_result, struct error *err);

#endif
