#include "ledger/proof/growth_proof.h"

#include <inttypes.h>

#include "ledger/note/base64.h"

int growth_proof_take(struct span *rest, struct growth_proof *ret_growth, struct error *err)
{
	struct merkle_path *path = &ret_growth->path;
	struct span line;

	if (!span_take_prefix(rest, "old ") || !span_take_line(rest, &line) ||
		!span_number(line, &ret_growth->old_size))
		return error_set(err, ERROR_REFUSED, "the first line is not 'old' and a size");
	for (path->count = 0; rest->len > 0 && *rest->at != '\n'; path->count++)
		if (path->count == MERKLE_MAX_PATH || !span_take_line(rest, &line) ||
			!span_hash(line, &path->hashes[path->count]))
			return error_set(err, ERROR_REFUSED, "line %zu of the proof is no hash, or one too many",
				path->count + 1);
	return 0;
}

int growth_proof_write(const struct growth_proof *growth, struct buf *ret_text, struct error *err)
{
	if (buf_printf(ret_text, err, "old %" PRIu64 "\n", growth->old_size) < 0)
		return -1;
	for (size_t i = 0; i < growth->path.count; i++)
		if (base64_write(growth->path.hashes[i].bytes, SHA256_SIZE, ret_text, err) < 0 ||
			buf_append(ret_text, "\n", 1, err) < 0)
			return -1;
	return 0;
}

int growth_proof_check(
	struct span text, const struct checkpoint *before, const struct checkpoint *now, struct error *err)
{
	struct growth_proof growth;

	if (growth_proof_take(&text, &growth, err) < 0)
		return error_context(err, "the proof that the ledger only grew");
	if (text.len > 0)
		return error_set(err, ERROR_REFUSED, "something stands behind the proof that the ledger only grew");
	if (growth.old_size != before->size)
		return error_set(err, ERROR_REFUSED,
			"the ledger proves that it grew from %" PRIu64 " entries, and was seen at %" PRIu64,
			growth.old_size, before->size);
	return merkle_check_consistency(before->size, &before->root, now->size, &now->root, &growth.path, err);
}
