#include "manifests/catalog/catalog_service.h"

#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "manifests/base/package.h"
#include "manifests/base/version.h"

void catalog_service_free_all(struct catalog_service *services, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(services[i].requirements);
	free(services);
}

/* ---- Reading ---- */

static int keep(struct arena *memory, const json_t *object, const char *key, const char **ret_copy, struct error *err)
{
	const char *text = "";

	return json_may_string(object, key, &text, err) < 0 ? -1 : arena_keep(memory, text, ret_copy, err);
}

static int read_requirements(
	struct arena *memory, struct catalog_service *service, const json_t *json, struct error *err)
{
	const json_t *list, *value;
	size_t i;

	if (json_want_array(json, "requires", &list, err) < 0)
		return -1;
	if (!(service->requirements = calloc(json_array_size(list) + 1, sizeof(*service->requirements))))
		return error_set(err, ERROR_FAILED, "no memory for %zu requirements", json_array_size(list));
	json_array_foreach (list, i, value) {
		struct catalog_requirement *requirement = &service->requirements[i];

		if (!json_is_object(value))
			return error_set(err, ERROR_INPUT, "requirement %zu is no object", i);
		if (keep(memory, value, "package", &requirement->package, err) < 0 ||
			keep(memory, value, "version", &requirement->version, err) < 0)
			return -1;
		service->requirements_count = i + 1;
	}
	return 0;
}

int catalog_service_read_all(struct arena *memory, const json_t *catalog, struct catalog_service **ret_services,
	size_t *ret_count, struct error *err)
{
	const json_t *list = NULL, *value;
	size_t i;

	if (json_may_array(catalog, "services", &list, err) < 0)
		return -1;
	if (!(*ret_services = calloc(json_array_size(list) + 1, sizeof(**ret_services))))
		return error_set(err, ERROR_FAILED, "no memory for %zu services", json_array_size(list));
	json_array_foreach (list, i, value) {
		struct catalog_service *service = &(*ret_services)[i];

		*ret_count = i + 1;
		if (!json_is_object(value))
			return error_set(err, ERROR_INPUT, "service %zu is no object", i);
		if (keep(memory, value, "service", &service->name, err) < 0 ||
			keep(memory, value, "title", &service->title, err) < 0 ||
			read_requirements(memory, service, value, err) < 0)
			return error_context(err, "service %zu", i);
	}
	return 0;
}

/* ---- Rules ---- */

static int check(const struct catalog_service *service, struct error *err)
{
	if (package_check_name(service->name, err) < 0) /* written as packages are */
		return -1;
	if (strlen(service->title) > CATALOG_MAX_TITLE_BYTES)
		return error_set(err, ERROR_INPUT, "its title is longer than %d bytes", CATALOG_MAX_TITLE_BYTES);
	for (size_t i = 0; i < service->requirements_count; i++)
		if (package_check_name(service->requirements[i].package, err) < 0 ||
			version_check(service->requirements[i].version, err) < 0)
			return -1;
	return 0;
}

int catalog_service_check_all(const struct catalog_service *services, size_t count, struct error *err)
{
	if (count > CATALOG_MAX_SERVICES)
		return error_set(err, ERROR_INPUT, "it has more than %d services", CATALOG_MAX_SERVICES);
	for (size_t i = 0; i < count; i++) {
		if (check(&services[i], err) < 0)
			return error_context(err, "service '%.80s'", services[i].name);
		for (size_t j = 0; j < i; j++)
			if (strcmp(services[j].name, services[i].name) == 0)
				return error_set(
					err, ERROR_INPUT, "service '%s' stands there twice", services[i].name);
	}
	return 0;
}

/* ---- Writing ---- */

static json_t *pack(const struct catalog_service *service)
{
	json_t *list = json_array();

	for (size_t i = 0; i < service->requirements_count; i++)
		if (json_array_append_new(list, JSON_OBJECT({
							json_text("package", service->requirements[i].package),
							json_text("version", service->requirements[i].version),
						})) < 0) {
			json_decref(list);
			return NULL;
		}
	return JSON_OBJECT({
		json_text("service", service->name),
		json_text("title", service->title),
		json_take("requires", list),
	});
}

json_t *catalog_service_pack_all(const struct catalog_service *services, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, pack(&services[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}
