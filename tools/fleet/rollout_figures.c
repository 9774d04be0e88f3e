#include "tools/fleet/rollout_figures.h"

#include <math.h>

#include "common/json.h"

#define WIDTH 960
#define HEIGHT 340
#define PANEL_WIDTH 400
#define LEFT 60
#define SECOND_LEFT 540
#define TOP 50
#define PLOT_HEIGHT 240
#define DECADES 5 /* 0.001 % to 100 % */
#define NIGHTS_DRAWN 8

/* ---- Text ---- */

static int write_row(const struct rollout_row *row, struct buf *text, struct error *err)
{
	return buf_printf(text, err, "%-20s %-6s %8u %8u %8u %5u   %9.4f %9.4f   %9.4f %9.4f   %8.3f\n",
		rollout_harm_name(row->harm), row->has_brake ? "yes" : "no", row->rollouts, row->stopped,
		row->finished, row->late, 100 * row->taken, 100 * row->taken_most, 100 * row->bricked,
		100 * row->bricked_most, 100 * row->returned);
}

static int write_lost(const char *what, const struct rollout_row *row, struct buf *text, struct error *err)
{
	return buf_printf(text, err,
		"Good rollouts, %s: %u of %u late; nights lost by closed days %u, by outages %u, otherwise %u\n", what,
		row->late, row->rollouts, row->lost_closed, row->lost_outage, row->lost_otherwise);
}

static int write_added(const struct rollout_row *row, struct buf *text, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(row->added); i++)
		if (buf_printf(text, err,
			    "The brake adds to good rollouts, until %.0f %% of those have it that have it without a "
			    "brake: nights in %u of %u, "
			    "%u in all, %u at most; %u as the collector could hear nobody in a night, %u though it could\n",
			    100 * row->added[i].share, row->added[i].rollouts, row->rollouts - row->stopped,
			    row->added[i].nights, row->added[i].most, row->added[i].unheard,
			    row->added[i].nights - row->added[i].unheard) < 0)
			return -1;
	return 0;
}

int rollout_figures_text(const struct rollout_table *table, struct buf *ret_text, struct error *err)
{
	const struct rollout_row *good = &table->rows[ROLLOUT_GOOD][1];

	if (buf_printf(ret_text, err,
		    "%u terminals, %u pilots, seed %llu; stages pilot, 1, 10, 50, 100 %%, one night each\n\n"
		    "candidate            brake  rollouts  stopped finished  late   took it %%: mean, most   bricked %%: mean, "
		    "most   rolled back %%\n",
		    table->options.terminals, table->options.pilots, (unsigned long long)table->options.seed) < 0)
		return -1;
	for (int harm = 0; harm < ROLLOUT_HARM_COUNT; harm++)
		for (int brake = 0; brake < 2; brake++)
			if (write_row(&table->rows[harm][brake], ret_text, err) < 0)
				return -1;
	if (buf_printf(ret_text, err, "\nNo stage before a closed day:\n") < 0 ||
		write_row(&table->by_calendar, ret_text, err) < 0 ||
		buf_printf(ret_text, err, "Five nights between stages:\n") < 0 ||
		write_row(&table->far_apart, ret_text, err) < 0 || write_added(good, ret_text, err) < 0 ||
		write_lost("as above", good, ret_text, err) < 0 ||
		write_lost("no stage before a closed day", &table->by_calendar, ret_text, err) < 0)
		return -1;
	return buf_printf(ret_text, err,
		"\nShares are of the fleet at the end. Late: the last stage opened after its night.\n"
		"Weeks without outages, holidays and snow: %u of %u good rollouts were late or stopped.\n"
		"The bars: %s\n",
		table->late_in_usual_weeks, table->usual_weeks, rollout_table_holds(table) ? "held" : "NOT HELD");
}

/* ---- JSON ---- */

static json_t *curve_of(const struct rollout_result *result)
{
	json_t *nights = json_array();

	for (uint32_t i = 0; i < result->nights_count; i++) {
		const struct rollout_night *night = &result->nights[i];

		(void)json_array_append_new(nights, JSON_OBJECT({
							     json_number("taken", night->taken),
							     json_number("bricked", night->bricked),
							     json_number("rolled_back", night->returned),
							     json_number("stages_open", night->open),
							     json_text("verdict", judgement_verdict_name(night->verdict)),
						     }));
	}
	return nights;
}

static json_t *added_array(const struct rollout_row *row)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(row->added) && row->added[i].share > 0; i++)
		(void)json_array_append_new(array, JSON_OBJECT({
							   json_take("share", json_real(row->added[i].share)),
							   json_number("rollouts", row->added[i].rollouts),
							   json_number("nights", row->added[i].nights),
							   json_number("nights_most", row->added[i].most),
							   json_number("nights_unheard", row->added[i].unheard),
						   }));
	return array;
}

static json_t *row_object(const struct rollout_row *row)
{
	return JSON_OBJECT({
		json_text("candidate", rollout_harm_name(row->harm)),
		json_flag("brake", row->has_brake),
		json_number("rollouts", row->rollouts),
		json_number("stopped", row->stopped),
		json_number("finished", row->finished),
		json_number("late", row->late),
		json_number("late_nights_most", row->late_most),
		json_number("nights_lost_closed", row->lost_closed),
		json_number("nights_lost_outage", row->lost_outage),
		json_number("nights_lost_otherwise", row->lost_otherwise),
		json_take("brake_adds", added_array(row)),
		json_take("taken_mean", json_real(row->taken)),
		json_take("taken_most", json_real(row->taken_most)),
		json_take("bricked_mean", json_real(row->bricked)),
		json_take("bricked_most", json_real(row->bricked_most)),
		json_take("rolled_back_mean", json_real(row->returned)),
		json_take("first", curve_of(&row->first)),
	});
}

int rollout_figures_json(const struct rollout_table *table, struct buf *ret_text, struct error *err)
{
	json_t *rows = json_array();
	AUTO(json) json_t *root = NULL;

	for (int harm = 0; harm < ROLLOUT_HARM_COUNT; harm++)
		for (int brake = 0; brake < 2; brake++)
			(void)json_array_append_new(rows, row_object(&table->rows[harm][brake]));
	root = JSON_OBJECT({
		json_blame(err),
		json_number("terminals", table->options.terminals),
		json_number("pilots", table->options.pilots),
		json_number("seed", (int64_t)table->options.seed),
		json_flag("held", rollout_table_holds(table)),
		json_number("usual_weeks", table->usual_weeks),
		json_number("late_in_usual_weeks", table->late_in_usual_weeks),
		json_take("by_calendar", row_object(&table->by_calendar)),
		json_take("five_nights_apart", row_object(&table->far_apart)),
		json_take("rows", rows),
	});
	return root ? json_write(root, ret_text, err) : -1;
}

/* ---- Drawing ---- */

static double height_of(double share)
{
	double decades = share > 0 ? log10(share) + DECADES : 0;

	return TOP + PLOT_HEIGHT - (decades > 0 ? decades : 0) * PLOT_HEIGHT / DECADES;
}

static int draw_axes(struct buf *text, int left, const char *title, struct error *err)
{
	static const char *const labels[] = {"0.001 %", "0.01 %", "0.1 %", "1 %", "10 %", "100 %"};

	if (buf_printf(text, err, "<text x=\"%d\" y=\"20\" font-weight=\"bold\">%s</text>\n<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"black\"/>\n",
		    left, title, left, TOP, TOP + PLOT_HEIGHT, left + PANEL_WIDTH) < 0)
		return -1;
	for (int decade = 0; decade <= DECADES; decade++)
		if (buf_printf(text, err, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left - 4,
			    TOP + PLOT_HEIGHT - decade * PLOT_HEIGHT / DECADES + 4, labels[decade]) < 0)
			return -1;
	for (int night = 1; night <= NIGHTS_DRAWN; night++)
		if (buf_printf(text, err, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d</text>\n",
			    left + night * PANEL_WIDTH / NIGHTS_DRAWN, TOP + PLOT_HEIGHT + 16, night) < 0)
			return -1;
	return 0;
}

/* What stays as it was at the end is drawn on to the edge. */
static int draw_curve(struct buf *text, int left, const struct rollout_result *result, bool bricked, const char *color,
	struct error *err)
{
	if (buf_printf(text, err, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s points=\"%d,%d ", color,
		    result->options.has_brake ? "" : " stroke-dasharray=\"5 4\"", left, TOP + PLOT_HEIGHT) < 0)
		return -1;
	for (uint32_t i = 0; i < NIGHTS_DRAWN; i++) {
		const struct rollout_night *night =
			&result->nights[i < result->nights_count ? i : result->nights_count - 1];
		double share = (double)(bricked ? night->bricked : night->taken) / result->options.terminals;

		if (buf_printf(text, err, "%d,%.1f ", left + ((int)i + 1) * PANEL_WIDTH / NIGHTS_DRAWN,
			    height_of(share)) < 0)
			return -1;
	}
	return buf_printf(text, err, "\"/>\n");
}

int rollout_figures_svg(const struct rollout_table *table, struct buf *ret_text, struct error *err)
{
	static const struct {
		enum rollout_harm harm;
		const char *color, *label;
	} drawn[] = {
		{ROLLOUT_GOOD, "#3d8a3d", "good"},
		{ROLLOUT_BRICKS_ALL, "#b00020", "bricks every terminal"},
		{ROLLOUT_BRICKS_SOME, "#1f5fa8", "bricks one in twenty"},
	};

	if (buf_printf(ret_text, err,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		    "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" "
		    "fill=\"white\"/>\n",
		    WIDTH, HEIGHT, WIDTH, HEIGHT) < 0 ||
		draw_axes(ret_text, LEFT, "took the candidate, share of the fleet after each night", err) < 0 ||
		draw_axes(ret_text, SECOND_LEFT, "bricked by it", err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(drawn); i++) {
		if (buf_printf(ret_text, err, "<text x=\"%zu\" y=\"36\" fill=\"%s\">%s</text>\n", LEFT + i * 150,
			    drawn[i].color, drawn[i].label) < 0)
			return -1;
		for (int brake = 0; brake < 2; brake++) {
			const struct rollout_result *result = &table->rows[drawn[i].harm][brake].first;

			if (draw_curve(ret_text, LEFT, result, false, drawn[i].color, err) < 0 ||
				draw_curve(ret_text, SECOND_LEFT, result, true, drawn[i].color, err) < 0)
				return -1;
		}
	}
	return buf_printf(ret_text, err,
		"<text x=\"%d\" y=\"36\">solid: with the brake; dashed: by nights and shares alone</text>\n</svg>\n",
		SECOND_LEFT);
}
