#include "agent/night/report_proof.h"

#include <fcntl.h>
#include <string.h>

#include "agent/proof/receipt.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/tlog_proof.h"

static int open_state_dir(struct terminal *terminal, struct error *err)
{
	return fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->environment_path, err);
}

static void warn(struct terminal *terminal, const char *what, const struct error *err)
{
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s: %s", what, err->text);
}

static void take(struct terminal *terminal, const struct buf *report, const char *proof)
{
	struct error err = {0};

	if (receipt_take(terminal, report, proof, &err) < 0)
		warn(terminal, "the receipt does not hold", &err);
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
	const json_t *proof = json_object_get(answer, "proof");

	if (json_is_string(proof))
		take(terminal, report, json_string_value(proof));
	else if (json_is_null(proof))
		keep(terminal, report);
}

static int take_bytes(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

/* "https://collector.example/reports" becomes "https://collector.example/proofs/SHA-256". */
static int write_address(const char *report_url, const struct buf *report, struct buf *ret_address, struct error *err)
{
	const char *slash = strrchr(report_url, '/');
	char digest[SHA256_HEX_SIZE];
	struct sha256 sha256;

	sha256_of(buf_text(report), report->len, &sha256);
	return buf_printf(ret_address, err, "%.*s/proofs/%s", slash ? (int)(slash - report_url) : 0, report_url,
		sha256_hex(&sha256, digest));
}

static int fetch(struct terminal *terminal, struct transport *way, const struct buf *report, struct buf *ret_proof,
	struct error *err)
{
	AUTO(buf) struct buf address = BUF_INIT(4096);
	struct transport_request request = {
		.limit = TLOG_PROOF_MAX_BYTES,
		.time_limit_s = TRANSPORT_SMALL_S,
	};
	struct transport_reply reply;

	if (write_address(terminal->config->report_url, report, &address, err) < 0)
		return -1;
	request.url = buf_text(&address);
	return way->ask(way, &request, take_bytes, ret_proof, &reply, err);
}

/* One that is still not there is asked for again; whatever came is the last word. */
void report_proof_ask(struct terminal *terminal, struct transport *way)
{
	AUTO(buf) struct buf report = BUF_INIT(SIGNED_REPORT_MAX_BYTES), proof = BUF_INIT(TLOG_PROOF_MAX_BYTES);
	struct error err = {0};
	AUTO(fd) int dir_fd = open_state_dir(terminal, &err);

	if (dir_fd < 0 || fs_read_file(terminal->env->fs, dir_fd, REPORT_PROOF_PENDING, &report, &err) < 0)
		return;
	if (fetch(terminal, way, &report, &proof, &err) < 0) {
		warn(terminal, "the receipt is not there yet", &err);
		return;
	}
	take(terminal, &report, buf_text(&proof));
	if (fs_remove(terminal->env->fs, dir_fd, REPORT_PROOF_PENDING, &err) < 0)
		warn(terminal, "the receipt will be asked for again", &err);
}
