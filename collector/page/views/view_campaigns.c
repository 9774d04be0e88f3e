#include "collector/page/views/view_campaigns.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/api_releases.h"
#include "collector/page/base/chart.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/list.h"
#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"
#include "common/number.h"

#define STATES_MOST 16
#define LEFT "left" /* the tab of those that are not confirmed */

/* ---- All of them ---- */

static void put_campaign(struct html *html, const json_t *campaign)
{
	int64_t all = value_number(campaign, "deliveries"), confirmed = value_number(campaign, "confirmed");
	const struct chart_part parts[] = {
		{"confirmed", _("confirmed"), confirmed},
		{"planned", _("left"), all - confirmed},
	};

	html_put(html, "<tr><th scope=\"row\"><a href=\"/campaigns/%lld\">%lld</a><td>",
		(long long)value_number(campaign, "campaign"), (long long)value_number(campaign, "campaign"));
	moment_put_date(html, value_moment_s(campaign, "began"));
	html_put(html, "<td>");
	moment_put_date(html, value_moment_s(campaign, "newest"));
	html_put(html, "<td class=\"number\">%'lld<td class=\"wide\">", (long long)all);
	chart_put_shares(html, _("Deliveries by state"), parts, ARRAY_SIZE(parts));
}

static void put_campaigns(struct html *html, const json_t *list)
{
	const char *const columns[] = {
		_("Number"), _("First planned"), _("Last planned"), _("#Deliveries"), _("Complete"), NULL};

	html_put(html, "<h1>%s</h1>", _("Campaigns"));
	if (json_array_size(list) == 0) {
		html_put(html, "<p class=\"quiet\">%s", _("No terminal has told of a campaign yet."));
		return;
	}
	list_begin_table(html, _("Campaigns"), columns);
	for (size_t i = json_array_size(list); i > 0; i--)
		put_campaign(html, json_array_get(list, i - 1));
	list_end_table(html);
}

void view_campaigns(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(html) struct html html = HTML_INIT;
	struct error err = {0};
	AUTO(json) json_t *list = api_releases_tell_campaigns(api, database, &err);

	if (!list) {
		frame_answer_error(exchange, &err);
		return;
	}
	frame_begin(&html, exchange, FRAME_CAMPAIGNS, N_("Campaigns"));
	put_campaigns(&html, list);
	frame_end(&html, exchange);
}

/* ---- One ---- */

static void put_tab(struct html *html, int64_t campaign, const char *state, const char *text, const char *chosen)
{
	html_put(html, "<li><a href=\"/campaigns/%lld?state=%s\"", (long long)campaign, state);
	html_put(html, strcmp(state, chosen) == 0 ? " aria-current=\"true\">" : ">");
	html_put(html, "%s</a>", text);
}

static void put_states(struct html *html, int64_t number, const json_t *states, const char *chosen)
{
	struct chart_part parts[STATES_MOST];
	size_t count = 0;

	for (; count < words_deliveries_count && count < STATES_MOST; count++)
		parts[count] = (struct chart_part){
			.name = words_deliveries[count].name,
			.text = words_of_delivery(html, words_deliveries[count].name),
			.number = value_number(states, words_deliveries[count].name),
		};
	chart_put_shares(html, _("Deliveries by state"), parts, count);
	html_put(html, "<ul class=\"tabs\">");
	put_tab(html, number, LEFT, _("left, to telephone"), chosen);
	for (size_t i = 0; i < count; i++)
		if (parts[i].number > 0)
			put_tab(html, number, parts[i].name, parts[i].text, chosen);
	html_put(html, "</ul>");
}

static void put_delivery(struct html *html, const json_t *delivery)
{
	html_put(html,
		"<tr><td>%s<th scope=\"row\"><a href=\"/terminals/%s\"><bdi>%s</bdi></a><td>%s %s<td><span "
		"class=\"state %s\">%s</span><td>",
		value_text(delivery, "institution"), value_text(delivery, "terminal"), value_text(delivery, "name"),
		value_text(delivery, "package"), value_text(delivery, "version"), value_text(delivery, "state"),
		words_of_delivery(html, value_text(delivery, "state")));
	moment_put(html, value_moment_s(delivery, "changed"));
	html_put(html, "<td><bdi>%s</bdi><td class=\"number\">%lld", value_text(delivery, "detail"),
		(long long)value_number(delivery, "report"));
}

static void put_list(struct html *html, const struct exchange *exchange, int64_t number, const char *chosen,
	const struct page *page)
{
	const char *const columns[] = {_("Institution"), _("Terminal"), _("Release"), _("State"), _("Last change"),
		_("What terminals said"), _("#Report"), NULL};
	char csv[HTML_ADDRESS_SIZE + 128], state[HTML_ADDRESS_SIZE];

	(void)snprintf(csv, sizeof(csv), "/api/v1/deliveries?campaign=%" PRId64 "&%s%s&format=csv&limit=4000",
		number, strcmp(chosen, LEFT) == 0 ? "left=yes" : "state=",
		strcmp(chosen, LEFT) == 0 ? "" : html_address(chosen, state));
	list_begin_table(html, _("Deliveries"), columns);
	for (size_t i = 0; i < json_array_size(page->items); i++)
		put_delivery(html, json_array_get(page->items, i));
	list_end_table(html);
	if (json_array_size(page->items) == 0)
		html_put(html, "<p class=\"quiet\">%s", _("There is none."));
	list_put_ways(html, exchange, csv);
}

static const json_t *find_campaign(const json_t *list, int64_t number)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (value_number(json_array_get(list, i), "campaign") == number)
			return json_array_get(list, i);
	return NULL;
}

static void put_view(struct html *html, const struct exchange *exchange, int64_t number, const json_t *list,
	const struct page *page)
{
	const json_t *campaign = find_campaign(list, number);
	const char *state = exchange_argument(exchange, "state");
	int64_t all = value_number(campaign, "deliveries");

	state = state ? state : LEFT;
	html_put(html, "<h1>");
	html_put(html, _("Campaign %lld"), (long long)number);
	html_put(html, "</h1><p class=\"lead\">");
	html_put(html, _("%'lld of %'lld deliveries are complete (%.1f %%)."),
		(long long)value_number(campaign, "confirmed"), (long long)all,
		share_of(value_number(campaign, "confirmed"), all));
	put_states(html, number, json_object_get(campaign, "states"), state);
	put_list(html, exchange, number, state, page);
}

static int read_page(struct api *api, struct database *database, struct exchange *exchange, int64_t *ret_number,
	struct page *page, struct error *err)
{
	static const char *const names[] = {"state", "lang", NULL};
	const char *state = exchange_argument(exchange, "state");
	struct api_deliveries deliveries = {.state = state, .is_left = !state || strcmp(state, LEFT) == 0};

	if (number_parse(strrchr(exchange->path, '/') + 1, &number_plain, &deliveries.campaign, err) < 0 ||
		deliveries.campaign < 1)
		return error_set(err, ERROR_NOT_FOUND, "a campaign has a number from 1");
	if (page_begin(page, exchange, names, err) < 0 ||
		api_releases_fill(api, database, exchange->client, &deliveries, page, err) < 0)
		return -1;
	page_find_next(page);
	*ret_number = deliveries.campaign;
	return 0;
}

void view_campaign(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(html) struct html html = HTML_INIT;
	AUTO(page) struct page page = {0};
	AUTO(json) json_t *list = NULL;
	struct error err = {0};
	int64_t number;

	if (read_page(api, database, exchange, &number, &page, &err) < 0 ||
		!(list = api_releases_tell_campaigns(api, database, &err))) {
		frame_answer_error(exchange, &err);
		return;
	}
	frame_begin(&html, exchange, FRAME_CAMPAIGNS, N_("A campaign"));
	put_view(&html, exchange, number, list, &page);
	frame_end(&html, exchange);
}
