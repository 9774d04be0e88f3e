#include "ledger/proof/add_checkpoint.h"

#include <inttypes.h>

#include "ledger/note/base64.h"

int add_checkpoint_parse(struct span data, struct add_checkpoint *ret_request, struct error *err)
{
	struct merkle_path *path = &ret_request->path;
	struct span line;

	if (data.len > ADD_CHECKPOINT_MAX_BYTES)
		return error_set(err, ERROR_REFUSED, "more than %d bytes", ADD_CHECKPOINT_MAX_BYTES);
	if (!span_take_prefix(&data, "old ") || !span_take_line(&data, &line) ||
		!span_number(line, &ret_request->old_size))
		return error_set(err, ERROR_REFUSED, "the first line is not 'old' and a size");
	for (path->count = 0; span_take_line(&data, &line); path->count++) {
		if (line.len == 0) {
			ret_request->checkpoint = data;
			return 0;
		}
		if (path->count == MERKLE_MAX_PATH || !span_hash(line, &path->hashes[path->count]))
			return error_set(err, ERROR_REFUSED, "line %zu of the proof is no hash, or one too many",
				path->count + 1);
	}
	return error_set(err, ERROR_REFUSED, "the empty line before the checkpoint is missing");
}

int add_checkpoint_write(const struct add_checkpoint *request, struct buf *ret_body, struct error *err)
{
	if (buf_printf(ret_body, err, "old %" PRIu64 "\n", request->old_size) < 0)
		return -1;
	for (size_t i = 0; i < request->path.count; i++)
		if (base64_write(request->path.hashes[i].bytes, SHA256_SIZE, ret_body, err) < 0 ||
			buf_append(ret_body, "\n", 1, err) < 0)
			return -1;
	if (buf_append(ret_body, "\n", 1, err) < 0)
		return -1;
	return buf_append(ret_body, request->checkpoint.at, request->checkpoint.len, err);
}

int add_checkpoint_read_conflict(struct span body, uint64_t *ret_size, struct error *err)
{
	struct span line;

	if (!span_take_line(&body, &line) || body.len > 0 || !span_number(line, ret_size))
		return error_set(
			err, ERROR_REFUSED, "a witness's answer that does not say which size it has cosigned");
	return 0;
}
