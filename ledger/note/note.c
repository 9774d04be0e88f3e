#include "ledger/note/note.h"

#include <string.h>

#include "common/text.h"
#include "ledger/note/base64.h"

#define DASH "\xe2\x80\x94 "

static int check_characters(struct span data, struct error *err)
{
	if (data.len > NOTE_MAX_BYTES)
		return error_set(err, ERROR_REFUSED, "a signed note of more than %d bytes", NOTE_MAX_BYTES);
	if (!text_is_utf8(data.at, data.len))
		return error_set(err, ERROR_REFUSED, "a signed note that is not UTF-8");
	for (size_t i = 0; i < data.len; i++)
		if ((unsigned char)data.at[i] < ' ' && data.at[i] != '\n')
			return error_set(err, ERROR_REFUSED, "a signed note with a control character in it");
	return 0;
}

static bool read_signature(struct span line, struct note_signature *ret_signature)
{
	uint8_t bytes[NOTE_SIGNATURE_MAX_BYTES];
	struct span rest = line;
	const char *space;
	size_t len;

	if (!span_take_prefix(&rest, DASH) || !rest.len || !(space = memchr(rest.at, ' ', rest.len)))
		return false;
	ret_signature->name = (struct span){rest.at, (size_t)(space - rest.at)};
	ret_signature->base64 = (struct span){space + 1, rest.len - ret_signature->name.len - 1};
	ret_signature->line = (struct span){line.at, line.len + 1};
	if (!vkey_name_is_valid(ret_signature->name) ||
		base64_read(ret_signature->base64.at, ret_signature->base64.len, bytes, sizeof(bytes), &len, NULL) <
			0 ||
		len <= VKEY_ID_BYTES)
		return false;
	memcpy(ret_signature->id, bytes, VKEY_ID_BYTES);
	return true;
}

static int read_signatures(struct span lines, struct note *note, struct error *err)
{
	struct span line;

	while (span_take_line(&lines, &line)) {
		if (note->count == NOTE_MAX_SIGNATURES)
			return error_set(err, ERROR_REFUSED, "a signed note with more than %d signatures",
				NOTE_MAX_SIGNATURES);
		if (!read_signature(line, &note->signatures[note->count++]))
			return error_set(err, ERROR_REFUSED, "line %zu of a note's signatures is none", note->count);
	}
	if (note->count == 0 || lines.len > 0)
		return error_set(err, ERROR_REFUSED, "a note without signatures, or one that was cut");
	return 0;
}

int note_parse(struct span data, struct note *ret_note, struct error *err)
{
	const char *end = NULL;

	ret_note->count = 0;
	if (check_characters(data, err) < 0)
		return -1;
	for (size_t i = data.len; i-- > 1 && !end;)
		if (data.at[i] == '\n' && data.at[i - 1] == '\n')
			end = data.at + i;
	if (!end)
		return error_set(err, ERROR_REFUSED, "a note without the empty line before its signatures");
	ret_note->text = (struct span){data.at, (size_t)(end - data.at)};
	return read_signatures((struct span){end + 1, data.len - ret_note->text.len - 1}, ret_note, err);
}

bool note_next(
	const struct note *note, const struct vkey *key, size_t *at, void *ret_signature, size_t len, size_t *ret_len)
{
	uint8_t bytes[NOTE_SIGNATURE_MAX_BYTES];
	size_t filled = 0;

	while (*at < note->count) {
		const struct note_signature *signature = &note->signatures[(*at)++];

		if (!span_is(signature->name, key->name) || memcmp(signature->id, key->id, VKEY_ID_BYTES) != 0)
			continue;
		*ret_len = 0;
		if (base64_read(signature->base64.at, signature->base64.len, bytes, sizeof(bytes), &filled, NULL) ==
				0 &&
			filled == VKEY_ID_BYTES + len) {
			memcpy(ret_signature, bytes + VKEY_ID_BYTES, len);
			*ret_len = len;
		}
		return true;
	}
	return false;
}

enum note_verdict note_check(const struct note *note, const struct vkey *key)
{
	enum note_verdict verdict = NOTE_UNSIGNED;
	uint8_t signature[VKEY_SIGNATURE_BYTES];
	size_t len;

	for (size_t at = 0; note_next(note, key, &at, signature, sizeof(signature), &len);) {
		if (len == 0 || key->type != VKEY_NOTE || !vkey_verify(key, note->text.at, note->text.len, signature))
			return NOTE_FORGED;
		verdict = NOTE_SIGNED;
	}
	return verdict;
}

int note_write_signature(
	const struct vkey *key, const void *signature, size_t len, struct buf *ret_line, struct error *err)
{
	uint8_t bytes[VKEY_ID_BYTES + NOTE_SIGNATURE_MAX_BYTES];

	if (len > NOTE_SIGNATURE_MAX_BYTES)
		return error_set(err, ERROR_USAGE, "a signature of %zu bytes", len);
	memcpy(bytes, key->id, VKEY_ID_BYTES);
	memcpy(bytes + VKEY_ID_BYTES, signature, len);
	if (buf_printf(ret_line, err, DASH "%s ", key->name) < 0 ||
		base64_write(bytes, VKEY_ID_BYTES + len, ret_line, err) < 0)
		return -1;
	return buf_append(ret_line, "\n", 1, err);
}

int note_sign(struct span text, const struct vkey *key, const struct signer *signer, struct buf *ret_note,
	struct error *err)
{
	uint8_t signature[VKEY_SIGNATURE_BYTES];

	if (vkey_sign(signer, text.at, text.len, signature, err) < 0 ||
		buf_append(ret_note, text.at, text.len, err) < 0 || buf_append(ret_note, "\n", 1, err) < 0)
		return -1;
	return note_write_signature(key, signature, sizeof(signature), ret_note, err);
}
