/* What newer kernels do in one call. Below a filter that takes the call away, as Debian 12's own kernel or a service manager does. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"
#include "common/web/path.h"
#include "tests/support/folder.h"
#include "tests/support/old_kernel.h"
#include "tests/support/test.h"

/* In a root of its own, as the sandbox is while it is being built; below Linux 6.6 a mode is set through /proc. */
static bool makes_folders_without_processes_to_see(const char *root)
{
	struct error err = {0};
	struct stat st;
	struct fs fs;

	fs_init(&fs);
	if (unshare(geteuid() == 0 ? 0 : CLONE_NEWUSER) < 0 || chroot(root) < 0 || chdir("/") < 0)
		return false;
	(void)umask(077);
	if (fs_make_dirs(&fs, AT_FDCWD, "/a/b", 0755, &err) < 0)
		(void)fprintf(stderr, "%s\n", err.text);
	return stat("/a/b", &st) == 0 && (st.st_mode & 07777) == 0755;
}

TEST_CASE(test_a_folder_has_its_mode_where_no_processes_are_shown)
{
	struct folder folder;
	int status;
	pid_t pid;

	folder_init(&folder);
	if ((pid = fork()) == 0) {
		old_kernel_lose_fchmodat2();
		_exit(makes_folders_without_processes_to_see(folder.path) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	folder_clear(&folder);
}

TEST_CASE(test_a_file_is_served_and_no_link_is_followed)
{
	static const struct {
		const char *path;
		bool opens;
	} rows[] = {{"file", true}, {"folder/file", true}, {"folder", false}, {"missing", false}, {"inside", false},
		{"outside", false}, {"up/secret", false}};
	AUTO(fd) int root_fd = -1;
	struct folder folder;

	(void)state;
	folder_init(&folder);
	folder_put(&folder, "secret", "s", 1);
	folder_put(&folder, "root/file", "f", 1);
	folder_put(&folder, "root/folder/file", "f", 1);
	assert_int_equal(symlinkat("file", folder.fd, "root/inside"), 0);
	assert_int_equal(symlinkat("../secret", folder.fd, "root/outside"), 0);
	assert_int_equal(symlinkat("..", folder.fd, "root/up"), 0);
	assert_true((root_fd = openat(folder.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0);
	old_kernel_lose_openat2();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(fd) int fd = path_open(root_fd, rows[i].path);

		if ((fd >= 0) != rows[i].opens)
			fail_msg("'%s' is%s opened", rows[i].path, fd >= 0 ? "" : " not");
	}
	folder_clear(&folder);
}

TESTS(NULL, NULL)
