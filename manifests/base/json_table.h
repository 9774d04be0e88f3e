/* A JSON document with one long array, which is taken row by row: memory does not grow with it. */
#ifndef MANIFESTS_BASE_JSON_TABLE_H
#define MANIFESTS_BASE_JSON_TABLE_H

#include <stddef.h>

#include "common/error.h"
#include "common/json.h"

/* Takes the row numbered from 0; -1 with ERR set ends the reading. ROW is an object and borrowed. */
typedef int json_table_row(void *context, size_t number, const json_t *row, struct error *err);

/* Parses an object as json_parse does, but hands the rows of its array MEMBER to TAKE one by one. Returns the rest,
 * with an empty array in place of that member. NULL on failure: ERROR_INPUT where it is not JSON, the member is
 * missing or holds anything but objects. TAKE may have had rows before that. */
json_t *json_table_parse(
	const void *data, size_t len, const char *member, json_table_row *take, void *context, struct error *err);

#endif
