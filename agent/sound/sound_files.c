#include "agent/sound/sound_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "agent/store/delivery.h"
#include "agent/store/installed.h"

#define RECORDS "looks" /* in the state folder */
#define RECORD_END ".look"
#define FOLDER_MODE 0700

void sound_files_close(struct sound_files *files)
{
	versions_free(take_ptr(&files->versions));
	release_free(take_ptr(&files->release));
	fd_close(&files->folder_fd);
	files->folder_fd = -1;
}

/* ---- The list ---- */

static bool is_whole(const char *digest)
{
	return strlen(digest) == SHA256_HEX_SIZE - 1;
}

/* As trust had it when it was delivered; "" where no more is known than the folder's name says. */
static int find_digest(struct terminal *terminal, const char *package, const char *folder,
	char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	struct installed_row installed;
	struct delivery delivery;
	bool found;

	*ret_digest = '\0';
	if (delivery_of_folder(terminal->store, package, folder, &delivery, &found, err) < 0)
		return -1;
	if (found && is_whole(delivery.digest)) {
		(void)strcpy(ret_digest, delivery.digest);
		return 0;
	}
	if (installed_find(terminal->store, package, &installed, &found, err) < 0)
		return -1;
	if (found && strcmp(installed.folder, folder) == 0 && is_whole(installed.digest))
		(void)strcpy(ret_digest, installed.digest);
	return 0;
}

static int read_list(struct sound_files *files, struct fs *fs, const char *digest, struct error *err)
{
	AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);
	char name[VERSIONS_FOLDER_SIZE + sizeof(".json")], hex[SHA256_HEX_SIZE];

	(void)snprintf(name, sizeof(name), "%s.json", files->folder);
	if (fs_read_file(fs, versions_dir_fd(files->versions), name, &json, err) < 0)
		return -1;
	sha256_of(buf_text(&json), json.len, &files->id);
	(void)sha256_hex(&files->id, hex);
	if (memcmp(hex, package_folder_digits(files->folder), PACKAGE_FOLDER_DIGITS) != 0 ||
		(*digest && strcmp(hex, digest) != 0))
		return error_set(err, ERROR_DAMAGED, "'%s' is not the list that was signed", name);
	return release_parse(buf_text(&json), json.len, &files->release, err);
}

/* ---- The whole ---- */

int sound_files_open(struct terminal *terminal, const char *package, struct sound_files *ret_files, struct error *err)
{
	AUTO(sound_files) struct sound_files files = SOUND_FILES_INIT;
	struct fs *fs = terminal->env->fs;
	char digest[SHA256_HEX_SIZE];
	struct error why = {0};

	if (versions_open(fs, terminal->packages_dir_fd, package, &files.versions, err) < 0 ||
		versions_current(files.versions, files.folder, err) < 0)
		return -1;
	if (*files.folder && !package_folder_digits(files.folder))
		*files.folder = '\0';
	if (*files.folder) {
		if (find_digest(terminal, package, files.folder, digest, err) < 0 ||
			(files.folder_fd = fs_open(fs, versions_dir_fd(files.versions), files.folder,
				 O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err)) < 0)
			return -1;
		if (read_list(&files, fs, digest, &why) < 0)
			record_text(why.text, files.fault, sizeof(files.fault));
	}
	*ret_files = files;
	files = (struct sound_files)SOUND_FILES_INIT;
	return 0;
}

/* ---- What the last look has left ---- */

int sound_files_open_records(struct terminal *terminal, int *ret_dir_fd, struct error *err)
{
	struct fs *fs = terminal->env->fs;
	AUTO(fd) int state_fd = fs_open_dir(fs, AT_FDCWD, terminal->config->state_path, err);

	if (state_fd < 0 || fs_make_dirs(fs, state_fd, RECORDS, FOLDER_MODE, err) < 0 ||
		(*ret_dir_fd = fs_open_dir(fs, state_fd, RECORDS, err)) < 0)
		return -1;
	return 0;
}

void sound_files_record_name(const char *package, const char *folder, char ret_name[static SOUND_RECORD_NAME_SIZE])
{
	char role[PACKAGE_NAME_SIZE];

	package_role(package, role);
	(void)snprintf(ret_name, SOUND_RECORD_NAME_SIZE, "%s_%s" RECORD_END, role, folder);
}

struct dropping {
	struct fs *fs;
	char beginning[PACKAGE_NAME_SIZE + 2];
	char kept[2][SOUND_RECORD_NAME_SIZE];
};

static int drop_other(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct dropping *dropping = context;

	if (strncmp(name, dropping->beginning, strlen(dropping->beginning)) != 0 ||
		strcmp(name, dropping->kept[0]) == 0 || strcmp(name, dropping->kept[1]) == 0)
		return 0;
	return fs_remove(dropping->fs, dir_fd, name, err);
}

int sound_files_drop_records(
	struct terminal *terminal, const char *package, const char *kept, const char *kept_too, struct error *err)
{
	struct dropping dropping = {.fs = terminal->env->fs};
	char role[PACKAGE_NAME_SIZE];
	AUTO(fd) int dir_fd = -1;

	package_role(package, role);
	(void)snprintf(dropping.beginning, sizeof(dropping.beginning), "%s_", role);
	sound_files_record_name(package, kept, dropping.kept[0]);
	sound_files_record_name(package, kept_too, dropping.kept[1]);
	if (sound_files_open_records(terminal, &dir_fd, err) < 0)
		return -1;
	return fs_each(terminal->env->fs, dir_fd, ".", drop_other, &dropping, err);
}
