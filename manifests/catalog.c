#include "manifests/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "manifests/arena.h"
#include "manifests/catalog_service.h"

#define MAX_PRIORITY 1000000
#define MAX_CAMPAIGN_NUMBER 999999999
#define MAX_DISABLE_DAYS 36500
#define MAX_WINDOW_BYTES 1024
#define MAX_TITLE_BYTES 200

static const char *const afterwards_names[] = {
	[CAMPAIGN_AFTERWARDS_NIGHTLY] = "nightly",
	[CAMPAIGN_AFTERWARDS_ALL_DAY] = "all-day",
	[CAMPAIGN_AFTERWARDS_NONE] = "none",
};

void catalog_free(struct catalog *catalog)
{
	if (!catalog)
		return;
	for (size_t i = 0; i < catalog->campaigns_count; i++) {
		free(catalog->campaigns[i].packages);
		free(catalog->campaigns[i].left_out);
	}
	catalog_service_free_all(catalog->services, catalog->services_count);
	free(catalog->campaigns);
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

/* What it means is for the scheduler to say: a terminal that cannot read it goes by its own window. */
static int check_window(const char *window, struct error *err)
{
	size_t len = strlen(window);

	if (len == 0 || len > MAX_WINDOW_BYTES)
		return error_set(err, ERROR_INPUT, "its window has %zu bytes, not 1 to %d", len, MAX_WINDOW_BYTES);
	return 0;
}

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
	return 0;
}

static int check_campaign(const struct campaign *campaign, struct error *err)
{
	if (campaign->window && check_window(campaign->window, err) < 0)
		return -1;
	if (!campaign->title || strlen(campaign->title) > MAX_TITLE_BYTES)
		return error_set(err, ERROR_INPUT, "its title is longer than %d bytes", MAX_TITLE_BYTES);
	if (night_date_compare(&campaign->first_night, &campaign->last_night) > 0)
		return error_set(err, ERROR_INPUT, "its last night is before its first");
	for (size_t i = 0; i < campaign->left_out_count; i++) {
		const struct night_date *night = &campaign->left_out[i];
		char text[NIGHT_DATE_TEXT_SIZE];

		if (night_date_compare(night, &campaign->first_night) < 0 ||
			night_date_compare(night, &campaign->last_night) > 0)
			return error_set(err, ERROR_INPUT, "night %s is left out, but is not one of its nights",
				night_date_text(night, text));
	}
	for (size_t i = 0; i < campaign->packages_count; i++)
		if (package_check_name(campaign->packages[i], err) < 0)
			return -1;
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
	for (size_t i = 0; i < catalog->campaigns_count; i++) {
		if (check_campaign(&catalog->campaigns[i], err) < 0)
			return error_context(err, "campaign %lld", (long long)catalog->campaigns[i].number);
		for (size_t j = 0; j < i; j++)
			if (catalog->campaigns[j].number == catalog->campaigns[i].number)
				return error_set(err, ERROR_INPUT, "campaign %lld stands there twice",
					(long long)catalog->campaigns[i].number);
	}
	return catalog_service_check_all(catalog->services, catalog->services_count, err);
}

/* Reading */

static int keep(struct catalog *catalog, const char *text, const char **ret_copy, struct error *err)
{
	const char *copy = arena_copy(catalog->memory, text, strlen(text), err);

	if (!copy)
		return -1;
	*ret_copy = copy;
	return 0;
}

static int read_text(
	struct catalog *catalog, const json_t *object, const char *key, const char **ret_text, struct error *err)
{
	const char *text;

	return json_want_string(object, key, &text, err) < 0 ? -1 : keep(catalog, text, ret_text, err);
}

static int read_date(const json_t *object, const char *key, struct night_date *ret_date, struct error *err)
{
	const char *text;

	if (json_want_string(object, key, &text, err) < 0)
		return -1;
	return night_date_parse(text, ret_date, err) < 0 ? error_context(err, "member '%s'", key) : 0;
}

static int read_package(
	struct catalog *catalog, struct catalog_package *package, const json_t *value, struct error *err)
{
	if (!json_is_object(value))
		return error_set(err, ERROR_INPUT, "not an object");
	package->rollout_percent = 100;
	if (read_text(catalog, value, "package", &package->name, err) < 0 ||
		read_text(catalog, value, "version", &package->version, err) < 0 ||
		read_text(catalog, value, "release", &package->release_target, err) < 0 ||
		json_want_integer(value, "priority", 1, MAX_PRIORITY, &package->priority, err) < 0)
		return -1;
	return json_may_integer(value, "rollout_percent", 0, 100, &package->rollout_percent, err);
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
		if (read_package(catalog, &catalog->packages[i], value, err) < 0)
			return error_context(err, "package %zu", i);
		catalog->packages_count = i + 1;
	}
	return 0;
}

static int read_campaign_packages(
	struct catalog *catalog, struct campaign *campaign, const json_t *json, struct error *err)
{
	const json_t *names = NULL;
	const json_t *value;
	size_t i;

	if (json_may_array(json, "packages", &names, err) < 0)
		return -1;
	if (!(campaign->packages = calloc(json_array_size(names) + 1, sizeof(*campaign->packages))))
		return error_set(err, ERROR_FAILED, "no memory for %zu packages", json_array_size(names));
	json_array_foreach (names, i, value) {
		if (!json_is_string(value))
			return error_set(err, ERROR_INPUT, "member 'packages' does not hold texts alone");
		if (keep(catalog, json_string_value(value), &campaign->packages[i], err) < 0)
			return -1;
		campaign->packages_count = i + 1;
	}
	return 0;
}

static int read_left_out(struct campaign *campaign, const json_t *json, struct error *err)
{
	const json_t *nights = NULL;
	const json_t *value;
	size_t i;

	if (json_may_array(json, "left_out", &nights, err) < 0)
		return -1;
	if (json_array_size(nights) > CATALOG_MAX_NIGHTS_LEFT_OUT)
		return error_set(err, ERROR_INPUT, "it leaves out more than %d nights", CATALOG_MAX_NIGHTS_LEFT_OUT);
	if (!(campaign->left_out = calloc(json_array_size(nights) + 1, sizeof(*campaign->left_out))))
		return error_set(err, ERROR_FAILED, "no memory for %zu nights", json_array_size(nights));
	json_array_foreach (nights, i, value) {
		if (!json_is_string(value))
			return error_set(err, ERROR_INPUT, "member 'left_out' does not hold dates alone");
		if (night_date_parse(json_string_value(value), &campaign->left_out[i], err) < 0)
			return error_context(err, "member 'left_out'");
		campaign->left_out_count = i + 1;
	}
	return 0;
}

static int read_afterwards(struct campaign *campaign, const json_t *json, struct error *err)
{
	const char *name = afterwards_names[CAMPAIGN_AFTERWARDS_NIGHTLY];

	if (json_may_string(json, "afterwards", &name, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(afterwards_names); i++)
		if (strcmp(afterwards_names[i], name) == 0) {
			campaign->afterwards = (enum campaign_afterwards)i;
			return 0;
		}
	return error_set(err, ERROR_INPUT, "afterwards '%.40s' is none of nightly, all-day, none", name);
}

static int read_campaign(struct catalog *catalog, struct campaign *campaign, const json_t *value, struct error *err)
{
	const char *title = "";
	const char *window = NULL;

	if (!json_is_object(value))
		return error_set(err, ERROR_INPUT, "not an object");
	if (json_want_integer(value, "number", 1, MAX_CAMPAIGN_NUMBER, &campaign->number, err) < 0 ||
		json_may_string(value, "title", &title, err) < 0 ||
		json_may_string(value, "window", &window, err) < 0 ||
		read_date(value, "first_night", &campaign->first_night, err) < 0 ||
		read_date(value, "last_night", &campaign->last_night, err) < 0 ||
		read_campaign_packages(catalog, campaign, value, err) < 0 ||
		read_left_out(campaign, value, err) < 0 || read_afterwards(campaign, value, err) < 0 ||
		keep(catalog, title, &campaign->title, err) < 0)
		return -1;
	return window ? keep(catalog, window, &campaign->window, err) : 0;
}

static int read_campaigns(struct catalog *catalog, const json_t *json, struct error *err)
{
	const json_t *campaigns = NULL;
	const json_t *value;
	size_t i;

	if (json_may_array(json, "campaigns", &campaigns, err) < 0)
		return -1;
	if (!(catalog->campaigns = calloc(json_array_size(campaigns) + 1, sizeof(*catalog->campaigns))))
		return error_set(err, ERROR_FAILED, "no memory for %zu campaigns", json_array_size(campaigns));
	json_array_foreach (campaigns, i, value) {
		catalog->campaigns_count = i + 1;
		if (read_campaign(catalog, &catalog->campaigns[i], value, err) < 0)
			return error_context(err, "campaign %zu", i);
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
		read_packages(catalog, json, err) < 0)
		return -1;
	if (read_campaigns(catalog, json, err) < 0)
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

static json_t *pack_packages(const struct catalog *catalog)
{
	json_t *packages = json_array();

	for (size_t i = 0; i < catalog->packages_count; i++) {
		const struct catalog_package *package = &catalog->packages[i];

		if (json_array_append_new(
			    packages, json_pack("{s:s, s:I, s:s, s:s, s:I}", "package", package->name, "priority",
					      (json_int_t)package->priority, "version", package->version, "release",
					      package->release_target, "rollout_percent",
					      (json_int_t)package->rollout_percent)) < 0) {
			json_decref(packages);
			return NULL;
		}
	}
	return packages;
}

static json_t *pack_campaign(const struct campaign *campaign)
{
	char first[NIGHT_DATE_TEXT_SIZE];
	char last[NIGHT_DATE_TEXT_SIZE];
	char night[NIGHT_DATE_TEXT_SIZE];
	json_t *packages = json_array();
	json_t *left_out = json_array();
	bool failed = false;

	for (size_t i = 0; i < campaign->packages_count; i++)
		failed |= json_array_append_new(packages, json_string(campaign->packages[i])) < 0;
	for (size_t i = 0; i < campaign->left_out_count; i++)
		failed |= json_array_append_new(
				  left_out, json_string(night_date_text(&campaign->left_out[i], night))) < 0;
	if (failed) {
		json_decref(packages);
		json_decref(left_out);
		return NULL;
	}
	return json_pack("{s:I, s:s, s:o, s:s, s:s, s:s*, s:o, s:s}", "number", (json_int_t)campaign->number, "title",
		campaign->title, "packages", packages, "first_night", night_date_text(&campaign->first_night, first),
		"last_night", night_date_text(&campaign->last_night, last), "window", campaign->window, "left_out",
		left_out, "afterwards", afterwards_names[campaign->afterwards]);
}

static json_t *pack_campaigns(const struct catalog *catalog)
{
	json_t *campaigns = json_array();

	for (size_t i = 0; i < catalog->campaigns_count; i++)
		if (json_array_append_new(campaigns, pack_campaign(&catalog->campaigns[i])) < 0) {
			json_decref(campaigns);
			return NULL;
		}
	return campaigns;
}

int catalog_write(const struct catalog *catalog, struct buf *ret_json, struct error *err)
{
	AUTO(json) json_t *json = NULL;
	char issued[CLOCK_TEXT_SIZE];

	if (check_catalog(catalog, err) < 0)
		return error_context(err, "catalog");
	json = json_pack("{s:s, s:I, s:o, s:o, s:o}", "issued", clock_text(catalog->issued_s, issued),
		"longest_disable_days", (json_int_t)catalog->longest_disable_days, "packages", pack_packages(catalog),
		"campaigns", pack_campaigns(catalog), "services",
		catalog_service_pack_all(catalog->services, catalog->services_count));
	if (!json)
		return error_set(err, ERROR_FAILED, "no memory to write a catalog, or a text in it is not UTF-8");
	return json_write_pretty(json, ret_json, err);
}
