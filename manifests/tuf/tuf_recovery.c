#include "manifests/tuf/tuf_recovery.h"

#include <inttypes.h>
#include <string.h>

#include "common/digest.h"
#include "manifests/tuf/tuf_listing.h"
#include "manifests/tuf/tuf_path.h"
#include "manifests/tuf/tuf_root.h"

#define NOTE_FILE "online-keys"	  /* "KEYS TIMESTAMP SNAPSHOT ALL": see struct note */
#define RELEASED_FILE "recovered" /* one line "DIGEST NAME" for each file that recovery released */
#define RELEASED_MAX_BYTES (64u << 20)

/* The copies that a root can take away. */
enum listing { LISTING_TIMESTAMP, LISTING_SNAPSHOT, LISTINGS };

static const struct {
	const char *role;
	const char *file;
	size_t max_bytes;
	int (*parse)(const void *data, size_t len, struct metadata **ret_listing, struct error *err);
} listings[LISTINGS] = {
	{"timestamp", "timestamp.json", TUF_TIMESTAMP_MAX_BYTES, tuf_timestamp_parse},
	{"snapshot", "snapshot.json", METADATA_MAX_BYTES, tuf_snapshot_parse},
};

/* What is remembered between runs. Each number is the version of the first root that takes something away; 0: none. */
struct note {
	char keys
		[SHA256_HEX_SIZE]; /* who signs timestamp and snapshot under the root the folder was last used with */
	int64_t lost[LISTINGS];	   /* that copy, while others of its keys stay */
	int64_t replaced;	   /* both, and the versions of everything else */
};

/* False where nothing is remembered. What cannot be read stands for no keys at all. */
static bool recall(struct tuf_store *store, struct note *ret_note)
{
	AUTO(buf) struct buf text = BUF_INIT(SHA256_HEX_SIZE + 64);

	*ret_note = (struct note){0};
	if (!fs_exists(store->fs, store->dir_fd, NOTE_FILE))
		return false;
	if (fs_read_file(store->fs, store->dir_fd, NOTE_FILE, &text, NULL) == 0)
		(void)sscanf(buf_text(&text), "%64[0-9a-f] %" SCNd64 " %" SCNd64 " %" SCNd64, ret_note->keys,
			&ret_note->lost[LISTING_TIMESTAMP], &ret_note->lost[LISTING_SNAPSHOT], &ret_note->replaced);
	return true;
}

static int remember(struct tuf_store *store, const struct note *note, struct error *err)
{
	char text[SHA256_HEX_SIZE + 64];
	int len = snprintf(text, sizeof(text), "%s %" PRId64 " %" PRId64 " %" PRId64 "\n", note->keys,
		note->lost[LISTING_TIMESTAMP], note->lost[LISTING_SNAPSHOT], note->replaced);

	if (fs_write_file(store->fs, store->dir_fd, NOTE_FILE, text, (size_t)len, 0644, err) < 0)
		return error_context(err, "cannot note which keys sign timestamp and snapshot");
	return 0;
}

/* Parses the stored copy, whoever signed it; NULL where there is none. */
static struct metadata *read_listing(struct tuf_store *store, enum listing which, struct buf *ret_bytes)
{
	struct metadata *listing = NULL;

	if (tuf_store_load(store, listings[which].role, ret_bytes, NULL) == 0)
		(void)!listings[which].parse(buf_text(ret_bytes), ret_bytes->len, &listing, NULL);
	return listing;
}

static bool is_signed_under(const struct metadata *listing, const struct metadata *root)
{
	struct metadata_signers signers = tuf_root_signers(root, listing->role);

	return metadata_is_signed(listing, &signers);
}

struct metadata *tuf_recovery_listing(
	struct tuf_store *store, const struct metadata *root, const char *role, struct buf *ret_bytes)
{
	enum listing which = strcmp(role, "timestamp") == 0 ? LISTING_TIMESTAMP : LISTING_SNAPSHOT;
	AUTO(metadata) struct metadata *listing = NULL;

	ret_bytes->limit = listings[which].max_bytes;
	listing = read_listing(store, which, ret_bytes);
	return listing && is_signed_under(listing, root) ? take_ptr(&listing) : NULL;
}

/* Notes one copy if ROOT vouches for it and NEXT does not. An earlier note stays: it is still due. */
static void note_listing(struct tuf_store *store, const struct metadata *root, const struct metadata *next,
	enum listing which, struct note *note)
{
	struct metadata_signers before = tuf_root_signers(root, listings[which].role);
	struct metadata_signers after = tuf_root_signers(next, listings[which].role);
	AUTO(buf) struct buf bytes = BUF_INIT(0);
	AUTO(metadata) struct metadata *listing = tuf_recovery_listing(store, root, listings[which].role, &bytes);
	int64_t *version = metadata_signers_overlap(&before, &after) ? &note->lost[which] : &note->replaced;

	if (listing && !is_signed_under(listing, next) && (*version == 0 || *version > next->version))
		*version = next->version;
}

int tuf_recovery_note(
	struct tuf_store *store, const struct metadata *root, const struct metadata *next, struct error *err)
{
	char before[SHA256_HEX_SIZE], after[SHA256_HEX_SIZE];
	struct note note;

	if (tuf_root_online_keys(root, before, err) < 0 || tuf_root_online_keys(next, after, err) < 0)
		return -1;
	if (strcmp(before, after) == 0)
		return 0;
	(void)recall(store, &note);
	for (size_t i = 0; i < LISTINGS; i++)
		note_listing(store, root, next, (enum listing)i, &note);
	memcpy(note.keys, after, sizeof(note.keys));
	return remember(store, &note, err);
}

/* True if there is a copy that the signers whom ROOT appoints did not sign. */
static bool holds_foreign(struct tuf_store *store, const struct metadata *root)
{
	bool foreign = false;

	for (size_t i = 0; i < LISTINGS; i++) {
		AUTO(buf) struct buf bytes = BUF_INIT(listings[i].max_bytes);
		AUTO(metadata) struct metadata *listing = read_listing(store, (enum listing)i, &bytes);

		foreign = foreign || (listing && !is_signed_under(listing, root));
	}
	return foreign;
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
	AUTO(buf) struct buf bytes = BUF_INIT(METADATA_MAX_BYTES);

	if (!is_releasable(name) || fs_read_file(releasing->store->fs, dir_fd, name, &bytes, NULL) < 0)
		return 0;
	return released_line(name, &bytes, releasing->ret_lines, err);
}

static int write_released(struct tuf_store *store, const struct buf *lines, struct error *err)
{
	return fs_write_file(store->fs, store->dir_fd, RELEASED_FILE, buf_text(lines), lines->len, 0644, err);
}

/* Releases the files of all targets roles. */
static int release_all(struct tuf_store *store, struct error *err)
{
	AUTO(buf) struct buf lines = BUF_INIT(RELEASED_MAX_BYTES);
	struct releasing releasing = {.store = store, .ret_lines = &lines};

	if (fs_each(store->fs, store->dir_fd, ".", release_file, &releasing, err) < 0)
		return error_context(err, "metadata folder");
	return write_released(store, &lines, err);
}

/* Releases what the timestamp lists, beside what was released before. */
static int release_timestamp(struct tuf_store *store, struct error *err)
{
	AUTO(buf) struct buf lines = BUF_INIT(RELEASED_MAX_BYTES);
	AUTO(buf) struct buf bytes = BUF_INIT(TUF_TIMESTAMP_MAX_BYTES);

	if (fs_read_file(store->fs, store->dir_fd, "timestamp.json", &bytes, NULL) < 0)
		return 0;
	(void)!fs_read_file(store->fs, store->dir_fd, RELEASED_FILE, &lines, NULL);
	return released_line("timestamp.json", &bytes, &lines, err) < 0 ? -1 : write_released(store, &lines, err);
}

static int drop(struct tuf_store *store, const bool lost[static LISTINGS], bool replaced, struct error *err)
{
	if (replaced && release_all(store, err) < 0)
		return -1;
	if (!replaced && lost[LISTING_SNAPSHOT] && release_timestamp(store, err) < 0)
		return -1;
	for (size_t i = LISTINGS; i-- > 0;)
		if ((replaced || lost[i]) && fs_remove(store->fs, store->dir_fd, listings[i].file, err) < 0)
			return -1;
	return 0;
}

/* True if nothing is noted but the keys of DONE. */
static bool is_settled(const struct note *note, const struct note *done)
{
	return strcmp(note->keys, done->keys) == 0 && note->lost[LISTING_TIMESTAMP] == 0 &&
	       note->lost[LISTING_SNAPSHOT] == 0 && note->replaced == 0;
}

static bool is_due(int64_t version, const struct metadata *root)
{
	return version > 0 && version <= root->version;
}

int tuf_recovery_finish(struct tuf_store *store, const struct metadata *root, bool *ret_dropped, struct error *err)
{
	struct note note, done = {0};
	bool known = recall(store, &note);
	bool lost[LISTINGS];
	bool replaced;

	if (tuf_root_online_keys(root, done.keys, err) < 0)
		return -1;
	for (size_t i = 0; i < LISTINGS; i++)
		lost[i] = is_due(note.lost[i], root);
	/* Keys that nothing led to: the root was put in place by hand, or by a client that left no note. */
	replaced = is_due(note.replaced, root) ||
		   (known && strcmp(note.keys, done.keys) != 0 && holds_foreign(store, root));
	*ret_dropped = replaced || lost[LISTING_TIMESTAMP] || lost[LISTING_SNAPSHOT];
	if (*ret_dropped && drop(store, lost, replaced, err) < 0)
		return error_context(err, "cannot recover from a change of keys");
	return known && is_settled(&note, &done) ? 0 : remember(store, &done, err);
}

bool tuf_recovery_released(struct tuf_store *store, const char *role, const struct buf *bytes)
{
	AUTO(buf) struct buf lines = BUF_INIT(RELEASED_MAX_BYTES);
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf line = BUF_INIT(TUF_PATH_MAX_BYTES + SHA256_HEX_SIZE + 2);

	if (tuf_role_file_name(role, &name, NULL) < 0 || released_line(name.data, bytes, &line, NULL) < 0 ||
		fs_read_file(store->fs, store->dir_fd, RELEASED_FILE, &lines, NULL) < 0)
		return false;
	return lines.data && strstr(lines.data, line.data);
}
