#include "collector/reports/keep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/reports/report_parts.h"
#include "collector/reports/telling.h"
#include "collector/store/logged_row.h"
#include "collector/store/months.h"
#include "collector/store/packing.h"
#include "collector/store/report_row.h"
#include "collector/store/terminal_row.h"

#define IDS_MOST (KEEP_MOST * 21 + 2)
#define RELEASES_KNOWN 512

/* What changed of a terminal within the batch. */
struct change {
	struct terminal_row row;
	bool has_packages; /* they are not those of the row before */
	bool has_certificate;
	char former[SHA256_HEX_SIZE]; /* the certificate before, and when it was last seen */
	int64_t former_s;
	bool has_report;
	struct submission *newest;
};

struct keeper {
	struct database *database;
	struct packing *packing;
	bool logs;
	int64_t room_until_s;		  /* months are prepared until then */
	int64_t releases[RELEASES_KNOWN]; /* that are in the store, each at the place of its id */
	struct change changes[KEEP_MOST]; /* sorted by terminal */
	size_t count;
};

void submission_clear(struct submission *submission)
{
	report_clear(&submission->report);
	buf_clear(&submission->certificate);
}

int keeper_open(struct database *database, bool logs, struct keeper **ret_keeper, struct error *err)
{
	AUTO(keeper) struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper)
		return error_set(err, ERROR_FAILED, "no memory to keep reports");
	keeper->database = database;
	keeper->logs = logs;
	if (packing_open(&keeper->packing, err) < 0)
		return -1;
	*ret_keeper = take_ptr(&keeper);
	return 0;
}

void keeper_close(struct keeper *keeper)
{
	if (!keeper)
		return;
	packing_close(keeper->packing);
	free(keeper);
}

/* ---- The terminals of a batch ---- */

static int64_t id_of(const struct submission *submission)
{
	return terminal_id_of(submission->report.terminal);
}

static int compare_changes(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return a->row.id < b->row.id ? -1 : a->row.id > b->row.id;
}

static struct change *change_of(struct keeper *keeper, int64_t id)
{
	struct change wanted;

	wanted.row.id = id;
	return bsearch(&wanted, keeper->changes, keeper->count, sizeof(wanted), compare_changes);
}

/* One change for each terminal, in the order of ids: who locks rows in one order never waits in a circle. */
static void begin_changes(struct keeper *keeper, struct submission *const *submissions, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		memset(&keeper->changes[i], 0, sizeof(keeper->changes[i]));
		keeper->changes[i].row.id = id_of(submissions[i]);
	}
	qsort(keeper->changes, count, sizeof(keeper->changes[0]), compare_changes);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || keeper->changes[kept - 1].row.id != keeper->changes[i].row.id)
			keeper->changes[kept++].row.id = keeper->changes[i].row.id;
	keeper->count = kept;
}

static void take_row(void *context, const struct terminal_row *row)
{
	struct change *change = change_of(context, row->id);

	if (change)
		change->row = *row;
}

static int lock_rows(struct keeper *keeper, struct error *err)
{
	AUTO(buf) struct buf ids = BUF_INIT(IDS_MOST);

	for (size_t i = 0; i < keeper->count; i++)
		if (buf_printf(&ids, err, "%c%" PRId64, i ? ',' : '[', keeper->changes[i].row.id) < 0)
			return -1;
	if (buf_printf(&ids, err, "]") < 0)
		return -1;
	return terminal_row_lock(keeper->database, buf_text(&ids), take_row, keeper, err);
}

/* Terminals that nobody has heard of get an empty row first, so that there is one to lock. */
static int find_rows(struct keeper *keeper, struct submission *const *submissions, size_t count, struct error *err)
{
	bool is_new = false;

	if (lock_rows(keeper, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!*change_of(keeper, id_of(submissions[i]))->row.key) {
			if (terminal_row_reserve(keeper->database, submissions[i]->report.terminal,
				    submissions[i]->received_s, err) < 0)
				return -1;
			is_new = true;
		}
	return is_new ? lock_rows(keeper, err) : 0;
}

/* ---- One report ---- */

static int is_known(struct keeper *keeper, const struct submission *submission, const struct terminal_row *row,
	bool *ret_known, struct error *err)
{
	char digest[SHA256_HEX_SIZE];

	*ret_known = strcmp(sha256_hex(&submission->report.digest, digest), row->digest) == 0;
	if (*ret_known || submission->report.number > row->number)
		return 0;
	return report_row_exists(
		keeper->database, row->id, submission->report.number, &submission->report.digest, ret_known, err);
}

static int keep_delivery(struct keeper *keeper, const struct submission *submission, int64_t terminal,
	const struct report_delivery *delivery, struct error *err)
{
	int64_t release = release_id_of(delivery->package, delivery->version, delivery->digest);
	int64_t *known = &keeper->releases[(uint64_t)release % RELEASES_KNOWN];
	const struct delivery_row row = {
		.terminal = terminal,
		.release = release,
		.planned_s = delivery->planned_s,
		.state = delivery->state,
		.campaign = delivery->campaign,
		.changed_s = delivery->changed_s,
		.attempts = delivery->attempts,
		.error = delivery->error,
		.detail = delivery->detail,
		.report = submission->report.number,
	};

	if (*known != release && release_row_add(keeper->database, delivery->package, delivery->version,
					 delivery->digest, submission->received_s, err) < 0)
		return -1;
	*known = release;
	return delivery_row_put(keeper->database, &row, err);
}

static int keep_deliveries(
	struct keeper *keeper, const struct submission *submission, int64_t terminal, struct error *err)
{
	const json_t *list = submission->report.deliveries;
	struct report_delivery delivery;

	for (size_t i = 0; i < json_array_size(list); i++)
		if (report_delivery_read(json_array_get(list, i), &delivery, err) < 0 ||
			keep_delivery(keeper, submission, terminal, &delivery, err) < 0)
			return -1;
	return 0;
}

static int add_unlogged(struct keeper *keeper, const struct submission *submission, struct error *err)
{
	const struct unlogged_row row = {
		.digest = submission->report.digest,
		.terminal = submission->report.terminal,
		.number = submission->report.number,
		.rows = submission->report.rows,
		.head = submission->report.head,
	};

	return unlogged_row_add(keeper->database, &row, submission->received_s, err);
}

static int add_report(struct keeper *keeper, const struct submission *submission, int64_t terminal, struct error *err)
{
	AUTO(buf) struct buf packed = BUF_INIT(2 * PACKING_BODY_MOST);
	struct report_row row = {
		.received_s = submission->received_s,
		.terminal = terminal,
		.number = submission->report.number,
		.certificate = submission->client.fingerprint,
		.digest = &submission->report.digest,
		.size = (int64_t)submission->size,
	};

	if (packing_pack(keeper->packing, buf_text(&submission->certificate), submission->body, submission->size, &packed,
		    err) < 0)
		return -1;
	row.packed = packed.data;
	row.packed_len = packed.len;
	if (report_row_add(keeper->database, &row, err) < 0)
		return -1;
	return keeper->logs ? add_unlogged(keeper, submission, err) : 0;
}

/* Puts it into the change of its terminal, and the report beside it. What the report itself is to blame for is
 * noted in the submission. */
static int keep_report(struct keeper *keeper, struct submission *submission, struct error *err)
{
	struct change *change = change_of(keeper, id_of(submission));
	char packages[TERMINAL_ROW_LIST_SIZE], certificate[SHA256_HEX_SIZE];
	int64_t received_s = change->row.received_s, form = change->row.form;

	if (strcmp(change->row.key, submission->report.terminal) != 0) {
		(void)error_set(&submission->error, ERROR_REFUSED, "another terminal has nearly the same id");
		return 0;
	}
	if (is_known(keeper, submission, &change->row, &submission->is_known, err) < 0)
		return -1;
	submission->twin_s = change->row.twin_s;
	if (submission->is_known)
		return 0;
	memcpy(packages, change->row.packages, sizeof(packages));
	memcpy(certificate, change->row.certificate, sizeof(certificate));
	if (telling_apply(&submission->report, &submission->client, submission->received_s, &change->row,
		    &submission->error) < 0)
		return 0;
	change->has_report = true;
	change->newest = submission;
	change->has_packages |= strcmp(packages, change->row.packages) != 0;
	/* A store that is older than this program may lack the text of those that came with form 1 alone. */
	change->has_certificate |= form < 2;
	if (strcmp(certificate, change->row.certificate) != 0) {
		change->has_certificate = true;
		memcpy(change->former, certificate, sizeof(change->former));
		change->former_s = received_s;
	}
	submission->twin_s = change->row.twin_s;
	if (add_report(keeper, submission, change->row.id, err) < 0)
		return -1;
	return keep_deliveries(keeper, submission, change->row.id, err);
}

/* ---- What changed ---- */

static int write_packages(struct keeper *keeper, const struct change *change, struct error *err)
{
	const json_t *list = change->newest->report.packages;
	struct report_package package;

	if (installed_row_drop(keeper->database, change->row.id, err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (report_package_read(json_array_get(list, i), &package, err) < 0)
			return -1;
		const struct installed_row row = {
			change->row.id, package.name, package.version, package.state, package.staged, package.newest};

		if (installed_row_add(keeper->database, &row, err) < 0)
			return -1;
	}
	return 0;
}

static int write_certificate(struct keeper *keeper, const struct change *change, struct error *err)
{
	const struct client *client = &change->newest->client;
	const struct certificate_row row = {
		.fingerprint = client->fingerprint,
		.subject = client->subject,
		.name = client->name,
		.institution = client->institution,
		.serial = client->serial,
		.ends_s = client->ends_s,
		.first_s = change->row.received_s,
		.text = buf_text(&change->newest->certificate),
	};

	if (certificate_row_put(keeper->database, &row, err) < 0 ||
		certificate_row_ring(keeper->database, change->row.id, client->fingerprint, err) < 0)
		return -1;
	return *change->former ? certificate_row_last(keeper->database, change->former, change->former_s, err) : 0;
}

static int write_changes(struct keeper *keeper, struct error *err)
{
	for (size_t i = 0; i < keeper->count; i++) {
		const struct change *change = &keeper->changes[i];

		if (!change->has_report)
			continue;
		if (terminal_row_change(keeper->database, &change->row, err) < 0 ||
			(change->has_packages && write_packages(keeper, change, err) < 0) ||
			(change->has_certificate && write_certificate(keeper, change, err) < 0))
			return -1;
	}
	return 0;
}

/* ---- The batch ---- */

static int keep_all(struct keeper *keeper, struct submission *const *submissions, size_t count, struct error *err)
{
	begin_changes(keeper, submissions, count);
	if (find_rows(keeper, submissions, count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (keep_report(keeper, submissions[i], err) < 0)
			return -1;
	return write_changes(keeper, err);
}

static int make_room(struct keeper *keeper, int64_t now_s, struct error *err)
{
	if (now_s < keeper->room_until_s)
		return 0;
	if (months_prepare(keeper->database, now_s, err) < 0)
		return -1;
	keeper->room_until_s = months_begin(now_s, 1);
	return 0;
}

int keeper_keep(struct keeper *keeper, struct submission *const *submissions, size_t count, struct error *err)
{
	if (database_begin(keeper->database, err) < 0)
		return -1;
	if (make_room(keeper, submissions[count - 1]->received_s, err) == 0 &&
		keep_all(keeper, submissions, count, err) == 0 && database_commit(keeper->database, err) == 0)
		return 0;
	database_undo(keeper->database);
	memset(keeper->releases, 0, sizeof(keeper->releases));
	keeper->room_until_s = 0;
	return -1;
}
