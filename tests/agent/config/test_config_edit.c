/* What staff may set, and how it gets into the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/config/config_edit.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define CONFIG_AT "etc/haishin/haishin.conf"
#define WRITTEN_AT "etc/haishin/conf.d/50-window.conf"
#define OPERATOR                                                                                                     \
	"[server]\nurl = https://example.org/haishin\n[control]\nstaff_may_set = delivery.window "                   \
	"terminal.institution_name restart.at\n"

struct fixture {
	struct folder folder;
	struct fs fs;
	char file[FOLDER_PATH_SIZE + 64];
	struct config_edit edit;
	struct error err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	folder_init(&f->folder);
	fs_init(&f->fs);
	f->edit = CONFIG_EDIT_INIT;
	(void)snprintf(f->file, sizeof(f->file), "%s/" CONFIG_AT, f->folder.path);
	folder_put(&f->folder, CONFIG_AT, OPERATOR, strlen(OPERATOR));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	config_edit_clear(&f->edit);
	folder_clear(&f->folder);
	free(f);
	return 0;
}

static int make(struct fixture *f, const char *name, const char *value)
{
	config_edit_clear(&f->edit);
	f->err = (struct error){0};
	return config_edit_make(&f->fs, f->file, f->folder.path, name, value, &f->edit, &f->err);
}

static void set(struct fixture *f, const char *name, const char *value)
{
	assert_ok(make(f, name, value), &f->err);
	assert_ok(config_edit_write(&f->fs, &f->edit, &f->err), &f->err);
}

static void assert_written(struct fixture *f, const char *expected)
{
	size_t len;
	char *text = folder_get(&f->folder, WRITTEN_AT, &len);
	char *settings = text ? strstr(text, "\n\n") : NULL;

	assert_string_equal(settings ? settings + 1 : text ? "" : "no file", expected);
	free(text);
}

static void assert_holds(struct fixture *f, const char *section, const char *key, const char *expected)
{
	AUTO(config) struct config config = {0};
	struct error err = {0};

	assert_ok(config_load(&f->fs, f->file, f->folder.path, &config, &err), &err);
	assert_string_equal(config_text(&config, section, key), expected);
	assert_int_equal(config.unknowns.count, 0);
}

TEST_CASE(test_a_setting_that_the_operator_lists_holds_and_stands_in_a_file_of_its_own)
{
	struct fixture *f = *state;
	struct stat found;

	set(f, "delivery.window", "21:00-04:00");
	assert_string_equal(f->edit.former, "20:00-05:00");
	assert_holds(f, "delivery", "window", "21:00-04:00");
	assert_written(f, "\n[delivery]\nwindow = 21:00-04:00\n");
	assert_int_equal(fstatat(f->folder.fd, WRITTEN_AT, &found, 0), 0);
	assert_int_equal(found.st_mode & 0777, 0644);
}

TEST_CASE(test_others_stay_and_a_reset_takes_one_out)
{
	struct fixture *f = *state;

	set(f, "restart.at", "04:30");
	set(f, "delivery.window", "21:00-04:00");
	set(f, "terminal.institution_name", "\xe3\x82\x84\xe3\x81\xbe\xe3\x81\xa0\xe5\x8c\xbb\xe9\x99\xa2");
	assert_written(f,
		"\n[terminal]\ninstitution_name = \xe3\x82\x84\xe3\x81\xbe\xe3\x81\xa0\xe5\x8c\xbb\xe9\x99\xa2\n"
		"\n[delivery]\nwindow = 21:00-04:00\n\n[restart]\nat = 04:30\n");
	set(f, "delivery.window", NULL);
	assert_string_equal(f->edit.former, "21:00-04:00");
	assert_holds(f, "delivery", "window", "20:00-05:00");
	assert_holds(f, "restart", "at", "04:30");
	set(f, "restart.at", "");
	assert_holds(f, "restart", "at", "");
}

TEST_CASE(test_nothing_that_the_operator_does_not_list_can_be_set)
{
	static const char *const names[] = {"terminal.telephone", "network.rate", "install.per_restart"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(make(*state, names[i], "1"), -1);
		assert_error(&((struct fixture *)*state)->err, ERROR_DENIED, "staff_may_set does not list");
	}
}

/* Every setting that is none of the few is refused, also where the operator wanted it so. */
TEST_CASE(test_no_server_key_account_or_path_can_ever_be_set)
{
	struct fixture *f = *state;
	struct config_setting setting;
	const char *listed;

	for (size_t i = 0; config_setting_at(i, &setting); i++) {
		char name[2 * CONFIG_STAFF_NAME_SIZE], text[512];
		struct error err = {0};
		bool may = false;

		(void)snprintf(name, sizeof(name), "%s.%s", setting.section, setting.key);
		for (size_t k = 0; (listed = config_staff_name_at(k)); k++)
			may |= strcmp(listed, name) == 0;
		if (may) {
			assert_true(strcmp(setting.section, "server") != 0 && strcmp(setting.section, "paths") != 0 &&
				    strcmp(setting.section, "control") != 0 && strcmp(setting.section, "users") != 0);
			assert_null(strstr(setting.key, "command"));
			continue;
		}
		assert_int_equal(make(f, name, setting.fallback), -1);
		assert_error(&f->err, ERROR_DENIED, "no setting that may be left to staff");
		(void)snprintf(text, sizeof(text),
			"[server]\nurl = https://a.example\n[control]\nstaff_may_set = %s\n", name);
		folder_put(&f->folder, "other/haishin.conf", text, strlen(text));
		(void)snprintf(text, sizeof(text), "%s/other/haishin.conf", f->folder.path);
		assert_int_equal(config_load(&f->fs, text, f->folder.path, &(struct config){0}, &err), -1);
		assert_error(&err, ERROR_INPUT, "no setting that may be left to staff");
	}
	assert_written(f, "no file");
}

static const struct {
	const char *name, *value, *finding;
} wrong[] = {
	{"delivery.window", "25:00-26:00", "delivery.window"},
	{"delivery.window", "", "the value is empty"},
	{"delivery.window", "always", "delivery.window"},
	{"restart.at", "4:30", "is not an hour"},
	{"terminal.institution_name", "a\n[control]\nstaff_may_set = restart.at", "control character"},
	{"terminal.institution_name", "a\r\nb", "control character"},
	{"terminal.institution_name", " a", "cannot hold"},
	{"terminal.institution_name", "a ", "cannot hold"},
	{"terminal.institution_name", "a ; b", "cannot hold"},
	{"terminal.institution_name", "\x82\xe2\x82\xdc", "not UTF-8"},
};

TEST_CASE(test_a_value_that_no_file_could_have_is_refused_and_nothing_is_written)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (make(f, wrong[i].name, wrong[i].value) == 0)
			fail_msg("%s = '%s' was taken", wrong[i].name, wrong[i].value);
		assert_error(&f->err, ERROR_USAGE, wrong[i].finding);
	}
	assert_written(f, "no file");
}

TEST_CASE(test_says_which_file_would_hold_against_it)
{
	struct fixture *f = *state;
	static const char later[] = "[restart]\nat = 03:00\n", earlier[] = "[delivery]\nwindow = 22:00-03:00\n";

	folder_put(&f->folder, "etc/haishin/conf.d/90-site.conf", later, strlen(later));
	folder_put(&f->folder, "etc/haishin/conf.d/10-site.conf", earlier, strlen(earlier));
	assert_int_equal(make(f, "restart.at", "04:00"), -1);
	assert_error(&f->err, ERROR_DENIED, "90-site.conf:2, which holds against");
	set(f, "delivery.window", "21:00-04:00");
	assert_string_equal(f->edit.former, "22:00-03:00");
	assert_holds(f, "delivery", "window", "21:00-04:00");
}

TEST_CASE(test_does_not_write_over_what_somebody_else_put_there)
{
	struct fixture *f = *state;
	static const char foreign[] = "[server]\nstall_timeout = 90s\n";

	folder_put(&f->folder, WRITTEN_AT, foreign, strlen(foreign));
	assert_int_equal(make(f, "restart.at", "04:00"), -1);
	assert_error(&f->err, ERROR_INPUT, "50-window.conf:2: [server] stall_timeout does not belong here");
}

TEST_CASE(test_files_with_a_mistake_are_left_alone)
{
	struct fixture *f = *state;

	folder_put(&f->folder, "etc/haishin/conf.d/10-site.conf", "[restart]\nat = soon\n", 20);
	assert_int_equal(make(f, "delivery.window", "21:00-04:00"), -1);
	assert_error(&f->err, ERROR_INPUT, "10-site.conf:2");
}

/* A failed change leaves the old file or the new one. */
static int fail_here(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	return number == *(uint64_t *)fs->context ? ENOSPC : 0;
}

TEST_CASE(test_a_write_that_fails_anywhere_leaves_files_that_can_be_read)
{
	struct fixture *f = *state;
	bool failed = true;

	set(f, "restart.at", "04:00");
	for (uint64_t n = 1; failed; n++) {
		AUTO(config) struct config config = {0};
		struct error err = {0};

		assert_ok(make(f, "restart.at", "05:00"), &f->err);
		f->fs = (struct fs){.before_change = fail_here, .context = &n};
		failed = config_edit_write(&f->fs, &f->edit, &err) < 0;
		fs_init(&f->fs);
		assert_ok(config_load(&f->fs, f->file, f->folder.path, &config, &f->err), &f->err);
		if (!failed)
			assert_string_equal(config.restart_at, "05:00");
	}
}

TESTS(set_up, tear_down)
