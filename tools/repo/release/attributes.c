#include "tools/repo/release/attributes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "common/auto.h"

#define NAMES_MAX_BYTES 65536 /* the kernel's own bound */

/* What machines label files with by themselves; it is made anew where a file is put. */
static const char *const by_the_machine[] = {"security.selinux", "security.ima", "security.evm", "security.SMACK64",
	"security.apparmor", "system.nfs4_acl", "btrfs.", "com.apple."};

int attributes_check_name(const char *name, const char *path, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(by_the_machine); i++)
		if (strncmp(name, by_the_machine[i], strlen(by_the_machine[i])) == 0)
			return 0;
	if (strcmp(name, "security.capability") == 0)
		return error_set(err, ERROR_INPUT,
			"'%s' has file capabilities: a delivered file must not give rights away; let a unit of the "
			"terminal grant them, and take them off with setcap -r",
			path);
	if (strncmp(name, "system.posix_acl", strlen("system.posix_acl")) == 0)
		return error_set(err, ERROR_INPUT,
			"'%s' has an access control list, which terminals would not get; take it off with setfacl -b",
			path);
	return error_set(err, ERROR_INPUT,
		"'%s' has the extended attribute %.80s, which terminals would not get; take it off with setfattr -x",
		path, name);
}

int attributes_check(int fd, const char *path, struct error *err)
{
	char link[64], names[NAMES_MAX_BYTES];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((len = listxattr(link, names, sizeof(names))) < 0)
		return errno == ENOTSUP || errno == ENOSYS
			       ? 0
			       : error_system(err, errno, "cannot read the extended attributes of '%s'", path);
	for (const char *name = names; name < names + len; name += strlen(name) + 1)
		if (attributes_check_name(name, path, err) < 0)
			return -1;
	return 0;
}
