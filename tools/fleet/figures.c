#include "tools/fleet/figures.h"

#include <math.h>

#include "common/json.h"

#define WIDTH 960
#define HEIGHT 360
#define LEFT 70
#define TOP 40
#define PLOT_WIDTH (WIDTH - LEFT - 20)
#define PLOT_HEIGHT (HEIGHT - TOP - 40)

static double percent(uint32_t part, uint32_t whole)
{
	return whole ? 100.0 * part / whole : 100.0;
}

static uint32_t most_begun(const struct fleet_night *night)
{
	uint32_t most = 0;

	for (size_t i = 0; i < FLEET_MINUTES; i++)
		most = night->begun[i] > most ? night->begun[i] : most;
	return most;
}

static double ratio(double peak, double mean)
{
	return mean > 0 ? peak / mean : 0;
}

static uint32_t not_served_at_once(const struct fleet_result *result)
{
	uint32_t count = 0;

	for (size_t i = 0; i < result->options.nights; i++)
		count += result->nights[i].first - result->nights[i].first_served;
	return count;
}

int figures_text(const struct fleet_result *result, struct buf *ret_text, struct error *err)
{
	const struct fleet_night *busiest = &result->nights[fleet_busiest(result)];

	if (buf_printf(ret_text, err,
		    "%u terminals, %u nights from 20:00 to 05:00, seed %llu\n\n"
		    "night       on    first night on: served    served  attempts  failed   load: mean      peak  "
		    "peak/mean\n",
		    result->options.terminals, result->options.nights, (unsigned long long)result->options.seed) < 0)
		return -1;
	for (uint32_t i = 0; i < result->options.nights; i++) {
		const struct fleet_night *night = &result->nights[i];

		if (buf_printf(ret_text, err, "%5u %8u %9u %8u (%5.1f %%) %9u %9u %7u %12.1f %9.1f %10.3f\n", i + 1,
			    night->on, night->first, night->first_served, percent(night->first_served, night->first),
			    night->served, night->attempts, night->failures, fleet_mean(night), fleet_peak(night),
			    ratio(fleet_peak(night), fleet_mean(night))) < 0)
			return -1;
	}
	return buf_printf(ret_text, err,
		"\nLoad is the number of terminals being served, minute by minute.\n"
		"Peak of the busiest night %.3f times its mean (at most %.2f): %s\n"
		"Served in the first night on, of those on for an hour or more: %u not: %s\n",
		ratio(fleet_peak(busiest), fleet_mean(busiest)), FLEET_PEAK_MOST,
		fleet_is_even(result) ? "held" : "NOT HELD", not_served_at_once(result),
		fleet_served_all(result) ? "held" : "NOT HELD");
}

static json_t *night_object(const struct fleet_night *night, uint32_t number)
{
	json_t *minutes = json_array();

	for (size_t i = 0; i < FLEET_MINUTES; i++)
		(void)json_array_append_new(minutes, json_real(round(night->load[i] * 100) / 100));
	return JSON_OBJECT({
		json_number("night", number),
		json_number("on", night->on),
		json_number("first_on", night->first),
		json_number("first_on_served", night->first_served),
		json_number("first_on_briefly", night->brief),
		json_number("served", night->served),
		json_number("attempts", night->attempts),
		json_number("failures", night->failures),
		json_take("load_mean", json_real(fleet_mean(night))),
		json_take("load_peak", json_real(fleet_peak(night))),
		json_take("peak_to_mean", json_real(ratio(fleet_peak(night), fleet_mean(night)))),
		json_number("begun_in_a_minute_most", most_begun(night)),
		json_take("seconds_after_the_end", json_real(night->after_end_s)),
		json_take("load_per_minute", minutes),
	});
}

int figures_json(const struct fleet_result *result, struct buf *ret_text, struct error *err)
{
	const struct fleet_night *busiest = &result->nights[fleet_busiest(result)];
	AUTO(json) json_t *root = NULL;
	json_t *nights = json_array();

	for (uint32_t i = 0; i < result->options.nights; i++)
		(void)json_array_append_new(nights, night_object(&result->nights[i], i + 1));
	root = JSON_OBJECT({
		json_number("terminals", result->options.terminals),
		json_number("nights", result->options.nights),
		json_number("seed", (int64_t)result->options.seed),
		json_number("served", result->served),
		json_number("never_on", result->never_on),
		json_number("not_served_in_first_night_on", not_served_at_once(result)),
		json_flag("even", fleet_is_even(result)),
		json_flag("all_served_in_first_night_on", fleet_served_all(result)),
		json_take("peak_to_mean", json_real(ratio(fleet_peak(busiest), fleet_mean(busiest)))),
		json_take("peak_to_mean_most", json_real(FLEET_PEAK_MOST)),
		json_take("by_night", nights),
	});
	if (!root)
		return error_set(err, ERROR_FAILED, "no memory for the figures");
	return json_write(root, ret_text, err);
}

static int svg_line(struct buf *text, double y, const char *color, const char *label, struct error *err)
{
	return buf_printf(text, err,
		"<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"4 3\"/>\n"
		"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
		LEFT, LEFT + PLOT_WIDTH, y, y, color, LEFT + PLOT_WIDTH, y - 4, label);
}

static int svg_night(
	struct buf *text, const struct fleet_night *night, uint32_t number, double scale, struct error *err)
{
	static const char *const colors[] = {"#1f5fa8", "#c2571a", "#3d8a3d", "#8a3d7a"};
	const char *color = colors[number % 4];

	if (buf_printf(text, err,
		    "<text x=\"%u\" y=\"24\" fill=\"%s\">night %u</text>\n<polyline fill=\"none\" stroke=\"%s\" "
		    "points=\"",
		    LEFT + number * 80, color, number + 1, color) < 0)
		return -1;
	for (size_t i = 0; i < FLEET_MINUTES; i++)
		if (buf_printf(text, err, "%.1f,%.1f ", LEFT + (double)i * PLOT_WIDTH / FLEET_MINUTES,
			    TOP + PLOT_HEIGHT - night->load[i] * scale) < 0)
			return -1;
	return buf_printf(text, err, "\"/>\n");
}

int figures_svg(const struct fleet_result *result, struct buf *ret_text, struct error *err)
{
	double mean = fleet_mean(&result->nights[fleet_busiest(result)]);
	double scale = mean > 0 ? PLOT_HEIGHT / (mean * 1.3) : 0;

	if (buf_printf(ret_text, err,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		    "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" "
		    "fill=\"white\"/>\n"
		    "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"black\"/>\n"
		    "<text x=\"12\" y=\"%d\" transform=\"rotate(-90 12 %d)\" text-anchor=\"middle\">terminals served "
		    "at a time</text>\n",
		    WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, TOP, TOP + PLOT_HEIGHT, LEFT + PLOT_WIDTH,
		    TOP + PLOT_HEIGHT / 2, TOP + PLOT_HEIGHT / 2) < 0)
		return -1;
	for (int hour = 0; hour <= 9; hour++)
		if (buf_printf(ret_text, err, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%02d:00</text>\n",
			    LEFT + hour * PLOT_WIDTH / 9, TOP + PLOT_HEIGHT + 18, (20 + hour) % 24) < 0)
			return -1;
	for (int part = 0; part <= 4; part++)
		if (buf_printf(ret_text, err, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>\n", LEFT - 6,
			    TOP + PLOT_HEIGHT - mean * part / 4 * scale + 4, mean * part / 4) < 0)
			return -1;
	if (svg_line(ret_text, TOP + PLOT_HEIGHT - mean * scale, "#555", "mean of the busiest night", err) < 0 ||
		svg_line(ret_text, TOP + PLOT_HEIGHT - mean * FLEET_PEAK_MOST * scale, "#b00", "1.15 times the mean",
			err) < 0)
		return -1;
	for (uint32_t i = 0; i < result->options.nights; i++)
		if (svg_night(ret_text, &result->nights[i], i, scale, err) < 0)
			return -1;
	return buf_printf(ret_text, err, "</svg>\n");
}
