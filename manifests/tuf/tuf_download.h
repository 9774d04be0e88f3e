/* A target fetched into a folder (TUF 5.7). */
#ifndef MANIFESTS_TUF_TUF_DOWNLOAD_H
#define MANIFESTS_TUF_TUF_DOWNLOAD_H

#include "common/env.h"
#include "manifests/tuf/tuf_client.h"

/* Stores a target below DIR_FD under the one name that its path maps to (tuf_target_file_name). A file that already
 * matches is left untouched and nothing is asked of the server. Until length and hashes match nothing appears under
 * the final name; on failure the former file is unchanged and nothing else is left behind. One process at a time
 * works in a folder; others wait. */
WARN_UNUSED int tuf_download(const struct env *env, int dir_fd, const char *targets_url,
	const struct tuf_target *target, struct error *err);

#endif
