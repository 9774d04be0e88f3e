#include "agent/config/config_edit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/trusted_file.h"
#include "common/ini.h"
#include "common/text.h"

#define STAFF_SETTINGS_MAX 32

static const char heading[] =
	"# Written by haishind for 'haishin settings' and the window: settings of [control] staff_may_set.\n"
	"# A file whose name comes later holds against this one.\n";

/* What the file says, by the place of each setting in the list. */
struct written {
	char *values[STAFF_SETTINGS_MAX];
};

static void written_clear(struct written *written)
{
	for (size_t i = 0; i < STAFF_SETTINGS_MAX; i++)
		free(written->values[i]);
	*written = (struct written){0};
}
DEFINE_AUTO(written, struct written, written_clear);

static int keep(char **member, const char *text, struct error *err)
{
	free(*member);
	*member = strdup(text);
	return *member ? 0 : error_set(err, ERROR_FAILED, "no memory for the settings");
}

/* False where NAME is none of the list. */
static bool place_of(const char *name, size_t *ret_place)
{
	const char *listed;

	for (size_t i = 0; i < STAFF_SETTINGS_MAX && (listed = config_staff_name_at(i)); i++)
		if (strcmp(listed, name) == 0) {
			*ret_place = i;
			return true;
		}
	return false;
}

/* ---- The file ---- */

static int take_written(
	void *context, const char *section, const char *key, const char *value, int line, struct error *err)
{
	struct written *written = context;
	char name[2 * CONFIG_STAFF_NAME_SIZE];
	size_t place;

	(void)line;
	(void)snprintf(name, sizeof(name), "%s.%s", section, key);
	if (!place_of(name, &place))
		return error_set(err, ERROR_INPUT,
			"[%s] %s does not belong here, where haishind writes what staff set; move it to a file of "
			"its own",
			section, key);
	return keep(&written->values[place], value, err);
}

static int read_written(struct fs *fs, const char *folder, struct written *written, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(INI_MAX_BYTES);
	char path[PATH_MAX];
	struct error why = {0};

	if (snprintf(path, sizeof(path), "%s/" CONFIG_EDIT_FILE, folder) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT, "the path of the settings is too long");
	if (trusted_file_read(fs, AT_FDCWD, path, &text, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.text);
	return ini_parse_text(path, &text, take_written, written, err);
}

/* The list goes section by section. */
static int write_text(const struct written *written, struct buf *text, struct error *err)
{
	char section[CONFIG_STAFF_NAME_SIZE], key[CONFIG_STAFF_NAME_SIZE], last[CONFIG_STAFF_NAME_SIZE] = "";
	const char *name;

	if (buf_printf(text, err, "%s", heading) < 0)
		return -1;
	for (size_t i = 0; i < STAFF_SETTINGS_MAX && (name = config_staff_name_at(i)); i++) {
		if (!written->values[i])
			continue;
		config_staff_split(name, section, key);
		if ((strcmp(section, last) != 0 && buf_printf(text, err, "\n[%s]\n", section) < 0) ||
			buf_printf(text, err, "%s = %s\n", key, written->values[i]) < 0)
			return -1;
		text_assign(last, section);
	}
	return 0;
}

/* ---- Whether it may be ---- */

static int check_operator(const struct config *config, const char *name, struct error *err)
{
	struct error never = {0};

	if (config_staff_check(name, &never) < 0)
		return error_set(err, ERROR_DENIED, "%s", never.text);
	if (!text_holds_word(config->staff_may_set, name))
		return error_set(err, ERROR_DENIED,
			"[control] staff_may_set does not list %s: the operator's settings files say what it is",
			name);
	return 0;
}

/* What stands in a file that is read later would hold all the same, and nobody would know why. */
static int check_order(const struct config_edit *edit, const char *name, const char *source, struct error *err)
{
	size_t len = strlen(edit->folder);

	if (strncmp(source, edit->folder, len) != 0 || source[len] != '/')
		return 0;
	source += len + 1;
	if (strncmp(source, CONFIG_EDIT_FILE ":", strlen(CONFIG_EDIT_FILE ":")) == 0 ||
		strcmp(source, CONFIG_EDIT_FILE) < 0)
		return 0;
	return error_set(err, ERROR_DENIED, "%s is set in %s/%s, which holds against what is set here", name,
		edit->folder, source);
}

/* A mistake of whoever wants it so. */
static int refuse_value(const char *name, const struct error *why, struct error *err)
{
	return error_set(err, ERROR_USAGE, "%s: %s", name, why->text);
}

/* The value by itself, as if a file had it. */
static int check_value(struct fs *fs, struct config *config, const char *name, const char *value, struct error *err)
{
	char section[CONFIG_STAFF_NAME_SIZE], key[CONFIG_STAFF_NAME_SIZE];
	struct error why = {0};
	size_t row;

	config_staff_split(name, section, key);
	if (!config_row_find(section, key, &row))
		return error_set(err, ERROR_DENIED, "this agent has no setting %s", name);
	if (config_row_set(config_row_at(row), fs, value, config, &why) < 0)
		return refuse_value(name, &why, err);
	return 0;
}

/* Nothing is lost in the file: a comment sign, a quote, a blank at an end or a line break would be. */
static int check_survives(const struct config_edit *edit, const char *name, const char *value, struct error *err)
{
	AUTO(written) struct written again = {0};
	struct error why = {0};
	size_t place;

	if (ini_parse_text(CONFIG_EDIT_FILE, &edit->text, take_written, &again, &why) < 0)
		return refuse_value(name, &why, err);
	if (place_of(name, &place) && again.values[place] && strcmp(again.values[place], value) == 0)
		return 0;
	return error_set(err, ERROR_USAGE,
		"%s: a settings file cannot hold this value: it has a blank at its beginning or end, a line break, "
		"or a "
		"blank before ';'",
		name);
}

/* ---- The whole ---- */

static int find_folder(const char *file, struct config_edit *edit, struct error *err)
{
	const char *slash = strrchr(file, '/');

	if (snprintf(edit->folder, sizeof(edit->folder), "%.*sconf.d", slash ? (int)(slash + 1 - file) : 0, file) >=
		(int)sizeof(edit->folder))
		return error_set(err, ERROR_USAGE, "the path '%s' is too long", file);
	return 0;
}

static int put_value(
	struct config_edit *edit, struct written *written, const char *name, const char *value, struct error *err)
{
	size_t place;

	if (!place_of(name, &place))
		return error_set(err, ERROR_DENIED, "this agent has no setting %s", name);
	free(written->values[place]);
	written->values[place] = NULL;
	if (value && keep(&written->values[place], value, err) < 0)
		return -1;
	return write_text(written, &edit->text, err);
}

int config_edit_make(struct fs *fs, const char *file, const char *root, const char *name, const char *value,
	struct config_edit *ret_edit, struct error *err)
{
	AUTO(config) struct config config = {0};
	AUTO(written) struct written written = {0};
	char section[CONFIG_STAFF_NAME_SIZE], key[CONFIG_STAFF_NAME_SIZE];

	if (find_folder(file, ret_edit, err) < 0 || config_load(fs, file, root, &config, err) < 0 ||
		check_operator(&config, name, err) < 0)
		return -1;
	config_staff_split(name, section, key);
	if (check_order(ret_edit, name, config_source(&config, section, key), err) < 0 ||
		keep(&ret_edit->former, config_text(&config, section, key), err) < 0 ||
		(value && check_value(fs, &config, name, value, err) < 0) ||
		read_written(fs, ret_edit->folder, &written, err) < 0 ||
		put_value(ret_edit, &written, name, value, err) < 0)
		return -1;
	return value ? check_survives(ret_edit, name, value, err) : 0;
}

static int write_file(struct fs *fs, const struct config_edit *edit, struct error *err)
{
	AUTO(fd) int folder_fd = -1;

	if (fs_make_dirs(fs, AT_FDCWD, edit->folder, 0755, err) < 0 ||
		(folder_fd = fs_open_dir(fs, AT_FDCWD, edit->folder, err)) < 0 ||
		trusted_file_check_writers(folder_fd, edit->folder, err) < 0)
		return -1;
	return fs_write_file(fs, folder_fd, CONFIG_EDIT_FILE, buf_text(&edit->text), edit->text.len, 0644, err);
}

int config_edit_write(struct fs *fs, const struct config_edit *edit, struct error *err)
{
	struct error why = {0};

	if (write_file(fs, edit, &why) == 0)
		return 0;
	/* Nothing that the caller asked for is missing. */
	return error_set(err, why.code == ERROR_NOT_FOUND ? ERROR_FAILED : why.code, "%s", why.text);
}

void config_edit_clear(struct config_edit *edit)
{
	free(edit->former);
	buf_clear(&edit->text);
	*edit = CONFIG_EDIT_INIT;
}

bool config_edit_is_source(const char *source)
{
	const char *slash = strrchr(source, '/');

	return slash && strncmp(slash + 1, CONFIG_EDIT_FILE ":", strlen(CONFIG_EDIT_FILE ":")) == 0;
}
