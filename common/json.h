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
