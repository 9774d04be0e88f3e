/* An export of the history needs nothing but the public key, and whatever is done to it is found. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/proof/history_file.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "tests/agent/proof/history_rows.h"

#define EXPORT_MAX_BYTES (1u << 20)

/* The whole export; to be freed. */
static char *export(struct agent_fixture *fixture)
{
	const json_t *parts = asked_for_more(fixture, "ExportHistory", NULL);
	struct buf text = BUF_INIT(EXPORT_MAX_BYTES);
	struct error err = {0};

	for (size_t i = 0; i < json_array_size(parts); i++) {
		const char *more = text_at(json_array_get(parts, i), "parameters.text");

		assert_ok(buf_append(&text, more, strlen(more), &err), &err);
	}
	return text.data;
}

static int check(const char *text, const struct key *key, struct history_file_facts *ret_facts, struct error *err)
{
	AUTO(file) FILE *file = fmemopen((void *)text, strlen(text), "re");

	assert_non_null(file);
	*err = (struct error){0};
	return history_file_verify(file, &(struct history_file_trust){.key = key}, NULL, NULL, ret_facts, err);
}

/* With the terminal's own key. */
static int check_own(struct agent_fixture *fixture, const char *text, struct history_file_facts *ret_facts,
	struct error *err)
{
	AUTO(key) struct key *key = terminal_key_public(&fixture->terminal, err);

	assert_non_null(key);
	return check(text, key, ret_facts, err);
}

TEST_CASE(test_an_export_is_verified_with_the_public_key_alone)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *key = NULL;
	AUTO(free) char *text = NULL;
	struct history_file_facts facts;

	add_rows(fixture, 150);
	archive(fixture);
	text = export(fixture);
	key = key_parse(value_at(asked(fixture, "GetKey", NULL), "key"), &err);
	assert_non_null(key);
	assert_ok(check(text, key, &facts, &err), &err);
	assert_int_equal(facts.before.number, 0);
	assert_int_equal(facts.last.number, 151);
	assert_int_equal(facts.made_s, fixture->now_s);
}

TEST_CASE(test_a_history_without_rows_has_an_export)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(free) char *text = export(fixture);
	struct history_file_facts facts;

	assert_ok(check_own(fixture, text, &facts, &err), &err);
	assert_int_equal(facts.last.number, 0);
}

static char *line_at(char *text, int number)
{
	for (int i = 1; i < number; i++)
		text = strchr(text, '\n') + 1;
	return text;
}

static void drop_line(char *text, int number)
{
	char *line = line_at(text, number), *next = strchr(line, '\n') + 1;

	memmove(line, next, strlen(next) + 1);
}

static void swap_words(char *text, const char *from, const char *to)
{
	char *at = strstr(line_at(text, 3), from);

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
}

static void edit_a_row(char *text)
{
	swap_words(text, "\"done\"", "\"nope\"");
}

static void drop_a_row(char *text)
{
	drop_line(text, 4);
}

static void drop_the_last_row(char *text)
{
	drop_line(text, 9); /* head, 8 rows, seal */
}

static void repeat_a_row(char *text)
{
	size_t len = (size_t)(line_at(text, 5) - line_at(text, 4));

	memmove(line_at(text, 5) + len, line_at(text, 5), strlen(line_at(text, 5)) + 1);
	memcpy(line_at(text, 5), line_at(text, 4), len);
}

static void drop_the_seal(char *text)
{
	drop_line(text, 10);
}

static void drop_the_head(char *text)
{
	drop_line(text, 1);
}

static void forge_the_seal(char *text)
{
	char *signature = strstr(text, "\"signature\"");

	signature[strlen("\"signature\":\"")] ^= 1;
}

static void set_the_time_of_making(char *text)
{
	char *made = strstr(text, "\"made\"");

	made[strlen("\"made\":\"202")] = '1';
}

static const struct {
	void (*forge)(char *text);
	enum error_code code;
	const char *finding;
} forgeries[] = {
	{edit_a_row, ERROR_DAMAGED, "row 2 was changed"},
	{drop_a_row, ERROR_DAMAGED, "row 3 is missing"},
	{drop_the_last_row, ERROR_DAMAGED, "the seal does not hold"},
	{repeat_a_row, ERROR_DAMAGED, "line 5"},
	{drop_the_seal, ERROR_DAMAGED, "the file ends before its seal"},
	{drop_the_head, ERROR_INPUT, "no export of a history"},
	{forge_the_seal, ERROR_DAMAGED, "the seal does not hold"},
	{set_the_time_of_making, ERROR_DAMAGED, "the seal does not hold"},
};

TEST_CASE(test_finds_what_was_done_to_an_export)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(free) char *text = NULL;
	struct history_file_facts facts;

	add_rows(fixture, 8);
	text = export(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(forgeries); i++) {
		AUTO(free) char *forged = calloc(1, 2 * strlen(text));

		assert_non_null(forged);
		(void)strcpy(forged, text);
		forgeries[i].forge(forged);
		if (check_own(fixture, forged, &facts, &err) == 0)
			fail_msg("forgery %zu was not found", i);
		if (err.code != forgeries[i].code || !strstr(err.text, forgeries[i].finding))
			fail_msg("forgery %zu: %s: %s", i, error_code_name(err.code), err.text);
	}
}

TEST_CASE(test_finds_that_a_part_is_missing)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(free) char *text = NULL;
	struct history_file_facts facts;
	char *second, *third;

	add_rows(fixture, 21);
	archive(fixture);
	add_rows(fixture, 12);
	archive(fixture);
	text = export(fixture);
	second = line_at(text, 13); /* head, 10 rows, seal */
	third = line_at(text, 25);
	memmove(second, third, strlen(third) + 1);
	assert_int_equal(check_own(fixture, text, &facts, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "row 11 is missing: the next part begins with row 21");
}

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)row;
	(void)err;
	++*(int *)context;
	return 0;
}

TEST_CASE(test_hands_no_row_over_twice_where_a_part_comes_twice)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *key = terminal_key_public(&fixture->terminal, &err);
	AUTO(free) char *text = NULL;
	AUTO(free) char *twice = NULL;
	AUTO(file) FILE *file = NULL;
	struct history_file_facts facts;
	int rows = 0;

	add_rows(fixture, 8);
	text = export(fixture);
	assert_true(asprintf(&twice, "%s%s", text, text) > 0);
	file = fmemopen(twice, strlen(twice), "re");
	assert_non_null(file);
	assert_int_equal(
		history_file_verify(file, &(struct history_file_trust){.key = key}, count_row, &rows, &facts, &err),
		-1);
	assert_error(&err, ERROR_DAMAGED, "the next part begins with row 1");
	assert_int_equal(rows, 8);
}

TEST_CASE(test_refuses_the_export_of_another_terminal)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(signer) struct signer *other = signer_generate(KEY_ED25519, &err);
	AUTO(json) json_t *object = signer_public_key(other, &err);
	AUTO(key) struct key *key = key_parse(object, &err);
	AUTO(free) char *text = export(fixture);
	struct history_file_facts facts;

	assert_int_equal(check(text, key, &facts, &err), -1);
	assert_error(&err, ERROR_REFUSED, "wrong key");
}

TEST_CASE(test_the_key_is_made_once_and_roots_alone)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *first = terminal_key_public(&fixture->terminal, &err);
	AUTO(key) struct key *second = terminal_key_public(&fixture->terminal, &err);
	struct stat st;

	assert_true(first && second && key_equal(first, second));
	assert_int_equal(fstatat(fixture->folder.fd, "var/lib/haishin/" TERMINAL_KEY_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
