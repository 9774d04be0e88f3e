#include "agent/config/config_environment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHOSEN_FILE "environment"

static const struct environment_key keys[] = {
	{"url", "server", "url", true, "Where its repository is, as in [server]"},
	{"ca_file", "server", "ca_file", false, "Certificates that its servers' must come from"},
	{"proxy", "server", "proxy", false, "Its proxy"},
	{"proxy_credentials", "server", "proxy_credentials", false, "File with its proxy's user and password"},
	{"report_url", "server", "report_url", false, "Where its reports go"},
	{"trusted_root", "paths", "trusted_root", true, "Its trust root as shipped"},
	{"certificates", "paths", "certificates", false, "Client certificates for it"},
	{"institution_code", "terminal", "institution_code", false, "The institution's code there"},
};
_Static_assert(ARRAY_SIZE(keys) <= ENVIRONMENT_KEYS_MAX, "an environment has room for every key");

bool environment_key(size_t index, struct environment_key *ret_key)
{
	if (index >= ARRAY_SIZE(keys))
		return false;
	*ret_key = keys[index];
	return true;
}

bool environment_key_find(const char *key, struct environment_key *ret_key)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].key, key) == 0) {
			*ret_key = keys[i];
			return true;
		}
	return false;
}

static size_t name_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

static int check_name(const char *name, struct error *err)
{
	if (!*name || strlen(name) >= ENVIRONMENT_NAME_SIZE || name_length(name) != strlen(name))
		return error_set(err, ERROR_INPUT,
			"[" ENVIRONMENT_SECTION "%.40s]: a name has 1 to %d of a-z, 0-9 and -", name,
			ENVIRONMENT_NAME_SIZE - 1);
	if (strcmp(name, ENVIRONMENT_PRODUCTION) == 0)
		return error_set(err, ERROR_INPUT,
			"[" ENVIRONMENT_SECTION "%s]: production is what [server] and [paths] say", name);
	return 0;
}

static struct environment *find(struct environments *environments, const char *name)
{
	for (size_t i = 0; i < environments->count; i++)
		if (strcmp(environments->items[i].name, name) == 0)
			return &environments->items[i];
	return NULL;
}

const struct environment *environment_find(const struct environments *environments, const char *name)
{
	return find((struct environments *)environments, name);
}

static struct environment *find_or_add(struct environments *environments, const char *name, struct error *err)
{
	struct environment *environment = find(environments, name);

	if (environment || check_name(name, err) < 0)
		return environment;
	if (environments->count == ENVIRONMENTS_MAX) {
		(void)error_set(err, ERROR_INPUT, "more than %d environments", ENVIRONMENTS_MAX);
		return NULL;
	}
	environment = &environments->items[environments->count++];
	(void)strcpy(environment->name, name);
	return environment;
}

static int set_text(char **member, const char *text, struct error *err)
{
	char *copy = strdup(text);

	if (!copy)
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	free(*member);
	*member = copy;
	return 0;
}

int environment_take(struct environments *environments, const char *section, const char *key, const char *value,
	const char *source, struct error *err)
{
	struct environment *environment = find_or_add(environments, section + strlen(ENVIRONMENT_SECTION), err);

	if (!environment)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct environment_setting *setting = &environment->settings[i];

		if (strcmp(keys[i].key, key) != 0)
			continue;
		if (setting->source && strncmp(setting->source, source, strcspn(source, ":") + 1) == 0)
			return error_set(err, ERROR_INPUT, "[%s] %s is given twice", section, key);
		return set_text(&setting->value, value, err) < 0 ? -1 : set_text(&setting->source, source, err);
	}
	return error_set(err, ERROR_INPUT, "section [%s] knows no key '%s'", section, key);
}

int environments_check(const struct environments *environments, struct error *err)
{
	for (size_t i = 0; i < environments->count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			if (keys[k].is_required && !environments->items[i].settings[k].value)
				return error_set(err, ERROR_INPUT,
					"[" ENVIRONMENT_SECTION "%s] %s is missing: each environment has its own",
					environments->items[i].name, keys[k].key);
	return 0;
}

void environments_clear(struct environments *environments)
{
	for (size_t i = 0; i < environments->count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			free(environments->items[i].settings[k].value);
			free(environments->items[i].settings[k].source);
		}
	*environments = (struct environments){0};
}

/* ---- Which is in force ---- */

int environment_read_chosen(
	struct fs *fs, const char *state_path, char ret_name[static ENVIRONMENT_NAME_SIZE], struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(ENVIRONMENT_NAME_SIZE);
	char path[PATH_MAX];
	struct error failed = {0};

	(void)strcpy(ret_name, ENVIRONMENT_PRODUCTION);
	if (snprintf(path, sizeof(path), "%s/" CHOSEN_FILE, state_path) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT, "the path of the state folder is too long");
	if (fs_read_file(fs, AT_FDCWD, path, &text, &failed) < 0)
		return failed.code == ERROR_NOT_FOUND || failed.code == ERROR_DAMAGED || failed.code == ERROR_REFUSED ||
				       failed.sys == EACCES || failed.sys == ENOTDIR || failed.sys == ELOOP
			       ? 0
			       : error_set(err, failed.code, "which environment is chosen: %s", failed.text);
	(void)snprintf(ret_name, ENVIRONMENT_NAME_SIZE, "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	return 0;
}

bool environment_text_is_name(const char *text, size_t len)
{
	size_t name = name_length(text);

	return name > 0 && name < ENVIRONMENT_NAME_SIZE && (len == name || (len == name + 1 && text[name] == '\n'));
}

bool environment_is_lost(struct fs *fs, const char *state_path, const struct environments *environments)
{
	AUTO(buf) struct buf text = BUF_INIT(ENVIRONMENT_NAME_SIZE);
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/" CHOSEN_FILE, state_path) >= (int)sizeof(path) || lstat(path, &st) < 0 ||
		!S_ISREG(st.st_mode))
		return false;
	if (st.st_size > ENVIRONMENT_NAME_SIZE)
		return true;
	if (fs_read_file(fs, AT_FDCWD, path, &text, NULL) < 0)
		return false;
	if (!environment_text_is_name(buf_text(&text), text.len))
		return true;
	return strchr(buf_text(&text), '\n') == NULL && strcmp(buf_text(&text), ENVIRONMENT_PRODUCTION) != 0 &&
	       !environment_find(environments, buf_text(&text));
}

int environment_choose(struct fs *fs, const char *state_path, const char *name, struct error *err)
{
	char path[PATH_MAX], line[ENVIRONMENT_NAME_SIZE + 1];

	if (snprintf(path, sizeof(path), "%s/" CHOSEN_FILE, state_path) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT, "the path of the state folder is too long");
	(void)snprintf(line, sizeof(line), "%s\n", name);
	return fs_write_file(fs, AT_FDCWD, path, line, strlen(line), 0644, err);
}
