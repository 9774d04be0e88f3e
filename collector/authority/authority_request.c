#include "collector/authority/authority_request.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "collector/authority/authority_text.h"
#include "common/text.h"

#define REQUEST_MOST 16384

DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);

/* ---- Its parts ---- */

static bool is_curve(const EVP_PKEY *key, const char *name)
{
	char group[64] = "";

	return EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 && strcmp(group, name) == 0;
}

static bool is_strong(const EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return is_curve(key, "prime256v1") || is_curve(key, "secp384r1");
	case EVP_PKEY_RSA:
		return EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192;
	default:
		return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	}
}

static int check_key(X509_REQ *request, struct error *err)
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(request);

	if (!key)
		return error_set(err, ERROR_INPUT, "the request's public key cannot be read");
	if (!is_strong(key))
		return error_set(err, ERROR_INPUT,
			"the request's key is none of P-256, P-384, Ed25519, and RSA of 2048 to 8192 bits");
	if (X509_REQ_verify(request, key) != 1)
		return error_set(err, ERROR_INPUT,
			"the request is not signed with the private key that belongs to its public one");
	return 0;
}

static int name_key(X509_REQ *request, char ret_hex[static SHA256_HEX_SIZE], struct error *err)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &der);
	struct sha256 digest;

	if (len <= 0)
		return error_set(err, ERROR_INPUT, "the request's public key cannot be read");
	sha256_of(der, (size_t)len, &digest);
	OPENSSL_free(der);
	(void)sha256_hex(&digest, ret_hex);
	return 0;
}

static int read_subject(X509_REQ *request, char *ret_subject, size_t size, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || X509_NAME_print_ex(bio, X509_REQ_get_subject_name(request), 0,
			    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
		return error_set(err, ERROR_INPUT, "the request's subject cannot be read");
	len = BIO_get_mem_data(bio, &text);
	if (len < 0 || (size_t)len >= size || (len > 0 && memchr(text, '\0', (size_t)len)) ||
		!text_is_utf8(text, (size_t)len))
		return error_set(
			err, ERROR_INPUT, "the request's subject is no text, or longer than %zu bytes", size - 1);
	if (len > 0)
		memcpy(ret_subject, text, (size_t)len);
	ret_subject[len] = '\0';
	return 0;
}

/* ---- The whole ---- */

int authority_request_read(
	const char *text, size_t len, struct authority_request *ret_request, struct error *err)
{
	AUTO(authority_request) struct authority_request request = {0};
	AUTO(buf) struct buf der = BUF_INIT(REQUEST_MOST);
	const unsigned char *at;

	if (authority_text_read(text, len, &der, err) < 0)
		return error_context(err, "the certificate request, which is sent as base64 of PKCS#10");
	at = (const unsigned char *)der.data;
	if (!(request.request = d2i_X509_REQ(NULL, &at, (long)der.len)))
		return error_set(err, ERROR_INPUT, "this is no certificate request (PKCS#10 in DER, as base64)");
	if (check_key(request.request, err) < 0 || name_key(request.request, request.key, err) < 0 ||
		read_subject(request.request, request.subject, sizeof(request.subject), err) < 0)
		return -1;
	*ret_request = request;
	request = (struct authority_request){0};
	return 0;
}

void authority_request_clear(struct authority_request *request)
{
	X509_REQ_free(request->request);
	*request = (struct authority_request){0};
}
