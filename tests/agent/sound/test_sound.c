/* What is installed and no longer what was delivered: found, told everywhere, and repaired at the next restart for no more than the
 * bytes that are missing. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/night/doctor.h"
#include "agent/sound/sound_check.h"
#include "agent/status/explain.h"
#include "agent/status/report_json.h"
#include "agent/status/status_collect.h"
#include "tests/agent/world.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health"
#define LIBRARY "face-library"
#define BIG_BYTES (9u << 20) /* more than two frames */
#define DAY_S 86400

/* Runs 1.0.0, which has a large file, a folder and a link besides those of every release of a world. */
static int setup(void **state)
{
	static const char small[] = "small\n";
	struct world *world;
	char *big;

	assert_int_equal(world_setup(state), 0);
	world = *state;
	assert_non_null(big = malloc(BIG_BYTES));
	for (size_t i = 0; i < BIG_BYTES; i++)
		big[i] = (char)(i * 2654435761u >> 13);
	world_put(world, LIBRARY, "1.0.0", "lib/big.bin", big, BIG_BYTES);
	world_put(world, LIBRARY, "1.0.0", "lib/small.txt", small, strlen(small));
	world_put(world, LIBRARY, "1.0.0", "share/empty", "", 0);
	free(big);
	assert_int_equal(symlinkat("lib/small.txt", world->folder.fd, "input/" LIBRARY "-1.0.0/link"), 0);
	world_add(world, LIBRARY, "1.0.0", CHECKS);
	world_publish(world, LIBRARY "=1.0.0");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	return 0;
}

/* ---- What is done to it ---- */

#define HERE "terminal/opt/haishin/" LIBRARY "/current/"

static void path_of(const struct world *world, const char *name, char *ret_path, size_t size)
{
	(void)snprintf(ret_path, size, "%s/" HERE "%s", world->folder.path, name);
}

/* Other bytes of the same number, with the times that the file had. */
static void change(struct world *world, const char *name)
{
	char path[FOLDER_PATH_SIZE + 128];
	struct timespec times[2];
	struct stat st;
	int fd;

	path_of(world, name, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_true((fd = open(path, O_WRONLY)) >= 0);
	assert_int_equal(pwrite(fd, "!", 1, 1), 1);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(close(fd), 0);
}

static void add(struct world *world, const char *name)
{
	char path[FOLDER_PATH_SIZE + 128];
	int fd;

	path_of(world, name, path, sizeof(path));
	assert_true((fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644)) >= 0);
	assert_int_equal(close(fd), 0);
}

static void lose(struct world *world, const char *name)
{
	char path[FOLDER_PATH_SIZE + 128];

	path_of(world, name, path, sizeof(path));
	assert_int_equal(unlink(path), 0);
}

static void lose_list(struct world *world)
{
	char command[2 * FOLDER_PATH_SIZE];

	(void)snprintf(command, sizeof(command), "rm %s/terminal/opt/haishin/" LIBRARY "/versions/1.0.0-*.json",
		world->folder.path);
	assert_int_equal(system(command), 0);
}

/* ---- What is seen ---- */

struct seen {
	int64_t counts[INSPECT_KINDS];
	char paths[1024];
};

static int see(void *context, enum inspect_kind kind, const char *path, struct error *err)
{
	struct seen *seen = context;
	size_t len = strlen(seen->paths);

	(void)err;
	seen->counts[kind]++;
	(void)snprintf(seen->paths + len, sizeof(seen->paths) - len, "%s ", path);
	return 0;
}

static struct sound_result look(struct world *world, enum sound_depth depth, struct seen *ret_seen)
{
	const struct sound_watch watch = {.found = see, .context = ret_seen};
	struct sound_result result;
	struct error err = {0};

	*ret_seen = (struct seen){0};
	assert_ok(sound_check(&world->terminal, LIBRARY, depth, &watch, &result, &err), &err);
	return result;
}

static bool is_damaged(struct world *world, enum sound_depth depth)
{
	struct seen seen;
	struct sound_result result = look(world, depth, &seen);

	return soundness_is_damaged(&result.soundness);
}

TEST_CASE(test_what_was_delivered_is_sound_and_no_file_is_read_again)
{
	struct world *world = *state;
	struct seen seen;
	struct sound_result result = look(world, SOUND_LOOK, &seen);

	assert_false(soundness_is_damaged(&result.soundness));
	assert_int_equal(result.files_read, 0);
	assert_false(is_damaged(world, SOUND_WHOLE));
}

TEST_CASE(test_finds_every_kind_of_change_at_a_look)
{
	struct world *world = *state;
	char path[FOLDER_PATH_SIZE + 128], link[FOLDER_PATH_SIZE + 128];
	struct seen seen;

	change(world, "data.txt");
	lose(world, "version.txt");
	add(world, "lib/more.so");
	path_of(world, "bin/health", path, sizeof(path));
	assert_int_equal(chmod(path, 04755), 0);
	path_of(world, "link", link, sizeof(link));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	(void)look(world, SOUND_LOOK, &seen);
	for (int kind = 0; kind < INSPECT_KINDS; kind++)
		assert_int_equal(seen.counts[kind], 1);
	assert_non_null(strstr(seen.paths, "data.txt"));
	assert_non_null(strstr(seen.paths, "lib/more.so"));
}

TEST_CASE(test_a_folder_that_became_something_else_is_found)
{
	struct world *world = *state;
	char path[FOLDER_PATH_SIZE + 128], aside[FOLDER_PATH_SIZE + 128];
	struct seen seen;

	path_of(world, "lib", path, sizeof(path));
	path_of(world, "elsewhere", aside, sizeof(aside));
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	(void)look(world, SOUND_WHOLE, &seen);
	assert_int_equal(seen.counts[INSPECT_CHANGED], 1);
	assert_int_equal(seen.counts[INSPECT_REMOVED], 2);
	assert_int_equal(seen.counts[INSPECT_ADDED], 3);
}

/* The disk lost a block: nobody wrote, and no time tells. */
static void forget_the_times(struct world *world)
{
	char command[2 * FOLDER_PATH_SIZE];

	(void)snprintf(command, sizeof(command), "rm %s/terminal/var/lib/haishin/looks/*", world->folder.path);
	assert_int_equal(system(command), 0);
}

TEST_CASE(test_the_week_reads_what_no_look_can_see_a_share_each_night)
{
	struct world *world = *state;
	uint64_t most = 0;
	int nights = 0;

	change(world, "lib/big.bin");
	change(world, "lib/small.txt");
	forget_the_times(world);
	assert_false(is_damaged(world, SOUND_LOOK));
	for (; nights < 7 && world_history(world, "verify", LIBRARY, "failed") == 0; nights++) {
		struct seen seen;
		struct sound_result result = look(world, SOUND_SHARE, &seen);

		most = result.bytes_read > most ? result.bytes_read : most;
		assert_int_equal(look(world, SOUND_SHARE, &seen).bytes_read, 0); /* the same night again */
		world->now_s += DAY_S;
	}
	assert_int_equal(world_history(world, "verify", LIBRARY, "failed"), 1);
	assert_true(nights <= 7);
}

TEST_CASE(test_a_backup_that_moved_all_times_is_read_once_and_believed)
{
	struct world *world = *state;
	char command[2 * FOLDER_PATH_SIZE];
	struct seen seen;

	(void)snprintf(command, sizeof(command), "find %s/" HERE " -type f -exec touch -d 2001-01-01 {} +",
		world->folder.path);
	assert_int_equal(system(command), 0);
	assert_true(look(world, SOUND_LOOK, &seen).bytes_read > BIG_BYTES);
	assert_int_equal(look(world, SOUND_LOOK, &seen).bytes_read, 0);
	assert_false(is_damaged(world, SOUND_LOOK));
}

TEST_CASE(test_data_and_settings_are_not_looked_at)
{
	struct world *world = *state;
	char *settings;
	size_t len;

	folder_put(&world->folder, "terminal/opt/haishin/" LIBRARY "/data/settings.ini", "a", 1);
	assert_false(is_damaged(world, SOUND_WHOLE));
	world_does(world, JOB_NIGHT);
	assert_non_null(settings = folder_get(&world->folder, "terminal/opt/haishin/" LIBRARY "/data/settings.ini", &len));
	free(settings);
}

/* ---- What is told ---- */

static const struct status_package *library_of(const struct status *status)
{
	return &status->packages[1];
}

TEST_CASE(test_status_explain_and_report_tell_of_it)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *report = NULL;
	const json_t *files;
	struct explanation explanation;
	struct explain_facts facts;
	struct report_span span = {0};
	struct error err = {0};

	change(world, "data.txt");
	assert_true(is_damaged(world, SOUND_LOOK));
	assert_ok(status_collect(&world->terminal, &status, &err), &err);
	assert_int_equal(status.judgement.verdict, STATUS_ATTENTION);
	assert_int_equal(status.judgement.problems[status.judgement.problems_count - 1].reason, STATUS_FILES_DAMAGED);
	assert_ok(explain_collect(&world->terminal, &status, NULL, 0, &facts, &err), &err);
	assert_ok(explain_package(&facts, library_of(&status), &explanation, &err), &err);
	assert_true(explanation.gates[EXPLAIN_NEWER].open);
	assert_non_null(report = report_json(&world->terminal, &span, &err));
	files = json_object_get(json_array_get(json_object_get(report, "packages"), 1), "files");
	assert_string_equal(json_string_value(json_object_get(files, "state")), "damaged");
	assert_int_equal(json_integer_value(json_object_get(files, "changed")), 1);
}

static void take_hop(void *context, const struct doctor_hop *hop)
{
	if (hop->at == DOCTOR_HOP_FILES)
		*(struct doctor_hop *)context = *hop;
}

TEST_CASE(test_the_doctor_looks_at_the_files)
{
	struct world *world = *state;
	struct doctor_hop hop = {0};

	doctor_walk(&world->terminal, -1, take_hop, &hop);
	assert_int_equal(hop.outcome, DOCTOR_OK);
	change(world, "data.txt");
	doctor_walk(&world->terminal, -1, take_hop, &hop);
	assert_int_equal(hop.finding, FINDING_FILES_DAMAGED);
}

TEST_CASE(test_what_was_added_is_named_to_nobody_but_who_looks)
{
	struct world *world = *state;
	struct seen seen;
	struct soundness soundness;

	add(world, "yamada-taro.pdf");
	soundness = look(world, SOUND_WHOLE, &seen).soundness;
	assert_non_null(strstr(seen.paths, "yamada-taro.pdf"));
	assert_string_equal(soundness.example, "");
}

TEST_CASE(test_the_same_finding_is_one_row)
{
	struct world *world = *state;

	change(world, "data.txt");
	for (int i = 0; i < 3; i++)
		assert_true(is_damaged(world, SOUND_WHOLE));
	assert_int_equal(world_history(world, "verify", LIBRARY, "failed"), 1);
}

/* ---- What is repaired ---- */

static void assert_repaired(struct world *world)
{
	world_restart(world);
	world_does(world, JOB_CONFIRM);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_CONFIRMED);
	assert_false(is_damaged(world, SOUND_WHOLE));
}

TEST_CASE(test_a_night_repairs_for_no_more_than_the_frames_that_are_missing)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};
	uint64_t payload;
	size_t len;

	free(folder_get(&world->folder, "packed/" LIBRARY "-1.0.0.tar.zst", &len));
	payload = len;
	world->now_s += DAY_S;
	change(world, "data.txt");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	assert_true(is_damaged(world, SOUND_LOOK)); /* until the restart what runs is left alone */
	assert_true(world_wire_bytes(world, LIBRARY) > 0);
	assert_true(world_wire_bytes(world, LIBRARY) < payload / 2);
	assert_repaired(world);
}

TEST_CASE(test_what_was_only_added_or_has_other_modes_costs_no_byte)
{
	struct world *world = *state;
	char path[FOLDER_PATH_SIZE + 128];

	add(world, "lib/more.so");
	path_of(world, "bin/health", path, sizeof(path));
	assert_int_equal(chmod(path, 0600), 0);
	world_does(world, JOB_BUTTON);
	assert_int_equal(world_wire_bytes(world, LIBRARY), 0);
	assert_repaired(world);
}

TEST_CASE(test_a_repair_can_be_repaired)
{
	struct world *world = *state;

	for (int i = 0; i < 3; i++) {
		change(world, "data.txt");
		world_does(world, JOB_BUTTON);
		assert_repaired(world);
	}
}

TEST_CASE(test_the_way_back_stays_what_it_was)
{
	struct world *world = *state;
	AUTO(versions) struct versions *versions = NULL;
	char previous[VERSIONS_FOLDER_SIZE], version[VERSION_TEXT_SIZE];
	struct error err = {0};

	world_add(world, LIBRARY, "2.0.0", CHECKS);
	world_publish(world, LIBRARY "=2.0.0");
	world_delivers(world);
	change(world, "data.txt");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	world_does(world, JOB_BUTTON); /* a clean-up while it is on trial */
	world_does(world, JOB_CONFIRM);
	assert_ok(versions_open(&world->fs, world->terminal.packages_dir_fd, LIBRARY, &versions, &err), &err);
	assert_ok(versions_previous(versions, previous, &err), &err);
	package_folder_version(previous, version);
	assert_string_equal(version, "1.0.0");
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TEST_CASE(test_a_hold_and_a_share_keep_no_repair_out)
{
	struct world *world = *state;

	world_add(world, LIBRARY, "2.0.0", CHECKS);
	world_repo(world, "catalog set " LIBRARY "=2.0.0 --rollout 0");
	world_repo(world, "publish");
	change(world, "data.txt");
	world_does(world, JOB_BUTTON);
	assert_repaired(world);
}

static void make_sick(struct world *world)
{
	folder_put(&world->folder, "terminal/opt/haishin/" LIBRARY "/data/sick", "", 0);
}

/* The damaged release stays current, and the one before it stays its way back. */
TEST_CASE(test_a_repair_that_is_taken_back_leaves_the_older_way_back)
{
	struct world *world = *state;
	char target[256];
	ssize_t len;

	world->programs_begin_with = "[ ! -e \"$HAISHIN_DATA/sick\" ] || exit 1";
	world_add(world, LIBRARY, "2.0.0", CHECKS);
	world->programs_begin_with = NULL;
	world_publish(world, LIBRARY "=2.0.0");
	world_delivers(world);
	change(world, "data.txt");
	world_does(world, JOB_BUTTON);
	make_sick(world);
	world_restart(world);
	world_does(world, JOB_CONFIRM);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_ROLLED_BACK);
	assert_true(is_damaged(world, SOUND_WHOLE));
	len = readlinkat(world->folder.fd, "terminal/opt/haishin/" LIBRARY "/previous", target, sizeof(target) - 1);
	assert_true(len > 0);
	target[len] = '\0';
	assert_non_null(strstr(target, "1.0.0-"));
	assert_int_equal(faccessat(world->folder.fd, "terminal/opt/haishin/" LIBRARY "/previous/bin", F_OK, 0), 0);
}

TEST_CASE(test_a_newer_release_takes_the_place_of_a_repair)
{
	struct world *world = *state;

	world_add(world, LIBRARY, "2.0.0", CHECKS);
	change(world, "data.txt");
	world_does(world, JOB_BUTTON);
	world_publish(world, LIBRARY "=2.0.0");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TEST_CASE(test_a_list_that_is_missing_comes_with_the_next_contact)
{
	struct world *world = *state;

	lose_list(world);
	assert_true(is_damaged(world, SOUND_LOOK));
	world_does(world, JOB_BUTTON);
	assert_false(is_damaged(world, SOUND_LOOK));
	lose_list(world);
	change(world, "data.txt");
	world_does(world, JOB_BUTTON);
	assert_repaired(world);
}

TEST_CASE(test_a_forged_list_is_no_list)
{
	struct world *world = *state;
	char command[2 * FOLDER_PATH_SIZE];
	struct seen seen;

	(void)snprintf(command, sizeof(command), "sed -i 's/0644/0666/' %s/terminal/opt/haishin/" LIBRARY
						 "/versions/1.0.0-*.json", world->folder.path);
	assert_int_equal(system(command), 0);
	assert_string_not_equal(look(world, SOUND_LOOK, &seen).soundness.list_fault, "");
	world_does(world, JOB_BUTTON);
	assert_false(is_damaged(world, SOUND_WHOLE));
}

TEST_CASE(test_what_the_server_has_no_more_is_told_as_that)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};
	char command[2 * FOLDER_PATH_SIZE];
	struct error err = {0};

	change(world, "data.txt");
	(void)snprintf(command, sizeof(command), "rm %s/publisher/repository/targets/" LIBRARY "/*.json",
		world->folder.path);
	assert_int_equal(system(command), 0);
	(void)!world_run(world, JOB_BUTTON, NULL, &err);
	assert_ok(status_collect(&world->terminal, &status, &err), &err);
	assert_int_equal(status.judgement.problems[status.judgement.problems_count - 1].reason,
		STATUS_FILES_BEYOND_REPAIR);
}

TESTS(setup, world_teardown)
