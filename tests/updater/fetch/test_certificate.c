#include "updater/fetch/certificate.h"

#include <stdio.h>
#include <stdlib.h>

#include <stdbool.h>
#include <sys/stat.h>

#include "tests/support/folder.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"

#define NOW_S INT64_C(1768046400) /* 2026-01-10T12:00:00Z */
#define DAY_S INT64_C(86400)

struct place {
	struct folder folder;
	struct pki pki;
	struct fs fs;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	folder_init(&place->folder);
	pki_init(&place->pki, "Authority");
	fs_init(&place->fs);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	folder_clear(&place->folder);
	pki_clear(&place->pki);
	free(place);
	return 0;
}

/* Installs FILE.pem with its key in the same file, or, where APART, in FILE.key. */
static void install(
	struct place *place, const char *file, const char *subject, int64_t from_days, int64_t to_days, bool apart)
{
	struct buf both = BUF_INIT(65536);
	struct pki_pair pair;
	char name[64];

	pki_issue_client(&place->pki, &pair, subject, NOW_S + from_days * DAY_S, NOW_S + to_days * DAY_S);
	assert_int_equal(buf_printf(&both, NULL, "%s%s", pair.pem, apart ? "" : pair.key_pem), 0);
	(void)snprintf(name, sizeof(name), "%s.pem", file);
	folder_put_secret(&place->folder, name, buf_text(&both));
	(void)snprintf(name, sizeof(name), "%s.key", file);
	if (apart)
		folder_put_secret(&place->folder, name, pair.key_pem);
	buf_clear(&both);
	pki_pair_clear(&pair);
}

static void check_choice(struct place *place, const char *code, const char *expected)
{
	AUTO(certificate) struct certificate certificate = {0};
	struct error err = {0};

	assert_ok(certificate_choose(&place->fs, place->folder.fd, code, NOW_S, &certificate, &err), &err);
	assert_string_equal(certificate.name, expected);
	assert_non_null(strstr(buf_text(&certificate.pem), "BEGIN CERTIFICATE"));
	assert_non_null(strstr(buf_text(&certificate.key_pem), "PRIVATE KEY"));
	assert_true(certificate.expires_s > NOW_S);
}

static void check_refusal(struct place *place, const char *code, const char *text)
{
	AUTO(certificate) struct certificate certificate = {0};
	struct error err = {0};

	assert_int_equal(certificate_choose(&place->fs, place->folder.fd, code, NOW_S, &certificate, &err), -1);
	assert_error(&err, ERROR_CERTIFICATE, text);
	assert_null(certificate.name);
}

TEST_CASE(test_takes_the_one_that_bears_the_institution_code)
{
	install(*state, "a", "1311111111", -1, 400, false);
	install(*state, "b", "1322222222", -1, 100, true);
	install(*state, "c", "1333333333", -1, 300, false);
	check_choice(*state, "1322222222", "b.pem");
}

TEST_CASE(test_takes_the_one_that_expires_last_where_the_code_is_unset_or_wrong)
{
	install(*state, "a", "1311111111", -1, 100, false);
	install(*state, "b", "1322222222", -1, 400, true);
	install(*state, "c", "1333333333", -1, 300, false);
	check_choice(*state, NULL, "b.pem");
	check_choice(*state, "", "b.pem");
	check_choice(*state, "1399999999", "b.pem");
	check_choice(*state, "13222", "b.pem");
}

TEST_CASE(test_a_longer_number_does_not_bear_the_code)
{
	install(*state, "a", "91311111111", -1, 100, false);
	install(*state, "b", "13111111110", -1, 100, false);
	install(*state, "c", "Clinic 1311111111 East", -1, 50, false);
	check_choice(*state, "1311111111", "c.pem");
}

TEST_CASE(test_of_two_with_the_code_takes_the_renewed_one)
{
	install(*state, "new", "1311111111", -10, 380, false);
	install(*state, "old", "1311111111", -380, 10, false);
	check_choice(*state, "1311111111", "new.pem");
}

TEST_CASE(test_does_not_take_the_renewed_one_before_its_time)
{
	install(*state, "new", "1311111111", 5, 380, false);
	install(*state, "old", "1311111111", -380, 10, false);
	check_choice(*state, "1311111111", "old.pem");
}

TEST_CASE(test_passes_over_files_that_cannot_be_used)
{
	struct place *place = *state;

	folder_put(&place->folder, "0.pem", "no certificate\n", 15);
	folder_put(&place->folder, "1.pem", "", 0);
	folder_put(&place->folder, ".hidden.pem", "x", 1);
	folder_put(&place->folder, "readme.txt", "x", 1);
	install(place, "2", "1311111111", -1, 100, false);
	check_choice(place, "1311111111", "2.pem");
}

TEST_CASE(test_says_that_none_is_installed)
{
	check_refusal(*state, "1311111111", "no client certificate is installed");
}

TEST_CASE(test_says_that_it_has_expired_and_when)
{
	install(*state, "old", "1311111111", -380, -1, false);
	check_refusal(*state, "1311111111", "'old.pem' (CN=1311111111) has expired, on 2026-01-09T12:00:00Z");
}

TEST_CASE(test_an_expired_one_with_the_code_is_not_replaced_by_a_stranger)
{
	install(*state, "ours", "1311111111", -380, -1, false);
	install(*state, "theirs", "1322222222", -1, 100, false);
	check_refusal(*state, "1311111111", "'ours.pem'");
}

TEST_CASE(test_says_that_it_is_not_valid_yet)
{
	install(*state, "new", "1311111111", 1, 100, false);
	check_refusal(*state, "1311111111", "is valid only from 2026-01-11T12:00:00Z: check the clock");
}

TEST_CASE(test_says_that_the_key_is_missing)
{
	struct place *place = *state;
	struct fs *fs = &place->fs;

	install(place, "a", "1311111111", -1, 100, true);
	assert_int_equal(fs_remove(fs, place->folder.fd, "a.key", NULL), 0);
	check_refusal(place, "1311111111", "'a.pem' has no private key: put it into 'a.key'");
}

TEST_CASE(test_says_that_the_key_is_anothers)
{
	struct place *place = *state;
	size_t len;
	char *key;

	install(place, "a", "1311111111", -1, 100, true);
	install(place, "b", "1322222222", -1, 100, true);
	key = folder_get(&place->folder, "b.key", &len);
	folder_put_secret(&place->folder, "a.key", key);
	free(key);
	assert_int_equal(fs_remove(&place->fs, place->folder.fd, "b.pem", NULL), 0);
	check_refusal(place, "1311111111", "the private key of 'a.pem' belongs to another certificate");
}

TEST_CASE_WITH(test_warns_90_30_and_7_days_ahead, NULL, NULL)
{
	static const struct {
		int64_t left_s;
		int warning;
	} rows[] = {{91 * DAY_S, 0}, {90 * DAY_S + 1, 0}, {90 * DAY_S, 90}, {30 * DAY_S + 1, 90}, {30 * DAY_S, 30},
		{7 * DAY_S + 1, 30}, {7 * DAY_S, 7}, {1, 7}, {0, -1}, {-DAY_S, -1}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(certificate_warning_days(NOW_S + rows[i].left_s, NOW_S), rows[i].warning);
}

TEST_CASE(test_a_key_that_others_may_read_is_not_used)
{
	static const char *const files[] = {"a.key", "b.pem"};
	struct place *place = *state;

	install(place, "a", "1312345678", -10, 100, true);
	install(place, "b", "1312345678", -10, 90, false);
	check_choice(place, "1312345678", "a.pem");
	assert_int_equal(fchmodat(place->folder.fd, files[0], 0640, 0), 0);
	check_choice(place, "1312345678", "b.pem");
	assert_int_equal(fchmodat(place->folder.fd, files[1], 0604, 0), 0);
	check_refusal(place, "1312345678", "chmod");
}

TESTS(setup, teardown)
