#include "manifests/keys/canonical_json.h"

#include <string.h>

struct member {
	const char *name;
	size_t len;
	json_t *value;
};

static int write_value(const json_t *value, int depth, struct buf *ret_bytes, struct error *err);

static int write_string(const char *text, size_t len, struct buf *ret_bytes, struct error *err)
{
	size_t from = 0;

	if (buf_append(ret_bytes, "\"", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '"' && text[i] != '\\')
			continue;
		if (buf_append(ret_bytes, text + from, i - from, err) < 0 || buf_append(ret_bytes, "\\", 1, err) < 0)
			return -1;
		from = i;
	}
	if (buf_append(ret_bytes, text + from, len - from, err) < 0)
		return -1;
	return buf_append(ret_bytes, "\"", 1, err);
}

/* By bytes, which for UTF-8 is by code point; a name sorts before every longer one that begins with it. */
static int compare_members(const void *left, const void *right)
{
	const struct member *a = left;
	const struct member *b = right;
	int order = memcmp(a->name, b->name, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int write_members(
	const struct member *members, size_t count, int depth, struct buf *ret_bytes, struct error *err)
{
	if (buf_append(ret_bytes, "{", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if ((i > 0 && buf_append(ret_bytes, ",", 1, err) < 0) ||
			write_string(members[i].name, members[i].len, ret_bytes, err) < 0 ||
			buf_append(ret_bytes, ":", 1, err) < 0 ||
			write_value(members[i].value, depth, ret_bytes, err) < 0)
			return -1;
	return buf_append(ret_bytes, "}", 1, err);
}

static int write_object(const json_t *object, int depth, struct buf *ret_bytes, struct error *err)
{
	AUTO(free) struct member *members = calloc(json_object_size(object) + 1, sizeof(*members));
	json_t *source = (json_t *)object; /* jansson's iterators are not const; nothing is changed */
	size_t count = 0;

	if (!members)
		return error_set(err, ERROR_FAILED, "no memory for %zu members", json_object_size(object));
	for (void *at = json_object_iter(source); at; at = json_object_iter_next(source, at))
		members[count++] = (struct member){
			.name = json_object_iter_key(at),
			.len = json_object_iter_key_len(at),
			.value = json_object_iter_value(at),
		};
	qsort(members, count, sizeof(*members), compare_members);
	return write_members(members, count, depth, ret_bytes, err);
}

static int write_array(const json_t *array, int depth, struct buf *ret_bytes, struct error *err)
{
	if (buf_append(ret_bytes, "[", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(array); i++)
		if ((i > 0 && buf_append(ret_bytes, ",", 1, err) < 0) ||
			write_value(json_array_get(array, i), depth, ret_bytes, err) < 0)
			return -1;
	return buf_append(ret_bytes, "]", 1, err);
}

static int write_value(const json_t *value, int depth, struct buf *ret_bytes, struct error *err)
{
	if (depth > CANONICAL_JSON_MAX_DEPTH)
		return error_set(err, ERROR_INPUT, "nested deeper than %d levels", CANONICAL_JSON_MAX_DEPTH);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return write_object(value, depth + 1, ret_bytes, err);
	case JSON_ARRAY:
		return write_array(value, depth + 1, ret_bytes, err);
	case JSON_STRING:
		return write_string(json_string_value(value), json_string_length(value), ret_bytes, err);
	case JSON_INTEGER:
		return buf_printf(ret_bytes, err, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	case JSON_TRUE:
		return buf_append(ret_bytes, "true", 4, err);
	case JSON_FALSE:
		return buf_append(ret_bytes, "false", 5, err);
	case JSON_NULL:
		return buf_append(ret_bytes, "null", 4, err);
	case JSON_REAL:
		break;
	}
	return error_set(err, ERROR_INPUT, "a floating-point number has no canonical form");
}

int canonical_json_write(const json_t *value, struct buf *ret_bytes, struct error *err)
{
	return write_value(value, 1, ret_bytes, err);
}
