#include "manifests/catalog/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "manifests/base/arena.h"
#include "manifests/catalog/catalog_campaign.h"
#include "manifests/catalog/catalog_candidate.h"
#include "manifests/catalog/catalog_service.h"

#define MAX_PRIORITY 1000000
#define MAX_DISABLE_DAYS 36500

void catalog_free(struct catalog *catalog)
{
	if (!catalog)
		return;
	catalog_campaign_free_all(catalog->campaigns, catalog->campaigns_count);
	catalog_service_free_all(catalog->services, catalog->services_count);
	for (size_t i = 0; i < catalog->packages_count; i++)
		catalog_candidate_free(catalog->packages[i].candidate);
	free(catalog->packages);
	arena_free(catalog->memory);
	free(catalog);
}

const struct catalog_package *catalog_find(const struct catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->packages_count; i++)
		if (strcmp(catalog->packages[i].name, name) == 0)
			return &catalog->packages[i];
	return NULL;
}

/* Rules, for what is read and for what is about to be written */

static int check_package(const struct catalog_package *package, struct error *err)
{
	char target[PACKAGE_TARGET_SIZE];

	if (package_check_name(package->name, err) < 0)
		return -1;
	if (version_check(package->version, err) < 0)
		return error_context(err, "package '%s'", package->name);
	package_release_target(package->name, package->version, target);
	if (strcmp(package->release_target, target) != 0)
		return error_set(err, ERROR_INPUT, "package '%s': its release is '%.200s', not '%s'", package->name,
			package->release_target, target);
	if (package->candidate &&
		catalog_candidate_check(package->candidate, package->name, package->version, err) < 0)
		return error_context(err, "package '%s'", package->name);
	return 0;
}

static int check_catalog(const struct catalog *catalog, struct error *err)
{
	if (catalog->packages_count > CATALOG_MAX_PACKAGES || catalog->campaigns_count > CATALOG_MAX_CAMPAIGNS)
		return error_set(err, ERROR_INPUT, "it has more than %d packages or %d campaigns",
			CATALOG_MAX_PACKAGES, CATALOG_MAX_CAMPAIGNS);
	for (size_t i = 0; i < catalog->packages_count; i++) {
		if (check_package(&catalog->packages[i], err) < 0)
			return -1;
		if (catalog_find(catalog, catalog->packages[i].name) != &catalog->packages[i])
			return error_set(
				err, ERROR_INPUT, "package '%s' stands there twice", catalog->packages[i].name);
	}
	if (catalog_campaign_check_all(catalog->campaigns, catalog->campaigns_count, err) < 0)
		return -1;
	return catalog_service_check_all(catalog->services, catalog->services_count, err);
}

/* Reading */

static int read_package(
	struct catalog *catalog, struct catalog_package *package, const json_t *value, struct error *err)
{
	if (!json_is_object(value))
		return error_set(err, ERROR_INPUT, "not an object");
	package->rollout_percent = 100;
	if (arena_keep_member(catalog->memory, value, "package", &package->name, err) < 0 ||
		arena_keep_member(catalog->memory, value, "version", &package->version, err) < 0 ||
		arena_keep_member(catalog->memory, value, "release", &package->release_target, err) < 0 ||
		json_want_integer(value, "priority", 1, MAX_PRIORITY, &package->priority, err) < 0)
		return -1;
	if (json_may_integer(value, "rollout_percent", 0, 100, &package->rollout_percent, err) < 0)
		return -1;
	return catalog_candidate_read(catalog->memory, value, &package->candidate, err);
}

static int read_packages(struct catalog *catalog, const json_t *json, struct error *err)
{
	const json_t *packages;
	const json_t *value;
	size_t i;

	if (json_want_array(json, "packages", &packages, err) < 0)
		return -1;
	if (!(catalog->packages = calloc(json_array_size(packages) + 1, sizeof(*catalog->packages))))
		return error_set(err, ERROR_FAILED, "no memory for %zu packages", json_array_size(packages));
	json_array_foreach (packages, i, value) {
		catalog->packages_count = i + 1;
		if (read_package(catalog, &catalog->packages[i], value, err) < 0)
			return error_context(err, "package %zu", i);
	}
	return 0;
}

static int read_catalog(struct catalog *catalog, const json_t *json, struct error *err)
{
	const char *issued;

	if (!(catalog->memory = arena_new(err)))
		return -1;
	if (json_want_string(json, "issued", &issued, err) < 0)
		return -1;
	if (clock_parse(issued, &catalog->issued_s, err) < 0)
		return error_context(err, "member 'issued'");
	if (json_may_integer(json, "longest_disable_days", 0, MAX_DISABLE_DAYS, &catalog->longest_disable_days, err) <
			0 ||
		read_packages(catalog, json, err) < 0 ||
		catalog_campaign_read_all(
			catalog->memory, json, &catalog->campaigns, &catalog->campaigns_count, err) < 0)
		return -1;
	return catalog_service_read_all(catalog->memory, json, &catalog->services, &catalog->services_count, err);
}

static int compare_packages(const void *a, const void *b)
{
	const struct catalog_package *first = a;
	const struct catalog_package *second = b;

	if (first->priority != second->priority)
		return first->priority < second->priority ? -1 : 1;
	return strcmp(first->name, second->name);
}

static int compare_campaigns(const void *a, const void *b)
{
	int64_t first = ((const struct campaign *)a)->number;
	int64_t second = ((const struct campaign *)b)->number;

	return first < second ? -1 : first > second;
}

int catalog_parse(const void *data, size_t len, struct catalog **ret_catalog, struct error *err)
{
	AUTO(catalog) struct catalog *catalog = calloc(1, sizeof(*catalog));
	AUTO(json) json_t *json = NULL;

	if (!catalog)
		return error_set(err, ERROR_FAILED, "no memory for a catalog");
	if (len > CATALOG_MAX_BYTES)
		return error_set(
			err, ERROR_INPUT, "catalog: %zu bytes are more than the %u allowed", len, CATALOG_MAX_BYTES);
	if (!(json = json_parse(data, len, err)) || read_catalog(catalog, json, err) < 0 ||
		check_catalog(catalog, err) < 0)
		return error_context(err, "catalog");
	qsort(catalog->packages, catalog->packages_count, sizeof(*catalog->packages), compare_packages);
	qsort(catalog->campaigns, catalog->campaigns_count, sizeof(*catalog->campaigns), compare_campaigns);
	*ret_catalog = take_ptr(&catalog);
	return 0;
}

/* Writing: json_pack's failures (NULL) travel up to the one place that names them. */

static json_t *pack_package(const struct catalog_package *package)
{
	json_t *json = JSON_OBJECT({
		json_text("package", package->name),
		json_number("priority", package->priority),
		json_text("version", package->version),
		json_text("release", package->release_target),
		json_number("rollout_percent", package->rollout_percent),
	});

	if (json && package->candidate &&
		json_object_set_new(json, "candidate", catalog_candidate_pack(package->candidate)) < 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *pack_packages(const struct catalog *catalog)
{
	json_t *packages = json_array();

	for (size_t i = 0; i < catalog->packages_count; i++)
		if (json_array_append_new(packages, pack_package(&catalog->packages[i])) < 0) {
			json_decref(packages);
			return NULL;
		}
	return packages;
}

int catalog_write(const struct catalog *catalog, struct buf *ret_json, struct error *err)
{
	AUTO(json) json_t *json = NULL;
	char issued[CLOCK_TEXT_SIZE];

	if (check_catalog(catalog, err) < 0)
		return error_context(err, "catalog");
	json = JSON_OBJECT({
		json_blame(err),
		json_text("issued", clock_text(catalog->issued_s, issued)),
		json_number("longest_disable_days", catalog->longest_disable_days),
		json_take("packages", pack_packages(catalog)),
		json_take("campaigns", catalog_campaign_pack_all(catalog->campaigns, catalog->campaigns_count)),
		json_take("services", catalog_service_pack_all(catalog->services, catalog->services_count)),
	});
	if (!json)
		return error_context(err, "catalog");
	return json_write_pretty(json, ret_json, err);
}
