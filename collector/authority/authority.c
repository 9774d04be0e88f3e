#include "collector/authority/authority.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "collector/authority/authority_key.h"
#include "collector/authority/authority_text.h"
#include "common/access/trusted_file.h"
#include "common/fs.h"
#include "common/text.h"

#define PEM_MOST 65536
#define SERIAL_BYTES 16
#define DAY_S INT64_C(86400)
#define OWN_DAYS 3650
/* The clock of whoever receives it may be a little behind. */
#define EARLIER_S 300

DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);
DEFINE_AUTO_PTR(x509, X509, X509_free);
DEFINE_AUTO_PTR(pkey, EVP_PKEY, EVP_PKEY_free);
DEFINE_AUTO_PTR(name, X509_NAME, X509_NAME_free);
DEFINE_AUTO_PTR(pkcs7, PKCS7, PKCS7_free);
DEFINE_AUTO_PTR(extension, X509_EXTENSION, X509_EXTENSION_free);
DEFINE_AUTO_PTR(moment, ASN1_TIME, ASN1_TIME_free);

/* ---- Opening ---- */

/* Nobody is there to be asked. */
static int no_passphrase(char *ret_text, int size, int writing, void *context)
{
	(void)ret_text, (void)size, (void)writing, (void)context;
	return -1;
}

static X509 *read_certificate(const char *pem)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(pem, -1);

	return bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
}

static EVP_PKEY *read_key(const char *pem)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(pem, -1);

	return bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
}

static int read_own(const char *file, X509 **ret_certificate, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(PEM_MOST);
	struct fs fs;

	fs_init(&fs);
	if (fs_read_file(&fs, AT_FDCWD, file, &pem, err) < 0)
		return -1;
	*ret_certificate = read_certificate(buf_text(&pem));
	return *ret_certificate ? 0 : error_set(err, ERROR_CERTIFICATE, "'%s' holds no certificate", file);
}

static int read_key_file(const char *file, EVP_PKEY **ret_key, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(PEM_MOST);
	struct fs fs;

	fs_init(&fs);
	if (trusted_file_read_secret(&fs, AT_FDCWD, file, &pem, err) < 0)
		return -1;
	*ret_key = read_key(buf_text(&pem));
	return *ret_key ? 0 : error_set(err, ERROR_CERTIFICATE, "'%s' holds no private key without a passphrase", file);
}

/* The public half of a key in a token. */
static EVP_PKEY *public_of(const struct signer *signer, struct error *err)
{
	AUTO(buf) struct buf der = BUF_INIT(PEM_MOST);
	const unsigned char *at;

	if (signer_public_der(signer, &der, err) < 0)
		return NULL;
	at = (const unsigned char *)der.data;
	return d2i_PUBKEY(NULL, &at, (long)der.len);
}

static int read_token(
	const struct private_key_place *place, struct authority *authority, EVP_PKEY **ret_public, struct error *err)
{
	struct fs fs;

	fs_init(&fs);
	if (!(authority->signer = private_key_open(&fs, place, err)) ||
		!(*ret_public = public_of(authority->signer, err)))
		return -1;
	authority->key = authority_stand_in(*ret_public);
	return authority->key ? 0 : error_set(err, ERROR_FAILED, "no memory for an authority");
}

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm parts = {0};

	return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

/* KEY: the authority's, at least its public half. */
static int check(const struct authority *authority, EVP_PKEY *key, int64_t now_s, struct error *err)
{
	X509 *certificate = authority->certificate;

	if (EVP_PKEY_eq(X509_get0_pubkey(certificate), key) != 1)
		return error_set(err, ERROR_CERTIFICATE, "the key does not belong to the certificate");
	if (X509_check_ca(certificate) != 1)
		return error_set(err, ERROR_CERTIFICATE, "it is no authority's certificate: it may sign no other");
	if (now_s < seconds_of(X509_get0_notBefore(certificate)) ||
		now_s >= seconds_of(X509_get0_notAfter(certificate)))
		return error_set(err, ERROR_CERTIFICATE, "the certificate is not valid now");
	return 0;
}

static int open_key(
	const struct private_key_place *place, struct authority *authority, EVP_PKEY **ret_public, struct error *err)
{
	if (private_key_is_in_token(place->key))
		return read_token(place, authority, ret_public, err);
	if (read_key_file(place->key, &authority->key, err) < 0)
		return -1;
	(void)EVP_PKEY_up_ref(authority->key);
	*ret_public = authority->key;
	return 0;
}

int authority_open(const char *certificate_file, const struct private_key_place *place, int64_t now_s,
	struct authority **ret_authority, struct error *err)
{
	AUTO(authority) struct authority *authority = calloc(1, sizeof(*authority));
	AUTO(pkey) EVP_PKEY *public_key = NULL;

	if (!authority)
		return error_set(err, ERROR_FAILED, "no memory for an authority");
	if (read_own(certificate_file, &authority->certificate, err) < 0 ||
		open_key(place, authority, &public_key, err) < 0 || check(authority, public_key, now_s, err) < 0) {
		err->code = ERROR_CERTIFICATE;
		return error_context(err, "[authority] certificate '%s', key '%s'", certificate_file, place->key);
	}
	*ret_authority = take_ptr(&authority);
	return 0;
}

void authority_free(struct authority *authority)
{
	if (!authority)
		return;
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
	signer_free(authority->signer);
	free(authority);
}

/* ---- One certificate ---- */

static int no_certificate(struct error *err)
{
	return error_set(err, ERROR_FAILED, "the certificate cannot be made");
}

static bool set_serial(X509 *certificate)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number;
	bool is_set;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and as long as it looks */
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return is_set;
}

static bool set_dates(X509 *certificate, int64_t from_s, int64_t ends_s)
{
	AUTO(moment) ASN1_TIME *from = ASN1_TIME_set(NULL, from_s);
	AUTO(moment) ASN1_TIME *until = ASN1_TIME_set(NULL, ends_s);

	return from && until && X509_set1_notBefore(certificate, from) && X509_set1_notAfter(certificate, until);
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	AUTO(extension) X509_EXTENSION *extension = NULL;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&context);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	return extension && X509_add_ext(certificate, extension, -1);
}

static bool add_entry(X509_NAME *name, int nid, const char *text)
{
	return !*text || X509_NAME_add_entry_by_NID(
				 name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0);
}

/* O=haishin, OU=INSTITUTION, CN=NAME */
static X509_NAME *name_of(const struct authority_bearer *bearer)
{
	AUTO(name) X509_NAME *name = X509_NAME_new();

	if (!name || !add_entry(name, NID_organizationName, "haishin") ||
		!add_entry(name, NID_organizationalUnitName, bearer->institution) ||
		!add_entry(name, NID_commonName, bearer->name))
		return NULL;
	return take_ptr(&name);
}

static int print_name(const X509_NAME *name, char ret_subject[static AUTHORITY_SUBJECT_SIZE], struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio ||
		X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0 ||
		(len = BIO_get_mem_data(bio, &text)) <= 0 || len >= AUTHORITY_SUBJECT_SIZE)
		return error_set(err, ERROR_INPUT, "the name is too long for a certificate");
	memcpy(ret_subject, text, (size_t)len);
	ret_subject[len] = '\0';
	return 0;
}

int authority_name(const struct authority_bearer *bearer, char ret_subject[static AUTHORITY_SUBJECT_SIZE],
	struct error *err)
{
	AUTO(name) X509_NAME *name = NULL;
	char printable[4 * AUTHORITY_NAME_SIZE];

	text_printable(bearer->name, printable, sizeof(printable));
	if (!*bearer->name || strcmp(bearer->name, printable) != 0)
		return error_set(err, ERROR_INPUT, "a name in a certificate is printable text of 1 to 64 characters");
	if (!(name = name_of(bearer)))
		return error_set(err, ERROR_INPUT,
			"'%.80s' cannot stand in a certificate: a name has at most 64 characters", bearer->name);
	return print_name(name, ret_subject, err);
}

static bool fill_in(const struct authority *authority, const struct authority_request *request, X509 *certificate,
	const X509_NAME *subject, const struct authority_bearer *bearer)
{
	char former[sizeof("URI:" AUTHORITY_FORMER) + SHA256_HEX_SIZE];

	if (*bearer->former) {
		(void)snprintf(former, sizeof(former), "URI:" AUTHORITY_FORMER "%.64s", bearer->former);
		if (!add_extension(certificate, authority->certificate, NID_subject_alt_name, former))
			return false;
	}
	return X509_set_version(certificate, 2) && set_serial(certificate) &&
	       X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate)) &&
	       X509_set_subject_name(certificate, subject) &&
	       X509_set_pubkey(certificate, X509_REQ_get0_pubkey(request->request)) &&
	       add_extension(certificate, authority->certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(certificate, authority->certificate, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(certificate, authority->certificate, NID_ext_key_usage, "clientAuth") &&
	       add_extension(certificate, authority->certificate, NID_subject_key_identifier, "hash") &&
	       add_extension(certificate, authority->certificate, NID_authority_key_identifier, "keyid");
}

static int sign(const struct authority *authority, struct authority_issued *issued, struct error *err)
{
	X509 *certificate = issued->certificate;
	int result = authority_sign_certificate(authority, &certificate, err);

	issued->certificate = certificate;
	return result;
}

static int describe(struct authority_issued *issued, struct error *err)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(issued->certificate), NULL);
	char *digits = number ? BN_bn2hex(number) : NULL;
	struct sha256 digest;

	BN_free(number);
	if (!digits || !X509_digest(issued->certificate, EVP_sha256(), digest.bytes, NULL)) {
		OPENSSL_free(digits);
		return no_certificate(err);
	}
	(void)snprintf(issued->serial, sizeof(issued->serial), "%s", digits);
	OPENSSL_free(digits);
	(void)sha256_hex(&digest, issued->fingerprint);
	return print_name(X509_get_subject_name(issued->certificate), issued->subject, err);
}

int authority_issue(const struct authority *authority, const struct authority_request *request,
	const struct authority_bearer *bearer, int64_t now_s, int64_t days, struct authority_issued *ret_issued,
	struct error *err)
{
	int64_t own_end_s = seconds_of(X509_get0_notAfter(authority->certificate));
	AUTO(authority_issued) struct authority_issued issued = {.from_s = now_s - EARLIER_S};
	AUTO(name)
	X509_NAME *subject = bearer->as_requested ? X509_NAME_dup(X509_REQ_get_subject_name(request->request))
						  : name_of(bearer);

	issued.ends_s = now_s + days * DAY_S < own_end_s ? now_s + days * DAY_S : own_end_s;
	if (!subject || !(issued.certificate = X509_new()) ||
		!fill_in(authority, request, issued.certificate, subject, bearer) ||
		!set_dates(issued.certificate, issued.from_s, issued.ends_s))
		return no_certificate(err);
	if (sign(authority, &issued, err) < 0 || describe(&issued, err) < 0)
		return -1;
	*ret_issued = issued;
	issued = (struct authority_issued){0};
	return 0;
}

void authority_issued_clear(struct authority_issued *issued)
{
	X509_free(issued->certificate);
	*issued = (struct authority_issued){0};
}

/* ---- As EST sends them ---- */

/* RFC 7030, 4.1.3 and 4.2.3: signed data without a signature, which holds certificates alone. */
static PKCS7 *pack(X509 *certificate)
{
	AUTO(pkcs7) PKCS7 *pkcs7 = PKCS7_new();

	if (!pkcs7 || !PKCS7_set_type(pkcs7, NID_pkcs7_signed) || !PKCS7_content_new(pkcs7, NID_pkcs7_data) ||
		!PKCS7_set_detached(pkcs7, 1) || !PKCS7_add_certificate(pkcs7, certificate))
		return NULL;
	return take_ptr(&pkcs7);
}

static int write_certificate(X509 *certificate, struct buf *ret_text, struct error *err)
{
	AUTO(pkcs7) PKCS7 *pkcs7 = pack(certificate);
	unsigned char *der = NULL;
	int len = pkcs7 ? i2d_PKCS7(pkcs7, &der) : -1, result;

	if (len <= 0)
		return no_certificate(err);
	result = authority_text_write(der, (size_t)len, ret_text, err);
	OPENSSL_free(der);
	return result;
}

int authority_write_own(const struct authority *authority, struct buf *ret_text, struct error *err)
{
	return write_certificate(authority->certificate, ret_text, err);
}

int authority_issued_write(const struct authority_issued *issued, struct buf *ret_text, struct error *err)
{
	return write_certificate(issued->certificate, ret_text, err);
}

/* ---- Whose it is ---- */

static bool is_signed(const struct authority *authority, X509 *certificate)
{
	return certificate &&
	       X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(authority->certificate)) == 0 &&
	       X509_verify(certificate, X509_get0_pubkey(authority->certificate)) == 1;
}

bool authority_signed(const struct authority *authority, const void *der, size_t len)
{
	const unsigned char *at = der;
	AUTO(x509) X509 *certificate = d2i_X509(NULL, &at, (long)len);

	return is_signed(authority, certificate);
}

bool authority_signed_pem(const struct authority *authority, const char *pem)
{
	AUTO(x509) X509 *certificate = read_certificate(pem);

	return is_signed(authority, certificate);
}

bool authority_is_among(const char *pem, const char *trusted_pem)
{
	AUTO(x509) X509 *own = read_certificate(pem);
	AUTO(bio) BIO *bio = BIO_new_mem_buf(trusted_pem, -1);
	bool found = false;
	X509 *next;

	while (own && bio && !found && (next = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL))) {
		found = X509_cmp(own, next) == 0;
		X509_free(next);
	}
	return found;
}

/* ---- A new one ---- */

static int write_certificate_pem(X509 *certificate, struct buf *ret_pem, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || !PEM_write_bio_X509(bio, certificate))
		return no_certificate(err);
	len = BIO_get_mem_data(bio, &text);
	return buf_append(ret_pem, text, (size_t)len, err);
}

static int write_key_pem(EVP_PKEY *key, struct buf *ret_pem, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long len;

	if (!bio || !PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return no_certificate(err);
	len = BIO_get_mem_data(bio, &text);
	return buf_append(ret_pem, text, (size_t)len, err);
}

/* PUBLIC_KEY: of the authority, which signs itself. */
static int make_own(
	struct authority *authority, EVP_PKEY *public_key, const char *name, int64_t now_s, struct error *err)
{
	AUTO(x509) X509 *certificate = X509_new();
	AUTO(name) X509_NAME *subject = X509_NAME_new();

	if (!public_key || !certificate || !subject || !add_entry(subject, NID_commonName, name) ||
		!X509_set_version(certificate, 2) || !set_serial(certificate) ||
		!X509_set_issuer_name(certificate, subject) || !X509_set_subject_name(certificate, subject) ||
		!X509_set_pubkey(certificate, public_key) ||
		!set_dates(certificate, now_s - EARLIER_S, now_s + OWN_DAYS * DAY_S) ||
		!add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE") ||
		!add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
		!add_extension(certificate, certificate, NID_subject_key_identifier, "hash"))
		return no_certificate(err);
	authority->certificate = take_ptr(&certificate);
	return authority_sign_certificate(authority, &authority->certificate, err);
}

int authority_make(const char *name, int64_t now_s, struct buf *ret_certificate_pem, struct buf *ret_key_pem,
	struct error *err)
{
	AUTO(authority) struct authority *authority = calloc(1, sizeof(*authority));

	if (!authority || !(authority->key = EVP_EC_gen("P-256")))
		return no_certificate(err);
	if (make_own(authority, authority->key, name, now_s, err) < 0 ||
		write_certificate_pem(authority->certificate, ret_certificate_pem, err) < 0)
		return -1;
	return write_key_pem(authority->key, ret_key_pem, err);
}

int authority_make_for(const struct private_key_place *place, const char *name, int64_t now_s,
	struct buf *ret_certificate_pem, struct error *err)
{
	AUTO(authority) struct authority *authority = calloc(1, sizeof(*authority));
	AUTO(pkey) EVP_PKEY *public_key = NULL;

	if (!authority)
		return no_certificate(err);
	if (read_token(place, authority, &public_key, err) < 0)
		return error_context(err, "[authority] key");
	if (make_own(authority, public_key, name, now_s, err) < 0)
		return -1;
	return write_certificate_pem(authority->certificate, ret_certificate_pem, err);
}
