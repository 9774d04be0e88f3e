/* haishin-guard: at boot, before the applications start, it activates what is staged and takes back what failed. No
 * network, no JSON, no archives: small enough to read in one sitting (rollback/guard.c is the heart of it).
 *
 * Nothing here keeps a terminal from starting: a bad configuration file is named and its defaults hold, and whatever
 * goes wrong later is logged and ends with status 0. Only wrong arguments end with 2, and a plan that cannot be shown
 * with 1. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h> /* not common/command_line: what is linked here is to be read in one sitting */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/ini.h"
#include "common/platform.h"
#include "rollback/guard.h"
#include "rollback/plan.h"

#define DEFAULT_CONFIG "/etc/haishin/haishin.conf"
#define DEFAULT_USER "nobody"

/* The settings that matter here; everything else in the file is the agent's. */
struct settings {
	char root[PATH_MAX];
	char state[PATH_MAX];
	char packages[PATH_MAX];
	char boot_id[PATH_MAX];
	char self_test_user[64];
	char network_packages[1024];
};

struct arguments {
	const char *config; /* NULL: the default, below ROOT */
	const char *root;   /* NULL: as configured */
	const char *reason;
	const char *command;
};

static int take_setting(
	void *context, const char *section, const char *key, const char *value, int line, struct error *err)
{
	struct settings *settings = context;
	const struct {
		const char *section, *key;
		char *value;
		size_t size;
	} known[] = {
		{"paths", "root", settings->root, sizeof(settings->root)},
		{"paths", "state", settings->state, sizeof(settings->state)},
		{"paths", "packages", settings->packages, sizeof(settings->packages)},
		{"paths", "boot_id", settings->boot_id, sizeof(settings->boot_id)},
		{"users", "self_test", settings->self_test_user, sizeof(settings->self_test_user)},
		{"install", "network", settings->network_packages, sizeof(settings->network_packages)},
	};

	(void)line;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		bool is_path = strcmp(known[i].section, "paths") == 0;

		if (strcmp(section, known[i].section) != 0 || strcmp(key, known[i].key) != 0)
			continue;
		if (strlen(value) >= known[i].size ||
			(is_path && *value != '/' && (*value || known[i].value != settings->root)))
			return error_set(err, ERROR_INPUT, "[%s] %s is no absolute path or too long", section, key);
		(void)strcpy(known[i].value, value);
	}
	return 0;
}

/* A file that is wrong counts up to where it is wrong: better than a guard that looks for the plan elsewhere. */
static void read_file(const struct env *env, const char *path, struct settings *settings)
{
	AUTO(buf) struct buf text = BUF_INIT(INI_MAX_BYTES);
	struct error err = {0};

	if (fs_read_file(env->fs, AT_FDCWD, path, &text, &err) < 0 ||
		ini_parse_text(path, &text, take_setting, settings, &err) < 0)
		log_line(env->log, LOG_LEVEL_WARNING, "%s; going on with what is known", err.text);
}

static int is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return *entry->d_name != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* FILE and, sorted, the files of conf.d beside it. */
static void read_files(const struct env *env, const char *file, struct settings *settings)
{
	char folder[PATH_MAX], path[PATH_MAX];
	const char *slash = strrchr(file, '/');
	struct dirent **entries;
	int count;

	read_file(env, file, settings);
	(void)snprintf(folder, sizeof(folder), "%.*sconf.d", slash ? (int)(slash + 1 - file) : 0, file);
	if ((count = scandir(folder, &entries, is_drop_in, alphasort)) < 0)
		return;
	for (int i = 0; i < count; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name) < (int)sizeof(path))
			read_file(env, path, settings);
		free(entries[i]);
	}
	free(entries);
}

static void find_settings(const struct env *env, const struct arguments *arguments, struct settings *ret_settings)
{
	char file[PATH_MAX];

	*ret_settings = (struct settings){.state = "/var/lib/haishin",
		.packages = "/opt/haishin",
		.boot_id = "/proc/sys/kernel/random/boot_id",
		.self_test_user = "haishin-check"};
	(void)snprintf(file, sizeof(file), "%s" DEFAULT_CONFIG, arguments->root ? arguments->root : "");
	read_files(env, arguments->config ? arguments->config : file, ret_settings);
	if (arguments->root)
		(void)snprintf(ret_settings->root, sizeof(ret_settings->root), "%s", arguments->root);
	if (geteuid() == 0 && !platform_user_exists(ret_settings->self_test_user)) {
		log_line(env->log, LOG_LEVEL_WARNING, "there is no user '%s'; self-tests run as " DEFAULT_USER,
			ret_settings->self_test_user);
		(void)strcpy(ret_settings->self_test_user, DEFAULT_USER);
	}
}

/* ROOT in front of PATH; a path too long for the system is cut, and then not found. */
static const char *below(
	const struct settings *settings, const char *path, const char *more, char ret_path[static PATH_MAX])
{
	if (snprintf(ret_path, PATH_MAX, "%s%s%s", settings->root, path, more) >= PATH_MAX)
		ret_path[PATH_MAX - 1] = '\0';
	return ret_path;
}

/* Shows the plan to whoever looks after the machine. */
static int show(const struct env *env, int boot_dir_fd)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	if (!plan || plan_read(env->fs, boot_dir_fd, plan, &err) < 0) {
		log_line(env->log, LOG_LEVEL_ERROR, "%s", plan ? err.text : "no memory for the plan");
		return 1;
	}
	for (const struct plan_entry *entry = plan->entries; entry < plan->entries + plan->count; entry++)
		(void)printf("%s %s %s, former %s, start %d of %d%s%s\n", entry->package, entry->folder,
			plan_state_name(entry->state), *entry->former ? entry->former : "none", entry->starts,
			entry->starts_max, *entry->reason ? ": " : "", entry->reason);
	if (plan->count == 0)
		(void)puts("nothing is staged or on trial");
	return 0;
}

static void act(const struct env *env, const struct guard_options *options, const struct arguments *arguments)
{
	struct guard_result result = {0};
	struct error err = {0};
	int ret = strcmp(arguments->command, "boot") == 0
			  ? guard_boot(env, options, &result, &err)
			  : guard_take_back(env, options, GUARD_AGENT_PACKAGE, arguments->reason, &result, &err);

	if (ret < 0)
		log_line(env->log, LOG_LEVEL_ERROR, "%s; the terminal starts with what is current", err.text);
	if (result.activated || result.rolled_back || result.on_trial)
		log_line(env->log, LOG_LEVEL_INFO,
			"version " HAISHIN_VERSION ": %d activated, %d rolled back, %d on trial", result.activated,
			result.rolled_back, result.on_trial);
}

static int run(const struct env *env, const struct settings *settings, const struct arguments *arguments)
{
	AUTO(fd) int boot_dir_fd = -1;
	AUTO(fd) int packages_dir_fd = -1;
	char boot_path[PATH_MAX], packages_path[PATH_MAX];
	struct guard_options options = {
		.packages_path = below(settings, settings->packages, "", packages_path),
		.self_test_user = settings->self_test_user,
		.network_packages = settings->network_packages,
	};
	struct error err = {0};

	boot_dir_fd = fs_open_dir(env->fs, AT_FDCWD, below(settings, settings->state, "/boot", boot_path), &err);
	if (boot_dir_fd < 0 && err.code == ERROR_NOT_FOUND)
		return 0; /* nothing was ever staged here */
	if (boot_dir_fd < 0 || (packages_dir_fd = fs_open_dir(env->fs, AT_FDCWD, packages_path, &err)) < 0) {
		log_line(env->log, LOG_LEVEL_ERROR, "%s; nothing is activated", err.text);
		return 0;
	}
	options.boot_dir_fd = boot_dir_fd;
	options.packages_dir_fd = packages_dir_fd;
	if (strcmp(arguments->command, "status") == 0)
		return show(env, boot_dir_fd);
	act(env, &options, arguments);
	return 0;
}

static const char usage[] = "usage: haishin-guard [--config FILE | --root DIR] boot\n"
			    "       haishin-guard [--config FILE | --root DIR] agent-failed [--reason TEXT]\n"
			    "       haishin-guard [--config FILE | --root DIR] status\n"
			    "       haishin-guard version\n";

static bool is_command(const char *word)
{
	static const char *const commands[] = {"boot", "agent-failed", "status", "version"};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(word, commands[i]) == 0)
			return true;
	return false;
}

static int read_arguments(int argc, char **argv, struct arguments *ret_arguments)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
		{"root", required_argument, NULL, 'r'}, {"reason", required_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1)
		if (option == 'c')
			ret_arguments->config = optarg;
		else if (option == 'r')
			ret_arguments->root = optarg;
		else if (option == 'w')
			ret_arguments->reason = optarg;
		else if (option == 'h' || option == 'V')
			ret_arguments->command = option == 'h' ? "help" : "version";
		else
			return -1;
	if (ret_arguments->root && *ret_arguments->root != '/') {
		(void)fprintf(stderr, "haishin-guard: --root '%s' is no absolute path\n", ret_arguments->root);
		return -1;
	}
	if (ret_arguments->command && optind == argc)
		return 0;
	if (optind != argc - 1 || !is_command(argv[optind]))
		return -1;
	ret_arguments->command = argv[optind];
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.reason = "the agent kept failing"};
	struct settings settings;
	struct processes processes;
	struct clock clock;
	struct fs fs;
	struct log log;
	struct env env = {.clock = &clock, .fs = &fs, .processes = &processes, .log = &log};
	char boot_id_path[PATH_MAX];

	if (read_arguments(argc, argv, &arguments) < 0)
		return fputs(usage, stderr) < 0 ? 1 : 2;
	if (strcmp(arguments.command, "help") == 0)
		return fputs(usage, stdout) < 0;
	if (strcmp(arguments.command, "version") == 0)
		return puts("haishin-guard " HAISHIN_VERSION) < 0;
	log_init(&log, "haishin-guard");
	fs_init(&fs);
	processes_init(&processes);
	find_settings(&env, &arguments, &settings);
	clock_init(&clock, below(&settings, settings.boot_id, "", boot_id_path));
	return run(&env, &settings, &arguments);
}
