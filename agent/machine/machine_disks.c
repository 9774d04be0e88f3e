#include "agent/machine/machine_disks.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "common/disk/disk.h"

#define TRIAL_FILE "haishin-trial"
#define OWN_BYTES (UINT64_C(8) << 20) /* what records and downloads need to go on, of a disk that is larger than that */
#define WHAT_SIZE 256
#define OWN_FILES 64
#define OWN_SHARE 20 /* of a small disk it is this part */

struct looked_at {
	const char *path;
	bool holds_packages;
};

/* The folder, or the nearest one above it that is there. */
static bool find_folder(const char *path, char ret_found[static PATH_MAX])
{
	struct stat st;

	if (snprintf(ret_found, PATH_MAX, "%s", path) >= PATH_MAX)
		return false;
	while (stat(ret_found, &st) < 0) {
		char *slash = strrchr(ret_found, '/');

		if (!slash || slash == ret_found)
			return false;
		*slash = '\0';
	}
	return S_ISDIR(st.st_mode);
}

/* The place at which the disk of PATH is mounted, for whoever has to mount it otherwise. */
static void find_mount(const char *path, char ret_mount[static PATH_MAX])
{
	struct statx here, above;
	char up[PATH_MAX];

	(void)snprintf(ret_mount, PATH_MAX, "%s", path);
	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &here) < 0)
		return;
	for (;;) {
		char *slash;

		(void)snprintf(up, sizeof(up), "%s", ret_mount);
		if (!(slash = strrchr(up, '/')) || !slash[1])
			return;
		slash[slash == up] = '\0';
		if (statx(AT_FDCWD, up, 0, STATX_MNT_ID, &above) < 0 || above.stx_mnt_id != here.stx_mnt_id)
			return;
		(void)snprintf(ret_mount, PATH_MAX, "%s", up);
	}
}

static struct disk_room room_of(const struct config *config, const struct looked_at *folder, const struct disk *disk)
{
	uint64_t share = disk->total_bytes / OWN_SHARE;

	if (folder->holds_packages)
		return (struct disk_room){.bytes = config->reserve_space, .files = (uint64_t)config->reserve_files};
	return (struct disk_room){.bytes = share < OWN_BYTES ? share : OWN_BYTES, .files = OWN_FILES};
}

/* The same disk was named for this already. */
static bool is_named(const struct machine *machine, enum machine_fault_kind kind, const char *found)
{
	struct stat here, there;

	for (size_t i = 0; i < machine->count; i++) {
		char other[PATH_MAX];

		if (machine->faults[i].kind == kind && find_folder(machine->faults[i].place, other) &&
			stat(found, &here) == 0 && stat(other, &there) == 0 && here.st_dev == there.st_dev)
			return true;
	}
	return false;
}

static void add(struct machine *machine, enum machine_fault_kind kind, const struct looked_at *folder, const char *what)
{
	struct machine_fault *fault = machine_add(machine, kind, folder->path, "%s", what);

	fault->holds_packages = folder->holds_packages;
	fault->stops_delivery = kind != MACHINE_DISK_NOEXEC;
	fault->stops_restart = (kind == MACHINE_DISK_FULL || kind == MACHINE_DISK_FILES) && !folder->holds_packages;
}

static void write_shortage(const struct config *config, bool holds_packages, const struct disk *disk,
	const struct disk_room *room, bool files, char ret_what[static WHAT_SIZE])
{
	if (files && holds_packages)
		(void)snprintf(ret_what, WHAT_SIZE,
			"it can hold %" PRIu64 " more files and folders; delivery leaves room for more ([delivery] reserve_files, %s)",
			disk->free_files, config_source(config, "delivery", "reserve_files"));
	else if (files)
		(void)snprintf(ret_what, WHAT_SIZE, "it can hold %" PRIu64 " more files and folders", disk->free_files);
	else if (holds_packages)
		(void)snprintf(ret_what, WHAT_SIZE,
			"%" PRIu64 " KiB are free; delivery leaves free %" PRIu64 " KiB ([delivery] reserve_space, %s)",
			disk->free_bytes >> 10, room->bytes >> 10, config_source(config, "delivery", "reserve_space"));
	else
		(void)snprintf(ret_what, WHAT_SIZE, "%" PRIu64 " KiB are free; haishin needs for its records %" PRIu64 " KiB",
			disk->free_bytes >> 10, room->bytes >> 10);
}

static void name_shortage(const struct config *config, const struct looked_at *folder, const struct disk *disk,
	const struct disk_room *room, bool files, struct machine *machine)
{
	char what[WHAT_SIZE], whole[WHAT_SIZE + sizeof(DISK_QUOTA_BINDS ": ")];

	write_shortage(config, folder->holds_packages, disk, room, files, what);
	if (disk->is_quota)
		(void)snprintf(whole, sizeof(whole), DISK_QUOTA_BINDS ": %s", what);
	add(machine, files ? MACHINE_DISK_FILES : MACHINE_DISK_FULL, folder, disk->is_quota ? whole : what);
}

/* Whether it can be written is known for sure only once it was. */
static void try_to_write(struct fs *fs, const struct looked_at *folder, struct machine *machine)
{
	AUTO(fd) int fd = -1;
	struct error why = {0};

	if ((fd = fs_open_dir(fs, AT_FDCWD, folder->path, &why)) < 0)
		return;
	if (fs_write_file(fs, fd, TRIAL_FILE, "", 0, 0600, &why) < 0 || fs_remove(fs, fd, TRIAL_FILE, &why) < 0)
		add(machine, why.code == ERROR_NO_SPACE ? MACHINE_DISK_FULL : MACHINE_DISK_NOT_WRITABLE, folder, why.text);
}

static void look_at(const struct machine_question *question, const struct looked_at *folder, struct machine *machine)
{
	char found[PATH_MAX], mount[PATH_MAX], what[PATH_MAX + 64];
	struct disk_room room;
	struct disk disk;
	bool files;

	if (!find_folder(folder->path, found) || disk_look(question->fs, AT_FDCWD, found, &disk, NULL) < 0)
		return;
	find_mount(found, mount);
	room = room_of(question->config, folder, &disk);
	if (disk.is_noexec && folder->holds_packages) {
		(void)snprintf(what, sizeof(what), "'%s' is mounted noexec", mount);
		add(machine, MACHINE_DISK_NOEXEC, folder, what);
	}
	if (disk.is_read_only) {
		(void)snprintf(what, sizeof(what), "'%s' is mounted read-only", mount);
		add(machine, MACHINE_DISK_NOT_WRITABLE, folder, what);
	} else if (disk_is_short(&disk, &room, &files)) {
		if (folder->holds_packages || !is_named(machine, files ? MACHINE_DISK_FILES : MACHINE_DISK_FULL, found))
			name_shortage(question->config, folder, &disk, &room, files, machine);
	} else if (question->tries) {
		try_to_write(question->fs, folder, machine);
	}
}

void machine_look_at_disks(const struct machine_question *question, struct machine *machine)
{
	const struct config *config = question->config;
	const struct looked_at folders[] = {
		{config->packages_path, true},
		{config->state_path, false},
		{config->environment_path, false},
		{config->cache_path, false},
		{config->run_path, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		look_at(question, &folders[i], machine);
}
