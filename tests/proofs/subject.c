#include "tests/proofs/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/restart/boot.h"
#include "agent/restart/rollout_heed.h"
#include "common/digest.h"
#include "rollback/guard.h"
#include "tests/proofs/rollout_story.h"
#include "tests/support/test.h"

#define DAY_S 86400
#define SHOWS_ALL "PROOF_SHOWS_ALL"

static const struct {
	const char *name;
	const char *options; /* of the new release */
	bool migrates;
	bool is_in_group;
} makings[SUBJECT_PACKAGES] = {
	{"distro-app", "", false, false},
	{"face-library", "--migrate bin/migrate", true, false},
	{"linkage-app", "--migrate bin/migrate --requires reader-app/acme=" SUBJECT_NEW, true, true},
	{"reader-app/acme", "--requires linkage-app=" SUBJECT_NEW, false, true},
};
#define BAD_PACKAGE 2 /* in the stories that have one */

const char *subject_story_name(enum subject_story story)
{
	static const char *const stories[SUBJECT_STORIES] = {
		[SUBJECT_SOUND] = "sound releases",
		[SUBJECT_FAILS_SELF_TEST] = "a failing self-test",
		[SUBJECT_UNHEALTHY] = "an unhealthy release",
		[SUBJECT_BRAKED] = "a candidate that the brake stops",
		[SUBJECT_RECALLED] = "a candidate that is called back",
	};

	return stories[story];
}

static bool is_tried(enum subject_story story, int package)
{
	return makings[package].is_in_group && (story == SUBJECT_BRAKED || story == SUBJECT_RECALLED);
}

static enum subject_outcome outcome_of(enum subject_story story, int package)
{
	static const enum subject_outcome outcomes[SUBJECT_STORIES] = {
		[SUBJECT_SOUND] = SUBJECT_ENDS_NEW,
		[SUBJECT_FAILS_SELF_TEST] = SUBJECT_ENDS_OLD,
		[SUBJECT_UNHEALTHY] = SUBJECT_ENDS_OLD,
		[SUBJECT_BRAKED] = SUBJECT_ENDS_EITHER,
		[SUBJECT_RECALLED] = SUBJECT_ENDS_WITHOUT,
	};

	return makings[package].is_in_group ? outcomes[story] : SUBJECT_ENDS_NEW;
}

/* ---- What the publisher has ---- */

static const char *stem_of(const char *package, char ret_stem[static PACKAGE_NAME_SIZE])
{
	package_role(package, ret_stem);
	return ret_stem;
}

static void put_noise(
	struct world *world, const char *package, const char *version, const char *file, size_t len, unsigned seed)
{
	char *bytes = malloc(len);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245u + 12345u;
		bytes[i] = (char)(seed >> 16);
	}
	world_put(world, package, version, file, bytes, len);
	free(bytes);
}

static void put_program(
	struct world *world, const char *package, const char *version, const char *file, const char *body)
{
	char script[512];
	int len = snprintf(script, sizeof(script), "#!/bin/sh\nset -e\ncd \"$(dirname \"$0\")/..\"\n%s\n", body);

	world_put(world, package, version, file, script, (size_t)len);
}

/* A self-test and a health check that fail where the files are not those of their version, and, in the stories with a
 * bad release, one that fails in any case. */
static void put_programs(struct world *world, int package, const char *version, enum subject_story story)
{
	bool is_bad = package == BAD_PACKAGE && strcmp(version, SUBJECT_NEW) == 0;
	const char *name = makings[package].name;
	char good[128];

	(void)snprintf(good, sizeof(good), "[ \"$(cat version.txt)\" = %s ] && [ -s link.bin ]", version);
	put_program(world, name, version, "bin/self-test",
		is_bad && story == SUBJECT_FAILS_SELF_TEST ? "echo no reader; exit 1" : good);
	put_program(world, name, version, "bin/health",
		is_bad && story == SUBJECT_UNHEALTHY ? "echo no camera; exit 1" : good);
	put_program(world, name, version, "bin/migrate",
		"[ \"$(cat \"$HAISHIN_DATA/form\")\" = " SUBJECT_OLD " ]\necho " SUBJECT_NEW
		" >\"$HAISHIN_DATA/form\"");
}

/* Files that change and files that do not, that come and that go, an empty one, folders and a link. */
static void put_release(struct world *world, int package, const char *version, enum subject_story story)
{
	const char *name = makings[package].name;
	char link[FOLDER_PATH_SIZE + 2 * PACKAGE_NAME_SIZE], stem[PACKAGE_NAME_SIZE];

	put_programs(world, package, version, story);
	world_put(world, name, version, "version.txt", version, strlen(version));
	put_noise(world, name, version, "same.bin", 20000, 1);
	put_noise(world, name, version, "lib/changes.bin", 60000, (unsigned)version[0]);
	put_noise(world, name, version, strcmp(version, SUBJECT_NEW) == 0 ? "lib/deep/comes.bin" : "lib/goes.bin",
		5000, 2);
	world_put(world, name, version, "lib/empty", "", 0);
	(void)snprintf(
		link, sizeof(link), "%s/input/%s-%s/link.bin", world->folder.path, stem_of(name, stem), version);
	assert_int_equal(symlink("same.bin", link), 0);
}

static void publish(struct world *world, const char *version, enum subject_story story)
{
	bool is_new = strcmp(version, SUBJECT_NEW) == 0;
	char catalog[512] = "";

	for (int i = 0; i < SUBJECT_PACKAGES; i++) {
		char stem[PACKAGE_NAME_SIZE], options[256];
		size_t len = strlen(catalog);

		put_release(world, i, version, story);
		(void)snprintf(options, sizeof(options), "--self-test bin/self-test --health bin/health %s",
			is_new ? makings[i].options : "");
		world_pack(world, makings[i].name, version, options);
		(void)stem_of(makings[i].name, stem);
		if (is_new && i == 0)
			world_delta(world, makings[i].name, SUBJECT_NEW, SUBJECT_OLD);
		world_repo(world, "add %s/packed/%s-%s.json", world->folder.path, stem, version);
		if (!is_new || !is_tried(story, i))
			(void)snprintf(catalog + len, sizeof(catalog) - len, "%s%s=%s", len ? " " : "", makings[i].name,
				version);
	}
	world_publish(world, catalog);
	if (is_new && is_tried(story, BAD_PACKAGE))
		rollout_story_publish(
			world, (const char *const[]){makings[BAD_PACKAGE].name, makings[BAD_PACKAGE + 1].name}, version);
}

char *subject_release_json(const struct subject *subject, int package, const char *version, size_t *ret_len)
{
	char path[PACKAGE_TARGET_SIZE], stem[PACKAGE_NAME_SIZE];

	(void)snprintf(path, sizeof(path), "packed/%s-%s.json", stem_of(makings[package].name, stem), version);
	return folder_get(&subject->world->folder, path, ret_len);
}

static void name_folder(
	const struct subject *subject, int package, const char *version, char ret_folder[static PACKAGE_FOLDER_SIZE])
{
	AUTO(free) char *json = NULL;
	char digest[SHA256_HEX_SIZE];
	struct sha256 sum;
	size_t len;

	json = subject_release_json(subject, package, version, &len);
	assert_non_null(json);
	sha256_of(json, len, &sum);
	package_release_folder(version, sha256_hex(&sum, digest), ret_folder);
}

/* ---- The terminal and its disk ---- */

/* What staff have set, in the form that the old release knows. */
static void put_data(struct world *world, const char *package)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "terminal/opt/haishin/%s/data/mode", package);
	folder_put(&world->folder, path, SUBJECT_MODE, strlen(SUBJECT_MODE));
	(void)snprintf(path, sizeof(path), "terminal/opt/haishin/%s/data/form", package);
	folder_put(&world->folder, path, SUBJECT_OLD "\n", strlen(SUBJECT_OLD "\n"));
}

static void install(struct world *world, const char *version)
{
	struct error err = {0};

	publish(world, version, SUBJECT_SOUND);
	assert_ok(world_run(world, JOB_NIGHT, NULL, &err), &err);
	world_restart(world);
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	for (int i = 0; i < SUBJECT_PACKAGES; i++)
		assert_string_equal(world_current(world, makings[i].name), version);
	world->now_s += DAY_S;
}

/* The programs are none of the state, and large: the disk holds a link to them. */
static void take_programs_out(const struct subject *subject)
{
	char from[FOLDER_PATH_SIZE + 64], to[FOLDER_PATH_SIZE + 64];

	(void)snprintf(from, sizeof(from), "%s/programs", subject->terminal);
	(void)snprintf(to, sizeof(to), "%s/programs", subject->world->folder.path);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(symlink(to, from), 0);
}

/* The jobs of the terminal ran in this process, and took the signals that ask a job to stop for themselves. */
static void take_signals_again(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void subject_init(struct subject *subject, enum subject_story story)
{
	void *state = NULL;
	const char *path;

	*subject = (struct subject){.story = story};
	(void)world_setup(&state);
	subject->world = state;
	subject->boot = mmap(NULL, sizeof(*subject->boot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(subject->boot != MAP_FAILED);
	path = subject->world->folder.path;
	subject->world->config.reserve_space = 1 << 20;
	subject->world->log.level = getenv(SHOWS_ALL) ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR;
	install(subject->world, SUBJECT_OLDER);
	install(subject->world, SUBJECT_OLD);
	for (int i = 0; i < SUBJECT_PACKAGES; i++)
		put_data(subject->world, makings[i].name);
	world_close(subject->world);
	take_signals_again();
	publish(subject->world, SUBJECT_NEW, story);
	for (int i = 0; i < SUBJECT_PACKAGES; i++) {
		subject->packages[i].name = makings[i].name;
		subject->packages[i].migrates = makings[i].migrates;
		subject->packages[i].outcome = outcome_of(story, i);
		name_folder(subject, i, SUBJECT_OLDER, subject->packages[i].older_folder);
		name_folder(subject, i, SUBJECT_OLD, subject->packages[i].old_folder);
		name_folder(subject, i, SUBJECT_NEW, subject->packages[i].new_folder);
	}
	(void)snprintf(subject->terminal, sizeof(subject->terminal), "%s/terminal", path);
	(void)snprintf(subject->fresh, sizeof(subject->fresh), "%s/fresh.img", path);
	(void)snprintf(subject->at_work, sizeof(subject->at_work), "%s/at-work.img", path);
	(void)snprintf(subject->cut, sizeof(subject->cut), "%s/cut.img", path);
	(void)snprintf(subject->folder, sizeof(subject->folder), "%s/fresh", path);
	take_programs_out(subject);
	assert_int_equal(rename(subject->terminal, subject->folder), 0);
	assert_int_equal(mkdir(subject->terminal, 0755), 0);
	disk_make(subject->fresh, subject->folder);
}

void subject_clear(struct subject *subject)
{
	void *state = subject->world;

	subject_unmount(subject);
	(void)munmap(subject->boot, sizeof(*subject->boot));
	(void)world_teardown(&state);
}

static void copy_file(const char *from, const char *to)
{
	AUTO(fd) int from_fd = open(from, O_RDONLY | O_CLOEXEC);
	AUTO(fd) int to_fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(from_fd >= 0 && to_fd >= 0);
	disk_copy(from_fd, to_fd);
}

static void note_boot(struct subject *subject)
{
	memcpy(subject->boot->id, subject->world->boot_id, sizeof(subject->boot->id));
	subject->boot->now_s = subject->world->now_s;
}

bool subject_mount(struct subject *subject, enum subject_disk which)
{
	if (which != SUBJECT_CUT) {
		note_boot(subject);
		subject->boot->guard_is_at_work = false;
	}
	if (which == SUBJECT_MEMORY) {
		disk_mount_memory(&subject->disk, subject->folder, subject->terminal);
		return true;
	}
	copy_file(which == SUBJECT_CUT ? subject->cut : subject->fresh, subject->at_work);
	return disk_mount(&subject->disk, subject->at_work, subject->terminal);
}

void subject_copy_fresh(const struct subject *subject)
{
	copy_file(subject->fresh, subject->cut);
}

void subject_copy_cut(const struct subject *subject)
{
	copy_file(subject->cut, subject->at_work);
}

void subject_unmount(struct subject *subject)
{
	disk_unmount(&subject->disk);
}

void subject_open_cut(struct subject *subject, int *ret_disk_fd, int *ret_cut_fd)
{
	*ret_disk_fd = open(subject->at_work, O_RDONLY | O_CLOEXEC);
	*ret_cut_fd = open(subject->cut, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(*ret_disk_fd >= 0 && *ret_cut_fd >= 0);
}

/* ---- What the terminal does ---- */

int subject_open(struct subject *subject, struct error *err)
{
	struct world *world = subject->world;
	struct boot_options options = {
		.packages = (const char *const *)world->config.packages.items,
		.starts_max = (int)world->config.starts_max,
	};
	struct boot_result result;

	if (terminal_open(&world->env, &world->config, &world->terminal, err) < 0)
		return -1;
	world->is_open = true;
	options.boot_dir_fd = world->terminal.boot_dir_fd;
	options.packages_dir_fd = world->terminal.packages_dir_fd;
	if (boot_reconcile(&world->env, world->terminal.store, &options, &result, err) == 0 &&
		rollout_heed_kept(&world->terminal, err) == 0 && !world->terminal.store_set_aside)
		return 0;
	if (world->terminal.store_set_aside)
		(void)error_set(err, ERROR_DAMAGED, "the store was set aside as damaged");
	subject_close(subject);
	return -1;
}

void subject_close(struct subject *subject)
{
	world_close(subject->world);
}

static int run_guard(struct world *world, struct error *err)
{
	AUTO(fd) int state_fd = -1;
	AUTO(fd) int boot_fd = -1;
	AUTO(fd) int packages_fd = -1;
	struct guard_options options = {
		.packages_path = world->config.packages_path,
		.self_test_user = world->config.self_test_user,
	};
	struct guard_result result;

	if ((state_fd = fs_open_dir(&world->fs, AT_FDCWD, world->config.state_path, err)) < 0 ||
		(boot_fd = fs_open_dir(&world->fs, state_fd, "boot", err)) < 0 ||
		(packages_fd = fs_open_dir(&world->fs, AT_FDCWD, world->config.packages_path, err)) < 0)
		return -1;
	options.boot_dir_fd = boot_fd;
	options.packages_dir_fd = packages_fd;
	return guard_boot(&world->env, &options, &result, err);
}

static int guard(struct subject *subject, struct error *err)
{
	int ret;

	subject->boot->guard_is_at_work = true;
	ret = run_guard(subject->world, err);
	subject->boot->guard_is_at_work = false;
	return ret < 0 ? error_context(err, "guard") : 0;
}

int subject_restart(struct subject *subject, struct error *err)
{
	struct world *world = subject->world;

	world->now_s += 60;
	(void)snprintf(world->boot_id, sizeof(world->boot_id), "boot-%lld", (long long)world->now_s);
	note_boot(subject);
	return guard(subject, err);
}

int subject_resume(struct subject *subject, struct error *err)
{
	subject->world->now_s = subject->boot->now_s;
	memcpy(subject->world->boot_id, subject->boot->id, sizeof(subject->world->boot_id));
	return subject->boot->guard_is_at_work ? guard(subject, err) : 0;
}

/* Remembers the first error only. */
static void note(int result, const char *step, struct error *failed, struct error *first)
{
	if (result == 0)
		return;
	if (!first->code)
		(void)error_set(first, failed->code ? failed->code : ERROR_FAILED, "%s: %s", step, failed->text);
	*failed = (struct error){0};
}

static void run_job(struct subject *subject, enum job_kind kind, struct error *first)
{
	struct job_lines lines = {.fd = -1};
	struct job_result result;
	struct error failed = {0};

	if (subject_open(subject, &failed) < 0) {
		note(-1, "start of the agent", &failed, first);
		return;
	}
	note(job_run(&subject->world->terminal, kind, &lines, &result, &failed), job_kind_name(kind), &failed,
		first);
	subject_close(subject);
}

static int end_with(const struct error *first, struct error *err)
{
	if (!first->code)
		return 0;
	*err = *first;
	return -1;
}

/* A contact, to which the publisher says what it does at MOMENT, or later. */
static void contact(struct subject *subject, enum rollout_moment moment, struct error *first)
{
	enum rollout_moment last = subject->story == SUBJECT_RECALLED ? ROLLOUT_CALLED_BACK : ROLLOUT_BRAKED;

	if (is_tried(subject->story, BAD_PACKAGE))
		rollout_story_ask(subject->world, subject->is_later ? last : moment);
	run_job(subject, JOB_NIGHT, first);
}

static void restart_again(struct subject *subject, struct error *first)
{
	struct error failed = {0};

	note(subject_restart(subject, &failed), "second restart", &failed, first);
	run_job(subject, JOB_CONFIRM, first);
}

int subject_evening(struct subject *subject, struct error *err)
{
	struct error first = {0}, failed = {0};

	contact(subject, ROLLOUT_LET, &first);
	if (subject->story == SUBJECT_BRAKED)
		contact(subject, ROLLOUT_BRAKED, &first);
	note(subject_restart(subject, &failed), "restart", &failed, &first);
	run_job(subject, JOB_CONFIRM, &first);
	if (subject->story == SUBJECT_RECALLED) {
		contact(subject, ROLLOUT_BRAKED, &first);
		contact(subject, ROLLOUT_CALLED_BACK, &first);
	}
	if (subject->story == SUBJECT_UNHEALTHY || subject->story == SUBJECT_RECALLED)
		restart_again(subject, &first);
	return end_with(&first, err);
}

int subject_next_evening(struct subject *subject, struct error *err)
{
	struct error first = {0}, failed = {0};

	subject->world->now_s += DAY_S;
	subject->is_later = true;
	run_job(subject, JOB_CONFIRM, &first);
	note(subject_evening(subject, &failed), "next evening", &failed, &first);
	return end_with(&first, err);
}
