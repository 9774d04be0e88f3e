/* Certificates of terminals, renewed and revoked, and what an administrator does for them and their reports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/collector/office.h"

/* ---- Renewal ---- */

TEST_CASE(test_a_certificate_is_renewed_by_its_bearer)
{
	struct office *office = *state;
	struct pki_pair pair, renewed;
	char *request;

	office_enrols(office, "reception-1", "1312345678", &pair);
	request = pki_request("O=haishin/OU=1312345678/CN=reception-1", NULL, 0, &renewed.key_pem);
	(void)office_ask_as(office, &pair, RENEW, request);
	assert_int_equal(office->answer.status, 200);
	assert_non_null(renewed.pem = pki_answer(buf_text(&office->answer.body), office->answer.body.len));
	assert_int_equal(office_ask_as(office, &renewed, "/api/v1/openapi.json", NULL), 200);
	/* Both hold until the first one ends, and both have their ring. */
	assert_int_equal(office_ask_as(office, &pair, "/api/v1/openapi.json", NULL), 200);
	assert_int_equal(
		collector_count(&office->collector, "SELECT count(*) FROM certificate WHERE ring = 'pilot'"), 2);
	free(request);
	pki_pair_clear(&pair);
	pki_pair_clear(&renewed);
}
ON_POSTGRES(test_a_certificate_is_renewed_by_its_bearer)
BEHIND_NGINX(test_a_certificate_is_renewed_by_its_bearer)

/* Each new one would have a share of its own, and a line in the list. */
TEST_CASE(test_one_name_has_a_few_certificates_and_no_more)
{
	struct office *office = *state;
	struct pki_pair pair;
	int renewed = 0;

	office_enrols(office, "reception-1", "1312345678", &pair);
	for (int i = 0; i < 12; i++) {
		char *request = pki_request("O=haishin/OU=1312345678/CN=reception-1", NULL, 0, NULL);

		renewed += office_ask_as(office, &pair, RENEW, request) == 200;
		free(request);
	}
	assert_office_answers(office, 429, "certificates of 'CN=reception-1,OU=1312345678,O=haishin' hold already");
	assert_int_equal(renewed, 7);
	assert_int_equal(collector_count(&office->collector, "SELECT count(*) FROM certificate WHERE issued_s > 0"), 8);
	/* It works on with what it has. */
	assert_int_equal(office_ask_as(office, &pair, "/api/v1/openapi.json", NULL), 200);
	pki_pair_clear(&pair);
}
ON_POSTGRES(test_one_name_has_a_few_certificates_and_no_more)

TEST_CASE(test_nobody_renews_for_another)
{
	struct office *office = *state;
	char *request = pki_request("O=haishin/OU=1312345678/CN=reception-2", NULL, 0, NULL);
	char *boss = pki_request("CN=Operator", NULL, 0, NULL);
	struct pki_pair pair;

	office_enrols(office, "reception-1", "1312345678", &pair);
	(void)office_ask_as(office, &pair, RENEW, request);
	assert_office_answers(office, 403, "the request names");
	(void)office_ask_as(office, &office->collector.operator, RENEW, boss);
	assert_office_answers(office, 403, "is no terminal");
	free(request);
	free(boss);
	pki_pair_clear(&pair);
}
BEHIND_NGINX(test_nobody_renews_for_another)

/* ---- The end ---- */

TEST_CASE(test_whoever_is_revoked_is_refused_from_then_on)
{
	struct office *office = *state;
	struct report_maker maker;
	struct pki_pair pair;
	struct ask *kept;
	char *list;
	size_t len;

	office_enrols(office, "reception-1", "1312345678", &pair);
	report_maker_init(&maker, collector_now_s());
	office_takes_report(office, &maker, &pair);
	report_maker_clear(&maker);
	kept = collector_client(&office->collector, &pair);
	assert_int_equal(ask_for(kept, "/api/v1/openapi.json", NULL, 0, &office->answer), 200);
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "stolen"), 0);
	/* Over the connection that it kept, too. */
	(void)ask_for(kept, "/api/v1/openapi.json", NULL, 0, &office->answer);
	assert_office_answers(office, 400, "The SSL certificate has been revoked");
	ask_free(kept);
	(void)office_ask_as(office, &pair, "/api/v1/openapi.json", NULL);
	assert_office_answers(office, 400, "The SSL certificate has been revoked");
	(void)office_ask_as(office, &office->collector.operator, "/api/v1/certificates", NULL);
	assert_office_answers(office, 200, "\"why\":\"stolen\"");
	assert_non_null(list = folder_get(&office->collector.folder, "crl.pem", &len));
	(void)office_ask_as(office, &office->collector.terminal, "/crl.pem", NULL);
	assert_office_answers(office, 200, list);
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "again"), 3);
	/* Nobody is telephoned for its sake. */
	(void)office_ask_as(office, &office->collector.operator, "/api/v1/terminals?verdict=revoked", NULL);
	assert_office_answers(office, 200, "\"name\":\"reception-1\"");
	(void)office_ask_as(office, &office->collector.operator, "/api/v1/fleet", NULL);
	assert_office_answers(office, 200, "\"terminals\":0");
	(void)office_ask_as(office, &office->collector.operator, "/terminals?verdict=revoked&lang=ja", NULL);
	assert_office_answers(office, 200, "失効");
	free(list);
	pki_pair_clear(&pair);
}
ON_POSTGRES(test_whoever_is_revoked_is_refused_from_then_on)
BEHIND_NGINX(test_whoever_is_revoked_is_refused_from_then_on)

/* Terminals of one name, as sites make them that give none. */
TEST_CASE(test_all_that_bear_a_name_are_revoked_however_many_they_are)
{
	struct office *office = *state;
	struct pki_pair pair;

	office_enrols(office, "reception-1", "1312345678", &pair);
	(void)collector_count(&office->collector,
		"WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 150) "
		"INSERT INTO certificate (fingerprint, subject, name, institution, serial, ends_s, first_s, text, issued_s) "
		"SELECT substr(printf('%03d%s', n, fingerprint), 1, 64), subject, name, institution, n || serial, ends_s, 0, '', issued_s FROM certificate, number "
		"WHERE certificate.name = 'reception-1' RETURNING 1");
	assert_int_equal(COMMAND(office, "revoke", "reception-1", "--why", "stolen"), 0);
	assert_int_equal(collector_count(&office->collector,
				 "SELECT count(*) FROM certificate WHERE certificate.name = 'reception-1' AND revoked_s = 0"),
		0);
	pki_pair_clear(&pair);
}

/* One that its bearer showed, and that this authority issued before there was a list. */
TEST_CASE(test_a_certificate_from_before_the_list_can_be_revoked)
{
	struct office *office = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	office_takes_report(office, &maker, &office->collector.terminal);
	assert_int_equal(COMMAND(office, "revoke", "1312345678", "--why", "moved"), 0);
	(void)office_ask_as(office, &office->collector.terminal, "/api/v1/openapi.json", NULL);
	assert_office_answers(office, 400, "revoked");
	report_maker_clear(&maker);
}
ON_POSTGRES(test_a_certificate_from_before_the_list_can_be_revoked)

TEST_CASE(test_a_replaced_terminal_hands_over_its_place)
{
	struct office *office = *state;
	struct report_maker maker;
	struct pki_pair former, latter;
	char path[128];

	office_enrols(office, "reception-1", "1312345678", &former);
	report_maker_init(&maker, collector_now_s());
	office_takes_report(office, &maker, &former);
	office_enrols(office, "reception-1", "1312345678", &latter);
	(void)office_ask_as(office, &former, "/api/v1/openapi.json", NULL);
	assert_office_answers(office, 400, "revoked");
	(void)snprintf(path, sizeof(path), "/api/v1/terminals/%s", signer_key_id(maker.signer));
	(void)office_ask_as(office, &office->collector.operator, path, NULL);
	assert_office_answers(office, 200, "\"verdict\":\"replaced\"");
	(void)snprintf(path, sizeof(path), "URI:haishin:former-terminal:%s", signer_key_id(maker.signer));
	assert_true(pki_has_name(latter.pem, path + 4));
	report_maker_clear(&maker);
	pki_pair_clear(&former);
	pki_pair_clear(&latter);
}
ON_POSTGRES(test_a_replaced_terminal_hands_over_its_place)
BEHIND_NGINX(test_a_replaced_terminal_hands_over_its_place)

/* ---- The administrator ---- */

TEST_CASE(test_what_does_not_fit_is_named_at_once)
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

TEST_CASE(test_a_backup_holds_all_that_was_answered)
{
	struct office *office = *state;
	struct report_maker maker;
	char file[600], query[1600];

	report_maker_init(&maker, collector_now_s());
	for (int i = 0; i < 5; i++)
		office_takes_report(office, &maker, &office->collector.terminal);
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
ON_POSTGRES(test_a_backup_holds_all_that_was_answered)

TEST_CASE(test_old_reports_go_by_whole_months)
{
	struct office *office = *state;
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	office_takes_report(office, &maker, &office->collector.terminal);
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
ON_POSTGRES(test_old_reports_go_by_whole_months)

TESTS_WITHIN(collector_postgres_begin, collector_postgres_end, office_set_up, office_tear_down)
