/* Thousands of random nights of the real agent and the real guard: the clock jumps, the disk is full, fails or is read-only,
 * processes are killed, the server lies, is slow or gone, staff disable and take back, the store is damaged.
 * In one life of five the programs of packages misbehave; in one of three the terminal takes what is being tried, as the brake's
 * statements let it, which is stopped, recalled and resumed. A life is a terminal's twenty nights; after them, with everything well again, it must come to the newest releases. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "agent/store/history.h"
#include "tests/proofs/life.h"
#include "tests/proofs/mischief.h"
#include "tests/proofs/part.h"
#include "tests/proofs/publisher.h"
#include "tests/proofs/workers.h"
#include "tests/rollback/hostile_account.h"
#include "tests/support/test.h"

#define NIGHTS_OF_A_LIFE 20
#define LIVES_FULL 500
#define LIVES_SHORT 5
#define LIVES_AGAIN_FULL 10
#define LIVES_AGAIN_SHORT 1
#define GOOD_NIGHTS 6
#define HOSTILE_ONE_OF 5 /* lives */
#define PILOT_ONE_OF 3
#define DAY_S 86400
#define YEAR_S (365 * (int64_t)DAY_S)

/* What rollouts came to in all lives, by their histories. */
struct rollouts_told {
	_Atomic uint64_t activated, taken_out, called_back;
};

struct nights {
	const char *program;
	struct part *part; /* these three are shared by all processes */
	struct rollouts_told *told;
	uint64_t *traces;  /* of each life by its number; 0 where it did not come to an end */
	/* Of one process: */
	struct world *world;
	struct life life;
	char states[FOLDER_PATH_SIZE + 16];
	uint64_t number; /* of the life, from 1 */
	int night;
	bool is_bad; /* this life */
	bool is_hostile; /* its packages' programs misbehave */
};

/* ---- What goes wrong ---- */

static bool is_luck(struct nights *nights, unsigned percent)
{
	return chance_is(&nights->life.chance, percent);
}

/* Something about the disk or the process, in one step of four. */
static void arm(struct nights *nights)
{
	static const int errors[] = {ENOSPC, EIO, EROFS};
	struct life *life = &nights->life;
	enum fault_kind kind;
	uint64_t at;

	if (!is_luck(nights, 25))
		return;
	kind = fault_of_share(chance_below(&life->chance, FAULT_SHARES));
	at = 1 + chance_below(&life->chance, is_luck(nights, 50) ? 20 : 200);
	life_arm(life, kind, at, errors[chance_below(&life->chance, ARRAY_SIZE(errors))]);
}

static void choose_server(struct nights *nights)
{
	struct server *server = &nights->life.server;

	if (server->state < PUBLISHER_LAST_STATE - 1 && is_luck(nights, 40))
		server->state++;
	server->shown = is_luck(nights, 10) ? (int)chance_below(&nights->life.chance, (uint64_t)server->state + 1)
					    : server->state;
	server->is_gone = is_luck(nights, 8);
	server->trouble = is_luck(nights, 50) ? 0 : (unsigned)chance_below(&nights->life.chance, 40);
}

static void choose_brake(struct nights *nights, int64_t noon_s, bool is_well)
{
	int state = nights->life.server.state;

	braking_night(&nights->life.braking, state, state >= PUBLISHER_STOLEN_STATE, noon_s + 6 * 3600, is_well);
}

static void choose_clock(struct nights *nights)
{
	static const int64_t errors[] = {-57 * YEAR_S, -DAY_S, -3 * 3600, 3 * 3600, DAY_S, 12 * YEAR_S};
	int64_t error_s = 0;

	if (is_luck(nights, 8))
		error_s = errors[chance_below(&nights->life.chance, ARRAY_SIZE(errors))];
	nights->life.clock_error_s = error_s;
}

static void damage(struct nights *nights)
{
	static const char *const what[] = {"cache", "cache", "metadata", "store"};

	if (is_luck(nights, 5))
		life_damage(&nights->life, what[chance_below(&nights->life.chance, ARRAY_SIZE(what))]);
}

/* ---- Nights ---- */

static const char *again(const struct nights *nights, uint64_t number)
{
	static char text[512];

	(void)snprintf(text, sizeof(text), "; again: PROOF_SHOWS_ALL=1 %s --seed %" PRIu64 " --number %" PRIu64,
		nights->program, nights->part->seed, number);
	return text;
}

static void complain(struct nights *nights, const char *when, const struct error *err)
{
	part_bad(nights->part, "life %" PRIu64 ", night %d, %s: %s%s", nights->number, nights->night, when, err->text,
		again(nights, nights->number));
	nights->is_bad = true;
}

static enum life_end judge(struct nights *nights, const char *when, enum life_end end)
{
	static const char *const ends[] = {
		[LIFE_DONE] = "done", [LIFE_FAILED] = "failed", [LIFE_KILLED] = "killed", [LIFE_CRASHED] = "crashed"};
	struct error err = {0};

	trace_note(life_trace(&nights->life), "night %d, %s: %s%s%s", nights->night, when, ends[end],
		end == LIFE_FAILED ? ": " : "", end == LIFE_FAILED ? life_error(&nights->life)->text : "");
	if (end == LIFE_CRASHED)
		complain(nights, when, life_error(&nights->life));
	else if (life_check(&nights->life, is_luck(nights, 3), &err) < 0 ||
		 (nights->is_hostile && mischief_check(nights->world, &err) < 0))
		complain(nights, when, &err);
	return end;
}

static void do_something(struct nights *nights)
{
	static const char *const acts[] = {
		"disable", "disable-for-a-day", "enable", "enable", "hold", "release", "roll-back"};
	struct life *life = &nights->life;
	const char *what, *package;

	if (!is_luck(nights, 15))
		return;
	arm(nights);
	what = acts[chance_below(&life->chance, ARRAY_SIZE(acts))];
	package = life_packages[chance_below(&life->chance, LIFE_PACKAGES)];
	(void)judge(nights, what, life_staff(life, what, package));
	if (is_luck(nights, 30)) {
		arm(nights);
		(void)judge(nights, "button", life_button(life));
	}
}

#define STARTS_MOST 4
/* The machine starts; a start that the power goes in is followed by another, the last of which is let be. */
static void boot(struct nights *nights)
{
	for (int starts = 0; starts < STARTS_MOST && !nights->is_bad; starts++) {
		if (starts < STARTS_MOST - 1)
			arm(nights);
		if (judge(nights, "boot", life_boot(&nights->life)) != LIFE_KILLED)
			return;
	}
}

/* The agent's jobs until UNTIL_S; one that is killed starts again, sometimes because the power went. */
static void run_jobs(struct nights *nights, int64_t until_s)
{
	bool ran = true;

	for (int jobs = 0; jobs < 30 && ran && !nights->is_bad && life_now_s(&nights->life) < until_s; jobs++) {
		arm(nights);
		enum life_end end = judge(nights, "job", life_job(&nights->life, until_s, &ran));

		if (end == LIFE_DONE && ran && life_has_stopped(&nights->life))
			complain(nights, "job", &(struct error){.text = "an application stays stopped"});
		if (end == LIFE_KILLED) {
			ran = true;
			if (is_luck(nights, 40))
				boot(nights);
		}
	}
	life_set_now(&nights->life, until_s);
}

static void live_a_night(struct nights *nights, int64_t noon_s)
{
	struct life *life = &nights->life;

	if (nights->is_hostile)
		mischief_choose(nights->world, &life->chance);
	choose_server(nights);
	choose_brake(nights, noon_s, false);
	choose_clock(nights);
	damage(nights);
	do_something(nights);
	if (is_luck(nights, 15)) {
		life_set_now(life, noon_s + 20 * 3600); /* off all night */
	} else {
		life_set_now(life, noon_s + 7 * 3600);
		run_jobs(nights, noon_s + 20 * 3600);
	}
	if (nights->is_bad || !is_luck(nights, 85))
		return;
	boot(nights);
	if (!nights->is_bad)
		run_jobs(nights, noon_s + 22 * 3600);
}

/* All is well again: in a few nights the terminal is where it should be, also with one package at a restart. */
static void end_well(struct nights *nights, int64_t noon_s)
{
	struct life *life = &nights->life;
	struct error err = {0};
	bool ran;

	life->server.state = life->server.shown = PUBLISHER_LAST_STATE;
	life->server.trouble = 0;
	life->server.is_gone = false;
	life->clock_error_s = 0;
	(void)life_staff(life, "enable", "");
	for (size_t i = 0; i < LIFE_PACKAGES; i++)
		(void)life_staff(life, "release", life_packages[i]);
	for (int night = 0; night < GOOD_NIGHTS; night++, noon_s += DAY_S) {
		choose_brake(nights, noon_s, true);
		life_set_now(life, noon_s + 7 * 3600);
		for (ran = true;
			ran && judge(nights, "a good night", life_job(life, noon_s + 20 * 3600, &ran)) == LIFE_DONE;)
			;
		life_set_now(life, noon_s + 20 * 3600);
		(void)judge(nights, "a good boot", life_boot(life));
		for (ran = true; ran && judge(nights, "a good morning", life_job(life, noon_s + 22 * 3600, &ran)) ==
						LIFE_DONE;)
			;
	}
	if (!nights->is_bad && life_check_end(life, PUBLISHER_LAST_VERSION, &err) < 0)
		complain(nights, "the end", &err);
}

/* ---- What rollouts came to ---- */

static int tell_row(void *context, const struct history_row *row, struct error *err)
{
	struct nights *nights = context;
	const struct braking *braking = &nights->life.braking;

	(void)err;
	nights->told->taken_out += strcmp(row->operation, "rollout") == 0 && strcmp(row->outcome, "stopped") == 0;
	nights->told->called_back += strcmp(row->operation, "rollout") == 0 && strcmp(row->outcome, "begun") == 0;
	for (size_t i = 0; i < braking->count; i++)
		if (braking->attempts[i].attempt == 1 && strcmp(row->operation, "activate") == 0 &&
			strcmp(row->outcome, "done") == 0 && strcmp(row->package, braking->attempts[i].package) == 0 &&
			strcmp(row->version, braking->attempts[i].version) == 0)
			nights->told->activated++;
	return 0;
}

static void tell_rollouts(struct nights *nights)
{
	struct history_filter all = {0};
	struct error err = {0};

	world_open(nights->world);
	assert_ok(history_each(nights->world->terminal.store, &all, tell_row, nights, &err), &err);
	world_close(nights->world);
}

static void choose_ring_and_account(struct world *world, bool is_pilot)
{
	free(world->config.ring);
	assert_non_null(world->config.ring = strdup(is_pilot ? PUBLISHER_RING : ""));
	free(world->config.self_test_user);
	assert_non_null(world->config.self_test_user = strdup(HOSTILE_USER));
}

static void live(struct nights *nights, uint64_t number)
{
	int64_t noon_s = nights->world->now_s / DAY_S * DAY_S + 3 * 3600; /* 03:00 UTC is noon in Japan */

	nights->number = number;
	nights->is_bad = false;
	nights->is_hostile = number % HOSTILE_ONE_OF == 0;
	life_begin(&nights->life, chance_of(nights->part->seed, number));
	life_choose_settings(&nights->life);
	choose_ring_and_account(nights->world, number % PILOT_ONE_OF == 0);
	for (nights->night = 1; nights->night <= NIGHTS_OF_A_LIFE && !nights->is_bad; nights->night++) {
		noon_s += DAY_S;
		live_a_night(nights, noon_s);
		part_ran(nights->part);
	}
	if (!nights->is_bad)
		end_well(nights, noon_s + DAY_S);
	if (!nights->is_bad)
		tell_rollouts(nights);
}

/* A terminal on the first releases, confirmed, which has yet to draw its secret: where lives begin. */
static void make_base(struct nights *nights)
{
	struct life *life = &nights->life;
	struct error err = {0};
	char command[FOLDER_PATH_SIZE * 2];
	bool ran = true;

	(void)snprintf(command, sizeof(command), "cd '%s' && cp -a terminal base", nights->world->folder.path);
	assert_int_equal(system(command), 0);
	life_begin(life, chance_of(nights->part->seed, 0));
	if (life_button(life) != LIFE_DONE || life_boot(life) != LIFE_DONE ||
		life_job(life, life_now_s(life) + 3600, &ran) != LIFE_DONE) {
		(void)fprintf(stderr, "nights: the first terminal could not be made: %s\n", life_error(life)->text);
		exit(EXIT_FAILURE);
	}
	world_open(nights->world);
	assert_ok(store_drop_setting(nights->world->terminal.store, "terminal_secret", &err), &err);
	world_close(nights->world);
	(void)snprintf(command, sizeof(command), "cd '%s' && rm -rf base && cp -a terminal base",
		nights->world->folder.path);
	assert_int_equal(system(command), 0);
}

/* ---- Lives, shared out ---- */

/* One process: a publisher and a terminal of its own, and one life after the other. */
static void live_lives(struct workers *workers, void *context)
{
	static const char *const brakes[BRAKING_KEYS] = PUBLISHER_BRAKES;
	struct nights *nights = context;
	void *state;

	nights->world = state = publisher_world(nights->part->seed, nights->states);
	life_init(&nights->life, nights->world, nights->states, nights->world->config.server_urls.items[0],
		brakes);
	make_base(nights);
	for (uint64_t number; (number = workers_next(workers));) {
		live(nights, number);
		nights->traces[number] = life_trace(&nights->life)->digest;
	}
	life_clear(&nights->life);
	(void)world_teardown(&state);
}

static void died(void *context, uint64_t number, int wait_status)
{
	struct nights *nights = context;

	part_bad(nights->part, "life %" PRIu64 ": its process ended with wait status 0x%x%s", number,
		(unsigned)wait_status, again(nights, number));
}

static void share_out(struct nights *nights, uint64_t first, uint64_t last)
{
	workers_run(&(struct workers_options){.first = first,
		.last = last,
		.most = getenv("PROOF_SHOWS_ALL") ? 1 : 0,
		.task = live_lives,
		.context = nights,
		.died = died});
}

/* The first lives again, in other processes: what a number stands for has to be the same each time. */
static void live_again(struct nights *nights, uint64_t count)
{
	uint64_t before[LIVES_FULL + 1];

	memcpy(before, nights->traces, sizeof(before));
	share_out(nights, 1, count);
	for (uint64_t number = 1; number <= count; number++)
		if (nights->traces[number] != before[number])
			part_bad(nights->part, "life %" PRIu64 " was another one when it was lived again%s", number,
				again(nights, number));
}

static void *share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(memory != MAP_FAILED);
	return memory;
}

int main(int argc, char **argv)
{
	struct nights nights = {.program = argv[0],
		.part = share(sizeof(*nights.part)),
		.told = share(sizeof(*nights.told)),
		.traces = share((LIVES_FULL + 1) * sizeof(*nights.traces))};
	uint64_t only;

	part_begin(nights.part, "nights", argc, argv);
	if ((only = nights.part->only)) {
		if (only > LIVES_FULL) {
			(void)fprintf(stderr, "nights: there are lives 1 to %d\n", LIVES_FULL);
			return 2;
		}
		share_out(&nights, only, only);
		part_say(nights.part, "life %" PRIu64 ": trace %016" PRIx64, only, nights.traces[only]);
	} else {
		share_out(&nights, 1, nights.part->is_short ? LIVES_SHORT : LIVES_FULL);
		live_again(&nights, nights.part->is_short ? LIVES_AGAIN_SHORT : LIVES_AGAIN_FULL);
	}
	part_say(nights.part,
		"candidates: activated %" PRIu64 " times, taken out before that %" PRIu64 " times, called back %" PRIu64 " times",
		nights.told->activated, nights.told->taken_out, nights.told->called_back);
	return part_end(nights.part);
}
