/* What Linux alone offers: to keep a thread and the paths it opens inside one folder, to give memory back, and a service
 * manager to ask. */
#include "common/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <limits.h>
#include <link.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"
#include "common/process.h"

#define SERVICE_MANAGER_MS 10000

/* Everything the first version of Landlock can deny. */
#define LANDLOCK_ALL ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

/* What unpacking needs; running programs, device files, sockets and pipes are none of it. */
#define LANDLOCK_UNPACK                                                                                              \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |                \
		LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |       \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* NAME, one component, in the folder DIR_FD: never up, never through a link. */
static int open_step(int dir_fd, const char *name, int flags)
{
	struct stat st;
	int fd = -1;

	if (strcmp(name, "..") == 0)
		errno = EXDEV;
	else if ((fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC)) < 0 && errno == ENOTDIR)
		errno = fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return fd;
}

/* What openat2 does, where it is not to be had: an older kernel, or a service manager that lets no process make files
 * with setuid bits (RestrictSUIDSGID=) and therefore keeps openat2 from it. */
static int open_step_by_step(int dir_fd, const char *path, int flags)
{
	AUTO(fd) int below_fd = openat(dir_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char copy[PATH_MAX], *rest = copy, *name;

	if (*path == '/' || strlen(path) >= sizeof(copy)) {
		errno = *path == '/' ? EXDEV : ENAMETOOLONG;
		return -1;
	}
	(void)strcpy(copy, path);
	while (name = strsep(&rest, "/"), rest && below_fd >= 0) {
		int next_fd = open_step(below_fd, name, O_PATH | O_DIRECTORY);
		int sys = errno;

		(void)close(below_fd);
		below_fd = next_fd;
		errno = sys;
	}
	return below_fd < 0 ? -1 : open_step(below_fd, name, flags);
}

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
	if (fd < 0 && errno == ENOSYS)
		fd = open_step_by_step(dir_fd, path, flags);
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

static int forget_text(struct dl_phdr_info *object, size_t size, void *context)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size, (void)context;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t begin = ((uintptr_t)object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
		uintptr_t end = ((uintptr_t)object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);

		/* What may be written to is the process's own, and is not in the file. */
		if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W) && end > begin)
			(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void platform_rest(void)
{
	(void)malloc_trim(0);
	(void)dl_iterate_phdr(forget_text, NULL);
}

/* In <asm/socket.h> of Linux 6.5 and later. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int platform_open_peer(int socket_fd, const struct platform_peer *peer, struct error *err)
{
	int fd = -1;
	socklen_t len = sizeof(fd);

	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) == 0)
		return fd;
	if (errno == ENOPROTOOPT)
		fd = (int)syscall(SYS_pidfd_open, peer->pid, 0);
	return fd < 0 ? error_system(err, errno, "the process that calls has ended") : fd;
}

/* ---- The service manager ---- */

static int control_machine(struct processes *processes, const char *const *argv, struct error *err)
{
	AUTO(buf) struct buf output = BUF_INIT(1024);
	struct process_request request = {.argv = argv, .timeout_ms = SERVICE_MANAGER_MS, .output = &output};
	struct process_result result;

	if (processes->run(processes, &request, &result, err) < 0)
		return -1;
	if (result.timed_out || result.exit_status)
		return error_set(err, ERROR_FAILED, "systemctl %s ended with %d: %s", argv[1], result.exit_status,
			process_last_line(&output));
	return 0;
}

int platform_restart(struct processes *processes, struct error *err)
{
	return control_machine(processes, (const char *const[]){PLATFORM_SERVICE_CONTROL, "reboot", NULL}, err);
}

int platform_power_down(struct processes *processes, bool to_sleep, struct error *err)
{
	const char *const argv[] = {
		PLATFORM_SERVICE_CONTROL, to_sleep ? "suspend" : "poweroff", "--check-inhibitors=yes", NULL};

	return control_machine(processes, argv, err);
}

enum platform_service platform_service(struct processes *processes, const char *name)
{
	static const char *const enabled[] = {
		"enabled", "enabled-runtime", "static", "alias", "indirect", "generated"};
	static const char *const disabled[] = {"disabled", "masked", "masked-runtime", "linked"};
	const char *const argv[] = {PLATFORM_SERVICE_CONTROL, "is-enabled", name, NULL};
	AUTO(buf) struct buf output = BUF_INIT(1024);
	struct process_request request = {.argv = argv, .timeout_ms = SERVICE_MANAGER_MS, .output = &output};
	struct process_result result;
	const char *word;

	if (processes->run(processes, &request, &result, NULL) < 0)
		return PLATFORM_SERVICE_UNKNOWN;
	word = process_last_line(&output);
	for (size_t i = 0; i < ARRAY_SIZE(enabled); i++)
		if (strcmp(word, enabled[i]) == 0)
			return PLATFORM_SERVICE_ENABLED;
	for (size_t i = 0; i < ARRAY_SIZE(disabled); i++)
		if (strcmp(word, disabled[i]) == 0)
			return PLATFORM_SERVICE_DISABLED;
	return PLATFORM_SERVICE_UNKNOWN;
}

struct links {
	struct fs *fs;
	bool any;
};

/* "1" where something is at the other end; an interface that is not up says nothing. */
static int look_at_interface(void *context, int dir_fd, const char *name, struct error *err)
{
	AUTO(buf) struct buf carrier = BUF_INIT(64);
	char path[NAME_MAX + sizeof("/carrier")];
	struct links *links = context;

	(void)err;
	if (strcmp(name, "lo") == 0 || snprintf(path, sizeof(path), "%s/carrier", name) >= (int)sizeof(path))
		return 0;
	links->any |= fs_read_file(links->fs, dir_fd, path, &carrier, NULL) == 0 && *buf_text(&carrier) == '1';
	return 0;
}

enum platform_link platform_link(struct fs *fs, const char *folder)
{
	struct links links = {.fs = fs};

	if (fs_each(fs, AT_FDCWD, folder, look_at_interface, &links, NULL) < 0)
		return PLATFORM_LINK_UNKNOWN;
	return links.any ? PLATFORM_LINK_UP : PLATFORM_LINK_DOWN;
}

#define IOPRIO_OF_THREAD 1
#define IOPRIO_IDLE (3 << 13)

void platform_rest_from_disk(void)
{
	(void)syscall(SYS_ioprio_set, IOPRIO_OF_THREAD, 0, IOPRIO_IDLE);
}
