/* JSON (jansson) as strict as our formats need it, and typed access that names the member in its errors. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"

DEFINE_AUTO_PTR(json, json_t, json_decref);

/* Parses one object. Refused with ERROR_INPUT: duplicate members, trailing bytes other than white space, bad UTF-8,
 * lone surrogates, numbers that are not 64-bit integers or doubles. Strings may hold U+0000. NULL on failure. */
json_t *json_parse(const void *data, size_t len, struct error *err);

/* One member of an object that is being made. */
struct json_member {
	const char *key;
	json_t *value;
	bool may_lack;	     /* left out where VALUE is NULL */
	struct error *blame; /* of json_blame() alone */
};

/* An object of the members in braces, a line each: JSON_OBJECT({json_text("name", name), json_number("count", 3), }). NULL where a
 * value is missing, a text is not UTF-8, or there is no memory; what was handed over is released then too. */
#define JSON_OBJECT(...)                                                                                             \
	json_of_members((const struct json_member[])__VA_ARGS__,                                                     \
		sizeof((const struct json_member[])__VA_ARGS__) / sizeof(struct json_member))
json_t *json_of_members(const struct json_member *members, size_t count);

/* No member, and the first in its braces: where one behind it cannot be made, ERR names it (ERROR_FAILED). */
struct json_member json_blame(struct error *err);
struct json_member json_text(const char *key, const char *text);
struct json_member json_text_if(const char *key, const char *text);	      /* left out where TEXT is NULL */
struct json_member json_text_unless_empty(const char *key, const char *text); /* left out where it is "" */
struct json_member json_text_or_null(const char *key, const char *text);      /* null where TEXT is NULL */
struct json_member json_number(const char *key, int64_t number);
struct json_member json_flag(const char *key, bool flag);
struct json_member json_take(const char *key, json_t *take_value);
struct json_member json_share(const char *key, const json_t *value); /* which stays the caller's too */

/* Appends the value in one line, members in the order they were set. */
WARN_UNUSED int json_write(const json_t *value, struct buf *ret_text, struct error *err);
/* The same with indentation, for files that people read. */
WARN_UNUSED int json_write_pretty(const json_t *value, struct buf *ret_text, struct error *err);

/* A member of OBJECT that must be there and be of that type; ERROR_INPUT names it otherwise. What is returned is
 * borrowed from OBJECT. A string with U+0000 inside is refused. */
WARN_UNUSED int json_want_object(const json_t *object, const char *key, const json_t **ret_object, struct error *err);
WARN_UNUSED int json_want_array(const json_t *object, const char *key, const json_t **ret_array, struct error *err);
WARN_UNUSED int json_want_string(const json_t *object, const char *key, const char **ret_text, struct error *err);
/* Within LOWEST and HIGHEST. */
WARN_UNUSED int json_want_integer(const json_t *object, const char *key, int64_t lowest, int64_t highest,
	int64_t *ret_integer, struct error *err);

/* The same for a member that may be missing (or null): the result is then left alone. */
WARN_UNUSED int json_may_string(const json_t *object, const char *key, const char **ret_text, struct error *err);
WARN_UNUSED int json_may_integer(const json_t *object, const char *key, int64_t lowest, int64_t highest,
	int64_t *ret_integer, struct error *err);
WARN_UNUSED int json_may_bool(const json_t *object, const char *key, bool *ret_bool, struct error *err);
WARN_UNUSED int json_may_array(const json_t *object, const char *key, const json_t **ret_array, struct error *err);
WARN_UNUSED int json_may_object(const json_t *object, const char *key, const json_t **ret_object, struct error *err);

#endif
