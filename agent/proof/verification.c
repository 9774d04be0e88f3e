#include "agent/proof/verification.h"

#include <inttypes.h>
#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/proof/archive.h"
#include "agent/proof/history_file.h"
#include "agent/proof/receipt.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "common/text.h"

#define ROWS_A_STEP 64
#define HOLDS_FOR_MS 60000
#define LEFT_ALONE_MS 1000 /* nobody waits for a walk any more that has stood still for so long */

/* What an answer is about. */
struct mark {
	struct history_chain head;
	int64_t changes;
	struct sha256 files;
};

struct verification {
	/* The walk at work. */
	bool is_walking;
	int64_t stepped_ms;
	struct mark mark; /* when it began */
	struct key *key;
	struct key_names former;
	int64_t archived; /* the last row that was in a file then */
	struct history_chain chain;
	struct archive_row row;	       /* whose file is being read */
	struct history_reader *reader; /* NULL: none is */

	/* The answer of the last one. */
	int64_t ended; /* walks so far */
	bool is_known; /* it holds for those who ask later, too */
	struct mark about;
	int64_t known_ms;
	int64_t rows;
	struct error why;
};

struct verification *verification_new(struct error *err)
{
	struct verification *verification = calloc(1, sizeof(*verification));

	if (!verification)
		(void)error_set(err, ERROR_FAILED, "no memory for checking the history");
	return verification;
}

static void stop_walking(struct verification *verification)
{
	history_reader_free(take_ptr(&verification->reader));
	key_free(take_ptr(&verification->key));
	verification->is_walking = false;
}

void verification_free(struct verification *verification)
{
	if (!verification)
		return;
	stop_walking(verification);
	free(verification);
}

/* ---- What an answer is about ---- */

static int look(struct terminal *terminal, struct mark *ret_mark, struct error *err)
{
	*ret_mark = (struct mark){0};
	if (history_head(terminal->store, &ret_mark->head, err) < 0 ||
		store_changes_of_others(terminal->store, &ret_mark->changes, err) < 0)
		return -1;
	return archive_mark(terminal, &ret_mark->files, err);
}

static bool is_same(const struct mark *one, const struct mark *other)
{
	return one->head.number == other->head.number && strcmp(one->head.digest, other->head.digest) == 0 &&
	       one->changes == other->changes && sha256_equal(&one->files, &other->files);
}

static int64_t now_ms(const struct terminal *terminal)
{
	return terminal->env->clock->monotonic_ms(terminal->env->clock);
}

/* ---- The walk ---- */

static int begin(struct verification *verification, struct terminal *terminal, struct error *err)
{
	struct history_chain archived;

	stop_walking(verification);
	if (look(terminal, &verification->mark, err) < 0 || history_archived(terminal->store, &archived, err) < 0 ||
		terminal_key_former(terminal->store, &verification->former, err) < 0 ||
		!(verification->key = terminal_key_public(terminal, err)))
		return -1;
	verification->archived = archived.number;
	verification->chain = (struct history_chain)HISTORY_CHAIN_BEGIN;
	verification->is_walking = true;
	return 0;
}

/* Rows that move to a file meanwhile would be looked for in vain. */
static int begin_where_needed(struct verification *verification, struct terminal *terminal, struct error *err)
{
	struct history_chain archived;

	if (history_archived(terminal->store, &archived, err) < 0)
		return -1;
	if (verification->is_walking && archived.number == verification->archived &&
		now_ms(terminal) - verification->stepped_ms <= LEFT_ALONE_MS)
		return 0;
	return begin(verification, terminal, err);
}

static int fail_at_file(const struct verification *verification, struct error *err)
{
	const struct archive_row *row = &verification->row;

	if (err->code == ERROR_INPUT || err->code == ERROR_REFUSED)
		err->code = ERROR_DAMAGED;
	return error_context(err, "archived history rows %" PRId64 " to %" PRId64 " (" ARCHIVE_FOLDER "/%s)",
		row->first_row, row->last_row, row->file);
}

/* One whose file was removed is vouched for by what follows it. */
static int open_file(struct verification *verification, struct terminal *terminal, struct error *err)
{
	const struct archive_row *row = &verification->row;
	AUTO(file) FILE *file = NULL;

	if (row->dropped_s) {
		verification->chain.number = row->last_row;
		text_assign(verification->chain.digest, row->last_digest);
		return 0;
	}
	if (archive_open(terminal, row, &file, err) < 0) {
		if (err->code == ERROR_NOT_FOUND)
			(void)error_set(err, ERROR_DAMAGED, "the file is missing");
		return fail_at_file(verification, err);
	}
	verification->reader = history_reader_new(take_ptr(&file), verification->key, &verification->former, err);
	return verification->reader ? 0 : -1;
}

static int read_file(struct verification *verification, struct error *err)
{
	const struct archive_row *row = &verification->row;
	struct history_chain *chain = &verification->chain;
	struct history_file_facts facts;
	bool is_end;

	if (history_reader_step(verification->reader, ROWS_A_STEP, &is_end, &facts, err) < 0)
		return fail_at_file(verification, err);
	if (!is_end)
		return 0;
	history_reader_free(take_ptr(&verification->reader));
	if (facts.before.number != chain->number || strcmp(facts.before.digest, chain->digest) != 0 ||
		facts.last.number != row->last_row || strcmp(facts.last.digest, row->last_digest) != 0) {
		(void)error_set(err, ERROR_DAMAGED, "the file holds other rows than were archived");
		return fail_at_file(verification, err);
	}
	*chain = facts.last;
	return 0;
}

static int go_on(struct verification *verification, struct terminal *terminal, bool *ret_end, struct error *err)
{
	bool found;

	*ret_end = false;
	if (begin_where_needed(verification, terminal, err) < 0)
		return -1;
	verification->stepped_ms = now_ms(terminal);
	if (verification->reader)
		return read_file(verification, err);
	if (archive_find_after(terminal->store, verification->chain.number, &verification->row, &found, err) < 0)
		return -1;
	if (found)
		return open_file(verification, terminal, err);
	return history_verify_some(terminal->store, ROWS_A_STEP, &verification->chain, ret_end, err);
}

/* ---- The answer ---- */

/* It holds for later callers where nothing has changed since the walk began. */
static int keep(
	struct verification *verification, struct terminal *terminal, const struct error *why, struct error *err)
{
	if (look(terminal, &verification->about, err) < 0)
		return -1;
	verification->is_known = is_same(&verification->mark, &verification->about);
	verification->known_ms = now_ms(terminal);
	verification->ended++;
	verification->rows = verification->chain.number;
	verification->why = why ? *why : (struct error){0};
	stop_walking(verification);
	return 0;
}

static int count_dropped(struct terminal *terminal, struct verification_result *result, struct error *err)
{
	struct archive_row row;
	bool found;

	if (archive_find_dropped(terminal->store, &row, &found, err) < 0)
		return -1;
	result->dropped = found ? row.last_row : 0;
	result->dropped_s = found ? row.dropped_s : 0;
	return 0;
}

static int tell(const struct verification *verification, struct terminal *terminal, bool *ret_done,
	struct verification_result *ret_result, struct error *err)
{
	struct verification_result result = {.rows = verification->rows};
	struct history_chain archived;

	if (verification->why.code) {
		*err = verification->why;
		return -1;
	}
	if (anchor_verify(terminal, err) < 0 || receipt_verify(terminal, err) < 0 ||
		history_archived(terminal->store, &archived, err) < 0 || count_dropped(terminal, &result, err) < 0)
		return -1;
	result.archived = archived.number;
	*ret_result = result;
	*ret_done = true;
	return 0;
}

/* Is there an answer for who ASKED? */
static int find_known(const struct verification *verification, struct terminal *terminal, int64_t asked,
	bool *ret_holds, struct error *err)
{
	struct mark mark;

	*ret_holds = verification->ended > asked;
	if (*ret_holds || verification->is_walking || !verification->is_known ||
		now_ms(terminal) - verification->known_ms > HOLDS_FOR_MS)
		return 0;
	if (look(terminal, &mark, err) < 0)
		return -1;
	*ret_holds = is_same(&mark, &verification->about);
	return 0;
}

int64_t verification_ask(const struct verification *verification)
{
	return verification->ended;
}

int verification_step(struct verification *verification, struct terminal *terminal, int64_t asked, bool *ret_done,
	struct verification_result *ret_result, struct error *err)
{
	struct error why = {0};
	bool holds, is_end;

	*ret_done = false;
	if (find_known(verification, terminal, asked, &holds, err) < 0)
		return -1;
	if (holds)
		return tell(verification, terminal, ret_done, ret_result, err);
	if (go_on(verification, terminal, &is_end, &why) == 0 && !is_end)
		return 0;
	if (keep(verification, terminal, why.code ? &why : NULL, err) < 0)
		return -1;
	return tell(verification, terminal, ret_done, ret_result, err);
}
