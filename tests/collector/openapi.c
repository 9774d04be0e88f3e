#include "tests/collector/openapi.h"

#include <stdio.h>
#include <string.h>

struct check {
	const json_t *document;
	char *wrong;
	size_t size;
};

static bool allows(struct check *check, const json_t *schema, const json_t *value, const char *where);

static bool refuse(struct check *check, const char *where, const char *why)
{
	(void)snprintf(check->wrong, check->size, "%s: %s", where, why);
	return false;
}

static bool is_type(const char *type, const json_t *value)
{
	return (strcmp(type, "string") == 0 && json_is_string(value)) ||
	       (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
	       (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
	       (strcmp(type, "null") == 0 && json_is_null(value)) ||
	       (strcmp(type, "object") == 0 && json_is_object(value)) ||
	       (strcmp(type, "array") == 0 && json_is_array(value));
}

static bool allows_type(struct check *check, const json_t *type, const json_t *value, const char *where)
{
	if (json_is_string(type))
		return is_type(json_string_value(type), value) || refuse(check, where, json_string_value(type));
	for (size_t i = 0; i < json_array_size(type); i++)
		if (is_type(json_string_value(json_array_get(type, i)), value))
			return true;
	return refuse(check, where, "none of its types");
}

static bool allows_members(struct check *check, const json_t *schema, const json_t *value, const char *where)
{
	const json_t *properties = json_object_get(schema, "properties"),
		     *required = json_object_get(schema, "required");
	const json_t *others = json_object_get(schema, "additionalProperties");
	void *at = json_object_iter((json_t *)(size_t)value);

	for (size_t i = 0; i < json_array_size(required); i++)
		if (!json_object_get(value, json_string_value(json_array_get(required, i))))
			return refuse(check, where, json_string_value(json_array_get(required, i)));
	for (; at; at = json_object_iter_next((json_t *)(size_t)value, at)) {
		const char *name = json_object_iter_key(at);
		const json_t *inner = json_object_get(properties, name);

		if (!inner && json_is_false(others))
			return refuse(check, where, name);
		if (!inner && json_is_object(others))
			inner = others;
		if (inner && !allows(check, inner, json_object_iter_value(at), name))
			return false;
	}
	return true;
}

static const json_t *follow(const struct check *check, const json_t *schema)
{
	const char *reference = json_string_value(json_object_get(schema, "$ref"));

	if (!reference)
		return schema;
	return json_object_get(json_object_get(json_object_get(check->document, "components"), "schemas"),
		strrchr(reference, '/') + 1);
}

static bool allows_any(struct check *check, const json_t *choices, const json_t *value, const char *where)
{
	for (size_t i = 0; i < json_array_size(choices); i++)
		if (allows(check, json_array_get(choices, i), value, where))
			return true;
	return false;
}

static bool allows(struct check *check, const json_t *schema, const json_t *value, const char *where)
{
	schema = follow(check, schema);
	if (!schema)
		return refuse(check, where, "the document has no such schema");
	if (json_object_get(schema, "anyOf"))
		return allows_any(check, json_object_get(schema, "anyOf"), value, where);
	if (!allows_type(check, json_object_get(schema, "type"), value, where))
		return false;
	if (json_is_object(value))
		return allows_members(check, schema, value, where);
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!allows(check, json_object_get(schema, "items"), json_array_get(value, i), where))
			return false;
	return true;
}

bool openapi_allows(const json_t *document, const char *path, const json_t *answer, char *ret_wrong, size_t size)
{
	static const char *const way[] = {"get", "responses", "200", "content", "application/json", "schema"};
	struct check check = {document, ret_wrong, size};
	const json_t *at = json_object_get(json_object_get(document, "paths"), path);

	for (size_t i = 0; i < ARRAY_SIZE(way); i++)
		at = json_object_get(at, way[i]);
	return at ? allows(&check, at, answer, path) : refuse(&check, path, "the document does not have it");
}
