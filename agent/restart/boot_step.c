#include "agent/restart/boot_step.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "agent/store/installed.h"
#include "common/digest.h"
#include "common/text.h"

/* Read in pieces: a release's own bytes may be many megabytes, and the resident agent stays small. */
static int digest_file(
	struct fs *fs, int dir_fd, const char *name, char ret_hex[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	AUTO(fd) int fd = -1;
	struct sha256 sum;
	char chunk[16384];
	ssize_t got;

	if (!digest || (fd = fs_open_plain(fs, dir_fd, name, O_RDONLY | O_NOFOLLOW, err)) < 0)
		return -1;
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno != EINTR)
			return error_system(err, errno, "cannot read '%s'", name);
		if (got > 0)
			digest_update(digest, chunk, (size_t)got);
	}
	digest_finish(digest, &sum);
	(void)sha256_hex(&sum, ret_hex);
	return 0;
}

bool boot_folder_digest(
	struct fs *fs, const struct versions *versions, const char *folder, char ret_digest[static SHA256_HEX_SIZE])
{
	const char *digits = package_folder_digits(folder);
	char name[VERSIONS_FOLDER_SIZE + sizeof(".json")];
	struct error ignored = {0};

	if (!digits)
		return false;
	(void)snprintf(name, sizeof(name), "%s.json", folder);
	if (digest_file(fs, versions_dir_fd(versions), name, ret_digest, &ignored) < 0 ||
		memcmp(ret_digest, digits, PACKAGE_FOLDER_DIGITS) != 0)
		text_cut(digits, ret_digest, PACKAGE_FOLDER_DIGITS + 1);
	return true;
}

int boot_adopt(struct boot *boot, struct versions *versions, const char *package, const char *folder,
	enum delivery_state state, struct delivery *ret_delivery, struct error *err)
{
	char digest[SHA256_HEX_SIZE];

	if (!boot_folder_digest(boot->env->fs, versions, folder, digest))
		return error_set(err, ERROR_NOT_FOUND, "'%s' of %s is not the folder of a release", folder, package);
	return delivery_adopt(boot->store, package, folder, digest, state,
		"found on disk; the store did not know of it", ret_delivery, err);
}

int boot_bring_to_staged(struct boot *boot, struct delivery *delivery, struct error *err)
{
	if (delivery->state == DELIVERY_PLANNED &&
		delivery_begin(boot->store, delivery, delivery->payload_bytes, err) < 0)
		return -1;
	return delivery->state == DELIVERY_FETCHING ? delivery_staged(boot->store, delivery, 0, err) : 0;
}

int boot_record_installed(struct boot *boot, struct versions *versions, const char *package, const char *folder,
	int64_t since_s, struct error *err)
{
	struct installed_row row = {.since_s = since_s};

	if (!*folder)
		return installed_drop(boot->store, package, err);
	if (!boot_folder_digest(boot->env->fs, versions, folder, row.digest))
		return 0;
	record_text(package, row.package, sizeof(row.package));
	record_text(folder, row.folder, sizeof(row.folder));
	package_folder_version(folder, row.version);
	return installed_put(boot->store, &row, err);
}

int boot_record(struct boot *boot, const char *operation, const char *package, const char *outcome,
	const char *detail, const struct history_moment *when, struct error *err)
{
	struct history_entry entry = {
		.operation = operation,
		.package = package,
		.outcome = outcome,
		.detail = detail,
		.when = when,
	};

	return history_add(boot->store, &entry, err);
}
