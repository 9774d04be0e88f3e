#include "updater/fetch/certificate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/access/trusted_file.h"
#include "common/clock.h"
#include "common/text.h"

#define FILE_MOST_BYTES 262144
#define FILES_MOST 64
#define CODE_LENGTH 10
#define DAY_S INT64_C(86400)

DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);
DEFINE_AUTO_PTR(x509, X509, X509_free);
DEFINE_AUTO_PTR(pkey, EVP_PKEY, EVP_PKEY_free);

/* One file of the folder, and how well it fits: the greater, the better, in this order. */
struct candidate {
	struct certificate certificate;
	bool bears_code;
	bool is_valid;
	int64_t from_s;
};

static void candidate_clear(struct candidate *candidate)
{
	certificate_clear(&candidate->certificate);
}
DEFINE_AUTO(candidate, struct candidate, candidate_clear);

/* ---- One certificate ---- */

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm = {0};

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static char *subject_of(X509 *certificate)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *data, raw[512], printable[512];
	long len;

	if (!bio || X509_NAME_print_ex(
			    bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
		return NULL;
	len = BIO_get_mem_data(bio, &data);
	(void)snprintf(raw, sizeof(raw), "%.*s", (int)len, data);
	text_printable(raw, printable, sizeof(printable));
	return strdup(printable);
}

/* True if CODE stands in TEXT with no digit beside it. */
static bool bears_code(const char *text, const char *code)
{
	for (const char *at = text; (at = strstr(at, code)); at++)
		if ((at == text || !isdigit((unsigned char)at[-1])) && !isdigit((unsigned char)at[strlen(code)]))
			return true;
	return false;
}

/* Keys with a password cannot be used by a terminal at night: nobody is asked for one. */
static int no_password(char *buf, int size, int rwflag, void *context)
{
	(void)buf, (void)size, (void)rwflag, (void)context;
	return -1;
}

static X509 *first_certificate(const struct buf *pem)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(buf_text(pem), (int)pem->len);

	return bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;
}

static EVP_PKEY *private_key(const struct buf *pem)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(buf_text(pem), (int)pem->len);

	return bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
}

/* Whoever else can read a key can show the certificate as well as this terminal. */
static int check_secret(struct fs *fs, int dir_fd, const char *name, struct error *err)
{
	AUTO(fd) int fd = fs_open_plain(fs, dir_fd, name, O_RDONLY, err);

	if (fd < 0)
		return -1;
	if (trusted_file_check_secret(fd, name, err) == 0)
		return 0;
	err->code = ERROR_CERTIFICATE;
	return -1;
}

/* The key in the same file, or else in NAME.key beside it. */
static int load_key(
	struct fs *fs, int dir_fd, const char *name, X509 *x509, struct certificate *certificate, struct error *err)
{
	AUTO(pkey) EVP_PKEY *key = private_key(&certificate->pem);
	char key_name[NAME_MAX + 1];

	if (key) {
		if (check_secret(fs, dir_fd, name, err) < 0 ||
			buf_append(&certificate->key_pem, certificate->pem.data, certificate->pem.len, err) < 0)
			return -1;
	} else {
		(void)snprintf(key_name, sizeof(key_name), "%.*s.key", (int)(strlen(name) - strlen(".pem")), name);
		if (fs_read_file(fs, dir_fd, key_name, &certificate->key_pem, err) < 0)
			return error_set(
				err, ERROR_CERTIFICATE, "'%s' has no private key: put it into '%s'", name, key_name);
		if (check_secret(fs, dir_fd, key_name, err) < 0)
			return -1;
		if (!(key = private_key(&certificate->key_pem)))
			return error_set(
				err, ERROR_CERTIFICATE, "'%s' holds no private key without a password", key_name);
	}
	if (X509_check_private_key(x509, key) != 1)
		return error_set(
			err, ERROR_CERTIFICATE, "the private key of '%s' belongs to another certificate", name);
	return 0;
}

int64_t certificate_end(const char *pem)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	AUTO(x509) X509 *x509 = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

	return x509 ? seconds_of(X509_get0_notAfter(x509)) : 0;
}

/* haishin-collector writes it among the names of a certificate for a PC that takes the place of another. */
static void read_former(X509 *x509, char ret_key[static SHA256_HEX_SIZE])
{
	static const char scheme[] = "haishin:former-terminal:";
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *uri = name->type == GEN_URI ? name->d.uniformResourceIdentifier : NULL;
		const char *text = uri ? (const char *)ASN1_STRING_get0_data(uri) : "";

		if (uri && ASN1_STRING_length(uri) == (int)sizeof(scheme) - 1 + SHA256_HEX_SIZE - 1 &&
			strncmp(text, scheme, sizeof(scheme) - 1) == 0 &&
			strspn(text + sizeof(scheme) - 1, "0123456789abcdef") == SHA256_HEX_SIZE - 1)
			memcpy(ret_key, text + sizeof(scheme) - 1, SHA256_HEX_SIZE);
	}
	GENERAL_NAMES_free(names);
}

static int load(struct fs *fs, int dir_fd, const char *name, const char *code, int64_t now_s,
	struct candidate *ret_candidate, struct error *err)
{
	AUTO(candidate)
	struct candidate candidate = {
		.certificate = {.pem = BUF_INIT(FILE_MOST_BYTES), .key_pem = BUF_INIT(FILE_MOST_BYTES)}};
	struct certificate *certificate = &candidate.certificate;
	AUTO(x509) X509 *x509 = NULL;

	if (fs_read_file(fs, dir_fd, name, &certificate->pem, err) < 0)
		return -1;
	if (!(x509 = first_certificate(&certificate->pem)))
		return error_set(err, ERROR_CERTIFICATE, "'%s' holds no certificate", name);
	if (load_key(fs, dir_fd, name, x509, certificate, err) < 0)
		return -1;
	if (!(certificate->name = strdup(name)) || !(certificate->subject = subject_of(x509)))
		return error_set(err, ERROR_FAILED, "no memory for '%s'", name);
	if (X509_digest(x509, EVP_sha256(), certificate->digest.bytes, NULL) != 1)
		return error_set(err, ERROR_FAILED, "no digest of '%s'", name);
	certificate->expires_s = seconds_of(X509_get0_notAfter(x509));
	read_former(x509, certificate->former);
	candidate.from_s = seconds_of(X509_get0_notBefore(x509));
	candidate.bears_code = code && bears_code(certificate->subject, code);
	candidate.is_valid = candidate.from_s <= now_s && now_s < certificate->expires_s;
	*ret_candidate = candidate;
	candidate = (struct candidate){0};
	return 0;
}

/* ---- Among several ---- */

static bool is_better(const struct candidate *a, const struct candidate *b)
{
	if (!b->certificate.name)
		return true;
	if (a->bears_code != b->bears_code)
		return a->bears_code;
	if (a->is_valid != b->is_valid)
		return a->is_valid;
	if (a->certificate.expires_s != b->certificate.expires_s)
		return a->certificate.expires_s > b->certificate.expires_s;
	return strcmp(a->certificate.name, b->certificate.name) < 0;
}

static int is_pem(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".pem") == 0;
}

/* The best of the folder; one without a name where none can be used, with the last reason in ERR. */
static int find_best(
	struct fs *fs, int dir_fd, const char *code, int64_t now_s, struct candidate *ret_best, struct error *err)
{
	struct dirent **entries;
	int count = scandirat(dir_fd, ".", &entries, is_pem, alphasort);

	if (count < 0)
		return error_system(err, errno, "cannot list the folder of client certificates");
	for (int i = 0; i < count; i++) {
		struct candidate candidate = {0};

		if (i < FILES_MOST && load(fs, dir_fd, entries[i]->d_name, code, now_s, &candidate, err) == 0 &&
			is_better(&candidate, ret_best)) {
			struct candidate worse = *ret_best;

			*ret_best = candidate;
			candidate = worse;
		}
		candidate_clear(&candidate);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static int fault(struct error *err, enum certificate_fault fault)
{
	if (err)
		err->sys = (int)fault;
	return -1;
}

enum certificate_fault certificate_fault_of(const struct error *err)
{
	return (enum certificate_fault)err->sys;
}

static int check_best(const struct candidate *best, int64_t now_s, const struct error *why, struct error *err)
{
	const struct certificate *certificate = &best->certificate;
	char date[CLOCK_TEXT_SIZE];

	if (!certificate->name && why->code) {
		(void)error_set(
			err, ERROR_CERTIFICATE, "no client certificate that can be used is installed: %s", why->text);
		return fault(err, CERTIFICATE_UNUSABLE);
	}
	if (!certificate->name) {
		(void)error_set(
			err, ERROR_CERTIFICATE, "no client certificate is installed: install the institution's");
		return fault(err, CERTIFICATE_MISSING);
	}
	if (now_s >= certificate->expires_s) {
		(void)error_set(err, ERROR_CERTIFICATE,
			"the client certificate '%s' (%s) has expired, on %s: install the "
			"renewed one",
			certificate->name, certificate->subject, clock_text(certificate->expires_s, date));
		return fault(err, CERTIFICATE_EXPIRED);
	}
	if (now_s < best->from_s) {
		(void)error_set(err, ERROR_CERTIFICATE,
			"the client certificate '%s' (%s) is valid only from %s: check the "
			"clock",
			certificate->name, certificate->subject, clock_text(best->from_s, date));
		return fault(err, CERTIFICATE_NOT_YET);
	}
	return 0;
}

int certificate_choose(struct fs *fs, int dir_fd, const char *institution_code, int64_t now_s,
	struct certificate *ret_certificate, struct error *err)
{
	const char *code = institution_code && strlen(institution_code) == CODE_LENGTH ? institution_code : NULL;
	AUTO(candidate) struct candidate best = {0};
	struct error why = {0};

	if (find_best(fs, dir_fd, code, now_s, &best, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (check_best(&best, now_s, &why, err) < 0)
		return -1;
	*ret_certificate = best.certificate;
	best = (struct candidate){0};
	return 0;
}

void certificate_clear(struct certificate *certificate)
{
	/* The file of the certificate may hold its key as well. */
	buf_wipe(&certificate->pem);
	buf_wipe(&certificate->key_pem);
	free(certificate->name);
	free(certificate->subject);
	*certificate = (struct certificate){0};
}

int certificate_warning_days(int64_t expires_s, int64_t now_s)
{
	static const int days[] = {7, 30, 90};

	if (now_s >= expires_s)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		if (expires_s - now_s <= days[i] * DAY_S)
			return days[i];
	return 0;
}
