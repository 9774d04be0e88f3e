/* What Linux alone offers to keep a thread and the paths it opens inside one folder. */
#include "common/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/auto.h"

/* Everything the first version of Landlock can deny. */
#define LANDLOCK_ALL ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

/* What unpacking needs; running programs, device files, sockets and pipes are none of it. */
#define LANDLOCK_UNPACK                                                                                              \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |                \
		LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |       \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM)

int platform_open_below(int dir_fd, const char *path, int flags, struct error *err)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	do {
		fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	if (fd < 0 && (errno == ELOOP || errno == EXDEV))
		return error_set(err, ERROR_DAMAGED, "'%s' leads through a link or out of its folder", path);
	if (fd < 0)
		return error_system(err, errno, "cannot open '%s'", path);
	return (int)fd;
}

int platform_confine_thread(int dir_fd, struct error *err)
{
	struct landlock_ruleset_attr all = {.handled_access_fs = LANDLOCK_ALL};
	struct landlock_path_beneath_attr folder = {.allowed_access = LANDLOCK_UNPACK, .parent_fd = dir_fd};
	AUTO(fd) int rules_fd = -1;

	if ((rules_fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0)) < 0)
		return 0; /* this kernel has no Landlock, or it is switched off */
	if (syscall(SYS_landlock_add_rule, rules_fd, LANDLOCK_RULE_PATH_BENEATH, &folder, 0) < 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_landlock_restrict_self, rules_fd, 0) < 0)
		return error_system(err, errno, "cannot confine a thread to its folder");
	return 0;
}
