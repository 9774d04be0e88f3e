#include "tools/fleet/model.h"

#include <string.h>

#include "common/digest.h"
#include "scheduler/backoff.h"
#include "scheduler/schedule.h"
#include "scheduler/slot.h"

#define WINDOW_S (FLEET_MINUTES * INT64_C(60))
#define QUIET_NIGHTS 5			  /* before the campaign */
#define FIRST_OPENS_S INT64_C(1768388400) /* 2026-01-14 20:00 in Tokyo: the campaign begins five nights later */
#define NIGHT_S INT64_C(86400)
#define BRIEF_S 3600
#define CHECK_S 2		/* to learn that there is nothing new */
#define SHORTEST_DELIVERY_S 240 /* with what is fetched for four packages on a usual line */
#define LONGEST_DELIVERY_S 960
#define START_DELAY_S 60
#define ATTEMPTS_PER_NIGHT 8
#define STRETCHES_MAX 5

/* When a terminal is on, within a night; from its start on. */
struct stretch {
	int64_t boot_s, off_s;
};

struct terminal {
	uint8_t secret[SLOT_SECRET_SIZE];
	uint64_t random;
	bool restarts_at_fixed_time;
	int64_t early_off_s; /* after the opening; 0: not a terminal that is switched off */
	int64_t left_s;	     /* of its delivery */
	int64_t on_for_s;    /* what the agent knows of the last window */
	bool was_on;
};

struct fleet {
	const struct fleet_options *options;
	struct schedule_rules rules;
	struct schedule_own own;
	struct campaign campaign;
	struct fleet_result *result;
};

/* One terminal's night. */
struct turn {
	struct fleet *fleet;
	struct terminal *terminal;
	struct fleet_night *night; /* NULL in the nights before the campaign */
	struct slot_facts facts;
	struct stretch stretches[STRETCHES_MAX];
	size_t stretches_count;
	int64_t again_s; /* not before, after an error */
	int64_t attempts;
	bool delivers; /* the campaign has begun */
	bool done;     /* nothing is left to do in this night */
};

static uint64_t next_random(uint64_t *state)
{
	uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

static int64_t random_below(struct terminal *terminal, int64_t range)
{
	return (int64_t)(next_random(&terminal->random) % (uint64_t)range);
}

static bool happens(struct terminal *terminal, uint32_t per_mille)
{
	return random_below(terminal, 1000) < per_mille;
}

static void make_terminal(const struct fleet_options *options, uint32_t number, struct terminal *ret_terminal)
{
	uint64_t birth[2] = {options->seed, number};
	struct terminal terminal = {0};
	struct sha256 digest;

	sha256_of(birth, sizeof(birth), &digest);
	memcpy(terminal.secret, digest.bytes, sizeof(terminal.secret));
	/* Its fate has nothing to do with its secret. */
	terminal.random = options->seed * UINT64_C(0xd6e8feb86659fd93) ^ ((uint64_t)number << 20);
	(void)next_random(&terminal.random);
	terminal.restarts_at_fixed_time = happens(&terminal, options->fixed_per_mille);
	if (happens(&terminal, options->early_per_mille))
		terminal.early_off_s = 1800 + random_below(&terminal, WINDOW_S - 1800);
	terminal.left_s = SHORTEST_DELIVERY_S + random_below(&terminal, LONGEST_DELIVERY_S - SHORTEST_DELIVERY_S + 1);
	*ret_terminal = terminal;
}

/* Switches the terminal off at OFF_S and on again at BOOT_S, where it is on at that time. */
static void add_restart(struct turn *turn, int64_t off_s, int64_t boot_s)
{
	struct stretch *last = &turn->stretches[turn->stretches_count - 1];

	if (turn->stretches_count == STRETCHES_MAX || off_s <= last->boot_s || boot_s >= last->off_s)
		return;
	turn->stretches[turn->stretches_count++] = (struct stretch){boot_s, last->off_s};
	last->off_s = off_s;
}

/* Decides when the terminal is on in this night. */
static void live(struct turn *turn)
{
	const struct fleet_options *options = turn->fleet->options;
	struct terminal *terminal = turn->terminal;
	int64_t opens_s = turn->facts.opens_s, boot_s = opens_s - 3600, off_s = opens_s + WINDOW_S + 3600;

	if (happens(terminal, options->off_per_mille))
		return;
	if (terminal->early_off_s)
		off_s = opens_s + terminal->early_off_s + random_below(terminal, 600);
	else if (happens(terminal, options->late_per_mille))
		boot_s = opens_s + random_below(terminal, WINDOW_S);
	turn->stretches[turn->stretches_count++] = (struct stretch){boot_s, off_s};
	if (terminal->restarts_at_fixed_time)
		add_restart(turn, opens_s + 7200, opens_s + 7290);
	else if (happens(terminal, options->restarts_per_mille))
		for (int64_t i = random_below(terminal, 3), at_s = boot_s; i >= 0; i--) {
			at_s += 60 + random_below(terminal, off_s - boot_s);
			add_restart(turn, at_s, at_s + 60 + random_below(terminal, 240));
		}
}

/* Adds service from BEGIN_S to END_S to the minutes of the night. */
static void add_load(struct turn *turn, int64_t begin_s, int64_t end_s)
{
	int64_t begin = begin_s - turn->facts.opens_s, end = end_s - turn->facts.opens_s;

	if (!turn->night)
		return;
	turn->night->begun[begin / 60]++;
	for (int64_t minute = begin / 60; minute * 60 < end && minute < FLEET_MINUTES; minute++) {
		int64_t from = minute * 60 > begin ? minute * 60 : begin,
			to = minute * 60 + 60 < end ? minute * 60 + 60 : end;

		turn->night->load[minute] += (double)(to - from) / 60;
	}
	if (end > WINDOW_S)
		turn->night->after_end_s += (double)(end - WINDOW_S);
}

/* An attempt ended with a network error. */
static void fail(struct turn *turn, int64_t at_s)
{
	struct backoff_facts facts = {ERROR_NETWORK, at_s, turn->attempts, ATTEMPTS_PER_NIGHT, 0,
		turn->facts.closes_s, turn->terminal->secret};
	struct backoff backoff;

	if (turn->night)
		turn->night->failures++;
	backoff_decide(&facts, &backoff);
	turn->again_s = backoff.again_s;
	turn->done = backoff.verdict != BACKOFF_AGAIN;
}

/* One attempt from BEGIN_S on, cut where the terminal is switched off or the window ends. Returns its end. */
static int64_t attempt(struct turn *turn, int64_t begin_s, int64_t cut_s)
{
	struct terminal *terminal = turn->terminal;
	bool fails = happens(terminal, turn->fleet->options->failures_per_mille),
	     delivers = turn->delivers && terminal->left_s;
	int64_t work_s = delivers ? terminal->left_s : CHECK_S;
	int64_t end_s = begin_s + (fails ? random_below(terminal, work_s) + 1 : work_s);

	if (end_s > cut_s) {
		end_s = cut_s;
		fails = false;
	}
	turn->attempts++;
	if (turn->night)
		turn->night->attempts++;
	add_load(turn, begin_s, end_s);
	if (delivers) /* what has come stays; the rest is fetched next time */
		terminal->left_s -= end_s - begin_s;
	if (fails && !(delivers && terminal->left_s == 0))
		fail(turn, end_s);
	else
		turn->done = end_s == begin_s + work_s;
	return end_s;
}

/* What the agent does while the terminal is on: waits for its turn, works, waits after errors. */
static void run_stretch(struct turn *turn, const struct stretch *stretch)
{
	int64_t cut_s = stretch->off_s < turn->facts.closes_s ? stretch->off_s : turn->facts.closes_s, now_s;
	struct schedule_answer answer;

	turn->facts.boot_s = stretch->boot_s;
	now_s = slot_due_s(&turn->facts);
	while (!turn->done) {
		if (now_s < turn->again_s)
			now_s = turn->again_s;
		if (now_s >= cut_s)
			return;
		schedule_ask(&turn->fleet->rules, turn->delivers ? "face-library" : NULL, now_s, &answer);
		if (answer.reason != SCHEDULE_OPEN)
			return;
		now_s = attempt(turn, now_s, cut_s < answer.closes_s ? cut_s : answer.closes_s);
	}
}

/* Seconds of the window in which the terminal is on. */
static int64_t on_in_window_s(const struct turn *turn)
{
	int64_t sum_s = 0;

	for (size_t i = 0; i < turn->stretches_count; i++) {
		int64_t from_s = turn->stretches[i].boot_s, to_s = turn->stretches[i].off_s;

		if (from_s < turn->facts.opens_s)
			from_s = turn->facts.opens_s;
		if (to_s > turn->facts.closes_s)
			to_s = turn->facts.closes_s;
		if (from_s < to_s)
			sum_s += to_s - from_s;
	}
	return sum_s;
}

static void count(struct turn *turn, bool needed)
{
	struct terminal *terminal = turn->terminal;
	struct fleet_night *night = turn->night;
	int64_t on_s = on_in_window_s(turn);

	if (!night || on_s == 0)
		return;
	night->on++;
	night->served += needed && terminal->left_s == 0;
	if (terminal->was_on)
		return;
	if (on_s < BRIEF_S) {
		night->brief++;
		return; /* the next night counts as its first */
	}
	terminal->was_on = true;
	night->first++;
	night->first_served += terminal->left_s == 0;
}

/* Nights count from 0; in the first QUIET_NIGHTS nothing is delivered. */
static void live_one_night(struct fleet *fleet, struct terminal *terminal, uint32_t number)
{
	struct turn turn = {.fleet = fleet, .terminal = terminal, .delivers = number >= QUIET_NIGHTS};
	int64_t opens_s = FIRST_OPENS_S + number * NIGHT_S, last_off_s;
	bool needed = terminal->left_s > 0;

	turn.night = turn.delivers ? &fleet->result->nights[number - QUIET_NIGHTS] : NULL;
	turn.facts = (struct slot_facts){.secret = terminal->secret,
		.opens_s = opens_s,
		.closes_s = opens_s + WINDOW_S,
		.start_delay_s = START_DELAY_S,
		.on_for_s = terminal->on_for_s};
	night_date_of_days(opens_s / 86400, &turn.facts.night); /* Tokyo's date: 20:00 there is 11:00 UTC */
	live(&turn);
	if (turn.stretches_count == 0)
		return;
	turn.facts.first_seen_s = turn.stretches[0].boot_s;
	for (size_t i = 0; i < turn.stretches_count; i++)
		run_stretch(&turn, &turn.stretches[i]);
	last_off_s = turn.stretches[turn.stretches_count - 1].off_s;
	terminal->on_for_s = last_off_s < turn.facts.closes_s ? last_off_s - opens_s : 0;
	count(&turn, needed);
}

static int check_options(const struct fleet_options *options, struct error *err)
{
	if (options->terminals == 0 || options->nights == 0 || options->nights > FLEET_NIGHTS_MAX)
		return error_set(err, ERROR_USAGE, "at least 1 terminal, and 1 to %d nights", FLEET_NIGHTS_MAX);
	return 0;
}

int fleet_run(struct fs *fs, const struct fleet_options *options, struct fleet_result *ret_result, struct error *err)
{
	AUTO(zone) struct zone *zone = NULL;
	struct fleet fleet = {.options = options, .result = ret_result};

	if (check_options(options, err) < 0 || zone_load(fs, "Asia/Tokyo", &zone, err) < 0 ||
		window_list_parse("20:00-05:00", &fleet.own.windows, err) < 0)
		return -1;
	fleet.campaign = (struct campaign){.number = 150,
		.title = "",
		.first_night = {2026, 1, 19},
		.last_night = {2026, 12, 31},
		.window = "20:00-05:00"};
	fleet.rules = (struct schedule_rules){zone, &fleet.own, &fleet.campaign, 1, 0};
	*ret_result = (struct fleet_result){.options = *options};
	for (uint32_t i = 0; i < options->terminals; i++) {
		struct terminal terminal;

		make_terminal(options, i, &terminal);
		for (uint32_t night = 0; night < QUIET_NIGHTS + options->nights; night++)
			live_one_night(&fleet, &terminal, night);
		ret_result->served += terminal.left_s == 0;
		ret_result->never_on += !terminal.was_on;
	}
	return 0;
}

double fleet_peak(const struct fleet_night *night)
{
	double peak = 0;

	for (size_t i = 0; i < FLEET_MINUTES; i++)
		peak = night->load[i] > peak ? night->load[i] : peak;
	return peak;
}

double fleet_mean(const struct fleet_night *night)
{
	double sum = 0;

	for (size_t i = 0; i < FLEET_MINUTES; i++)
		sum += night->load[i];
	return sum / FLEET_MINUTES;
}

size_t fleet_busiest(const struct fleet_result *result)
{
	size_t busiest = 0;

	for (size_t i = 1; i < result->options.nights; i++)
		if (fleet_mean(&result->nights[i]) > fleet_mean(&result->nights[busiest]))
			busiest = i;
	return busiest;
}

bool fleet_is_even(const struct fleet_result *result)
{
	const struct fleet_night *busiest = &result->nights[fleet_busiest(result)];

	for (size_t i = 0; i < result->options.nights; i++)
		if (fleet_peak(&result->nights[i]) > FLEET_PEAK_MOST * fleet_mean(busiest))
			return false;
	return true;
}

bool fleet_served_all(const struct fleet_result *result)
{
	for (size_t i = 0; i < result->options.nights; i++)
		if (result->nights[i].first_served != result->nights[i].first || result->nights[i].after_end_s > 0)
			return false;
	return true;
}
