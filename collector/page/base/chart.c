#include "collector/page/base/chart.h"

#include "collector/page/base/moment.h"

#define QUARTER_S 900
#define LEFT 56
#define WIDTH 900
#define HEIGHT 220
#define FLOOR (HEIGHT + 10)

/* ---- Shares ---- */

static void put_legend(struct html *html, const struct chart_part *parts, size_t count, int64_t whole)
{
	html_put(html, "<ul class=\"legend\">");
	for (size_t i = 0; i < count; i++)
		if (parts[i].number > 0)
			html_put(html,
				"<li><svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
				"class=\"%s\" "
				"width=\"10\" height=\"10\"/></svg>%s <b>%'lld</b> <span class=\"quiet\">%.1f "
				"%%</span>",
				parts[i].name, parts[i].text, (long long)parts[i].number,
				share_of(parts[i].number, whole));
	html_put(html, "</ul>");
}

void chart_put_shares(struct html *html, const char *label, const struct chart_part *parts, size_t count)
{
	int64_t whole = 0, before = 0;

	for (size_t i = 0; i < count; i++)
		whole += parts[i].number;
	html_put(html,
		"<svg class=\"shares\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" "
		"aria-label=\"%s\">",
		label);
	for (size_t i = 0; i < count && whole > 0; before += parts[i++].number)
		if (parts[i].number > 0)
			html_put(html, "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"10\"/>", parts[i].name,
				share_of(before, whole) * 10, share_of(parts[i].number, whole) * 10);
	html_put(html, "</svg>");
	put_legend(html, parts, count, whole);
}

/* ---- The curve of a night ---- */

struct scale {
	int64_t from_s, quarters, most;
};

/* The next number that reads well. */
static int64_t round_up(int64_t number)
{
	static const int64_t steps[] = {2, 4, 6, 8, 10};
	int64_t unit = 1;

	while (number > unit * 10)
		unit *= 10;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (number <= unit * steps[i])
			return unit * steps[i];
	return number;
}

static struct scale scale_of(const json_t *curve)
{
	size_t count = json_array_size(curve);
	struct scale scale = {.most = 1};
	int64_t last_s;

	scale.from_s = value_moment_s(json_array_get(curve, 0), "from");
	last_s = value_moment_s(json_array_get(curve, count - 1), "from");
	scale.quarters = (last_s - scale.from_s) / QUARTER_S + 1;
	for (size_t i = 0; i < count; i++) {
		int64_t came = value_number(json_array_get(curve, i), "came"),
			expected = value_number(json_array_get(curve, i), "expected");

		scale.most = came > scale.most ? came : scale.most;
		scale.most = expected > scale.most ? expected : scale.most;
	}
	scale.most = round_up(scale.most);
	return scale;
}

static double x_of(const struct scale *scale, int64_t quarter)
{
	return LEFT + (double)quarter * WIDTH / (double)scale->quarters;
}

static double height_of(const struct scale *scale, int64_t number)
{
	return (double)number * HEIGHT / (double)scale->most;
}

static int64_t quarter_of(const struct scale *scale, const json_t *entry)
{
	return (value_moment_s(entry, "from") - scale->from_s) / QUARTER_S;
}

static void put_axes(struct html *html, const struct scale *scale)
{
	for (int part = 0; part <= 2; part++) {
		double y = FLOOR - (double)HEIGHT * part / 2;

		html_put(html,
			"<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text class=\"end\" x=\"%d\" y=\"%.1f\">%'lld</text>",
			LEFT, LEFT + WIDTH, y, y, LEFT - 8, y + 4, (long long)(scale->most * part / 2));
	}
	for (int64_t quarter = 0; quarter <= scale->quarters; quarter++) {
		int64_t at_s = scale->from_s + quarter * QUARTER_S;

		if ((at_s + JAPAN_S) % 3600 != 0 || (scale->quarters > 48 && (at_s + JAPAN_S) % 10800 != 0))
			continue;
		html_put(html, "<text class=\"middle\" x=\"%.1f\" y=\"%d\">", x_of(scale, quarter), FLOOR + 20);
		moment_put_hour(html, at_s);
		html_put(html, "</text>");
	}
}

static void put_bars(struct html *html, const struct scale *scale, const json_t *curve)
{
	double width = (double)WIDTH / (double)scale->quarters;

	for (size_t i = 0; i < json_array_size(curve); i++) {
		const json_t *entry = json_array_get(curve, i);
		double height = height_of(scale, value_number(entry, "came"));

		if (height > 0)
			html_put(html, "<rect class=\"came\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
				x_of(scale, quarter_of(scale, entry)) + width / 8, FLOOR - height, width * 3 / 4,
				height);
	}
}

/* A step for each quarter; down to the floor where nobody is expected. */
static void put_expected(struct html *html, const struct scale *scale, const json_t *curve)
{
	size_t at = 0;

	html_put(html, "<polyline class=\"expected\" points=\"");
	for (int64_t quarter = 0; quarter < scale->quarters; quarter++) {
		const json_t *entry = json_array_get(curve, at);
		bool is_there = entry && quarter_of(scale, entry) == quarter;
		double y = FLOOR - (is_there ? height_of(scale, value_number(entry, "expected")) : 0);

		at += is_there;
		html_put(html, "%.1f,%.1f %.1f,%.1f ", x_of(scale, quarter), y, x_of(scale, quarter + 1), y);
	}
	html_put(html, "\"/>");
}

static void put_table(struct html *html, const json_t *curve)
{
	html_put(html,
		"<details><summary>%s</summary><table><thead><tr><th scope=\"col\">%s<th scope=\"col\" "
		"class=\"number\">%s<th scope=\"col\" class=\"number\">%s</thead><tbody>",
		_("As a table"), _("from"), _("came"), _("expected"));
	for (size_t i = 0; i < json_array_size(curve); i++) {
		const json_t *entry = json_array_get(curve, i);

		html_put(html, "<tr><th scope=\"row\">");
		moment_put_hour(html, value_moment_s(entry, "from"));
		html_put(html, "<td class=\"number\">%'lld<td class=\"number\">%'lld",
			(long long)value_number(entry, "came"), (long long)value_number(entry, "expected"));
	}
	html_put(html, "</tbody></table></details>");
}

void chart_put_curve(struct html *html, const json_t *curve)
{
	struct scale scale;

	if (json_array_size(curve) == 0) {
		html_put(html, "<p class=\"quiet\">%s", _("Nobody came yet, and nobody was expected."));
		return;
	}
	scale = scale_of(curve);
	html_put(html, "<figure><svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
		LEFT + WIDTH + 20, FLOOR + 30, _("Contacts in each quarter of an hour, beside the expected ones"));
	put_axes(html, &scale);
	put_bars(html, &scale, curve);
	put_expected(html, &scale, curve);
	html_put(html,
		"</svg><figcaption><svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
		"class=\"came\" "
		"width=\"10\" height=\"10\"/></svg>%s <svg class=\"key\" viewBox=\"0 0 10 10\" "
		"aria-hidden=\"true\"><polyline class=\"expected\" points=\"0,5 "
		"10,5\"/></svg>%s</figcaption></figure>",
		_("terminals that reported, in each quarter of an hour"), _("expected"));
	put_table(html, curve);
}

/* ---- Days until a release was confirmed ---- */

static void put_day(struct html *html, int64_t days, int64_t most_days, double share)
{
	double width = (double)WIDTH / (double)(most_days + 1), height = share * HEIGHT / 100;
	double x = LEFT + (double)days * width;

	html_put(html, "<rect class=\"confirmed\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
		x + width / 8, FLOOR - height, width * 3 / 4, height);
	if (most_days < 12 || days % 5 == 0)
		html_put(html, "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%lld</text>", x + width / 2, FLOOR + 20,
			(long long)days);
}

static void put_percents(struct html *html)
{
	for (int part = 0; part <= 2; part++) {
		int y = FLOOR - HEIGHT * part / 2;

		html_put(html,
			"<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
			"<text class=\"end\" x=\"%d\" y=\"%d\">%d %%</text>",
			LEFT, LEFT + WIDTH, y, y, LEFT - 8, y + 4, 50 * part);
	}
}

void chart_put_days(struct html *html, const json_t *days, int64_t whole)
{
	size_t count = json_array_size(days), at = 0;
	int64_t most = value_number(json_array_get(days, count - 1), "days"), confirmed = 0;

	if (count == 0) {
		html_put(html, "<p class=\"quiet\">%s", _("None was confirmed yet."));
		return;
	}
	html_put(html, "<figure><svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
		LEFT + WIDTH + 20, FLOOR + 30, _("Share of the deliveries that were confirmed, day by day"));
	put_percents(html);
	for (int64_t day = 0; day <= most; day++) {
		if (value_number(json_array_get(days, at), "days") == day)
			confirmed += value_number(json_array_get(days, at++), "confirmed");
		put_day(html, day, most, share_of(confirmed, whole > confirmed ? whole : confirmed));
	}
	html_put(html, "</svg><figcaption>%s</figcaption></figure>",
		_("share of the deliveries that were confirmed by so many days after they were planned"));
}

/* ---- Nights ---- */

void chart_put_nights(struct html *html, const json_t *nights)
{
	size_t count = json_array_size(nights);
	double width = count ? (double)WIDTH / (double)count : 0;

	html_put(html, "<figure><svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"group\" aria-label=\"%s\">",
		LEFT + WIDTH + 20, FLOOR + 30, _("Share of the terminals that were reached, night by night"));
	put_percents(html);
	for (size_t i = 0; i < count; i++) {
		const json_t *night = json_array_get(nights, count - 1 - i);
		double x = LEFT + (double)i * width,
		       height = share_of(value_number(night, "reached"), value_number(night, "terminals")) * HEIGHT /
				100;

		html_put(html,
			"<a href=\"/nights/%s\" aria-label=\"%s\"><rect class=\"came\" x=\"%.1f\" y=\"%.1f\" "
			"width=\"%.1f\" height=\"%.1f\"/><text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text></a>",
			value_text(night, "night"), value_text(night, "night"), x + width / 8, FLOOR - height,
			width * 3 / 4, height, x + width / 2, FLOOR + 20,
			value_text(night, "night") + (*value_text(night, "night") ? 5 : 0));
	}
	html_put(html, "</svg></figure>");
}
