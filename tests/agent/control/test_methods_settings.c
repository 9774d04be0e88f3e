/* Ways to get further by the settings method than the operator's file lets staff: names that are not theirs, values that would be more than a
 * value, calls that are bent, callers who may not, files that somebody has laid in the way. Each is refused, no file changes, and the history
 * does not tell of it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/agent/asking.h"

#define CONFIG_AT "etc/haishin/haishin.conf"
#define FOLDER_AT "etc/haishin/conf.d"
#define WRITTEN_AT FOLDER_AT "/50-window.conf"
#define OPERATOR                                                                                                     \
	"[server]\nurl = https://example.org/haishin\n[terminal]\ninstitution_name = Yamada\n[control]\nusers = nobody\n" \
	"staff_may_set = terminal.institution_name terminal.telephone delivery.window network.rate_by_hour\n"

static char config_path[FOLDER_PATH_SIZE + 64];

static int set_up(void **state)
{
	struct agent_fixture *fixture;

	(void)agent_fixture_setup(state);
	fixture = *state;
	folder_put(&fixture->folder, CONFIG_AT, OPERATOR, strlen(OPERATOR));
	(void)snprintf(config_path, sizeof(config_path), "%s/" CONFIG_AT, fixture->folder.path);
	fixture->resident.config_file = config_path;
	fixture->resident.root = fixture->folder.path;
	return 0;
}

static void assert_operators_file(struct agent_fixture *fixture)
{
	size_t len;
	char *text = folder_get(&fixture->folder, CONFIG_AT, &len);

	assert_non_null(text);
	assert_string_equal(text, OPERATOR);
	free(text);
}

static void assert_nothing_set(struct agent_fixture *fixture)
{
	assert_operators_file(fixture);
	assert_int_equal(faccessat(fixture->folder.fd, WRITTEN_AT, F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(count_history(fixture, "setting", NULL), 0);
	assert_false(fixture->resident.reload);
}

static char *set_call(const char *name, const char *value)
{
	json_t *call = json_pack("{s:s, s:s?}", "name", name, "value", value);
	char *text = json_dumps(call, 0);

	json_decref(call);
	assert_non_null(text);
	return text;
}

static void refuses_setting(struct agent_fixture *fixture, const char *name, const char *value, enum error_code code, const char *part)
{
	char *parameters = set_call(name, value);

	(void)refused(fixture, "SetSetting", parameters, code, part);
	free(parameters);
}

TEST_CASE(test_what_is_bent_in_the_other_tests_is_right_to_begin_with)
{
	struct agent_fixture *fixture = *state;
	char *parameters = set_call("terminal.institution_name", "Yamano");

	assert_string_equal(text_at(asked(fixture, "SetSetting", parameters), "former"), "Yamada");
	free(parameters);
	assert_operators_file(fixture);
	assert_int_equal(faccessat(fixture->folder.fd, WRITTEN_AT, F_OK, 0), 0);
	assert_int_equal(count_history(fixture, "setting", "done"), 1);
	assert_true(fixture->resident.reload);
}

/* ---- Names ---- */

TEST_CASE(test_a_name_that_the_operator_does_not_list_is_refused)
{
	/* Of servers, keys, accounts, paths and programs; of staff's, but not left to them here; and names that only look like one. */
	static const char *const names[] = {"server.url", "server.ca_file", "server.certificates", "server.proxy", "control.users",
		"control.group", "control.staff_may_set", "control.polkit", "control.socket", "paths.state", "paths.programs",
		"restart.command", "restart.in_use_command", "power.down_command", "power.wake", "power.clock", "report.collector",
		"environment verification.url", "terminal.institution_code", "terminal.packages", "restart.at", "network.rate",
		"delivery.attempts_per_night", "", ".", "terminal", "terminal.", ".institution_name", "institution_name",
		"TERMINAL.INSTITUTION_NAME", " terminal.institution_name", "terminal.institution_name ",
		"terminal.institution_name delivery.window", "terminal.institution_name\n[control]\nusers = clerk\n[x]\ny",
		"terminal]\n[control.users", "terminal..institution_name", "terminal/institution_name", "../terminal.institution_name",
		"terminal.institution_name=x", "*", "terminal.*", ("\xef\xbc\xb4" "erminal.telephone")};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		refuses_setting(*state, names[i], "x", ERROR_DENIED, "");
	assert_nothing_set(*state);
}

TEST_CASE(test_a_name_that_is_not_left_to_staff_cannot_be_reset_either)
{
	refuses_setting(*state, "server.url", NULL, ERROR_DENIED, "server.url");
	refuses_setting(*state, "control.users", NULL, ERROR_DENIED, "control.users");
	assert_nothing_set(*state);
}

TEST_CASE(test_a_name_without_an_end_is_refused)
{
	char *name = calloc(1, 40001);

	assert_non_null(name);
	memset(name, 'a', 40000);
	refuses_setting(*state, name, "x", ERROR_DENIED, "");
	memcpy(name, "terminal.institution_name", 25);
	refuses_setting(*state, name, "x", ERROR_DENIED, "");
	free(name);
	assert_nothing_set(*state);
}

/* ---- Values ---- */

static const struct {
	const char *name, *value;
} wrong[] = {
	{"terminal.institution_name", "a\n[control]\nusers = clerk"},
	{"terminal.institution_name", "a\r\n[server]\r\nurl = https://evil.example"},
	{"terminal.institution_name", "a\rb"},
	{"terminal.institution_name", "a\vb"},
	{"terminal.institution_name", "a\fb"},
	{"terminal.institution_name", "a\tb"},
	{"terminal.institution_name", "a\x1b[2Jb"}, /* clears a screen */
	{"terminal.institution_name", "a\x7f"},
	{"terminal.institution_name", "a\xc2\x85[control]"},	 /* a line's end, to some */
	{"terminal.institution_name", "a\xe2\x80\xa8[control]"}, /* the same */
	{"terminal.institution_name", "a\xe2\x80\xa9[control]"},
	{"terminal.institution_name", "a\xe2\x80\xae" "cilnic"}, /* read backwards from there */
	{"terminal.institution_name", "\xef\xbb\xbf" "a"},	 /* a byte order mark */
	{"terminal.institution_name", " a"},
	{"terminal.institution_name", "a "},
	{"terminal.institution_name", "a ; users = clerk"},
	{"terminal.telephone", "0312345678; users = clerk"},
	{"terminal.telephone", "03-1234-567x"},
	{"terminal.telephone", "1"},
	{"terminal.telephone", "031234567803123456780312345678031234567803123456780312345678"},
	{"delivery.window", "20:00-05:00\nusers = clerk"},
	{"delivery.window", "99:99-00:00"},
	{"delivery.window", "-1:00-05:00"},
	{"delivery.window", "20:00"},
	{"network.rate_by_hour", "mon-fri,08:00-12:00=-1"},
	{"network.rate_by_hour", "mon-fri,08:00-12:00=99999999999999999999G"},
	{"network.rate_by_hour", "\"; rm -rf /\""},
};

TEST_CASE(test_a_value_that_would_be_more_than_a_value_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char *parameters = set_call(wrong[i].name, wrong[i].value);
		json_t *answer = agent_fixture_call(*state, "SetSetting", parameters);

		if (!json_object_get(answer, "error"))
			fail_msg("row %zu: %s was taken", i, parameters);
		json_decref(answer);
		free(parameters);
	}
	assert_nothing_set(*state);
}

TEST_CASE(test_a_value_without_an_end_is_refused)
{
	static const size_t lengths[] = {1000, 8000, 60000};
	char *value = calloc(1, 60001);

	assert_non_null(value);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(value, 'a', lengths[i]);
		refuses_setting(*state, "terminal.institution_name", value, ERROR_USAGE, "terminal.institution_name");
	}
	free(value);
	assert_nothing_set(*state);
}

/* What begins like a section, a comment or a quote is a value like another, and comes back as it was. */
TEST_CASE(test_a_value_that_looks_like_a_file_is_a_value)
{
	static const char *const values[] = {"[control]", "users = clerk", "#a", "a#b", "a;b", "\"a\"", "'a'", "$(id)", "`id`", "%s%n",
		"../../etc/passwd", "</script>", "=1+1", "\\n[control]"};
	struct agent_fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		AUTO(config) struct config config = {0};
		struct error err = {0};
		char *parameters = set_call("terminal.institution_name", values[i]);
		json_t *answer = agent_fixture_call(fixture, "SetSetting", parameters);
		bool is_taken = !json_object_get(answer, "error");

		assert_ok(config_load(&fixture->fs, config_path, fixture->folder.path, &config, &err), &err);
		if (is_taken)
			assert_string_equal(config_text(&config, "terminal", "institution_name"), values[i]);
		assert_string_equal(config_text(&config, "control", "users"), "nobody");
		json_decref(answer);
		free(parameters);
	}
	assert_operators_file(fixture);
}

/* ---- Calls ---- */

TEST_CASE(test_a_call_that_is_bent_is_refused)
{
	static const struct {
		const char *parameters, *wrong;
	} calls[] = {
		{"{}", "name"},
		{"{\"value\":\"x\"}", "name"},
		{"{\"name\":null,\"value\":\"x\"}", "name"},
		{"{\"name\":5,\"value\":\"x\"}", "name"},
		{"{\"name\":[\"terminal.institution_name\"],\"value\":\"x\"}", "name"},
		{"{\"name\":{\"terminal\":\"institution_name\"},\"value\":\"x\"}", "name"},
		{"{\"name\":\"terminal.institution_name\",\"value\":5}", "value"},
		{"{\"name\":\"terminal.institution_name\",\"value\":true}", "value"},
		{"{\"name\":\"terminal.institution_name\",\"value\":[\"x\"]}", "value"},
		{"{\"name\":\"terminal.institution_name\",\"value\":{}}", "value"},
		{"{\"name\":\"terminal.institution_name\",\"value\":\"x\",\"file\":\"/etc/passwd\"}", "file"},
		{"{\"name\":\"terminal.institution_name\",\"value\":\"x\",\"root\":\"/\"}", "root"},
		{"{\"name\":\"terminal.institution_name\",\"value\":\"x\",\"who\":\"root\"}", "who"},
		{"{\"name\":\"terminal.institution_name\",\"value\":\"x\",\"force\":true}", "force"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		refuses_parameter(*state, "SetSetting", calls[i].parameters, calls[i].wrong);
	assert_nothing_set(*state);
}

TEST_CASE(test_somebody_without_rights_sets_nothing_and_is_told_who_he_is)
{
	agent_fixture_become_stranger(*state);
	refuses_setting(*state, "terminal.institution_name", "Yamano", ERROR_DENIED, "may look but not change");
	refuses_setting(*state, "terminal.institution_name", NULL, ERROR_DENIED, "may look but not change");
	assert_nothing_set(*state);
}

/* The same call again does the same again: it is told each time, by whom, and nothing piles up in the file. */
TEST_CASE(test_a_call_that_is_played_again_changes_nothing_more)
{
	struct agent_fixture *fixture = *state;
	char *parameters = set_call("terminal.institution_name", "Yamano");
	size_t first_len, len;
	char *first, *text;

	(void)asked(fixture, "SetSetting", parameters);
	first = folder_get(&fixture->folder, WRITTEN_AT, &first_len);
	for (int i = 0; i < 3; i++)
		assert_string_equal(text_at(asked(fixture, "SetSetting", parameters), "former"), "Yamano");
	text = folder_get(&fixture->folder, WRITTEN_AT, &len);
	assert_string_equal(text, first);
	assert_int_equal(count_history(fixture, "setting", "done"), 4);
	free(parameters);
	free(first);
	free(text);
}

TEST_CASE(test_who_may_change_things_may_not_do_so_without_end)
{
	struct agent_fixture *fixture = *state;
	char *parameters = set_call("terminal.institution_name", "Yamano");
	bool is_throttled = false;

	agent_fixture_become_clerk(fixture);
	for (int i = 0; i < 1000 && !is_throttled; i++) {
		json_t *answer = agent_fixture_call(fixture, "SetSetting", parameters);

		is_throttled = json_object_get(answer, "error") != NULL;
		json_decref(answer);
	}
	free(parameters);
	assert_true(is_throttled);
}

/* ---- Files in the way ---- */

static void put_way(struct agent_fixture *fixture)
{
	folder_put(&fixture->folder, "precious", "data", 4);
	assert_int_equal(mkdirat(fixture->folder.fd, FOLDER_AT, 0755), 0);
}

static void assert_precious(struct agent_fixture *fixture)
{
	size_t len;
	char *text = folder_get(&fixture->folder, "precious", &len);

	assert_string_equal(text, "data");
	free(text);
	assert_operators_file(fixture);
}

TEST_CASE(test_a_link_in_the_place_of_the_file_leads_nowhere)
{
	struct agent_fixture *fixture = *state;
	char *parameters = set_call("terminal.institution_name", "Yamano");
	json_t *answer;

	put_way(fixture);
	assert_int_equal(symlinkat("../../../precious", fixture->folder.fd, WRITTEN_AT), 0);
	answer = agent_fixture_call(fixture, "SetSetting", parameters);
	json_decref(answer);
	free(parameters);
	assert_precious(fixture);
}

TEST_CASE(test_a_pipe_in_the_place_of_the_file_makes_nobody_wait)
{
	struct agent_fixture *fixture = *state;
	char *parameters = set_call("terminal.institution_name", "Yamano");
	json_t *answer;

	put_way(fixture);
	assert_int_equal(mkfifoat(fixture->folder.fd, WRITTEN_AT, 0600), 0);
	answer = agent_fixture_call(fixture, "SetSetting", parameters);
	assert_non_null(json_object_get(answer, "error"));
	json_decref(answer);
	free(parameters);
	assert_precious(fixture);
}

TEST_CASE(test_a_folder_that_everybody_may_write_is_not_written)
{
	struct agent_fixture *fixture = *state;
	char *parameters = set_call("terminal.institution_name", "Yamano");
	json_t *answer;

	if (geteuid() != 0)
		skip(); /* only root's folders are asked who may write them */
	put_way(fixture);
	assert_int_equal(fchmodat(fixture->folder.fd, FOLDER_AT, 0777, 0), 0);
	answer = agent_fixture_call(fixture, "SetSetting", parameters);
	assert_non_null(json_object_get(answer, "error"));
	json_decref(answer);
	free(parameters);
	assert_int_equal(faccessat(fixture->folder.fd, WRITTEN_AT, F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_precious(fixture);
}

TEST_CASE(test_a_file_of_somebody_else_is_not_believed)
{
	struct agent_fixture *fixture = *state;
	char *parameters = set_call("terminal.telephone", "0312345678");
	static const char theirs[] = "[terminal]\ninstitution_name = Theirs\n";
	json_t *answer;
	size_t len;
	char *text;

	if (geteuid() != 0)
		skip(); /* only root can give a file away */
	put_way(fixture);
	folder_put(&fixture->folder, WRITTEN_AT, theirs, strlen(theirs));
	assert_int_equal(fchownat(fixture->folder.fd, WRITTEN_AT, 65534, 65534, 0), 0);
	answer = agent_fixture_call(fixture, "SetSetting", parameters);
	assert_non_null(json_object_get(answer, "error"));
	json_decref(answer);
	free(parameters);
	text = folder_get(&fixture->folder, WRITTEN_AT, &len);
	assert_string_equal(text, theirs);
	free(text);
	assert_precious(fixture);
}

TESTS(set_up, agent_fixture_teardown)
