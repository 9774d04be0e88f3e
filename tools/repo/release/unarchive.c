#include "tools/repo/release/unarchive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "manifests/release/release_rules.h"
#include "tools/repo/release/attributes.h"

#define READ_BLOCK 65536

static void archive_free_reader(struct archive *archive)
{
	if (archive)
		(void)archive_read_free(archive);
}
DEFINE_AUTO_PTR(reader, struct archive, archive_free_reader);

struct unpacking {
	struct fs *fs;
	struct archive *archive;
	const struct unarchive_options *options;
	int folder_fd;
	uint64_t bytes; /* unpacked so far */
	size_t count;	/* members so far */
	json_t *members;
};

/* The member's path without "./" in front, '/' at the end, and the components to strip. Empty where nothing is left.
 */
static int member_path(const struct unpacking *unpacking, const char *raw, char ret_path[static RELEASE_PATH_SIZE],
	struct error *err)
{
	size_t len;

	if (!raw)
		return error_set(err, ERROR_INPUT, "a member's name cannot be read");
	while (strncmp(raw, "./", 2) == 0)
		raw += 2 + strspn(raw + 2, "/");
	if (strcmp(raw, ".") == 0)
		raw = "";
	for (int i = 0; i < unpacking->options->strip; i++) {
		const char *slash = strchr(raw, '/');

		raw = slash ? slash + 1 : "";
	}
	len = strlen(raw);
	while (len && raw[len - 1] == '/')
		len--;
	if (len >= RELEASE_PATH_SIZE)
		return error_set(
			err, ERROR_INPUT, "path '%.80s...' is longer than %d bytes", raw, RELEASE_PATH_SIZE - 1);
	memcpy(ret_path, raw, len);
	ret_path[len] = '\0';
	return len ? release_rules_check_path(ret_path, err) : 0;
}

/* Opens the folder that PATH is in, made where it is missing, following no link; *RET_NAME is the last component. */
static int open_parent(const struct unpacking *unpacking, const char *path, const char **ret_name, struct error *err)
{
	AUTO(fd) int fd = fs_open_dir(unpacking->fs, unpacking->folder_fd, ".", err);
	const char *slash;

	for (; fd >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		char name[RELEASE_PATH_SIZE];
		int below;

		(void)snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
		if (fs_make_dirs(unpacking->fs, fd, name, 0755, err) < 0)
			return -1;
		below = fs_open(unpacking->fs, fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err);
		(void)close(fd);
		fd = below;
	}
	if (fd < 0)
		return error_set(err, ERROR_INPUT, "it would be unpacked through a link or a file");
	*ret_name = path;
	return take_fd(&fd);
}

/* Writes what an archive says, as much as it may unpack to. */
static int put(struct unpacking *unpacking, int fd, const char *path, const void *data, size_t len, struct error *err)
{
	if (len > unpacking->options->most_bytes - unpacking->bytes)
		return error_set(err, ERROR_INPUT,
			"the archive unpacks to more than %" PRIu64
			" bytes; if it is meant to, give --unpack-limit a higher number",
			unpacking->options->most_bytes);
	unpacking->bytes += len;
	return fs_write(unpacking->fs, fd, path, data, len, err);
}

static int copy_content(struct unpacking *unpacking, int fd, const char *path, struct error *err)
{
	char chunk[READ_BLOCK];
	la_ssize_t got;

	while ((got = archive_read_data(unpacking->archive, chunk, sizeof(chunk))) > 0)
		if (put(unpacking, fd, path, chunk, (size_t)got, err) < 0)
			return -1;
	if (got < 0)
		return error_set(err, ERROR_INPUT, "damaged: %s", archive_error_string(unpacking->archive));
	return 0;
}

static int copy_linked(
	struct unpacking *unpacking, const char *raw_target, int to_fd, mode_t *ret_mode, struct error *err)
{
	AUTO(fd) int parent_fd = -1;
	AUTO(fd) int from_fd = -1;
	char target[RELEASE_PATH_SIZE];
	char chunk[READ_BLOCK];
	const char *name;
	struct stat st;
	ssize_t got;

	if (member_path(unpacking, raw_target, target, err) < 0 ||
		(parent_fd = open_parent(unpacking, target, &name, err)) < 0)
		return -1;
	if ((from_fd = fs_open(unpacking->fs, parent_fd, name, O_RDONLY | O_NOFOLLOW, err)) < 0 ||
		fstat(from_fd, &st) < 0)
		return error_set(
			err, ERROR_INPUT, "it is another name of '%s', which does not stand before it", target);
	*ret_mode = st.st_mode & 0777;
	while ((got = read(from_fd, chunk, sizeof(chunk))) > 0)
		if (put(unpacking, to_fd, target, chunk, (size_t)got, err) < 0)
			return -1;
	return got < 0 ? error_system(err, errno, "cannot read '%s'", target) : 0;
}

static int unpack_file(
	struct unpacking *unpacking, struct archive_entry *entry, int parent_fd, const char *name, struct error *err)
{
	const char *other_name = archive_entry_hardlink(entry);
	mode_t mode = archive_entry_perm(entry) & 0111 ? 0755 : 0644;
	AUTO(fd) int fd = fs_create(unpacking->fs, parent_fd, name, 0600, err);

	if (fd < 0)
		return -1;
	if (other_name ? copy_linked(unpacking, other_name, fd, &mode, err) < 0
		       : copy_content(unpacking, fd, name, err) < 0)
		return -1;
	return fs_set_mode(unpacking->fs, fd, name, mode, err);
}

/* What the archive would have given the file beside its bytes and mode, and a payload does not. */
static int check_attributes(struct archive_entry *entry, const char *path, struct error *err)
{
	const char *name;
	const void *value;
	size_t size;

	(void)archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
		if (attributes_check_name(name, path, err) < 0)
			return -1;
	return archive_entry_acl_types(entry) & (ARCHIVE_ENTRY_ACL_TYPE_ACCESS | ARCHIVE_ENTRY_ACL_TYPE_DEFAULT)
		       ? attributes_check_name("system.posix_acl_access", path, err)
		       : 0;
}

static int unpack_member(
	struct unpacking *unpacking, struct archive_entry *entry, const char *path, struct error *err)
{
	AUTO(fd) int parent_fd = -1;
	const char *name;

	if ((archive_entry_perm(entry) & (S_ISUID | S_ISGID)) && archive_entry_filetype(entry) == AE_IFREG)
		return error_set(err, ERROR_INPUT,
			"it is setuid or setgid: a delivered file must not give rights away; take it off with chmod "
			"u-s,g-s");
	if (check_attributes(entry, path, err) < 0 || (parent_fd = open_parent(unpacking, path, &name, err)) < 0)
		return -1;
	if (archive_entry_hardlink(entry))
		return unpack_file(unpacking, entry, parent_fd, name, err);
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return unpack_file(unpacking, entry, parent_fd, name, err);
	case AE_IFDIR:
		return fs_make_dirs(unpacking->fs, parent_fd, name, 0755, err);
	case AE_IFLNK:
		return fs_make_link(unpacking->fs, parent_fd, name, archive_entry_symlink(entry), err);
	default:
		return error_set(err, ERROR_INPUT, "it is a device, pipe or socket, which cannot be delivered");
	}
}

/* Remembers a member for unarchive_check. */
static int note_member(struct unpacking *unpacking, struct archive_entry *entry, const char *path, struct error *err)
{
	if (++unpacking->count > RELEASE_MAX_FILES)
		return error_set(err, ERROR_INPUT, "the archive has more than %u members", RELEASE_MAX_FILES);
	if (archive_entry_filetype(entry) == AE_IFDIR && !archive_entry_hardlink(entry))
		return 0;
	if (json_object_set_new(unpacking->members, path, json_true()) < 0)
		return error_set(err, ERROR_INPUT, "its name is not UTF-8, or there is no memory for it");
	return 0;
}

static int unpack_members(struct unpacking *unpacking, struct error *err)
{
	struct archive_entry *entry;
	char path[RELEASE_PATH_SIZE];
	int ret;

	while ((ret = archive_read_next_header(unpacking->archive, &entry)) == ARCHIVE_OK || ret == ARCHIVE_WARN) {
		if (member_path(unpacking, archive_entry_pathname(entry), path, err) < 0)
			return -1;
		if (!*path)
			continue;
		if (note_member(unpacking, entry, path, err) < 0 || unpack_member(unpacking, entry, path, err) < 0)
			return error_context(err, "'%s'", path);
	}
	if (ret != ARCHIVE_EOF)
		return error_set(err, ERROR_INPUT, "damaged: %s", archive_error_string(unpacking->archive));
	return 0;
}

int unarchive(struct fs *fs, const char *archive_path, const struct unarchive_options *options, int folder_fd,
	json_t **ret_members, struct error *err)
{
	AUTO(reader) struct archive *archive = archive_read_new();
	AUTO(json) json_t *members = json_object();
	struct unpacking unpacking = {
		.fs = fs, .archive = archive, .options = options, .folder_fd = folder_fd, .members = members};

	if (!archive || !members)
		return error_set(err, ERROR_FAILED, "no memory to read an archive");
	(void)archive_read_support_filter_all(archive);
	(void)archive_read_support_format_all(archive);
	if (archive_read_open_filename(archive, strcmp(archive_path, "-") == 0 ? NULL : archive_path, READ_BLOCK) !=
		ARCHIVE_OK)
		return error_set(
			err, ERROR_INPUT, "not an archive that can be read: %s", archive_error_string(archive));
	if (unpack_members(&unpacking, err) < 0)
		return -1;
	*ret_members = take_ptr(&members);
	return 0;
}

int unarchive_check(const json_t *members, const struct release *release, struct error *err)
{
	size_t found = 0;

	for (size_t i = 0; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];

		if (file->type == RELEASE_FOLDER)
			continue;
		if (!json_object_get(members, file->path))
			return error_set(err, ERROR_REFUSED,
				"'%s' is not in the archive: somebody else writes into the folder it was unpacked in",
				file->path);
		found++;
	}
	if (found < json_object_size(members))
		return error_set(err, ERROR_REFUSED,
			"%zu files of the archive are gone from the folder it was unpacked in",
			json_object_size(members) - found);
	return 0;
}
