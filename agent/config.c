#include "agent/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/config_value.h"
#include "common/ini.h"

#define CONFIG_DROP_INS_MAX 64

#define AT(member) offsetof(struct config, member)

/* One row for each key. */
struct row {
	struct config_setting setting;
	enum config_kind kind;
	size_t at; /* of the member in struct config */
	int64_t lowest, highest;
	const char *choices; /* of a choice, in the order of its enum, with blanks between them */
};

static const struct row rows[] = {
	{{"paths", "root", "", "Folder that all other paths lie below; empty for the whole machine"},
		CONFIG_PATH_OR_NONE, AT(root), 0, 0, NULL},
	{{"paths", "state", "/var/lib/haishin",
		 "What must last: the store, trusted metadata, the plan for the next start"},
		CONFIG_PATH, AT(state_path), 0, 0, NULL},
	{{"paths", "cache", "/var/cache/haishin", "Downloads; may be deleted at any time"}, CONFIG_PATH,
		AT(cache_path), 0, 0, NULL},
	{{"paths", "packages", "/opt/haishin", "Releases of packages, and the links to the current ones"},
		CONFIG_PATH, AT(packages_path), 0, 0, NULL},
	{{"paths", "run", "/run/haishin", "The control socket and the restart notice"}, CONFIG_PATH, AT(run_path), 0,
		0, NULL},
	{{"paths", "programs", "/usr/lib/haishin", "haishin-fetch and haishin-guard"}, CONFIG_PATH, AT(programs_path),
		0, 0, NULL},
	{{"paths", "trusted_root", "/usr/share/haishin/root.json", "The trust root as shipped"}, CONFIG_PATH,
		AT(trusted_root_path), 0, 0, NULL},
	{{"paths", "boot_id", "/proc/sys/kernel/random/boot_id",
		 "The file that tells one start of the machine from another"},
		CONFIG_PATH, AT(boot_id_path), 0, 0, NULL},
	{{"paths", "certificates", "/etc/haishin/certificates", "Client certificates with their keys"}, CONFIG_PATH,
		AT(certificates_path), 0, 0, NULL},
	{{"server", "url", "",
		 "Where the repository is (https:, http:, file:); several with blanks between them are mirrors, "
		 "tried in order"},
		CONFIG_URLS, AT(server_urls), 0, 0, NULL},
	{{"server", "ca_file", "", "Certificates that the server's must come from; empty for the system's"},
		CONFIG_PATH_OR_NONE, AT(ca_file_path), 0, 0, NULL},
	{{"server", "proxy", "", "Proxy, such as http://10.0.0.1:8080; empty for none, and none is looked for"},
		CONFIG_PROXY_OR_NONE, AT(proxy), 0, 0, NULL},
	{{"server", "proxy_credentials", "",
		 "File with the proxy's user and password, as user:password; nobody but its owner may read it"},
		CONFIG_PATH_OR_NONE, AT(proxy_credentials_path), 0, 0, NULL},
	{{"server", "report_url", "",
		 "Where the agent's reports go (https:, http:), such as https://example.org/reports; empty to send "
		 "none"},
		CONFIG_URL_OR_NONE, AT(report_url), 0, 0, NULL},
	{{"server", "connect_timeout", "30s", "How long a connection may take to come about"}, CONFIG_DURATION,
		AT(connect_timeout_s), 1, 600, NULL},
	{{"server", "stall_timeout", "60s", "How long a transfer may stand still"}, CONFIG_DURATION,
		AT(stall_timeout_s), 1, 3600, NULL},
	{{"network", "rate", "0", "Most bytes each second within the window; 0 for no limit"}, CONFIG_RATE, AT(rate),
		RATE_LEAST, INT64_MAX, NULL},
	{{"network", "rate_outside_window", "0", "The same outside it: after a press of the button; 0 for no limit"},
		CONFIG_RATE, AT(rate_outside_window), RATE_LEAST, INT64_MAX, NULL},
	{{"network", "rate_by_hour", "",
		 "Hours with a limit of their own, which goes before both, such as mon-fri,08:00-12:00=64K "
		 "12:00-13:00=1M"},
		CONFIG_RATES, AT(rate_by_hour_text), 0, 0, NULL},
	{{"network", "budget", "0", "Most bytes fetched in one window; 0 for no limit"}, CONFIG_SIZE, AT(budget), 0,
		INT64_MAX, NULL},
	{{"network", "budget_time", "0", "Longest time of transfers in one window; 0 for no limit"}, CONFIG_DURATION,
		AT(budget_s), 0, INT64_MAX, NULL},
	{{"network", "redirects", "none",
		 "Where a server may send requests on to: nowhere (none), to its own host (same-host), to others too "
		 "(any)"},
		CONFIG_CHOICE, AT(redirects), 0, 0, "none same-host any"},
	{{"terminal", "institution_code", "", "The institution's code, 10 digits; chooses the client certificate"},
		CONFIG_DIGITS_OR_NONE, AT(institution_code), 10, 10, NULL},
	{{"terminal", "institution_name", "", "The institution's name, for the completion report of a campaign"},
		CONFIG_TEXT_OR_NONE, AT(institution_name), 0, 200, NULL},
	{{"terminal", "telephone", "", "Its telephone number, for the same: digits without hyphens"},
		CONFIG_DIGITS_OR_NONE, AT(telephone), 10, 11, NULL},
	{{"terminal", "time_zone", "Asia/Tokyo", "Zone of all windows and nights"}, CONFIG_ZONE, AT(zone_name), 0, 0,
		NULL},
	{{"terminal", "packages", "distro-app face-library linkage-app",
		 "What this terminal runs; add reader-app/VENDOR for each reader"},
		CONFIG_PACKAGES, AT(packages), 0, 0, NULL},
	{{"delivery", "window", "20:00-05:00", "When delivery may run (docs/scheduling.md)"}, CONFIG_WINDOWS,
		AT(windows_text), 0, 0, NULL},
	{{"delivery", "start_delay_s", "60", "Seconds after the machine's start in which nothing happens"},
		CONFIG_INTEGER, AT(start_delay_s), 0, 3600, NULL},
	{{"delivery", "attempts_per_night", "8", "How often a night's work is tried after errors"}, CONFIG_INTEGER,
		AT(attempts_per_night), 1, 100, NULL},
	{{"delivery", "reserve_space", "256M", "Bytes of the disk that delivery leaves free"}, CONFIG_SIZE,
		AT(reserve_space), 0, INT64_MAX, NULL},
	{{"install", "per_restart", "all", "Packages that become current at one restart"}, CONFIG_CHOICE,
		AT(per_restart), 0, 0, "all one"},
	{{"install", "rollback", "restart", "When a release that failed is taken back: at the next restart, or now"},
		CONFIG_CHOICE, AT(rollback), 0, 0, "restart now"},
	{{"install", "applications_command", "",
		 "Program that stops and starts applications, run with stop or start and the package; empty: through "
		 "their units"},
		CONFIG_PATH_OR_NONE, AT(applications_command_path), 0, 0, NULL},
	{{"install", "keep_former", "1", "Former releases that are kept for the way back"}, CONFIG_INTEGER,
		AT(keep_former), 1, 10, NULL},
	{{"install", "starts_max", "3", "Starts after which a release that was never confirmed is rolled back"},
		CONFIG_INTEGER, AT(starts_max), 1, 10, NULL},
	{{"control", "users", "", "Accounts that may change things, besides root"}, CONFIG_USERS, AT(control_users),
		0, 0, NULL},
	{{"control", "group", "haishin", "Group whose members may change things; empty for none"},
		CONFIG_USER_OR_NONE, AT(control_group), 0, 0, NULL},
	{{"users", "fetch", "haishin-fetch", "Account that talks to the network"}, CONFIG_USER, AT(fetch_user), 0, 0,
		NULL},
	{{"users", "self_test", "haishin-check", "Account that runs self-tests and health checks of packages"},
		CONFIG_USER, AT(self_test_user), 0, 0, NULL},
	{{"history", "keep_rows", "20000", "Rows of the history in the store; older ones go to sealed files"},
		CONFIG_INTEGER, AT(history_keep_rows), 100, 1000000, NULL},
	{{"history", "max_size", "256M",
		 "Most bytes of those files; beyond it the oldest is removed, and that recorded"},
		CONFIG_SIZE, AT(history_max_size), 1 << 20, INT64_MAX, NULL},
	{{"notice", "command", "", "Program to run when a restart is due; empty for none"}, CONFIG_PATH_OR_NONE,
		AT(notice_command_path), 0, 0, NULL},
	{{"restart", "at", "",
		 "When the terminal restarts by itself, where something is staged and nobody uses it, such as 04:30; "
		 "empty for never"},
		CONFIG_HOUR_OR_NONE, AT(restart_at), 0, 0, NULL},
	{{"restart", "command", "", "Program that restarts the machine; empty for the service manager"},
		CONFIG_PATH_OR_NONE, AT(restart_command_path), 0, 0, NULL},
	{{"restart", "in_use_command", "",
		 "Program that ends with 0 while the terminal is in use, with 1 otherwise; empty: it is while "
		 "somebody is logged in"},
		CONFIG_PATH_OR_NONE, AT(restart_in_use_command_path), 0, 0, NULL},
};

/* What is known while files are read. */
struct loading {
	struct fs *fs;
	struct config config;
	const char *file;	      /* being read */
	int file_number;	      /* from 1 */
	int set_in[ARRAY_SIZE(rows)]; /* the file that set it last; 0: none */
};

bool config_setting_at(size_t index, struct config_setting *ret_setting)
{
	if (index >= ARRAY_SIZE(rows))
		return false;
	*ret_setting = rows[index].setting;
	return true;
}

const char *config_source(const struct config *config, const char *section, const char *key)
{
	for (size_t i = 0; config->sources && i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].setting.section, section) == 0 && strcmp(rows[i].setting.key, key) == 0)
			return config->sources[i] ? config->sources[i] : CONFIG_SOURCE_DEFAULT;
	return CONFIG_SOURCE_DEFAULT;
}

static void *member_of(struct config *config, const struct row *row)
{
	return (char *)config + row->at;
}

void config_release(struct config *config)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		config_value_release(rows[i].kind, member_of(config, &rows[i]));
	for (size_t i = 0; config->sources && i < ARRAY_SIZE(rows); i++)
		free(config->sources[i]);
	free(config->sources);
	free(config->environment_path);
	environments_release(&config->environments);
	zone_free(config->zone);
	*config = (struct config){0};
}

static int set_zone(struct loading *loading, const char *name, struct error *err)
{
	AUTO(zone) struct zone *zone = NULL;

	if (zone_load(loading->fs, name, &zone, err) < 0)
		return -1;
	zone_free(loading->config.zone);
	loading->config.zone = take_ptr(&zone);
	return 0;
}

static int set_row(struct loading *loading, const struct row *row, const char *value, struct error *err)
{
	struct config_limits limits = {row->lowest, row->highest, row->choices};

	if (config_value_set(row->kind, &limits, value, member_of(&loading->config, row), err) < 0)
		return -1;
	if (row->kind == CONFIG_ZONE)
		return set_zone(loading, value, err);
	if (row->kind == CONFIG_WINDOWS)
		return window_list_parse(value, &loading->config.windows, err);
	if (row->kind == CONFIG_RATES)
		return rate_hours_parse(value, &loading->config.rate_by_hour, err);
	return 0;
}

static int set_defaults(struct loading *loading, struct error *err)
{
	if (!(loading->config.sources = calloc(ARRAY_SIZE(rows), sizeof(*loading->config.sources))))
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].kind != CONFIG_URLS && set_row(loading, &rows[i], rows[i].setting.fallback, err) < 0)
			return error_context(err, "default of [%s] %s", rows[i].setting.section, rows[i].setting.key);
	return 0;
}

static int refuse_name(const char *section, const char *key, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].setting.section, section) == 0)
			return error_set(err, ERROR_INPUT, "section [%s] knows no key '%s'", section, key);
	if (!*section)
		return error_set(err, ERROR_INPUT, "key '%s' stands before the first [section]", key);
	return error_set(err, ERROR_INPUT, "unknown section [%s]", section);
}

/* Takes a name of file and line. */
static void note_source(struct loading *loading, size_t row, char *take_source)
{
	free(loading->config.sources[row]);
	loading->config.sources[row] = take_source;
}

static size_t find_row(const char *section, const char *key)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(rows) &&
		(strcmp(rows[i].setting.section, section) != 0 || strcmp(rows[i].setting.key, key) != 0))
		i++;
	return i;
}

static int check_value(const struct row *row, const char *value, struct error *err)
{
	struct config_limits limits = {row->lowest, row->highest, row->choices};
	union {
		char *text;
		struct config_list list;
		int64_t number;
	} scratch = {0};

	if (config_value_set(row->kind, &limits, value, &scratch, err) < 0)
		return -1;
	config_value_release(row->kind, &scratch);
	return 0;
}

int config_check(const char *section, const char *key, const char *value, struct error *err)
{
	size_t row = find_row(section, key);

	if (row == ARRAY_SIZE(rows))
		return refuse_name(section, key, err);
	return check_value(&rows[row], value, err) < 0 ? error_context(err, "[%s] %s", section, key) : 0;
}

/* What a section says of an environment is checked at once, and set where that environment is in force. */
static int take_environment(struct loading *loading, const char *section, const char *key, const char *value,
	const char *source, struct error *err)
{
	struct environment_key known;

	if (environment_take(&loading->config.environments, section, key, value, source, err) < 0)
		return -1;
	for (size_t i = 0; environment_key(i, &known); i++)
		if (strcmp(known.key, key) == 0 &&
			check_value(&rows[find_row(known.section, known.setting)], value, err) < 0)
			return error_context(err, "[%s] %s", section, key);
	return 0;
}

static int take_setting(
	void *context, const char *section, const char *key, const char *value, int line, struct error *err)
{
	struct loading *loading = context;
	AUTO(free) char *source = NULL;
	size_t i = find_row(section, key);

	if (asprintf(&source, "%s:%d", loading->file, line) < 0)
		return source = NULL, error_set(err, ERROR_FAILED, "no memory for the configuration");
	if (strncmp(section, ENVIRONMENT_SECTION, strlen(ENVIRONMENT_SECTION)) == 0)
		return take_environment(loading, section, key, value, source, err);
	if (i == ARRAY_SIZE(rows))
		return refuse_name(section, key, err);
	if (loading->set_in[i] == loading->file_number)
		return error_set(err, ERROR_INPUT, "[%s] %s is given twice", section, key);
	loading->set_in[i] = loading->file_number;
	if (set_row(loading, &rows[i], value, err) < 0)
		return error_context(err, "[%s] %s", section, key);
	note_source(loading, i, take_ptr(&source));
	return 0;
}

/* What everybody may write would let everybody tell root what to run. */
static int check_writers(const char *path, struct error *err)
{
	struct stat found;

	if (stat(path, &found) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (geteuid() == 0 && found.st_mode & S_IWOTH)
		return error_set(err, ERROR_INPUT,
			"%s: everybody may write it, so it is not trusted; run: chmod o-w %s", path, path);
	return 0;
}

static int load_file(struct loading *loading, const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(INI_MAX_BYTES);

	loading->file_number++;
	loading->file = path;
	if (check_writers(path, err) < 0 || fs_read_file(loading->fs, AT_FDCWD, path, &text, err) < 0)
		return -1;
	return ini_parse_text(path, &text, take_setting, loading, err);
}

static int is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

static int compare_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The files of conf.d beside FILE, in the order of their names' bytes, whatever the locale. */
static int load_drop_ins(struct loading *loading, const char *file, struct error *err)
{
	const char *slash = strrchr(file, '/');
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	struct dirent **entries;
	int count, result = 0;

	if (snprintf(folder, sizeof(folder), "%.*sconf.d", slash ? (int)(slash + 1 - file) : 0, file) >=
		(int)sizeof(folder))
		return error_set(err, ERROR_USAGE, "the path '%s' is too long", file);
	if ((count = scandir(folder, &entries, is_drop_in, compare_bytes)) < 0)
		return errno == ENOENT ? 0 : error_system(err, errno, "cannot list '%s'", folder);
	if (count > CONFIG_DROP_INS_MAX)
		result = error_set(err, ERROR_INPUT, "%s: more than %d files", folder, CONFIG_DROP_INS_MAX);
	else
		result = check_writers(folder, err);
	for (int i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (result == 0)
			result = load_file(loading, path, err);
		free(entries[i]);
	}
	free(entries);
	return result;
}

/* Puts the root before every path. */
static int apply_root(struct config *config, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char **path = member_of(config, &rows[i]), *rooted;

		if ((rows[i].kind != CONFIG_PATH && rows[i].kind != CONFIG_PATH_OR_NONE) || path == &config->root ||
			!**path)
			continue;
		if (asprintf(&rooted, "%s%s", config->root, *path) < 0)
			return error_set(err, ERROR_FAILED, "no memory for the configuration");
		free(*path);
		*path = rooted;
	}
	return 0;
}

/* Sets what is special to the environment in force. */
static int apply_settings(struct loading *loading, const struct environment *environment, struct error *err)
{
	struct environment_key known;

	for (size_t i = 0; environment_key(i, &known); i++) {
		const struct environment_setting *setting = &environment->settings[i];
		size_t row = find_row(known.section, known.setting);
		char *source;

		if (!setting->value)
			continue;
		if (set_row(loading, &rows[row], setting->value, err) < 0)
			return -1;
		if (!(source = strdup(setting->source)))
			return error_set(err, ERROR_FAILED, "no memory for the configuration");
		note_source(loading, row, source);
	}
	return 0;
}

static int apply_environment(struct loading *loading, struct error *err)
{
	struct config *config = &loading->config;
	const struct environment *environment;
	AUTO(free) char *state_path = NULL;

	if (asprintf(&state_path, "%s%s", config->root, config->state_path) < 0)
		return state_path = NULL, error_set(err, ERROR_FAILED, "no memory for the configuration");
	if (environments_check(&config->environments, err) < 0 ||
		environment_read_chosen(loading->fs, state_path, config->environment, err) < 0)
		return -1;
	if (!(environment = environment_find(&config->environments, config->environment)) &&
		strcmp(config->environment, ENVIRONMENT_PRODUCTION) != 0) {
		memcpy(config->lost_environment, config->environment, sizeof(config->environment));
		(void)strcpy(config->environment, ENVIRONMENT_PRODUCTION);
	}
	if (asprintf(&config->environment_path, "%s%s%s", state_path, environment ? "/environments/" : "",
		    environment ? environment->name : "") < 0)
		return config->environment_path = NULL, error_set(err, ERROR_FAILED, "no memory");
	return environment ? apply_settings(loading, environment, err) : 0;
}

static int load(struct loading *loading, const char *file, const char *root_override, struct error *err)
{
	if (set_defaults(loading, err) < 0 || load_file(loading, file, err) < 0 ||
		load_drop_ins(loading, file, err) < 0)
		return -1;
	if (loading->config.server_urls.count == 0)
		return error_set(
			err, ERROR_INPUT, "%s: [server] url is missing; name the distribution server there", file);
	if (root_override &&
		config_value_set(CONFIG_PATH_OR_NONE, NULL, root_override, &loading->config.root, err) < 0)
		return error_context(err, "root");
	return apply_environment(loading, err) < 0 ? -1 : apply_root(&loading->config, err);
}

int config_load(struct fs *fs, const char *file, const char *root_override, struct config *ret, struct error *err)
{
	AUTO(free) char *default_file = NULL;
	struct loading loading = {.fs = fs};

	if (!file && asprintf(&default_file, "%s%s", root_override ? root_override : "", CONFIG_FILE) < 0)
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	if (load(&loading, file ? file : default_file, root_override, err) < 0) {
		config_release(&loading.config);
		return -1;
	}
	*ret = loading.config;
	return 0;
}
