#include <openssl/asn1t.h>
#include <openssl/rsa.h>

#include "collector/authority/authority_key.h"
#include "common/auto.h"

/* Such a structure is three things: what is signed, by which algorithm, the signature (RFC 5280, 4.1.1 and 5.1.1). */
enum { SIGNED, ALGORITHM, SIGNATURE, PARTS };

#define RSA_BITS 2048

typedef STACK_OF(ASN1_TYPE) parts_stack;

static void parts_free(parts_stack *parts)
{
	sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
}
DEFINE_AUTO_PTR(parts, parts_stack, parts_free);
DEFINE_AUTO_PTR(digest_context, EVP_MD_CTX, EVP_MD_CTX_free);

static int no_signature(struct error *err)
{
	return error_set(err, ERROR_FAILED, "the authority cannot sign");
}

EVP_PKEY *authority_stand_in(const EVP_PKEY *public_key)
{
	switch (EVP_PKEY_get_base_id(public_key)) {
	case EVP_PKEY_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case EVP_PKEY_EC:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	default:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS);
	}
}

/* A signature of KEY, ready to be made. Tokens sign with RSA as TUF has it, by PSS; a key in a file as its authority always did. */
static EVP_MD_CTX *begin(const struct authority *authority)
{
	AUTO(digest_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	int kind = EVP_PKEY_get_base_id(authority->key);
	EVP_PKEY_CTX *parameters;

	if (!context || EVP_DigestSignInit(context, &parameters, kind == EVP_PKEY_ED25519 ? NULL : EVP_sha256(), NULL,
				authority->key) != 1)
		return NULL;
	if (authority->signer && kind == EVP_PKEY_RSA &&
		(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
			EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1))
		return NULL;
	return take_ptr(&context);
}

/* ---- In a token ---- */

static int replace_signature(
	const struct authority *authority, const ASN1_TYPE *what, ASN1_TYPE *signature, struct error *err)
{
	unsigned char bytes[SIGNER_SIGNATURE_MAX_BYTES];
	ASN1_BIT_STRING *bits = signature->value.bit_string;
	size_t len;

	if (what->type != V_ASN1_SEQUENCE || signature->type != V_ASN1_BIT_STRING)
		return no_signature(err);
	if (signer_sign_bytes(authority->signer, ASN1_STRING_get0_data(what->value.sequence),
		    (size_t)ASN1_STRING_length(what->value.sequence), bytes, &len, err) < 0)
		return -1;
	if (!ASN1_BIT_STRING_set(bits, bytes, (int)len))
		return no_signature(err);
	bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
	bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
	return 0;
}

/* The same with the token's signature in place of the stand-in's, which OpenSSL has put the algorithms' names to. DER in and out;
 * RET_DER is OpenSSL's. */
static int seal(const struct authority *authority, const unsigned char *der, int len, unsigned char **ret_der,
	int *ret_len, struct error *err)
{
	AUTO(parts) parts_stack *parts = d2i_ASN1_SEQUENCE_ANY(NULL, &der, len);

	if (!parts || sk_ASN1_TYPE_num(parts) != PARTS)
		return no_signature(err);
	if (replace_signature(
		    authority, sk_ASN1_TYPE_value(parts, SIGNED), sk_ASN1_TYPE_value(parts, SIGNATURE), err) < 0)
		return -1;
	*ret_der = NULL;
	*ret_len = i2d_ASN1_SEQUENCE_ANY(parts, ret_der);
	return *ret_len > 0 ? 0 : no_signature(err);
}

/* NULL on failure. */
static ASN1_VALUE *seal_item(
	const struct authority *authority, const ASN1_VALUE *value, const ASN1_ITEM *item, struct error *err)
{
	unsigned char *plain = NULL, *sealed = NULL;
	int len = ASN1_item_i2d(value, &plain, item), sealed_len;
	ASN1_VALUE *made = NULL;

	if (len <= 0) {
		(void)no_signature(err);
	} else if (seal(authority, plain, len, &sealed, &sealed_len, err) == 0) {
		const unsigned char *at = sealed;

		if (!(made = ASN1_item_d2i(NULL, &at, sealed_len, item)))
			(void)no_signature(err);
	}
	OPENSSL_free(plain);
	OPENSSL_free(sealed);
	return made;
}

/* ---- The whole ---- */

int authority_sign_certificate(const struct authority *authority, X509 **certificate, struct error *err)
{
	AUTO(digest_context) EVP_MD_CTX *context = begin(authority);
	X509 *sealed;

	if (!context || X509_sign_ctx(*certificate, context) <= 0)
		return no_signature(err);
	if (!authority->signer)
		return 0;
	if (!(sealed = (X509 *)seal_item(authority, (ASN1_VALUE *)*certificate, ASN1_ITEM_rptr(X509), err)))
		return -1;
	X509_free(*certificate);
	*certificate = sealed;
	return 0;
}

int authority_sign_list(const struct authority *authority, X509_CRL **list, struct error *err)
{
	AUTO(digest_context) EVP_MD_CTX *context = begin(authority);
	X509_CRL *sealed;

	if (!context || X509_CRL_sign_ctx(*list, context) <= 0)
		return no_signature(err);
	if (!authority->signer)
		return 0;
	if (!(sealed = (X509_CRL *)seal_item(authority, (ASN1_VALUE *)*list, ASN1_ITEM_rptr(X509_CRL), err)))
		return -1;
	X509_CRL_free(*list);
	*list = sealed;
	return 0;
}
