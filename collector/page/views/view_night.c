#include "collector/page/views/view_night.h"

#include <string.h>

#include "collector/api/api_fleet.h"
#include "collector/api/api_releases.h"
#include "collector/oversight/fleet_verdict.h"
#include "collector/page/base/chart.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"
#include "collector/page/views/night_parts.h"
#include "collector/page/views/view_releases.h"
#include "collector/store/night.h"

#define NIGHTS_SHOWN 14
#define QUARTER_S 900

/* All that the view shows. */
struct sight {
	const json_t *now;    /* of the present night */
	const json_t *shown;  /* the night that is told: the one before, as long as nobody is expected in this one */
	const json_t *before; /* the one before that; NULL: not known */
	const json_t *worst;  /* the release that is taken back the most; NULL: none is */
	struct fleet_sight fleet;
};

/* ---- Judging ---- */

static int64_t in(const json_t *release, const char *state)
{
	return value_number(json_object_get(release, "deliveries"), state);
}

static bool takes_back(const json_t *release)
{
	int64_t settled = in(release, "confirmed") + in(release, "rolled-back") + in(release, "rejected") +
			  in(release, "failed");
	int64_t open =
		in(release, "planned") + in(release, "fetching") + in(release, "staged") + in(release, "activated");

	return fleet_takes_back(in(release, "rolled-back"), settled, open);
}

static const json_t *find_worst(const json_t *releases)
{
	const json_t *worst = NULL;

	for (size_t i = 0; i < json_array_size(releases); i++) {
		const json_t *release = json_array_get(releases, i);

		if (takes_back(release) && (!worst || in(release, "rolled-back") > in(worst, "rolled-back")))
			worst = release;
	}
	return worst;
}

/* Quarters of an hour that are over. */
static void count_by_now(const json_t *curve, int64_t now_s, struct fleet_sight *ret_fleet)
{
	for (size_t i = 0; i < json_array_size(curve); i++) {
		const json_t *entry = json_array_get(curve, i);

		ret_fleet->came += value_number(entry, "came");
		if (value_moment_s(entry, "from") + QUARTER_S <= now_s)
			ret_fleet->expected += value_number(entry, "expected");
	}
}

static void judge(struct sight *sight, const json_t *releases, const json_t *night_before, int64_t now_s)
{
	sight->worst = find_worst(releases);
	sight->fleet = (struct fleet_sight){
		.is_in_trouble = json_is_string(json_object_get(sight->now, "trouble")),
		.terminals = value_number(sight->now, "terminals"),
		.silent = value_number(sight->now, "silent"),
		.silent_before = json_is_object(night_before) ? value_number(night_before, "silent") : -1,
		.is_taken_back = sight->worst != NULL,
	};
	count_by_now(json_object_get(sight->now, "curve"), now_s, &sight->fleet);
}

/* ---- The sentence, and the one thing to do ---- */

static void put_call(struct html *html, const struct sight *sight)
{
	char address[HTML_ADDRESS_SIZE];
	int64_t terminals;
	const char *cause = night_first_cause(sight->now, &terminals);

	html_put(html, "<p class=\"do\"><a href=\"/terminals?silent=yes&amp;cause=%s\">",
		html_address(cause, address));
	html_put(html, N("Telephone first: %s, %'lld terminal.", "Telephone first: %s, %'lld terminals.", terminals),
		words_of_cause(html, cause), (long long)terminals);
	html_put(html, "</a>");
}

static void put_taken_back(struct html *html, const struct sight *sight)
{
	char package[HTML_ADDRESS_SIZE], version[HTML_ADDRESS_SIZE];
	int64_t terminals = in(sight->worst, "rolled-back");

	html_put(html, "<section class=\"verdict alarm\"><h1>");
	html_put(html,
		N("%s %s does not hold: %'lld terminal took it back.",
			"%s %s does not hold: %'lld terminals took it back.", terminals),
		value_text(sight->worst, "package"), value_text(sight->worst, "version"), (long long)terminals);
	html_put(html, "</h1><p class=\"do\"><a href=\"/release?package=%s&amp;version=%s\">%s</a>",
		html_address(value_text(sight->worst, "package"), package),
		html_address(value_text(sight->worst, "version"), version),
		_("See why, and have it stopped before more terminals get it."));
}

static void put_fell_silent(struct html *html, const struct sight *sight)
{
	int64_t more = sight->fleet.silent - sight->fleet.silent_before;

	html_put(html, "<section class=\"verdict alarm\"><h1>");
	html_put(html,
		N("%'lld more terminal is silent than the night before.",
			"%'lld more terminals are silent than the night before.", more),
		(long long)more);
	html_put(html, "</h1>");
	put_call(html, sight);
}

static void put_late(struct html *html, const struct sight *sight)
{
	html_put(html, "<section class=\"verdict alarm\"><h1>");
	html_put(html, _("Far fewer terminals report than expected: %'lld of %'lld by now."),
		(long long)sight->fleet.came, (long long)sight->fleet.expected);
	html_put(html, "</h1><p class=\"do\">%s",
		_("See whether the distribution server and this collector are reached from outside."));
}

static void put_to_call(struct html *html, const struct sight *sight)
{
	int64_t silent = sight->fleet.silent;

	html_put(html, "<section class=\"verdict calm\"><h1>");
	html_put(html,
		N("The fleet is well. %'lld terminal is silent.", "The fleet is well. %'lld terminals are silent.",
			silent),
		(long long)silent);
	html_put(html, "</h1>");
	put_call(html, sight);
}

static void put_sentence(struct html *html, const char *class, const char *sentence, const char *next)
{
	html_put(html, "<section class=\"verdict %s\"><h1>%s</h1><p class=\"do\">%s", class, sentence, next);
}

static void put_verdict(struct html *html, const struct sight *sight)
{
	switch (fleet_verdict_of(&sight->fleet)) {
	case FLEET_IN_TROUBLE:
		put_sentence(
			html, "alarm", _("The collector cannot take reports."), value_text(sight->now, "trouble"));
		break;
	case FLEET_EMPTY:
		put_sentence(html, "calm", _("No terminal has reported yet."),
			_("Set [server] report_url on a terminal to the address of this collector."));
		break;
	case FLEET_TAKEN_BACK:
		put_taken_back(html, sight);
		break;
	case FLEET_FELL_SILENT:
		put_fell_silent(html, sight);
		break;
	case FLEET_LATE:
		put_late(html, sight);
		break;
	case FLEET_TO_CALL:
		put_to_call(html, sight);
		break;
	case FLEET_WELL:
		put_sentence(html, "calm", _("The fleet is well. Every terminal reports."), _("Nothing to do."));
		break;
	}
	html_put(html, "</section>");
}

/* ---- The page ---- */

static void put_curve(struct html *html, const json_t *night)
{
	html_put(html, "<section id=\"curve\"><h2>%s</h2>", _("Contacts over the night"));
	chart_put_curve(html, json_object_get(night, "curve"));
	html_put(html, "</section>");
}

static void put_night(struct html *html, const json_t *night, const json_t *before)
{
	html_put(html, "<p class=\"quiet\">");
	html_put(html, _("The night of %s, as counted at"), value_text(night, "night"));
	html_put(html, " ");
	moment_put(html, value_moment_s(night, "as_of"));
	night_put_sums(html, night, before);
	put_curve(html, night);
	night_put_causes(html, night, before);
	night_put_changes(html, night, before);
}

static void put_nights(struct html *html, const json_t *nights)
{
	html_put(html, "<section><h2>%s</h2>", _("The last nights: how many of the terminals were reached"));
	chart_put_nights(html, nights);
	html_put(html, "</section>");
}

/* As long as nobody is expected tonight, last night is what people want to see. */
static void choose_night(struct sight *sight, const json_t *night_before, const json_t *second_before)
{
	bool is_early = sight->fleet.expected == 0 && json_is_object(night_before);

	sight->shown = is_early ? night_before : sight->now;
	sight->before = is_early ? second_before : json_is_object(night_before) ? night_before : NULL;
}

/* The night that NOW tells of. */
static int64_t night_shown(const json_t *now, int64_t now_s)
{
	int64_t night;

	return night_parse(value_text(now, "night"), &night, NULL) < 0 ? night_of(now_s) : night;
}

static void put_first(struct api *api, struct database *database, struct exchange *exchange, const json_t *now,
	const json_t *releases)
{
	int64_t now_s = api->clock->now_s(api->clock), night = night_shown(now, now_s);
	AUTO(json) json_t *second_before = api_fleet_tell_night(database, night - 2, NULL);
	AUTO(json) json_t *nights = api_fleet_tell_nights(database, night, NIGHTS_SHOWN, NULL);
	const json_t *night_before = json_object_get(now, "night_before");
	AUTO(html) struct html html = HTML_INIT;
	struct sight sight = {.now = now};

	judge(&sight, releases, night_before, now_s);
	choose_night(&sight, night_before, second_before);
	frame_begin(&html, exchange, FRAME_NIGHT, N_("The night"));
	put_verdict(&html, &sight);
	put_night(&html, sight.shown, sight.before);
	put_nights(&html, nights);
	frame_end(&html, exchange);
}

void view_first(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(json) json_t *releases = NULL;
	AUTO(json) json_t *now = NULL;
	struct error err = {0};

	if (exchange->client->role == ROLE_VENDOR)
		view_releases(api, database, exchange);
	else if (!(now = api_fleet_tell(api, database, &err)) ||
		 !(releases = api_releases_tell(api, database, exchange->client, &err)))
		frame_answer_error(exchange, &err);
	else
		put_first(api, database, exchange, now, releases);
}

static void put_title(struct html *html, const json_t *night)
{
	html_put(html, "<h1>");
	html_put(html, _("The night of %s"), value_text(night, "night"));
	html_put(html, "</h1>");
}

void view_night(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(html) struct html html = HTML_INIT;
	AUTO(json) json_t *before = NULL;
	AUTO(json) json_t *night = NULL;
	struct error err = {0};
	int64_t number;

	overseer_refresh(api->overseer);
	if (night_parse(strrchr(exchange->path, '/') + 1, &number, &err) < 0 ||
		!(night = api_fleet_tell_night(database, number, &err))) {
		frame_answer_error(exchange, &err);
		return;
	}
	before = api_fleet_tell_night(database, number - 1, NULL);
	frame_begin(&html, exchange, FRAME_NIGHT, N_("A night"));
	put_title(&html, night);
	put_night(&html, night, before);
	frame_end(&html, exchange);
}
