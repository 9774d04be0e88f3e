#include "agent/proof/receipt.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/store/history.h"
#include "common/json.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/tlog_proof.h"

#define RECEIPT_MAX_BYTES (2 * (SIGNED_REPORT_MAX_BYTES + TLOG_PROOF_MAX_BYTES))

/* A receipt that holds: what its report says, where it is logged, and in which state of the ledger. */
struct receipt {
	struct ledger_entry entry;
	uint64_t index;
	struct checkpoint checkpoint;
};

static int open_state_dir(struct terminal *terminal, struct error *err)
{
	return fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->environment_path, err);
}

/* *RET_POLICY stays NULL where the operator has signed none. */
static int load_policy(struct terminal *terminal, struct policy **ret_policy, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	AUTO(fd) int dir_fd = open_state_dir(terminal, err);
	struct error why;

	if (dir_fd < 0)
		return -1;
	if (fs_read_file(terminal->env->fs, dir_fd, RECEIPT_POLICY_FILE, &text, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.text);
	if ((*ret_policy = policy_parse((struct span){buf_text(&text), text.len}, err)))
		return 0;
	return error_context(err, "the ledger's policy");
}

static int check(const struct policy *policy, struct span report, const char *proof_text, struct receipt *ret_receipt,
	struct error *err)
{
	AUTO(signed_report) struct signed_report read = {0};
	AUTO(buf) struct buf entry = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct policy_verdict verdict;
	struct tlog_proof proof;

	if (signed_report_read(report, &read, err) < 0 || ledger_entry_write(&read.entry, &entry, err) < 0 ||
		tlog_proof_parse(SPAN(proof_text), &proof, err) < 0 ||
		tlog_proof_check(&proof, (struct span){entry.data, entry.len}, policy, &verdict, err) < 0)
		return -1;
	*ret_receipt = (struct receipt){read.entry, proof.index, verdict.checkpoint};
	return 0;
}

/* ---- The receipt that is kept ---- */

/* *RET_FOUND is false before the first. One that does not hold any more is ERROR_DAMAGED. */
static int load_kept(struct terminal *terminal, const struct policy *policy, struct receipt *ret_receipt,
	bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(RECEIPT_MAX_BYTES);
	AUTO(fd) int dir_fd = open_state_dir(terminal, err);
	AUTO(json) json_t *json = NULL;
	const char *report, *proof;
	struct error why;

	*ret_found = false;
	if (dir_fd < 0)
		return -1;
	if (fs_read_file(terminal->env->fs, dir_fd, RECEIPT_FILE, &text, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.text);
	if (!(json = json_parse(text.data, text.len, &why)) || json_want_string(json, "report", &report, &why) < 0 ||
		json_want_string(json, "proof", &proof, &why) < 0 ||
		check(policy, SPAN(report), proof, ret_receipt, &why) < 0)
		return error_set(err, ERROR_DAMAGED, "the receipt that is kept: %s", why.text);
	*ret_found = true;
	return 0;
}

static int keep(struct terminal *terminal, const struct buf *report, const char *proof, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(RECEIPT_MAX_BYTES);
	AUTO(fd) int dir_fd = open_state_dir(terminal, err);
	AUTO(json)
	json_t *json = JSON_OBJECT({
		json_text("report", buf_text(report)),
		json_text("proof", proof),
	});

	if (dir_fd < 0 || !json || json_write(json, &text, err) < 0)
		return dir_fd < 0 || json ? -1 : error_set(err, ERROR_FAILED, "no memory for a receipt");
	return fs_write_file(terminal->env->fs, dir_fd, RECEIPT_FILE, text.data, text.len, 0600, err);
}

/* The ledger went on from where it was: what can be told without asking anybody. */
static int check_growth(const struct receipt *kept, const struct receipt *next, struct error *err)
{
	const struct checkpoint *before = &kept->checkpoint, *now = &next->checkpoint;

	if (strcmp(before->origin, now->origin) != 0)
		return 0; /* the operator has named another ledger */
	if (now->size < before->size)
		return error_set(err, ERROR_REFUSED,
			"the ledger went back: it had %" PRIu64 " entries, and shows %" PRIu64, before->size,
			now->size);
	if (now->size == before->size && !sha256_equal(&now->root, &before->root))
		return error_set(err, ERROR_REFUSED,
			"the ledger contradicts itself: two trees of %" PRIu64 " entries", now->size);
	return 0;
}

/* One that was kept under a former policy, or was altered, is no measure for the next one. */
static int compare(
	struct terminal *terminal, const struct policy *policy, const struct receipt *next, struct error *err)
{
	struct receipt kept;
	struct error why;
	bool found;

	if (load_kept(terminal, policy, &kept, &found, &why) < 0 || !found)
		return 0;
	return check_growth(&kept, next, err);
}

/* ---- Taking and verifying ---- */

static int record(
	struct terminal *terminal, const struct receipt *receipt, const struct error *why, struct error *err)
{
	char detail[256], digest[SHA256_HEX_SIZE];
	struct history_entry entry = {
		.operation = "receipt",
		.outcome = why ? "refused" : "done",
		.error = why ? why->code : ERROR_NONE,
		.digest = why ? "" : sha256_hex(&receipt->entry.digest, digest),
		.detail = why ? why->text : detail,
	};

	if (!why)
		(void)snprintf(detail, sizeof(detail), "entry %" PRIu64 " of %" PRIu64 " in %.128s", receipt->index,
			receipt->checkpoint.size, receipt->checkpoint.origin);
	return history_add(terminal->store, &entry, err);
}

int receipt_take(struct terminal *terminal, const struct buf *report, const char *proof, struct error *err)
{
	AUTO(policy) struct policy *policy = NULL;
	struct receipt receipt;
	struct error why;

	if (load_policy(terminal, &policy, err) < 0)
		return -1;
	if (!policy)
		return 0;
	if (check(policy, (struct span){buf_text(report), report->len}, proof, &receipt, &why) < 0 ||
		compare(terminal, policy, &receipt, &why) < 0) {
		if (record(terminal, NULL, &why, err) < 0)
			return -1;
		return error_set(err, why.code, "%s", why.text);
	}
	if (keep(terminal, report, proof, err) < 0)
		return -1;
	return record(terminal, &receipt, NULL, err);
}

int receipt_verify(struct terminal *terminal, struct error *err)
{
	AUTO(policy) struct policy *policy = NULL;
	struct history_chain head = {0};
	struct receipt receipt;
	bool found;

	if (load_policy(terminal, &policy, err) < 0)
		return -1;
	if (!policy)
		return 0;
	if (load_kept(terminal, policy, &receipt, &found, err) < 0)
		return -1;
	if (!found || receipt.entry.rows == 0)
		return 0;
	head.number = receipt.entry.rows;
	(void)sha256_hex(&receipt.entry.head, head.digest);
	return anchor_check_row(terminal->store, &head, err) < 0
		       ? error_context(err, "the ledger proves another history (entry %" PRIu64 " of %s)",
				 receipt.index, receipt.checkpoint.origin)
		       : 0;
}
