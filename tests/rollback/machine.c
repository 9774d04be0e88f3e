#include "tests/rollback/machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

#include "rollback/versions.h"

static int64_t fixed_now_s(const struct clock *clock)
{
	(void)clock;
	return 1768824000;
}

static int64_t fixed_monotonic_ms(const struct clock *clock)
{
	(void)clock;
	return 60000;
}

static int own_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	const struct machine *machine = clock->context;

	if (!*machine->boot_id)
		return error_set(err, ERROR_FAILED, "no boot identity");
	(void)strcpy(ret_id, machine->boot_id);
	return 0;
}

static void no_wait(const struct clock *clock, int64_t wait_ms)
{
	(void)clock;
	(void)wait_ms;
}

static int act(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	struct machine *machine = fs->context;

	(void)change;
	(void)path;
	if (!machine->act_at || !(machine->fails_on ? number >= machine->act_at : number == machine->act_at))
		return 0;
	machine->fired = true;
	if (!machine->fail_with)
		_exit(42);
	return machine->fail_with;
}

void machine_init(struct machine *machine)
{
	struct fs fs;
	struct error err = {0};

	*machine = (struct machine){0};
	folder_init(&machine->folder);
	fs_init(&fs);
	assert_int_equal(fchmod(machine->folder.fd, 0755), 0);
	assert_ok(fs_make_dirs(&fs, machine->folder.fd, "opt", 0755, &err), &err);
	assert_ok(fs_make_dirs(&fs, machine->folder.fd, "boot", 0755, &err), &err);
	fs_init(&machine->fs);
	machine->fs.before_change = act;
	machine->fs.context = machine;
	machine->clock = (struct clock){.now_s = fixed_now_s,
		.monotonic_ms = fixed_monotonic_ms,
		.boot_id = own_boot_id,
		.wait_ms = no_wait,
		.context = machine};
	processes_init(&machine->processes);
	machine->env = (struct env){.clock = &machine->clock, .fs = &machine->fs, .processes = &machine->processes};
	(void)snprintf(machine->packages_path, sizeof(machine->packages_path), "%s/opt", machine->folder.path);
	machine->options = (struct guard_options){
		.boot_dir_fd = openat(machine->folder.fd, "boot", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.packages_dir_fd = openat(machine->folder.fd, "opt", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.packages_path = machine->packages_path,
		.self_test_user = "nobody",
	};
	machine_restart(machine);
}

void machine_clear(struct machine *machine)
{
	(void)close(machine->options.boot_dir_fd);
	(void)close(machine->options.packages_dir_fd);
	folder_clear(&machine->folder);
}

void machine_restart(struct machine *machine)
{
	(void)snprintf(machine->boot_id, sizeof(machine->boot_id), "boot-%d", ++machine->boots);
}

static void put_program(struct machine *machine, const char *path, int status)
{
	char script[128];
	int len = snprintf(script, sizeof(script), "#!/bin/sh\necho no reader found\nexit %d\n", status);

	folder_put(&machine->folder, path, script, (size_t)len);
	assert_int_equal(fchmodat(machine->folder.fd, path, 0755, 0), 0);
}

void machine_put_release(
	struct machine *machine, const char *package, const char *folder, int self_test_status, bool is_current)
{
	AUTO(versions) struct versions *versions = NULL;
	struct error err = {0};
	struct fs fs;
	char path[256];

	fs_init(&fs);
	assert_ok(versions_open(&fs, machine->options.packages_dir_fd, package, &versions, &err), &err);
	(void)snprintf(path, sizeof(path), "opt/%s/versions/%s/check", package, folder);
	put_program(machine, path, self_test_status);
	if (is_current)
		assert_ok(versions_activate(versions, folder, &err), &err);
}

void machine_plan(struct machine *machine, struct plan *ret_plan)
{
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	assert_ok(plan_read(&fs, machine->options.boot_dir_fd, ret_plan, &err), &err);
}

void machine_set_plan(struct machine *machine, const struct plan *plan)
{
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	assert_ok(plan_write(&fs, machine->options.boot_dir_fd, plan, &err), &err);
}

void machine_stage(struct machine *machine, const struct plan_entry *entry)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	assert_non_null(plan);
	machine_plan(machine, plan);
	assert_ok(plan_put(plan, entry, &err), &err);
	(void)strcpy(plan->boot_id, machine->boot_id);
	machine_set_plan(machine, plan);
}

struct guard_result machine_boot(struct machine *machine)
{
	struct guard_result result = {0};
	struct error err = {0};

	machine->fs.changes = 0;
	assert_ok(guard_boot(&machine->env, &machine->options, &result, &err), &err);
	return result;
}

void machine_current(struct machine *machine, const char *package, char ret_folder[static VERSIONS_FOLDER_SIZE])
{
	AUTO(versions) struct versions *versions = NULL;
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	assert_ok(versions_open(&fs, machine->options.packages_dir_fd, package, &versions, &err), &err);
	assert_ok(versions_current(versions, ret_folder, &err), &err);
}

bool machine_runs(struct machine *machine, const char *package, const char *folder)
{
	char current[VERSIONS_FOLDER_SIZE];

	machine_current(machine, package, current);
	return strcmp(current, folder) == 0;
}

struct count {
	enum journal_event event;
	const char *package;
	int lines;
};

static int count_line(void *context, const struct journal_line *line, struct error *err)
{
	struct count *count = context;

	(void)err;
	count->lines +=
		line->event == count->event && (!count->package || strcmp(line->package, count->package) == 0);
	return 0;
}

int machine_told(struct machine *machine, enum journal_event event, const char *package)
{
	struct count count = {.event = event, .package = package};
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	assert_ok(journal_read(&fs, machine->options.boot_dir_fd, count_line, &count, &err), &err);
	return count.lines;
}
