#include "collector/rollout/brake_statement.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/rollout/rollout_row.h"
#include "common/fs.h"
#include "manifests/rollout/brake.h"
#include "manifests/token/private_key.h"

#define CONTENT_MOST (256u << 10)

struct signer *brake_statement_read_key(const struct config *config, struct error *err)
{
	const struct private_key_place place = {
		.key = config->brake_key, .passphrase = config->brake_passphrase, .pin = config->brake_pin};
	struct signer *signer;
	struct fs fs;

	fs_init(&fs);
	if (!(signer = private_key_open(&fs, &place, err)))
		(void)error_context(err, "[brake] key");
	return signer;
}

int brake_statement_key_id(const struct config *config, char ret_id[static KEY_ID_SIZE], struct error *err)
{
	AUTO(signer) struct signer *signer = brake_statement_read_key(config, err);

	if (!signer)
		return -1;
	(void)snprintf(ret_id, KEY_ID_SIZE, "%s", signer_key_id(signer));
	return 0;
}

/* ---- What it says ---- */

/* The texts are those of the rows, which live as long. */
struct saying {
	struct rollout_row *rows;
	size_t count;
	struct brake_stop stops[BRAKE_MAX_STOPS];
	struct brake_hold holds[BRAKE_MAX_STOPS];
	struct brake brake;
	struct buf content; /* to compare */
};

static int take_row(void *context, const struct rollout_row *row, struct error *err)
{
	struct saying *saying = context;

	(void)err;
	if (!row->is_over && saying->count < ROLLOUTS_MOST)
		saying->rows[saying->count++] = *row;
	return 0;
}

static int say(struct saying *saying, const struct rollout_row *row, struct error *err)
{
	struct brake *brake = &saying->brake;

	if (row->stopped_s)
		saying->stops[brake->stops_count++] = (struct brake_stop){
			.package = row->package,
			.version = row->version,
			.digest = row->digest,
			.attempt = row->attempt,
			.at_s = row->stopped_s,
			.why = row->why,
			.by = row->stopped_by,
		};
	else if (row->stages_open > 0)
		saying->holds[brake->holds_count++] = (struct brake_hold){
			.package = row->package,
			.digest = row->digest,
			.attempt = row->attempt,
			.stages = row->stages_open,
		};
	return buf_printf(&saying->content, err, "%s %s %" PRId64 " %" PRId64 " %" PRId64 "\n", row->package, row->digest,
		row->attempt, row->stages_open, row->stopped_s);
}

static int find_words(struct database *database, const char *key_id, struct saying *saying, struct error *err)
{
	if (buf_printf(&saying->content, err, "key %s\n", key_id) < 0 || rollout_row_each(database, take_row, saying, err) < 0)
		return -1;
	for (size_t i = 0; i < saying->count; i++)
		if (say(saying, &saying->rows[i], err) < 0)
			return -1;
	saying->brake.stops = saying->stops;
	saying->brake.holds = saying->holds;
	return 0;
}

/* ---- Signed ---- */

static int keep(struct database *database, const struct saying *saying, const struct buf *text, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_BRAKE_PUT, err);

	query_number(query, saying->brake.version);
	query_number(query, saying->brake.issued_s);
	query_text(query, buf_text(&saying->content));
	query_text(query, buf_text(text));
	return query_run(query, err);
}

static int sign(const struct config *config, struct database *database, struct saying *saying, int64_t version,
	int64_t now_s, struct error *err)
{
	AUTO(signer) struct signer *signer = brake_statement_read_key(config, err);
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);

	/* So that it rises where the store was lost, too. */
	saying->brake.version = version + 1 > now_s ? version + 1 : now_s;
	saying->brake.issued_s = now_s;
	saying->brake.expires_s = now_s + BRAKE_LIFE_S;
	if (!signer || brake_sign(&saying->brake, signer, &text, err) < 0)
		return -1;
	return keep(database, saying, &text, err);
}

/* *RET_VERSION: of the last one, 0 where there is none. *RET_GOOD: it says the same, and is young. */
static int compare(const struct config *config, struct database *database, const struct saying *saying, int64_t now_s,
	int64_t *ret_version, bool *ret_good, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_BRAKE_GET, err);
	int found = query_next(query, err);
	int64_t issued_s;

	*ret_version = 0;
	*ret_good = false;
	if (found <= 0)
		return found;
	*ret_version = row_number(query, 0);
	issued_s = row_number(query, 1);
	*ret_good = strcmp(row_text(query, 2), buf_text(&saying->content)) == 0 && issued_s <= now_s &&
		    now_s - issued_s < config->brake_every_s;
	return 0;
}

int brake_statement_renew(const struct config *config, struct database *database, const char *key_id, int64_t now_s,
	bool *ret_signed, struct error *err)
{
	AUTO(free) struct saying *saying = calloc(1, sizeof(*saying));
	AUTO(free) struct rollout_row *rows = calloc(ROLLOUTS_MOST, sizeof(*rows));
	int64_t version;
	bool is_good;
	int result;

	*ret_signed = false;
	if (!saying || !rows)
		return error_set(err, ERROR_FAILED, "no memory for the brake's statement");
	saying->rows = rows;
	saying->content = (struct buf)BUF_INIT(CONTENT_MOST);
	if ((result = find_words(database, key_id, saying, err)) == 0 &&
		(result = compare(config, database, saying, now_s, &version, &is_good, err)) == 0 && !is_good) {
		result = sign(config, database, saying, version, now_s, err);
		*ret_signed = result == 0;
	}
	buf_clear(&saying->content);
	return result;
}

/* ---- Handed out ---- */

int brake_statement_read(struct database *database, struct buf *ret_text, int64_t *ret_issued_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_BRAKE_GET, err);
	int found = query_next(query, err);
	const char *text;

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
			"no statement of the brake was signed yet; [brake] key of the settings says with which key");
	if (ret_issued_s)
		*ret_issued_s = row_number(query, 1);
	text = row_text(query, 3);
	return buf_append(ret_text, text, strlen(text), err);
}

int brake_statement_publish(const struct config *config, struct database *database, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES), there = BUF_INIT(BRAKE_MAX_BYTES);
	struct error none = {0};
	struct fs fs;

	fs_init(&fs);
	if (!*config->brake_file)
		return 0;
	if (brake_statement_read(database, &text, NULL, err) < 0)
		return -1;
	if (fs_read_file(&fs, AT_FDCWD, config->brake_file, &there, &none) == 0 && there.len == text.len &&
		memcmp(there.data, text.data, text.len) == 0)
		return 0;
	return fs_write_file(&fs, AT_FDCWD, config->brake_file, text.data, text.len, 0644, err);
}
