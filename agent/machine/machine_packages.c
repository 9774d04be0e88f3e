#include "agent/machine/machine_packages.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static const char *kind_of(mode_t mode)
{
	return S_ISDIR(mode) ? "folder" : S_ISLNK(mode) ? "link" : S_ISREG(mode) ? "file" : "special file";
}

/* NAME below the package's folder, "" for the folder itself, is of TYPE where it is there. */
static void look_at(const char *folder, const char *name, mode_t type, struct machine *machine)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s%s", folder, *name ? "/" : "", name) >= (int)sizeof(path) ||
		lstat(path, &st) < 0)
		return;
	if ((st.st_mode & S_IFMT) != type)
		(void)machine_add(machine, MACHINE_PACKAGE_ODD, path, "it is a %s, and should be a %s",
			kind_of(st.st_mode), kind_of(type));
	else if (!machine_is_ours(&st) && type != S_IFLNK)
		(void)machine_add(machine, MACHINE_FILE_FOREIGN, path, "user %d owns it, mode %04o", (int)st.st_uid,
			st.st_mode & 07777);
}

void machine_look_at_packages(const struct machine_question *question, struct machine *machine)
{
	const struct config_list *packages = &question->config->packages;
	char folder[PATH_MAX];

	for (size_t i = 0; i < packages->count; i++) {
		if (snprintf(folder, sizeof(folder), "%s/%s", question->config->packages_path, packages->items[i]) >=
			(int)sizeof(folder))
			continue;
		look_at(folder, "", S_IFDIR, machine);
		look_at(folder, "versions", S_IFDIR, machine);
		look_at(folder, "current", S_IFLNK, machine);
		look_at(folder, "previous", S_IFLNK, machine);
	}
}
