#include "collector/page/views/terminal_parts.h"

#include <string.h>

#include "collector/page/base/list.h"
#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"

#define WINDOWS_SHOWN 30
#define SQUARE 26

void terminal_put_packages(struct html *html, const json_t *terminal)
{
	const char *const columns[] = {_("Package"), _("Version"), _("Newest"), _("State"), NULL};
	const json_t *packages = json_object_get(terminal, "packages");

	html_put(html, "<section><h2>%s</h2>", _("Packages"));
	list_begin_table(html, _("Packages"), columns);
	for (size_t i = 0; i < json_array_size(packages); i++) {
		const json_t *package = json_array_get(packages, i);

		html_put(html, "<tr><th scope=\"row\">%s<td>%s<td>%s<td><span class=\"state %s\">%s</span>",
			value_text(package, "name"), value_text(package, "version"), value_text(package, "newest"),
			value_text(package, "state"), words_of_state(html, value_text(package, "state")));
	}
	list_end_table(html);
	html_put(html, "</section>");
}

/* ---- Windows ---- */

/* Oldest first, as time goes: a square for each. */
static void put_squares(struct html *html, const json_t *windows, size_t count)
{
	html_put(html, "<svg class=\"squares\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
		WINDOWS_SHOWN * SQUARE, SQUARE, _("What became of the last windows, oldest first"));
	for (size_t i = 0; i < count; i++) {
		const json_t *window = json_array_get(windows, count - 1 - i);

		html_put(html,
			"<rect class=\"%s\" x=\"%d\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"4\"><title>%s: "
			"%s</title></rect>",
			value_text(window, "outcome"), (int)i * SQUARE + 1, SQUARE - 4, SQUARE - 4,
			value_text(window, "date"), words_of_outcome(html, value_text(window, "outcome")));
	}
	html_put(html, "</svg>");
}

static void put_window(struct html *html, const json_t *window)
{
	html_put(html, "<tr><th scope=\"row\"><bdi>%s</bdi><td><span class=\"state %s\">%s</span><td>",
		value_text(window, "date"), value_text(window, "outcome"),
		words_of_outcome(html, value_text(window, "outcome")));
	moment_put(html, value_moment_s(window, "contact"));
	html_put(html, "<td class=\"number\">%lld<td class=\"number\">%lld",
		(long long)value_number(window, "attempts"), (long long)(value_number(window, "on_s") / 60));
}

void terminal_put_windows(struct html *html, const json_t *terminal)
{
	const char *const columns[] = {
		_("Night"), _("Outcome"), _("Contact"), _("#Attempts"), _("#Minutes on"), NULL};
	const json_t *windows = json_object_get(terminal, "windows");
	size_t count = json_array_size(windows) < WINDOWS_SHOWN ? json_array_size(windows) : WINDOWS_SHOWN;

	html_put(html, "<section><h2>%s</h2>", _("Windows"));
	if (count == 0) {
		html_put(html, "<p class=\"quiet\">%s</section>", _("It has told of none yet."));
		return;
	}
	put_squares(html, windows, count);
	html_put(html, "<details><summary>%s</summary>", _("As a table"));
	list_begin_table(html, _("Windows"), columns);
	for (size_t i = 0; i < count; i++)
		put_window(html, json_array_get(windows, i));
	list_end_table(html);
	html_put(html, "</details></section>");
}

/* ---- Deliveries ---- */

static void put_delivery(struct html *html, const json_t *terminal, const json_t *delivery, bool has_ledger)
{
	const char *state = value_text(delivery, "state");

	html_put(html, "<tr><th scope=\"row\">%s %s<td><span class=\"state %s\">%s</span><td>",
		value_text(delivery, "package"), value_text(delivery, "version"), state,
		words_of_delivery(html, state));
	moment_put(html, value_moment_s(delivery, "planned"));
	html_put(html, "<td>");
	moment_put(html, value_moment_s(delivery, "changed"));
	html_put(html, "<td>");
	if (value_number(delivery, "campaign") > 0)
		html_put(html, "<a href=\"/campaigns/%lld\">%lld</a>", (long long)value_number(delivery, "campaign"),
			(long long)value_number(delivery, "campaign"));
	html_put(html, "<td><bdi>%s</bdi><td>", value_text(delivery, "detail"));
	if (has_ledger && strcmp(state, "confirmed") == 0)
		list_put_certificate(html, value_text(terminal, "terminal"), value_text(delivery, "package"),
			value_text(delivery, "version"));
}

void terminal_put_deliveries(struct html *html, const json_t *terminal, bool has_ledger)
{
	const char *const columns[] = {_("Release"), _("State"), _("Planned"), _("Last change"), _("Campaign"),
		_("What the terminal said"), _("Proof"), NULL};
	const json_t *deliveries = json_object_get(terminal, "deliveries");

	html_put(html, "<section><h2>%s</h2>", _("Deliveries"));
	if (json_array_size(deliveries) == 0) {
		html_put(html, "<p class=\"quiet\">%s</section>", _("It has told of none yet."));
		return;
	}
	list_begin_table(html, _("Deliveries"), columns);
	for (size_t i = 0; i < json_array_size(deliveries); i++)
		put_delivery(html, terminal, json_array_get(deliveries, i), has_ledger);
	list_end_table(html);
	html_put(html, "</section>");
}

/* ---- Receipts and looks ---- */

static void put_receipt(struct html *html, const json_t *report)
{
	html_put(html, "<tr><th scope=\"row\" class=\"number\">%lld<td>", (long long)value_number(report, "number"));
	moment_put(html, value_moment_s(report, "received"));
	html_put(html, "<td><code>%s</code><td>", value_text(report, "sha256"));
	if (json_is_integer(json_object_get(report, "entry")))
		html_put(html, "<a href=\"/proofs/%s\">%'lld</a>", value_text(report, "sha256"),
			(long long)value_number(report, "entry"));
	else
		html_put(html, "%s", _("not logged"));
}

void terminal_put_receipts(struct html *html, const json_t *terminal)
{
	const char *const columns[] = {_("#Report"), _("Received"), "SHA-256", _("Entry of the ledger"), NULL};
	const json_t *reports = json_object_get(terminal, "reports");

	html_put(html, "<section><h2>%s</h2><details><summary>", _("Reports and their receipts"));
	html_put(html, _("The last %lld reports"), (long long)json_array_size(reports));
	html_put(html, "</summary>");
	list_begin_table(html, _("Reports and their receipts"), columns);
	for (size_t i = 0; i < json_array_size(reports); i++)
		put_receipt(html, json_array_get(reports, i));
	list_end_table(html);
	html_put(html, "</details></section>");
}

void terminal_put_looks(struct html *html, const json_t *terminal)
{
	const char *const columns[] = {_("At"), _("Who"), _("Role"), NULL};
	const json_t *looks = json_object_get(terminal, "looks");

	if (!looks)
		return;
	html_put(html, "<section><h2>%s</h2><details><summary>%s</summary>", _("Who looked at this terminal"),
		_("Every look is noted, this one too"));
	list_begin_table(html, _("Who looked at this terminal"), columns);
	for (size_t i = 0; i < json_array_size(looks); i++) {
		const json_t *look = json_array_get(looks, i);

		html_put(html, "<tr><td>");
		moment_put(html, value_moment_s(look, "at"));
		html_put(html, "<td><bdi>%s</bdi><td>%s", value_text(look, "subject"),
			words_of_role(html, value_text(look, "role")));
	}
	list_end_table(html);
	html_put(html, "</details></section>");
}
