#include "agent/config/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct config, member)

/* Each setting in one row: {section, key, default, what it means}, its kind (config_value.h), its member in config.h, then the least and the
 * most that it may be, or the words to choose from. The settings file, its manual page and `haishin settings` are made from it;
 * docs/configuration.md is checked against it. */
static const struct config_row rows[] = {
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
	{{"paths", "programs", "/usr/lib/haishin", "haishin-fetch, haishin-guard and haishin-permit"}, CONFIG_PATH, AT(programs_path),
		0, 0, NULL},
	{{"paths", "trusted_root", "/usr/share/haishin/root.json", "The trust root as shipped"}, CONFIG_PATH,
		AT(trusted_root_path), 0, 0, NULL},
	{{"paths", "boot_id", "/proc/sys/kernel/random/boot_id",
		 "The file that tells one start of the machine from another"},
		CONFIG_PATH, AT(boot_id_path), 0, 0, NULL},
	{{"paths", "machine_id", "/etc/machine-id",
		 "The file that tells one machine from another: with another one, the terminal gets a key of its own"},
		CONFIG_PATH, AT(machine_id_path), 0, 0, NULL},
	{{"paths", "hardware_id", "/sys/class/dmi/id/product_uuid",
		 "The same, as the machine's own hardware says it; where there is none, it tells nothing"},
		CONFIG_PATH, AT(hardware_id_path), 0, 0, NULL},
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
	{{"server", "est_url", "",
		 "Where this terminal's certificate is renewed (EST), such as https://example.org:8444; empty: where "
		 "'haishin enrol' got it"},
		CONFIG_URL_OR_NONE, AT(est_url), 0, 0, NULL},
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
	{{"terminal", "telephone", "", "Its telephone number, for the same, such as 03-1234-5678"},
		CONFIG_TELEPHONE_OR_NONE, AT(telephone), 10, 11, NULL},
	{{"terminal", "ring", "", "The group of terminals it is one of in rollouts, such as pilot; empty for none"},
		CONFIG_RING_OR_NONE, AT(ring), 0, 0, NULL},
	{{"terminal", "time_zone", "Asia/Tokyo", "Zone of all windows and nights"}, CONFIG_ZONE, AT(zone_name), 0, 0,
		NULL},
	{{"terminal", "packages", "distro-app face-library linkage-app",
		 "What this terminal runs; add reader-app/VENDOR for each reader"},
		CONFIG_PACKAGES, AT(packages), 0, 0, NULL},
	{{"delivery", "window", "20:00-05:00", "When delivery may run (docs/scheduling.md)"}, CONFIG_WINDOWS,
		AT(windows_text), 0, 0, NULL},
	{{"delivery", "start_delay", "60s", "How long after the machine's start nothing happens"}, CONFIG_DURATION,
		AT(start_delay_s), 0, 3600, NULL},
	{{"delivery", "attempts_per_night", "8", "How often a night's work is tried after errors"}, CONFIG_INTEGER,
		AT(attempts_per_night), 1, 100, NULL},
	{{"delivery", "longest_by_hand", "4h",
		 "Longest time of a delivery outside the window: after a press of the button, or from a folder; what has "
		 "come is kept"},
		CONFIG_DURATION, AT(longest_by_hand_s), 60, 7 * 86400, NULL},
	{{"delivery", "reserve_space", "256M", "Bytes of the disk that delivery leaves free"}, CONFIG_SIZE,
		AT(reserve_space), 0, INT64_MAX, NULL},
	{{"delivery", "reserve_files", "1000",
		 "Files and folders that delivery leaves room for on the disk; at most a twentieth of what it can hold"},
		CONFIG_INTEGER, AT(reserve_files), 0, INT64_MAX, NULL},
	{{"install", "per_restart", "all", "Packages that become current at one restart"}, CONFIG_CHOICE,
		AT(per_restart), 0, 0, "all one"},
	{{"install", "rollback", "restart", "When a release that failed is taken back: at the next restart, or now"},
		CONFIG_CHOICE, AT(rollback), 0, 0, "restart now"},
	{{"install", "applications_command", "",
		 "Program that stops and starts applications, run with stop or start and the package; empty: through "
		 "their units"},
		CONFIG_PATH_OR_NONE, AT(applications_command_path), 0, 0, NULL},
	{{"install", "units", "",
		 "Units that packages' applications run as, which may be stopped and started: PACKAGE=NAME.service"},
		CONFIG_UNITS, AT(units), 0, 0, NULL},
	{{"install", "network", "",
		 "Packages whose self-tests, migrations and health checks may use the network, where their releases "
		 "ask"},
		CONFIG_PACKAGES_OR_NONE, AT(network_packages), 0, 0, NULL},
	{{"install", "keep_former", "1", "Former releases that are kept for the way back"}, CONFIG_INTEGER,
		AT(keep_former), 1, 10, NULL},
	{{"install", "starts_max", "3", "Starts after which a release that was never confirmed is rolled back"},
		CONFIG_INTEGER, AT(starts_max), 1, 10, NULL},
	{{"control", "users", "", "Accounts that may change things, besides root"}, CONFIG_USERS, AT(control_users),
		0, 0, NULL},
	{{"control", "group", "haishin", "Group whose members may change things; empty for none"},
		CONFIG_USER_OR_NONE, AT(control_group), 0, 0, NULL},
	{{"control", "polkit", "yes",
		 "Whether all others are asked for an administrator's password by polkit, where the machine has it, instead of "
		 "being refused"},
		CONFIG_CHOICE, AT(control_polkit), 0, 0, "yes no"},
	{{"control", "staff_may_set", "",
		 "Settings that those who may change things may set by 'haishin settings' and in the window, such as "
		 "delivery.window terminal.telephone"},
		CONFIG_STAFF_OR_NONE, AT(staff_may_set), 0, 0, NULL},
	{{"users", "fetch", "haishin-fetch", "Account that talks to the network"}, CONFIG_USER, AT(fetch_user), 0, 0,
		NULL},
	{{"users", "self_test", "haishin-check", "Account that runs self-tests and health checks of packages"},
		CONFIG_USER, AT(self_test_user), 0, 0, NULL},
	{{"history", "keep_rows", "20000", "Rows of the history in the store; older ones go to sealed files"},
		CONFIG_INTEGER, AT(history_keep_rows), 100, 1000000, NULL},
	{{"history", "max_size", "256M",
		 "Most bytes of those files; beyond it the oldest is removed, once it is old enough, and that recorded"},
		CONFIG_SIZE, AT(history_max_size), 1 << 20, INT64_MAX, NULL},
	{{"history", "keep_days", "400", "Days for which none of those files is removed, whatever their size"},
		CONFIG_INTEGER, AT(history_keep_days), 0, 36500, NULL},
	{{"notice", "command", "", "Program to run when a restart is due; empty for none"}, CONFIG_PATH_OR_NONE,
		AT(notice_command_path), 0, 0, NULL},
	{{"restart", "at", "",
		 "When the terminal restarts by itself, where something is staged and nobody uses it, such as 04:30; "
		 "empty for never"},
		CONFIG_HOUR_OR_NONE, AT(restart_at), 0, 0, NULL},
	{{"restart", "on_request", "yes", "Whether those who may change things may restart the terminal in the window"},
		CONFIG_CHOICE, AT(restart_on_request), 0, 0, "yes no"},
	{{"restart", "command", "", "Program that restarts the machine; empty for the service manager"},
		CONFIG_PATH_OR_NONE, AT(restart_command_path), 0, 0, NULL},
	{{"restart", "in_use_command", "",
		 "Program that ends with 0 while the terminal is in use, with 1 otherwise; empty: it is while "
		 "somebody is logged in"},
		CONFIG_PATH_OR_NONE, AT(restart_in_use_command_path), 0, 0, NULL},
	{{"power", "wake", "no",
		 "Whether a terminal that is switched off is started for its turn by the alarm of its clock, and powered down "
		 "again if nobody uses it"},
		CONFIG_CHOICE, AT(power_wake), 0, 0, "yes no"},
	{{"power", "clock", "/sys/class/rtc/rtc0", "The clock whose alarm starts the machine"}, CONFIG_PATH,
		AT(power_clock_path), 0, 0, NULL},
	{{"power", "down_command", "",
		 "Program that powers the machine down, run with poweroff or suspend; empty for the service manager"},
		CONFIG_PATH_OR_NONE, AT(power_down_command_path), 0, 0, NULL},
};

/* Names that settings had before: files that were written then are read for good. */
static const struct {
	const char *section, *former, *key;
} renamed[] = {{"delivery", "start_delay_s", "start_delay"}};

/* ---- Rows ---- */

size_t config_rows_count(void)
{
	return ARRAY_SIZE(rows);
}

const struct config_row *config_row_at(size_t index)
{
	return index < ARRAY_SIZE(rows) ? &rows[index] : NULL;
}

static const char *name_of_today(const char *section, const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed); i++)
		if (strcmp(renamed[i].section, section) == 0 && strcmp(renamed[i].former, key) == 0)
			return renamed[i].key;
	return key;
}

bool config_row_find(const char *section, const char *key, size_t *ret_index)
{
	key = name_of_today(section, key);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].setting.section, section) == 0 && strcmp(rows[i].setting.key, key) == 0) {
			*ret_index = i;
			return true;
		}
	return false;
}

void *config_row_member(const struct config_row *row, struct config *config)
{
	return (char *)config + row->at;
}

static int set_zone(struct fs *fs, const char *name, struct config *config, struct error *err)
{
	AUTO(zone) struct zone *zone = NULL;

	if (zone_load(fs, name, &zone, err) < 0)
		return -1;
	zone_free(config->zone);
	config->zone = take_ptr(&zone);
	return 0;
}

int config_row_set(
	const struct config_row *row, struct fs *fs, const char *value, struct config *config, struct error *err)
{
	struct config_limits limits = {row->lowest, row->highest, row->choices};

	if (config_value_set(row->kind, &limits, value, config_row_member(row, config), err) < 0)
		return -1;
	if (row->kind == CONFIG_ZONE)
		return set_zone(fs, value, config, err);
	if (row->kind == CONFIG_WINDOWS)
		return window_list_parse(value, &config->own.windows, err);
	if (row->kind == CONFIG_RATES)
		return rate_hours_parse(value, &config->rate_by_hour, err);
	return 0;
}

int config_row_check(const struct config_row *row, const char *value, struct error *err)
{
	struct config_limits limits = {row->lowest, row->highest, row->choices};
	union {
		char *text;
		struct config_list list;
		int64_t number;
	} scratch = {0};

	if (config_value_set(row->kind, &limits, value, &scratch, err) < 0)
		return -1;
	config_value_clear(row->kind, &scratch);
	return 0;
}

/* ---- For everybody ---- */

bool config_setting_at(size_t index, struct config_setting *ret_setting)
{
	if (index >= ARRAY_SIZE(rows))
		return false;
	*ret_setting = rows[index].setting;
	return true;
}

int config_plain(const char *section, const char *key, const char *value, char **ret_text, struct error *err)
{
	char *text = NULL;
	size_t row;

	if (!config_row_find(section, key, &row))
		return error_set(err, ERROR_INPUT, "section [%s] knows no key '%s'", section, key);
	const struct config_limits limits = {rows[row].lowest, rows[row].highest, rows[row].choices};

	if (config_value_set(rows[row].kind, &limits, value, &text, err) < 0)
		return error_context(err, "[%s] %s", section, key);
	*ret_text = text;
	return 0;
}

static size_t row_of(const char *section, const char *key)
{
	size_t row = 0;
	bool is_known = config_row_find(section, key, &row);

	assert(is_known);
	(void)is_known;
	return row;
}

const char *config_source(const struct config *config, const char *section, const char *key)
{
	size_t row = row_of(section, key);

	return config->sources && config->sources[row] ? config->sources[row] : CONFIG_SOURCE_DEFAULT;
}

const char *config_text(const struct config *config, const char *section, const char *key)
{
	size_t row = row_of(section, key);

	return config->values && config->values[row] ? config->values[row] : rows[row].setting.fallback;
}

bool config_runs(const struct config *config, const char *package)
{
	for (size_t i = 0; i < config->packages.count; i++)
		if (strcmp(config->packages.items[i], package) == 0)
			return true;
	return false;
}

static void clear_texts(char **texts)
{
	for (size_t i = 0; texts && i < ARRAY_SIZE(rows); i++)
		free(texts[i]);
	free(texts);
}

void config_clear(struct config *config)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		config_value_clear(rows[i].kind, config_row_member(&rows[i], config));
	clear_texts(config->sources);
	clear_texts(config->values);
	free(config->file);
	free(config->root_override);
	free(config->environment_path);
	environments_clear(&config->environments);
	config_unknown_clear(&config->unknowns);
	zone_free(config->zone);
	*config = (struct config){0};
}
