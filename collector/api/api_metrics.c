#include "collector/api/api_metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/rollout/rollout_row.h"
#include "collector/store/figures.h"
#include "collector/store/night.h"

/* One row for each kind of figure: the metric, and what the words of a figure's name are. */
static const struct family {
	const char *kind, *metric, *help;
	const char *labels[3];
} families[] = {
	{"verdict", "haishin_terminals", "Terminals, by the verdict of their last report.", {"verdict"}},
	{"silent", "haishin_silent_terminals", "Terminals that should have reported, by the likely cause.",
		{"cause"}},
	{"release-silent", "haishin_silent_releases", "Packages on terminals that are silent.",
		{"package", "version"}},
	{"installed", "haishin_packages", "Packages on terminals.", {"package", "version", "state"}},
	{"delivery", "haishin_deliveries", "Deliveries of the releases of the last 60 days.",
		{"package", "version", "state"}},
	{"campaign", "haishin_campaign_deliveries", "Deliveries of the last campaigns.", {"campaign", "state"}},
	{"fleet", "haishin_fleet", "Sums: terminals, reached in this night, silent, twins; as-of is a time.",
		{"figure"}},
};

struct writing {
	struct buf *text;
	const struct family *family;
};

static int write_label(struct buf *text, const char *label, const char *value, size_t len, struct error *err)
{
	if (buf_printf(text, err, "%s=\"", label) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		if ((strchr("\"\\\n", value[i]) && buf_append(text, "\\", 1, err) < 0) ||
			buf_append(text, value[i] == '\n' ? "n" : &value[i], 1, err) < 0)
			return -1;
	return buf_append(text, "\"", 1, err);
}

static int write_figure(void *context, const char *kind, const char *name, int64_t figure, struct error *err)
{
	const struct writing *writing = context;

	if (strcmp(kind, writing->family->kind) != 0)
		return 0;
	if (buf_printf(writing->text, err, "%s{", writing->family->metric) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(writing->family->labels) && writing->family->labels[i]; i++) {
		size_t len = strcspn(name, " ");

		if ((i > 0 && buf_append(writing->text, ",", 1, err) < 0) ||
			write_label(writing->text, writing->family->labels[i], name, len, err) < 0)
			return -1;
		name += len + (name[len] == ' ');
	}
	return buf_printf(writing->text, err, "} %" PRId64 "\n", figure);
}

static int write_families(struct database *database, int64_t night, struct buf *text, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct writing writing = {text, &families[i]};

		if (buf_printf(text, err, "# TYPE %s gauge\n# HELP %s %s\n", families[i].metric, families[i].metric,
			    families[i].help) < 0 ||
			figures_each(database, night, write_figure, &writing, err) < 0)
			return -1;
	}
	return 0;
}

struct rollouts_writing {
	struct buf *text;
	const char *metric;
};

static int write_rollout(void *context, const struct rollout_row *row, struct error *err)
{
	const struct rollouts_writing *writing = context;
	bool is_stopped = strcmp(writing->metric, "haishin_rollout_stopped") == 0;

	if (row->is_over)
		return 0;
	if (buf_printf(writing->text, err, "%s{", writing->metric) < 0 ||
		write_label(writing->text, "package", row->package, strlen(row->package), err) < 0 ||
		buf_printf(writing->text, err, ",") < 0 ||
		write_label(writing->text, "version", row->version, strlen(row->version), err) < 0)
		return -1;
	return buf_printf(writing->text, err, ",attempt=\"%" PRId64 "\"} %" PRId64 "\n", row->attempt,
		is_stopped ? (int64_t)(row->stopped_s > 0) : row->stages_open);
}

static int write_rollouts(struct database *database, struct buf *text, struct error *err)
{
	static const char *const metrics[][2] = {
		{"haishin_rollout_stages_open", "Stages of a candidate that may be open."},
		{"haishin_rollout_stopped", "1 where the brake has stopped a candidate."},
	};

	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
		struct rollouts_writing writing = {text, metrics[i][0]};

		if (buf_printf(text, err, "# TYPE %s gauge\n# HELP %s %s\n", metrics[i][0], metrics[i][0],
			    metrics[i][1]) < 0 ||
			rollout_row_each(database, write_rollout, &writing, err) < 0)
			return -1;
	}
	return 0;
}

static int write_intake(struct intake *intake, bool is_away, struct buf *text, struct error *err)
{
	struct intake_figures figures;

	intake_figures(intake, &figures);
	return buf_printf(text, err,
		"# TYPE haishin_reports counter\n# HELP haishin_reports Reports since the start, by what became of "
		"them.\n"
		"haishin_reports_total{outcome=\"kept\"} %" PRIu64
		"\nhaishin_reports_total{outcome=\"known\"} %" PRIu64
		"\nhaishin_reports_total{outcome=\"refused\"} %" PRIu64
		"\nhaishin_reports_total{outcome=\"failed\"} %" PRIu64
		"\nhaishin_reports_total{outcome=\"limited\"} %" PRIu64
		"\n# TYPE haishin_reports_waiting gauge\n# HELP haishin_reports_waiting Reports that wait for the "
		"store.\n"
		"haishin_reports_waiting %" PRIu64 "\n# TYPE haishin_store_trouble gauge\n# HELP "
		"haishin_store_trouble 1 while the store takes no reports.\n"
		"haishin_store_trouble %d\n",
		figures.kept, figures.known, figures.refused, figures.failed, figures.limited, figures.waiting,
		is_away || *figures.trouble);
}

void api_metrics_show(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(buf) struct buf text = BUF_INIT(EXCHANGE_ANSWER_MOST);
	struct error err = {0};
	int64_t night;

	if (database)
		overseer_refresh(api->overseer);
	if ((database && (figures_newest(database, api->clock->now_s(api->clock), &night, &err) < 0 ||
				 write_families(database, night, &text, &err) < 0 ||
				 write_rollouts(database, &text, &err) < 0)) ||
		write_intake(api->intake, !database, &text, &err) < 0 || latency_write(api->latency, &text, &err) < 0 ||
		buf_printf(&text, &err, "# EOF\n") < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		exchange_answer_bytes(exchange, "application/openmetrics-text; version=1.0.0; charset=utf-8", &text);
}
