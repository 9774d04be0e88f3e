#include "collector/identity/client.h"

#include <ctype.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "common/buf.h"
#include "common/hex.h"
#include "common/text.h"

#define PEM_MOST 16384
#define INSTITUTION_DIGITS 10

DEFINE_AUTO_PTR(x509, X509, X509_free);
DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);

/* ---- What stands in a certificate ---- */

static int read_subject(X509 *certificate, char *ret_subject, size_t size, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
			    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
		return error_set(err, ERROR_CERTIFICATE, "the certificate's subject cannot be read");
	len = BIO_get_mem_data(bio, &text);
	if (len <= 0 || (size_t)len >= size || memchr(text, '\0', (size_t)len) || !text_is_utf8(text, (size_t)len))
		return error_set(err, ERROR_CERTIFICATE,
			"the certificate's subject is empty, no text, or longer than %zu bytes", size - 1);
	memcpy(ret_subject, text, (size_t)len);
	ret_subject[len] = '\0';
	return 0;
}

static void read_name(X509 *certificate, char *ret_name, size_t size)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	int len =
		at < 0 ? -1 : ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));

	ret_name[0] = '\0';
	if (len > 0 && (size_t)len < size && !memchr(text, '\0', (size_t)len) &&
		text_is_utf8((char *)text, (size_t)len))
		(void)strcpy(ret_name, (char *)text);
	OPENSSL_free(text);
}

static void find_institution(const char *subject, char ret_code[static CLIENT_INSTITUTION_SIZE])
{
	size_t len;

	ret_code[0] = '\0';
	for (; *subject; subject += len ? len : 1) {
		for (len = 0; isdigit((unsigned char)subject[len]); len++)
			;
		if (len == INSTITUTION_DIGITS) {
			memcpy(ret_code, subject, len);
			ret_code[len] = '\0';
			return;
		}
	}
}

static void read_serial(X509 *certificate, char *ret_serial, size_t size)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *digits = number ? BN_bn2hex(number) : NULL;

	ret_serial[0] = '\0';
	if (digits && strlen(digits) < size)
		(void)strcpy(ret_serial, digits);
	OPENSSL_free(digits);
	BN_free(number);
}

static int read_end(X509 *certificate, int64_t *ret_ends_s, struct error *err)
{
	struct tm parts;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts))
		return error_set(err, ERROR_CERTIFICATE, "the certificate's end cannot be read");
	*ret_ends_s = timegm(&parts);
	return 0;
}

static int read_fingerprint(X509 *certificate, char ret_hex[static SHA256_HEX_SIZE], struct error *err)
{
	struct sha256 digest;

	if (!X509_digest(certificate, EVP_sha256(), digest.bytes, NULL))
		return error_set(err, ERROR_FAILED, "no digest of a certificate");
	(void)sha256_hex(&digest, ret_hex);
	return 0;
}

static int read_certificate(
	X509 *certificate, const struct config *config, struct client *ret_client, struct error *err)
{
	struct client client = {0};

	if (!certificate)
		return error_set(err, ERROR_CERTIFICATE, "what the client showed is no certificate");
	if (read_subject(certificate, client.subject, sizeof(client.subject), err) < 0 ||
		read_end(certificate, &client.ends_s, err) < 0 ||
		read_fingerprint(certificate, client.fingerprint, err) < 0)
		return -1;
	read_name(certificate, client.name, sizeof(client.name));
	read_serial(certificate, client.serial, sizeof(client.serial));
	find_institution(client.subject, client.institution);
	client.rules = config_role_of(config, client.subject);
	client.role = client.rules ? client.rules->kind : ROLE_TERMINAL;
	*ret_client = client;
	return 0;
}

/* ---- Both forms ---- */

int client_from_der(
	const void *der, size_t len, const struct config *config, struct client *ret_client, struct error *err)
{
	const unsigned char *at = der;
	AUTO(x509) X509 *certificate = d2i_X509(NULL, &at, (long)len);

	return read_certificate(certificate, config, ret_client, err);
}

static int unescape(const char *escaped, struct buf *ret_text, struct error *err)
{
	for (char digits[3] = {0}, byte; *escaped; escaped++) {
		byte = *escaped;
		if (byte == '%') {
			if (!escaped[1] || !escaped[2])
				return error_set(err, ERROR_CERTIFICATE, "the proxy's certificate header is cut");
			digits[0] = *++escaped;
			digits[1] = *++escaped;
			if (hex_decode(digits, &byte, 1, err) < 0)
				return -1;
		}
		if (buf_append(ret_text, &byte, 1, err) < 0)
			return -1;
	}
	return 0;
}

/* A certificate is no secret: whatever claims to be closed by a passphrase is none. */
static int no_passphrase(char *ret_text, int size, int writing, void *context)
{
	(void)ret_text, (void)size, (void)writing, (void)context;
	return -1;
}

static X509 *certificate_of(const char *escaped, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(PEM_MOST);
	AUTO(bio) BIO *bio = NULL;

	if (unescape(escaped, &pem, err) < 0 || !(bio = BIO_new_mem_buf(buf_text(&pem), (int)pem.len)))
		return NULL;
	return PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
}

int client_from_escaped_pem(
	const char *escaped, const struct config *config, struct client *ret_client, struct error *err)
{
	AUTO(x509) X509 *certificate = certificate_of(escaped, err);

	return read_certificate(certificate, config, ret_client, err);
}

int client_der_from_escaped_pem(const char *escaped, struct buf *ret_der, struct error *err)
{
	AUTO(x509) X509 *certificate = certificate_of(escaped, err);
	int len = certificate ? i2d_X509(certificate, NULL) : -1;
	unsigned char *at;
	char *room;

	if (len <= 0)
		return error_set(err, ERROR_CERTIFICATE, "what the client showed is no certificate");
	if (buf_extend(ret_der, (size_t)len, &room, err) < 0)
		return -1;
	at = (unsigned char *)room;
	(void)i2d_X509(certificate, &at);
	return 0;
}

int client_check_chain(const struct client *client, const char *chain, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(chain, -1);
	AUTO(x509) X509 *first = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
	char fingerprint[SHA256_HEX_SIZE];

	if (!first)
		return error_set(err, ERROR_REFUSED, "member 'certificate': its chain holds no certificate");
	if (read_fingerprint(first, fingerprint, err) < 0)
		return -1;
	if (strcmp(fingerprint, client->fingerprint) != 0)
		return error_set(err, ERROR_REFUSED,
			"the certificate in the report is not that of '%.80s', who sends it", client->subject);
	return 0;
}

bool client_sees_package(const struct client *client, const char *package)
{
	size_t len = strlen(package);

	if (client->role != ROLE_VENDOR)
		return client->role == ROLE_OPERATOR || client->role == ROLE_AUDITOR;
	for (const char *at = client->rules->packages; (at = strstr(at, package)); at++)
		if (at > client->rules->packages && at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}
