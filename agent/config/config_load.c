#include "agent/config/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/config/config_mistake.h"
#include "common/access/trusted_file.h"
#include "common/ini.h"
#include "common/text.h"

#define CONFIG_DROP_INS_MAX 64

/* What is known while files are read. */
struct loading {
	struct fs *fs;
	struct config config;
	const char *file; /* being read */
	int file_number;  /* from 1 */
	int *set_in;	  /* for each row the file that set it last; 0: none */
};

/* ---- Settings ---- */

static int set_row(struct loading *loading, size_t index, const char *value, struct error *err)
{
	return config_row_set(config_row_at(index), loading->fs, value, &loading->config, err);
}

static int set_defaults(struct loading *loading, struct error *err)
{
	const struct config_row *row;

	if (!(loading->set_in = calloc(config_rows_count(), sizeof(*loading->set_in))) ||
		!(loading->config.sources = calloc(config_rows_count(), sizeof(*loading->config.sources))) ||
		!(loading->config.values = calloc(config_rows_count(), sizeof(*loading->config.values))))
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	for (size_t i = 0; (row = config_row_at(i)); i++)
		if (row->kind != CONFIG_URLS && set_row(loading, i, row->setting.fallback, err) < 0)
			return error_context(err, "default of [%s] %s", row->setting.section, row->setting.key);
	return 0;
}

/* What was written, and at which line of which file. */
static int note(struct loading *loading, size_t row, const char *value, const char *source, struct error *err)
{
	char **texts[] = {&loading->config.values[row], &loading->config.sources[row]};
	const char *from[] = {value, source};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		free(*texts[i]);
		if (!(*texts[i] = strdup(from[i])))
			return error_set(err, ERROR_FAILED, "no memory for the configuration");
	}
	return 0;
}

/* What a section says of an environment is checked at once, and set where that environment is in force. */
static int take_environment(struct loading *loading, const char *section, const char *key, const char *value,
	const char *source, struct error *err)
{
	struct environment_key known;
	size_t row;

	if (!environment_key_find(key, &known))
		return config_unknown_note(&loading->config.unknowns, section, key, source, err);
	if (environment_take(&loading->config.environments, section, key, value, source, err) < 0)
		return -1;
	if (config_row_find(known.section, known.setting, &row) &&
		config_row_check(config_row_at(row), value, err) < 0)
		return error_context(err, "[%s] %s", section, key);
	return 0;
}

static int take_setting(
	void *context, const char *section, const char *key, const char *value, int line, struct error *err)
{
	struct loading *loading = context;
	AUTO(free) char *source = NULL;
	size_t i;

	if (asprintf(&source, "%s:%d", loading->file, line) < 0)
		return source = NULL, error_set(err, ERROR_FAILED, "no memory for the configuration");
	if (!*section)
		return error_set(err, ERROR_INPUT, "key '%s' stands before the first [section]", key);
	if (strncmp(section, ENVIRONMENT_SECTION, strlen(ENVIRONMENT_SECTION)) == 0)
		return take_environment(loading, section, key, value, source, err);
	if (!config_row_find(section, key, &i))
		return config_unknown_note(&loading->config.unknowns, section, key, source, err);
	if (loading->set_in[i] == loading->file_number)
		return error_set(err, ERROR_INPUT, "[%s] %s is given twice", section, key);
	loading->set_in[i] = loading->file_number;
	if (set_row(loading, i, value, err) < 0)
		return error_context(err, "[%s] %s", section, key);
	return note(loading, i, value, source, err);
}

/* ---- Files ---- */

/* Who may write a folder may put files in it, and others in their place; not so where each may change their own only (/tmp). */
static int check_folder(struct fs *fs, const char *folder, struct error *err)
{
	AUTO(fd) int fd = fs_open_dir(fs, AT_FDCWD, folder, err);
	struct stat st;

	if (fd < 0)
		return -1;
	return fstat(fd, &st) == 0 && st.st_uid == 0 && (st.st_mode & S_ISVTX)
		       ? 0
		       : trusted_file_check_writers(fd, folder, err);
}

static int load_file(struct loading *loading, const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(INI_MAX_BYTES);

	loading->file_number++;
	loading->file = path;
	if (trusted_file_read(loading->fs, AT_FDCWD, path, &text, err) < 0)
		return -1;
	return ini_parse_text(path, &text, take_setting, loading, err);
}

/* FILE, and where it lies. */
static int load_main_file(struct loading *loading, const char *file, struct error *err)
{
	const char *slash = strrchr(file, '/');
	char folder[PATH_MAX];

	if (load_file(loading, file, err) < 0)
		return -1;
	(void)snprintf(folder, sizeof(folder), "%.*s", slash > file ? (int)(slash - file) : 1, slash ? file : ".");
	return check_folder(loading->fs, folder, err);
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
		result = check_folder(loading->fs, folder, err);
	for (int i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (result == 0)
			result = load_file(loading, path, err);
		free(entries[i]);
	}
	free(entries);
	return result;
}

/* ---- The whole ---- */

/* Puts the root before every path. */
static int apply_root(struct config *config, struct error *err)
{
	const struct config_row *row;

	for (size_t i = 0; (row = config_row_at(i)); i++) {
		char **path = config_row_member(row, config), *rooted;

		if ((row->kind != CONFIG_PATH && row->kind != CONFIG_PATH_OR_NONE) || path == &config->root ||
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
		size_t row;

		if (!setting->value || !config_row_find(known.section, known.setting, &row))
			continue;
		if (set_row(loading, row, setting->value, err) < 0 ||
			note(loading, row, setting->value, setting->source, err) < 0)
			return -1;
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
		text_assign(config->lost_environment, config->environment);
		(void)strcpy(config->environment, ENVIRONMENT_PRODUCTION);
	}
	if (asprintf(&config->environment_path, "%s%s%s", state_path, environment ? "/environments/" : "",
		    environment ? environment->name : "") < 0)
		return config->environment_path = NULL, error_set(err, ERROR_FAILED, "no memory");
	return environment ? apply_settings(loading, environment, err) : 0;
}

/* What is unknown is the likeliest reason why it is missing. */
static int refuse_without_server(const struct loading *loading, const char *file, struct error *err)
{
	struct error unknown = {0};
	bool any = config_mistake_refuse(&loading->config.unknowns, &unknown) < 0;

	return error_set(err, ERROR_INPUT, "%s: [server] url is missing; name the distribution server there%s%s",
		file, any ? "; " : "", any ? unknown.text : "");
}

static int load(struct loading *loading, const char *file, const char *root_override, struct error *err)
{
	if (set_defaults(loading, err) < 0 || load_main_file(loading, file, err) < 0 ||
		load_drop_ins(loading, file, err) < 0)
		return -1;
	if (loading->config.server_urls.count == 0)
		return refuse_without_server(loading, file, err);
	if (root_override &&
		config_value_set(CONFIG_PATH_OR_NONE, NULL, root_override, &loading->config.root, err) < 0)
		return error_context(err, "root");
	if (!(loading->config.file = strdup(file)) ||
		(root_override && !(loading->config.root_override = strdup(root_override))))
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	return apply_environment(loading, err) < 0 ? -1 : apply_root(&loading->config, err);
}

int config_load(struct fs *fs, const char *file, const char *root_override, struct config *ret, struct error *err)
{
	AUTO(free) char *default_file = NULL;
	struct loading loading = {.fs = fs};
	int result;

	if (!file && asprintf(&default_file, "%s%s", root_override ? root_override : "", CONFIG_FILE) < 0)
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	result = load(&loading, file ? file : default_file, root_override, err);
	free(loading.set_in);
	if (result < 0)
		config_clear(&loading.config);
	else
		*ret = loading.config;
	return result;
}
