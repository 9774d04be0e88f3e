#include "tests/support/pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

static void need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "test certificates: cannot make %s\n", what);
	abort();
}

static char *text_of(BIO *bio)
{
	char *data, *text;
	long len = BIO_get_mem_data(bio, &data);

	need((text = malloc((size_t)len + 1)) != NULL, "a text");
	memcpy(text, data, (size_t)len); /* no NUL ends what a BIO holds */
	text[len] = '\0';
	BIO_free(bio);
	return text;
}

static char *pem_of_certificate(X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());

	need(PEM_write_bio_X509(bio, certificate), "a PEM");
	return text_of(bio);
}

static char *pem_of_key(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	need(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), "a PEM");
	return text_of(bio);
}

static X509 *new_certificate(EVP_PKEY *key, const char *name, int64_t from_s, int64_t to_s)
{
	X509 *certificate = X509_new();
	time_t from = from_s, to = to_s;
	uint64_t serial;

	need(certificate && RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1, "a certificate");
	need(X509_set_version(certificate, X509_VERSION_3) && X509_set_pubkey(certificate, key) &&
			ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) &&
			ASN1_TIME_set(X509_getm_notBefore(certificate), from) &&
			ASN1_TIME_set(X509_getm_notAfter(certificate), to) &&
			X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
				(const unsigned char *)name, -1, -1, 0),
		"a certificate");
	return certificate;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	need((extension = X509V3_EXT_conf_nid(NULL, &context, nid, value)) != NULL, value);
	need(X509_add_ext(certificate, extension, -1), value);
	X509_EXTENSION_free(extension);
}

void pki_init(struct pki *pki, const char *name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *ca = new_certificate(
		key, name, pki_yesterday() - 3650 * INT64_C(86400), pki_next_year() + 3650 * INT64_C(86400));

	need(X509_set_issuer_name(ca, X509_get_subject_name(ca)), "an authority");
	add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign");
	add_extension(ca, ca, NID_subject_key_identifier, "hash");
	need(X509_sign(ca, key, EVP_sha256()) > 0, "an authority's signature");
	*pki = (struct pki){.ca_pem = pem_of_certificate(ca), .ca = ca, .key = key};
}

char *pki_authority_key(const struct pki *pki)
{
	return pem_of_key(pki->key);
}

void pki_clear(struct pki *pki)
{
	free(pki->ca_pem);
	X509_free(pki->ca);
	EVP_PKEY_free(pki->key);
	*pki = (struct pki){0};
}

char *pki_key_pem(const struct pki *pki)
{
	return pem_of_key(pki->key);
}

static void issue(const struct pki *pki, struct pki_pair *ret_pair, X509 *certificate, EVP_PKEY *key,
	const char *purpose, const char *names)
{
	need(X509_set_issuer_name(certificate, X509_get_subject_name(pki->ca)), "an issuer");
	add_extension(certificate, pki->ca, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(certificate, pki->ca, NID_key_usage, "critical,digitalSignature");
	if (purpose)
		add_extension(certificate, pki->ca, NID_ext_key_usage, purpose);
	if (names)
		add_extension(certificate, pki->ca, NID_subject_alt_name, names);
	need(X509_sign(certificate, pki->key, EVP_sha256()) > 0, "a signature");
	*ret_pair = (struct pki_pair){pem_of_certificate(certificate), pem_of_key(key)};
	X509_free(certificate);
	EVP_PKEY_free(key);
}

void pki_issue_server(const struct pki *pki, struct pki_pair *ret_pair, int64_t from_s, int64_t to_s)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	issue(pki, ret_pair, new_certificate(key, "localhost", from_s, to_s), key, "serverAuth",
		"DNS:localhost,IP:127.0.0.1,IP:::1");
}

void pki_issue_server_for_any_purpose(const struct pki *pki, struct pki_pair *ret_pair, int64_t from_s, int64_t to_s)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	issue(pki, ret_pair, new_certificate(key, "localhost", from_s, to_s), key, NULL,
		"DNS:localhost,IP:127.0.0.1,IP:::1");
}

static void revoke(X509_CRL *list, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);

	need(certificate && revoked && X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(certificate)) &&
			X509_REVOKED_set_revocationDate(revoked, now) && X509_CRL_add0_revoked(list, revoked),
		"a revocation");
	ASN1_TIME_free(now);
	X509_free(certificate);
	BIO_free(bio);
}

char *pki_revocation_list(const struct pki *pki, const struct pki_pair *revoked, int64_t from_s, int64_t to_s)
{
	X509_CRL *list = X509_CRL_new();
	BIO *bio = BIO_new(BIO_s_mem());
	ASN1_TIME *from = ASN1_TIME_set(NULL, from_s), *to = ASN1_TIME_set(NULL, to_s);

	need(X509_CRL_set_version(list, X509_CRL_VERSION_2) &&
			X509_CRL_set_issuer_name(list, X509_get_subject_name(pki->ca)) &&
			X509_CRL_set1_lastUpdate(list, from) && X509_CRL_set1_nextUpdate(list, to),
		"a revocation list");
	if (revoked)
		revoke(list, revoked->pem);
	need(X509_CRL_sign(list, pki->key, EVP_sha256()) > 0 && PEM_write_bio_X509_CRL(bio, list),
		"a revocation list");
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_CRL_free(list);
	return text_of(bio);
}

void pki_issue_client(
	const struct pki *pki, struct pki_pair *ret_pair, const char *name, int64_t from_s, int64_t to_s)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	issue(pki, ret_pair, new_certificate(key, name, from_s, to_s), key, "clientAuth", NULL);
}

static X509_NAME *name_of(const char *subject)
{
	X509_NAME *name = X509_NAME_new();
	char part[256], *value;
	size_t len;

	for (; *subject; subject += len + (subject[len] == '/')) {
		len = strcspn(subject, "/");
		(void)snprintf(part, sizeof(part), "%.*s", (int)len, subject);
		need((value = strchr(part, '=')) != NULL, subject);
		*value++ = '\0';
		need(X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0),
			subject);
	}
	return name;
}

static char *base64_of(X509_REQ *request)
{
	unsigned char *der = NULL;
	int len = i2d_X509_REQ(request, &der);
	char *text = len > 0 ? calloc(1, (size_t)len * 2 + 8) : NULL;

	need(text != NULL, "a request");
	(void)EVP_EncodeBlock((unsigned char *)text, der, len);
	OPENSSL_free(der);
	return text;
}

char *pki_request(const char *subject, const char *key_pem, int bits, char **ret_key_pem)
{
	BIO *bio = key_pem ? BIO_new_mem_buf(key_pem, -1) : NULL;
	EVP_PKEY *key = bio    ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
			: bits ? EVP_RSA_gen((unsigned int)bits)
			       : EVP_EC_gen("P-256");
	X509_REQ *request = X509_REQ_new();
	X509_NAME *name = name_of(subject);
	char *text;

	need(key && X509_REQ_set_subject_name(request, name) && X509_REQ_set_pubkey(request, key) &&
			X509_REQ_sign(request, key, EVP_sha256()) > 0,
		"a request");
	text = base64_of(request);
	if (ret_key_pem)
		*ret_key_pem = pem_of_key(key);
	X509_NAME_free(name);
	X509_REQ_free(request);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return text;
}

char *pki_answer(const char *base64, size_t len)
{
	BIO *memory = BIO_new_mem_buf(base64, (int)len), *decoder = BIO_push(BIO_new(BIO_f_base64()), memory);
	PKCS7 *pkcs7 = d2i_PKCS7_bio(decoder, NULL);
	char *pem = NULL;

	if (pkcs7 && PKCS7_type_is_signed(pkcs7) && sk_X509_num(pkcs7->d.sign->cert) == 1)
		pem = pem_of_certificate(sk_X509_value(pkcs7->d.sign->cert, 0));
	PKCS7_free(pkcs7);
	BIO_free_all(decoder);
	return pem;
}

int pki_has_name(const char *pem, const char *uri)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int found = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		found |= name->type == GEN_URI &&
			 strcmp((const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier), uri) == 0;
	}
	GENERAL_NAMES_free(names);
	X509_free(certificate);
	BIO_free(bio);
	return found;
}

void pki_pair_clear(struct pki_pair *pair)
{
	free(pair->pem);
	free(pair->key_pem);
	*pair = (struct pki_pair){0};
}

int64_t pki_yesterday(void)
{
	return (int64_t)time(NULL) - 86400;
}

int64_t pki_next_year(void)
{
	return (int64_t)time(NULL) + 365 * INT64_C(86400);
}
