#include "tests/agent/status/situations/situation.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/store/delivery.h"
#include "agent/store/pause.h"
#include "agent/store/quarantine.h"

static void all_is_well(struct stage *stage)
{
	stage_serve_well(stage);
}

static void delivered_from_a_stick(struct stage *stage)
{
	stage_configure_stick(stage, "");
}

static void not_named(struct stage *stage)
{
	stage_configure_stick(stage, "");
	world_repo(stage->world, "catalog drop " PACKAGE);
	world_repo(stage->world, "publish");
}

static void pause_delivery(struct stage *stage, const char *package)
{
	struct error err = {0};

	stage_configure_stick(stage, "");
	world_open(stage->world);
	assert_ok(pause_set(stage->world->terminal.store, package, 0, "OqsComApp", "billing", &err), &err);
	world_close(stage->world);
}

static void disabled(struct stage *stage)
{
	pause_delivery(stage, "");
}

static void held(struct stage *stage)
{
	pause_delivery(stage, PACKAGE);
}

static void live_a_night(struct stage *stage)
{
	stage_configure_stick(stage, "");
	world_does(stage->world, JOB_BUTTON);
}

static void staged(struct stage *stage)
{
	live_a_night(stage);
}

static void on_trial(struct stage *stage)
{
	live_a_night(stage);
	world_restart(stage->world);
}

static void taken_back(struct stage *stage)
{
	struct error err = {0};

	world_repo(stage->world, "catalog set " PACKAGE "=666.0.0");
	world_repo(stage->world, "publish");
	live_a_night(stage);
	world_restart(stage->world);
	(void)!world_run(stage->world, JOB_CONFIRM, NULL, &err);
	world_restart(stage->world);
}

static void at_noon(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->world->now_s += 13 * 3600;
}

static void outside_its_own_window(struct stage *stage)
{
	stage_configure_stick(stage, "window = 02:00-03:00\n");
}

static void before_its_turn(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->turn_matters = true;
	stage->world->now_s += 21 * 3600; /* the next evening, as the window opens */
}

static void campaign(struct stage *stage, int first_day, int last_day, const char *options)
{
	char first[16], last[16];
	time_t from = (time_t)(stage->evening_s + (int64_t)first_day * DAY_S);
	time_t to = (time_t)(stage->evening_s + (int64_t)last_day * DAY_S);

	stage_configure_stick(stage, "");
	(void)strftime(first, sizeof(first), "%Y-%m-%d", gmtime(&from)); /* at 23:00 in Japan it is the same day */
	(void)strftime(last, sizeof(last), "%Y-%m-%d", gmtime(&to));
	world_repo(stage->world, "campaign add 150 --first %s --last %s %s", first, last, options);
	world_repo(stage->world, "publish");
}

static void campaign_to_come(struct stage *stage)
{
	campaign(stage, 5, 9, "");
}

static void campaign_over(struct stage *stage)
{
	campaign(stage, -9, -5, "--afterwards none");
}

static void campaign_leaves_the_night_out(struct stage *stage)
{
	char option[32] = "";
	time_t tonight = (time_t)stage->evening_s;

	(void)strftime(option, sizeof(option), "--leave-out %Y-%m-%d", gmtime(&tonight));
	campaign(stage, -1, 3, option);
}

static void campaign_with_other_hours(struct stage *stage)
{
	campaign(stage, -1, 3, "--window 02:00-03:00");
}

static void rolled_out_to_others_first(struct stage *stage)
{
	stage_configure_stick(stage, "");
	world_repo(stage->world, "catalog set " PACKAGE "=2.0.0 --rollout 0");
	world_repo(stage->world, "publish");
}

/* 1.0.0 is the stable one again, and 2.0.0 is tried. */
static void try_the_newer_one(struct stage *stage, const char *options)
{
	stage_configure_stick(stage, "");
	world_repo(stage->world, "catalog set " PACKAGE "=1.0.0 --back");
	world_repo(stage->world, "rollout begin " PACKAGE "=2.0.0 %s", options);
	world_repo(stage->world, "publish");
}

static void tried_by_pilots_first(struct stage *stage)
{
	try_the_newer_one(stage, "--no-brake --stage 2026-01-01=ring:pilot");
}

static void nobody_watches_the_rollout(struct stage *stage)
{
	try_the_newer_one(stage, "--stage 2026-01-01=100");
}

static void recalled(struct stage *stage)
{
	try_the_newer_one(stage, "--no-brake --stage 2026-01-01=100");
	world_does(stage->world, JOB_BUTTON);
	world_restart(stage->world);
	world_does(stage->world, JOB_CONFIRM);
	world_repo(stage->world, "rollout stop " PACKAGE " --recall --why mistake");
	world_repo(stage->world, "publish");
	world_does(stage->world, JOB_CHECK);
}

static void requires_what_is_nowhere(struct stage *stage)
{
	stage_configure_stick(stage, "");
	world_repo(stage->world, "catalog set " PACKAGE "=3.0.0");
	world_repo(stage->world, "publish");
}

/* The one that it needs is published, and NAME is what keeps that one away. */
static void needs_another(struct stage *stage)
{
	stage_configure_stick(stage, "");
	world_repo(stage->world, "catalog set " PACKAGE "=4.0.0 distro-app=2.0.0");
	world_repo(stage->world, "publish");
}

static void needs_one_that_is_held(struct stage *stage)
{
	pause_delivery(stage, "distro-app");
	needs_another(stage);
}

/* It did not work here, and is in quarantine. */
static void needs_one_that_did_not_work(struct stage *stage)
{
	struct error err = {0};

	stage_configure_stick(stage, "");
	world_repo(stage->world, "catalog set distro-app=666.0.0");
	world_repo(stage->world, "publish");
	world_does(stage->world, JOB_BUTTON);
	world_restart(stage->world);
	(void)!world_run(stage->world, JOB_CONFIRM, NULL, &err);
	world_restart(stage->world);
	world_repo(stage->world, "catalog set " PACKAGE "=6.0.0");
	world_repo(stage->world, "publish");
}

static void needs_one_that_was_sent_away(struct stage *stage)
{
	struct delivery delivery;
	struct error err = {0};
	bool found;

	needs_one_that_did_not_work(stage);
	assert_ok(delivery_latest(stage->world->terminal.store, "distro-app", &delivery, &found, &err), &err);
	assert_ok(quarantine_note_wish(stage->world->terminal.store, "distro-app", delivery.digest, &err), &err);
}

static void not_there_yet(struct stage *stage)
{
	stage_run_on_terminal(stage, "rm -rf opt/haishin/" PACKAGE);
}

static void not_there_and_misspelt(struct stage *stage)
{
	struct world *world = stage->world;
	char path[FOLDER_PATH_SIZE + 64];
	struct error err = {0};

	stage_run_on_terminal(stage, "sed -i s,reader-app/acme,reader-app/acmee, etc/haishin/haishin.conf");
	(void)snprintf(path, sizeof(path), "%s/terminal/etc/haishin/haishin.conf", world->folder.path);
	config_clear(&world->config);
	assert_ok(config_load(&world->fs, path, NULL, &world->config, &err), &err);
}

static void not_there_and_held(struct stage *stage)
{
	held(stage);
	not_there_yet(stage);
}

static void not_there_and_requires_what_is_nowhere(struct stage *stage)
{
	requires_what_is_nowhere(stage);
	not_there_yet(stage);
}

static void not_there_and_needs_one_that_is_held(struct stage *stage)
{
	needs_one_that_is_held(stage);
	stage_run("rm -rf %s/terminal/opt/haishin/" PACKAGE, stage->world->folder.path);
}

static void not_there_and_disabled(struct stage *stage)
{
	disabled(stage);
	stage_run("rm -rf %s/terminal/opt/haishin/" PACKAGE, stage->world->folder.path);
}

static void not_there_and_the_campaign_is_to_come(struct stage *stage)
{
	campaign_to_come(stage);
	stage_run("rm -rf %s/terminal/opt/haishin/" PACKAGE, stage->world->folder.path);
}

static void not_there_at_noon(struct stage *stage)
{
	not_there_yet(stage);
	stage->world->now_s += 13 * 3600;
}

static void not_there_and_others_get_it_first(struct stage *stage)
{
	rolled_out_to_others_first(stage);
	not_there_yet(stage);
}

static void the_first_release_did_not_work(struct stage *stage)
{
	struct error err = {0};

	not_there_yet(stage);
	world_repo(stage->world, "catalog set " PACKAGE "=666.0.0");
	world_repo(stage->world, "publish");
	world_does(stage->world, JOB_BUTTON);
	world_restart(stage->world);
	(void)!world_run(stage->world, JOB_CONFIRM, NULL, &err);
}

static void the_first_release_was_taken_back(struct stage *stage)
{
	the_first_release_did_not_work(stage);
	world_restart(stage->world);
}

static void taken_back_as_somebody_wanted(struct stage *stage)
{
	struct delivery delivery;
	struct error err = {0};
	bool found;

	taken_back(stage);
	assert_ok(delivery_latest(stage->world->terminal.store, PACKAGE, &delivery, &found, &err), &err);
	assert_ok(quarantine_note_wish(stage->world->terminal.store, PACKAGE, delivery.digest, &err), &err);
}

static void sent_away_and_nothing_left(struct stage *stage)
{
	struct world *world = stage->world;
	struct error err = {0};

	taken_back_as_somebody_wanted(stage);
	assert_ok(fs_remove_tree(&world->fs, world->terminal.packages_dir_fd, PACKAGE "/versions", &err), &err);
}

const struct situation situations_of_delivery[] = {
	{"all is well", all_is_well, NULL, "", "nothing", "newer-release"},
	{"delivered from a stick", delivered_from_a_stick, NULL, "", "nothing", "newer-release"},
	{"up to date", stage_publish_what_is_there, NULL, "newer", "nothing", "all-current"},
	{"the catalog does not name it", not_named, NULL, "catalog", "nothing", "all-current"},
	{"delivery disabled (F8)", disabled, NULL, "disabled", "nothing", "disabled"},
	{"the package is held", held, NULL, "held", "nothing", "all-current"},
	{"staged, no restart yet (F7)", staged, NULL, "restart", "nothing", "staged"},
	{"activated, not confirmed yet", on_trial, NULL, "trial", "nothing", "all-current"},
	{"taken back", taken_back, NULL, "quarantine", "nothing", "rolled-back"},
	{"at noon (F2)", at_noon, NULL, "window", "nothing", "newer-release"},
	{"outside the terminal's own window", outside_its_own_window, NULL, "window", "nothing", "newer-release"},
	{"before its turn in the window", before_its_turn, NULL, "turn", "nothing", "newer-release"},
	{"the campaign is to come (F3)", campaign_to_come, NULL, "campaign", "nothing", "campaign"},
	{"the campaign is over (F3)", campaign_over, NULL, "campaign", "nothing", "campaign"},
	{"a night that the campaign leaves out (F3)", campaign_leaves_the_night_out, NULL, "campaign", "nothing",
		"campaign"},
	{"the campaign has other hours (F3)", campaign_with_other_hours, NULL, "campaign", "nothing", "campaign"},
	{"others get it first", rolled_out_to_others_first, NULL, "rollout", "nothing", "not-its-turn"},
	{"pilots try it first", tried_by_pilots_first, NULL, "rollout", "nothing", "not-its-turn"},
	{"nobody watches the rollout", nobody_watches_the_rollout, NULL, "brake", "nothing", "not-its-turn"},
	{"recalled by the operator", recalled, NULL, "restart", "nothing", "recalled"},
	{"requires what is nowhere (F22)", requires_what_is_nowhere, NULL, "requires", "nothing", "waits"},
	{"not there yet (F13)", not_there_yet, NULL, "", "nothing", "not-installed"},
	{"a package is misspelt in the settings", not_there_and_misspelt, NULL, "", "nothing", "not-named"},
	{"not there, and held", not_there_and_held, NULL, "held", "nothing", "held"},
	{"not there, and requires what is nowhere", not_there_and_requires_what_is_nowhere, NULL, "requires",
		"nothing", "requires"},
	{"needs one that is held", needs_one_that_is_held, NULL, "requires", "nothing", "waits-here"},
	{"needs one that did not work", needs_one_that_did_not_work, NULL, "requires", "nothing", "rolled-back"},
	{"needs one that somebody here sent away", needs_one_that_was_sent_away, NULL, "requires", "nothing",
		"waits-here"},
	{"not there, and needs one that is held", not_there_and_needs_one_that_is_held, NULL, "requires", "nothing",
		"requires-here"},
	{"not there, and disabled", not_there_and_disabled, NULL, "disabled", "nothing", "disabled"},
	{"not there, and the campaign is to come", not_there_and_the_campaign_is_to_come, NULL, "campaign", "nothing",
		"not-installed"},
	{"not there, at noon", not_there_at_noon, NULL, "window", "nothing", "not-installed"},
	{"not there, and others get it first", not_there_and_others_get_it_first, NULL, "", "nothing",
		"not-installed"},
	{"the first release did not work", the_first_release_did_not_work, NULL, "restart", "nothing",
		"condemned-first"},
	{"the first release was taken back", the_first_release_was_taken_back, NULL, "quarantine", "nothing", "gone"},
	{"taken back as somebody here wanted", taken_back_as_somebody_wanted, NULL, "quarantine", "nothing",
		"wanted-back"},
	{"not there, and sent away by somebody here", sent_away_and_nothing_left, NULL, "quarantine", "nothing",
		"sent-away"},
	{0},
};
