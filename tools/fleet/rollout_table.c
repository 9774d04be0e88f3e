#include "tools/fleet/rollout_table.h"

#include <stdlib.h>

#include "common/auto.h"

#define FAR_APART 5 /* nights */

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static void add(struct rollout_row *row, const struct rollout_result *result)
{
	const struct rollout_night *last = &result->nights[result->nights_count - 1];
	double terminals = result->options.terminals;

	if (row->rollouts++ == 0)
		row->first = *result;
	row->stopped += result->stopped_at >= 0;
	row->finished += result->opened[result->stages_count - 1] >= 0;
	row->late += result->late_nights > 0;
	row->late_most = result->late_nights > row->late_most ? result->late_nights : row->late_most;
	row->lost_closed += result->lost_closed;
	row->lost_outage += result->lost_outage;
	row->lost_otherwise += result->lost_otherwise;
	row->taken += last->taken / terminals;
	row->bricked += last->bricked / terminals;
	row->returned += last->returned / terminals;
	row->taken_most = larger(row->taken_most, last->taken / terminals);
	row->bricked_most = larger(row->bricked_most, last->bricked / terminals);
}

static uint32_t nights_until(const struct rollout_result *result, double taken)
{
	uint32_t night = 0;

	while (night < result->nights_count && result->nights[night].taken < taken)
		night++;
	return night;
}

static void compare(struct rollout_row *row, struct rollout_result *result, const struct rollout_result *alone)
{
	static const double shares[ARRAY_SIZE(row->added)] = {0.95, 0.99};

	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		struct rollout_added *added = &row->added[i];
		double taken = shares[i] * alone->nights[alone->nights_count - 1].taken;
		uint32_t with = nights_until(result, taken), without = nights_until(alone, taken);
		uint32_t nights = with > without ? with - without : 0;

		added->share = shares[i];
		if (result->stopped_at >= 0)
			continue;
		result->nights_added[i] = nights;
		added->rollouts += nights > 0;
		added->nights += nights;
		added->unheard += nights < result->dark_nights ? nights : result->dark_nights;
		added->most = nights > added->most ? nights : added->most;
	}
}

/* ALONE: the same rollouts without a brake, which are kept there or compared with; may be NULL. */
static int fill(const struct rollout_table_options *options, struct rollout_row *row, bool knows_calendar, int apart,
	struct rollout_result *alone, struct error *err)
{
	uint32_t rollouts = row->harm == ROLLOUT_GOOD ? options->good : options->bad;
	struct rollout_result result;

	for (uint32_t i = 0; i < rollouts; i++) {
		const struct rollout_options one = {
			.terminals = options->terminals,
			.pilots = options->pilots,
			.seed = options->seed + i,
			.harm = row->harm,
			.has_brake = row->has_brake,
			.is_eventful = true,
			.knows_calendar = knows_calendar,
			.apart = apart,
		};

		if (rollout_play(&one, &result, err) < 0)
			return -1;
		add(row, &result);
		if (alone && row->has_brake)
			compare(row, &result, &alone[i]);
		else if (alone)
			alone[i] = result;
		if (options->told)
			options->told(&result);
	}
	row->taken /= rollouts;
	row->bricked /= rollouts;
	row->returned /= rollouts;
	return 0;
}

static int look_at_usual_weeks(
	const struct rollout_table_options *options, struct rollout_table *table, struct error *err)
{
	struct rollout_result result;

	for (uint32_t i = 0; i < options->bad; i++) {
		const struct rollout_options one = {
			.terminals = options->terminals,
			.pilots = options->pilots,
			.seed = options->seed + i,
			.has_brake = true,
			.apart = 1,
		};

		if (rollout_play(&one, &result, err) < 0)
			return -1;
		table->usual_weeks++;
		table->late_in_usual_weeks += result.late_nights > 0 || result.stopped_at >= 0;
	}
	return 0;
}

static int fill_usual(const struct rollout_table_options *options, struct rollout_table *table, struct error *err)
{
	AUTO(free) struct rollout_result *good = calloc(options->good, sizeof(*good));

	if (!good)
		return error_set(err, ERROR_FAILED, "no memory for %u rollouts", options->good);
	for (int harm = 0; harm < ROLLOUT_HARM_COUNT; harm++)
		for (int brake = 0; brake < 2; brake++) {
			struct rollout_row *row = &table->rows[harm][brake];

			row->harm = (enum rollout_harm)harm;
			row->has_brake = brake;
			if (fill(options, row, false, 1, harm == ROLLOUT_GOOD ? good : NULL, err) < 0)
				return -1;
		}
	return 0;
}

int rollout_table_make(
	const struct rollout_table_options *options, struct rollout_table *ret_table, struct error *err)
{
	*ret_table = (struct rollout_table){.options = *options};
	if (options->good == 0 || options->bad == 0)
		return error_set(err, ERROR_USAGE, "at least one rollout of each kind");
	if (fill_usual(options, ret_table, err) < 0)
		return -1;
	ret_table->by_calendar = (struct rollout_row){.harm = ROLLOUT_GOOD, .has_brake = true};
	ret_table->far_apart = (struct rollout_row){.harm = ROLLOUT_BRICKS_LATER, .has_brake = true};
	if (fill(options, &ret_table->by_calendar, true, 1, NULL, err) < 0 ||
		fill(options, &ret_table->far_apart, false, FAR_APART, NULL, err) < 0)
		return -1;
	return look_at_usual_weeks(options, ret_table, err);
}

bool rollout_table_holds(const struct rollout_table *table)
{
	const struct rollout_row *all = &table->rows[ROLLOUT_BRICKS_ALL][1],
				 *some = &table->rows[ROLLOUT_BRICKS_SOME][1], *good = &table->rows[ROLLOUT_GOOD][1];

	return all->bricked_most <= ROLLOUT_BRICKS_ALL_HARMED_MOST &&
	       some->taken_most <= ROLLOUT_BRICKS_SOME_TAKEN_MOST &&
	       some->bricked_most <= ROLLOUT_BRICKS_SOME_HARMED_MOST &&
	       good->stopped <= ROLLOUT_FALSE_STOPS_MOST * good->rollouts && good->added[0].nights == good->added[0].unheard &&
	       table->late_in_usual_weeks == 0;
}
