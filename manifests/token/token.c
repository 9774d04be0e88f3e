#include "manifests/token/token.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/rand.h>

#include "common/digest.h"
#include "manifests/token/token_public.h"
#include "manifests/token/token_session.h"

#define RSA_BITS 3072
#define P256_SIZE 64
#define ID_SIZE 16
#define TEMPLATE_MOST 16

/* A private key and the session it is used in. */
struct token_key {
	struct token_session session;
	CK_OBJECT_HANDLE object;
	pthread_mutex_t lock; /* a session has one signature at a time under way */
};

static void token_key_free(void *context)
{
	struct token_key *key = context;

	if (!key)
		return;
	token_session_close(&key->session);
	(void)pthread_mutex_destroy(&key->lock);
	free(key);
}
DEFINE_AUTO_PTR(token_key, struct token_key, token_key_free);

/* NULL where there is no memory. */
static struct token_key *token_key_new(void)
{
	struct token_key *key = calloc(1, sizeof(*key));

	if (key)
		(void)pthread_mutex_init(&key->lock, NULL);
	return key;
}

/* ---- Signing ---- */

/* ECDSA is signed over a digest of ours, and comes as two numbers of 32 bytes; TUF has them in DER. */
static int ecdsa_to_der(const unsigned char *raw, unsigned char *ret_der, size_t *ret_len, struct error *err)
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, P256_SIZE / 2, NULL);
	BIGNUM *s = BN_bin2bn(raw + P256_SIZE / 2, P256_SIZE / 2, NULL);
	int len = -1;

	if (signature && r && s && ECDSA_SIG_set0(signature, r, s) == 1)
		len = i2d_ECDSA_SIG(signature, &ret_der);
	ECDSA_SIG_free(signature);
	if (len < 0)
		return error_set(err, ERROR_FAILED, "no memory for a signature");
	*ret_len = (size_t)len;
	return 0;
}

static CK_MECHANISM mechanism_for(enum key_kind kind, CK_RSA_PKCS_PSS_PARAMS *pss)
{
	*pss = (CK_RSA_PKCS_PSS_PARAMS){.hashAlg = CKM_SHA256, .mgf = CKG_MGF1_SHA256, .sLen = SHA256_SIZE};
	if (kind == KEY_RSA_PSS)
		return (CK_MECHANISM){CKM_SHA256_RSA_PKCS_PSS, pss, sizeof(*pss)};
	return (CK_MECHANISM){kind == KEY_ED25519 ? CKM_EDDSA : CKM_ECDSA, NULL, 0};
}

static CK_RV sign_raw(struct token_key *key, CK_MECHANISM *mechanism, const void *data, size_t len,
	unsigned char *ret_raw, CK_ULONG *ret_len)
{
	const CK_FUNCTION_LIST *module = key->session.module;
	CK_RV rv;

	(void)pthread_mutex_lock(&key->lock);
	rv = module->C_SignInit(key->session.session, mechanism, key->object);
	if (rv == CKR_OK)
		rv = module->C_Sign(key->session.session, (CK_BYTE *)(uintptr_t)data, len, ret_raw, ret_len);
	(void)pthread_mutex_unlock(&key->lock);
	return rv;
}

static int token_sign(void *context, enum key_kind kind, const void *data, size_t len, unsigned char *ret_signature,
	size_t *ret_len, struct error *err)
{
	struct token_key *key = context;
	CK_RSA_PKCS_PSS_PARAMS pss;
	CK_MECHANISM mechanism = mechanism_for(kind, &pss);
	unsigned char raw[SIGNER_SIGNATURE_MAX_BYTES];
	CK_ULONG raw_len = sizeof(raw);
	struct sha256 digest;
	CK_RV rv;

	sha256_of(data, len, &digest);
	rv = kind == KEY_ECDSA_P256 ? sign_raw(key, &mechanism, digest.bytes, sizeof(digest.bytes), raw, &raw_len)
				    : sign_raw(key, &mechanism, data, len, raw, &raw_len);
	if (rv != CKR_OK)
		return token_failed(&key->session, "signing", rv, err);
	if (kind == KEY_ECDSA_P256)
		return raw_len == P256_SIZE
			       ? ecdsa_to_der(raw, ret_signature, ret_len, err)
			       : error_set(err, ERROR_FAILED, "the token's signature has %lu bytes", raw_len);
	memcpy(ret_signature, raw, raw_len);
	*ret_len = raw_len;
	return 0;
}

static const struct signer_outside outside = {.sign = token_sign, .free = token_key_free};

/* A signer for the key; takes it over, also on failure. */
static struct signer *make_signer(struct token_key *take_key, struct error *err)
{
	AUTO(token_key) struct token_key *key = take_key;
	AUTO(buf) struct buf der = BUF_INIT(4096);
	enum key_kind kind;

	if (token_public(&key->session, key->object, &kind, &der, err) < 0)
		return NULL;
	return signer_from_outside(der.data, der.len, &outside, take_ptr(&key), err);
}

/* ---- Keys that are there ---- */

/* What the URI says of the key, but for its class, which is known. */
static size_t key_template(P11KitUri *uri, CK_OBJECT_CLASS *class, CK_ATTRIBUTE ret_template[static TEMPLATE_MOST])
{
	CK_ULONG count = 0;
	CK_ATTRIBUTE *said = p11_kit_uri_get_attributes(uri, &count);
	size_t len = 0;

	ret_template[len++] = (CK_ATTRIBUTE){CKA_CLASS, class, sizeof(*class)};
	for (CK_ULONG i = 0; i < count && len < TEMPLATE_MOST; i++)
		if (said[i].type != CKA_CLASS)
			ret_template[len++] = said[i];
	return len;
}

struct signer *token_signer(const char *text, const struct token_pin *pin, struct error *err)
{
	AUTO(uri) P11KitUri *uri = token_read_uri(text, err);
	AUTO(token_key) struct token_key *key = token_key_new();
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[TEMPLATE_MOST];

	if (!uri || !key || token_session_open(uri, false, pin, &key->session, err) < 0 ||
		token_find(&key->session, template, key_template(uri, &class, template), &key->object, err) < 0)
		return NULL;
	return make_signer(take_ptr(&key), err);
}

/* ---- New keys ---- */

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/* What tells one kind from another when a key is made. */
static size_t public_template(enum key_kind kind, CK_ULONG *bits, CK_ATTRIBUTE ret_template[static TEMPLATE_MOST])
{
	static const CK_BYTE exponent[] = {1, 0, 1};
	size_t len = 0;

	ret_template[len++] = (CK_ATTRIBUTE){CKA_TOKEN, (void *)(uintptr_t)&yes, sizeof(yes)};
	ret_template[len++] = (CK_ATTRIBUTE){CKA_VERIFY, (void *)(uintptr_t)&yes, sizeof(yes)};
	if (kind == KEY_RSA_PSS) {
		ret_template[len++] = (CK_ATTRIBUTE){CKA_MODULUS_BITS, bits, sizeof(*bits)};
		ret_template[len++] =
			(CK_ATTRIBUTE){CKA_PUBLIC_EXPONENT, (void *)(uintptr_t)exponent, sizeof(exponent)};
	} else if (kind == KEY_ECDSA_P256) {
		ret_template[len++] =
			(CK_ATTRIBUTE){CKA_EC_PARAMS, (void *)(uintptr_t)token_p256, sizeof(token_p256)};
	} else {
		ret_template[len++] =
			(CK_ATTRIBUTE){CKA_EC_PARAMS, (void *)(uintptr_t)token_ed25519, sizeof(token_ed25519)};
	}
	return len;
}

static int generate(struct token_key *key, enum key_kind kind, CK_ATTRIBUTE *label, CK_ATTRIBUTE *id,
	CK_OBJECT_HANDLE *ret_public, struct error *err)
{
	static const CK_MECHANISM_TYPE types[] = {
		[KEY_ED25519] = CKM_EC_EDWARDS_KEY_PAIR_GEN,
		[KEY_ECDSA_P256] = CKM_EC_KEY_PAIR_GEN,
		[KEY_RSA_PSS] = CKM_RSA_PKCS_KEY_PAIR_GEN,
	};
	CK_MECHANISM mechanism = {types[kind], NULL, 0};
	CK_ATTRIBUTE public[TEMPLATE_MOST], private[] = {{CKA_TOKEN, (void *)(uintptr_t)&yes, sizeof(yes)},
						    {CKA_PRIVATE, (void *)(uintptr_t)&yes, sizeof(yes)},
						    {CKA_SENSITIVE, (void *)(uintptr_t)&yes, sizeof(yes)},
						    {CKA_EXTRACTABLE, (void *)(uintptr_t)&no, sizeof(no)},
						    {CKA_SIGN, (void *)(uintptr_t)&yes, sizeof(yes)}, *label, *id};
	CK_ULONG bits = RSA_BITS;
	size_t len = public_template(kind, &bits, public);
	CK_RV rv;

	public[len++] = *label;
	public[len++] = *id;
	rv = key->session.module->C_GenerateKeyPair(key->session.session, &mechanism, public, len, private,
		sizeof(private) / sizeof(*private), ret_public, &key->object);
	if (rv == CKR_MECHANISM_INVALID || rv == CKR_MECHANISM_PARAM_INVALID)
		return error_set(err, ERROR_INPUT, "token '%s' makes no keys of this kind; try --kind ecdsa or rsa",
			key->session.label);
	return rv == CKR_OK ? 0 : token_failed(&key->session, "making a key", rv, err);
}

/* The label is not taken. */
static int check_new(const struct token_key *key, CK_ATTRIBUTE *label, struct error *err)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)}, *label};
	struct error why = {0};
	CK_OBJECT_HANDLE found;

	if (token_find(&key->session, template, 2, &found, &why) < 0 && why.code == ERROR_NOT_FOUND)
		return 0;
	return error_set(err, ERROR_USAGE, "token '%s' has a key '%.*s' already", key->session.label,
		(int)label->ulValueLen, (const char *)label->pValue);
}

/* Names the token and the key, and the library where the URI that was given names it. */
static char *uri_of(
	P11KitUri *given, const struct token_key *key, CK_ATTRIBUTE *label, CK_ATTRIBUTE *id, struct error *err)
{
	AUTO(uri) P11KitUri *uri = p11_kit_uri_new();
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE class_attribute = {CKA_CLASS, &class, sizeof(class)};
	char *text = NULL;

	if (uri) {
		*p11_kit_uri_get_token_info(uri) = key->session.info;
		if (p11_kit_uri_get_module_path(given))
			p11_kit_uri_set_module_path(uri, p11_kit_uri_get_module_path(given));
	}
	if (!uri || p11_kit_uri_set_attribute(uri, label) != P11_KIT_URI_OK ||
		p11_kit_uri_set_attribute(uri, id) != P11_KIT_URI_OK ||
		p11_kit_uri_set_attribute(uri, &class_attribute) != P11_KIT_URI_OK ||
		p11_kit_uri_format(uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN_AND_MODULE, &text) != P11_KIT_URI_OK)
		(void)error_set(err, ERROR_FAILED, "no memory for a key's URI");
	return text;
}

/* Takes back what generate made; what cannot be taken back has no bearing on the error there is. */
static void take_back(const struct token_key *key, CK_OBJECT_HANDLE public)
{
	(void)key->session.module->C_DestroyObject(key->session.session, key->object);
	(void)key->session.module->C_DestroyObject(key->session.session, public);
}

struct signer *token_generate(const char *text, const char *label, enum key_kind kind, const struct token_pin *pin,
	char **ret_uri, struct error *err)
{
	AUTO(uri) P11KitUri *uri = token_read_uri(text, err);
	AUTO(token_key) struct token_key *key = token_key_new();
	CK_ATTRIBUTE label_attribute = {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)};
	unsigned char id[ID_SIZE];
	CK_ATTRIBUTE id_attribute = {CKA_ID, id, sizeof(id)};
	AUTO(free) char *made_uri = NULL;
	CK_OBJECT_HANDLE public;
	AUTO(buf) struct buf der = BUF_INIT(4096);
	enum key_kind made;

	if (!uri || !key || RAND_bytes(id, sizeof(id)) != 1 ||
		token_session_open(uri, true, pin, &key->session, err) < 0 ||
		check_new(key, &label_attribute, err) < 0 ||
		generate(key, kind, &label_attribute, &id_attribute, &public, err) < 0)
		return NULL;
	if (!(made_uri = uri_of(uri, key, &label_attribute, &id_attribute, err)) ||
		token_public(&key->session, key->object, &made, &der, err) < 0) {
		take_back(key, public);
		return NULL;
	}
	*ret_uri = take_ptr(&made_uri);
	return signer_from_outside(der.data, der.len, &outside, take_ptr(&key), err);
}
