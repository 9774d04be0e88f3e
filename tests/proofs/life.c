#include "tests/proofs/life.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/resident/agenda.h"
#include "agent/restart/boot.h"
#include "agent/restart/condemn.h"
#include "agent/restart/rollout_heed.h"
#include "agent/store/presence.h"
#include "agent/turn/account.h"
#include "agent/turn/disabled.h"
#include "agent/turn/windows.h"
#include "rollback/guard.h"
#include "rollback/plan.h"
#include "tests/proofs/own_machine.h"
#include "tests/support/test.h"

const char *const life_packages[LIFE_PACKAGES] = {"distro-app", "face-library", "linkage-app", "reader-app/acme"};

struct life_shared {
	struct server_account account;
	struct trace trace;
	struct chance machine; /* what the machine draws at random for the agent */
	int64_t uptime_s;      /* since the machine's start, as long as no fault of the clock */
	bool returned;
	int result;
	struct error err;
	bool ran;
	bool was_disabled; /* when the job began */
	int64_t closes_s;  /* of the window in which it ran; 0: none */
	uint64_t requests_before;
};

/* ---- The clock ---- */

static int64_t clock_now_s(const struct clock *clock)
{
	const struct life *life = clock->context;

	return life->shared->account.now_s + life->clock_error_s;
}

static int64_t clock_monotonic_ms(const struct clock *clock)
{
	const struct life *life = clock->context;

	return (life->shared->account.now_s - life->shared->uptime_s) * 1000;
}

static int clock_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	const struct life *life = clock->context;

	(void)err;
	memcpy(ret_id, life->world->boot_id, BOOT_ID_SIZE);
	return 0;
}

static void clock_wait_ms(const struct clock *clock, int64_t wait_ms)
{
	struct life *life = clock->context;

	life->shared->account.now_s += (wait_ms + 999) / 1000;
}

int64_t life_now_s(const struct life *life)
{
	return life->shared->account.now_s;
}

void life_set_now(struct life *life, int64_t now_s)
{
	if (life->shared->account.now_s < now_s)
		life->shared->account.now_s = now_s;
}

static void run_command(const char *fmt, const char *folder)
{
	char command[FOLDER_PATH_SIZE * 4];

	(void)snprintf(command, sizeof(command), "cd '%s' && %s", folder, fmt);
	assert_int_equal(system(command), 0);
}

/* ---- Applications: one that is stopped is a file in the terminal's folder "stopped" ---- */

static const char applications[] = "#!/bin/sh\n"
				   "cd \"${0%/*}/terminal\" || exit 1\n"
				   "mkdir -p stopped\n"
				   "case $1 in\n"
				   "stop) : >\"stopped/${2%%/*}\" ;;\n"
				   "start) rm -f \"stopped/${2%%/*}\" ;;\n"
				   "esac\n";

bool life_has_stopped(const struct life *life)
{
	char path[64];

	for (size_t i = 0; i < LIFE_PACKAGES; i++) {
		(void)snprintf(path, sizeof(path), "terminal/stopped/%.*s", (int)strcspn(life_packages[i], "/"),
			life_packages[i]);
		if (faccessat(life->world->folder.fd, path, F_OK, 0) == 0)
			return true;
	}
	return false;
}

/* ---- A life ---- */

void life_init(struct life *life, struct world *world, const char *states, const char *base,
	const char *const brakes[static BRAKING_KEYS])
{
	*life = (struct life){.world = world};
	life->shared = mmap(NULL, sizeof(*life->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(life->shared != MAP_FAILED);
	life->shared->account.now_s = world->now_s;
	braking_init(&life->braking, &world->folder, brakes, states, &life->shared->trace);
	server_init(&life->server, states, base, &life->braking.shown, &life->shared->account, &life->shared->trace);
	fault_init(&life->fault);
	life->fault.trace = &life->shared->trace;
	own_machine_draws_from(&life->shared->machine);
	world_use_applications_command(world, applications);
	world->clock = (struct clock){.now_s = clock_now_s,
		.monotonic_ms = clock_monotonic_ms,
		.boot_id = clock_boot_id,
		.wait_ms = clock_wait_ms,
		.context = life};
	world->env.transport = &life->server.transport;
}

void life_clear(struct life *life)
{
	own_machine_draws_from(NULL);
	fault_clear(&life->fault);
	braking_clear(&life->braking);
	(void)munmap(life->shared, sizeof(*life->shared));
}

void life_choose_settings(struct life *life)
{
	struct config *config = &life->world->config;

	config->per_restart = chance_is(&life->chance, 25) ? CONFIG_PER_RESTART_ONE : CONFIG_PER_RESTART_ALL;
	config->rollback = chance_is(&life->chance, 25) ? CONFIG_ROLLBACK_NOW : CONFIG_ROLLBACK_RESTART;
}

void life_begin(struct life *life, struct chance chance)
{
	/* Programs of packages may have left folders that nobody can enter. */
	run_command("{ chmod -R u+rwX terminal && rm -rf terminal; } && cp -a base terminal", life->world->folder.path);
	life->chance = chance;
	life->server.chance = chance_of(chance_next(&life->chance), 1);
	life->server.state = life->server.shown = 0;
	life->server.trouble = 0;
	life->server.is_gone = false;
	life->clock_error_s = 0;
	life->is_booting = false;
	memset(life->had, 0, sizeof(life->had));
	memset(life->refused, 0, sizeof(life->refused));
	memset(life->shared, 0, sizeof(*life->shared));
	life->shared->account.now_s = life->shared->uptime_s = life->world->now_s;
	life->shared->trace = trace_of(life->world->folder.path);
	life->shared->machine = chance_of(chance_next(&life->chance), 2);
	braking_begin(&life->braking, chance_of(chance_next(&life->chance), 3));
	(void)snprintf(life->world->boot_id, sizeof(life->world->boot_id), "boot-0");
	life->fault.at = 0;
}

struct trace *life_trace(const struct life *life)
{
	return &life->shared->trace;
}

const struct error *life_error(const struct life *life)
{
	return &life->shared->err;
}

/* ---- Steps, each in a process of its own ---- */

struct step {
	int (*run)(struct life *life, const struct step *step, struct error *err);
	int64_t until_s;
	const char *what;
	const char *package;
};

static void in_child(struct life *life, const struct step *step)
{
	if (!getenv("PROOF_SHOWS_ALL")) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		(void)!dup2(null, STDERR_FILENO);
	}
	fault_arm(&life->fault, &life->world->fs);
	life->shared->result = step->run(life, step, &life->shared->err);
	life->shared->returned = true;
	_exit(0);
}

static enum life_end take(struct life *life, const struct step *step)
{
	struct life_shared *shared = life->shared;
	int status;
	pid_t pid;

	shared->returned = shared->ran = shared->was_disabled = false;
	shared->closes_s = 0;
	shared->err = (struct error){0};
	shared->requests_before = shared->account.requests;
	trace_note(&shared->trace, "at %" PRId64 " %+" PRId64 " s", shared->account.now_s, life->clock_error_s);
	if ((pid = fork()) == 0)
		in_child(life, step);
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	life->fault.at = 0;
	if (shared->returned)
		return shared->result < 0 ? LIFE_FAILED : LIFE_DONE;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && life->fault.account->fired)
		return LIFE_KILLED;
	(void)error_set(&shared->err, ERROR_FAILED, "a process ended with status %d", status);
	return LIFE_CRASHED;
}

void life_arm(struct life *life, enum fault_kind kind, uint64_t at, int sys)
{
	life->fault.kind = kind;
	life->fault.at = at;
	life->fault.sys = sys;
}

static int run_guard(struct life *life, const struct step *step, struct error *err)
{
	const struct config *config = &life->world->config;
	struct guard_options options = {
		.packages_path = config->packages_path, .self_test_user = config->self_test_user};
	AUTO(free) char *boot_path = NULL;
	AUTO(fd) int boot_fd = -1;
	AUTO(fd) int packages_fd = -1;
	struct guard_result result;

	(void)step;
	if (asprintf(&boot_path, "%s/boot", config->state_path) < 0 ||
		(boot_fd = fs_open_dir(&life->world->fs, AT_FDCWD, boot_path, err)) < 0 ||
		(packages_fd = fs_open_dir(&life->world->fs, AT_FDCWD, config->packages_path, err)) < 0)
		return -1;
	options.boot_dir_fd = boot_fd;
	options.packages_dir_fd = packages_fd;
	return guard_boot(&life->world->env, &options, &result, err);
}

enum life_end life_boot(struct life *life)
{
	const struct step step = {.run = run_guard};
	enum life_end end;

	run_command("rm -rf terminal/stopped", life->world->folder.path);
	life->shared->account.now_s += 30;
	life->shared->uptime_s = life->shared->account.now_s;
	(void)snprintf(life->world->boot_id, sizeof(life->world->boot_id), "boot-%" PRId64 "-%" PRIu64,
		life->shared->account.now_s, chance_next(&life->chance) % 1000);
	end = take(life, &step);
	life->is_booting = end == LIFE_KILLED ||
			   (end == LIFE_FAILED && fault_lasts(life->fault.kind) && life->fault.account->fired);
	return end;
}

static int open_terminal(struct life *life, struct error *err)
{
	struct world *world = life->world;
	struct boot_result result;

	if (terminal_open(&world->env, &world->config, &world->terminal, err) < 0)
		return -1;
	world->is_open = true;
	return boot_reconcile_terminal(&world->terminal, &result, err) < 0 ? -1
									   : rollout_heed_kept(&world->terminal, err);
}

static int run_kind(struct life *life, enum job_kind kind, struct error *err)
{
	struct terminal *terminal = &life->world->terminal;
	struct job_lines lines = {.fd = -1};
	struct schedule_answer window;
	struct job_result result;
	struct error enabled = {0};

	life->shared->was_disabled = disabled_refuse(terminal, &enabled) < 0 && enabled.code == ERROR_DISABLED;
	if (kind == JOB_NIGHT && windows_ask(terminal, &window, err) == 0 && window.reason == SCHEDULE_OPEN)
		life->server.stops_at_s = life->shared->closes_s = window.closes_s - life->clock_error_s;
	life->shared->ran = true;
	return job_run(terminal, kind, &lines, &result, err);
}

static int run_next_job(struct life *life, const struct step *step, struct error *err)
{
	struct terminal *terminal = &life->world->terminal;
	struct presence presence = {0};
	struct agenda agenda;
	int64_t due_s;

	if (open_terminal(life, err) < 0 || presence_note(terminal->store, &presence, err) < 0 ||
		account_windows(terminal, err) < 0 || disabled_end_those_over(terminal, err) < 0 ||
		agenda_next(terminal, &agenda, err) < 0)
		return -1;
	due_s = agenda.due_s == SCHEDULE_NEVER ? INT64_MAX : agenda.due_s - life->clock_error_s;
	trace_note(life_trace(life), "next: %s %s, %" PRId64 " s from now", job_kind_name(agenda.kind), agenda.reason,
		due_s == INT64_MAX ? -1 : due_s - life_now_s(life));
	if (due_s > step->until_s)
		return 0;
	life_set_now(life, due_s);
	return run_kind(life, agenda.kind, err);
}

enum life_end life_job(struct life *life, int64_t until_s, bool *ret_ran)
{
	const struct step step = {.run = run_next_job, .until_s = until_s};
	enum life_end end = take(life, &step);

	*ret_ran = life->shared->ran;
	return end;
}

static int press(struct life *life, const struct step *step, struct error *err)
{
	(void)step;
	return open_terminal(life, err) < 0 ? -1 : run_kind(life, JOB_BUTTON, err);
}

enum life_end life_button(struct life *life)
{
	const struct step step = {.run = press};

	return take(life, &step);
}

static int send_back(struct life *life, const char *package, struct error *err)
{
	struct world *world = life->world;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(fd) int lock_fd = -1;
	struct plan_entry *entry;

	assert_non_null(plan);
	if ((lock_fd = plan_lock(&world->fs, world->terminal.boot_dir_fd, err)) < 0 ||
		plan_read(&world->fs, world->terminal.boot_dir_fd, plan, err) < 0)
		return -1;
	entry = plan_find(plan, package);
	if (entry && entry->state == PLAN_STAGED && !plan_has_begun(plan, entry))
		return 0;
	if (condemn(&world->terminal, plan, package, "staff asked for it", err) < 0)
		return err->code == ERROR_NOT_FOUND ? 0 : -1;
	(void)strcpy(plan->boot_id, world->boot_id);
	return plan_write(&world->fs, world->terminal.boot_dir_fd, plan, err);
}

static int act(struct life *life, const struct step *step, struct error *err)
{
	struct store *store = life->world->terminal.store;
	int64_t now_s = life_now_s(life) + life->clock_error_s;

	if (open_terminal(life, err) < 0)
		return -1;
	store = life->world->terminal.store;
	if (strcmp(step->what, "disable") == 0)
		return pause_set(store, "", 0, "staff", "the reader is away", err);
	if (strcmp(step->what, "disable-for-a-day") == 0)
		return pause_set(store, "", now_s + 86400, "staff", "", err);
	if (strcmp(step->what, "enable") == 0)
		return pause_end(store, "", "staff", err);
	if (strcmp(step->what, "hold") == 0)
		return pause_set(store, step->package, 0, "staff", "", err);
	if (strcmp(step->what, "release") == 0)
		return pause_end(store, step->package, "staff", err);
	return send_back(life, step->package, err);
}

enum life_end life_staff(struct life *life, const char *what, const char *package)
{
	const struct step step = {.run = act, .what = what, .package = package};

	return take(life, &step);
}

void life_damage(struct life *life, const char *what)
{
	const char *at = life->world->folder.path;

	trace_note(life_trace(life), "damage: %s", what);
	memset(life->refused, 0, sizeof(life->refused)); /* it may have forgotten */
	if (strcmp(what, "cache") == 0)
		run_command("rm -rf terminal/var/cache/haishin", at);
	else if (strcmp(what, "metadata") == 0)
		run_command("for f in snapshot targets face-library operator timestamp; do "
			    "[ ! -f terminal/var/lib/haishin/tuf/$f.json ] || "
			    "truncate -s 100 terminal/var/lib/haishin/tuf/$f.json; done",
			at);
	else
		run_command("[ ! -f terminal/var/lib/haishin/state.db ] || dd if=/dev/zero "
			    "of=terminal/var/lib/haishin/state.db bs=1 seek=0 count=4096 conv=notrunc status=none",
			at);
}

bool life_asked_well(const struct life *life)
{
	const struct life_shared *shared = life->shared;

	return shared->returned && shared->result == 0 && shared->account.requests > shared->requests_before;
}

int life_look_back(const struct life *life, struct error *err)
{
	const struct life_shared *shared = life->shared;
	bool asked = shared->account.requests > shared->requests_before;

	if (asked && shared->was_disabled)
		return error_set(err, ERROR_FAILED, "the server was asked while delivery was disabled");
	if (asked && shared->closes_s && shared->account.last_request_s >= shared->closes_s)
		return error_set(err, ERROR_FAILED, "the server was asked %" PRId64 " s after the window's end",
			shared->account.last_request_s - shared->closes_s);
	return 0;
}
