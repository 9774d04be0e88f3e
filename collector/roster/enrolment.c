#include "collector/roster/enrolment.h"

#include <ctype.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "collector/identity/client.h"
#include "common/clock.h"

#define LETTERS 20
#define SELECTOR 5
#define DAY_S INT64_C(86400)
/* What was used is kept for a while, so that whoever comes too late hears why. */
#define FORGET_DAYS 30

/* Crockford's: no I, L, O, U, so that a code is read out well. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* ---- Codes ---- */

static int make_letters(char ret_letters[static LETTERS + 1], struct error *err)
{
	unsigned char bytes[LETTERS];

	if (RAND_priv_bytes(bytes, sizeof(bytes)) != 1)
		return error_set(err, ERROR_FAILED, "no random bytes for a code");
	for (size_t i = 0; i < LETTERS; i++)
		ret_letters[i] = alphabet[bytes[i] % 32];
	ret_letters[LETTERS] = '\0';
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return 0;
}

static void put_hyphens(const char *letters, char ret_code[static ENROLMENT_CODE_SIZE])
{
	char *at = ret_code;

	for (size_t i = 0; i < LETTERS; i++) {
		if (i > 0 && i % SELECTOR == 0)
			*at++ = '-';
		*at++ = letters[i];
	}
	*at = '\0';
}

/* Small letters, and those that look like a digit, are meant as the ones they look like. */
static char letter_of(char written)
{
	char letter = (char)toupper((unsigned char)written);

	if (letter == 'O')
		letter = '0';
	if (letter == 'I' || letter == 'L')
		letter = '1';
	return letter && strchr(alphabet, letter) ? letter : '\0';
}

static bool read_letters(const char *code, char ret_letters[static LETTERS + 1])
{
	size_t count = 0;

	for (; *code; code++) {
		if (*code == '-' || isspace((unsigned char)*code))
			continue;
		if (count == LETTERS || !letter_of(*code))
			return false;
		ret_letters[count++] = letter_of(*code);
	}
	ret_letters[count] = '\0';
	return count == LETTERS;
}

static const char *digest_of(const char *letters, char ret_hex[static SHA256_HEX_SIZE])
{
	char salted[sizeof("haishin enrolment ") + LETTERS];
	struct sha256 digest;

	(void)snprintf(salted, sizeof(salted), "haishin enrolment %s", letters);
	sha256_of(salted, strlen(salted), &digest);
	OPENSSL_cleanse(salted, sizeof(salted));
	return sha256_hex(&digest, ret_hex);
}

/* ---- Making ---- */

/* Whoever reads the certificate finds the institution's code by its ten digits: what is enrolled without one has none. */
static int check_digits(const char *subject, const struct enrolment *enrolment, struct error *err)
{
	char code[CLIENT_INSTITUTION_SIZE];

	client_find_institution(subject, code);
	if (strcmp(code, enrolment->institution) == 0)
		return 0;
	if (!*enrolment->institution)
		return error_set(err, ERROR_INPUT,
			"'%s' in the name would be taken for the code of an institution: say --institution %s, or choose another name",
			code, code);
	return error_set(err, ERROR_INPUT,
		"'%s' in the name would be taken for the code of the institution, which is %s: choose another name", code,
		enrolment->institution);
}

static int check(const struct enrolment *enrolment, struct error *err)
{
	const struct authority_bearer bearer = {.name = enrolment->name, .institution = enrolment->institution, .former = ""};
	size_t digits = strspn(enrolment->institution, "0123456789");
	char subject[AUTHORITY_SUBJECT_SIZE];

	if (*enrolment->institution && (digits != AUTHORITY_INSTITUTION_SIZE - 1 || enrolment->institution[digits]))
		return error_set(err, ERROR_INPUT, "'%s' is no institution's code: it has 10 digits", enrolment->institution);
	if (strspn(enrolment->ring, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(enrolment->ring))
		return error_set(err, ERROR_INPUT,
			"'%s' is no ring's name: small letters, digits and hyphens", enrolment->ring);
	return authority_name(&bearer, subject, err) < 0 ? -1 : check_digits(subject, enrolment, err);
}

int enrolment_end(
	struct database *database, const char *name, const char *institution, int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ENROLMENT_END, err);

	query_text(query, name);
	query_text(query, institution);
	query_number(query, now_s);
	return query_run(query, err);
}

int enrolment_void(struct database *database, const char *name, const char *institution, int64_t now_s,
	size_t *ret_count, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ENROLMENT_VOID, err);

	query_text(query, name);
	query_text(query, institution);
	if (query_run(query, err) < 0)
		return -1;
	*ret_count = (size_t)database_changed(database);
	return enrolment_end(database, name, institution, now_s, err);
}

static int void_former(struct database *database, const struct enrolment *enrolment, int64_t now_s, struct error *err)
{
	AUTO(query) struct query *old = query_new(database, STATEMENT_ENROLMENT_FORGET, err);
	size_t count;

	query_number(old, now_s - FORGET_DAYS * DAY_S);
	return enrolment_void(database, enrolment->name, enrolment->institution, now_s, &count, err) < 0
		       ? -1
		       : query_run(old, err);
}

static int add(struct database *database, const struct enrolment *enrolment, const char *letters, int64_t now_s,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ENROLMENT_ADD, err);
	char digest[SHA256_HEX_SIZE], selector[SELECTOR + 1];

	(void)snprintf(selector, sizeof(selector), "%.*s", SELECTOR, letters);
	query_text(query, selector);
	query_text(query, digest_of(letters, digest));
	query_text(query, enrolment->name);
	query_text(query, enrolment->institution);
	query_text(query, enrolment->ring);
	query_number(query, now_s);
	query_number(query, now_s + ENROLMENT_DAYS * DAY_S);
	return query_run(query, err);
}

int enrolment_make(struct database *database, const struct enrolment *enrolment, int64_t now_s,
	char ret_code[static ENROLMENT_CODE_SIZE], struct error *err)
{
	char letters[LETTERS + 1];
	int result;

	if (check(enrolment, err) < 0 || make_letters(letters, err) < 0 || database_begin(database, err) < 0)
		return -1;
	if (void_former(database, enrolment, now_s, err) == 0 &&
		add(database, enrolment, letters, now_s, err) == 0)
		result = database_commit(database, err);
	else
		result = -1;
	database_undo(database);
	if (result == 0)
		put_hyphens(letters, ret_code);
	OPENSSL_cleanse(letters, sizeof(letters));
	return result;
}

/* ---- Using ---- */

/* A row as it was found. */
struct found {
	char digest[SHA256_HEX_SIZE], used_key[SHA256_HEX_SIZE];
	int64_t until_s, tries, used_s;
};

static int find(struct database *database, const char *selector, struct found *ret_found,
	struct enrolment *ret_enrolment, bool *ret_is_there, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ENROLMENT_FIND, err);
	int row;

	query_text(query, selector);
	if ((row = query_next(query, err)) < 0)
		return -1;
	if ((*ret_is_there = row > 0)) {
		row_copy(query, 0, ret_found->digest, sizeof(ret_found->digest));
		row_copy(query, 1, ret_enrolment->name, sizeof(ret_enrolment->name));
		row_copy(query, 2, ret_enrolment->institution, sizeof(ret_enrolment->institution));
		row_copy(query, 3, ret_enrolment->ring, sizeof(ret_enrolment->ring));
		ret_found->until_s = row_number(query, 4);
		ret_found->tries = row_number(query, 5);
		ret_found->used_s = row_number(query, 6);
		row_copy(query, 7, ret_found->used_key, sizeof(ret_found->used_key));
	}
	return 0;
}

static int note_try(struct database *database, const char *selector, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ENROLMENT_TRIED, err);

	query_text(query, selector);
	return query_run(query, err);
}

static int note_use(
	struct database *database, const char *selector, const char *key, int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ENROLMENT_USED, err);

	query_text(query, selector);
	query_number(query, now_s);
	query_text(query, key);
	return query_run(query, err);
}

static int unknown(struct error *err)
{
	return error_set(err, ERROR_DENIED,
		"this code is not known here, or was tried wrongly too often: ask for a new one "
		"(haishin-collector enrol)");
}

/* Who shows the whole code hears what is the matter with it. */
static int check_found(const struct found *found, const char *key, int64_t now_s, struct error *err)
{
	char text[CLOCK_TEXT_SIZE];

	if (found->used_s && strcmp(found->used_key, key) != 0)
		return error_set(err, ERROR_DENIED,
			"this code was used already, at %s, by another terminal: ask for a new one "
			"(haishin-collector enrol)",
			clock_text(found->used_s, text));
	if (now_s >= found->until_s)
		return error_set(err, ERROR_DENIED,
			"this code was valid until %s: ask for a new one (haishin-collector enrol)",
			clock_text(found->until_s, text));
	return 0;
}

int enrolment_use(struct database *database, const char *code, const char *key, int64_t now_s,
	struct enrolment *ret_enrolment, struct error *err)
{
	char letters[LETTERS + 1], selector[SELECTOR + 1], digest[SHA256_HEX_SIZE];
	struct found found = {0};
	bool is_there;

	if (!read_letters(code, letters))
		return unknown(err);
	(void)snprintf(selector, sizeof(selector), "%.*s", SELECTOR, letters);
	(void)digest_of(letters, digest);
	OPENSSL_cleanse(letters, sizeof(letters));
	if (find(database, selector, &found, ret_enrolment, &is_there, err) < 0)
		return -1;
	if (!is_there || found.tries >= ENROLMENT_TRIES)
		return unknown(err);
	if (CRYPTO_memcmp(digest, found.digest, sizeof(digest)) != 0)
		return note_try(database, selector, err) < 0 ? -1 : unknown(err);
	if (check_found(&found, key, now_s, err) < 0)
		return -1;
	return found.used_s ? 0 : note_use(database, selector, key, now_s, err);
}
