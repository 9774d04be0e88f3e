#include "collector/page/views/view_release.h"

#include <stdio.h>
#include <string.h>

#include "collector/api/api_releases.h"
#include "collector/page/base/chart.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/list.h"
#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"

#define STATES_MOST 16

/* What was asked, in the address. */
struct asked {
	char package[HTML_ADDRESS_SIZE], version[HTML_ADDRESS_SIZE], state[HTML_ADDRESS_SIZE];
	const char *chosen; /* state; "" for all */
	bool shows_proofs;  /* there is a ledger, and who asks may know terminals */
};

static const json_t *find_release(const json_t *list, const char *package, const char *version)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *release = json_array_get(list, i);

		if (strcmp(value_text(release, "package"), package) == 0 &&
			strcmp(value_text(release, "version"), version) == 0)
			return release;
	}
	return NULL;
}

static int64_t put_shares(struct html *html, const json_t *deliveries)
{
	struct chart_part parts[STATES_MOST];
	int64_t whole = 0;
	size_t count = 0;

	for (; count < words_deliveries_count && count < STATES_MOST; count++) {
		const char *name = words_deliveries[count].name;

		parts[count] =
			(struct chart_part){name, words_of_delivery(html, name), value_number(deliveries, name)};
		whole += parts[count].number;
	}
	if (whole > 0)
		chart_put_shares(html, _("Deliveries by state"), parts, count);
	return whole;
}

static void put_reasons(struct html *html, const json_t *reasons)
{
	const char *const columns[] = {_("State"), _("What terminals said"), _("Kind"), _("#Deliveries"), NULL};

	html_put(html, "<section><h2>%s</h2>", _("Why it was taken back, refused or given up"));
	if (json_array_size(reasons) == 0) {
		html_put(html, "<p class=\"quiet\">%s</section>", _("That did not happen."));
		return;
	}
	list_begin_table(html, _("Why it was taken back, refused or given up"), columns);
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const json_t *reason = json_array_get(reasons, i);

		html_put(html, "<tr><td>%s<td><bdi>%s</bdi><td><code>%s</code><td class=\"number\">%'lld",
			words_of_delivery(html, value_text(reason, "state")), value_text(reason, "detail"),
			value_text(reason, "error"), (long long)value_number(reason, "deliveries"));
	}
	list_end_table(html);
	html_put(html, "</section>");
}

static void put_tab(struct html *html, const struct asked *asked, const char *state, const char *text)
{
	html_put(html, "<li><a href=\"/release?package=%s&amp;version=%s", asked->package, asked->version);
	if (*state)
		html_put(html, "&amp;state=%s", state);
	html_put(html, "#deliveries\"");
	html_put(html, strcmp(state, asked->chosen) == 0 ? " aria-current=\"true\">" : ">");
	html_put(html, "%s</a>", text);
}

static void put_tabs(struct html *html, const struct asked *asked, const json_t *deliveries)
{
	html_put(html, "<ul class=\"tabs\">");
	put_tab(html, asked, "", _("all"));
	for (size_t i = 0; i < words_deliveries_count; i++)
		if (value_number(deliveries, words_deliveries[i].name) > 0)
			put_tab(html, asked, words_deliveries[i].name,
				words_of_delivery(html, words_deliveries[i].name));
	html_put(html, "</ul>");
}

static bool knows_terminals(const struct client *client)
{
	return client->role != ROLE_VENDOR || client->rules->shows_terminals;
}

/* A vendor knows terminals by pseudonym, or by name without a page of their own. */
static void put_terminal(struct html *html, const struct client *client, const json_t *delivery)
{
	const char *terminal = value_text(delivery, "terminal");

	if (!knows_terminals(client))
		html_put(html, "<tr><th scope=\"row\"><code>%s</code>", terminal);
	else if (client->role == ROLE_VENDOR)
		html_put(html, "<tr><th scope=\"row\">%s <bdi>%s</bdi>", value_text(delivery, "institution"),
			value_text(delivery, "name"));
	else
		html_put(html, "<tr><th scope=\"row\"><a href=\"/terminals/%s\">%s <bdi>%s</bdi></a>", terminal,
			value_text(delivery, "institution"), value_text(delivery, "name"));
}

static void put_delivery(
	struct html *html, const struct client *client, const struct asked *asked, const json_t *delivery)
{
	put_terminal(html, client, delivery);
	html_put(html, "<td><span class=\"state %s\">%s</span><td>", value_text(delivery, "state"),
		words_of_delivery(html, value_text(delivery, "state")));
	moment_put(html, value_moment_s(delivery, "planned"));
	html_put(html, "<td>");
	moment_put(html, value_moment_s(delivery, "changed"));
	html_put(html, "<td><bdi>%s</bdi><td>", value_text(delivery, "detail"));
	if (asked->shows_proofs && strcmp(value_text(delivery, "state"), "confirmed") == 0)
		list_put_certificate(html, value_text(delivery, "terminal"), value_text(delivery, "package"),
			value_text(delivery, "version"));
}

static void put_list(
	struct html *html, const struct exchange *exchange, const struct asked *asked, const struct page *page)
{
	const char *const columns[] = {_("Terminal"), _("State"), _("Planned"), _("Last change"),
		_("What terminals said"), _("Proof"), NULL};
	char csv[3 * HTML_ADDRESS_SIZE + 80];

	(void)snprintf(csv, sizeof(csv), "/api/v1/deliveries?package=%s&version=%s%s%s&format=csv&limit=4000",
		asked->package, asked->version, *asked->state ? "&state=" : "", asked->state);
	list_begin_table(html, _("Deliveries"), columns);
	for (size_t i = 0; i < json_array_size(page->items); i++)
		put_delivery(html, exchange->client, asked, json_array_get(page->items, i));
	list_end_table(html);
	if (json_array_size(page->items) == 0)
		html_put(html, "<p class=\"quiet\">%s", _("There is none."));
	list_put_ways(html, exchange, csv);
}

static void put_view(struct html *html, const struct exchange *exchange, bool has_ledger, const json_t *list,
	const json_t *one, const struct page *page)
{
	const char *package = value_text(one, "package"), *version = value_text(one, "version");
	const char *state = exchange_argument(exchange, "state");
	const json_t *release = find_release(list, package, version), *deliveries;
	struct asked asked = {
		.chosen = state ? state : "", .shows_proofs = has_ledger && knows_terminals(exchange->client)};
	int64_t whole;

	deliveries = json_object_get(release, "deliveries");
	(void)html_address(package, asked.package);
	(void)html_address(version, asked.version);
	(void)html_address(asked.chosen, asked.state);
	html_put(html, "<h1>%s %s</h1><p class=\"lead\">", package, version);
	html_put(html, _("Runs on %'lld terminals; of them silent: %'lld."),
		(long long)value_number(release, "terminals"), (long long)value_number(release, "silent"));
	whole = put_shares(html, deliveries);
	put_reasons(html, json_object_get(one, "reasons"));
	html_put(html, "<section><h2>%s</h2>", _("How fast it was confirmed"));
	chart_put_days(html, json_object_get(one, "confirmed_after"), whole);
	html_put(html, "</section><section id=\"deliveries\"><h2>%s</h2>", _("Deliveries"));
	put_tabs(html, &asked, deliveries);
	put_list(html, exchange, &asked, page);
	html_put(html, "</section>");
}

static int read_page(
	struct api *api, struct database *database, struct exchange *exchange, struct page *page, struct error *err)
{
	static const char *const names[] = {"package", "version", "state", "lang", NULL};
	const struct api_deliveries deliveries = {
		.package = exchange_argument(exchange, "package"),
		.version = exchange_argument(exchange, "version"),
		.state = exchange_argument(exchange, "state"),
	};

	if (page_begin(page, exchange, names, err) < 0 ||
		api_releases_fill(api, database, exchange->client, &deliveries, page, err) < 0)
		return -1;
	page_find_next(page);
	return 0;
}

void view_release(struct api *api, struct database *database, struct exchange *exchange)
{
	const struct client *client = exchange->client;
	AUTO(html) struct html html = HTML_INIT;
	AUTO(page) struct page page = {0};
	AUTO(json) json_t *list = NULL;
	AUTO(json) json_t *one = NULL;
	struct error err = {0};

	if (read_page(api, database, exchange, &page, &err) < 0 ||
		!(one = api_releases_tell_one(api, database, client, exchange_argument(exchange, "package"),
			  exchange_argument(exchange, "version"), &err)) ||
		!(list = api_releases_tell(api, database, client, &err))) {
		frame_answer_error(exchange, &err);
		return;
	}
	frame_begin(&html, exchange, FRAME_RELEASES, N_("A release"));
	put_view(&html, exchange, api->scribe != NULL, list, one, &page);
	frame_end(&html, exchange);
}
