#include "collector/api/api_fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/page.h"
#include "collector/store/figures.h"
#include "collector/store/night.h"

#define QUARTERS 96
#define QUARTER_S 900

extern const char collector_openapi[];

void api_fleet_openapi(struct api *api, struct exchange *exchange)
{
	(void)api;
	exchange_answer_copy(exchange, "application/json", collector_openapi, strlen(collector_openapi));
}

/* ---- One night ---- */

struct night_figures {
	json_t *fleet, *verdicts, *causes;
	int64_t came[QUARTERS], expected[QUARTERS];
};

static int take_figure(void *context, const char *kind, const char *name, int64_t figure, struct error *err)
{
	struct night_figures *figures = context;
	int quarter = atoi(name);

	(void)err;
	if (strcmp(kind, "fleet") == 0)
		return json_object_set_new(figures->fleet, name, json_integer(figure));
	if (strcmp(kind, "verdict") == 0)
		return json_object_set_new(figures->verdicts, name, json_integer(figure));
	if (strcmp(kind, "silent") == 0)
		return json_object_set_new(figures->causes, name, json_integer(figure));
	if (quarter < 0 || quarter >= QUARTERS)
		return 0;
	if (strcmp(kind, "contact") == 0)
		figures->came[quarter] = figure;
	if (strcmp(kind, "expected") == 0)
		figures->expected[quarter] = figure;
	return 0;
}

/* The quarters of an hour in which anybody came, or should have. */
static json_t *curve_json(const struct night_figures *figures, int64_t night)
{
	json_t *list = json_array();

	for (int i = 0; i < QUARTERS; i++)
		if (figures->came[i] || figures->expected[i])
			(void)json_array_append_new(
				list, JSON_OBJECT({
					      json_take("from", page_moment(night_begin_s(night) + i * QUARTER_S)),
					      json_number("came", figures->came[i]),
					      json_number("expected", figures->expected[i]),
				      }));
	return list;
}

static json_t *figure_of(const struct night_figures *figures, const char *name)
{
	json_t *figure = json_object_get(figures->fleet, name);

	return figure ? json_incref(figure) : json_integer(0);
}

/* NULL with ERROR_NOT_FOUND where nothing was counted in that night. */
json_t *api_fleet_tell_night(struct database *database, int64_t night, struct error *err)
{
	AUTO(json) json_t *fleet = json_object();
	AUTO(json) json_t *verdicts = json_object();
	AUTO(json) json_t *causes = json_object();
	struct night_figures figures = {.fleet = fleet, .verdicts = verdicts, .causes = causes};
	char date[NIGHT_DATE_TEXT_SIZE];

	if (figures_each(database, night, take_figure, &figures, err) < 0)
		return NULL;
	if (json_object_size(fleet) == 0) {
		(void)error_set(
			err, ERROR_NOT_FOUND, "nothing was counted in the night of %s", night_text(night, date));
		return NULL;
	}
	return JSON_OBJECT({
		json_text("night", night_text(night, date)),
		json_take("as_of", page_moment(json_integer_value(json_object_get(fleet, "as-of")))),
		json_take("terminals", figure_of(&figures, "terminals")),
		json_take("reached", figure_of(&figures, "reached")),
		json_take("silent", figure_of(&figures, "silent")),
		json_take("twins", figure_of(&figures, "twins")),
		json_share("verdicts", verdicts),
		json_share("causes", causes),
		json_take("curve", curve_json(&figures, night)),
	});
}

/* ---- Answers ---- */

json_t *api_fleet_tell(struct api *api, struct database *database, struct error *err)
{
	AUTO(json) json_t *now = NULL;
	struct intake_figures intake;
	json_t *before;
	int64_t night;

	overseer_refresh(api->overseer);
	if (figures_newest(database, api->clock->now_s(api->clock), &night, err) < 0 ||
		!(now = api_fleet_tell_night(database, night, err)))
		return NULL;
	before = api_fleet_tell_night(database, night - 1, NULL);
	(void)json_object_set_new(now, "night_before", before ? before : json_null());
	intake_figures(api->intake, &intake);
	(void)json_object_set_new(now, "trouble", *intake.trouble ? json_string(intake.trouble) : json_null());
	return take_ptr(&now);
}

void api_fleet_now(struct api *api, struct database *database, struct exchange *exchange)
{
	struct error err = {0};
	AUTO(json) json_t *now = api_fleet_tell(api, database, &err);

	if (now)
		page_answer_object(exchange, NULL, now);
	else
		exchange_answer_error(exchange, 0, &err);
}

void api_fleet_night(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(json) json_t *answer = NULL;
	struct error err = {0};
	int64_t night;

	overseer_refresh(api->overseer);
	if (night_parse(strrchr(exchange->path, '/') + 1, &night, &err) < 0 ||
		!(answer = api_fleet_tell_night(database, night, &err)))
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer_object(exchange, NULL, answer);
}

struct nights {
	json_t *list;
	json_t *item; /* borrowed: of the night at hand */
	int64_t night;
};

static int take_night(void *context, int64_t night, const char *name, int64_t figure, struct error *err)
{
	struct nights *nights = context;
	char date[NIGHT_DATE_TEXT_SIZE];

	if (nights->night != night) {
		nights->night = night;
		nights->item = JSON_OBJECT({json_text("night", night_text(night, date))});
		if (json_array_append_new(nights->list, nights->item) < 0)
			return error_set(err, ERROR_FAILED, "no memory for the nights");
	}
	if (strcmp(name, "as-of") == 0)
		return json_object_set_new(nights->item, "as_of", page_moment(figure));
	return json_object_set_new(nights->item, name, json_integer(figure));
}

json_t *api_fleet_tell_nights(struct database *database, int64_t last, int64_t count, struct error *err)
{
	AUTO(json) json_t *list = json_array();
	struct nights nights = {.list = list, .night = -1};

	if (figures_each_night(database, last - count + 1, last, take_night, &nights, err) < 0)
		return NULL;
	return take_ptr(&list);
}

/* The next page begins with the night before the last one on this; a night without figures ends nothing. */
static int fill_nights(struct page *page, struct database *database, int64_t last, struct error *err)
{
	AUTO(json) json_t *list = api_fleet_tell_nights(database, last, page->limit, err);
	int64_t night = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);

		if (night_parse(json_string_value(json_object_get(item, "night")), &night, err) < 0 ||
			page_add_number(page, json_incref(item), night, err) < 0)
			return -1;
	}
	return list ? 0 : -1;
}

void api_fleet_nights(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const names[] = {NULL}, *const columns[] = {"night", "terminals", "reached", "silent",
							   "twins", "as_of", NULL};
	AUTO(page) struct page page = {0};
	struct error err = {0};
	int64_t last, after;

	overseer_refresh(api->overseer);
	last = night_of(api->clock->now_s(api->clock));
	if (page_begin(&page, exchange, names, &err) < 0 || page_after_number(&page, &after, &err) < 0 ||
		fill_nights(&page, database, after > 0 ? after - 1 : last, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer(&page, columns);
}
