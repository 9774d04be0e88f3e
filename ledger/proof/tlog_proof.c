#include "ledger/proof/tlog_proof.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/note/base64.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1"
#define EXTRA_MAX_BYTES 8192

static int read_extra(struct span *rest, struct span *ret_extra, struct error *err)
{
	uint8_t bytes[EXTRA_MAX_BYTES];
	struct span line;
	size_t len;

	*ret_extra = (struct span){0};
	if (!span_take_prefix(rest, "extra "))
		return 0;
	if (!span_take_line(rest, &line) || base64_read(line.at, line.len, bytes, sizeof(bytes), &len, err) < 0)
		return error_set(err, ERROR_REFUSED, "a proof whose extra data are not base64");
	*ret_extra = line;
	return 0;
}

static int read_path(struct span *rest, struct merkle_path *ret_path, struct error *err)
{
	struct span line;

	for (ret_path->count = 0; span_take_line(rest, &line); ret_path->count++) {
		if (line.len == 0)
			return 0;
		if (ret_path->count == MERKLE_MAX_PATH || !span_hash(line, &ret_path->hashes[ret_path->count]))
			return error_set(err, ERROR_REFUSED,
				"line %zu of an inclusion proof is no hash, or one too many", ret_path->count + 1);
	}
	return error_set(err, ERROR_REFUSED, "a proof that ends before its checkpoint");
}

int tlog_proof_parse(struct span data, struct tlog_proof *ret_proof, struct error *err)
{
	struct span line;

	if (data.len > TLOG_PROOF_MAX_BYTES)
		return error_set(err, ERROR_REFUSED, "a proof of more than %d bytes", TLOG_PROOF_MAX_BYTES);
	if (!span_take_line(&data, &line) || !span_is(line, FIRST_LINE))
		return error_set(err, ERROR_REFUSED, "a proof that does not begin with " FIRST_LINE);
	if (read_extra(&data, &ret_proof->extra, err) < 0)
		return -1;
	if (!span_take_prefix(&data, "index ") || !span_take_line(&data, &line) ||
		!span_number(line, &ret_proof->index))
		return error_set(err, ERROR_REFUSED, "a proof that does not say of which entry");
	if (read_path(&data, &ret_proof->path, err) < 0)
		return -1;
	ret_proof->checkpoint = data;
	return 0;
}

int tlog_proof_write(const struct tlog_proof *proof, struct buf *ret_text, struct error *err)
{
	if (buf_printf(ret_text, err, FIRST_LINE "\n") < 0 ||
		(proof->extra.at &&
			buf_printf(ret_text, err, "extra %.*s\n", (int)proof->extra.len, proof->extra.at) < 0) ||
		buf_printf(ret_text, err, "index %" PRIu64 "\n", proof->index) < 0)
		return -1;
	for (size_t i = 0; i < proof->path.count; i++)
		if (base64_write(proof->path.hashes[i].bytes, SHA256_SIZE, ret_text, err) < 0 ||
			buf_append(ret_text, "\n", 1, err) < 0)
			return -1;
	if (buf_append(ret_text, "\n", 1, err) < 0)
		return -1;
	return buf_append(ret_text, proof->checkpoint.at, proof->checkpoint.len, err);
}

int tlog_proof_check(const struct tlog_proof *proof, struct span entry, const struct policy *policy,
	struct policy_verdict *ret_verdict, struct error *err)
{
	struct sha256 leaf;

	if (policy_judge(policy, proof->checkpoint, ret_verdict, err) < 0 ||
		merkle_leaf(entry.at, entry.len, &leaf, err) < 0)
		return -1;
	return merkle_check_inclusion(
		&leaf, proof->index, ret_verdict->checkpoint.size, &proof->path, &ret_verdict->checkpoint.root, err);
}
