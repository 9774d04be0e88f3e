#include "tests/agent/status/situations/situation.h"

#include <string.h>

#include "agent/sound/sound_check.h"
#include "agent/store/pause.h"
#include "agent/turn/account.h"

static void look_at_files(struct stage *stage)
{
	static const struct sound_watch nobody = {0};
	struct sound_result result;
	struct error err = {0};

	assert_ok(sound_check(&stage->world->terminal, PACKAGE, SOUND_LOOK, &nobody, &result, &err), &err);
}

static void clock_is_behind(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->world->now_s -= 400 * (int64_t)DAY_S;
}

static void disk_is_full(struct stage *stage)
{
	stage_configure_stick(stage, "reserve_space = 900000G\n");
}

static void service_does_not_start(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->service_is_disabled = true;
}

static void a_newer_agent_was_installed(struct stage *stage)
{
	stage_configure_stick(stage, "");
	folder_put(&stage->world->folder, "terminal/programs/version", "999.0\n", strlen("999.0\n"));
}

static void settings_have_a_mistake(struct stage *stage)
{
	stage_configure_stick(stage, "window = always\n");
}

static void the_settings_are_gone(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage_run("rm %s/terminal/etc/haishin/haishin.conf", stage->world->folder.path);
}

static void settings_name_what_nobody_knows(struct stage *stage)
{
	stage_configure_stick(stage, "windows = 20:00-05:00\n");
}

static void root_is_missing(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage_run("rm %s/terminal/var/lib/haishin/tuf/*root.json %s/terminal/usr/share/haishin/root.json",
		stage->world->folder.path, stage->world->folder.path);
}

static void a_file_was_changed(struct stage *stage)
{
	stage_publish_what_is_there(stage);
	stage_run("echo changed >>%s/terminal/opt/haishin/" PACKAGE "/current/data.txt", stage->world->folder.path);
	world_open(stage->world);
	look_at_files(stage);
}

static void a_file_was_changed_of_what_is_not_offered_any_more(struct stage *stage)
{
	stage_publish_what_is_there(stage);
	stage_run("rm %s/publisher/repository/targets/" PACKAGE "/*-1.0.0.json", stage->world->folder.path);
	stage_run("rm %s/terminal/opt/haishin/" PACKAGE "/current/data.txt", stage->world->folder.path);
	world_open(stage->world);
	look_at_files(stage);
}

static void a_file_was_changed_and_the_package_is_held(struct stage *stage)
{
	struct error err = {0};

	a_file_was_changed(stage);
	assert_ok(pause_set(stage->world->terminal.store, PACKAGE, 0, "OqsComApp", "", &err), &err);
}

static void a_file_was_changed_and_delivery_is_disabled(struct stage *stage)
{
	struct error err = {0};

	a_file_was_changed(stage);
	assert_ok(pause_set(stage->world->terminal.store, "", 0, "OqsComApp", "", &err), &err);
}

static void change_a_file_and_spoil_its_release(struct stage *stage, enum bad_fault fault, uint64_t at)
{
	a_file_was_changed(stage);
	stage_serve_well(stage);
	bad_server_spoil(stage->server, PACKAGE "-1.0.0.json", fault, at);
}

static void a_file_was_changed_and_a_page_answers(struct stage *stage)
{
	change_a_file_and_spoil_its_release(stage, BAD_PAGE, 300);
}

static void a_file_was_changed_and_its_release_comes_damaged(struct stage *stage)
{
	struct error err = {0};

	change_a_file_and_spoil_its_release(stage, BAD_ZEROS, 0);
	(void)!world_run(stage->world, JOB_BUTTON, NULL, &err);
}

static void a_file_was_changed_and_the_server_fails(struct stage *stage)
{
	change_a_file_and_spoil_its_release(stage, BAD_STATUS, 500);
}

static void the_settings_are_empty(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage_run(": >%s/terminal/etc/haishin/haishin.conf", stage->world->folder.path);
}

static void the_clock_was_set_ahead(struct stage *stage)
{
	struct world *world = stage->world;
	struct error err = {0};

	stage_configure_stick(stage, "");
	world_open(world);
	assert_ok(account_windows(&world->terminal, &err), &err);
	world->now_s += 400 * (int64_t)DAY_S;
	world->booted_s += 400 * (int64_t)DAY_S; /* no time has passed */
	assert_ok(account_windows(&world->terminal, &err), &err);
	world_close(world);
}

static void the_battery_is_dead(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->world->now_s = 60;
}

static void the_clock_is_of_the_year_2000(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->world->now_s = 946684860;
}

const struct situation situations_of_machine[] = {
	{"the clock is behind", clock_is_behind, NULL, "clock", "clock-behind", "clock"},
	{"the disk is full", disk_is_full, NULL, "space", "disk-full", "disk-full"},
	{"the service does not start (F19)", service_does_not_start, NULL, "", "service-disabled", "newer-release"},
	{"a newer agent was installed by hand", a_newer_agent_was_installed, NULL, "", "agent-older",
		"newer-release"},
	{"a file was changed", a_file_was_changed, NULL, "", "files-damaged", "files-damaged"},
	{"a file was lost of a release that nobody offers", a_file_was_changed_of_what_is_not_offered_any_more, NULL,
		"newer", "files-damaged", "files-beyond-repair"},
	{"a file was changed, and the package is held", a_file_was_changed_and_the_package_is_held, NULL, "", "files-damaged",
		"files-damaged"},
	{"a file was changed, and delivery is disabled", a_file_was_changed_and_delivery_is_disabled, NULL, "disabled",
		"files-damaged", "disabled"},
	{"a file was changed, and a page answers", a_file_was_changed_and_a_page_answers, NULL, "last-try", "files-damaged",
		"file-replaced"},
	{"a file was changed, and its release comes damaged again and again",
		a_file_was_changed_and_its_release_comes_damaged, NULL, "last-try", "files-damaged", "altered"},
	{"a file was changed, and the server fails at its release", a_file_was_changed_and_the_server_fails, NULL,
		"last-try", "files-damaged", "file-missing"},
	{"the settings have a mistake (F18)", settings_have_a_mistake, NULL, NULL, "configuration-wrong", ""},
	{"the settings are gone", the_settings_are_gone, NULL, NULL, "configuration-missing", ""},
	{"a setting of a newer agent, or a slip", settings_name_what_nobody_knows, NULL, "", "setting-unknown",
		"newer-release"},
	{"the trusted root is missing", root_is_missing, NULL, NULL, "trust-root-missing", ""},
	{"a newer agent wrote the store", NULL,
		"sqlite3 var/lib/haishin/state.db \"PRAGMA user_version = 99; UPDATE setting SET value = '99' WHERE name = "
		"'schema_readable_from'\"",
		NULL, "store-newer", ""},
	{"current became a folder", NULL,
		"cd opt/haishin/" PACKAGE " && cp -rL current copy && rm current && mv copy current", "machine",
		"package-odd", "package-odd"},
	{"previous became a folder", NULL, "cd opt/haishin/" PACKAGE " && rm -f previous && mkdir previous",
		"machine", "package-odd", "package-odd"},
	{"a file stands where the package should", NULL, "cd opt/haishin && rm -rf " PACKAGE " && touch " PACKAGE,
		"machine", "package-odd", "package-odd"},
	{"another package is odd", NULL, "cd opt/haishin/linkage-app && rm current && mkdir current", "",
		"package-odd", "package-odd"},
	{"the terminal's key is empty", NULL, ": >var/lib/haishin/terminal.key", "", "file-damaged", "file-damaged"},
	{"the terminal's key is cut", NULL, "echo '-----BEGIN PRIVATE KEY-----' >var/lib/haishin/terminal.key", "",
		"file-damaged", "file-damaged"},
	{"the terminal's key is a pipe", NULL, "rm -f var/lib/haishin/terminal.key && mkfifo var/lib/haishin/terminal.key", "",
		"file-foreign", "file-foreign"},
	{"which environment was chosen is a pipe", NULL, "mkfifo var/lib/haishin/environment", "", "file-foreign",
		"file-foreign"},
	{"which environment was chosen is lost", NULL, ": >var/lib/haishin/environment", "", "file-damaged",
		"file-damaged"},
	{"everybody may write the releases", NULL, "chmod 777 opt/haishin", "", "file-foreign", "file-foreign"},
	{"everybody may write the plan", NULL, "chmod 666 var/lib/haishin/boot/journal", "", "file-foreign",
		"file-foreign"},
	{"the store is a link", NULL, "cd var/lib/haishin && mv state.db elsewhere.db && ln -s elsewhere.db state.db",
		"", "nothing", "store-set-aside"},
	{"memory is low", NULL, "mkdir -p proc && echo 'MemAvailable:       9000 kB' >proc/meminfo", "", "memory-low",
		"memory-low"},
	{"the settings are empty (F18)", the_settings_are_empty, NULL, NULL, "configuration-wrong", ""},
	{"the clock was set ahead", the_clock_was_set_ahead, NULL, "clock", "clock-ahead", "clock"},
	{"the clock's battery is dead", the_battery_is_dead, NULL, "clock", "clock-behind", "clock"},
	{"the clock is of the year 2000", the_clock_is_of_the_year_2000, NULL, "clock", "clock-behind", "clock"},
	{0},
};
