#include "collector/page/views/view_terminals.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/api_terminals.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/list.h"
#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"

#define INSTITUTION_DIGITS 10
/* Of a key, before digits are taken for one. */
#define KEY_LEAST 8
#define SENSES_MOST 3
#define CSV_SIZE 2048

/* What was asked: one text that finds, or what narrows. */
struct asked {
	const char *text; /* as it was typed; "" */
	const char *verdict, *cause, *ring, *package, *version;
	bool is_silent, is_twin;
};

/* ---- The question ---- */

static const char *argument(const struct exchange *exchange, const char *name)
{
	const char *value = exchange_argument(exchange, name);

	return value ? value : "";
}

static void read_asked(const struct exchange *exchange, struct asked *ret_asked)
{
	*ret_asked = (struct asked){
		.text = argument(exchange, "q"),
		.verdict = argument(exchange, "verdict"),
		.cause = argument(exchange, "cause"),
		.ring = argument(exchange, "ring"),
		.package = argument(exchange, "package"),
		.version = argument(exchange, "version"),
		.is_silent = strcmp(argument(exchange, "silent"), "yes") == 0,
		.is_twin = strcmp(argument(exchange, "twin"), "yes") == 0,
	};
}

static bool is_institution(const char *text)
{
	return strlen(text) == INSTITUTION_DIGITS && strspn(text, "0123456789") == INSTITUTION_DIGITS;
}

static bool is_key(const char *text)
{
	size_t len = strlen(text);

	return len >= KEY_LEAST && len <= 64 && strspn(text, "0123456789abcdef") == len;
}

static int make_filter(const struct asked *asked, struct fleet_filter *ret_filter, struct error *err)
{
	*ret_filter = (struct fleet_filter){0};
	if (!*asked->package != !*asked->version)
		return error_set(err, ERROR_INPUT, "a package and its version belong together");
	ret_filter->verdict = asked->verdict;
	ret_filter->cause = asked->cause;
	ret_filter->ring = asked->ring;
	ret_filter->package = asked->package;
	ret_filter->version = asked->version;
	ret_filter->is_silent = asked->is_silent || *asked->cause;
	ret_filter->is_twin = asked->is_twin;
	return 0;
}

/* What a text that was typed may be, in this order: ten digits an institution, many hexadecimal digits the beginning of a key, anything
 * that of a name. What finds a terminal was meant. */
static size_t senses_of(const char *text, struct fleet_filter ret_senses[SENSES_MOST])
{
	size_t count = 0;

	if (is_institution(text))
		ret_senses[count++] = (struct fleet_filter){.institution = text};
	if (is_key(text))
		ret_senses[count++] = (struct fleet_filter){.key = text};
	ret_senses[count++] = (struct fleet_filter){.name = text};
	return count;
}

/* A text finds by itself: what else was asked is left out. */
static int fill(struct database *database, const struct asked *asked, struct fleet_filter *ret_filter,
	struct page *page, struct error *err)
{
	struct fleet_filter senses[SENSES_MOST];
	size_t count;

	if (!*asked->text) {
		if (make_filter(asked, ret_filter, err) < 0)
			return -1;
		return api_terminals_fill(database, ret_filter, page, err);
	}
	count = senses_of(asked->text, senses);
	for (size_t i = 0; i < count && json_array_size(page->items) == 0; i++) {
		*ret_filter = senses[i];
		if (api_terminals_fill(database, ret_filter, page, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- The form ---- */

static void put_options(struct html *html, const struct word *words, size_t count, const char *chosen)
{
	html_put(html, "<option value=\"\">%s", _("any"));
	for (size_t i = 0; i < count; i++) {
		html_put(html, "<option value=\"%s\"", words[i].name);
		html_put(html, strcmp(words[i].name, chosen) == 0 ? " selected>" : ">");
		html_put(html, "%s", _(words[i].text));
	}
	html_put(html, "</select></label>");
}

static void put_field(struct html *html, const char *label, const char *name, const char *value)
{
	html_put(html, "<label>%s <input name=\"%s\" value=\"%s\" maxlength=\"64\"></label>", label, name, value);
}

static void put_check(struct html *html, const char *label, const char *name, bool is_checked)
{
	html_put(html, "<label class=\"check\"><input type=\"checkbox\" name=\"%s\" value=\"yes\"", name);
	html_put(html, is_checked ? " checked>" : ">");
	html_put(html, " %s</label>", label);
}

static void put_form(struct html *html, const struct asked *asked)
{
	html_put(html,
		"<form class=\"search\" role=\"search\" action=\"/terminals\"><label for=\"q\">%s</label><input "
		"id=\"q\" "
		"name=\"q\" type=\"search\" value=\"%s\" maxlength=\"64\" autocomplete=\"off\" "
		"aria-describedby=\"hint\">"
		"<button>%s</button><p id=\"hint\" class=\"quiet\">%s</p></form>",
		_("Find a terminal"), asked->text, _("Find"),
		_("Ten digits of an institution, or the beginning of a name or of a key (eight digits at least). "
		  "The key / leads here."));
	html_put(html,
		"<form class=\"filter\" action=\"/terminals\"><fieldset><legend>%s</legend><label>%s <select "
		"name=\"verdict\">",
		_("Narrow"), _("Status"));
	put_options(html, words_verdicts, words_verdicts_count, asked->verdict);
	html_put(html, "<label>%s <select name=\"cause\">", _("Silent because of"));
	put_options(html, words_causes, words_causes_count, asked->cause);
	put_field(html, _("Package"), "package", asked->package);
	put_field(html, _("Version"), "version", asked->version);
	put_field(html, _("Ring"), "ring", asked->ring);
	put_check(html, _("silent"), "silent", asked->is_silent);
	put_check(html, _("two with one key"), "twin", asked->is_twin);
	html_put(html, "<button>%s</button></fieldset></form>", _("Show"));
}

/* ---- The list ---- */

static void put_versions(struct html *html, const json_t *packages)
{
	for (size_t i = 0; i < json_array_size(packages); i++) {
		const json_t *package = json_array_get(packages, i);

		html_put(html, "%s%s %s", i ? ", " : "", value_text(package, "name"), value_text(package, "version"));
	}
}

static void put_state(struct html *html, const json_t *terminal)
{
	if (value_moment_s(terminal, "silent_since") > 0)
		html_put(html, "<td class=\"said\"><span class=\"state silent\">%s</span> %s", _("silent"),
			words_of_cause(html, value_text(terminal, "cause")));
	else
		html_put(html, "<td class=\"said\"><span class=\"state %s\">%s</span>",
			value_text(terminal, "verdict"), words_of_verdict(html, value_text(terminal, "verdict")));
	if (value_moment_s(terminal, "twin_seen") > 0)
		html_put(html, " <span class=\"state silent\">%s</span>", _("two with one key"));
}

static void put_terminal(struct html *html, const json_t *terminal)
{
	html_put(html, "<tr><td>%s<th scope=\"row\"><a href=\"/terminals/%s\"><bdi>%s</bdi></a>",
		value_text(terminal, "institution"), value_text(terminal, "terminal"), value_text(terminal, "name"));
	put_state(html, terminal);
	html_put(html, "<td>");
	moment_put(html, value_moment_s(terminal, "received"));
	html_put(html, "<td class=\"versions\">");
	put_versions(html, json_object_get(terminal, "packages"));
	html_put(html, "<td><bdi>%s</bdi><td class=\"called\">", value_text(terminal, "ring"));
}

static void add_argument(char *address, size_t size, const char *name, const char *value)
{
	char safe[HTML_ADDRESS_SIZE];
	size_t len = strlen(address);

	if (value && *value)
		(void)snprintf(address + len, size - len, "&%s=%s", name, html_address(value, safe));
}

static void put_ways(struct html *html, const struct exchange *exchange, const struct fleet_filter *filter)
{
	char csv[CSV_SIZE] = "/api/v1/terminals?format=csv&limit=4000";

	add_argument(csv, sizeof(csv), "institution", filter->institution);
	add_argument(csv, sizeof(csv), "name", filter->name);
	add_argument(csv, sizeof(csv), "key", filter->key);
	add_argument(csv, sizeof(csv), "verdict", filter->verdict);
	add_argument(csv, sizeof(csv), "cause", filter->cause);
	add_argument(csv, sizeof(csv), "ring", filter->ring);
	add_argument(csv, sizeof(csv), "package", filter->package);
	add_argument(csv, sizeof(csv), "version", filter->version);
	add_argument(csv, sizeof(csv), "silent", filter->is_silent ? "yes" : "");
	add_argument(csv, sizeof(csv), "twin", filter->is_twin ? "yes" : "");
	list_put_ways(html, exchange, csv);
}

static void put_view(struct html *html, const struct exchange *exchange, const struct asked *asked,
	const struct fleet_filter *filter, const struct page *page)
{
	const char *const columns[] = {_("Institution"), _("Terminal"), _("Status"), _("Last report"), _("Versions"),
		_("Ring"), _("Called"), NULL};

	html_put(html, "<h1>%s</h1>", _("Terminals"));
	put_form(html, asked);
	if (json_array_size(page->items) == 0) {
		html_put(html, "<p class=\"lead\" role=\"status\">%s", _("No terminal is like that."));
		return;
	}
	if (asked->is_silent || *asked->cause)
		html_put(html, "<p class=\"lead\">%s", words_against(html, asked->cause));
	list_begin_table(html, _("Terminals"), columns);
	for (size_t i = 0; i < json_array_size(page->items); i++)
		put_terminal(html, json_array_get(page->items, i));
	list_end_table(html);
	put_ways(html, exchange, filter);
}

void view_terminals(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const names[] = {
		"q", "verdict", "cause", "ring", "package", "version", "silent", "twin", "lang", NULL};
	AUTO(html) struct html html = HTML_INIT;
	AUTO(page) struct page page = {0};
	struct fleet_filter filter;
	struct error err = {0};
	struct asked asked;

	(void)api;
	read_asked(exchange, &asked);
	if (page_begin(&page, exchange, names, &err) < 0 || fill(database, &asked, &filter, &page, &err) < 0) {
		frame_answer_error(exchange, &err);
		return;
	}
	page_find_next(&page);
	frame_begin(&html, exchange, FRAME_TERMINALS, N_("Terminals"));
	put_view(&html, exchange, &asked, &filter, &page);
	frame_end(&html, exchange);
}
