#include "common/json.h"

#include <string.h>

json_t *json_parse(const void *data, size_t len, struct error *err)
{
	json_error_t where;
	json_t *value = json_loadb(data, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &where);

	if (!value) {
		(void)error_set(
			err, ERROR_INPUT, "not JSON: %s (line %d, column %d)", where.text, where.line, where.column);
		return NULL;
	}
	if (!json_is_object(value)) {
		(void)error_set(err, ERROR_INPUT, "not a JSON object");
		json_decref(value);
		return NULL;
	}
	return value;
}

json_t *json_of_members(const struct json_member *members, size_t count)
{
	json_t *object = json_object();
	struct error *blame = count ? members->blame : NULL;
	const char *wrong = NULL;

	for (size_t i = 0; i < count; i++)
		if ((members[i].value || !members[i].may_lack) &&
			json_object_set_new(object, members[i].key, members[i].value) < 0 && !wrong)
			wrong = members[i].key;
	if (object && !wrong)
		return object;
	(void)error_set(blame, ERROR_FAILED, "member '%s' has no value, is not UTF-8, or there is no memory for it",
		wrong ? wrong : "");
	json_decref(object);
	return NULL;
}

struct json_member json_blame(struct error *err)
{
	return (struct json_member){.may_lack = true, .blame = err};
}

struct json_member json_take(const char *key, json_t *take_value)
{
	return (struct json_member){.key = key, .value = take_value};
}

struct json_member json_share(const char *key, const json_t *value)
{
	return json_take(key, json_incref((json_t *)value));
}

struct json_member json_text(const char *key, const char *text)
{
	return json_take(key, json_string(text));
}

struct json_member json_text_if(const char *key, const char *text)
{
	return text ? json_text(key, text) : (struct json_member){.key = key, .may_lack = true};
}

struct json_member json_text_unless_empty(const char *key, const char *text)
{
	return json_text_if(key, *text ? text : NULL);
}

struct json_member json_text_or_null(const char *key, const char *text)
{
	return text ? json_text(key, text) : json_take(key, json_null());
}

struct json_member json_number(const char *key, int64_t number)
{
	return json_take(key, json_integer(number));
}

struct json_member json_flag(const char *key, bool flag)
{
	return json_take(key, json_boolean(flag));
}

static int append_piece(const char *piece, size_t len, void *context)
{
	return buf_append(context, piece, len, NULL);
}

static int write_value(const json_t *value, size_t flags, struct buf *ret_text, struct error *err)
{
	if (json_dump_callback(value, append_piece, ret_text, flags | JSON_ENCODE_ANY) < 0)
		return error_set(err, ERROR_FAILED, "cannot write JSON within %zu bytes", ret_text->limit);
	return 0;
}

int json_write(const json_t *value, struct buf *ret_text, struct error *err)
{
	return write_value(value, JSON_COMPACT, ret_text, err);
}

int json_write_pretty(const json_t *value, struct buf *ret_text, struct error *err)
{
	return write_value(value, JSON_INDENT(1), ret_text, err);
}

/* Member KEY when it is of TYPE; NULL with RET 0 when it may be missing and is, or with -1 and ERR set. */
static const json_t *member(const json_t *object, const char *key, json_type type, bool required, const char *what,
	int *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	*ret = 0;
	if (!value || (!required && json_is_null(value))) {
		if (required)
			*ret = error_set(err, ERROR_INPUT, "member '%s' is missing", key);
		return NULL;
	}
	if (json_typeof(value) == type)
		return value;
	*ret = error_set(err, ERROR_INPUT, "member '%s' is not %s", key, what);
	return NULL;
}

static int get_compound(const json_t *object, const char *key, json_type type, bool required,
	const json_t **ret_value, struct error *err)
{
	int ret;
	const json_t *value =
		member(object, key, type, required, type == JSON_ARRAY ? "an array" : "an object", &ret, err);

	if (value)
		*ret_value = value;
	return ret;
}

int json_want_object(const json_t *object, const char *key, const json_t **ret_object, struct error *err)
{
	return get_compound(object, key, JSON_OBJECT, true, ret_object, err);
}

int json_want_array(const json_t *object, const char *key, const json_t **ret_array, struct error *err)
{
	return get_compound(object, key, JSON_ARRAY, true, ret_array, err);
}

int json_may_array(const json_t *object, const char *key, const json_t **ret_array, struct error *err)
{
	return get_compound(object, key, JSON_ARRAY, false, ret_array, err);
}

int json_may_object(const json_t *object, const char *key, const json_t **ret_object, struct error *err)
{
	return get_compound(object, key, JSON_OBJECT, false, ret_object, err);
}

static int get_string(const json_t *object, const char *key, bool required, const char **ret_text, struct error *err)
{
	int ret;
	const json_t *value = member(object, key, JSON_STRING, required, "a string", &ret, err);

	if (!value)
		return ret;
	if (strlen(json_string_value(value)) != json_string_length(value))
		return error_set(err, ERROR_INPUT, "member '%s' holds U+0000", key);
	*ret_text = json_string_value(value);
	return 0;
}

int json_want_string(const json_t *object, const char *key, const char **ret_text, struct error *err)
{
	return get_string(object, key, true, ret_text, err);
}

int json_may_string(const json_t *object, const char *key, const char **ret_text, struct error *err)
{
	return get_string(object, key, false, ret_text, err);
}

static int get_integer(const json_t *object, const char *key, bool required, int64_t lowest, int64_t highest,
	int64_t *ret_integer, struct error *err)
{
	int ret;
	const json_t *value = member(object, key, JSON_INTEGER, required, "an integer", &ret, err);

	if (!value)
		return ret;
	if (json_integer_value(value) < lowest || json_integer_value(value) > highest)
		return error_set(err, ERROR_INPUT, "member '%s' is %lld, not between %lld and %lld", key,
			(long long)json_integer_value(value), (long long)lowest, (long long)highest);
	*ret_integer = json_integer_value(value);
	return 0;
}

int json_want_integer(const json_t *object, const char *key, int64_t lowest, int64_t highest, int64_t *ret_integer,
	struct error *err)
{
	return get_integer(object, key, true, lowest, highest, ret_integer, err);
}

int json_may_integer(const json_t *object, const char *key, int64_t lowest, int64_t highest, int64_t *ret_integer,
	struct error *err)
{
	return get_integer(object, key, false, lowest, highest, ret_integer, err);
}

int json_may_bool(const json_t *object, const char *key, bool *ret_bool, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_boolean(value))
		return error_set(err, ERROR_INPUT, "member '%s' is neither true nor false", key);
	*ret_bool = json_is_true(value);
	return 0;
}
