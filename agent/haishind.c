/* haishind: the agent. Resident part, or one of its jobs. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/job_kind.h"
#include "agent/base/message_ids.h"
#include "agent/base/terminal.h"
#include "agent/config/config.h"
#include "agent/config/config_mistake.h"
#include "agent/control/control.h"
#include "agent/night/doctor.h"
#include "agent/restart/rollout_heed.h"
#include "agent/proof/chapter.h"
#include "agent/proof/environment_heal.h"
#include "agent/proof/identity.h"
#include "agent/resident/job.h"
#include "agent/resident/resident_loop.h"
#include "agent/restart/boot.h"
#include "agent/restart/notice.h"
#include "agent/restart/self_test.h"
#include "agent/server/connection.h"
#include "common/command_line/args.h"

struct arguments {
	const char *config_file;
	const char *root; /* NULL: as configured */
	const char *job;  /* NULL: the resident part */
	const char *from; /* the folder for job install */
	const char *package; /* for job verify; NULL: all */
	bool self_test;
	bool check_config;
};

static const struct args_option options[] = {
	{"config", "FILE", "the configuration; " CONFIG_FILE " if not given, below DIR if that is given"},
	{"root", "DIR", "the folder below which the whole terminal lies"},
	{"job", "KIND", "do one job now and end:" JOB_KIND_NAMES},
	{"from", "DIR", "the folder of the repository, for job install"},
	{"package", "NAME", "the package whose files are read, for job verify; all if not given"},
	{"self-test", NULL, "say whether this program can do its work: the self-test of its own package"},
	{"check-config", NULL, "say what is wrong with the configuration, unknown settings included, and end"},
	ARGS_VERSION,
	ARGS_HELP,
	{0},
};

static void print_help(void)
{
	(void)puts("usage: haishind [--config FILE] [--root DIR] [--job KIND [--from DIR | --package NAME]]\n"
		   "\n"
		   "Keeps the software of this terminal current: waits for its turn in the window, fetches, verifies "
		   "and\n"
		   "stages new releases, and confirms them after the restart that makes them current.\n");
	args_print_help(options);
	(void)puts("\nSIGHUP reads the configuration and the clock anew; SIGTERM ends it.");
}

/* Returns -1 to go on, or the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *ret_arguments)
{
	struct error err = {0};
	struct args args;

	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) < 0 ||
		args_want_positional(&args, 0, 0, "", &err) < 0) {
		(void)fprintf(stderr, "haishind: %s\n", err.text);
		return error_exit_status(err.code);
	}
	if (args_has(&args, "version"))
		return puts("haishind " HAISHIN_VERSION) < 0;
	if (args_has(&args, "help")) {
		print_help();
		return EXIT_SUCCESS;
	}
	*ret_arguments = (struct arguments){
		.config_file = args_get(&args, "config"),
		.root = args_get(&args, "root"),
		.job = args_get(&args, "job"),
		.from = args_get(&args, "from"),
		.package = args_get(&args, "package"),
		.self_test = args_has(&args, "self-test"),
		.check_config = args_has(&args, "check-config"),
	};
	return -1;
}

/* ---- The self-test ---- */

static int run_self_test(void)
{
	struct clock clock;
	struct fs fs;
	struct env env = {.clock = &clock, .fs = &fs};
	struct error err = {0};

	fs_init(&fs);
	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	if (self_test_run(&env, &err) == 0)
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "haishind " HAISHIN_VERSION ": %s\n", err.text);
	return EXIT_FAILURE;
}

/* ---- The configuration alone ---- */

/* What an agent at work lives with is an error here: this is asked before the files are put to use. */
static int check_config(const struct arguments *arguments, struct error *err)
{
	AUTO(config) struct config config = {0};
	struct fs fs;

	fs_init(&fs);
	if (config_load(&fs, arguments->config_file, arguments->root, &config, err) < 0 ||
		config_mistake_refuse(&config.unknowns, err) < 0)
		return -1;
	(void)printf("%s: nothing is wrong\n", arguments->config_file);
	return 0;
}

/* ---- One job ---- */

static int lines_fd(void)
{
	return fcntl(JOB_LINES_FD, F_GETFD) < 0 ? -1 : JOB_LINES_FD;
}

/* A job that cannot even begin says why as others do; that is what the doctor was asked for. CONFIG is NULL where it cannot be
 * read; where it is missing, nobody asked for anything that cannot be found. */
static int refuse_job(
	const struct arguments *arguments, const struct env *env, const struct config *config, struct error *why)
{
	struct job_lines lines = {.fd = lines_fd()};
	struct job_result result = {0};
	bool is_doctor = arguments->job && strcmp(arguments->job, job_kind_name(JOB_DOCTOR)) == 0;

	if (is_doctor && !config)
		doctor_tell_configuration(why, job_lines_hop, &lines);
	else if (is_doctor && !doctor_tell_machine(env, config, job_lines_hop, &lines))
		doctor_tell_terminal(why, job_lines_hop, &lines);
	if (!config && why->code == ERROR_NOT_FOUND)
		why->code = ERROR_MACHINE;
	if (arguments->job)
		job_lines_end(&lines, &result, is_doctor ? NULL : why);
	return -1;
}

/* A second agent would do everything twice: the lock in the run folder is held for as long as this one lives. */
static int lock_terminal(const struct terminal *terminal, int run_fd, struct error *err)
{
	int lock_fd = fs_lock(terminal->env->fs, run_fd, "haishind.lock", false, err);

	if (lock_fd < 0 && err->code == ERROR_BUSY)
		return error_set(err, ERROR_BUSY,
			"another haishind runs for this terminal already (%s/haishind.lock is held)",
			terminal->config->run_path);
	return lock_fd;
}

/* Whoever starts waits for its turn: else a resident part that starts could find its lock in the hands of a job that only asks
 * whether there is one. */
static int lock_start(const struct terminal *terminal, int *ret_run_fd, struct error *err)
{
	AUTO(fd) int run_fd = -1;
	int start_fd;

	if ((run_fd = fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->run_path, err)) < 0 ||
		(start_fd = fs_lock(terminal->env->fs, run_fd, "start.lock", true, err)) < 0)
		return -1;
	*ret_run_fd = take_fd(&run_fd);
	return start_fd;
}

/* Where no resident part has done it since the guard ran: a job must not take for a stranger's work what the guard did. */
static int take_journal(struct terminal *terminal, struct error *err)
{
	struct boot_result result = {0};
	struct error why = {0};
	AUTO(fd) int run_fd = -1;
	AUTO(fd) int start_fd = lock_start(terminal, &run_fd, err);
	AUTO(fd) int lock_fd = start_fd < 0 ? -1 : lock_terminal(terminal, run_fd, &why);

	if (start_fd < 0)
		return -1;
	if (lock_fd >= 0)
		return boot_reconcile_terminal(terminal, &result, err);
	return why.code == ERROR_BUSY ? 0 : error_set(err, why.code, "%s", why.text);
}

/* Delivery does not need a key: without one the history cannot be signed, and that is all. */
static void settle_identity(struct terminal *terminal)
{
	struct error err = {0};

	if (identity_settle(terminal, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_ERROR, "%s; the history cannot be signed", err.text);
}

static int run_job(struct terminal *terminal, const struct arguments *arguments, struct error *err)
{
	struct job_lines lines = {.fd = lines_fd()};
	struct job_result result = {0};
	enum job_kind kind;
	int ret;

	if (job_kind_parse(arguments->job, &kind, err) < 0)
		return -1;
	if (kind != JOB_DOCTOR) {
		settle_identity(terminal);
		if (take_journal(terminal, err) < 0)
			return -1;
	}
	if (kind == JOB_INSTALL && arguments->from)
		ret = job_install(terminal, arguments->from, &lines, &result, err);
	else if (kind == JOB_VERIFY)
		ret = job_verify(terminal, arguments->package, &lines, &result, err);
	else
		ret = job_run(terminal, kind, &lines, &result, err);
	job_lines_end(&lines, &result, ret < 0 ? err : NULL);
	return ret;
}

/* ---- The resident part ---- */

/* What a newer agent knew, or whoever wrote the files has mistyped. */
static void tell_unknown_settings(const struct terminal *terminal)
{
	const struct config_unknowns *unknowns = &terminal->config->unknowns;
	char text[CONFIG_MISTAKE_SIZE];
	const struct log_field detail = {"HAISHIN_DETAIL", text};

	for (size_t i = 0; i < unknowns->kept; i++) {
		config_mistake_text(&unknowns->items[i], text);
		log_message(terminal->env->log, LOG_LEVEL_WARNING, MESSAGE_SETTING_UNKNOWN, &detail, 1, text);
	}
	if (unknowns->count > unknowns->kept)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "%zu more settings are not known and have no effect",
			unknowns->count - unknowns->kept);
}

/* Whose history it is from now on. Where there is no certificate to show, the next contact says why. */
static int note_chapter(struct terminal *terminal, struct error *err)
{
	AUTO(certificate) struct certificate certificate = {0};
	struct error none = {0};
	bool is_known = connection_choose_certificate(terminal, &certificate, &none) == 0;

	return chapter_note(terminal, is_known ? &certificate : NULL, err);
}

static int reconcile(struct terminal *terminal, struct error *err)
{
	struct boot_result result = {0};

	settle_identity(terminal);
	tell_unknown_settings(terminal);
	if (*terminal->config->lost_environment)
		log_line(terminal->env->log, LOG_LEVEL_ERROR,
			"the configuration has no environment '%s' any more: connected to production",
			terminal->config->lost_environment);
	if (note_chapter(terminal, err) < 0 || boot_reconcile_terminal(terminal, &result, err) < 0)
		return -1;
	log_line(terminal->env->log, LOG_LEVEL_INFO,
		"started: %d activated, %d rolled back, %d repaired, %d on trial", result.activated,
		result.rolled_back, result.repaired, result.on_trial);
	if (rollout_heed_kept(terminal, err) < 0)
		return -1;
	notice_update(terminal);
	return 0;
}

/* What the journal was told before is not told again; that the store was made anew, it was not. */
static int begin_telling(struct terminal *terminal, struct announce *announce, struct error *err)
{
	return terminal->store_set_aside ? 0 : announce_begin(terminal->store, announce, err);
}

static int run_resident(struct terminal *terminal, const struct arguments *arguments, const char *program,
	bool *ret_reload, struct error *err)
{
	AUTO(fd) int run_fd = -1;
	AUTO(fd) int start_fd = -1;
	AUTO(fd) int lock_fd = -1;
	AUTO(control) struct control *control = NULL;
	struct resident resident = {
		.terminal = terminal,
		.config_file = arguments->config_file,
		.root = arguments->root,
		.program = program,
		.callers = RESIDENT_NO_CALLERS,
		.job.fd = -1,
	};

	if ((start_fd = lock_start(terminal, &run_fd, err)) < 0 ||
		(lock_fd = lock_terminal(terminal, run_fd, err)) < 0 ||
		begin_telling(terminal, &resident.announce, err) < 0 || reconcile(terminal, err) < 0)
		return -1;
	fd_close(&start_fd);
	if (control_open(&resident, &control, err) < 0 || resident_loop_run(&resident, err) < 0)
		return -1;
	*ret_reload = resident.reload && !resident.stop;
	return 0;
}

/* ---- Start ---- */

/* The doctor changes nothing. Where it cannot be done all goes on as it was read: with production. */
static bool must_read_anew(struct terminal *terminal, const struct arguments *arguments)
{
	struct error err = {0};
	bool other = false;

	if (arguments->job && strcmp(arguments->job, job_kind_name(JOB_DOCTOR)) == 0)
		return false;
	if (environment_heal(terminal, &other, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_ERROR, "%s", err.text);
	return other;
}

static int run(const struct arguments *arguments, const char *program, bool *ret_reload, struct error *err)
{
	AUTO(config) struct config config = {0};
	AUTO(terminal) struct terminal terminal = TERMINAL_INIT;
	struct processes processes;
	struct clock clock;
	struct log log;
	struct fs fs;
	struct env env = {.clock = &clock, .fs = &fs, .processes = &processes, .log = &log};

	if (arguments->check_config)
		return check_config(arguments, err);
	fs_init(&fs);
	processes_init(&processes);
	log_init(&log, "haishind");
	if (config_load(&fs, arguments->config_file, arguments->root, &config, err) < 0)
		return refuse_job(arguments, &env, NULL, err);
	clock_init(&clock, config.boot_id_path);
	if (terminal_open(&env, &config, &terminal, err) < 0)
		return refuse_job(arguments, &env, &config, err);
	terminal.program = program;
	if ((*ret_reload = must_read_anew(&terminal, arguments)))
		return 0;
	if (arguments->job)
		return run_job(&terminal, arguments, err);
	return run_resident(&terminal, arguments, program, ret_reload, err);
}

/* Where FILE is not given, where it is: jobs are told. */
static int find_config(struct arguments *arguments, char ret_path[static PATH_MAX], struct error *err)
{
	if (arguments->root && *arguments->root != '/')
		return error_set(err, ERROR_USAGE, "--root '%.200s' is no absolute path", arguments->root);
	if (arguments->config_file)
		return 0;
	if (snprintf(ret_path, PATH_MAX, "%s%s", arguments->root ? arguments->root : "", CONFIG_FILE) >= PATH_MAX)
		return error_set(err, ERROR_USAGE, "the root's path is too long");
	arguments->config_file = ret_path;
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	char config_path[PATH_MAX], program[PATH_MAX] = "";
	struct error err = {0};
	bool reload = false;
	int status = read_arguments(argc, argv, &arguments);

	if (status >= 0)
		return status;
	if (arguments.self_test)
		return run_self_test();
	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0 ||
		find_config(&arguments, config_path, &err) < 0 || run(&arguments, program, &reload, &err) < 0) {
		(void)fprintf(stderr, "haishind: %s\n", err.text[0] ? err.text : "cannot find its own program");
		return err.code ? error_exit_status(err.code) : EXIT_FAILURE;
	}
	if (!reload)
		return EXIT_SUCCESS;
	(void)execv(program, argv); /* everything is read anew, as at a start */
	(void)fprintf(stderr, "haishind: cannot start anew: %s\n", strerrordesc_np(errno));
	return EXIT_FAILURE;
}
