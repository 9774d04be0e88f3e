#include "ledger/proof/add_checkpoint.h"

#include "ledger/proof/growth_proof.h"

int add_checkpoint_parse(struct span data, struct add_checkpoint *ret_request, struct error *err)
{
	struct growth_proof growth;

	if (data.len > ADD_CHECKPOINT_MAX_BYTES)
		return error_set(err, ERROR_REFUSED, "more than %d bytes", ADD_CHECKPOINT_MAX_BYTES);
	if (growth_proof_take(&data, &growth, err) < 0)
		return -1;
	if (!span_take_prefix(&data, "\n"))
		return error_set(err, ERROR_REFUSED, "the empty line before the checkpoint is missing");
	*ret_request = (struct add_checkpoint){growth.old_size, growth.path, data};
	return 0;
}

int add_checkpoint_write(const struct add_checkpoint *request, struct buf *ret_body, struct error *err)
{
	const struct growth_proof growth = {request->old_size, request->path};

	if (growth_proof_write(&growth, ret_body, err) < 0 || buf_append(ret_body, "\n", 1, err) < 0)
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
