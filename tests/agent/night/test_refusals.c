/* Every attack on a repository, met by a real night: it is refused, named, recorded in the history, and changes
 * nothing; once the repository is right again, delivery goes on. */
#include "tests/agent/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/history.h"
#include "tests/support/test.h"

#define DAY_S 86400

struct attack {
	const char *name;   /* as the refusal begins with it */
	const char *script; /* run in the published repository */
	int days;	    /* the clock goes on by so many */
};

/* By the time of an attack, timestamp and snapshot have been signed twice more than in ../former. */
static const struct attack attacks[] = {
	{"rollback attack", "cp ../former/metadata/timestamp.json metadata/", 0},
	{"freeze attack", "", 9},
	{"wrong key", "sed -i 's/\"version\": *[0-9]*/\"version\": 99/' metadata/timestamp.json", 0},
	{"mix-and-match attack",
		"last=$(ls metadata/*.snapshot.json | sort -V | tail -n 1); cp metadata/1.snapshot.json $last; "
		"truncate -s $(jq '.signed.meta[].length' metadata/timestamp.json) $last",
		0},
	{"mix-and-match attack",
		"rm ../../terminal/var/lib/haishin/tuf/face-library.json; sed -i s/custom/costum/ "
		"metadata/*.face-library.json",
		0},
	{"endless data attack", "head -c 1000000 /dev/zero >>metadata/timestamp.json", 0},
	{"malformed metadata", "echo '{\"signed\": {}, \"signatures\": 7}' >metadata/timestamp.json", 0},
	{"arbitrary software attack", "sed -i s/issued/isuued/ targets/*.catalog.json", 0},
	{"arbitrary software attack",
		"sed -i s/face-library/face-librarz/ targets/face-library/*.face-library-2.0.0.json", 0},
	{"arbitrary software attack",
		"for f in targets/face-library/*.face-library-2.0.0.tar.zst; do printf X | dd of=$f bs=1 seek=40 "
		"conv=notrunc 2>/dev/null; done",
		0},
};

static void shell(const struct world *world, const char *folder, const char *script)
{
	char command[2048];

	(void)snprintf(
		command, sizeof(command), "set -e; cd %s/publisher/%s; %s", world->folder.path, folder, script);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

/* A terminal that runs face-library 1.0.0 and is offered 2.0.0. */
static void offer_news(struct world *world)
{
	world_add(world, "face-library", "1.0.0", "");
	world_publish(world, "face-library=1.0.0");
	shell(world, ".", "cp -r repository former");
	world_delivers(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	world_repo(world, "refresh --snapshot");
	world_add(world, "face-library", "2.0.0", "");
	world_publish(world, "face-library=2.0.0");
	world_does(world, JOB_CHECK);
	world_repo(world, "refresh --snapshot");
	shell(world, ".", "cp -r repository good");
}

struct search {
	const char *name;
	int found;
};

static int look_at_row(void *context, const struct history_row *row, struct error *err)
{
	struct search *search = context;

	(void)err;
	search->found += strstr(row->detail, search->name) != NULL;
	return 0;
}

/* How many refusals the history tells of by this name. */
static int refusals_named(struct world *world, const char *name)
{
	struct history_filter refused = {.outcome = "refused"};
	struct search search = {.name = name};
	struct error err = {0};

	assert_ok(history_each(world->terminal.store, &refused, look_at_row, &search, &err), &err);
	return search.found;
}

static void meet(struct world *world, const struct attack *attack)
{
	int before = refusals_named(world, attack->name);
	struct error err = {0};

	shell(world, ".", "rm -rf repository; cp -r good repository");
	shell(world, "repository", *attack->script ? attack->script : ":");
	world->now_s += attack->days * DAY_S + 120;
	if (world_run(world, JOB_BUTTON, NULL, &err) == 0)
		fail_msg("%s: not noticed: %s", attack->name, attack->script);
	if ((err.code != ERROR_REFUSED && err.code != ERROR_ALTERED && err.code != ERROR_EXPIRED) ||
		!strstr(err.text, attack->name))
		fail_msg("%s: %s", attack->name, err.text);
	if (refusals_named(world, attack->name) <= before)
		fail_msg("%s: not in the history", attack->name);
	world->now_s -= attack->days * DAY_S;
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
}

TEST_CASE(test_every_attack_is_refused_named_and_recorded)
{
	struct world *world = *state;

	offer_news(world);
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++)
		meet(world, &attacks[i]);
	shell(world, ".", "rm -rf repository; cp -r good repository");
	shell(world, ".", "rm -rf repository; cp -r good repository");
	world->now_s += DAY_S;
	world_does(world, JOB_NIGHT);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "2.0.0");
}

TESTS(world_setup, world_teardown)
