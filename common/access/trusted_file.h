/* Files whose owner and mode matter: what may be believed, and what must be a secret, as sudo and ssh look at theirs. Owner
 * and mode are those of the open file, so that it is the one that is read. */
#ifndef COMMON_ACCESS_TRUSTED_FILE_H
#define COMMON_ACCESS_TRUSTED_FILE_H

#include "common/buf.h"
#include "common/error.h"
#include "common/fs.h"

/* 0 if only root and this account can have written what FD is, a file or folder: it belongs to one of them, and where this
 * is root neither its group nor everybody may write it. ERROR_INPUT says who could, and the command that mends it. */
WARN_UNUSED int trusted_file_check_writers(int fd, const char *path, struct error *err);

/* As fs_read_file, for what is believed: ERROR_INPUT where others may have written it. */
WARN_UNUSED int trusted_file_read(
	struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err);

/* 0 if nobody but its owner, who is root or this account, or this account by an access control list, may read the file. What is no plain file (a pipe, a terminal) passes. ERROR_INPUT says who
 * may, and the command that mends it. */
WARN_UNUSED int trusted_file_check_secret(int fd, const char *path, struct error *err);

/* As fs_read_given, for a secret: ERROR_INPUT where others may read it. */
WARN_UNUSED int trusted_file_read_secret(
	struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err);

#endif
