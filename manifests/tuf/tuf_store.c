#include "manifests/tuf/tuf_store.h"

#include <inttypes.h>
#include <string.h>

#include "common/digest.h"
#include "manifests/tuf/tuf_path.h"

#define LOCK_FILE "lock"
#define KEYS_FILE "online-keys"	  /* digest of the keys; behind it the version of a root that changes them, if any */
#define RELEASED_FILE "recovered" /* one line "DIGEST NAME" for each file that recovery released */
#define RELEASED_MAX_BYTES (64u << 20)

int tuf_store_open(struct tuf_store *store, struct fs *fs, int dir_fd, bool wait, struct error *err)
{
	int lock_fd = fs_lock(fs, dir_fd, LOCK_FILE, wait, err);

	if (lock_fd < 0)
		return error_context(err, "metadata folder");
	*store = (struct tuf_store){.fs = fs, .dir_fd = dir_fd, .lock_fd = lock_fd};
	return 0;
}

void tuf_store_close(struct tuf_store *store)
{
	if (store->fs && store->lock_fd >= 0)
		(void)close(store->lock_fd);
	*store = (struct tuf_store){.lock_fd = -1};
}

int tuf_store_load(struct tuf_store *store, const char *role, struct buf *ret_bytes, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	if (tuf_role_file_name(role, &name, err) < 0)
		return -1;
	return fs_read_file(store->fs, store->dir_fd, name.data, ret_bytes, err);
}

int tuf_store_save(struct tuf_store *store, const char *role, const struct buf *bytes, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	if (tuf_role_file_name(role, &name, err) < 0)
		return -1;
	if (fs_write_file(store->fs, store->dir_fd, name.data, buf_text(bytes), bytes->len, 0644, err) < 0)
		return error_context(err, "cannot keep the metadata of role '%.100s'", role);
	return 0;
}

/* What is remembered of keys. */
struct remembered {
	char keys[SHA256_HEX_SIZE];
	int64_t rotation; /* version of a root that changes them; INT64_MAX: none */
};

/* False where nothing is remembered. What cannot be read stands for no keys at all, so that recovery is due. */
static bool recall(struct tuf_store *store, struct remembered *ret_remembered)
{
	AUTO(buf) struct buf text = BUF_INIT(SHA256_HEX_SIZE + 32);

	*ret_remembered = (struct remembered){.rotation = INT64_MAX};
	if (!fs_exists(store->fs, store->dir_fd, KEYS_FILE))
		return false;
	if (fs_read_file(store->fs, store->dir_fd, KEYS_FILE, &text, NULL) == 0)
		(void)sscanf(
			buf_text(&text), "%64[0-9a-f] %" SCNd64, ret_remembered->keys, &ret_remembered->rotation);
	return true;
}

static int remember(struct tuf_store *store, const struct remembered *remembered, struct error *err)
{
	char text[SHA256_HEX_SIZE + 32];
	int len = snprintf(text, sizeof(text), "%s", remembered->keys);

	if (remembered->rotation != INT64_MAX)
		len += snprintf(text + len, sizeof(text) - (size_t)len, " %" PRId64, remembered->rotation);
	text[len++] = '\n';
	return fs_write_file(store->fs, store->dir_fd, KEYS_FILE, text, (size_t)len, 0644, err);
}

int tuf_store_note_rotation(struct tuf_store *store, const char *keys, int64_t version, struct error *err)
{
	struct remembered remembered;

	if (!recall(store, &remembered))
		(void)snprintf(remembered.keys, sizeof(remembered.keys), "%s", keys);
	if (remembered.rotation <= version)
		return 0; /* an earlier change is still due */
	remembered.rotation = version;
	if (remember(store, &remembered, err) < 0)
		return error_context(err, "cannot note that root %" PRId64 " changes keys", version);
	return 0;
}

bool tuf_store_recovery_due(struct tuf_store *store, const char *keys, int64_t root_version)
{
	struct remembered remembered;

	return recall(store, &remembered) &&
	       (strcmp(remembered.keys, keys) != 0 || remembered.rotation <= root_version);
}

int tuf_store_remember_keys(struct tuf_store *store, const char *keys, struct error *err)
{
	struct remembered remembered;

	if (recall(store, &remembered))
		return 0;
	(void)snprintf(remembered.keys, sizeof(remembered.keys), "%s", keys);
	return remember(store, &remembered, err);
}

/* True for files of roles whose versions a rollback check might still lean on. */
static bool is_releasable(const char *name)
{
	static const char *const kept[] = {"root.json", "timestamp.json", "snapshot.json"};
	size_t len = strlen(name);

	if (len < strlen(".json") || strcmp(name + len - strlen(".json"), ".json") != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (strcmp(name, kept[i]) == 0)
			return false;
	return true;
}

static int released_line(const char *name, const struct buf *bytes, struct buf *ret_lines, struct error *err)
{
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	sha256_of(buf_text(bytes), bytes->len, &digest);
	return buf_printf(ret_lines, err, "%s %s\n", sha256_hex(&digest, hex), name);
}

struct releasing {
	struct tuf_store *store;
	struct buf *ret_lines;
};

/* A file that cannot be read has no version that could count: it is left out. */
static int release_file(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct releasing *releasing = context;
	AUTO(buf) struct buf bytes = BUF_INIT(64u << 20);

	if (!is_releasable(name) || fs_read_file(releasing->store->fs, dir_fd, name, &bytes, NULL) < 0)
		return 0;
	return released_line(name, &bytes, releasing->ret_lines, err);
}

static int list_released(struct tuf_store *store, struct buf *ret_lines, struct error *err)
{
	struct releasing releasing = {.store = store, .ret_lines = ret_lines};

	return fs_each(store->fs, store->dir_fd, ".", release_file, &releasing, err) < 0
		       ? error_context(err, "metadata folder")
		       : 0;
}

int tuf_store_recover(struct tuf_store *store, const char *keys, struct error *err)
{
	AUTO(buf) struct buf lines = BUF_INIT(RELEASED_MAX_BYTES);
	struct remembered remembered = {.rotation = INT64_MAX};

	(void)snprintf(remembered.keys, sizeof(remembered.keys), "%s", keys);
	if (list_released(store, &lines, err) < 0 ||
		fs_write_file(store->fs, store->dir_fd, RELEASED_FILE, buf_text(&lines), lines.len, 0644, err) < 0 ||
		fs_remove(store->fs, store->dir_fd, "snapshot.json", err) < 0 ||
		fs_remove(store->fs, store->dir_fd, "timestamp.json", err) < 0 ||
		remember(store, &remembered, err) < 0)
		return error_context(err, "cannot recover from a change of keys");
	return 0;
}

bool tuf_store_is_released(struct tuf_store *store, const char *role, const struct buf *bytes)
{
	AUTO(buf) struct buf lines = BUF_INIT(RELEASED_MAX_BYTES);
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf line = BUF_INIT(TUF_PATH_MAX_BYTES + SHA256_HEX_SIZE + 2);

	if (tuf_role_file_name(role, &name, NULL) < 0 || released_line(name.data, bytes, &line, NULL) < 0 ||
		fs_read_file(store->fs, store->dir_fd, RELEASED_FILE, &lines, NULL) < 0)
		return false;
	return lines.data && strstr(lines.data, line.data);
}
