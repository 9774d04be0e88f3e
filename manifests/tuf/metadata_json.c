#include "manifests/tuf/metadata_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "common/text.h"

/* An empty object takes two bytes of text and some 200 of memory. */
#define VALUES_AT_LEAST 100000
#define BYTES_PER_VALUE 8

#define INTEGER_DIGITS_MAX 20

struct reader {
	const char *begin;
	const char *at; /* the text ends with a NUL that is no part of it, so looking at *at is always allowed */
	const char *end;
	int depth;
	size_t values_left;
	struct error *err;
};

static json_t *read_value(struct reader *reader);

static int wrong(struct reader *reader, const char *what)
{
	return error_set(
		reader->err, ERROR_INPUT, "not JSON: %s at byte %zu", what, (size_t)(reader->at - reader->begin));
}

static json_t *wrong_value(struct reader *reader, const char *what)
{
	(void)wrong(reader, what);
	return NULL;
}

static json_t *made(struct reader *reader, json_t *value)
{
	if (!value)
		(void)error_set(reader->err, ERROR_FAILED, "no memory for JSON");
	return value;
}

static void skip_blanks(struct reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r')
		reader->at++;
}

/* Steps over one character where it is the next. */
static bool take(struct reader *reader, char character)
{
	if (*reader->at != character || reader->at == reader->end)
		return false;
	reader->at++;
	return true;
}

/* The four digits of a \u. */
static int read_unit(struct reader *reader, unsigned int *ret_unit)
{
	char digits[5] = {0};
	unsigned char bytes[2];

	for (int i = 0; i < 4 && reader->at + i < reader->end; i++)
		digits[i] = reader->at[i];
	if (hex_decode(digits, bytes, sizeof(bytes), NULL) < 0)
		return wrong(reader, "no four hexadecimal digits");
	reader->at += 4;
	*ret_unit = (unsigned int)bytes[0] << 8 | bytes[1];
	return 0;
}

static int append_character(struct reader *reader, unsigned int character, struct buf *ret_text)
{
	char bytes[4];
	size_t len;

	if (character < 0x80) {
		bytes[0] = (char)character;
		len = 1;
	} else if (character < 0x800) {
		bytes[0] = (char)(0xc0 | character >> 6);
		len = 2;
	} else if (character < 0x10000) {
		bytes[0] = (char)(0xe0 | character >> 12);
		len = 3;
	} else {
		bytes[0] = (char)(0xf0 | character >> 18);
		len = 4;
	}
	for (size_t i = 1; i < len; i++)
		bytes[i] = (char)(0x80 | (character >> 6 * (len - 1 - i) & 0x3f));
	return buf_append(ret_text, bytes, len, reader->err);
}

/* Behind "\u": one character of one unit, or of two that belong together. */
static int read_escaped_character(struct reader *reader, struct buf *ret_text)
{
	unsigned int high, low;

	if (read_unit(reader, &high) < 0)
		return -1;
	if (high < 0xd800 || high > 0xdfff)
		return append_character(reader, high, ret_text);
	if (high > 0xdbff || !take(reader, '\\') || !take(reader, 'u'))
		return wrong(reader, "a lone surrogate");
	if (read_unit(reader, &low) < 0)
		return -1;
	if (low < 0xdc00 || low > 0xdfff)
		return wrong(reader, "a lone surrogate");
	return append_character(reader, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), ret_text);
}

static int read_escape(struct reader *reader, struct buf *ret_text)
{
	static const char names[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (take(reader, 'u'))
		return read_escaped_character(reader, ret_text);
	if (reader->at == reader->end || !(name = strchr(names, *reader->at)) || *name == '\0')
		return wrong(reader, "an unknown escape");
	reader->at++;
	return buf_append(ret_text, meanings + (name - names), 1, reader->err);
}

/* Behind the opening quote. */
static int read_text(struct reader *reader, struct buf *ret_text)
{
	for (;;) {
		const char *from = reader->at;

		while (reader->at < reader->end && (unsigned char)*reader->at >= 0x20 && *reader->at != '"' &&
			*reader->at != '\\')
			reader->at++;
		if (buf_append(ret_text, from, (size_t)(reader->at - from), reader->err) < 0)
			return -1;
		if (take(reader, '"'))
			return 0;
		if (!take(reader, '\\'))
			return wrong(reader, "a string that does not end, or a control character in it");
		if (read_escape(reader, ret_text) < 0)
			return -1;
	}
}

static json_t *read_string(struct reader *reader)
{
	AUTO(buf) struct buf text = BUF_INIT((size_t)(reader->end - reader->at));

	if (read_text(reader, &text) < 0)
		return NULL;
	return made(reader, json_stringn_nocheck(buf_text(&text), text.len));
}

static bool take_digits(struct reader *reader)
{
	size_t digits = strspn(reader->at, "0123456789");

	reader->at += digits;
	return digits > 0;
}

static json_t *read_integer(struct reader *reader, const char *from)
{
	char digits[INTEGER_DIGITS_MAX + 2];
	size_t len = (size_t)(reader->at - from);
	long long value;

	if (len >= sizeof(digits))
		return wrong_value(reader, "an integer beyond 64 bits");
	memcpy(digits, from, len);
	digits[len] = '\0';
	errno = 0;
	value = strtoll(digits, NULL, 10);
	if (errno)
		return wrong_value(reader, "an integer beyond 64 bits");
	return made(reader, json_integer(value));
}

static json_t *read_number(struct reader *reader)
{
	const char *from = reader->at;
	bool real = false;

	(void)take(reader, '-');
	if (!take(reader, '0') && !take_digits(reader))
		return wrong_value(reader, "an unexpected character");
	if (take(reader, '.')) {
		real = true;
		if (!take_digits(reader))
			return wrong_value(reader, "a number without digits");
	}
	if (take(reader, 'e') || take(reader, 'E')) {
		real = true;
		(void)(take(reader, '+') || take(reader, '-'));
		if (!take_digits(reader))
			return wrong_value(reader, "a number without digits");
	}
	return real ? made(reader, json_real(0)) : read_integer(reader, from);
}

/* One member behind which a comma or the closing brace stands. */
static int read_member(struct reader *reader, json_t *object)
{
	AUTO(buf) struct buf name = BUF_INIT((size_t)(reader->end - reader->at));
	json_t *value;

	skip_blanks(reader);
	if (!take(reader, '"'))
		return wrong(reader, "no member's name");
	if (read_text(reader, &name) < 0)
		return -1;
	if (json_object_getn(object, buf_text(&name), name.len))
		return wrong(reader, "a member's name for the second time");
	skip_blanks(reader);
	if (!take(reader, ':'))
		return wrong(reader, "no ':' behind a member's name");
	if (!(value = read_value(reader)))
		return -1;
	if (json_object_setn_new_nocheck(object, buf_text(&name), name.len, value) < 0)
		return error_set(reader->err, ERROR_FAILED, "no memory for JSON");
	skip_blanks(reader);
	return 0;
}

static json_t *read_object(struct reader *reader)
{
	AUTO(json) json_t *object = made(reader, json_object());

	if (!object)
		return NULL;
	skip_blanks(reader);
	if (take(reader, '}'))
		return take_ptr(&object);
	do {
		if (read_member(reader, object) < 0)
			return NULL;
	} while (take(reader, ','));
	return take(reader, '}') ? take_ptr(&object) : wrong_value(reader, "no '}' at the end of an object");
}

static json_t *read_array(struct reader *reader)
{
	AUTO(json) json_t *array = made(reader, json_array());
	json_t *value;

	if (!array)
		return NULL;
	skip_blanks(reader);
	if (take(reader, ']'))
		return take_ptr(&array);
	do {
		if (!(value = read_value(reader)))
			return NULL;
		if (json_array_append_new(array, value) < 0)
			return made(reader, NULL);
		skip_blanks(reader);
	} while (take(reader, ','));
	return take(reader, ']') ? take_ptr(&array) : wrong_value(reader, "no ']' at the end of an array");
}

static bool take_word(struct reader *reader, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static json_t *read_compound(struct reader *reader)
{
	bool is_object = *reader->at == '{';
	json_t *value;

	if (reader->depth == METADATA_JSON_MAX_DEPTH)
		return wrong_value(reader, "nesting that is too deep");
	reader->depth++;
	reader->at++;
	value = is_object ? read_object(reader) : read_array(reader);
	reader->depth--;
	return value;
}

static json_t *read_value(struct reader *reader)
{
	skip_blanks(reader);
	if (reader->values_left == 0)
		return wrong_value(reader, "more values than such a text needs");
	reader->values_left--;
	if (*reader->at == '{' || *reader->at == '[')
		return read_compound(reader);
	if (take(reader, '"'))
		return read_string(reader);
	if (take_word(reader, "true"))
		return json_true();
	if (take_word(reader, "false"))
		return json_false();
	if (take_word(reader, "null"))
		return json_null();
	return read_number(reader);
}

static json_t *parse_text(const char *text, size_t len, struct error *err)
{
	struct reader reader = {
		.begin = text,
		.at = text,
		.end = text + len,
		.values_left = VALUES_AT_LEAST + len / BYTES_PER_VALUE,
		.err = err,
	};
	AUTO(json) json_t *value = read_value(&reader);

	if (!value)
		return NULL;
	skip_blanks(&reader);
	if (reader.at != reader.end)
		return wrong_value(&reader, "something behind the end");
	if (!json_is_object(value))
		return wrong_value(&reader, "a document that is no object");
	return take_ptr(&value);
}

json_t *metadata_json_parse(const void *data, size_t len, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(len); /* a copy that ends with a NUL */

	if (buf_append(&text, data, len, err) < 0)
		return NULL;
	if (!text_is_utf8(text.data, len)) {
		(void)error_set(err, ERROR_INPUT, "not JSON: bytes that are not UTF-8");
		return NULL;
	}
	return parse_text(text.data, len, err);
}
