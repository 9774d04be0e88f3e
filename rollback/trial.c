#include "rollback/trial.h"

#include <string.h>

#include "common/text.h"
#include "rollback/data.h"
#include "rollback/program.h"

/* 0, or -1 for what is to be taken back at this start. */
static int count_one(struct run *run, struct plan_entry *entry, struct error *err)
{
	if (entry->state == PLAN_CONDEMNED && !entry->line)
		return error_set(err, ERROR_REFUSED, "the agent found it unhealthy");
	if (entry->state != PLAN_TRIAL)
		return 0;
	if (!run_is_current(run, entry, true))
		return error_set(err, ERROR_REFUSED, "something else had been made current");
	if (++entry->starts > entry->starts_max)
		return error_set(err, ERROR_REFUSED, "not confirmed within %d starts", entry->starts_max);
	return 0;
}

void trial_count_start(struct run *run)
{
	(void)strcpy(run->plan.boot_id, run->boot_id);
	run->is_changed = true;
	plan_each (&run->plan, entry) {
		struct error failed = {0};

		if (count_one(run, entry, &failed) < 0)
			run_condemn(run, entry, &failed);
	}
}

/* Where the release asks for it and the terminal's settings give it. */
static bool has_network(const struct run *run, const struct plan_entry *entry)
{
	return entry->network && text_holds_word(run->options->network_packages, entry->package);
}

static bool has_settled_data(const struct plan_entry *entry)
{
	return *entry->migrate ? entry->migrated : entry->tested || entry->starts > 1;
}

static int settle_data(struct run *run, const struct plan_entry *entry, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	struct data_place place = {
		.env = run->env,
		.packages_path = run->options->packages_path,
		.user = run->options->self_test_user,
		.has_network = has_network(run, entry),
	};

	if (versions_open(run->env->fs, run->options->packages_dir_fd, entry->package, &versions, err) < 0)
		return -1;
	place.package_dir_fd = versions_package_dir_fd(versions);
	return data_settle(&place, entry, err);
}

void trial_settle_data(struct run *run)
{
	plan_each (&run->plan, entry) {
		struct error failed = {0};

		if (entry->state != PLAN_TRIAL || has_settled_data(entry))
			continue;
		if (settle_data(run, entry, &failed) < 0 && failed.code == ERROR_MACHINE) {
			run_note(run, &failed); /* at the next start */
		} else if (failed.code) {
			run_condemn(run, entry, &failed);
			if (failed.code != ERROR_REFUSED)
				run_note(run, &failed);
		} else if (*entry->migrate) {
			entry->migrated = run->is_changed = true;
		}
	}
}

static int self_test(struct run *run, const struct plan_entry *entry, struct error *err)
{
	const struct program program = {
		.name = "the self-test",
		.command = entry->self_test,
		.timeout_s = entry->self_test_timeout_s,
		.has_network = has_network(run, entry),
		.data = "data",
	};

	return program_run(run->env, run->options->packages_path, run->options->self_test_user, entry, &program, err);
}

void trial_self_test(struct run *run)
{
	plan_each (&run->plan, entry) {
		struct error failed = {0};

		if (entry->state != PLAN_TRIAL || entry->tested || !*entry->self_test)
			continue;
		if (self_test(run, entry, &failed) == 0)
			entry->tested = run->is_changed = true;
		else if (failed.code == ERROR_REFUSED)
			run_condemn(run, entry, &failed);
		else
			run_note(run, &failed);
	}
}
