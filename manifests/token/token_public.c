#include "manifests/token/token_public.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#define ED25519_SIZE 32
#define VALUE_MOST 4096

const CK_BYTE token_p256[10] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
const CK_BYTE token_ed25519[5] = {0x06, 0x03, 0x2b, 0x65, 0x70};

static void auto_pkey(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void auto_builder(OSSL_PARAM_BLD **builder)
{
	OSSL_PARAM_BLD_free(*builder);
}

static void auto_number(BIGNUM **number)
{
	BN_free(*number);
}

/* Tokens write a point as an OCTET STRING, as PKCS#11 says, or as its bare bytes. */
static void unwrap(const struct buf *point, const unsigned char **ret_bytes, size_t *ret_len)
{
	const unsigned char *bytes = (const unsigned char *)point->data;

	*ret_bytes = bytes;
	*ret_len = point->len;
	if (point->len > 2 && bytes[0] == 0x04 && bytes[1] == point->len - 2) {
		*ret_bytes = bytes + 2;
		*ret_len = point->len - 2;
	}
}

static EVP_PKEY *from_builder(const char *algorithm, OSSL_PARAM_BLD *builder)
{
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	EVP_PKEY *key = NULL;

	if (parameters && context && EVP_PKEY_fromdata_init(context) == 1)
		(void)EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	return key;
}

static EVP_PKEY *p256_key(const struct buf *point)
{
	AUTO(builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	const unsigned char *bytes;
	size_t len;

	unwrap(point, &bytes, &len);
	if (!builder || !OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ||
		!OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, bytes, len))
		return NULL;
	return from_builder("EC", builder);
}

static EVP_PKEY *ed25519_key(const struct buf *point)
{
	const unsigned char *bytes;
	size_t len;

	unwrap(point, &bytes, &len);
	return len == ED25519_SIZE ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, len) : NULL;
}

static EVP_PKEY *rsa_key(const struct buf *modulus, const struct buf *exponent)
{
	AUTO(builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	AUTO(number) BIGNUM *n = BN_bin2bn((const unsigned char *)modulus->data, (int)modulus->len, NULL);
	AUTO(number) BIGNUM *e = BN_bin2bn((const unsigned char *)exponent->data, (int)exponent->len, NULL);

	if (!builder || !n || !e || !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) ||
		!OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
		return NULL;
	return from_builder("RSA", builder);
}

static int find_public(
	const struct token_session *session, CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE *ret_public, struct error *err)
{
	AUTO(buf) struct buf id = BUF_INIT(VALUE_MOST);
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_ID, NULL, 0}};

	if (token_attribute(session, key, CKA_ID, &id, err) < 0)
		return -1;
	template[1].pValue = id.data;
	template[1].ulValueLen = id.len;
	if (token_find(session, template, 2, ret_public, err) < 0)
		return error_context(err, "the public half of the key");
	return 0;
}

/* The key on the curve that the token names. */
static EVP_PKEY *curve_key(const struct buf *curve, const struct buf *point, enum key_kind *ret_kind)
{
	if (curve->len == sizeof(token_p256) && memcmp(curve->data, token_p256, curve->len) == 0) {
		*ret_kind = KEY_ECDSA_P256;
		return p256_key(point);
	}
	*ret_kind = KEY_ED25519;
	return ed25519_key(point);
}

static int read_public(const struct token_session *session, CK_OBJECT_HANDLE public, CK_KEY_TYPE type,
	enum key_kind *ret_kind, EVP_PKEY **ret_key, struct error *err)
{
	AUTO(buf) struct buf first = BUF_INIT(VALUE_MOST);
	AUTO(buf) struct buf second = BUF_INIT(VALUE_MOST);
	bool rsa = type == CKK_RSA;

	if (token_attribute(session, public, rsa ? CKA_MODULUS : CKA_EC_PARAMS, &first, err) < 0 ||
		token_attribute(session, public, rsa ? CKA_PUBLIC_EXPONENT : CKA_EC_POINT, &second, err) < 0)
		return -1;
	*ret_kind = KEY_RSA_PSS;
	*ret_key = rsa ? rsa_key(&first, &second) : curve_key(&first, &second, ret_kind);
	return 0;
}

int token_public(const struct token_session *session, CK_OBJECT_HANDLE key, enum key_kind *ret_kind,
	struct buf *ret_der, struct error *err)
{
	AUTO(buf) struct buf type_bytes = BUF_INIT(sizeof(CK_KEY_TYPE));
	AUTO(pkey) EVP_PKEY *public_key = NULL;
	unsigned char *der = NULL;
	CK_OBJECT_HANDLE public;
	CK_KEY_TYPE type = 0;
	int len, result;

	if (token_attribute(session, key, CKA_KEY_TYPE, &type_bytes, err) < 0)
		return -1;
	memcpy(&type, type_bytes.data, type_bytes.len);
	if (type != CKK_RSA && type != CKK_EC && type != CKK_EC_EDWARDS)
		return error_set(err, ERROR_INPUT, "the key is neither Ed25519, nor ECDSA P-256, nor RSA");
	if (find_public(session, key, &public, err) < 0 ||
		read_public(session, public, type, ret_kind, &public_key, err) < 0)
		return -1;
	len = public_key ? i2d_PUBKEY(public_key, &der) : -1;
	ERR_clear_error();
	if (len < 0)
		return error_set(err, ERROR_INPUT, "the key is neither Ed25519, nor ECDSA P-256, nor RSA");
	result = buf_append(ret_der, der, (size_t)len, err);
	OPENSSL_free(der);
	return result;
}
