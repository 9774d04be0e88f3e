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
static json_t *night_json(struct database *database, int64_t night, struct error *err)
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

void api_fleet_now(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(json) json_t *now = NULL;
	struct intake_figures intake;
	struct error err = {0};
	json_t *before;
	int64_t night;

	overseer_refresh(api->overseer);
	night = night_of(api->clock->now_s(api->clock));
	if (!(now = night_json(database, night, &err))) {
		exchange_answer_error(exchange, 0, &err);
		return;
	}
	before = night_json(database, night - 1, &err);
	(void)json_object_set_new(now, "night_before", before ? before : json_null());
	intake_figures(api->intake, &intake);
	(void)json_object_set_new(now, "trouble", *intake.trouble ? json_string(intake.trouble) : json_null());
	page_answer_object(exchange, now);
}

void api_fleet_night(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(json) json_t *answer = NULL;
	struct error err = {0};
	int64_t night;

	overseer_refresh(api->overseer);
	if (night_parse(strrchr(exchange->path, '/') + 1, &night, &err) < 0 ||
		!(answer = night_json(database, night, &err)))
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer_object(exchange, answer);
}

struct nights {
	struct page *page;
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
		if (page_add_number(nights->page, nights->item, night, err) < 0)
			return -1;
	}
	if (strcmp(name, "as-of") == 0)
		return json_object_set_new(nights->item, "as_of", page_moment(figure));
	return json_object_set_new(nights->item, name, json_integer(figure));
}

void api_fleet_nights(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const names[] = {NULL}, *const columns[] = {"night", "terminals", "reached", "silent",
							   "twins", "as_of", NULL};
	AUTO(page) struct page page = {0};
	struct nights nights = {.page = &page, .night = -1};
	struct error err = {0};
	int64_t last, after;

	overseer_refresh(api->overseer);
	last = night_of(api->clock->now_s(api->clock));
	if (page_begin(&page, exchange, names, &err) < 0 || page_after_number(&page, &after, &err) < 0) {
		exchange_answer_error(exchange, 0, &err);
		return;
	}
	if (after > 0)
		last = after - 1;
	if (figures_each_night(database, last - page.limit + 1, last, take_night, &nights, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer(&page, columns);
}
