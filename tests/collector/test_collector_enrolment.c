/* One-time codes, and the requests that they are shown with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/collector/office.h"

/* ---- Codes ---- */

TEST_CASE(test_a_code_gives_one_terminal_its_certificate)
{
	struct office *office = *state;
	struct report_maker maker;
	struct pki_pair pair;

	office_enrols(office, "reception-1", "1312345678", &pair);
	report_maker_init(&maker, collector_now_s());
	office_takes_report(office, &maker, &pair);
	(void)office_ask_as(office, &office->collector.operator, "/api/v1/certificates?name=reception-1", NULL);
	assert_office_answers(office, 200, "\"subject\":\"CN=reception-1,OU=1312345678,O=haishin\"");
	assert_office_answers(office, 200, "\"ring\":\"pilot\"");
	assert_null(strstr(buf_text(&office->answer.body), "\"last_seen\":null"));
	(void)office_ask_as(office, &office->collector.operator, "/api/v1/terminals?ring=pilot", NULL);
	assert_office_answers(office, 200, "\"institution\":\"1312345678\"");
	assert_int_equal(COMMAND(office, "certificates"), 0);
	assert_said(office, "reception-1");
	assert_said(office, "valid");
	report_maker_clear(&maker);
	pki_pair_clear(&pair);
}
ON_POSTGRES(test_a_code_gives_one_terminal_its_certificate)
BEHIND_NGINX(test_a_code_gives_one_terminal_its_certificate)

TEST_CASE(test_a_code_is_good_for_one_key)
{
	struct office *office = *state;
	char code[32], *first = pki_request("CN=a", NULL, 0, NULL), *second = pki_request("CN=b", NULL, 0, NULL);

	office_new_code(office, "reception-1", "1312345678", code);
	assert_int_equal(office_enrol(office, code, first), 200);
	(void)office_enrol(office, code, second);
	assert_office_answers(office, 401, "this code was used already");
	/* The answer may have been lost on its way. */
	assert_int_equal(office_enrol(office, code, first), 200);
	free(first);
	free(second);
}
ON_POSTGRES(test_a_code_is_good_for_one_key)
BEHIND_NGINX(test_a_code_is_good_for_one_key)

/* Whoever has a code and its key, such as the thief of a terminal, would come again by it. */
TEST_CASE(test_a_used_code_ends_with_its_certificate_and_with_the_next_code)
{
	struct office *office = *state;
	char code[32], next[32], *first = pki_request("CN=a", NULL, 0, NULL), *second = pki_request("CN=b", NULL, 0, NULL);

	office_new_code(office, "reception-1", "1312345678", code);
	assert_int_equal(office_enrol(office, code, first), 200);
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "stolen"), 0);
	(void)office_enrol(office, code, first);
	assert_office_answers(office, 401, "this code was valid until");
	office_new_code(office, "reception-1", "1312345678", code);
	assert_int_equal(office_enrol(office, code, first), 200);
	office_new_code(office, "reception-1", "1312345678", next);
	assert_int_equal(office_enrol(office, code, first), 401);
	assert_int_equal(office_enrol(office, next, second), 200);
	assert_int_equal(office_enrol(office, code, first), 401);
	assert_int_equal(office_enrol(office, next, second), 200);
	free(first);
	free(second);
}
ON_POSTGRES(test_a_used_code_ends_with_its_certificate_and_with_the_next_code)

TEST_CASE(test_each_institution_has_names_of_its_own)
{
	struct office *office = *state;
	char here[32], there[32], *request = pki_request("CN=a", NULL, 0, NULL);
	struct pki_pair pair;

	office_new_code(office, "reception-1", "1312345678", here);
	office_new_code(office, "reception-1", "1398765432", there);
	assert_int_equal(office_enrol(office, here, request), 200);
	free(request);
	office_enrols(office, "reception-1", "1398765432", &pair);
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "stolen"), 2);
	assert_said(office, "--institution");
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--institution", "1312345678", "--why", "stolen"), 0);
	assert_int_equal(office_ask_as(office, &pair, "/api/v1/openapi.json", NULL), 200);
	assert_int_equal(
		collector_count(&office->collector, "SELECT count(*) FROM certificate WHERE revoked_s > 0 AND institution = '1312345678'"), 1);
	/* There is one left that is called so. */
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "closed"), 0);
	assert_int_equal(office_ask_as(office, &pair, "/api/v1/openapi.json", NULL), 400);
	pki_pair_clear(&pair);
}
ON_POSTGRES(test_each_institution_has_names_of_its_own)

TEST_CASE(test_a_code_is_read_as_people_write_it)
{
	struct office *office = *state;
	char code[32], written[64], *request = pki_request("CN=a", NULL, 0, NULL), *at = written;

	office_new_code(office, "reception-1", "1312345678", code);
	for (const char *from = code; *from; from++)
		*at++ = *from == '-'   ? ' '
			: *from == '0' ? 'o'
			: *from == '1' ? 'l'
				       : (char)(*from | (*from > '9' ? 32 : 0));
	*at = '\0';
	assert_int_equal(office_enrol(office, written, request), 200);
	free(request);
}

TEST_CASE(test_what_is_no_code_is_refused)
{
	static const char *const codes[] = {NULL, "", "hello", "AAAAA-AAAAA-AAAAA-AAAAA", "AAAAA-AAAAA-AAAAA-AAAAAA",
		"' OR 1=1 --", "\xff\xfe\xfd"};
	struct office *office = *state;
	char *request = pki_request("CN=a", NULL, 0, NULL), value[64];

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		(void)office_enrol(office, codes[i], request);
		assert_office_answers(office, 401, "\"code\":\"denied\"");
		assert_string_equal(ask_header(&office->answer, "WWW-Authenticate", value, sizeof(value)),
			"Basic realm=\"haishin\"");
	}
	free(request);
}
BEHIND_NGINX(test_what_is_no_code_is_refused)

TEST_CASE(test_a_code_that_was_guessed_at_is_void)
{
	struct office *office = *state;
	char code[32], wrong[32], *request = pki_request("CN=a", NULL, 0, NULL);

	office_new_code(office, "reception-1", "1312345678", code);
	(void)snprintf(wrong, sizeof(wrong), "%.5s-AAAAA-AAAAA-AAAAA", code);
	for (int i = 0; i < 10; i++)
		assert_int_equal(office_enrol(office, wrong, request), 401);
	(void)office_enrol(office, code, request);
	assert_office_answers(office, 401, "tried wrongly too often");
	free(request);
}
ON_POSTGRES(test_a_code_that_was_guessed_at_is_void)

TEST_CASE(test_a_code_ends_after_a_week_and_with_the_next_one)
{
	struct office *office = *state;
	char first[32], second[32], *request = pki_request("CN=a", NULL, 0, NULL);

	office_new_code(office, "reception-1", "1312345678", first);
	office_new_code(office, "reception-1", "1312345678", second);
	assert_int_equal(office_enrol(office, first, request), 401);
	(void)collector_count(&office->collector, "UPDATE enrolment SET until_s = until_s - 604801 RETURNING 1");
	(void)office_enrol(office, second, request);
	assert_office_answers(office, 401, "this code was valid until");
	free(request);
}
ON_POSTGRES(test_a_code_ends_after_a_week_and_with_the_next_one)

TEST_CASE(test_no_code_stands_in_the_store)
{
	struct office *office = *state;
	char code[32], sql[200], letters[24] = "", *at = letters;

	office_new_code(office, "reception-1", "1312345678", code);
	for (const char *from = code; *from; from++)
		if (*from != '-')
			*at++ = *from;
	(void)snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM enrolment WHERE digest LIKE '%%%s%%' OR selector = '%s'", letters, letters);
	assert_int_equal(collector_count(&office->collector, sql), 0);
}
ON_POSTGRES(test_no_code_stands_in_the_store)

TEST_CASE(test_nobody_gets_the_name_of_a_role)
{
	struct office *office = *state;

	assert_int_equal(COMMAND(office, "enrol", "Tanaka"), 2);
	assert_said(office, "has a role");
}

TEST_CASE(test_names_that_cannot_stand_are_refused)
{
	static const struct {
		const char *name, *option, *value, *said;
	} rows[] = {
		{"", "--ring", "pilot", "printable"},
		{"a\nb", "--ring", "pilot", "printable"},
		{"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg", "--ring", "pilot", "64"},
		{"a", "--ring", "Pilot!", "ring"},
		{"a", "--institution", "12345", "10 digits"},
		{"a", "--institution", "12345678901", "too long"},
		{"1398765432-1", "--institution", "1312345678", "would be taken for"},
		{"1312345678", "--ring", "pilot", "--institution 1312345678"},
	};
	struct office *office = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_not_equal(COMMAND(office, "enrol", rows[i].name, rows[i].option, rows[i].value), 0);
		assert_said(office, rows[i].said);
	}
}

/* ---- Requests ---- */

TEST_CASE(test_what_is_no_request_costs_no_code)
{
	struct office *office = *state;
	char code[32], *good = pki_request("CN=a", NULL, 0, NULL), *weak = pki_request("CN=a", NULL, 1024, NULL);
	char *changed = strdup(good);

	changed[60] = changed[60] == 'A' ? 'B' : 'A';
	office_new_code(office, "reception-1", "1312345678", code);
	const char *const bodies[] = {"", "hello", "!!!!", "AAAA", "{}", changed, weak};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		(void)office_enrol(office, code, bodies[i]);
		assert_office_answers(office, 400, "\"code\":\"input\"");
	}
	assert_int_equal(office_enrol(office, code, good), 200);
	free(good);
	free(weak);
	free(changed);
}
BEHIND_NGINX(test_what_is_no_request_costs_no_code)

TEST_CASE(test_the_authority_is_told_to_everybody)
{
	struct office *office = *state;
	char *pem, value[64];

	assert_int_equal(office_ask_as(office, NULL, "/.well-known/est/cacerts", NULL), 200);
	assert_non_null(pem = pki_answer(buf_text(&office->answer.body), office->answer.body.len));
	assert_string_equal(pem, office->collector.pki.ca_pem);
	assert_string_equal(ask_header(&office->answer, "Content-Transfer-Encoding", value, sizeof(value)), "base64");
	free(pem);
	assert_int_equal(office_ask_as(office, NULL, "/api/v1/fleet", NULL), 400);
	assert_office_answers(office, 400, "{\"error\":\"No required SSL certificate was sent\"");
	assert_int_equal(office_ask_as(office, NULL, RENEW, "x"), 400);
}
BEHIND_NGINX(test_the_authority_is_told_to_everybody)

TESTS_WITHIN(collector_postgres_begin, collector_postgres_end, office_set_up, office_tear_down)
