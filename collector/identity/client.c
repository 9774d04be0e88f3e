#include "collector/identity/client.h"

#include <ctype.h>
#include <string.h>

#include <gnutls/x509.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "common/buf.h"
#include "common/hex.h"
#include "common/text.h"

#define PEM_MOST 16384
#define INSTITUTION_DIGITS 10
#define SERIAL_MOST 64

DEFINE_AUTO_PTR(certificate, struct gnutls_x509_crt_int, gnutls_x509_crt_deinit);
DEFINE_AUTO_PTR(name, X509_NAME, X509_NAME_free);
DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);

/* ---- What stands in a certificate ---- */

/* GnuTLS reads the certificate, since libcrypto would look for somebody who can use its key, which takes four times as
 * long as all else; but libcrypto writes the name, as the settings have it. */
static X509_NAME *name_of(gnutls_x509_crt_t certificate)
{
	gnutls_datum_t raw = {0};
	const unsigned char *at;
	X509_NAME *name;

	if (gnutls_x509_crt_get_raw_dn(certificate, &raw) < 0)
		return NULL;
	at = raw.data;
	name = d2i_X509_NAME(NULL, &at, (long)raw.size);
	gnutls_free(raw.data);
	return name;
}

static int read_subject(const X509_NAME *name, char *ret_subject, size_t size, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || !name ||
		X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
		return error_set(err, ERROR_CERTIFICATE, "the certificate's subject cannot be read");
	len = BIO_get_mem_data(bio, &text);
	if (len <= 0 || (size_t)len >= size || memchr(text, '\0', (size_t)len) || !text_is_utf8(text, (size_t)len))
		return error_set(err, ERROR_CERTIFICATE,
			"the certificate's subject is empty, no text, or longer than %zu bytes", size - 1);
	memcpy(ret_subject, text, (size_t)len);
	ret_subject[len] = '\0';
	return 0;
}

static void read_name(const X509_NAME *subject, char *ret_name, size_t size)
{
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

void client_find_institution(const char *subject, char ret_code[static CLIENT_INSTITUTION_SIZE])
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

static void read_serial(gnutls_x509_crt_t certificate, char *ret_serial, size_t size)
{
	unsigned char bytes[SERIAL_MOST];
	size_t len = sizeof(bytes);
	bool is_there = gnutls_x509_crt_get_serial(certificate, bytes, &len) == 0;
	BIGNUM *number = is_there ? BN_bin2bn(bytes, (int)len, NULL) : NULL;
	char *digits = number ? BN_bn2hex(number) : NULL;

	ret_serial[0] = '\0';
	if (digits && strlen(digits) < size)
		(void)strcpy(ret_serial, digits);
	OPENSSL_free(digits);
	BN_free(number);
}

static int read_end(gnutls_x509_crt_t certificate, int64_t *ret_ends_s, struct error *err)
{
	*ret_ends_s = gnutls_x509_crt_get_expiration_time(certificate);
	return *ret_ends_s < 0 ? error_set(err, ERROR_CERTIFICATE, "the certificate's end cannot be read") : 0;
}

static int read_certificate(
	gnutls_x509_crt_t certificate, const struct config *config, struct client *ret_client, struct error *err)
{
	AUTO(name) X509_NAME *name = name_of(certificate);

	if (read_subject(name, ret_client->subject, sizeof(ret_client->subject), err) < 0 ||
		read_end(certificate, &ret_client->ends_s, err) < 0)
		return -1;
	read_name(name, ret_client->name, sizeof(ret_client->name));
	read_serial(certificate, ret_client->serial, sizeof(ret_client->serial));
	client_find_institution(ret_client->subject, ret_client->institution);
	ret_client->rules = config_role_of(config, ret_client->subject);
	ret_client->role = ret_client->rules ? ret_client->rules->kind : ROLE_TERMINAL;
	return 0;
}

static void fingerprint_of(const void *der, size_t len, char ret_hex[static SHA256_HEX_SIZE])
{
	struct sha256 digest;

	sha256_of(der, len, &digest);
	(void)sha256_hex(&digest, ret_hex);
}

/* ---- Both forms ---- */

int client_from_der(
	const void *der, size_t len, const struct config *config, struct client *ret_client, struct error *err)
{
	const gnutls_datum_t datum = {.data = (unsigned char *)(uintptr_t)der, .size = (unsigned int)len};
	AUTO(certificate) gnutls_x509_crt_t certificate = NULL;
	struct client client = {0};

	if (gnutls_x509_crt_init(&certificate) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a certificate");
	if (gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_DER) < 0)
		return error_set(err, ERROR_CERTIFICATE, "what the client showed is no certificate");
	if (read_certificate(certificate, config, &client, err) < 0)
		return -1;
	fingerprint_of(der, len, client.fingerprint);
	*ret_client = client;
	return 0;
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

/* Appends the first certificate of a PEM text, as DER; false where there is none. One that claims to be closed by a
 * passphrase is none. */
static bool read_pem(const char *pem, struct buf *ret_der)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	bool found;

	found = bio && PEM_read_bio(bio, &name, &header, &der, &len) && strcmp(name, PEM_STRING_X509) == 0 &&
		!*header && buf_append(ret_der, der, (size_t)len, NULL) == 0;
	ERR_clear_error();
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	return found;
}

int client_der_from_escaped_pem(const char *escaped, struct buf *ret_der, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(PEM_MOST);

	if (unescape(escaped, &pem, err) < 0)
		return -1;
	return read_pem(buf_text(&pem), ret_der)
		       ? 0
		       : error_set(err, ERROR_CERTIFICATE, "what the client showed is no certificate");
}

int client_check_chain(const struct client *client, const char *chain, struct error *err)
{
	AUTO(buf) struct buf der = BUF_INIT(CLIENT_DER_MOST);
	char fingerprint[SHA256_HEX_SIZE];

	if (!read_pem(chain, &der))
		return error_set(err, ERROR_REFUSED, "member 'certificate': its chain holds no certificate");
	fingerprint_of(der.data, der.len, fingerprint);
	if (strcmp(fingerprint, client->fingerprint) != 0)
		return error_set(err, ERROR_REFUSED,
			"the certificate in the report is not that of '%.80s', who sends it", client->subject);
	return 0;
}

int client_write_plain(const void *der, size_t len, struct buf *ret_plain, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long written;

	if (!bio || len > CLIENT_DER_MOST || PEM_write_bio(bio, PEM_STRING_X509, "", der, (long)len) <= 0)
		return error_set(err, ERROR_FAILED, "no memory for a certificate");
	written = BIO_get_mem_data(bio, &text);
	return buf_append(ret_plain, text, (size_t)written, err);
}

int client_write_plain_of(const char *chain, struct buf *ret_plain, struct error *err)
{
	AUTO(buf) struct buf der = BUF_INIT(CLIENT_DER_MOST);

	return read_pem(chain, &der) ? client_write_plain(der.data, der.len, ret_plain, err) : 0;
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
