#include "collector/config/config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/ini.h"
#include "common/number.h"
#include "common/access/trusted_file.h"
#include "manifests/base/package.h"

enum kind { KIND_TEXT, KIND_BOOL, KIND_COUNT, KIND_DURATION };

/* Every setting outside the roles: the only list of them. */
static const struct row {
	const char *section, *key;
	enum kind kind;
	size_t offset;
	const char *fallback;
	int64_t lowest, highest;
} rows[] = {
	{"collector", "listen", KIND_TEXT, offsetof(struct config, listen), "[::]:8444", 0, 0},
	{"collector", "address", KIND_TEXT, offsetof(struct config, address), "", 0, 0},
	{"collector", "behind_proxy", KIND_BOOL, offsetof(struct config, behind_proxy), "no", 0, 0},
	{"collector", "tls_certificate", KIND_TEXT, offsetof(struct config, tls_certificate), "", 0, 0},
	{"collector", "tls_key", KIND_TEXT, offsetof(struct config, tls_key), "", 0, 0},
	{"collector", "client_ca", KIND_TEXT, offsetof(struct config, client_ca), "", 0, 0},
	{"collector", "client_crl", KIND_TEXT, offsetof(struct config, client_crl), "", 0, 0},
	{"collector", "connections", KIND_COUNT, offsetof(struct config, connections), "2048", 1, 100000},
	{"collector", "per_address", KIND_COUNT, offsetof(struct config, per_address), "512", 1, 100000},
	{"collector", "per_certificate", KIND_COUNT, offsetof(struct config, per_certificate), "512", 1, 100000},
	{"collector", "handshake_timeout", KIND_DURATION, offsetof(struct config, handshake_s), "10s", 1, 3600},
	{"store", "url", KIND_TEXT, offsetof(struct config, store), "/var/lib/haishin-collector/collector.db", 0, 0},
	{"store", "keep_days", KIND_COUNT, offsetof(struct config, keep_days), "2557", 1, 36500},
	{"reports", "per_hour", KIND_COUNT, offsetof(struct config, reports_per_hour), "60", 1, 10000000},
	{"reports", "waiting", KIND_COUNT, offsetof(struct config, waiting), "4096", 1, 65536},
	{"ledger", "folder", KIND_TEXT, offsetof(struct config, ledger_folder), "", 0, 0},
	{"ledger", "origin", KIND_TEXT, offsetof(struct config, ledger_origin), "", 0, 0},
	{"ledger", "key", KIND_TEXT, offsetof(struct config, ledger_key), "", 0, 0},
	{"ledger", "passphrase", KIND_TEXT, offsetof(struct config, ledger_passphrase), "", 0, 0},
	{"ledger", "pin", KIND_TEXT, offsetof(struct config, ledger_pin), "", 0, 0},
	{"ledger", "policy", KIND_TEXT, offsetof(struct config, ledger_policy), "", 0, 0},
	{"brake", "key", KIND_TEXT, offsetof(struct config, brake_key), "", 0, 0},
	{"brake", "passphrase", KIND_TEXT, offsetof(struct config, brake_passphrase), "", 0, 0},
	{"brake", "pin", KIND_TEXT, offsetof(struct config, brake_pin), "", 0, 0},
	{"brake", "file", KIND_TEXT, offsetof(struct config, brake_file), "", 0, 0},
	{"brake", "every", KIND_DURATION, offsetof(struct config, brake_every_s), "4h", 60, 86400},
	{"metadata", "repository", KIND_TEXT, offsetof(struct config, metadata_repository), "", 0, 0},
	{"metadata", "shelf", KIND_TEXT, offsetof(struct config, metadata_shelf), "", 0, 0},
	{"authority", "certificate", KIND_TEXT, offsetof(struct config, authority_certificate), "", 0, 0},
	{"authority", "key", KIND_TEXT, offsetof(struct config, authority_key), "", 0, 0},
	{"authority", "pin", KIND_TEXT, offsetof(struct config, authority_pin), "", 0, 0},
	{"authority", "crl", KIND_TEXT, offsetof(struct config, authority_crl), "", 0, 0},
	{"authority", "days", KIND_COUNT, offsetof(struct config, authority_days), "730", 1, 3650},
	{"authority", "tries_per_hour", KIND_COUNT, offsetof(struct config, tries_per_hour), "60", 1, 1000000},
	{"fleet", "silent_after", KIND_DURATION, offsetof(struct config, silent_after_s), "2h", 0, 30 * 86400},
	{"fleet", "summary_age", KIND_DURATION, offsetof(struct config, summary_s), "30s", 0, 86400},
};

static const char *const role_kinds[] = {
	[ROLE_TERMINAL] = "terminal",
	[ROLE_OPERATOR] = "operator",
	[ROLE_VENDOR] = "vendor",
	[ROLE_AUDITOR] = "auditor",
};

const char *role_kind_name(enum role_kind kind)
{
	return role_kinds[kind];
}

/* ---- Values ---- */

static int set_text(const char *value, char *ret_text, size_t size, struct error *err)
{
	if (strlen(value) >= size)
		return error_set(err, ERROR_INPUT, "is longer than %zu bytes", size - 1);
	(void)strcpy(ret_text, value);
	return 0;
}

static int set_bool(const char *value, bool *ret_bool, struct error *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return error_set(err, ERROR_INPUT, "is '%s', neither 'yes' nor 'no'", value);
	*ret_bool = strcmp(value, "yes") == 0;
	return 0;
}

static int set_number(const struct row *row, const char *value, int64_t *ret_number, struct error *err)
{
	const struct number_units *units = row->kind == KIND_DURATION ? &number_durations : &number_plain;
	int64_t number;

	if (number_parse(value, units, &number, err) < 0)
		return -1;
	if (number < row->lowest || number > row->highest)
		return error_set(err, ERROR_INPUT, "is '%s', not between %lld and %lld", value,
			(long long)row->lowest, (long long)row->highest);
	*ret_number = number;
	return 0;
}

static int set_row(const struct row *row, const char *value, struct config *config, struct error *err)
{
	void *member = (char *)config + row->offset;

	switch (row->kind) {
	case KIND_TEXT:
		return set_text(value, member, CONFIG_TEXT_SIZE, err);
	case KIND_BOOL:
		return set_bool(value, member, err);
	default:
		return set_number(row, value, member, err);
	}
}

/* ---- Roles ---- */

static int find_role(struct config *config, const char *name, struct config_role **ret_role, struct error *err)
{
	struct config_role *role;

	for (size_t i = 0; i < config->roles_count; i++)
		if (strcmp(config->roles[i].name, name) == 0) {
			*ret_role = &config->roles[i];
			return 0;
		}
	if (config->roles_count == CONFIG_ROLES_MOST)
		return error_set(err, ERROR_INPUT, "there are more than %d roles", CONFIG_ROLES_MOST);
	if (!config->roles && !(config->roles = calloc(CONFIG_ROLES_MOST, sizeof(*config->roles))))
		return error_set(err, ERROR_FAILED, "no memory for the roles");
	role = &config->roles[config->roles_count];
	if (!*name || set_text(name, role->name, sizeof(role->name), err) < 0)
		return error_set(err, ERROR_INPUT, "a role has a name of at most %zu bytes: [role NAME]",
			sizeof(role->name) - 1);
	config->roles_count++;
	*ret_role = role;
	return 0;
}

static int set_role_kind(const char *value, enum role_kind *ret_kind, struct error *err)
{
	for (size_t i = ROLE_OPERATOR; i < ARRAY_SIZE(role_kinds); i++)
		if (strcmp(role_kinds[i], value) == 0) {
			*ret_kind = (enum role_kind)i;
			return 0;
		}
	return error_set(err, ERROR_INPUT, "is '%s', none of operator, vendor, auditor", value);
}

/* Keeps the names with a blank before and behind each, so that one is found by strstr(). */
static int set_packages(const char *value, char *ret_packages, size_t size, struct error *err)
{
	char name[PACKAGE_NAME_SIZE];
	size_t len = 0, used = 0;

	while (*(value += strspn(value, " ")) && (len = strcspn(value, " "))) {
		if (len >= sizeof(name) || used + len + 3 > size)
			return error_set(err, ERROR_INPUT, "'%s' is too long", value);
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, value);
		if (package_check_name(name, err) < 0)
			return -1;
		used += (size_t)snprintf(ret_packages + used, size - used, used ? "%s " : " %s ", name);
		value += len;
	}
	return 0;
}

static int set_role(struct config *config, const char *name, const char *key, const char *value, struct error *err)
{
	struct config_role *role;

	if (find_role(config, name, &role, err) < 0)
		return -1;
	if (strcmp(key, "is") == 0)
		return set_role_kind(value, &role->kind, err);
	if (strcmp(key, "subject") == 0)
		return set_text(value, role->subject, sizeof(role->subject), err);
	if (strcmp(key, "packages") == 0)
		return set_packages(value, role->packages, sizeof(role->packages), err);
	if (strcmp(key, "shows_terminals") == 0)
		return set_bool(value, &role->shows_terminals, err);
	return error_set(err, ERROR_INPUT, "is not known; a role has: is, subject, packages, shows_terminals");
}

/* ---- The whole ---- */

int config_set(struct config *config, const char *section, const char *key, const char *value, struct error *err)
{
	if (strncmp(section, "role ", 5) == 0) {
		if (set_role(config, section + 5, key, value, err) < 0)
			return error_context(err, "[%s] %s", section, key);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].section, section) == 0 && strcmp(rows[i].key, key) == 0)
			return set_row(&rows[i], value, config, err) < 0 ? error_context(err, "[%s] %s", section, key)
									 : 0;
	return error_set(
		err, ERROR_INPUT, "[%s] %s: there is no such setting; docs/collector.md lists them", section, key);
}

/* What was set so far by the file, so that a key given twice is found. */
struct loading {
	struct config *config;
	bool was_set[ARRAY_SIZE(rows)];
};

static int take_setting(
	void *context, const char *section, const char *key, const char *value, int line, struct error *err)
{
	struct loading *loading = context;

	(void)line;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].section, section) == 0 && strcmp(rows[i].key, key) == 0) {
			if (loading->was_set[i])
				return error_set(err, ERROR_INPUT, "[%s] %s is given twice", section, key);
			loading->was_set[i] = true;
		}
	return config_set(loading->config, section, key, value, err);
}

int config_load(const char *file, struct config *ret_config, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(INI_MAX_BYTES);
	AUTO(config) struct config config = {0};
	struct loading loading = {.config = &config};
	struct fs fs;

	fs_init(&fs);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (set_row(&rows[i], rows[i].fallback, &config, err) < 0)
			return -1;
	if (file && (trusted_file_read(&fs, AT_FDCWD, file, &text, err) < 0 ||
			    ini_parse_text(file, &text, take_setting, &loading, err) < 0))
		return -1;
	*ret_config = config;
	config = (struct config){0};
	return 0;
}

void config_clear(struct config *config)
{
	free(config->roles);
	*config = (struct config){0};
}

void config_use_credentials(struct config *config)
{
	char *const keys[] = {config->tls_key, config->authority_key, config->authority_pin, config->ledger_key,
		config->ledger_passphrase, config->ledger_pin, config->brake_key, config->brake_passphrase,
		config->brake_pin};
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[CONFIG_TEXT_SIZE];
	struct fs fs;

	fs_init(&fs);
	for (size_t i = 0; folder && i < ARRAY_SIZE(keys); i++) {
		const char *slash = strrchr(keys[i], '/');

		if (slash && snprintf(path, sizeof(path), "%s/keys_%s", folder, slash + 1) < (int)sizeof(path) &&
			fs_exists(&fs, AT_FDCWD, path))
			memcpy(keys[i], path, sizeof(path));
	}
}

static bool is_local(const char *listen)
{
	return strncmp(listen, "unix:", 5) == 0 || strncmp(listen, "127.0.0.1:", 10) == 0 ||
	       strncmp(listen, "[::1]:", 6) == 0;
}

static bool is_uri(const char *key)
{
	return strncmp(key, "pkcs11:", 7) == 0;
}

static int check_roles(const struct config *config, struct error *err)
{
	for (size_t i = 0; i < config->roles_count; i++) {
		const struct config_role *role = &config->roles[i];

		if (role->kind == ROLE_TERMINAL || !*role->subject)
			return error_set(err, ERROR_INPUT, "[role %s] needs both 'is' and 'subject'", role->name);
		if ((role->kind == ROLE_VENDOR) != (*role->packages != '\0'))
			return error_set(err, ERROR_INPUT,
				"[role %s] 'packages' belongs to a vendor, and a vendor needs it", role->name);
	}
	return 0;
}

int config_check(const struct config *config, struct error *err)
{
	bool has_tls = *config->tls_certificate || *config->tls_key || *config->client_ca || *config->client_crl;

	if (config->behind_proxy && has_tls)
		return error_set(err, ERROR_INPUT,
			"[collector] behind_proxy = yes leaves TLS to the proxy: "
			"take tls_certificate, tls_key, client_ca and client_crl out");
	if (config->behind_proxy && !is_local(config->listen))
		return error_set(err, ERROR_INPUT,
			"[collector] behind_proxy = yes listens at unix:PATH, 127.0.0.1 or "
			"[::1] only: whoever reaches it can claim any certificate");
	if (!config->behind_proxy && (!*config->tls_certificate || !*config->tls_key || !*config->client_ca))
		return error_set(err, ERROR_INPUT,
			"[collector] tls_certificate, tls_key and client_ca are needed; "
			"behind nginx say behind_proxy = yes");
	if (!*config->ledger_folder != !*config->ledger_key || !*config->ledger_folder != !*config->ledger_origin)
		return error_set(err, ERROR_INPUT, "[ledger] folder, origin and key belong together");
	if (!*config->authority_certificate != !*config->authority_key ||
		!*config->authority_certificate != !*config->authority_crl)
		return error_set(err, ERROR_INPUT, "[authority] certificate, key and crl belong together");
	if ((*config->ledger_pin && !is_uri(config->ledger_key)) || (*config->authority_pin && !is_uri(config->authority_key)))
		return error_set(err, ERROR_INPUT, "a pin is of use only where the key beside it is in a token (pkcs11:...)");
	if (*config->ledger_passphrase && is_uri(config->ledger_key))
		return error_set(err, ERROR_INPUT, "[ledger] passphrase opens files; a token's key has a pin");
	if (*config->ledger_policy && !*config->ledger_folder)
		return error_set(
			err, ERROR_INPUT, "[ledger] policy is of no use without a folder, an origin and a key");
	if (*config->brake_key && !*config->metadata_repository)
		return error_set(err, ERROR_INPUT, "[brake] key needs [metadata] repository, where the catalog says what is rolled out");
	if ((*config->brake_passphrase || *config->brake_file) && !*config->brake_key)
		return error_set(err, ERROR_INPUT, "[brake] passphrase and file are of no use without a key");
	if (*config->metadata_repository && !*config->metadata_shelf)
		return error_set(err, ERROR_INPUT, "[metadata] repository needs a shelf to keep what is published");
	return check_roles(config, err);
}

const struct config_role *config_role_of(const struct config *config, const char *subject)
{
	for (size_t i = 0; i < config->roles_count; i++)
		if (strcmp(config->roles[i].subject, subject) == 0)
			return &config->roles[i];
	return NULL;
}
