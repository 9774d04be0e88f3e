#include "tools/fleet/rollout_line.h"

static int write_stages(const struct rollout_result *result, struct buf *text, struct error *err)
{
	for (uint32_t i = 0; i < result->stages_count; i++)
		if (result->opened[i] >= 0 &&
			buf_printf(text, err, " %d+%d", result->opened[i] / 1440, result->opened[i] % 1440) < 0)
			return -1;
	return 0;
}

static int count_regions(uint64_t regions)
{
	return __builtin_popcountll(regions);
}

static int write_span(const char *what, const struct rollout_span *span, int regions, struct buf *text, struct error *err)
{
	return span->to == 0 ? 0
			     : buf_printf(text, err, ", %s down %d-%d in %d regions", what, span->from, span->to, regions);
}

static int write_night(const struct rollout_result *result, uint32_t i, struct buf *text, struct error *err)
{
	const struct rollout_night *night = &result->nights[i];
	const struct rollout_weather *weather = &night->weather;

	if (buf_printf(text, err, "\n    night %u: took %.4f, %s%s%s", i, (double)night->taken / result->options.terminals,
		    judgement_verdict_name(night->verdict), weather->is_closed ? ", a closed day before" : "",
		    weather->is_closed_after ? ", a closed day after" : "") < 0 ||
		(weather->snow && buf_printf(text, err, ", snow in %d regions", count_regions(weather->snow)) < 0) ||
		write_span("network", &weather->network, count_regions(weather->network_regions), text, err) < 0)
		return -1;
	return write_span("collector", &weather->collector, ROLLOUT_REGIONS, text, err);
}

int rollout_line_write(const struct rollout_result *result, struct buf *ret_text, struct error *err)
{
	if (buf_printf(ret_text, err, "%s, seed %llu, %s: stages opened", rollout_harm_name(result->options.harm),
		    (unsigned long long)result->options.seed, result->options.has_brake ? "brake" : "no brake") < 0 ||
		write_stages(result, ret_text, err) < 0 ||
		(result->stopped_at >= 0 && buf_printf(ret_text, err, ", stopped at %d+%d for %s", result->stopped_at / 1440,
						    result->stopped_at % 1440, judgement_verdict_name(result->stopped_for)) < 0) ||
		buf_printf(ret_text, err, ", last stage %u nights late, adds %u and %u nights", result->late_nights,
			result->nights_added[0], result->nights_added[1]) < 0)
		return -1;
	if (result->options.harm == ROLLOUT_GOOD && result->stopped_at < 0 && !result->late_nights &&
		!result->nights_added[0] && !result->nights_added[1])
		return buf_printf(ret_text, err, "\n");
	for (uint32_t i = 0; i < result->nights_count; i++)
		if (write_night(result, i, ret_text, err) < 0)
			return -1;
	return buf_printf(ret_text, err, "\n");
}
