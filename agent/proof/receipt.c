#include "agent/proof/receipt.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "common/json.h"
#include "ledger/proof/growth_proof.h"
#include "ledger/proof/signed_report.h"

#define POLICY_MEMBER "policy"
#define KEPT_MAX_BYTES (RECEIPT_MAX_BYTES + 2 * POLICY_MAX_BYTES)

static int open_state_dir(struct terminal *terminal, struct error *err)
{
	return fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->environment_path, err);
}

static struct policy *parse_policy(const char *text, struct error *err)
{
	struct policy *policy = policy_parse(SPAN(text), err);

	if (!policy)
		(void)error_context(err, "the ledger's policy");
	return policy;
}

/* *RET_POLICY stays NULL where the operator has signed none. */
static int load_policy(struct terminal *terminal, struct buf *ret_text, struct policy **ret_policy, struct error *err)
{
	AUTO(fd) int dir_fd = open_state_dir(terminal, err);
	struct error why;

	if (dir_fd < 0)
		return -1;
	if (fs_read_file(terminal->env->fs, dir_fd, RECEIPT_POLICY_FILE, ret_text, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.text);
	return (*ret_policy = parse_policy(buf_text(ret_text), err)) ? 0 : -1;
}

/* ---- The receipt that is kept ---- */

/* *RET_JSON stays NULL before the first. */
static int read_kept(struct terminal *terminal, json_t **ret_json, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(KEPT_MAX_BYTES);
	AUTO(fd) int dir_fd = open_state_dir(terminal, err);
	struct error why;

	if (dir_fd < 0)
		return -1;
	if (fs_read_file(terminal->env->fs, dir_fd, RECEIPT_FILE, &text, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.text);
	if ((*ret_json = json_parse(text.data, text.len, &why)))
		return 0;
	return error_set(err, ERROR_DAMAGED, "the receipt that is kept: %s", why.text);
}

/* By the key that this terminal has, or had. */
static int check_owner(struct terminal *terminal, const struct receipt *receipt, struct error *err)
{
	AUTO(signer) struct signer *signer = terminal_key_load(terminal, err);
	struct key_names former;

	if (!signer || terminal_key_former(terminal->store, &former, err) < 0)
		return -1;
	if (strcmp(receipt->entry.terminal, signer_key_id(signer)) == 0 ||
		key_names_hold(&former, receipt->entry.terminal))
		return 0;
	return error_set(err, ERROR_DAMAGED, "it is another terminal's");
}

/* By the policy of the time when it was taken. */
static int check_kept(const json_t *json, struct receipt *ret_receipt, struct error *err)
{
	AUTO(policy) struct policy *then = NULL;
	const char *text;

	if (json_want_string(json, POLICY_MEMBER, &text, err) < 0 || !(then = parse_policy(text, err)))
		return -1;
	return receipt_proof_read(json, then, ret_receipt, err);
}

/* *RET_FOUND is false before the first. One that does not hold is ERROR_DAMAGED. */
static int load_kept(struct terminal *terminal, struct receipt *ret_receipt, bool *ret_found, struct error *err)
{
	AUTO(json) json_t *json = NULL;
	struct error why;

	*ret_found = false;
	if (read_kept(terminal, &json, err) < 0)
		return -1;
	if (!json)
		return 0;
	if (check_kept(json, ret_receipt, &why) < 0 || check_owner(terminal, ret_receipt, &why) < 0)
		return error_set(err, ERROR_DAMAGED, "the receipt that is kept: %s", why.text);
	*ret_found = true;
	return 0;
}

/* With the policy that it was judged by: the operator's next one may ask for other witnesses. */
static int keep(struct terminal *terminal, const struct ledger_entry *entry, const char *proof, const char *policy,
	struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(KEPT_MAX_BYTES);
	AUTO(fd) int dir_fd = open_state_dir(terminal, err);
	AUTO(json) json_t *json = NULL;

	if (dir_fd < 0 || !(json = receipt_proof_json(entry, proof, err)))
		return -1;
	if (json_object_set_new(json, POLICY_MEMBER, json_string(policy)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a receipt");
	if (json_write(json, &text, err) < 0)
		return -1;
	return fs_write_file(terminal->env->fs, dir_fd, RECEIPT_FILE, text.data, text.len, 0600, err);
}

/* The ledger went on from where it was. Where witnesses have to cosign, they see to it that it only grew; else the answer has
 * to prove it. */
static int check_growth(const struct receipt *kept, const struct receipt *next, const struct policy *policy,
	const char *growth, struct error *err)
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
	if (policy->quorum >= 0 || now->size == before->size)
		return 0;
	if (!growth)
		return error_set(err, ERROR_REFUSED,
			"the ledger does not prove that it only grew since it had %" PRIu64
			" entries, and the policy asks for no witness",
			before->size);
	return growth_proof_check(SPAN(growth), before, now, err);
}

static bool names_ledger(const struct policy *policy, const char *origin)
{
	for (size_t i = 0; i < policy->log_count; i++)
		if (strcmp(policy->logs[i].key.name, origin) == 0)
			return true;
	return false;
}

/* What the ledger of today's POLICY was seen to be, by the receipt that is kept: good under the policy of its time, so that a key
 * or a witness that is exchanged lets no ledger go back. *RET_FOUND is false where there is none such. */
static int load_measure(struct terminal *terminal, const struct policy *policy, struct receipt *ret_receipt,
	bool *ret_found, struct error *err)
{
	if (load_kept(terminal, ret_receipt, ret_found, err) < 0)
		return -1;
	*ret_found = *ret_found && names_ledger(policy, ret_receipt->checkpoint.origin);
	return 0;
}

/* One that was altered is no measure for the next one. */
static int compare(struct terminal *terminal, const struct policy *policy, const struct receipt *next,
	const char *growth, struct error *err)
{
	struct receipt kept;
	struct error why;
	bool found;

	if (load_measure(terminal, policy, &kept, &found, &why) < 0 || !found)
		return 0;
	return check_growth(&kept, next, policy, growth, err);
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

/* What the answer proves of the report that was sent. */
static int check(const struct policy *policy, const struct buf *report, const char *proof,
	struct receipt *ret_receipt, struct error *err)
{
	AUTO(signed_report) struct signed_report read = {0};

	if (signed_report_read((struct span){buf_text(report), report->len}, &read, err) < 0)
		return -1;
	return receipt_proof_check(&read.entry, proof, policy, ret_receipt, err);
}

int receipt_take(
	struct terminal *terminal, const struct buf *report, const struct receipt_answer *answer, struct error *err)
{
	AUTO(buf) struct buf policy_text = BUF_INIT(POLICY_MAX_BYTES);
	AUTO(policy) struct policy *policy = NULL;
	struct receipt receipt;
	struct error why;

	if (load_policy(terminal, &policy_text, &policy, err) < 0)
		return -1;
	if (!policy)
		return 0;
	if (check(policy, report, answer->proof, &receipt, &why) < 0 ||
		compare(terminal, policy, &receipt, answer->growth, &why) < 0) {
		if (record(terminal, NULL, &why, err) < 0)
			return -1;
		return error_set(err, why.code, "%s", why.text);
	}
	if (keep(terminal, &receipt.entry, answer->proof, buf_text(&policy_text), err) < 0)
		return -1;
	return record(terminal, &receipt, NULL, err);
}

int receipt_find(struct terminal *terminal, struct receipt *ret_receipt, bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf policy_text = BUF_INIT(POLICY_MAX_BYTES);
	AUTO(policy) struct policy *policy = NULL;
	struct error why;

	*ret_found = false;
	if (load_policy(terminal, &policy_text, &policy, err) < 0)
		return -1;
	if (!policy || load_measure(terminal, policy, ret_receipt, ret_found, &why) == 0 || why.code == ERROR_DAMAGED)
		return 0;
	return error_set(err, why.code, "%s", why.text);
}

int receipt_export(struct terminal *terminal, struct buf *ret_line, struct error *err)
{
	AUTO(json) json_t *json = NULL;

	if (read_kept(terminal, &json, err) < 0)
		return -1;
	if (!json)
		return 0;
	(void)json_object_del(json, POLICY_MEMBER); /* whoever checks it brings their own */
	return json_write(json, ret_line, err) < 0 ? -1 : buf_append(ret_line, "\n", 1, err);
}

int receipt_verify(struct terminal *terminal, struct error *err)
{
	struct history_chain head = {0};
	struct receipt receipt;
	bool found;

	if (load_kept(terminal, &receipt, &found, err) < 0)
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
