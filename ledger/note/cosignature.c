#include "ledger/note/cosignature.h"

#include <inttypes.h>
#include <string.h>

#define TIME_BYTES 8
#define COSIGNATURE_BYTES (TIME_BYTES + VKEY_SIGNATURE_BYTES)

static int write_message(struct span text, uint64_t time_s, struct buf *ret_message, struct error *err)
{
	if (buf_printf(ret_message, err, "cosignature/v1\ntime %" PRIu64 "\n", time_s) < 0)
		return -1;
	return buf_append(ret_message, text.at, text.len, err);
}

int cosignature_sign(struct span text, int64_t now_s, const struct vkey *key, const struct signer *signer,
	struct buf *ret_line, struct error *err)
{
	AUTO(buf) struct buf message = BUF_INIT(NOTE_MAX_BYTES + 64);
	uint64_t time_s = now_s > 0 ? (uint64_t)now_s : 0;
	uint8_t bytes[COSIGNATURE_BYTES];

	for (int i = 0; i < TIME_BYTES; i++)
		bytes[i] = (uint8_t)(time_s >> (8 * (TIME_BYTES - 1 - i)));
	if (write_message(text, time_s, &message, err) < 0 ||
		vkey_sign(signer, message.data, message.len, bytes + TIME_BYTES, err) < 0)
		return -1;
	return note_write_signature(key, bytes, sizeof(bytes), ret_line, err);
}

static bool holds(
	struct span text, const struct vkey *key, const uint8_t bytes[static COSIGNATURE_BYTES], uint64_t *ret_time_s)
{
	AUTO(buf) struct buf message = BUF_INIT(NOTE_MAX_BYTES + 64);
	uint64_t time_s = 0;

	for (int i = 0; i < TIME_BYTES; i++)
		time_s = time_s << 8 | bytes[i];
	*ret_time_s = time_s;
	return time_s <= INT64_MAX && write_message(text, time_s, &message, NULL) == 0 &&
	       vkey_verify(key, message.data, message.len, bytes + TIME_BYTES);
}

enum note_verdict cosignature_check(const struct note *note, const struct vkey *key, int64_t *ret_time_s)
{
	enum note_verdict verdict = NOTE_UNSIGNED;
	uint8_t bytes[COSIGNATURE_BYTES];
	int64_t earliest_s = INT64_MAX;
	uint64_t time_s;
	size_t len;

	for (size_t at = 0; note_next(note, key, &at, bytes, sizeof(bytes), &len);) {
		if (len == 0 || key->type != VKEY_COSIGNATURE || !holds(note->text, key, bytes, &time_s))
			return NOTE_FORGED;
		verdict = NOTE_SIGNED;
		if ((int64_t)time_s < earliest_s)
			earliest_s = (int64_t)time_s;
	}
	if (verdict == NOTE_SIGNED)
		*ret_time_s = earliest_s;
	return verdict;
}
