#include "agent/proof/archive.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/proof/history_file.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "agent/store/store_query.h"
#include "common/digest.h"
#include "common/text.h"

#define FILE_MODE 0600
#define ROW_MAX_BYTES 2048 /* of a row as a line, more or less */
#define FILE_ROWS_MOST 2500 /* what is sealed at once keeps callers of the agent waiting for no longer than this takes */

static void read_row(struct query *query, struct archive_row *row)
{
	row->first_row = query_number(query, 0);
	row->last_row = query_number(query, 1);
	query_text(query, 2, row->last_digest, sizeof(row->last_digest));
	query_text(query, 3, row->file, sizeof(row->file));
	query_text(query, 4, row->file_digest, sizeof(row->file_digest));
	row->sealed_s = query_number(query, 5);
	row->dropped_s = query_number(query, 6);
}

DEFINE_FIND_ROW(struct archive_row, read_row);
DEFINE_EACH_ROW(struct archive_row, read_row);

int archive_each(struct store *store, int (*each)(void *context, const struct archive_row *row, struct error *err),
	void *context, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_ARCHIVE_LIST, err);

	return each_row(query, each, context, err);
}

int archive_find_after(
	struct store *store, int64_t number, struct archive_row *ret_row, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_ARCHIVE_AFTER, err);

	query_bind_number(query, 1, number);
	return find_row(query, ret_row, ret_found, err);
}

int archive_find_dropped(struct store *store, struct archive_row *ret_row, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_ARCHIVE_DROPPED, err);

	return find_row(query, ret_row, ret_found, err);
}

static int put(struct store *store, const struct archive_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_ARCHIVE_PUT, err);

	query_bind_number(query, 1, row->first_row);
	query_bind_number(query, 2, row->last_row);
	query_bind_text(query, 3, row->last_digest);
	query_bind_text(query, 4, row->file);
	query_bind_text(query, 5, row->file_digest);
	query_bind_number(query, 6, row->sealed_s);
	query_bind_number(query, 7, row->dropped_s);
	return query_run(query, err);
}

static int forget_rows(struct store *store, int64_t last_row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_HISTORY_FORGET, err);

	query_bind_number(query, 1, last_row);
	return query_run(query, err);
}

static int open_folder(struct terminal *terminal, struct error *err)
{
	struct fs *fs = terminal->env->fs;
	AUTO(fd) int state_fd = fs_open_dir(fs, AT_FDCWD, terminal->config->state_path, err);

	if (state_fd < 0 || fs_make_dirs(fs, state_fd, ARCHIVE_FOLDER, 0700, err) < 0)
		return -1;
	return fs_open_dir(fs, state_fd, ARCHIVE_FOLDER, err);
}

int archive_open(struct terminal *terminal, const struct archive_row *row, FILE **ret_file, struct error *err)
{
	AUTO(fd) int folder_fd = open_folder(terminal, err);
	AUTO(fd) int fd = folder_fd < 0 ? -1 : fs_open_plain(terminal->env->fs, folder_fd, row->file, O_RDONLY, err);

	if (fd < 0)
		return -1;
	if (!(*ret_file = fdopen(fd, "re")))
		return error_set(err, ERROR_FAILED, "no memory for an archived part of the history");
	(void)take_fd(&fd);
	return 0;
}

struct looking {
	struct digest *digest;
	int folder_fd;
};

static int look_at_file(void *context, const struct archive_row *row, struct error *err)
{
	const struct looking *looking = context;
	struct stat st = {0};

	(void)err;
	if (!row->dropped_s)
		(void)!fstatat(looking->folder_fd, row->file, &st, AT_SYMLINK_NOFOLLOW); /* gone counts as another one */
	digest_update(looking->digest, row, sizeof(*row));
	digest_update(looking->digest, &st.st_ino, sizeof(st.st_ino));
	digest_update(looking->digest, &st.st_size, sizeof(st.st_size));
	digest_update(looking->digest, &st.st_mtim, sizeof(st.st_mtim));
	digest_update(looking->digest, &st.st_ctim, sizeof(st.st_ctim));
	return 0;
}

int archive_mark(struct terminal *terminal, struct sha256 *ret_mark, struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	AUTO(fd) int folder_fd = digest ? open_folder(terminal, err) : -1;
	struct looking looking = {digest, folder_fd};

	if (folder_fd < 0 || archive_each(terminal->store, look_at_file, &looking, err) < 0)
		return -1;
	digest_finish(digest, ret_mark);
	return 0;
}

/* ---- Moving rows to a file ---- */

struct sealing {
	struct history_seal *seal;
	struct buf *text;
	int64_t last_row;
};

static int seal_row(void *context, const struct history_row *row, struct error *err)
{
	struct sealing *sealing = context;

	if (row->number > sealing->last_row)
		return EACH_ENOUGH;
	return history_seal_row(sealing->seal, row, sealing->text, err);
}

static int seal_rows(struct terminal *terminal, const struct history_chain *before, int64_t last_row,
	struct buf *text, char ret_head[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(signer) struct signer *signer = terminal_key_load(terminal, err);
	struct history_filter filter = {.since_s = INT64_MIN, .after = before->number};
	AUTO(history_seal) struct history_seal seal = {0};
	struct sealing sealing = {.seal = &seal, .text = text, .last_row = last_row};

	if (!signer || history_seal_begin(&seal, before, store_now_s(terminal->store), signer, text, err) < 0)
		return -1;
	if (history_each(terminal->store, &filter, seal_row, &sealing, err) < 0)
		return -1;
	if (seal.chain.number != last_row)
		return error_set(err, ERROR_DAMAGED, "history row %" PRId64 " is missing", seal.chain.number + 1);
	text_cut(seal.chain.digest, ret_head, SHA256_HEX_SIZE);
	return history_seal_end(&seal, signer, text, err);
}

static int record(struct store *store, const struct archive_row *row, struct error *err)
{
	char detail[STORE_TEXT_SIZE];
	struct history_entry entry = {
		.operation = row->dropped_s ? "archive-drop" : "archive",
		.digest = row->file_digest,
		.outcome = "done",
		.detail = detail,
	};

	(void)snprintf(detail, sizeof(detail), "rows %" PRId64 " to %" PRId64 "%s %s", row->first_row, row->last_row,
		row->dropped_s ? " removed with" : " are in", row->file);
	return history_add(store, &entry, err);
}

/* In one transaction: the file is known, its rows are gone, the history says so. */
static int hand_over(struct store *store, const struct archive_row *row, struct error *err)
{
	int ret;

	if (store_begin(store, err) < 0)
		return -1;
	ret = put(store, row, err) < 0 || record(store, row, err) < 0 || forget_rows(store, row->last_row, err) < 0
		      ? -1
		      : 0;
	return store_end(store, ret, err);
}

/* The file comes first: a cut behind it leaves the rows in the store, and the next time writes the same file. */
static int archive_rows(
	struct terminal *terminal, const struct history_chain *before, int64_t last_row, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT((size_t)(last_row - before->number + 2) * ROW_MAX_BYTES);
	AUTO(fd) int folder_fd = -1;
	struct archive_row row = {
		.first_row = before->number + 1,
		.last_row = last_row,
		.sealed_s = store_now_s(terminal->store),
	};
	struct sha256 digest;

	(void)snprintf(
		row.file, sizeof(row.file), "history-%08" PRId64 "-%08" PRId64 ".jsonl", row.first_row, row.last_row);
	if (seal_rows(terminal, before, last_row, &text, row.last_digest, err) < 0 ||
		(folder_fd = open_folder(terminal, err)) < 0 ||
		fs_write_file(terminal->env->fs, folder_fd, row.file, text.data, text.len, FILE_MODE, err) < 0)
		return error_context(err, "archive of the history");
	sha256_of(text.data, text.len, &digest);
	(void)sha256_hex(&digest, row.file_digest);
	if (hand_over(terminal->store, &row, err) < 0)
		return -1;
	log_line(terminal->env->log, LOG_LEVEL_INFO, "history: %s holds rows %" PRId64 " to %" PRId64, row.file,
		row.first_row, row.last_row);
	return 0;
}

/* ---- Within a size ---- */

struct sizes {
	struct fs *fs;
	int folder_fd;
	uint64_t total;
	struct archive_row oldest; /* that is still there */
	int count;
};

#define DAY_S 86400

static int add_size(void *context, const struct archive_row *row, struct error *err)
{
	struct sizes *sizes = context;
	struct stat st;

	(void)err;
	if (row->dropped_s || fstatat(sizes->folder_fd, row->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!sizes->count++)
		sizes->oldest = *row;
	sizes->total += (uint64_t)st.st_size;
	return 0;
}

/* Told before it is done: a file that is still there after a cut is removed by the next one who looks. */
static int drop_oldest(struct terminal *terminal, struct sizes *sizes, struct error *err)
{
	struct archive_row row = sizes->oldest;
	int ret;

	row.dropped_s = store_now_s(terminal->store);
	log_line(terminal->env->log, LOG_LEVEL_WARNING,
		"history: %s is removed: the archive takes more than [history] max_size", row.file);
	if (store_begin(terminal->store, err) < 0)
		return -1;
	ret = put(terminal->store, &row, err) < 0 || record(terminal->store, &row, err) < 0 ? -1 : 0;
	if (store_end(terminal->store, ret, err) < 0)
		return -1;
	return fs_remove(sizes->fs, sizes->folder_fd, row.file, err);
}

/* Its rows are no younger than its seal. */
static bool is_young(const struct terminal *terminal, const struct archive_row *row)
{
	return row->sealed_s > terminal_now_s(terminal) - terminal->config->history_keep_days * DAY_S;
}

static int keep_within_size(struct terminal *terminal, struct error *err)
{
	AUTO(fd) int folder_fd = open_folder(terminal, err);
	struct sizes sizes;

	if (folder_fd < 0)
		return -1;
	for (;;) {
		sizes = (struct sizes){.fs = terminal->env->fs, .folder_fd = folder_fd};
		if (archive_each(terminal->store, add_size, &sizes, err) < 0)
			return -1;
		if (sizes.total <= terminal->config->history_max_size || sizes.count <= 1 ||
			is_young(terminal, &sizes.oldest))
			return 0;
		if (drop_oldest(terminal, &sizes, err) < 0)
			return -1;
	}
}

/* ---- Both ---- */

static int take_end(void *context, const struct archive_row *row, struct error *err)
{
	struct history_chain *chain = context;

	(void)err;
	chain->number = row->last_row;
	text_cut(row->last_digest, chain->digest, sizeof(chain->digest));
	return 0;
}

int archive_run(struct terminal *terminal, struct error *err)
{
	struct history_chain before = HISTORY_CHAIN_BEGIN, head;
	int64_t keep = terminal->config->history_keep_rows;
	int64_t rows = keep / 2 < FILE_ROWS_MOST ? keep / 2 : FILE_ROWS_MOST;

	if (archive_each(terminal->store, take_end, &before, err) < 0 ||
		history_head(terminal->store, &head, err) < 0)
		return -1;
	if (head.number - before.number <= keep)
		return 0;
	if (archive_rows(terminal, &before, before.number + rows, err) < 0)
		return -1;
	return keep_within_size(terminal, err);
}
