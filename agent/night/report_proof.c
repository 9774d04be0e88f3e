#include "agent/night/report_proof.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "agent/proof/receipt.h"
#include "ledger/proof/growth_proof.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/tlog_proof.h"

/* As JSON, where a line feed takes two bytes. */
#define ANSWER_MAX_BYTES (2 * (TLOG_PROOF_MAX_BYTES + GROWTH_PROOF_MAX_BYTES))

static int open_state_dir(struct terminal *terminal, struct error *err)
{
	return fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->environment_path, err);
}

static void warn(struct terminal *terminal, const char *what, const struct error *err)
{
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s: %s", what, err->text);
}

/* False where ANSWER has no proof. */
static bool take(struct terminal *terminal, const struct buf *report, const json_t *answer)
{
	const struct receipt_answer said = {
		.proof = json_string_value(json_object_get(answer, "proof")),
		.growth = json_string_value(json_object_get(answer, "consistency")),
	};
	struct error err = {0};

	if (!said.proof)
		return false;
	if (receipt_take(terminal, report, &said, &err) < 0)
		warn(terminal, "the receipt does not hold", &err);
	return true;
}

/* Only the newest is waited for: its row of the history stands behind those of all before it. */
static void keep(struct terminal *terminal, const struct buf *report)
{
	struct error err = {0};
	AUTO(fd) int dir_fd = open_state_dir(terminal, &err);

	if (dir_fd < 0 || fs_write_file(terminal->env->fs, dir_fd, REPORT_PROOF_PENDING, buf_text(report),
				  report->len, 0600, &err) < 0)
		warn(terminal, "the receipt cannot be asked for later", &err);
}

void report_proof_take(struct terminal *terminal, const struct buf *report, const json_t *answer)
{
	if (!take(terminal, report, answer) && json_is_null(json_object_get(answer, "proof")))
		keep(terminal, report);
}

static int take_bytes(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

/* "https://collector.example/reports" becomes "https://collector.example/proofs/SHA-256"; with "?since=SIZE" where the ledger
 * was seen before. */
static int write_address(
	struct terminal *terminal, const struct buf *report, struct buf *ret_address, struct error *err)
{
	const char *report_url = terminal->config->report_url, *slash = strrchr(report_url, '/');
	char digest[SHA256_HEX_SIZE];
	struct receipt seen;
	struct sha256 sha256;
	bool found;

	sha256_of(buf_text(report), report->len, &sha256);
	if (receipt_find(terminal, &seen, &found, err) < 0 ||
		buf_printf(ret_address, err, "%.*s/proofs/%s", slash ? (int)(slash - report_url) : 0, report_url,
			sha256_hex(&sha256, digest)) < 0)
		return -1;
	return found ? buf_printf(ret_address, err, "?since=%" PRIu64, seen.checkpoint.size) : 0;
}

static int fetch(struct terminal *terminal, struct transport *way, const struct buf *report, struct buf *ret_answer,
	struct error *err)
{
	AUTO(buf) struct buf address = BUF_INIT(4096);
	struct transport_request request = {
		.limit = ANSWER_MAX_BYTES,
		.time_limit_s = TRANSPORT_SMALL_S,
	};
	struct transport_reply reply;

	if (write_address(terminal, report, &address, err) < 0)
		return -1;
	request.url = buf_text(&address);
	return way->ask(way, &request, take_bytes, ret_answer, &reply, err);
}

/* One that is still not there is asked for again; whatever came is the last word. */
void report_proof_ask(struct terminal *terminal, struct transport *way)
{
	AUTO(buf) struct buf report = BUF_INIT(SIGNED_REPORT_MAX_BYTES), answer = BUF_INIT(ANSWER_MAX_BYTES);
	AUTO(json) json_t *json = NULL;
	struct error err = {0};
	AUTO(fd) int dir_fd = open_state_dir(terminal, &err);

	if (dir_fd < 0 || fs_read_file(terminal->env->fs, dir_fd, REPORT_PROOF_PENDING, &report, &err) < 0)
		return;
	if (fetch(terminal, way, &report, &answer, &err) < 0) {
		warn(terminal, "the receipt is not there yet", &err);
		return;
	}
	/* The proof alone, or with what else there is to say, as in the answer to a report. */
	if (!(json = json_parse(answer.data, answer.len, NULL)))
		json = JSON_OBJECT({json_text("proof", buf_text(&answer))});
	if (!take(terminal, &report, json))
		return;
	if (fs_remove(terminal->env->fs, dir_fd, REPORT_PROOF_PENDING, &err) < 0)
		warn(terminal, "the receipt will be asked for again", &err);
}
