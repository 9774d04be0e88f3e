#include "collector/rollout/candidates.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/digest.h"
#include "common/fs.h"
#include "common/json.h"

#define METADATA_MOST (5u << 20)
#define NAME_SIZE 192
#define OPERATOR "operator.json"

struct folder {
	struct fs *fs;
	int dir_fd;
};

/* Reads NAME below metadata/ and hands out the object MEMBER of what is signed. */
static int read_signed(const struct folder *folder, const char *name, const char *member, json_t **ret_json,
	const json_t **ret_member, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(METADATA_MOST);
	char path[NAME_SIZE + 16];
	const json_t *body;

	(void)snprintf(path, sizeof(path), "metadata/%s", name);
	if (fs_read_file(folder->fs, folder->dir_fd, path, &text, err) < 0 ||
		!(*ret_json = json_parse(text.data, text.len, err)) ||
		json_want_object(*ret_json, "signed", &body, err) < 0 ||
		json_want_object(body, member, ret_member, err) < 0)
		return error_context(err, "'%s'", path);
	return 0;
}

/* The file that has the document KEY, as LISTING names its version; "" where it names none. */
static int find_document(const struct folder *folder, const char *listing, const char *key,
	char ret_name[static NAME_SIZE], struct error *err)
{
	AUTO(json) json_t *json = NULL;
	const json_t *meta, *listed;
	int64_t version;

	*ret_name = '\0';
	if (read_signed(folder, listing, "meta", &json, &meta, err) < 0)
		return -1;
	if (!json_object_get(meta, key))
		return 0;
	if (json_want_object(meta, key, &listed, err) < 0 ||
		json_want_integer(listed, "version", 1, INT64_MAX, &version, err) < 0)
		return error_context(err, "'%s'", listing);
	(void)snprintf(ret_name, NAME_SIZE, "%" PRId64 ".%s", version, key);
	return 0;
}

/* In the operator's document NAME. RET_DIGEST is "" where the operator has published none yet. */
static int find_catalog(
	const struct folder *folder, const char *name, char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(json) json_t *json = NULL;
	const json_t *targets, *target, *hashes;
	struct sha256 digest;
	const char *hex;

	*ret_digest = '\0';
	if (!*name)
		return 0;
	if (read_signed(folder, name, "targets", &json, &targets, err) < 0)
		return -1;
	if (!json_object_get(targets, CATALOG_TARGET))
		return 0;
	if (json_want_object(targets, CATALOG_TARGET, &target, err) < 0 ||
		json_want_object(target, "hashes", &hashes, err) < 0 ||
		json_want_string(hashes, "sha256", &hex, err) < 0 || sha256_parse(hex, &digest, err) < 0)
		return error_context(err, "'%s'", name);
	(void)sha256_hex(&digest, ret_digest);
	return 0;
}

static int read_catalog(
	const struct folder *folder, const char *digest, struct catalog **ret_catalog, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(CATALOG_MAX_BYTES);
	char path[SHA256_HEX_SIZE + 32], found[SHA256_HEX_SIZE];
	struct sha256 sum;

	(void)snprintf(path, sizeof(path), "targets/%s.%s", digest, CATALOG_TARGET);
	if (fs_read_file(folder->fs, folder->dir_fd, path, &text, err) < 0)
		return -1;
	sha256_of(text.data, text.len, &sum);
	if (strcmp(sha256_hex(&sum, found), digest) != 0)
		return error_set(err, ERROR_INPUT, "'%s' is not what the metadata list", path);
	return catalog_parse(text.data, text.len, ret_catalog, err);
}

int candidates_read(const char *repository, struct catalog **ret_catalog, struct error *err)
{
	char snapshot[NAME_SIZE], role[NAME_SIZE], digest[SHA256_HEX_SIZE];
	AUTO(fd) int dir_fd = -1;
	struct folder folder;
	struct fs fs;

	fs_init(&fs);
	if ((dir_fd = fs_open_dir(&fs, AT_FDCWD, repository, err)) < 0)
		return -1;
	folder = (struct folder){&fs, dir_fd};
	if (find_document(&folder, "timestamp.json", "snapshot.json", snapshot, err) < 0)
		return -1;
	if (!*snapshot)
		return error_set(err, ERROR_INPUT, "'metadata/timestamp.json' names no snapshot");
	if (find_document(&folder, snapshot, OPERATOR, role, err) < 0 || find_catalog(&folder, role, digest, err) < 0)
		return -1;
	*ret_catalog = NULL;
	return *digest ? read_catalog(&folder, digest, ret_catalog, err) : 0;
}
