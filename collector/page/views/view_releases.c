#include "collector/page/views/view_releases.h"

#include <stdlib.h>
#include <string.h>

#include "collector/api/api_releases.h"
#include "collector/page/base/chart.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"
#include "manifests/base/version.h"

/* Packages by their names, of each the newest version first. */
static int compare(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	int by_package = strcmp(value_text(a, "package"), value_text(b, "package"));

	return by_package ? by_package : version_compare(value_text(b, "version"), value_text(a, "version"));
}

static void put_number(struct html *html, int64_t number)
{
	html_put(html, "<td class=\"number\">%'lld", (long long)number);
}

static void put_deliveries(struct html *html, const json_t *release)
{
	struct chart_part parts[16];
	size_t count = 0;

	for (; count < words_deliveries_count && count < ARRAY_SIZE(parts); count++)
		parts[count] = (struct chart_part){
			.name = words_deliveries[count].name,
			.text = words_of_delivery(html, words_deliveries[count].name),
			.number = value_number(json_object_get(release, "deliveries"), words_deliveries[count].name),
		};
	html_put(html, "<td class=\"wide\">");
	if (json_object_size(json_object_get(release, "deliveries")) > 0)
		chart_put_shares(html, _("Deliveries by state"), parts, count);
	else
		html_put(html, "<span class=\"quiet\">%s</span>", _("no delivery in the last 60 days"));
}

static void put_release(struct html *html, const json_t *release)
{
	char package[HTML_ADDRESS_SIZE], version[HTML_ADDRESS_SIZE];

	html_put(html, "<tr><th scope=\"row\"><a href=\"/release?package=%s&amp;version=%s\">%s</a>",
		html_address(value_text(release, "package"), package),
		html_address(value_text(release, "version"), version), value_text(release, "version"));
	put_number(html, value_number(release, "terminals"));
	put_number(html, value_number(release, "silent"));
	put_deliveries(html, release);
}

static void put_package(struct html *html, json_t *const *releases, size_t count)
{
	html_put(html,
		"<section><h2>%s</h2><table class=\"releases\"><thead><tr><th scope=\"col\">%s<th scope=\"col\" "
		"class=\"number\">%s<th scope=\"col\" class=\"number\">%s<th scope=\"col\">%s</thead><tbody>",
		value_text(releases[0], "package"), _("Version"), _("Runs on"), _("of them silent"), _("Deliveries"));
	for (size_t i = 0; i < count; i++)
		put_release(html, releases[i]);
	html_put(html, "</tbody></table></section>");
}

static void put_packages(struct html *html, json_t **releases, size_t count)
{
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count; to++)
			if (strcmp(value_text(releases[from], "package"), value_text(releases[to], "package")) != 0)
				break;
		put_package(html, releases + from, to - from);
	}
}

static int sort(const json_t *list, json_t ***ret_releases, struct error *err)
{
	size_t count = json_array_size(list);
	json_t **releases = calloc(count + 1, sizeof(*releases));

	if (!releases)
		return error_set(err, ERROR_FAILED, "no memory for the releases");
	for (size_t i = 0; i < count; i++)
		releases[i] = json_array_get(list, i);
	qsort(releases, count, sizeof(json_t *), compare);
	*ret_releases = releases;
	return 0;
}

static void put_view(struct html *html, const struct exchange *exchange, json_t **releases, size_t count)
{
	html_put(html, "<h1>%s</h1>", exchange->client->role == ROLE_VENDOR ? _("Your packages") : _("Releases"));
	if (exchange->client->role != ROLE_VENDOR)
		html_put(html, "<p><a href=\"/rollouts\">%s</a>", _("Rollouts"));
	put_packages(html, releases, count);
	if (count == 0)
		html_put(html, "<p class=\"quiet\">%s", _("No terminal has told of a release yet."));
}

void view_releases(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(html) struct html html = HTML_INIT;
	AUTO(free) json_t **releases = NULL;
	AUTO(json) json_t *list = NULL;
	struct error err = {0};

	if (!(list = api_releases_tell(api, database, exchange->client, &err)) || sort(list, &releases, &err) < 0) {
		frame_answer_error(exchange, &err);
		return;
	}
	frame_begin(&html, exchange, FRAME_RELEASES, N_("Releases"));
	put_view(&html, exchange, releases, json_array_size(list));
	frame_end(&html, exchange);
}
