/* Environments (F17) and chapters of the history (F20). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "agent/proof/chapter.h"
#include "agent/server/distribution.h"
#include "agent/store/history.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define CONFIG_AT "etc/haishin/haishin.conf"
#define PRODUCTION                                                                                                   \
	"[server]\nurl = https://example.org/haishin\nca_file = /etc/ca.pem\n[terminal]\ninstitution_code = "        \
	"1234567890\n"
#define VERIFICATION                                                                                                 \
	"[environment verification]\nurl = https://verify.example.org/a https://verify.example.org/b\n"              \
	"trusted_root = /usr/share/haishin/verify.json\ncertificates = /etc/haishin/verify\n"

struct files {
	struct folder folder;
	struct fs fs;
	struct config config;
	struct error err;
};

static int set_up(void **state)
{
	struct files *files = calloc(1, sizeof(*files));

	folder_init(&files->folder);
	fs_init(&files->fs);
	*state = files;
	return 0;
}

static int tear_down(void **state)
{
	struct files *files = *state;

	config_clear(&files->config);
	folder_clear(&files->folder);
	free(files);
	return 0;
}

static int load(struct files *files, const char *text)
{
	folder_put(&files->folder, CONFIG_AT, text, strlen(text));
	config_clear(&files->config);
	files->err = (struct error){0};
	return config_load(&files->fs, NULL, files->folder.path, &files->config, &files->err);
}

static void choose(struct files *files, const char *name)
{
	char path[FOLDER_PATH_SIZE + 64];

	(void)snprintf(path, sizeof(path), "%s/var/lib/haishin", files->folder.path);
	assert_ok(fs_make_dirs(&files->fs, AT_FDCWD, path, 0700, &files->err), &files->err);
	assert_ok(environment_choose(&files->fs, path, name, &files->err), &files->err);
}

static void assert_below(const struct files *files, const char *path, const char *expected)
{
	assert_string_equal(path + strlen(files->folder.path), expected);
}

TEST_CASE_WITH(test_is_production_where_nothing_was_chosen, set_up, tear_down)
{
	struct files *files = *state;

	assert_ok(load(files, PRODUCTION VERIFICATION), &files->err);
	assert_string_equal(files->config.environment, "production");
	assert_string_equal(files->config.server_urls.items[0], "https://example.org/haishin");
	assert_below(files, files->config.environment_path, "/var/lib/haishin");
	assert_int_equal(files->config.environments.count, 1);
}

TEST_CASE_WITH(test_what_is_chosen_has_its_own_server_trust_certificates_and_state, set_up, tear_down)
{
	struct files *files = *state;
	struct config *config = &files->config;

	choose(files, "verification");
	assert_ok(load(files, PRODUCTION VERIFICATION), &files->err);
	assert_string_equal(config->environment, "verification");
	assert_int_equal(config->server_urls.count, 2);
	assert_string_equal(config->server_urls.items[0], "https://verify.example.org/a");
	assert_below(files, config->trusted_root_path, "/usr/share/haishin/verify.json");
	assert_below(files, config->certificates_path, "/etc/haishin/verify");
	assert_below(files, config->environment_path, "/var/lib/haishin/environments/verification");
	assert_below(files, config->ca_file_path, "/etc/ca.pem"); /* what it does not say is as in production */
	assert_string_equal(config->institution_code, "1234567890");
	assert_non_null(strstr(config_source(config, "server", "url"), "haishin.conf:7"));
}

TEST_CASE_WITH(test_goes_back_to_production, set_up, tear_down)
{
	struct files *files = *state;

	choose(files, "verification");
	choose(files, "production");
	assert_ok(load(files, PRODUCTION VERIFICATION), &files->err);
	assert_string_equal(files->config.environment, "production");
	assert_string_equal(files->config.lost_environment, "");
}

TEST_CASE_WITH(test_an_environment_that_is_gone_leaves_production_in_force, set_up, tear_down)
{
	struct files *files = *state;

	choose(files, "verification");
	assert_ok(load(files, PRODUCTION), &files->err);
	assert_string_equal(files->config.environment, "production");
	assert_string_equal(files->config.lost_environment, "verification");
}

static const struct {
	const char *text;
	const char *finding;
} wrong[] = {
	{"[environment a]\nurl = https://a.example.org\n", "[environment a] trusted_root is missing"},
	{"[environment a]\ntrusted_root = /a\n", "[environment a] url is missing"},
	{"[environment a]\nurl = a.example.org\n", "haishin.conf:7: [environment a] url"},
	{"[environment a]\nproxy = x\nproxy = x\n", "given twice"},
	{"[environment production]\nurl = https://a.example.org\n", "production is what [server] and [paths] say"},
	{"[environment A b]\nurl = https://a.example.org\n", "a name has 1 to 31 of a-z, 0-9 and -"},
};

TEST_CASE_WITH(test_says_what_is_wrong_with_an_environment, set_up, tear_down)
{
	struct files *files = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char text[1000];

		(void)snprintf(text, sizeof(text), "%s%s", PRODUCTION, wrong[i].text);
		if (load(files, text) == 0)
			fail_msg("'%s' was taken", wrong[i].text);
		if (files->err.code != ERROR_INPUT || !strstr(files->err.text, wrong[i].finding))
			fail_msg("'%s': %s", wrong[i].text, files->err.text);
	}
}

/* ---- Chapters ---- */

struct chapters {
	struct chapter_row rows[8];
	int count;
};

static int take_chapter(void *context, const struct chapter_row *row, struct error *err)
{
	struct chapters *chapters = context;

	(void)err;
	assert_true(chapters->count < 8);
	chapters->rows[chapters->count++] = *row;
	return 0;
}

static struct chapters chapters_of(struct agent_fixture *fixture)
{
	struct chapters chapters = {0};
	struct error err = {0};

	assert_ok(chapter_each(fixture->terminal.store, take_chapter, &chapters, &err), &err);
	return chapters;
}

static void note(struct agent_fixture *fixture, const char *certificate_name, uint8_t digest)
{
	struct certificate certificate = {.name = (char *)certificate_name, .digest = {{digest}}};
	struct error err = {0};

	fixture->now_s += 60;
	assert_ok(chapter_note(&fixture->terminal, certificate_name ? &certificate : NULL, &err), &err);
}

static void set_institution(struct agent_fixture *fixture, const char *code)
{
	free(fixture->config.institution_code);
	fixture->config.institution_code = strdup(code);
	assert_non_null(fixture->config.institution_code);
}

TEST_CASE(test_the_same_institution_and_certificate_stay_in_one_chapter)
{
	note(*state, "a.pem", 1);
	note(*state, "a.pem", 1);
	note(*state, NULL, 0); /* not there for a while: nobody else's history */
	note(*state, "a.pem", 1);
	assert_int_equal(chapters_of(*state).count, 1);
}

TEST_CASE(test_a_new_code_or_certificate_begins_a_chapter_and_loses_none)
{
	struct agent_fixture *fixture = *state;
	struct history_row row;
	struct chapters chapters;
	struct error err = {0};
	int64_t rows;

	set_institution(fixture, "1111111111");
	note(fixture, "a.pem", 1);
	assert_ok(history_add(fixture->terminal.store,
			  &(struct history_entry){.operation = "check", .outcome = "done"}, &err),
		&err);
	set_institution(fixture, "2222222222");
	note(fixture, "b.pem", 2);
	note(fixture, "c.pem", 3);
	chapters = chapters_of(fixture);
	assert_int_equal(chapters.count, 3);
	assert_string_equal(chapters.rows[0].institution_code, "1111111111");
	assert_int_equal(chapters.rows[0].first_row, 1);
	assert_string_equal(chapters.rows[1].institution_code, "2222222222");
	assert_int_equal(chapters.rows[1].first_row, 3);
	assert_string_not_equal(chapters.rows[1].certificate, chapters.rows[2].certificate);
	assert_ok(history_find(fixture->terminal.store, 3, &row, &err), &err);
	assert_string_equal(row.operation, "chapter");
	assert_non_null(strstr(row.detail, "institution code 2222222222"));
	assert_ok(history_verify(fixture->terminal.store, &rows, &err), &err);
	assert_int_equal(rows, 4);
}

TEST_CASE(test_the_certificate_of_the_former_institution_is_not_the_new_ones)
{
	set_institution(*state, "1111111111");
	note(*state, "a.pem", 1);
	set_institution(*state, "2222222222");
	note(*state, NULL, 0);
	assert_int_equal(chapters_of(*state).count, 2);
	assert_string_equal(chapters_of(*state).rows[1].certificate, "");
}

/* ---- The methods ---- */

static const char *text_at(const json_t *answer, const char *key)
{
	const char *text = json_string_value(json_object_get(json_object_get(answer, "parameters"), key));

	return text ? text : "";
}

static void add_environment(struct agent_fixture *fixture)
{
	struct environments *environments = &fixture->config.environments;
	struct error err = {0};

	assert_ok(environment_take(environments, "environment verification", "url", "file:///tmp/x", "f:1", &err),
		&err);
}

TEST_CASE(test_switches_and_starts_over)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *answer = NULL;
	char name[ENVIRONMENT_NAME_SIZE];
	struct history_row row = {0};
	struct error err = {0};

	add_environment(fixture);
	answer = agent_fixture_call(fixture, "SetEnvironment", "{\"environment\":\"verification\"}");
	assert_string_equal(text_at(answer, "former"), "production");
	assert_true(fixture->resident.reload);
	assert_ok(environment_read_chosen(&fixture->fs, fixture->config.state_path, name, &err), &err);
	assert_string_equal(name, "verification");
	assert_ok(history_find(fixture->terminal.store, 1, &row, &err), &err);
	assert_string_equal(row.operation, "environment");
	assert_non_null(strstr(row.detail, "from production to verification by "));
}

TEST_CASE(test_knows_no_environment_that_is_not_configured)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *answer = agent_fixture_call(fixture, "SetEnvironment", "{\"environment\":\"nowhere\"}");

	assert_string_equal(text_at(answer, "code"), "not-found");
	assert_false(fixture->resident.reload);
}

TEST_CASE(test_a_stranger_cannot_switch)
{
	AUTO(json) json_t *answer = NULL;

	add_environment(*state);
	agent_fixture_become_stranger(*state);
	answer = agent_fixture_call(*state, "SetEnvironment", "{\"environment\":\"verification\"}");
	assert_string_equal(text_at(answer, "code"), "denied");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
