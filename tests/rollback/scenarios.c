#include "tests/rollback/scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const packages[PACKAGES] = {"distro-app", "face-library", "linkage-app", "reader-app/acme"};

const struct scenario scenarios[SCENARIOS] = {
	{"four staged, two of them a group, one with a failing self-test",
		{{0}, {.group = 1}, {.self_test_status = 1}, {.group = 1}}},
	{"four staged, one of a group with a failing self-test",
		{{0}, {.group = 1}, {0}, {.group = 1, .self_test_status = 1}}},
	{"a first install, one on trial for too long, two staged",
		{{.first_install = true}, {.state = PLAN_TRIAL, .starts = 3}, {.group = 2}, {.group = 2}}},
	{"one of a group condemned by the agent, one staged with a failing self-test",
		{{.self_test_status = 2, .first_install = true}, {.group = 1, .state = PLAN_TRIAL, .starts = 1},
			{.state = PLAN_TRIAL, .starts = 1}, {.group = 1, .state = PLAN_CONDEMNED, .starts = 1}}},
	{"four staged that migrate their data, two of them a group, one with a failing self-test",
		{{.migrates = true}, {.group = 1, .migrates = true}, {.migrates = true, .self_test_status = 1},
			{.group = 1, .migrates = true}}},
	{"a first install that migrates, one whose migration fails with its group, one migrated and condemned",
		{{.first_install = true, .migrates = true}, {.group = 1, .migrates = true, .migrate_status = 1},
			{.group = 1, .migrates = true}, {.migrates = true, .state = PLAN_CONDEMNED, .starts = 1}}},
};

void scenario_put_data(struct machine *machine, const char *package, const char *name, bool is_migrated)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "opt/%s/%s/settings/mode", package, name);
	folder_put(&machine->folder, path, "unattended", strlen("unattended"));
	(void)snprintf(path, sizeof(path), "opt/%s/%s/migrated", package, name);
	if (is_migrated)
		folder_put(&machine->folder, path, "", 0);
}

/* What a migration does to the folder that it is given. */
static void migrate(const struct process_request *request)
{
	static const char variable[] = "HAISHIN_DATA=";
	const char *const *given = request->environment;
	char path[512];
	FILE *file;

	while (strncmp(*given, variable, strlen(variable)) != 0)
		given++;
	(void)snprintf(path, sizeof(path), "%s/migrated", *given + strlen(variable));
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fclose(file);
}

void scenario_put_package(struct machine *machine, const char *package, int priority, const struct plan_for *plan_for)
{
	struct plan_entry entry = {.priority = priority,
		.group = plan_for->group,
		.state = plan_for->state,
		.folder = NEW,
		.starts = plan_for->starts,
		.self_test = "check",
		.tested = plan_for->state != PLAN_STAGED};

	(void)strcpy(entry.package, package);
	if (plan_for->migrates)
		(void)strcpy(entry.migrate, plan_for->migrate_status ? "check fail" : "check migrate");
	entry.migrated = plan_for->migrates && plan_for->state != PLAN_STAGED;
	if (!plan_for->first_install)
		machine_put_release(machine, package, OLD, 0, true);
	machine_put_release(machine, package, NEW, plan_for->self_test_status, plan_for->state != PLAN_STAGED);
	if (plan_for->state != PLAN_STAGED)
		(void)strcpy(entry.former, OLD);
	scenario_put_data(machine, package, entry.migrated ? "data.before-" NEW : "data", false);
	if (entry.migrated)
		scenario_put_data(machine, package, "data", true);
	machine_stage(machine, &entry);
}

int scenario_run_script(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	AUTO(buf) struct buf script = BUF_INIT(1000);
	struct fs fs;

	(void)processes;
	if (request->argv[1]) { /* not a self-test */
		*ret_result = (struct process_result){.exit_status = strcmp(request->argv[1], "fail") == 0};
		migrate(request);
		return 0;
	}
	fs_init(&fs);
	if (fs_read_file(&fs, -1, request->argv[0], &script, err) < 0)
		return -1;
	*ret_result = (struct process_result){.exit_status = atoi(strrchr(buf_text(&script), ' '))};
	return 0;
}

/* The machine just after the restart at which the scenario is due. */
void scenario_begin(struct machine *machine, const struct scenario *scenario)
{
	machine_init(machine);
	machine->processes.run = scenario_run_script;
	for (int i = 0; i < PACKAGES; i++)
		scenario_put_package(machine, packages[i], i + 1, &scenario->packages[i]);
	machine_restart(machine);
}

const char *broken_rule(struct machine *machine, const struct scenario *scenario)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	if (plan_read(&fs, machine->options.boot_dir_fd, plan, &err) < 0)
		return "the plan cannot be read";
	for (int i = 0; i < PACKAGES; i++) {
		char current[VERSIONS_FOLDER_SIZE], link[128];
		bool is_old, is_new;

		machine_current(machine, packages[i], current);
		(void)snprintf(link, sizeof(link), "opt/%s/current", packages[i]);
		if (!*current && fs_exists(&fs, machine->folder.fd, link))
			return "a current link leads to no release";
		is_old = strcmp(current, scenario->packages[i].first_install ? "" : OLD) == 0;
		is_new = strcmp(current, NEW) == 0;
		if (!is_old && !is_new)
			return "a package is neither old nor new";
		if (!plan_find(plan, packages[i]) && !machine_told(machine, JOURNAL_ROLLED_BACK, packages[i]) &&
			!machine_told(machine, JOURNAL_DROPPED, packages[i]) &&
			!machine_told(machine, JOURNAL_PUT_BACK, packages[i]))
			return "an entry is lost";
		if (is_new && !plan_find(plan, packages[i]))
			return "a release stays current without having been confirmed";
	}
	return NULL;
}

static bool has_data(struct machine *machine, const char *package, const char *name)
{
	struct fs fs;
	char path[256];

	fs_init(&fs);
	(void)snprintf(path, sizeof(path), "opt/%s/data/%s", package, name);
	return fs_exists(&fs, machine->folder.fd, path);
}

const char *broken_data(struct machine *machine, const struct scenario *scenario)
{
	for (int i = 0; i < PACKAGES; i++) {
		bool is_new = machine_runs(machine, packages[i], NEW);

		if (!has_data(machine, packages[i], "settings/mode"))
			return "what staff have set is lost";
		if (has_data(machine, packages[i], "migrated") != (is_new && scenario->packages[i].migrates))
			return is_new ? "data is not migrated" : "data is migrated for a release that is not current";
	}
	return NULL;
}

const char *broken_group(struct machine *machine, const struct scenario *scenario)
{
	for (int i = 0; i < PACKAGES; i++)
		for (int j = i + 1; j < PACKAGES; j++)
			if (scenario->packages[i].group &&
				scenario->packages[i].group == scenario->packages[j].group &&
				machine_runs(machine, packages[i], NEW) != machine_runs(machine, packages[j], NEW))
				return "a group is half updated";
	return NULL;
}

void expect(const char *problem, const struct scenario *scenario, const char *when, uint64_t number)
{
	if (problem)
		fail_msg("%s: %s at change %llu: %s", scenario->name, when, (unsigned long long)number, problem);
}

bool boot_and_cut(struct machine *machine, uint64_t number)
{
	struct guard_result result;
	struct error err = {0};
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		machine->act_at = number;
		machine->fail_with = 0;
		_exit(guard_boot(&machine->env, &machine->options, &result, &err) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 42 || WEXITSTATUS(status) == 0));
	return WEXITSTATUS(status) == 42;
}

bool boot_and_fail(struct machine *machine, uint64_t number, int fail_with, bool fails_on)
{
	struct guard_result result;
	struct error err = {0};

	machine->fs.changes = 0;
	machine->act_at = number;
	machine->fail_with = fail_with;
	machine->fails_on = fails_on;
	(void)!guard_boot(&machine->env, &machine->options, &result, &err);
	machine->act_at = 0;
	return machine->fired;
}

void expect_sound(struct machine *machine, const struct scenario *scenario, const char *when, uint64_t number)
{
	expect(broken_rule(machine, scenario), scenario, when, number);
	expect(broken_group(machine, scenario), scenario, when, number);
	expect(broken_data(machine, scenario), scenario, when, number);
}

int scenarios_in_memory(void **state)
{
	(void)state;
	return access("/dev/shm", W_OK) == 0 ? setenv("TMPDIR", "/dev/shm", 0) : 0;
}
