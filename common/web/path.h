/* From the path of a request to a name below the served folder. */
#ifndef COMMON_WEB_PATH_H
#define COMMON_WEB_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes the raw path of a request into a relative path. False where nothing of that name is ever served: no leading
 * slash, an empty component, one that begins with a dot (so "..", too), %00, %2F, a control character, a '%' without
 * two digits, longer than SIZE. */
bool path_decode(const char *raw, char *ret_path, size_t size);

/* Opens a plain file for reading, below ROOT_FD whatever links lie there; -1 where there is none. Where openat2 is not to be had (Linux
 * before 5.6, RestrictSUIDSGID=), no link is followed, not even one that stays below. */
int path_open(int root_fd, const char *path);

#endif
