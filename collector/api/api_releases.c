#include "collector/api/api_releases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/page.h"
#include "collector/api/pseudonym.h"
#include "collector/store/figures.h"
#include "collector/store/night.h"
#include "manifests/base/package.h"

#define DAYS_MOST 60

/* ---- All releases, by the figures of the night ---- */

struct release_list {
	const struct client *client;
	json_t *releases;	   /* by "PACKAGE VERSION" */
	json_t *campaigns, *dates; /* by number */
};

static json_t *object_in(json_t *object, const char *key)
{
	json_t *inner = json_object_get(object, key);

	if (!inner && json_object_set_new(object, key, json_object()) == 0)
		inner = json_object_get(object, key);
	return inner;
}

/* NULL where the client may not see the package. */
static json_t *release_of(struct release_list *list, const char *package, const char *version)
{
	char key[160];
	json_t *release;

	if (!client_sees_package(list->client, package))
		return NULL;
	(void)snprintf(key, sizeof(key), "%s %s", package, version);
	release = object_in(list->releases, key);
	(void)json_object_set_new(release, "package", json_string(package));
	(void)json_object_set_new(release, "version", json_string(version));
	(void)object_in(release, "installed");
	(void)object_in(release, "deliveries");
	return release;
}

/* NAME is "PACKAGE VERSION". */
static int take_sum(struct release_list *list, const char *name, const char *member, int64_t figure)
{
	char package[PACKAGE_NAME_SIZE], version[64];
	json_t *release =
		sscanf(name, "%64s %63s", package, version) == 2 ? release_of(list, package, version) : NULL;

	return release ? json_object_set_new(release, member, json_integer(figure)) : 0;
}

/* NAME is "PACKAGE VERSION STATE". */
static int take_release(struct release_list *list, const char *member, const char *name, int64_t figure)
{
	char package[PACKAGE_NAME_SIZE], version[64], state[64];
	json_t *release;

	if (sscanf(name, "%64s %63s %63s", package, version, state) != 3 ||
		!(release = release_of(list, package, version)))
		return 0;
	return json_object_set_new(object_in(release, member), state, json_integer(figure));
}

static int take_figure(void *context, const char *kind, const char *name, int64_t figure, struct error *err)
{
	struct release_list *list = context;
	char campaign[32], state[64];

	(void)err;
	if (strcmp(kind, "installed") == 0)
		return take_release(list, "installed", name, figure);
	if (strcmp(kind, "delivery") == 0)
		return take_release(list, "deliveries", name, figure);
	if (strcmp(kind, "release-silent") == 0)
		return take_sum(list, name, "silent", figure);
	if (strcmp(kind, "campaign-began") == 0 || strcmp(kind, "campaign-newest") == 0)
		return json_object_set_new(object_in(list->dates, name), strchr(kind, '-') + 1, page_moment(figure));
	if (strcmp(kind, "campaign") == 0 && sscanf(name, "%31s %63s", campaign, state) == 2)
		return json_object_set_new(object_in(list->campaigns, campaign), state, json_integer(figure));
	return 0;
}

static int read_figures(struct api *api, struct database *database, struct release_list *list, struct error *err)
{
	int64_t night;

	overseer_refresh(api->overseer);
	if (figures_newest(database, api->clock->now_s(api->clock), &night, err) < 0)
		return -1;
	return figures_each(database, night, take_figure, list, err);
}

static int64_t in_state(const json_t *states, const char *state)
{
	return json_integer_value(json_object_get(states, state));
}

static int64_t sum_of(json_t *states)
{
	const char *state;
	json_t *figure;
	int64_t sum = 0;

	json_object_foreach (states, state, figure)
		sum += json_integer_value(figure);
	return sum;
}

static void add_sums(json_t *release)
{
	const json_t *deliveries = json_object_get(release, "deliveries");

	(void)json_object_set_new(release, "terminals", json_integer(sum_of(json_object_get(release, "installed"))));
	(void)json_object_set_new(release, "confirmed", json_integer(in_state(deliveries, "confirmed")));
	(void)json_object_set_new(release, "rolled_back", json_integer(in_state(deliveries, "rolled-back")));
	(void)json_object_set_new(release, "silent", json_integer(in_state(release, "silent")));
}

json_t *api_releases_tell(struct api *api, struct database *database, const struct client *client, struct error *err)
{
	AUTO(json) json_t *releases = json_object();
	AUTO(json) json_t *campaigns = json_object();
	AUTO(json) json_t *dates = json_object();
	AUTO(json) json_t *items = json_array();
	struct release_list list = {client, releases, campaigns, dates};
	const char *key;
	json_t *release;

	if (read_figures(api, database, &list, err) < 0)
		return NULL;
	json_object_foreach (releases, key, release) {
		add_sums(release);
		(void)json_array_append(items, release);
	}
	return take_ptr(&items);
}

static json_t *campaign_json(const char *number, json_t *states, const json_t *dates)
{
	int64_t all = sum_of(states), confirmed = in_state(states, "confirmed");
	json_t *began = json_object_get(dates, "began"), *newest = json_object_get(dates, "newest");

	return JSON_OBJECT({
		json_number("campaign", strtoll(number, NULL, 10)),
		json_take("began", began ? json_incref(began) : json_null()),
		json_take("newest", newest ? json_incref(newest) : json_null()),
		json_number("deliveries", all),
		json_number("confirmed", confirmed),
		json_number("left", all - confirmed),
		json_share("states", states),
	});
}

json_t *api_releases_tell_campaigns(struct api *api, struct database *database, struct error *err)
{
	static const struct client nobody = {.role = ROLE_TERMINAL};
	AUTO(json) json_t *releases = json_object();
	AUTO(json) json_t *campaigns = json_object();
	AUTO(json) json_t *dates = json_object();
	AUTO(json) json_t *items = json_array();
	struct release_list list = {&nobody, releases, campaigns, dates};
	const char *number;
	json_t *states;

	if (read_figures(api, database, &list, err) < 0)
		return NULL;
	json_object_foreach (campaigns, number, states)
		(void)json_array_append_new(items, campaign_json(number, states, json_object_get(dates, number)));
	return take_ptr(&items);
}

/* All of them are on one page. */
static void answer_list(struct exchange *exchange, json_t *list, const char *const *columns, const struct error *err)
{
	AUTO(page) struct page page = {0};
	static const char *const names[] = {NULL};
	struct error wrong = {0};

	if (!list) {
		exchange_answer_error(exchange, 0, err);
	} else if (page_begin(&page, exchange, names, &wrong) < 0) {
		exchange_answer_error(exchange, 0, &wrong);
	} else {
		(void)json_array_extend(page.items, list);
		page.limit = INT64_MAX;
		page_answer(&page, columns);
	}
}

void api_releases_list(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const columns[] = {
		"package", "version", "terminals", "confirmed", "rolled_back", "silent", NULL};
	struct error err = {0};
	AUTO(json) json_t *list = api_releases_tell(api, database, exchange->client, &err);

	answer_list(exchange, list, columns, &err);
}

void api_releases_campaigns(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const columns[] = {"campaign", "began", "newest", "deliveries", "confirmed", "left", NULL};
	struct error err = {0};
	AUTO(json) json_t *list = api_releases_tell_campaigns(api, database, &err);

	answer_list(exchange, list, columns, &err);
}

/* ---- One release ---- */

static int check_release(const struct client *client, const char *package, const char *version, struct error *err)
{
	if (!package || !version)
		return error_set(err, ERROR_INPUT, "'package' and 'version' are needed");
	if (package_check_name(package, err) < 0 || version_check(version, err) < 0)
		return -1;
	if (!client_sees_package(client, package))
		return error_set(err, ERROR_DENIED, "this certificate is not for %s", package);
	return 0;
}

/* How many were confirmed after so many days; the last stands for all that took longer. */
struct days {
	char release[PACKAGE_NAME_SIZE + VERSION_TEXT_SIZE + 2]; /* "PACKAGE VERSION " */
	int64_t confirmed[DAYS_MOST + 1];
};

static int take_days(void *context, const char *kind, const char *name, int64_t figure, struct error *err)
{
	struct days *days = context;
	size_t len = strlen(days->release);
	long after;

	(void)err;
	if (strcmp(kind, "days") != 0 || strncmp(name, days->release, len) != 0)
		return 0;
	after = strtol(name + len, NULL, 10);
	days->confirmed[after < 0 ? 0 : after > DAYS_MOST ? DAYS_MOST : after] += figure;
	return 0;
}

static json_t *days_json(
	struct api *api, struct database *database, const char *package, const char *version, struct error *err)
{
	AUTO(json) json_t *list = json_array();
	struct days days = {0};
	int64_t night;

	(void)snprintf(days.release, sizeof(days.release), "%s %s ", package, version);
	overseer_refresh(api->overseer);
	if (figures_newest(database, api->clock->now_s(api->clock), &night, err) < 0 ||
		figures_each(database, night, take_days, &days, err) < 0)
		return NULL;
	for (int i = 0; i <= DAYS_MOST; i++)
		if (days.confirmed[i] > 0)
			(void)json_array_append_new(list, JSON_OBJECT({
								  json_number("days", i),
								  json_number("confirmed", days.confirmed[i]),
							  }));
	return take_ptr(&list);
}

static json_t *reasons_json(struct database *database, const char *package, const char *version, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_DELIVERY_REASONS, err);
	AUTO(json) json_t *list = json_array();
	int found;

	query_text(query, package);
	query_text(query, version);
	while ((found = query_next(query, err)) > 0)
		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("state", row_text(query, 0)),
							  json_text("error", row_text(query, 1)),
							  json_text("detail", row_text(query, 2)),
							  json_number("deliveries", row_number(query, 3)),
						  }));
	return found < 0 ? NULL : take_ptr(&list);
}

json_t *api_releases_tell_one(struct api *api, struct database *database, const struct client *client,
	const char *package, const char *version, struct error *err)
{
	AUTO(json) json_t *days = NULL;
	AUTO(json) json_t *reasons = NULL;

	if (check_release(client, package, version, err) < 0 ||
		!(days = days_json(api, database, package, version, err)) ||
		!(reasons = reasons_json(database, package, version, err)))
		return NULL;
	return JSON_OBJECT({
		json_text("package", package),
		json_text("version", version),
		json_share("confirmed_after", days),
		json_share("reasons", reasons),
	});
}

void api_releases_one(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const names[] = {"package", "version", NULL};
	struct error err = {0};
	AUTO(json)
	json_t *answer = api_releases_tell_one(api, database, exchange->client,
		exchange_argument(exchange, "package"), exchange_argument(exchange, "version"), &err);

	if (answer)
		page_answer_object(exchange, names, answer);
	else
		exchange_answer_error(exchange, 0, &err);
}

/* ---- Deliveries ---- */

struct delivery_page {
	struct api *api;
	struct page *page;
	const struct client *client;
};

void api_releases_put_delivery(const struct fleet_delivery *delivery, json_t *item)
{
	(void)json_object_set_new(item, "package", json_string(delivery->package));
	(void)json_object_set_new(item, "version", json_string(delivery->version));
	(void)json_object_set_new(item, "digest", json_string(delivery->digest));
	(void)json_object_set_new(item, "state", json_string(delivery->state));
	(void)json_object_set_new(item, "campaign", json_integer(delivery->campaign));
	(void)json_object_set_new(item, "planned", page_moment(delivery->planned_s));
	(void)json_object_set_new(item, "changed", page_moment(delivery->changed_s));
	(void)json_object_set_new(item, "attempts", json_integer(delivery->attempts));
	(void)json_object_set_new(item, "error", json_string(delivery->error));
	(void)json_object_set_new(item, "detail", json_string(delivery->detail));
	(void)json_object_set_new(item, "report", json_integer(delivery->report));
}

/* Who it is, as far as the client may know. */
static void put_terminal(const struct delivery_page *list, const struct fleet_delivery *delivery, json_t *item)
{
	bool is_named = list->client->role != ROLE_VENDOR || list->client->rules->shows_terminals;
	char pseudonym[PSEUDONYM_SIZE];

	if (!is_named) {
		(void)pseudonym_of(list->api->secret, list->client->rules->name, delivery->key, pseudonym);
		(void)json_object_set_new(item, "terminal", json_string(pseudonym));
		return;
	}
	(void)json_object_set_new(item, "terminal", json_string(delivery->key));
	(void)json_object_set_new(item, "name", json_string(delivery->name));
	(void)json_object_set_new(item, "institution", json_string(delivery->institution));
}

static int take_delivery(void *context, const struct fleet_delivery *delivery, struct error *err)
{
	struct delivery_page *list = context;
	char cursor[PSEUDONYM_CURSOR_SIZE];
	json_t *item;

	if (!client_sees_package(list->client, delivery->package))
		return 0;
	if (pseudonym_close_cursor(list->api->secret, delivery->terminal, delivery->planned_s, cursor, err) < 0)
		return -1;
	item = json_object();
	put_terminal(list, delivery, item);
	api_releases_put_delivery(delivery, item);
	return page_add(list->page, item, cursor, err);
}

static int read_campaign(const char *text, int64_t *ret_campaign, struct error *err)
{
	char *end;

	*ret_campaign = strtoll(text, &end, 10);
	if (end == text || *end || *ret_campaign < 1)
		return error_set(err, ERROR_INPUT, "'campaign' is a number from 1");
	return 0;
}

int api_releases_fill(struct api *api, struct database *database, const struct client *client,
	const struct api_deliveries *deliveries, struct page *page, struct error *err)
{
	struct fleet_campaign campaign = {
		.number = deliveries->campaign, .packages = client->role == ROLE_VENDOR ? client->rules->packages : ""};
	struct delivery_page list = {api, page, client};
	struct fleet_place after;

	if (pseudonym_open_cursor(api->secret, page->after, &after.terminal, &after.planned_s, err) < 0)
		return -1;
	if (deliveries->campaign == 0)
		return check_release(client, deliveries->package, deliveries->version, err) < 0
			       ? -1
			       : fleet_each_delivery_of_release(database, deliveries->package, deliveries->version,
					 deliveries->state, &after, page->limit, take_delivery, &list, err);
	if (!deliveries->is_left && !deliveries->state)
		return error_set(err, ERROR_INPUT, "of a campaign, 'state' or 'left=yes' is needed");
	campaign.state = deliveries->is_left ? NULL : deliveries->state;
	return fleet_each_delivery_of_campaign(
		database, &campaign, &after, page->limit, take_delivery, &list, err);
}

static int read_question(const struct exchange *exchange, struct api_deliveries *ret_deliveries, struct error *err)
{
	const char *campaign = exchange_argument(exchange, "campaign");

	*ret_deliveries = (struct api_deliveries){
		.package = exchange_argument(exchange, "package"),
		.version = exchange_argument(exchange, "version"),
		.state = exchange_argument(exchange, "state"),
	};
	if (page_yes(exchange, "left", &ret_deliveries->is_left, err) < 0)
		return -1;
	return campaign ? read_campaign(campaign, &ret_deliveries->campaign, err) : 0;
}

void api_releases_deliveries(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const names[] = {"package", "version", "state", "campaign", "left", NULL};
	static const char *const columns[] = {"institution", "name", "terminal", "package", "version", "state",
		"campaign", "planned", "changed", "attempts", "error", "detail", NULL};
	AUTO(page) struct page page = {0};
	struct api_deliveries deliveries;
	struct error err = {0};

	if (page_begin(&page, exchange, names, &err) < 0 || read_question(exchange, &deliveries, &err) < 0 ||
		api_releases_fill(api, database, exchange->client, &deliveries, &page, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer(&page, columns);
}
