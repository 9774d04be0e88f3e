#include "collector/page/views/night_parts.h"

#include <stdlib.h>

#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"

#define CAUSES_MOST 32

/* ---- Differences ---- */

/* "+12" with a word for those who cannot see the colour. */
static void put_difference(struct html *html, int64_t difference, bool is_known)
{
	if (!is_known)
		html_put(html, "–");
	else if (difference == 0)
		html_put(html, "±0");
	else
		html_put(html, "%s%'lld", difference > 0 ? "+" : "−",
			(long long)(difference > 0 ? difference : -difference));
}

static void put_sum(struct html *html, const char *name, int64_t number, int64_t of, const char *address)
{
	html_put(html, "<div class=\"sum\"><dt>%s<dd><a href=\"%s\">%'lld</a>", name, address, (long long)number);
	if (of > 0)
		html_put(html, " <span class=\"quiet\">%.1f %%</span>", share_of(number, of));
}

static void put_since(struct html *html, const json_t *night, const json_t *before, const char *member)
{
	html_put(html, "<dd class=\"since\">");
	put_difference(html, value_number(night, member) - value_number(before, member), before != NULL);
	html_put(html, " %s</div>", _("since the night before"));
}

void night_put_sums(struct html *html, const json_t *night, const json_t *before)
{
	int64_t terminals = value_number(night, "terminals");
	const json_t *verdicts = json_object_get(night, "verdicts"), *former = json_object_get(before, "verdicts");

	html_put(html, "<dl class=\"sums\">");
	put_sum(html, _("To be reached"), terminals, 0, "/terminals");
	put_since(html, night, before, "terminals");
	put_sum(html, _("Reached"), value_number(night, "reached"), terminals, "#curve");
	put_since(html, night, before, "reached");
	put_sum(html, _("Silent"), value_number(night, "silent"), terminals, "/terminals?silent=yes");
	put_since(html, night, before, "silent");
	put_sum(html, _("Need attention"), value_number(verdicts, "needs-attention"), terminals,
		"/terminals?verdict=needs-attention");
	put_since(html, verdicts, former, "needs-attention");
	html_put(html, "</dl>");
}

/* ---- Causes ---- */

struct cause {
	const char *name;
	int64_t terminals;
};

static int compare(const void *left, const void *right)
{
	const struct cause *a = left, *b = right;

	return a->terminals < b->terminals ? 1 : a->terminals > b->terminals ? -1 : 0;
}

static size_t sort_causes(const json_t *night, struct cause ret_causes[static CAUSES_MOST])
{
	json_t *causes = json_object_get(night, "causes"), *figure;
	const char *name;
	size_t count = 0;

	json_object_foreach (causes, name, figure)
		if (count < CAUSES_MOST && json_integer_value(figure) > 0)
			ret_causes[count++] = (struct cause){name, json_integer_value(figure)};
	qsort(ret_causes, count, sizeof(*ret_causes), compare);
	return count;
}

const char *night_first_cause(const json_t *night, int64_t *ret_terminals)
{
	struct cause causes[CAUSES_MOST];

	*ret_terminals = 0;
	if (sort_causes(night, causes) == 0)
		return "";
	*ret_terminals = causes[0].terminals;
	return causes[0].name;
}

static void put_cause(struct html *html, const struct cause *cause, const json_t *before)
{
	char address[HTML_ADDRESS_SIZE];
	const json_t *former = json_object_get(before, "causes");

	html_put(html,
		"<tr><th scope=\"row\"><a href=\"/terminals?silent=yes&amp;cause=%s\">%s</a><td "
		"class=\"number\">%'lld<td class=\"number\">",
		html_address(cause->name, address), words_of_cause(html, cause->name), (long long)cause->terminals);
	put_difference(html, cause->terminals - value_number(former, cause->name), before != NULL);
	html_put(html, "<td>%s", words_against(html, cause->name));
}

void night_put_causes(struct html *html, const json_t *night, const json_t *before)
{
	struct cause causes[CAUSES_MOST];
	size_t count = sort_causes(night, causes);

	html_put(html, "<section><h2>%s</h2>", _("Not reached, by cause"));
	if (count == 0) {
		html_put(html, "<p class=\"quiet\">%s</section>", _("No terminal is silent."));
		return;
	}
	html_put(html,
		"<table><thead><tr><th scope=\"col\">%s<th scope=\"col\" class=\"number\">%s<th scope=\"col\" "
		"class=\"number\">%s<th scope=\"col\">%s</thead><tbody>",
		_("Likely cause"), _("Terminals"), _("Change"), _("What helps"));
	for (size_t i = 0; i < count; i++)
		put_cause(html, &causes[i], before);
	html_put(html, "</tbody></table></section>");
}

/* ---- Changes ---- */

static void put_change(struct html *html, const char *name, int64_t number, int64_t former, const char *address)
{
	html_put(html,
		"<tr><th scope=\"row\"><a href=\"%s\">%s</a><td class=\"number\">%'lld<td class=\"number\">%'lld<td "
		"class=\"number\">",
		address, name, (long long)former, (long long)number);
	put_difference(html, number - former, true);
}

static void put_verdict_change(struct html *html, const struct word *verdict, const json_t *now, const json_t *former)
{
	char address[HTML_ADDRESS_SIZE + 32];

	(void)snprintf(address, sizeof(address), "/terminals?verdict=%s", verdict->name);
	put_change(html, words_of_verdict(html, verdict->name), value_number(now, verdict->name),
		value_number(former, verdict->name), address);
}

void night_put_changes(struct html *html, const json_t *night, const json_t *before)
{
	if (!before)
		return;
	html_put(html,
		"<section><h2>%s</h2><table><thead><tr><th scope=\"col\">%s<th scope=\"col\" class=\"number\">%s<th "
		"scope=\"col\" class=\"number\">%s<th scope=\"col\" class=\"number\">%s</thead><tbody>",
		_("What changed since the night before"), _("Terminals"), value_text(before, "night"),
		value_text(night, "night"), _("Change"));
	put_change(html, _("in the fleet"), value_number(night, "terminals"), value_number(before, "terminals"),
		"/terminals");
	for (size_t i = 0; i < words_verdicts_count; i++)
		put_verdict_change(html, &words_verdicts[i], json_object_get(night, "verdicts"),
			json_object_get(before, "verdicts"));
	put_change(html, _("silent"), value_number(night, "silent"), value_number(before, "silent"),
		"/terminals?silent=yes");
	put_change(html, _("two with one key"), value_number(night, "twins"), value_number(before, "twins"),
		"/terminals?twin=yes");
	html_put(html, "</tbody></table></section>");
}
