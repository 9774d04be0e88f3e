/* Thousands of random nights of the real agent and the real guard: the clock jumps, the disk is full, fails or is read-only,
 * processes are killed, the power goes, the server lies, is slow or gone, staff disable and take back, the store is damaged.
 * A life is a terminal's twenty nights; after them, with everything well again, it must come to the newest releases. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/proofs/life.h"
#include "tests/proofs/part.h"
#include "tests/support/test.h"

#define NIGHTS_OF_A_LIFE 20
#define LIVES_FULL 500
#define LIVES_SHORT 5
#define LAST_VERSION "3.0.0"
#define DAY_S 86400
#define YEAR_S (365 * (int64_t)DAY_S)
#define CHECKS "--self-test=bin/self-test --health=bin/health "

/* What the publisher does, step by step; the last step is for the end of a life. 666 in a version: its health check fails. */
struct offer {
	int state;
	const char *package, *version, *options;
};

static const struct offer offers[] = {
	{0, "distro-app", "1.0.0", CHECKS},
	{0, "face-library", "1.0.0", CHECKS},
	{0, "linkage-app", "1.0.0", CHECKS},
	{0, "reader-app/acme", "1.0.0", CHECKS},
	{1, "face-library", "1.1.0", CHECKS},
	{2, "distro-app", "1.2.0", CHECKS},
	{2, "face-library", "1.2.0", CHECKS "--requires=distro-app=1.2.0"},
	{3, "linkage-app", "1.6.666", CHECKS},
	{4, "linkage-app", "1.7.0", CHECKS},
	{4, "reader-app/acme", "1.6.666", "--self-test=bin/health"},
	{5, "reader-app/acme", "1.8.0", CHECKS},
	{6, "distro-app", "2.0.0", CHECKS},
	{6, "face-library", "2.0.0", CHECKS "--requires=linkage-app=2.0.0"},
	{6, "linkage-app", "2.0.0", CHECKS "--requires=face-library=2.0.0"},
	{7, "face-library", "2.0.666", CHECKS "--requires=linkage-app=2.1.0"},
	{7, "linkage-app", "2.1.0", CHECKS "--requires=face-library=2.0.666"},
	{8, "distro-app", LAST_VERSION, CHECKS},
	{8, "face-library", LAST_VERSION, CHECKS},
	{8, "linkage-app", LAST_VERSION, CHECKS},
	{8, "reader-app/acme", LAST_VERSION, CHECKS},
};
#define LAST_STATE 8

struct nights {
	struct part part;
	struct world *world;
	struct life life;
	char states[FOLDER_PATH_SIZE + 16];
	uint64_t number; /* of the life, from 1 */
	int night;
	bool is_bad; /* this life */
};

/* ---- The publisher ---- */

static void copy_state(const struct nights *nights, int state)
{
	char command[FOLDER_PATH_SIZE * 4];

	(void)snprintf(command, sizeof(command), "mkdir -p '%s' && cp -al '%s/publisher/repository' '%s/%d'",
		nights->states, nights->world->folder.path, nights->states, state);
	assert_int_equal(system(command), 0);
}

/* Lives are longer than a timestamp's. */
static void let_metadata_live_long(const struct world *world)
{
	char command[FOLDER_PATH_SIZE * 2];

	(void)snprintf(command, sizeof(command),
		"cd '%s/publisher' && sed -i -E 's/(\"[a-z]+\": *)[0-9]+/\\1900/' haishin-repo.json",
		world->folder.path);
	assert_int_equal(system(command), 0);
}

static void publish_states(struct nights *nights)
{
	let_metadata_live_long(nights->world);
	for (int state = 0; state <= LAST_STATE; state++) {
		char names[512] = "";

		for (size_t i = 0; i < ARRAY_SIZE(offers); i++) {
			size_t len = strlen(names);

			if (offers[i].state != state)
				continue;
			world_add(nights->world, offers[i].package, offers[i].version, offers[i].options);
			(void)snprintf(names + len, sizeof(names) - len, "%s%s=%s", len ? " " : "", offers[i].package,
				offers[i].version);
		}
		world_publish(nights->world, names);
		copy_state(nights, state);
	}
}

/* ---- What goes wrong ---- */

static bool is_luck(struct nights *nights, unsigned percent)
{
	return chance_is(&nights->life.chance, percent);
}

/* Something about the disk or the process, in one step of four. */
static void arm(struct nights *nights)
{
	static const enum fault_kind kinds[] = {FAULT_END, FAULT_END, FAULT_FAIL, FAULT_FAIL_ON};
	static const int errors[] = {ENOSPC, EIO, EROFS};
	struct life *life = &nights->life;

	if (is_luck(nights, 25))
		life_arm(life, kinds[chance_below(&life->chance, ARRAY_SIZE(kinds))],
			1 + chance_below(&life->chance, is_luck(nights, 50) ? 20 : 200),
			errors[chance_below(&life->chance, ARRAY_SIZE(errors))]);
}

static void choose_server(struct nights *nights)
{
	struct server *server = &nights->life.server;

	if (server->state < LAST_STATE - 1 && is_luck(nights, 40))
		server->state++;
	server->shown = is_luck(nights, 10) ? (int)chance_below(&nights->life.chance, (uint64_t)server->state + 1)
					    : server->state;
	server->is_gone = is_luck(nights, 8);
	server->trouble = is_luck(nights, 50) ? 0 : (unsigned)chance_below(&nights->life.chance, 40);
}

static void choose_clock(struct nights *nights)
{
	static const int64_t errors[] = {-57 * YEAR_S, -DAY_S, -3 * 3600, 3 * 3600, DAY_S, 12 * YEAR_S};

	nights->life.clock_error_s =
		is_luck(nights, 8) ? errors[chance_below(&nights->life.chance, ARRAY_SIZE(errors))] : 0;
}

static void damage(struct nights *nights)
{
	static const char *const what[] = {"cache", "cache", "metadata", "store"};

	if (is_luck(nights, 5))
		life_damage(&nights->life, what[chance_below(&nights->life.chance, ARRAY_SIZE(what))]);
}

/* ---- Nights ---- */

static void complain(struct nights *nights, const char *when, const struct error *err)
{
	part_bad(&nights->part, "life %" PRIu64 ", night %d, %s: %s (again: --number %" PRIu64 ")", nights->number,
		nights->night, when, err->text, nights->number);
	nights->is_bad = true;
}

static enum life_end judge(struct nights *nights, const char *when, enum life_end end)
{
	static const char *const ends[] = {
		[LIFE_DONE] = "done", [LIFE_FAILED] = "failed", [LIFE_KILLED] = "killed", [LIFE_CRASHED] = "crashed"};
	struct error err = {0};

	if (getenv("PROOF_SHOWS_ALL"))
		part_say(&nights->part, "night %d, %s: %s%s%s", nights->night, when, ends[end],
			end == LIFE_FAILED ? ": " : "", end == LIFE_FAILED ? life_error(&nights->life)->text : "");
	if (end == LIFE_CRASHED)
		complain(nights, when, life_error(&nights->life));
	else if (life_check(&nights->life, is_luck(nights, 3), &err) < 0)
		complain(nights, when, &err);
	return end;
}

static void do_something(struct nights *nights)
{
	static const char *const acts[] = {
		"disable", "disable-for-a-day", "enable", "enable", "hold", "release", "roll-back"};
	struct life *life = &nights->life;

	if (!is_luck(nights, 15))
		return;
	arm(nights);
	(void)judge(nights, "staff",
		life_staff(life, acts[chance_below(&life->chance, ARRAY_SIZE(acts))],
			life_packages[chance_below(&life->chance, LIFE_PACKAGES)]));
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
		if (judge(nights, "job", life_job(&nights->life, until_s, &ran)) == LIFE_KILLED) {
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

	choose_server(nights);
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

/* All is well again: in a few nights the terminal is where it should be. */
static void end_well(struct nights *nights, int64_t noon_s)
{
	struct life *life = &nights->life;
	struct error err = {0};
	bool ran;

	life->server.state = life->server.shown = LAST_STATE;
	life->server.trouble = 0;
	life->server.is_gone = false;
	life->clock_error_s = 0;
	(void)life_staff(life, "enable", "");
	for (size_t i = 0; i < LIFE_PACKAGES; i++)
		(void)life_staff(life, "release", life_packages[i]);
	for (int night = 0; night < 3; night++, noon_s += DAY_S) {
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
	if (!nights->is_bad && life_check_end(life, LAST_VERSION, &err) < 0)
		complain(nights, "the end", &err);
}

static void live(struct nights *nights, uint64_t number)
{
	int64_t noon_s = nights->world->now_s / DAY_S * DAY_S + 3 * 3600; /* 03:00 UTC is noon in Japan */

	nights->number = number;
	nights->is_bad = false;
	life_begin(&nights->life, chance_of(nights->part.seed, number));
	for (nights->night = 1; nights->night <= NIGHTS_OF_A_LIFE && !nights->is_bad; nights->night++) {
		noon_s += DAY_S;
		live_a_night(nights, noon_s);
		part_ran(&nights->part);
	}
	if (!nights->is_bad)
		end_well(nights, noon_s + DAY_S);
}

/* A terminal on the first releases, confirmed: where most lives begin. */
static void make_base(struct nights *nights)
{
	struct life *life = &nights->life;
	char command[FOLDER_PATH_SIZE * 2];
	bool ran = true;

	(void)snprintf(command, sizeof(command), "cd '%s' && cp -a terminal base", nights->world->folder.path);
	assert_int_equal(system(command), 0);
	life_begin(life, chance_of(nights->part.seed, 0));
	if (life_button(life) != LIFE_DONE || life_boot(life) != LIFE_DONE ||
		life_job(life, life_now_s(life) + 3600, &ran) != LIFE_DONE) {
		(void)fprintf(stderr, "nights: the first terminal could not be made: %s\n", life_error(life)->text);
		exit(EXIT_FAILURE);
	}
	(void)snprintf(command, sizeof(command), "cd '%s' && rm -rf base && cp -a terminal base",
		nights->world->folder.path);
	assert_int_equal(system(command), 0);
}

int main(int argc, char **argv)
{
	struct nights nights = {0};
	void *state = NULL;

	part_begin(&nights.part, "nights", argc, argv);
	assert_int_equal(world_setup(&state), 0);
	nights.world = state;
	(void)snprintf(nights.states, sizeof(nights.states), "%s/states", nights.world->folder.path);
	publish_states(&nights);
	life_init(&nights.life, nights.world, nights.states, nights.world->config.server_urls.items[0]);
	make_base(&nights);
	for (uint64_t number = 1; number <= (nights.part.is_short ? LIVES_SHORT : LIVES_FULL); number++)
		if (!nights.part.only || nights.part.only == number)
			live(&nights, number);
	life_release(&nights.life);
	(void)world_teardown(&state);
	return part_end(&nights.part);
}
