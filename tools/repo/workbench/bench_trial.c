#include "tools/repo/workbench/bench_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/text.h"
#include "rollback/guard.h"
#include "rollback/journal.h"
#include "rollback/plan_programs.h"
#include "tools/repo/workbench/bench_health.h"

struct trying {
	struct bench *bench;
	const struct bench_release *release;
	const struct bench_release *former;
	struct bench_report *report;
	struct plan_entry entry; /* as the guard left it */
	bool is_on_trial;
	ino_t data; /* which folder the data were in before */
};

static int64_t now_ms(const struct trying *trying)
{
	return trying->bench->clock.monotonic_ms(&trying->bench->clock);
}

static const struct release *release_of(const struct trying *trying)
{
	return trying->release->files->release;
}

/* ---- What the terminal has on its disk ---- */

static int open_versions(const struct trying *trying, struct versions **ret_versions, struct error *err)
{
	return versions_open(
		trying->bench->env.fs, trying->bench->packages_fd, release_of(trying)->package, ret_versions, err);
}

static int look_at_disk(const struct trying *trying, char ret_current[static VERSIONS_FOLDER_SIZE], ino_t *ret_data,
	struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	struct stat st;

	if (open_versions(trying, &versions, err) < 0 || versions_current(versions, ret_current, err) < 0)
		return -1;
	if (fstatat(versions_package_dir_fd(versions), "data", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "the package's data");
	*ret_data = st.st_ino;
	return 0;
}

/* The data that was given takes the place of the package's, which is empty. */
static int put_data(const struct trying *trying, struct error *err)
{
	const struct bench *bench = trying->bench;
	AUTO(versions) struct versions *versions = NULL;
	char path[PATH_MAX];

	if (open_versions(trying, &versions, err) < 0)
		return -1;
	if (!bench->has_data)
		return 0;
	(void)snprintf(path, sizeof(path), BENCH_PACKAGES "/%s/data", release_of(trying)->package);
	if (fs_remove_tree(bench->env.fs, bench->dir_fd, path, err) < 0)
		return -1;
	return fs_rename(bench->env.fs, bench->dir_fd, BENCH_DATA, path, err);
}

/* ---- The plan and the journal ---- */

static int write_plan(const struct trying *trying, struct error *err)
{
	const struct bench *bench = trying->bench;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct plan_entry entry = {.priority = 1, .state = PLAN_STAGED, .starts_max = bench->settings->starts_max};

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	(void)snprintf(entry.package, sizeof(entry.package), "%s", release_of(trying)->package);
	(void)snprintf(entry.folder, sizeof(entry.folder), "%s", trying->release->folder);
	if (trying->former)
		(void)snprintf(entry.former, sizeof(entry.former), "%s", trying->former->folder);
	if (plan_programs_write(release_of(trying), &entry, err) < 0 || plan_put(plan, &entry, err) < 0 ||
		bench->clock.boot_id(&bench->clock, plan->boot_id, err) < 0)
		return -1;
	return plan_write(bench->env.fs, bench->boot_fd, plan, err);
}

/* The last of the lines about it says how it ended. */
static int take_line(void *context, const struct journal_line *line, struct error *err)
{
	(void)err;
	*(struct journal_line *)context = *line;
	return 0;
}

static int read_plan(struct trying *trying, struct journal_line *ret_last, struct error *err)
{
	const struct bench *bench = trying->bench;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	const struct plan_entry *entry;

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (plan_read(bench->env.fs, bench->boot_fd, plan, err) < 0 ||
		journal_read(bench->env.fs, bench->boot_fd, take_line, ret_last, err) < 0)
		return -1;
	entry = plan_find(plan, release_of(trying)->package);
	trying->is_on_trial = entry && entry->state == PLAN_TRIAL;
	if (entry)
		trying->entry = *entry;
	return 0;
}

/* ---- The steps ---- */

static int stage(struct trying *trying, struct error *err)
{
	struct stage_progress *bytes = &trying->report->bytes;
	int64_t begun_ms = now_ms(trying);
	struct error why = {0};

	if (bench_release_stage(trying->bench, trying->release, trying->former, bytes, &why) == 0) {
		bench_step_note(trying->report, BENCH_STAGING, BENCH_PASSED, now_ms(trying) - begun_ms,
			"every file is as it was packed");
		return write_plan(trying, err);
	}
	if (why.code != ERROR_REFUSED && why.code != ERROR_ALTERED && why.code != ERROR_NO_SPACE) {
		*err = why;
		return -1;
	}
	bench_step_fail(trying->report, BENCH_STAGING, now_ms(trying) - begun_ms,
		why.code == ERROR_NO_SPACE ? BENCH_NO_SPACE : BENCH_REFUSED, why.text);
	return 0;
}

static int restart(struct trying *trying, struct journal_line *ret_last, struct error *err)
{
	struct bench *bench = trying->bench;
	struct guard_options options;
	struct guard_result result;

	bench->boots++;
	bench_programs_forget(&bench->programs);
	bench_guard_options(bench, &options);
	if (guard_boot(&bench->env, &options, &result, err) < 0)
		return -1;
	return read_plan(trying, ret_last, err);
}

/* Back where it was: the release that ran before, and its data. */
static int note_way_back(struct trying *trying, int64_t ms, struct error *err)
{
	const char *former = trying->former ? trying->former->folder : "";
	char current[VERSIONS_FOLDER_SIZE];
	ino_t data;

	if (look_at_disk(trying, current, &data, err) < 0)
		return -1;
	if (strcmp(current, former) != 0 || data != trying->data) {
		bench_step_fail(trying->report, BENCH_WAY_BACK, ms, BENCH_TAKEN_BACK,
			strcmp(current, former) != 0 ? "the release that ran before is not current again"
						     : "the data are not what they were");
		return 0;
	}
	if (trying->former)
		bench_step_note(trying->report, BENCH_WAY_BACK, BENCH_PASSED, ms, "%s runs again",
			trying->former->files->release->version);
	else
		bench_step_note(trying->report, BENCH_WAY_BACK, BENCH_PASSED, ms, "no release, as before");
	return 0;
}

/* The guard has taken it back, or dropped it: what its programs did tells at which step. */
static int note_failed_start(struct trying *trying, const struct journal_line *last, int64_t ms, struct error *err)
{
	const struct bench_programs *programs = &trying->bench->programs;
	struct bench_report *report = trying->report;
	const struct release *release = release_of(trying);
	bool has_migrated = programs->count > 1 || !release->migrate.argv[0];

	if (last->event == JOURNAL_DROPPED) {
		bench_step_fail(report, BENCH_RESTART, ms, BENCH_REFUSED, last->reason);
		return 0;
	}
	bench_step_note(report, BENCH_RESTART, BENCH_PASSED, ms, "it became current");
	if (!has_migrated) {
		bench_step_fail(report, BENCH_MIGRATION, programs->ms[0], BENCH_TAKEN_BACK, last->reason);
	} else {
		if (release->migrate.argv[0])
			bench_step_note(report, BENCH_MIGRATION, BENCH_PASSED, programs->ms[0], "%s", "");
		bench_step_fail(report, BENCH_SELF_TEST, programs->ms[release->migrate.argv[0] ? 1 : 0],
			BENCH_TAKEN_BACK, last->reason);
	}
	return note_way_back(trying, 0, err);
}

static int first_restart(struct trying *trying, struct error *err)
{
	const struct bench_programs *programs = &trying->bench->programs;
	struct bench_report *report = trying->report;
	struct journal_line last = {0};
	int64_t begun_ms = now_ms(trying), ms;
	size_t run = 0;

	if (restart(trying, &last, err) < 0)
		return -1;
	ms = now_ms(trying) - begun_ms;
	if (!trying->is_on_trial)
		return note_failed_start(trying, &last, ms, err);
	bench_step_note(report, BENCH_RESTART, BENCH_PASSED, ms, "it became current");
	if (*trying->entry.migrate)
		bench_step_note(report, BENCH_MIGRATION, BENCH_PASSED, programs->ms[run++], "%s", "");
	else
		bench_step_note(report, BENCH_MIGRATION, BENCH_NOT_TRIED, 0, "it brings none");
	if (*trying->entry.self_test)
		bench_step_note(report, BENCH_SELF_TEST, BENCH_PASSED, programs->ms[run], "%s", "");
	else
		bench_step_note(report, BENCH_SELF_TEST, BENCH_NOT_TRIED, 0, "it brings none");
	return 0;
}

static int take_back(struct trying *trying, const char *reason, struct error *err)
{
	struct bench *bench = trying->bench;
	int64_t begun_ms = now_ms(trying);
	struct guard_options options;
	struct guard_result result;

	bench_guard_options(bench, &options);
	if (guard_take_back(&bench->env, &options, release_of(trying)->package, reason, &result, err) < 0)
		return -1;
	return note_way_back(trying, now_ms(trying) - begun_ms, err);
}

static int ask_for_health(struct trying *trying, struct error *err)
{
	struct bench *bench = trying->bench;
	const struct release *release = release_of(trying);
	const struct sandbox sandbox = {.packages_path = bench->packages_path,
		.package = release->package,
		.folder = trying->release->folder,
		.former = trying->former ? trying->former->folder : "",
		.data = "data",
		.user = bench->settings->user,
		.has_network = release->wants_network &&
			       text_holds_word(bench->settings->network_packages, release->package)};
	int64_t begun_ms = now_ms(trying);
	struct error why = {0};

	if (bench_health_ask(bench, release, &sandbox, &why) == 0) {
		bench_step_note(
			trying->report, BENCH_HEALTH_CHECK, BENCH_PASSED, now_ms(trying) - begun_ms, "%s", "");
		return 0;
	}
	if (why.code != ERROR_REFUSED) {
		*err = why;
		return -1;
	}
	bench_step_fail(trying->report, BENCH_HEALTH_CHECK, now_ms(trying) - begun_ms, BENCH_TAKEN_BACK, why.text);
	return take_back(trying, why.text, err);
}

/* Unconfirmed, as where the power fails: nothing is done a second time. */
static int second_restart(struct trying *trying, struct error *err)
{
	struct bench_report *report = trying->report;
	struct journal_line last = {0};
	int64_t begun_ms = now_ms(trying);

	if (trying->bench->settings->starts_max == 1) {
		bench_step_note(
			report, BENCH_SECOND_RESTART, BENCH_NOT_TRIED, 0, "the settings allow a single start");
		return 0;
	}
	if (restart(trying, &last, err) < 0)
		return -1;
	if (trying->is_on_trial && trying->bench->programs.count == 0)
		bench_step_note(
			report, BENCH_SECOND_RESTART, BENCH_PASSED, now_ms(trying) - begun_ms, "it is current still");
	else
		bench_step_fail(report, BENCH_SECOND_RESTART, now_ms(trying) - begun_ms, BENCH_TAKEN_BACK,
			*last.reason ? last.reason : "it did not stay current");
	return 0;
}

static bool has_failed(const struct trying *trying)
{
	return trying->report->verdict != BENCH_CONFIRMED;
}

int bench_try(struct bench *bench, const struct bench_release *release, const struct bench_release *former,
	struct bench_report *ret_report, struct error *err)
{
	struct trying trying = {.bench = bench, .release = release, .former = former, .report = ret_report};
	char current[VERSIONS_FOLDER_SIZE];
	const char *why_not = bench_health_obstacle(bench, release->files->release);

	*ret_report = (struct bench_report){0};
	if (put_data(&trying, err) < 0 || look_at_disk(&trying, current, &trying.data, err) < 0 ||
		stage(&trying, err) < 0)
		return -1;
	if (has_failed(&trying))
		return 0;
	if (first_restart(&trying, err) < 0)
		return -1;
	if (has_failed(&trying))
		return 0;
	if (why_not)
		bench_step_note(ret_report, BENCH_HEALTH_CHECK, BENCH_NOT_TRIED, 0, "%s", why_not);
	else if (ask_for_health(&trying, err) < 0)
		return -1;
	if (has_failed(&trying))
		return 0;
	if (second_restart(&trying, err) < 0)
		return -1;
	return has_failed(&trying) ? 0 : take_back(&trying, "the way back was tried", err);
}
