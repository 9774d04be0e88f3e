#include "manifests/catalog/catalog_campaign.h"

#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "manifests/base/package.h"

#define MAX_NUMBER 999999999
#define MAX_WINDOW_BYTES 1024

static const char *const afterwards_names[] = {
	[CAMPAIGN_AFTERWARDS_NIGHTLY] = "nightly",
	[CAMPAIGN_AFTERWARDS_ALL_DAY] = "all-day",
	[CAMPAIGN_AFTERWARDS_NONE] = "none",
};

void catalog_campaign_free_all(struct campaign *campaigns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(campaigns[i].packages);
		free(campaigns[i].left_out);
	}
	free(campaigns);
}

/* ---- Reading ---- */

static int read_date(const json_t *object, const char *key, struct night_date *ret_date, struct error *err)
{
	const char *text;

	if (json_want_string(object, key, &text, err) < 0)
		return -1;
	return night_date_parse(text, ret_date, err) < 0 ? error_context(err, "member '%s'", key) : 0;
}

static int read_packages(struct arena *memory, struct campaign *campaign, const json_t *json, struct error *err)
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
		if (arena_keep(memory, json_string_value(value), &campaign->packages[i], err) < 0)
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

static int read_campaign(struct arena *memory, struct campaign *campaign, const json_t *value, struct error *err)
{
	const char *title = "";
	const char *window = NULL;

	if (!json_is_object(value))
		return error_set(err, ERROR_INPUT, "not an object");
	if (json_want_integer(value, "number", 1, MAX_NUMBER, &campaign->number, err) < 0 ||
		json_may_string(value, "title", &title, err) < 0 ||
		json_may_string(value, "window", &window, err) < 0 ||
		read_date(value, "first_night", &campaign->first_night, err) < 0 ||
		read_date(value, "last_night", &campaign->last_night, err) < 0 ||
		read_packages(memory, campaign, value, err) < 0 || read_left_out(campaign, value, err) < 0 ||
		read_afterwards(campaign, value, err) < 0 || arena_keep(memory, title, &campaign->title, err) < 0)
		return -1;
	return window ? arena_keep(memory, window, &campaign->window, err) : 0;
}

int catalog_campaign_read_all(struct arena *memory, const json_t *catalog, struct campaign **ret_campaigns,
	size_t *ret_count, struct error *err)
{
	const json_t *list = NULL, *value;
	size_t i;

	if (json_may_array(catalog, "campaigns", &list, err) < 0)
		return -1;
	if (!(*ret_campaigns = calloc(json_array_size(list) + 1, sizeof(**ret_campaigns))))
		return error_set(err, ERROR_FAILED, "no memory for %zu campaigns", json_array_size(list));
	json_array_foreach (list, i, value) {
		*ret_count = i + 1;
		if (read_campaign(memory, &(*ret_campaigns)[i], value, err) < 0)
			return error_context(err, "campaign %zu", i);
	}
	return 0;
}

/* ---- Rules ---- */

/* What it means is for the scheduler to say: a terminal that cannot read it goes by its own window. */
static int check_window(const char *window, struct error *err)
{
	size_t len = strlen(window);

	if (len == 0 || len > MAX_WINDOW_BYTES)
		return error_set(err, ERROR_INPUT, "its window has %zu bytes, not 1 to %d", len, MAX_WINDOW_BYTES);
	return 0;
}

static int check_campaign(const struct campaign *campaign, struct error *err)
{
	if (campaign->window && check_window(campaign->window, err) < 0)
		return -1;
	if (!campaign->title || strlen(campaign->title) > CATALOG_MAX_TITLE_BYTES)
		return error_set(err, ERROR_INPUT, "its title is longer than %d bytes", CATALOG_MAX_TITLE_BYTES);
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

int catalog_campaign_check_all(const struct campaign *campaigns, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (check_campaign(&campaigns[i], err) < 0)
			return error_context(err, "campaign %lld", (long long)campaigns[i].number);
		for (size_t j = 0; j < i; j++)
			if (campaigns[j].number == campaigns[i].number)
				return error_set(err, ERROR_INPUT, "campaign %lld stands there twice",
					(long long)campaigns[i].number);
	}
	return 0;
}

/* ---- Writing ---- */

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
	return JSON_OBJECT({
		json_number("number", campaign->number),
		json_text("title", campaign->title),
		json_take("packages", packages),
		json_text("first_night", night_date_text(&campaign->first_night, first)),
		json_text("last_night", night_date_text(&campaign->last_night, last)),
		json_text_if("window", campaign->window),
		json_take("left_out", left_out),
		json_text("afterwards", afterwards_names[campaign->afterwards]),
	});
}

json_t *catalog_campaign_pack_all(const struct campaign *campaigns, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, pack_campaign(&campaigns[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}
