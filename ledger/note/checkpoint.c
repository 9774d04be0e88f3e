#include "ledger/note/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/note/base64.h"

int checkpoint_parse(struct span text, struct checkpoint *ret_checkpoint, struct error *err)
{
	struct span origin, size, root, extension;
	struct checkpoint checkpoint = {0};

	if (!span_take_line(&text, &origin) || origin.len == 0 ||
		!span_copy(origin, checkpoint.origin, sizeof(checkpoint.origin)))
		return error_set(err, ERROR_REFUSED, "a checkpoint whose first line is not the origin of a log");
	if (!span_take_line(&text, &size) || !span_number(size, &checkpoint.size))
		return error_set(err, ERROR_REFUSED, "a checkpoint whose second line is not the size of a tree");
	if (!span_take_line(&text, &root) || !span_hash(root, &checkpoint.root))
		return error_set(err, ERROR_REFUSED, "a checkpoint whose third line is not the root of a tree");
	while (span_take_line(&text, &extension))
		if (extension.len == 0)
			return error_set(err, ERROR_REFUSED, "a checkpoint with an empty line in it");
	if (text.len > 0)
		return error_set(err, ERROR_REFUSED, "a checkpoint whose last line is not ended");
	*ret_checkpoint = checkpoint;
	return 0;
}

int checkpoint_write(const struct checkpoint *checkpoint, struct buf *ret_text, struct error *err)
{
	if (buf_printf(ret_text, err, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size) < 0 ||
		base64_write(checkpoint->root.bytes, SHA256_SIZE, ret_text, err) < 0)
		return -1;
	return buf_append(ret_text, "\n", 1, err);
}

int checkpoint_sign(const struct checkpoint *checkpoint, const struct vkey *key, const struct signer *signer,
	struct buf *ret_note, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(1024);

	if (checkpoint_write(checkpoint, &text, err) < 0)
		return -1;
	return note_sign((struct span){text.data, text.len}, key, signer, ret_note, err);
}

int checkpoint_open(struct span data, const struct vkey *log, struct checkpoint *ret_checkpoint,
	struct note *ret_note, struct error *err)
{
	if (note_parse(data, ret_note, err) < 0)
		return -1;
	if (note_check(ret_note, log) != NOTE_SIGNED)
		return error_set(err, ERROR_REFUSED, "a checkpoint that '%s' has not signed", log->name);
	if (checkpoint_parse(ret_note->text, ret_checkpoint, err) < 0)
		return -1;
	if (strcmp(ret_checkpoint->origin, log->name) != 0)
		return error_set(err, ERROR_REFUSED, "a checkpoint of '%s', signed by '%s'", ret_checkpoint->origin,
			log->name);
	return 0;
}
