#include "manifests/keys/key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "common/buf.h"
#include "common/hex.h"
#include "manifests/keys/canonical_json.h"

#define ED25519_PUBLIC_SIZE 32
#define ED25519_SIGNATURE_SIZE 64
#define RSA_MIN_BITS 2048
#define RSA_MAX_BITS 16384
#define SIGNATURE_MAX_BYTES (RSA_MAX_BITS / 8)
#define KEY_MAX_BYTES 65536

struct scheme {
	const char *keytype;
	const char *name;
	const char *algorithm; /* as libcrypto calls it */
	const char *group;     /* the curve; NULL where there is none to choose */
	const EVP_MD *(*digest)(void);
	int rsa_padding; /* 0 where it is not RSA */
};

/* The second keytype of each curve is what older repositories write. */
static const struct scheme schemes[] = {
	{"ed25519", "ed25519", "ED25519", NULL, NULL, 0},
	{"ecdsa", "ecdsa-sha2-nistp256", "EC", "prime256v1", EVP_sha256, 0},
	{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "EC", "prime256v1", EVP_sha256, 0},
	{"ecdsa", "ecdsa-sha2-nistp384", "EC", "secp384r1", EVP_sha384, 0},
	{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "EC", "secp384r1", EVP_sha384, 0},
	{"rsa", "rsassa-pss-sha256", "RSA", NULL, EVP_sha256, RSA_PKCS1_PSS_PADDING},
	{"rsa", "rsa-pkcs1v15-sha256", "RSA", NULL, EVP_sha256, RSA_PKCS1_PADDING},
};

struct key {
	const struct scheme *scheme;
	EVP_PKEY *public_key; /* NULL for an Ed25519 key that libcrypto has nothing to do with */
	uint8_t ed25519[ED25519_PUBLIC_SIZE];
};

static key_ed25519_verify *verify_ed25519; /* NULL: libcrypto does */

static void auto_bio(BIO **bio)
{
	(void)BIO_free(*bio);
}

static void auto_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static const struct scheme *find_scheme(const char *keytype, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (strcmp(schemes[i].keytype, keytype) == 0 && strcmp(schemes[i].name, name) == 0)
			return &schemes[i];
	return NULL;
}

static bool is_ed25519(const struct key *key)
{
	return key->scheme == &schemes[0];
}

static int wrap_ed25519(struct key *key, struct error *err)
{
	if (verify_ed25519)
		return 0;
	key->public_key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->ed25519, sizeof(key->ed25519));
	return key->public_key ? 0 : error_set(err, ERROR_INPUT, "not an Ed25519 key");
}

static int read_ed25519(struct key *key, const char *text, struct error *err)
{
	return hex_decode(text, key->ed25519, sizeof(key->ed25519), err) < 0 ? -1 : wrap_ed25519(key, err);
}

/* PEM is refused unless it is a public key: no certificate, no private key, no parameters. */
static EVP_PKEY *read_pem(const char *text, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	ERR_clear_error();
	if (!key)
		(void)error_set(err, ERROR_INPUT, "not a public key in PEM form");
	return key;
}

static int check_group(const EVP_PKEY *key, const struct scheme *scheme, struct error *err)
{
	char group[64] = "";
	int explicit_parameters = 0;

	(void)EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_parameters);
	if (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) && !explicit_parameters &&
		strcmp(group, scheme->group) == 0)
		return 0;
	ERR_clear_error();
	return error_set(err, ERROR_INPUT, "not a key on the curve of %s", scheme->name);
}

/* The key really is what its scheme says. */
static int check_kind(const EVP_PKEY *key, const struct scheme *scheme, struct error *err)
{
	int bits = EVP_PKEY_get_bits(key);

	if (!EVP_PKEY_is_a(key, scheme->algorithm))
		return error_set(err, ERROR_INPUT, "not a key for %s", scheme->name);
	if (scheme->group)
		return check_group(key, scheme, err);
	if (scheme->rsa_padding && (bits < RSA_MIN_BITS || bits > RSA_MAX_BITS))
		return error_set(err, ERROR_INPUT, "an RSA key of %d bits; %d to %d are allowed", bits, RSA_MIN_BITS,
			RSA_MAX_BITS);
	return 0;
}

static int read_public(struct key *key, const char *text, struct error *err)
{
	if (is_ed25519(key))
		return read_ed25519(key, text, err);
	key->public_key = read_pem(text, err);
	return key->public_key ? check_kind(key->public_key, key->scheme, err) : -1;
}

struct key *key_parse(const json_t *object, struct error *err)
{
	AUTO(key) struct key *key = calloc(1, sizeof(*key));
	const char *keytype, *scheme, *public_text;
	const json_t *keyval;

	if (!key) {
		(void)error_set(err, ERROR_FAILED, "no memory for a key");
		return NULL;
	}
	if (json_want_string(object, "keytype", &keytype, err) < 0 ||
		json_want_string(object, "scheme", &scheme, err) < 0 ||
		json_want_object(object, "keyval", &keyval, err) < 0 ||
		json_want_string(keyval, "public", &public_text, err) < 0)
		return NULL;
	if (!(key->scheme = find_scheme(keytype, scheme))) {
		(void)error_set(err, ERROR_INPUT, "keytype '%s' with scheme '%s' is not known", keytype, scheme);
		return NULL;
	}
	return read_public(key, public_text, err) < 0 ? NULL : take_ptr(&key);
}

struct key *key_of_ed25519(const uint8_t public_key[static 32], struct error *err)
{
	AUTO(key) struct key *key = calloc(1, sizeof(*key));

	if (!key) {
		(void)error_set(err, ERROR_FAILED, "no memory for a key");
		return NULL;
	}
	key->scheme = &schemes[0];
	memcpy(key->ed25519, public_key, sizeof(key->ed25519));
	return wrap_ed25519(key, err) < 0 ? NULL : take_ptr(&key);
}

int key_id_of(const json_t *object, char ret_id[static KEY_ID_SIZE], struct error *err)
{
	AUTO(buf) struct buf canonical = BUF_INIT(KEY_MAX_BYTES);
	struct sha256 digest;

	if (canonical_json_write(object, &canonical, err) < 0)
		return error_context(err, "key");
	sha256_of(buf_text(&canonical), canonical.len, &digest);
	(void)sha256_hex(&digest, ret_id);
	return 0;
}

int key_check_id(const json_t *object, const char *id, struct error *err)
{
	char computed[KEY_ID_SIZE];

	if (key_id_of(object, computed, err) < 0)
		return -1;
	if (strcmp(computed, id) != 0)
		return error_set(
			err, ERROR_REFUSED, "wrong key: it is listed as %.64s, but its id is %s", id, computed);
	return 0;
}

static bool verify_bytes(
	const struct key *key, const void *data, size_t len, const unsigned char *signature, size_t signature_len)
{
	AUTO(context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	const struct scheme *scheme = key->scheme;
	EVP_PKEY_CTX *parameters;
	bool valid;

	valid = context &&
		EVP_DigestVerifyInit(
			context, &parameters, scheme->digest ? scheme->digest() : NULL, NULL, key->public_key) == 1 &&
		(!scheme->rsa_padding || EVP_PKEY_CTX_set_rsa_padding(parameters, scheme->rsa_padding) == 1) &&
		(scheme->rsa_padding != RSA_PKCS1_PSS_PADDING ||
			EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_AUTO) == 1) &&
		EVP_DigestVerify(context, signature, signature_len, data, len) == 1;
	ERR_clear_error();
	return valid;
}

bool key_verify(const struct key *key, const void *data, size_t len, const char *signature_hex)
{
	unsigned char signature[SIGNATURE_MAX_BYTES];
	size_t digits = strlen(signature_hex);

	if (digits == 0 || digits % 2 != 0 || digits / 2 > sizeof(signature) ||
		hex_decode(signature_hex, signature, digits / 2, NULL) < 0)
		return false;
	if (!key->public_key)
		return digits / 2 == ED25519_SIGNATURE_SIZE && verify_ed25519(key->ed25519, data, len, signature);
	return verify_bytes(key, data, len, signature, digits / 2);
}

void key_use_ed25519(key_ed25519_verify *verify)
{
	verify_ed25519 = verify;
}

bool key_equal(const struct key *a, const struct key *b)
{
	bool equal;

	if (is_ed25519(a) && is_ed25519(b))
		return memcmp(a->ed25519, b->ed25519, sizeof(a->ed25519)) == 0;
	equal = a->public_key && b->public_key && EVP_PKEY_eq(a->public_key, b->public_key) == 1;
	ERR_clear_error();
	return equal;
}

void key_free(struct key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->public_key);
	free(key);
}
