#include "tools/repo/workbench/bench_place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"
#include "rollback/sandbox/rights.h"

/* The folder that BENCH_PACKAGES_PATH lies in; what else it holds no program of a package sees anyway. */
#define ABOVE "/opt"

static int make_place(struct error *err)
{
	struct stat st;
	struct fs fs;

	if (stat(BENCH_PACKAGES_PATH, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	if (mount("tmpfs", ABOVE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k") < 0)
		return error_system(err, errno, "cannot mount '" ABOVE "'");
	fs_init(&fs);
	return fs_make_dirs(&fs, AT_FDCWD, BENCH_PACKAGES_PATH, 0755, err);
}

static int show(const char *packages, struct error *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_system(err, errno, "cannot leave the machine's mounts");
	if (make_place(err) < 0)
		return -1;
	if (mount(packages, BENCH_PACKAGES_PATH, NULL, MS_BIND, NULL) < 0)
		return error_system(err, errno, "cannot show '%s' at '" BENCH_PACKAGES_PATH "'", packages);
	return 0;
}

int bench_place_enter(const char *packages, struct error *err)
{
	bool is_ordinary = !rights_can_mount();
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int ret;

	if (unshare(CLONE_NEWNS | (is_ordinary ? CLONE_NEWUSER : 0)) < 0)
		return error_system(err, errno, "cannot make namespaces");
	ret = is_ordinary && rights_keep_ids(uid, gid, err) < 0 ? -1 : show(packages, err);
	/* With them the sandbox would take this namespace of users for its own. */
	return is_ordinary && rights_drop_capabilities(ret < 0 ? NULL : err) < 0 ? -1 : ret;
}
