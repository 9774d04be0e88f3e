#include "manifests/base/json_table.h"

#include <stdbool.h>
#include <string.h>

/* What is still to be read. Whatever is passed over here unchecked is checked when the rest is parsed. */
struct text {
	const char *at;
	const char *end;
};

static void skip_blanks(struct text *text)
{
	while (text->at < text->end && strchr(" \t\r\n", *text->at) && *text->at)
		text->at++;
}

static bool take_character(struct text *text, char c)
{
	skip_blanks(text);
	if (text->at >= text->end || *text->at != c)
		return false;
	text->at++;
	return true;
}

/* Passes over a string that begins here. */
static void skip_string(struct text *text)
{
	for (text->at++; text->at < text->end && *text->at != '"'; text->at++)
		if (*text->at == '\\' && text->at + 1 < text->end)
			text->at++;
	text->at = text->at < text->end ? text->at + 1 : text->end;
}

/* Passes over a value, up to the ',' or '}' behind it. */
static void skip_value(struct text *text)
{
	size_t depth = 0;

	while (text->at < text->end) {
		if (*text->at == '"') {
			skip_string(text);
			continue;
		}
		if (depth == 0 && (*text->at == ',' || *text->at == '}'))
			return;
		depth += *text->at == '{' || *text->at == '[';
		depth -= *text->at == '}' || *text->at == ']';
		text->at++;
	}
}

/* Goes to behind the '[' of the member; false where the object has no such array. */
static bool find_array(struct text *text, const char *member)
{
	if (!take_character(text, '{'))
		return false;
	do {
		const char *name;

		skip_blanks(text);
		if (text->at >= text->end || *text->at != '"')
			return false;
		name = text->at + 1;
		skip_string(text);
		if (!take_character(text, ':'))
			return false;
		if ((size_t)(text->at - name) > strlen(member) && memcmp(name, member, strlen(member)) == 0 &&
			name[strlen(member)] == '"')
			return take_character(text, '[');
		skip_value(text);
	} while (take_character(text, ','));
	return false;
}

static json_t *parse_row(struct text *text, size_t number, struct error *err)
{
	json_error_t where;
	json_t *row;

	skip_blanks(text);
	if (text->at >= text->end || *text->at != '{') {
		(void)error_set(err, ERROR_INPUT, "row %zu is not an object", number);
		return NULL;
	}
	row = json_loadb(text->at, (size_t)(text->end - text->at),
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, &where);
	if (!row) {
		(void)error_set(err, ERROR_INPUT, "not JSON: row %zu: %s", number, where.text);
		return NULL;
	}
	text->at += where.position;
	return row;
}

/* Reads rows up to behind the ']'. */
static int take_rows(struct text *text, json_table_row *take, void *context, struct error *err)
{
	if (take_character(text, ']'))
		return 0;
	for (size_t number = 0;; number++) {
		AUTO(json) json_t *row = parse_row(text, number, err);

		if (!row || take(context, number, row, err) < 0)
			return -1;
		if (take_character(text, ']'))
			return 0;
		if (!take_character(text, ','))
			return error_set(err, ERROR_INPUT, "not JSON: neither ',' nor ']' behind row %zu", number);
	}
}

json_t *json_table_parse(
	const void *data, size_t len, const char *member, json_table_row *take, void *context, struct error *err)
{
	AUTO(buf) struct buf rest = BUF_INIT(len + 1);
	struct text text = {.at = data, .end = (const char *)data + len};
	size_t before;

	if (!find_array(&text, member)) {
		AUTO(json) json_t *whole = json_parse(data, len, err);

		if (whole)
			(void)error_set(err, ERROR_INPUT, "member '%s' is missing or not an array", member);
		return NULL;
	}
	before = (size_t)(text.at - (const char *)data);
	if (take_rows(&text, take, context, err) < 0 || buf_append(&rest, data, before, err) < 0 ||
		buf_append(&rest, "]", 1, err) < 0 ||
		buf_append(&rest, text.at, (size_t)(text.end - text.at), err) < 0)
		return NULL;
	return json_parse(rest.data, rest.len, err);
}
