/* Is an answer as the OpenAPI document says? As much of JSON Schema as that document uses. */
#ifndef TESTS_COLLECTOR_OPENAPI_H
#define TESTS_COLLECTOR_OPENAPI_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"

/* PATH is that of the document. Where the answer is not allowed, RET_WRONG says where. */
bool openapi_allows(const json_t *document, const char *path, const json_t *answer, char *ret_wrong, size_t size);

#endif
