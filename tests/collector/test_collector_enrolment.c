/* One-time codes, certificates and their end: the real program over real HTTPS, with both stores, and behind the real nginx. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/json.h"
#include "tests/collector/proxy.h"
#include "tests/support/test.h"

#define ENROL "/.well-known/est/simpleenroll"
#define RENEW "/.well-known/est/simplereenroll"

struct office {
	struct collector collector;
	struct proxy *proxy; /* NULL: it is asked directly */
	char output[8192]; /* of the last command */
	struct ask_answer answer;
};

static int setup_office(void **state, struct postgres *store, struct proxy *proxy)
{
	struct office *office = calloc(1, sizeof(*office));

	office->answer = (struct ask_answer){.head = BUF_INIT(65536), .body = BUF_INIT(1u << 20)};
	collector_init(&office->collector);
	if (store)
		collector_use_postgres(&office->collector, store);
	(void)snprintf(office->collector.more, sizeof(office->collector.more),
		"[role lit]\nis = operator\n"
		"subject = CN=Tanaka,O=haishin\n");
	collector_issue(&office->collector);
	office->collector.socket = proxy ? "http.sock" : NULL;
	collector_start(&office->collector);
	if ((office->proxy = proxy))
		proxy_start(proxy, (struct collector *const[]){&office->collector}, 1);
	*state = office;
	return 0;
}

static int setup(void **state)
{
	return setup_office(state, NULL, NULL);
}

static int setup_postgres(void **state)
{
	(void)postgres_number(&collector_postgres,
		"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT 1");
	return setup_office(state, &collector_postgres, NULL);
}

static int setup_nginx(void **state)
{
	static struct proxy proxy;

	return setup_office(state, NULL, &proxy);
}

static int teardown(void **state)
{
	struct office *office = *state;

	if (office->proxy)
		proxy_stop(office->proxy);
	collector_stop(&office->collector);
	collector_clear(&office->collector);
	ask_answer_clear(&office->answer);
	free(office);
	return 0;
}

/* ---- What people and terminals do ---- */

#define COMMAND(office, ...)                                                                                         \
	collector_command(&(office)->collector, (const char *const[]){__VA_ARGS__, NULL}, (office)->output,          \
		sizeof((office)->output))

#define assert_said(office, part)                                                                                    \
	do {                                                                                                         \
		if (!strstr((office)->output, (part)))                                                               \
			fail_msg("expected '%s' in: %s", (part), (office)->output);                                  \
	} while (0)

/* A code for NAME, as it is printed. */
static void new_code(struct office *office, const char *name, const char *institution, char ret_code[static 32])
{
	AUTO(json) json_t *told = NULL;

	assert_int_equal(
		COMMAND(office, "enrol", name, "--institution", institution, "--ring", "pilot", "--json"), 0);
	assert_non_null(told = json_parse(office->output, strlen(office->output), NULL));
	(void)snprintf(ret_code, 32, "%s", json_string_value(json_object_get(told, "code")));
}

/* Asks for a certificate with CODE (NULL: none) and BODY. */
static long enrol(struct office *office, const char *code, const char *body)
{
	struct ask *ask = collector_client(&office->collector, NULL);
	char plain[600], line[1400] = "Authorization: Basic ";
	size_t at = strlen(line);
	long status;

	if (code) {
		static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		int len = snprintf(plain, sizeof(plain), ":%s", code);

		for (int i = 0; i < len; i += 3) {
			unsigned int bits = (unsigned int)(unsigned char)plain[i] << 16 |
					    (i + 1 < len ? (unsigned int)(unsigned char)plain[i + 1] << 8 : 0) |
					    (i + 2 < len ? (unsigned int)(unsigned char)plain[i + 2] : 0);

			line[at++] = letters[bits >> 18];
			line[at++] = letters[bits >> 12 & 63];
			line[at++] = i + 1 < len ? letters[bits >> 6 & 63] : '=';
			line[at++] = i + 2 < len ? letters[bits & 63] : '=';
		}
		line[at] = '\0';
		ask_add_header(ask, line);
	}
	ask_add_header(ask, "Content-Type: application/pkcs10");
	status = ask_for(ask, ENROL, body, strlen(body), &office->answer);
	ask_free(ask);
	return status;
}

static void assert_answer(const struct office *office, long expected, const char *part)
{
	if (office->answer.status != expected || !strstr(buf_text(&office->answer.body), part))
		fail_msg("expected %ld with '%s', got %ld: %s", expected, part, office->answer.status,
			buf_text(&office->answer.body));
}

/* A terminal with a certificate of ours. */
static void enrolled(struct office *office, const char *name, const char *institution, struct pki_pair *ret_pair)
{
	char code[32], *request = pki_request("CN=new", NULL, 0, &ret_pair->key_pem);

	new_code(office, name, institution, code);
	if (enrol(office, code, request) != 200)
		fail_msg("%s", buf_text(&office->answer.body));
	ret_pair->pem = pki_answer(buf_text(&office->answer.body), office->answer.body.len);
	assert_non_null(ret_pair->pem);
	free(request);
}

static long ask_as(struct office *office, const struct pki_pair *pair, const char *path, const char *body)
{
	struct ask *ask = collector_client(&office->collector, pair);
	long status = ask_for(ask, path, body, body ? strlen(body) : 0, &office->answer);

	ask_free(ask);
	return status;
}

/* Its report is taken; returns the terminal's key. */
static void send_report(struct office *office, struct report_maker *maker, const struct pki_pair *pair)
{
	AUTO(buf) struct buf report = BUF_INIT(65536);

	report_maker_make_whole(maker, pair, pair, &report);
	(void)ask_as(office, pair, "/reports", buf_text(&report));
	assert_answer(office, 200, "receipt");
}

/* ---- Codes ---- */

static void test_a_code_gives_one_terminal_its_certificate(void **state)
{
	struct office *office = *state;
	struct report_maker maker;
	struct pki_pair pair;

	enrolled(office, "reception-1", "1312345678", &pair);
	report_maker_init(&maker, collector_now_s());
	send_report(office, &maker, &pair);
	(void)ask_as(office, &office->collector.operator, "/api/v1/certificates?name=reception-1", NULL);
	assert_answer(office, 200, "\"subject\":\"CN=reception-1,OU=1312345678,O=haishin\"");
	assert_answer(office, 200, "\"ring\":\"pilot\"");
	assert_null(strstr(buf_text(&office->answer.body), "\"last_seen\":null"));
	(void)ask_as(office, &office->collector.operator, "/api/v1/terminals?ring=pilot", NULL);
	assert_answer(office, 200, "\"institution\":\"1312345678\"");
	assert_int_equal(COMMAND(office, "certificates"), 0);
	assert_said(office, "reception-1");
	assert_said(office, "valid");
	report_maker_clear(&maker);
	pki_pair_clear(&pair);
}

static void test_a_code_is_good_for_one_key(void **state)
{
	struct office *office = *state;
	char code[32], *first = pki_request("CN=a", NULL, 0, NULL), *second = pki_request("CN=b", NULL, 0, NULL);

	new_code(office, "reception-1", "1312345678", code);
	assert_int_equal(enrol(office, code, first), 200);
	(void)enrol(office, code, second);
	assert_answer(office, 401, "this code was used already");
	/* The answer may have been lost on its way. */
	assert_int_equal(enrol(office, code, first), 200);
	free(first);
	free(second);
}

static void test_a_code_is_read_as_people_write_it(void **state)
{
	struct office *office = *state;
	char code[32], written[64], *request = pki_request("CN=a", NULL, 0, NULL), *at = written;

	new_code(office, "reception-1", "1312345678", code);
	for (const char *from = code; *from; from++)
		*at++ = *from == '-'   ? ' '
			: *from == '0' ? 'o'
			: *from == '1' ? 'l'
				       : (char)(*from | (*from > '9' ? 32 : 0));
	*at = '\0';
	assert_int_equal(enrol(office, written, request), 200);
	free(request);
}

static void test_what_is_no_code_is_refused(void **state)
{
	static const char *const codes[] = {NULL, "", "hello", "AAAAA-AAAAA-AAAAA-AAAAA", "AAAAA-AAAAA-AAAAA-AAAAAA",
		"' OR 1=1 --", "\xff\xfe\xfd"};
	struct office *office = *state;
	char *request = pki_request("CN=a", NULL, 0, NULL), value[64];

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		(void)enrol(office, codes[i], request);
		assert_answer(office, 401, "\"code\":\"denied\"");
		assert_string_equal(ask_header(&office->answer, "WWW-Authenticate", value, sizeof(value)),
			"Basic realm=\"haishin\"");
	}
	free(request);
}

static void test_a_code_that_was_guessed_at_is_void(void **state)
{
	struct office *office = *state;
	char code[32], wrong[32], *request = pki_request("CN=a", NULL, 0, NULL);

	new_code(office, "reception-1", "1312345678", code);
	(void)snprintf(wrong, sizeof(wrong), "%.5s-AAAAA-AAAAA-AAAAA", code);
	for (int i = 0; i < 10; i++)
		assert_int_equal(enrol(office, wrong, request), 401);
	(void)enrol(office, code, request);
	assert_answer(office, 401, "tried wrongly too often");
	free(request);
}

static void test_a_code_ends_after_a_week_and_with_the_next_one(void **state)
{
	struct office *office = *state;
	char first[32], second[32], *request = pki_request("CN=a", NULL, 0, NULL);

	new_code(office, "reception-1", "1312345678", first);
	new_code(office, "reception-1", "1312345678", second);
	assert_int_equal(enrol(office, first, request), 401);
	(void)collector_count(&office->collector, "UPDATE enrolment SET until_s = until_s - 604801 RETURNING 1");
	(void)enrol(office, second, request);
	assert_answer(office, 401, "this code was valid until");
	free(request);
}

static void test_no_code_stands_in_the_store(void **state)
{
	struct office *office = *state;
	char code[32], sql[200], letters[24] = "", *at = letters;

	new_code(office, "reception-1", "1312345678", code);
	for (const char *from = code; *from; from++)
		if (*from != '-')
			*at++ = *from;
	(void)snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM enrolment WHERE digest LIKE '%%%s%%' OR selector = '%s'", letters, letters);
	assert_int_equal(collector_count(&office->collector, sql), 0);
}

static void test_nobody_gets_the_name_of_a_role(void **state)
{
	struct office *office = *state;

	assert_int_equal(COMMAND(office, "enrol", "Tanaka"), 2);
	assert_said(office, "has a role");
}

static void test_names_that_cannot_stand_are_refused(void **state)
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
	};
	struct office *office = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_not_equal(COMMAND(office, "enrol", rows[i].name, rows[i].option, rows[i].value), 0);
		assert_said(office, rows[i].said);
	}
}

/* ---- Requests ---- */

static void test_what_is_no_request_costs_no_code(void **state)
{
	struct office *office = *state;
	char code[32], *good = pki_request("CN=a", NULL, 0, NULL), *weak = pki_request("CN=a", NULL, 1024, NULL);
	char *changed = strdup(good);

	changed[60] = changed[60] == 'A' ? 'B' : 'A';
	new_code(office, "reception-1", "1312345678", code);
	const char *const bodies[] = {"", "hello", "!!!!", "AAAA", "{}", changed, weak};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		(void)enrol(office, code, bodies[i]);
		assert_answer(office, 400, "\"code\":\"input\"");
	}
	assert_int_equal(enrol(office, code, good), 200);
	free(good);
	free(weak);
	free(changed);
}

static void test_the_authority_is_told_to_everybody(void **state)
{
	struct office *office = *state;
	char *pem, value[64];

	assert_int_equal(ask_as(office, NULL, "/.well-known/est/cacerts", NULL), 200);
	assert_non_null(pem = pki_answer(buf_text(&office->answer.body), office->answer.body.len));
	assert_string_equal(pem, office->collector.pki.ca_pem);
	assert_string_equal(ask_header(&office->answer, "Content-Transfer-Encoding", value, sizeof(value)), "base64");
	free(pem);
	assert_int_equal(ask_as(office, NULL, "/api/v1/fleet", NULL), 400);
	assert_answer(office, 400, "{\"error\":\"No required SSL certificate was sent\"");
	assert_int_equal(ask_as(office, NULL, RENEW, "x"), 400);
}

/* ---- Renewal ---- */

static void test_a_certificate_is_renewed_by_its_bearer(void **state)
{
	struct office *office = *state;
	struct pki_pair pair, renewed;
	char *request;

	enrolled(office, "reception-1", "1312345678", &pair);
	request = pki_request("O=haishin/OU=1312345678/CN=reception-1", NULL, 0, &renewed.key_pem);
	(void)ask_as(office, &pair, RENEW, request);
	assert_int_equal(office->answer.status, 200);
	assert_non_null(renewed.pem = pki_answer(buf_text(&office->answer.body), office->answer.body.len));
	assert_int_equal(ask_as(office, &renewed, "/api/v1/openapi.json", NULL), 200);
	/* Both hold until the first one ends, and both have their ring. */
	assert_int_equal(ask_as(office, &pair, "/api/v1/openapi.json", NULL), 200);
	assert_int_equal(
		collector_count(&office->collector, "SELECT count(*) FROM certificate WHERE ring = 'pilot'"), 2);
	free(request);
	pki_pair_clear(&pair);
	pki_pair_clear(&renewed);
}

/* Each new one would have a share of its own, and a line in the list. */
static void test_one_name_has_a_few_certificates_and_no_more(void **state)
{
	struct office *office = *state;
	struct pki_pair pair;
	int renewed = 0;

	enrolled(office, "reception-1", "1312345678", &pair);
	for (int i = 0; i < 12; i++) {
		char *request = pki_request("O=haishin/OU=1312345678/CN=reception-1", NULL, 0, NULL);

		renewed += ask_as(office, &pair, RENEW, request) == 200;
		free(request);
	}
	assert_answer(office, 429, "certificates of 'CN=reception-1,OU=1312345678,O=haishin' hold already");
	assert_int_equal(renewed, 7);
	assert_int_equal(collector_count(&office->collector, "SELECT count(*) FROM certificate WHERE issued_s > 0"), 8);
	/* It works on with what it has. */
	assert_int_equal(ask_as(office, &pair, "/api/v1/openapi.json", NULL), 200);
	pki_pair_clear(&pair);
}

static void test_nobody_renews_for_another(void **state)
{
	struct office *office = *state;
	char *request = pki_request("O=haishin/OU=1312345678/CN=reception-2", NULL, 0, NULL);
	char *boss = pki_request("CN=Operator", NULL, 0, NULL);
	struct pki_pair pair;

	enrolled(office, "reception-1", "1312345678", &pair);
	(void)ask_as(office, &pair, RENEW, request);
	assert_answer(office, 403, "the request names");
	(void)ask_as(office, &office->collector.operator, RENEW, boss);
	assert_answer(office, 403, "is no terminal");
	free(request);
	free(boss);
	pki_pair_clear(&pair);
}

/* ---- The end ---- */

static void test_whoever_is_revoked_is_refused_from_then_on(void **state)
{
	struct office *office = *state;
	struct pki_pair pair;
	char *list;
	size_t len;

	enrolled(office, "reception-1", "1312345678", &pair);
	assert_int_equal(ask_as(office, &pair, "/api/v1/openapi.json", NULL), 200);
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "stolen"), 0);
	(void)ask_as(office, &pair, "/api/v1/openapi.json", NULL);
	assert_answer(office, 400, "The SSL certificate has been revoked");
	(void)ask_as(office, &office->collector.operator, "/api/v1/certificates", NULL);
	assert_answer(office, 200, "\"why\":\"stolen\"");
	assert_non_null(list = folder_get(&office->collector.folder, "crl.pem", &len));
	(void)ask_as(office, &office->collector.terminal, "/crl.pem", NULL);
	assert_answer(office, 200, list);
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "again"), 3);
	free(list);
	pki_pair_clear(&pair);
}

/* One that its bearer showed, and that this authority issued before there was a list. */
static void test_a_certificate_from_before_the_list_can_be_revoked(void **state)
{
	struct office *office = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	send_report(office, &maker, &office->collector.terminal);
	assert_int_equal(COMMAND(office, "revoke", "1312345678", "--why", "moved"), 0);
	(void)ask_as(office, &office->collector.terminal, "/api/v1/openapi.json", NULL);
	assert_answer(office, 400, "revoked");
	report_maker_clear(&maker);
}

static void test_a_replaced_terminal_hands_over_its_place(void **state)
{
	struct office *office = *state;
	struct report_maker maker;
	struct pki_pair former, latter;
	char path[128];

	enrolled(office, "reception-1", "1312345678", &former);
	report_maker_init(&maker, collector_now_s());
	send_report(office, &maker, &former);
	enrolled(office, "reception-1", "1312345678", &latter);
	(void)ask_as(office, &former, "/api/v1/openapi.json", NULL);
	assert_answer(office, 400, "revoked");
	(void)snprintf(path, sizeof(path), "/api/v1/terminals/%s", signer_key_id(maker.signer));
	(void)ask_as(office, &office->collector.operator, path, NULL);
	assert_answer(office, 200, "\"verdict\":\"replaced\"");
	(void)snprintf(path, sizeof(path), "URI:haishin:former-terminal:%s", signer_key_id(maker.signer));
	assert_true(pki_has_name(latter.pem, path + 4));
	report_maker_clear(&maker);
	pki_pair_clear(&former);
	pki_pair_clear(&latter);
}

/* ---- The administrator ---- */

static void test_what_does_not_fit_is_named_at_once(void **state)
{
	struct office *office = *state;
	struct collector *collector = &office->collector;
	struct pki other;
	char *key;

	assert_int_equal(COMMAND(office, "--check"), 0);
	pki_init(&other, "Other");
	key = pki_key_pem(&other);
	folder_put(&collector->folder, "ca.key", key, strlen(key));
	assert_int_equal(fchmodat(collector->folder.fd, "ca.key", 0600, 0), 0);
	(void)strcat(collector->more, "[role a]\nis = auditor\nsubject = /CN=Auditor\n"
				      "[role b]\nis = auditor\nsubject = CN=Operator\n");
	collector_put_settings(collector);
	assert_int_equal(COMMAND(office, "--check"), 1);
	assert_said(office, "does not belong to");
	assert_said(office, "[role a] subject '/CN=Auditor' fits no certificate");
	assert_said(office, "[role b] has the subject of [role boss]");
	free(key);
	pki_clear(&other);
}

static void test_a_backup_holds_all_that_was_answered(void **state)
{
	struct office *office = *state;
	struct report_maker maker;
	char file[600], query[1600];

	report_maker_init(&maker, collector_now_s());
	for (int i = 0; i < 5; i++)
		send_report(office, &maker, &office->collector.terminal);
	(void)snprintf(file, sizeof(file), "%s/backup", office->collector.folder.path);
	assert_int_equal(COMMAND(office, "backup", file), 0);
	if (office->collector.postgres) {
		(void)postgres_number(office->collector.postgres, "SELECT 1");
		(void)snprintf(query, sizeof(query),
			"pg_restore --data-only --table 'report_2*' --file - '%s' >/dev/null && "
			"pg_restore --list '%s' | grep -q 'TABLE DATA public report_'",
			file, file);
	} else {
		(void)snprintf(
			query, sizeof(query), "[ \"$(sqlite3 '%s' 'SELECT count(*) FROM report')\" = 5 ]", file);
	}
	assert_int_equal(system(query), 0);
	report_maker_clear(&maker);
}

static void test_old_reports_go_by_whole_months(void **state)
{
	struct office *office = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	send_report(office, &maker, &office->collector.terminal);
	assert_int_equal(COMMAND(office, "forget", "--keep", "30"), 0);
	assert_int_equal(collector_count(&office->collector, "SELECT count(*) FROM report"), 1);
	if (office->collector.postgres)
		(void)collector_count(&office->collector, "CREATE TABLE report_2020_01 PARTITION OF report FOR "
							  "VALUES FROM (1577836800) TO (1580515200); "
							  "INSERT INTO report SELECT 1577836900, terminal, 0, "
							  "certificate, digest, size, body FROM report "
							  "RETURNING 1");
	else
		(void)collector_count(&office->collector, "UPDATE report SET received_s = 1577836900 RETURNING 1");
	assert_int_equal(COMMAND(office, "forget", "--keep", "30"), 0);
	assert_int_equal(
		collector_count(&office->collector, "SELECT count(*) FROM report WHERE received_s < 1600000000"), 0);
	report_maker_clear(&maker);
}

#define ON_BOTH_STORES(test)                                                                                         \
	cmocka_unit_test_setup_teardown(test, setup, teardown),                                                      \
		cmocka_unit_test_setup_teardown(test, setup_postgres, teardown)

#define BEHIND_NGINX(test) cmocka_unit_test_setup_teardown(test, setup_nginx, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH_STORES(test_a_code_gives_one_terminal_its_certificate),
		ON_BOTH_STORES(test_a_code_is_good_for_one_key),
		cmocka_unit_test_setup_teardown(test_a_code_is_read_as_people_write_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_code_is_refused, setup, teardown),
		ON_BOTH_STORES(test_a_code_that_was_guessed_at_is_void),
		ON_BOTH_STORES(test_a_code_ends_after_a_week_and_with_the_next_one),
		ON_BOTH_STORES(test_no_code_stands_in_the_store),
		cmocka_unit_test_setup_teardown(test_nobody_gets_the_name_of_a_role, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_that_cannot_stand_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_request_costs_no_code, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_authority_is_told_to_everybody, setup, teardown),
		ON_BOTH_STORES(test_a_certificate_is_renewed_by_its_bearer),
		ON_BOTH_STORES(test_one_name_has_a_few_certificates_and_no_more),
		cmocka_unit_test_setup_teardown(test_nobody_renews_for_another, setup, teardown),
		ON_BOTH_STORES(test_whoever_is_revoked_is_refused_from_then_on),
		ON_BOTH_STORES(test_a_certificate_from_before_the_list_can_be_revoked),
		ON_BOTH_STORES(test_a_replaced_terminal_hands_over_its_place),
		cmocka_unit_test_setup_teardown(test_what_does_not_fit_is_named_at_once, setup, teardown),
		ON_BOTH_STORES(test_a_backup_holds_all_that_was_answered),
		ON_BOTH_STORES(test_old_reports_go_by_whole_months),
		BEHIND_NGINX(test_a_code_gives_one_terminal_its_certificate),
		BEHIND_NGINX(test_a_code_is_good_for_one_key),
		BEHIND_NGINX(test_what_is_no_code_is_refused),
		BEHIND_NGINX(test_what_is_no_request_costs_no_code),
		BEHIND_NGINX(test_the_authority_is_told_to_everybody),
		BEHIND_NGINX(test_a_certificate_is_renewed_by_its_bearer),
		BEHIND_NGINX(test_nobody_renews_for_another),
		BEHIND_NGINX(test_whoever_is_revoked_is_refused_from_then_on),
		BEHIND_NGINX(test_a_replaced_terminal_hands_over_its_place),
	};

	return cmocka_run_group_tests(tests, collector_postgres_begin, collector_postgres_end);
}
