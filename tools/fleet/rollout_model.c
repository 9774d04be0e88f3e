#include "tools/fleet/rollout_model.h"

#include <stdlib.h>

#include "manifests/rollout/rollout.h"
#include "scheduler/backoff.h"
#include "scheduler/slot.h"
#include "tools/fleet/rollout_terminal.h"
#include "tools/fleet/rollout_watch.h"

#define FIRST_NIGHT 20788 /* 2026-12-01 as days from 1970-01-01: which month it is matters to nobody */
#define LAST_MOMENT 510	  /* minutes: behind it no terminal has its first turn */
#define WINDOW_S ((int64_t)ROLLOUT_MINUTES * 60)
#define ATTEMPTS_PER_NIGHT 8 /* [delivery] attempts_per_night as shipped */
#define JUDGED_EVERY 5	  /* minutes */
#define NEWS 120 /* minutes: what is not told by then is hardly told in this night, as in collector/rollout */
#define NIGHTS_AFTER 2	  /* are played after the end is clear */
/* Of 100,000 terminals, or days of one. */
#define AWAY 200	     /* days on which a clinic closes for some time */
#define BREAKS 10	     /* days on which a machine breaks by itself */
#define RESTARTS 92000	     /* mornings */
#define RETURNS 500
#define BRICKS_AFTER 3 /* nights, where it does so later */

struct play {
	const struct rollout_options *options;
	struct rollout_result *result;
	struct rollout_terminal *terminals;
	struct rollout_times times;
	struct rollout_watch watch;
	struct candidate candidate;
	struct candidate_stage stages[8];
	int night;
	struct night_date night_date;
	int nights_after; /* all was open, or it was stopped */
	int open;	  /* stages that the collector lets open */
	int opened_night; /* when it let the last of them */
	bool is_stopped;
	/* Who comes in which minute of the night: lists through the terminals. */
	int32_t first[ROLLOUT_MINUTES];
	int32_t *following;
};

const char *rollout_harm_name(enum rollout_harm harm)
{
	static const char *const names[] = {
		[ROLLOUT_GOOD] = "good",
		[ROLLOUT_BRICKS_ALL] = "bricks-all",
		[ROLLOUT_BRICKS_SOME] = "bricks-one-in-20",
		[ROLLOUT_RETURNS_ALL] = "returns-all",
		[ROLLOUT_RETURNS_SOME] = "returns-one-in-200",
		[ROLLOUT_BRICKS_LATER] = "bricks-all-later",
	};

	return names[harm];
}

/* ---- The fleet ---- */

static void make_stages(struct play *play)
{
	static const char *const pilot[] = {"pilot"};
	static const int64_t percents[] = {0, 1, 10, 50, 100};
	int night = 0;

	for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
		while (play->options->knows_calendar && night < ROLLOUT_NIGHTS - 1 && play->times.nights[night].is_closed_after)
			night++;
		play->stages[i] = (struct candidate_stage){.percent = percents[i], .rings = (const char **)pilot, .rings_count = i == 0};
		night_date_of_days(FIRST_NIGHT + night, &play->stages[i].night);
		play->result->due[i] = night;
		night += play->options->apart;
	}
	play->candidate = (struct candidate){
		.attempt = 1,
		.does_without_brake = !play->options->has_brake,
		.stages = play->stages,
		.stages_count = ARRAY_SIZE(percents),
	};
	play->result->stages_count = ARRAY_SIZE(percents);
}

/* Whom an outage meets comes again within the night, if it ends in time. */
static bool is_heard_before(const struct rollout_weather *weather, const struct rollout_terminal *terminal, int minute)
{
	const int lasts = ROLLOUT_MINUTES - BACKOFF_LAST_FROM_S / 60;

	return !((weather->network_regions >> terminal->region & 1) && weather->network.to > lasts &&
		       rollout_span_has(&weather->network, minute)) &&
	       !(weather->collector.to > lasts && rollout_span_has(&weather->collector, minute));
}

/* The weeks before, in which the collector came to know who is there in which nights. */
static void live_before(struct play *play)
{
	for (int n = 0; n < ROLLOUT_NIGHTS_BEFORE; n++) {
		const struct rollout_weather *weather = &play->times.before[n];

		for (uint32_t i = 0; i < play->options->terminals; i++) {
			struct rollout_chance chance =
				rollout_chance_of(play->options->seed, 128 + (uint64_t)n, i);

			if (rollout_terminal_is_there(weather, &play->terminals[i], &chance) &&
				is_heard_before(weather, &play->terminals[i],
					(int)rollout_chance_below(&chance, LAST_MOMENT)))
				rollout_watch_see(&play->watch, i, n - ROLLOUT_NIGHTS_BEFORE);
		}
	}
}

static int begin(struct play *play, struct error *err)
{
	uint32_t count = play->options->terminals;

	play->terminals = calloc(count, sizeof(*play->terminals));
	play->following = calloc(count, sizeof(*play->following));
	play->watch.known = calloc(count, sizeof(*play->watch.known));
	play->watch.terminals = count;
	if (!play->terminals || !play->following || !play->watch.known)
		return error_set(err, ERROR_FAILED, "no memory for %u terminals", count);
	for (uint32_t i = 0; i < count; i++) {
		rollout_terminal_make(play->options->seed, i, &play->terminals[i]);
		play->watch.known[i] = (struct rollout_known){
			.region = play->terminals[i].region, .took = -1, .other = -1, .heard = -ROLLOUT_NIGHTS_BEFORE - 1};
	}
	rollout_weather_make(play->options->seed, play->options->is_eventful, &play->times);
	rollout_terminals_choose_pilots(play->terminals, count, play->options->pilots, play->options->seed);
	make_stages(play);
	if (play->options->has_brake)
		live_before(play);
	return 0;
}

static void end(struct play *play)
{
	free(play->terminals);
	free(play->following);
	free(play->watch.known);
}

/* ---- One terminal's contact ---- */

static void come(struct play *play, uint32_t i, int minute)
{
	play->following[i] = play->first[minute];
	play->first[minute] = (int32_t)i;
}

typedef void when_again(const struct backoff_facts *facts, struct backoff *ret_backoff);

/* As the agent does (agent/resident/agenda.c). */
static void come_again(struct play *play, uint32_t i, int minute, when_again *when)
{
	uint8_t secret[SLOT_SECRET_SIZE] = {0};
	const struct backoff_facts facts = {
		.code = ERROR_NETWORK,
		.ended_s = (int64_t)minute * 60,
		.attempts = ++play->terminals[i].attempts,
		.attempts_per_night = ATTEMPTS_PER_NIGHT,
		.closes_s = WINDOW_S,
		.secret = secret,
	};
	struct backoff backoff;

	rollout_terminal_secret(play->options->seed, i, play->night, secret);
	when(&facts, &backoff);
	if (backoff.verdict == BACKOFF_AGAIN)
		come(play, i, (int)(backoff.again_s / 60));
}

/* The collector's brake is signed anew whenever something changes, and is good for longer than any night's outage here. */
static struct rollout_decision decide(const struct play *play, const struct rollout_terminal *terminal)
{
	struct rollout_facts facts = {
		.ring = terminal->is_pilot ? "pilot" : "",
		.place = terminal->place,
		.night = play->night_date,
		.brake = play->is_stopped ? BRAKE_STOPPED : BRAKE_GOOD,
		.stages_let = play->open,
		.is_current = terminal->state == ROLLOUT_CURRENT,
		.is_staged = terminal->state == ROLLOUT_STAGED,
	};

	return rollout_decide(&play->candidate, &facts);
}

static bool is_cut_off(const struct play *play, const struct rollout_terminal *terminal, int minute)
{
	const struct rollout_weather *weather = &play->times.nights[play->night];

	return (weather->network_regions >> terminal->region & 1) && rollout_span_has(&weather->network, minute);
}

static void contact(struct play *play, uint32_t i, int minute)
{
	struct rollout_terminal *terminal = &play->terminals[i];
	struct rollout_decision decision = {0};

	if (is_cut_off(play, terminal, minute)) {
		come_again(play, i, minute, backoff_decide);
		return;
	}
	if (terminal->state != ROLLOUT_RETURNED) { /* quarantined: not offered again */
		decision = decide(play, terminal);
		if (decision.step == ROLLOUT_CANDIDATE)
			terminal->state = ROLLOUT_STAGED;
		else if (decision.step == ROLLOUT_TAKE_OUT)
			terminal->state = ROLLOUT_FORMER;
		else if (decision.gate == ROLLOUT_GATE_HELD)
			come_again(play, i, minute, backoff_ask_again);
	}
	if (!play->options->has_brake)
		return;
	if (!rollout_span_has(&play->times.nights[play->night].collector, minute))
		rollout_watch_hear(&play->watch, i, terminal->state, play->night);
	else if (decision.gate != ROLLOUT_GATE_HELD) /* a report that nobody takes while a candidate is on its way */
		come_again(play, i, minute, backoff_ask_again);
}

/* ---- The night ---- */

static void begin_night(struct play *play)
{
	const struct rollout_weather *weather = &play->times.nights[play->night];

	for (int minute = 0; minute < ROLLOUT_MINUTES; minute++)
		play->first[minute] = -1;
	for (uint32_t i = 0; i < play->options->terminals; i++) {
		struct rollout_terminal *terminal = &play->terminals[i];
		struct rollout_chance chance =
			rollout_chance_of(play->options->seed, 16 + (uint64_t)play->night, i);

		terminal->attempts = 0;
		terminal->is_on = rollout_terminal_is_there(weather, terminal, &chance) && terminal->state != ROLLOUT_BRICKED &&
				  play->night >= terminal->away_until;
		if (terminal->is_on)
			come(play, i, (int)rollout_chance_below(&chance, LAST_MOMENT));
	}
}

/* Share of the fleet that the first OPEN stages let take it. */
static double share_of(const struct play *play, int open)
{
	int last = (int)play->candidate.stages_count;

	open = open < last ? open : last;
	return open > 0 ? (double)play->stages[open - 1].percent / 100 : 0;
}

static void open_next(struct play *play, int minute)
{
	play->result->opened[play->open++] = play->night * 1440 + minute;
	play->opened_night = play->night;
}

static bool is_due(const struct play *play)
{
	return (size_t)play->open < play->candidate.stages_count && play->night >= play->result->due[play->open];
}

/* As collector/rollout does: a stage opens on its night or later, and in that of the one before only where it needs no word of its
 * terminals. */
static bool opens(const struct play *play, const struct judgement *judgement)
{
	if (play->open == 0 || !is_due(play))
		return is_due(play);
	return judgement->verdict == JUDGEMENT_WELL && (play->night > play->opened_night || judgement->is_sure);
}

static bool is_overdue(const struct play *play, int minute)
{
	return is_due(play) && (play->night > play->result->due[play->open] || minute >= NEWS);
}

static void judge(struct play *play, int minute)
{
	struct rollout_night *night = &play->result->nights[play->night];
	const struct rollout_question question = {
		.opened = play->opened_night,
		.next = share_of(play, play->open + 1) - share_of(play, play->open),
		.until = share_of(play, play->open + 1),
		.is_overdue = is_overdue(play, minute),
	};
	struct judgement judgement;

	if (play->is_stopped)
		return;
	if (!play->options->has_brake) {
		while (is_due(play))
			open_next(play, minute);
		return;
	}
	rollout_watch_judge(&play->watch, &question, &judgement);
	night->verdict = judgement.verdict;
	night->caused_silent = judgement.silent.caused;
	night->caused_rolled_back = judgement.rolled_back.caused;
	if (judgement.verdict == JUDGEMENT_SILENT || judgement.verdict == JUDGEMENT_ROLLED_BACK) {
		play->is_stopped = true;
		play->result->stopped_at = play->night * 1440 + minute;
		play->result->stopped_for = judgement.verdict;
	} else if (opens(play, &judgement)) {
		open_next(play, minute);
	}
}

static bool is_dark(const struct rollout_weather *weather)
{
	int heard = 0;

	for (int minute = 0; minute < ROLLOUT_MINUTES; minute++)
		heard += !rollout_span_has(&weather->collector, minute) &&
			 !(weather->network_regions == ROLLOUT_EVERYWHERE && rollout_span_has(&weather->network, minute));
	return heard < ROLLOUT_MINUTES / 4;
}

/* A stage that was due tonight is late now: why. */
static void note_lost(struct play *play)
{
	const struct rollout_weather *weather = &play->times.nights[play->night];
	struct rollout_result *result = play->result;

	if (play->night <= result->due[play->candidate.stages_count - 1] && is_dark(weather))
		result->dark_nights++;
	if (play->is_stopped || !is_due(play))
		return;
	if (weather->is_closed)
		result->lost_closed++;
	else if (weather->collector.to > 0 || weather->network.to > 0)
		result->lost_outage++;
	else
		result->lost_otherwise++;
}

/* Memory is what a night takes its time for. */
static void fetch_early(const struct play *play, uint32_t i)
{
	__builtin_prefetch(&play->terminals[i]);
	__builtin_prefetch(&play->watch.known[i]);
	__builtin_prefetch(&play->following[i]);
}

static void live_night(struct play *play)
{
	const struct rollout_weather *weather = &play->times.nights[play->night];

	begin_night(play);
	judge(play, 0); /* from noon on, when a night begins: collectors are down within windows here */
	for (int minute = 0; minute < ROLLOUT_MINUTES; minute++) {
		if (minute % JUDGED_EVERY == 0 && !rollout_span_has(&weather->collector, minute))
			judge(play, minute);
		for (int32_t i = play->first[minute], after; i >= 0; i = after) {
			after = play->following[i]; /* it may come again */
			if (after >= 0)
				fetch_early(play, (uint32_t)after);
			contact(play, (uint32_t)i, minute);
		}
	}
	if (play->options->has_brake)
		rollout_watch_end_night(&play->watch, play->night);
	note_lost(play);
}

/* ---- The morning ---- */

static enum rollout_state activate(const struct play *play, const struct rollout_terminal *terminal, struct rollout_chance *chance)
{
	bool returns = rollout_chance_happens(chance, RETURNS);

	switch (play->options->harm) {
	case ROLLOUT_BRICKS_ALL:
		return ROLLOUT_BRICKED;
	case ROLLOUT_BRICKS_SOME:
		return terminal->is_frail ? ROLLOUT_BRICKED : ROLLOUT_CURRENT;
	case ROLLOUT_RETURNS_ALL:
		return ROLLOUT_RETURNED;
	case ROLLOUT_RETURNS_SOME:
		return returns ? ROLLOUT_RETURNED : ROLLOUT_CURRENT;
	default:
		return ROLLOUT_CURRENT;
	}
}

static void become_current(const struct play *play, struct rollout_terminal *terminal, struct rollout_chance *chance)
{
	terminal->state = (uint8_t)activate(play, terminal, chance);
	terminal->current_since = (uint8_t)play->night;
}

static bool is_bricked_now(const struct play *play, const struct rollout_terminal *terminal)
{
	return play->options->harm == ROLLOUT_BRICKS_LATER && terminal->state == ROLLOUT_CURRENT &&
	       play->night >= terminal->current_since + BRICKS_AFTER;
}

static void count(const struct play *play, struct rollout_night *night)
{
	for (uint32_t i = 0; i < play->options->terminals; i++) {
		enum rollout_state state = play->terminals[i].state;

		night->taken += state != ROLLOUT_FORMER;
		night->bricked += state == ROLLOUT_BRICKED;
		night->returned += state == ROLLOUT_RETURNED;
	}
	night->open = (uint32_t)play->open;
	night->weather = play->times.nights[play->night];
}

static void live_morning(struct play *play)
{
	bool is_closed = play->times.nights[play->night].is_closed_after;

	for (uint32_t i = 0; i < play->options->terminals; i++) {
		struct rollout_terminal *terminal = &play->terminals[i];
		struct rollout_chance chance =
			rollout_chance_of(play->options->seed, 64 + (uint64_t)play->night, i);

		if (rollout_chance_happens(&chance, BREAKS))
			terminal->away_until = UINT8_MAX;
		else if (rollout_chance_happens(&chance, AWAY))
			terminal->away_until = (uint8_t)(play->night + 2 + (int)rollout_chance_below(&chance, 10));
		else if (play->night >= terminal->away_until && terminal->state == ROLLOUT_STAGED &&
			 (!is_closed || terminal->is_always_open) && rollout_chance_happens(&chance, RESTARTS))
			become_current(play, terminal, &chance);
		if (is_bricked_now(play, terminal))
			terminal->state = ROLLOUT_BRICKED;
	}
	count(play, &play->result->nights[play->night]);
}

/* ---- The whole ---- */

/* Until all that took it are harmed. */
static int nights_after(const struct rollout_options *options)
{
	return options->harm == ROLLOUT_BRICKS_LATER ? NIGHTS_AFTER + BRICKS_AFTER : NIGHTS_AFTER;
}

static void play_nights(struct play *play)
{
	for (play->night = 0; play->night < ROLLOUT_NIGHTS; play->night++) {
		night_date_of_days(FIRST_NIGHT + play->night, &play->night_date);
		live_night(play);
		live_morning(play);
		play->result->nights_count++;
		if (play->is_stopped || (size_t)play->open == play->candidate.stages_count)
			play->nights_after++;
		if (play->nights_after > nights_after(play->options))
			break;
	}
}

int rollout_play(const struct rollout_options *options, struct rollout_result *ret_result, struct error *err)
{
	struct play play = {.options = options, .result = ret_result};
	int failed, last;

	if (options->apart < 1)
		return error_set(err, ERROR_USAGE, "stages are one night apart at least");
	if (options->terminals < 1000 || options->pilots == 0 || options->pilots > options->terminals / 100)
		return error_set(err, ERROR_USAGE,
			"a rollout takes 1000 terminals at least, and pilots of one in a hundred at most");
	*ret_result = (struct rollout_result){.options = *options, .stopped_at = -1};
	for (size_t i = 0; i < ARRAY_SIZE(ret_result->opened); i++)
		ret_result->opened[i] = -1;
	if (!(failed = begin(&play, err))) {
		play_nights(&play);
		last = (int)play.candidate.stages_count - 1;
		if (ret_result->opened[last] >= 0)
			ret_result->late_nights = (uint32_t)(ret_result->opened[last] / 1440 - ret_result->due[last]);
	}
	end(&play);
	return failed ? -1 : 0;
}
