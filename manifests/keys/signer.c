#include "manifests/keys/signer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "common/hex.h"
#include "manifests/keys/key.h"

#define ED25519_PUBLIC_SIZE 32
#define RSA_BITS 3072

/* scrypt with 16 MiB of memory, five passes: about a third of a second for each guess at a passphrase. */
#define SCRYPT_COST 16384
#define SCRYPT_BLOCK 8
#define SCRYPT_PASSES 5

static const struct {
	const char *keytype;
	const char *scheme;
} kinds[] = {
	[KEY_ED25519] = {"ed25519", "ed25519"},
	[KEY_ECDSA_P256] = {"ecdsa", "ecdsa-sha2-nistp256"},
	[KEY_RSA_PSS] = {"rsa", "rsassa-pss-sha256"},
};

struct signer {
	EVP_PKEY *private_key;		      /* its public half alone where it is kept outside */
	const struct signer_outside *outside; /* NULL: it is here */
	void *context;
	enum key_kind kind;
	char id[KEY_ID_SIZE];
};

static void auto_bio(BIO **bio)
{
	(void)BIO_free(*bio);
}

static void auto_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

/* The kind of a private key; -1 where TUF has no name for it. */
static int kind_of(const EVP_PKEY *key, enum key_kind *ret_kind, struct error *err)
{
	if (EVP_PKEY_is_a(key, "ED25519"))
		*ret_kind = KEY_ED25519;
	else if (EVP_PKEY_is_a(key, "EC"))
		*ret_kind = KEY_ECDSA_P256;
	else if (EVP_PKEY_is_a(key, "RSA"))
		*ret_kind = KEY_RSA_PSS;
	else
		return error_set(err, ERROR_INPUT, "the key is neither Ed25519, nor ECDSA P-256, nor RSA");
	return 0;
}

/* Takes over KEY and CONTEXT, also on failure. The public half is read back as a client would read it, which refuses a
 * wrong curve or a weak RSA key before anything is signed with it. */
static struct signer *wrap_outside(
	EVP_PKEY *take_key, const struct signer_outside *keeper, void *take_context, struct error *err)
{
	AUTO(signer) struct signer *signer = calloc(1, sizeof(*signer));
	AUTO(json) json_t *public_key = NULL;
	AUTO(key) struct key *check = NULL;

	if (!signer) {
		EVP_PKEY_free(take_key);
		if (keeper)
			keeper->free(take_context);
		(void)error_set(err, ERROR_FAILED, "no memory for a key");
		return NULL;
	}
	signer->private_key = take_key;
	signer->outside = keeper;
	signer->context = take_context;
	if (kind_of(take_key, &signer->kind, err) < 0 || !(public_key = signer_public_key(signer, err)) ||
		!(check = key_parse(public_key, err)) || key_id_of(public_key, signer->id, err) < 0)
		return NULL;
	return take_ptr(&signer);
}

static struct signer *wrap(EVP_PKEY *take_key, struct error *err)
{
	return wrap_outside(take_key, NULL, NULL, err);
}

struct signer *signer_from_outside(const void *public_der, size_t len, const struct signer_outside *keeper,
	void *take_context, struct error *err)
{
	const unsigned char *der = public_der;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)len);

	ERR_clear_error();
	if (key)
		return wrap_outside(key, keeper, take_context, err);
	keeper->free(take_context);
	(void)error_set(err, ERROR_INPUT, "the public half of the key cannot be read");
	return NULL;
}

struct signer *signer_generate(enum key_kind kind, struct error *err)
{
	EVP_PKEY *key = NULL;

	if (kind == KEY_ED25519)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else if (kind == KEY_ECDSA_P256)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS);
	ERR_clear_error();
	if (!key) {
		(void)error_set(err, ERROR_FAILED, "libcrypto cannot make a key of kind %s", kinds[kind].scheme);
		return NULL;
	}
	return wrap(key, err);
}

/* Gives the passphrase to libcrypto, which would otherwise ask the terminal for it. */
static int give_passphrase(char *ret_text, int size, int for_writing, void *context)
{
	const struct buf *passphrase = context;

	(void)for_writing;
	if (!passphrase || passphrase->len == 0 || passphrase->len > (size_t)size)
		return -1;
	memcpy(ret_text, passphrase->data, passphrase->len);
	return (int)passphrase->len;
}

struct signer *signer_read(const void *pem, size_t len, const struct buf *passphrase, struct error *err)
{
	bool is_some = len > 0 && len <= INT32_MAX;
	AUTO(bio) BIO *bio = is_some ? BIO_new_mem_buf(pem, (int)len) : NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, (void *)passphrase) : NULL;
	bool encrypted = is_some && memmem(pem, len, "ENCRYPTED", strlen("ENCRYPTED")) != NULL;

	ERR_clear_error();
	if (key)
		return wrap(key, err);
	if (!encrypted)
		(void)error_set(err, ERROR_INPUT, "not a private key in PKCS#8 PEM form");
	else if (!passphrase || passphrase->len == 0)
		(void)error_set(err, ERROR_INPUT, "the private key is encrypted; its passphrase is needed");
	else
		(void)error_set(err, ERROR_INPUT, "the passphrase does not open the private key");
	return NULL;
}

/* PKCS#8 with PBES2: scrypt and AES-256-CBC. */
static int write_encrypted(const struct signer *signer, const struct buf *passphrase, BIO *bio)
{
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(signer->private_key);
	X509_ALGOR *scheme =
		PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_COST, SCRYPT_BLOCK, SCRYPT_PASSES);
	X509_SIG *encrypted = NULL;
	int written;

	if (plain && scheme)
		encrypted = PKCS8_set0_pbe(passphrase->data, (int)passphrase->len, plain, scheme);
	written = encrypted && PEM_write_bio_PKCS8(bio, encrypted) == 1;
	if (!encrypted)
		X509_ALGOR_free(scheme);
	X509_SIG_free(encrypted);
	PKCS8_PRIV_KEY_INFO_free(plain);
	return written;
}

static int append_bio(BIO *bio, struct buf *ret_text, struct error *err)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	return buf_append(ret_text, text, len > 0 ? (size_t)len : 0, err);
}

int signer_write(const struct signer *signer, const struct buf *passphrase, struct buf *ret_pem, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_secmem());
	int written;

	if (signer->outside)
		return error_set(err, ERROR_USAGE, "a key in a token cannot be written to a file");
	if (!bio)
		return error_set(err, ERROR_FAILED, "no memory for a private key");
	if (passphrase && passphrase->len > 0)
		written = write_encrypted(signer, passphrase, bio);
	else
		written = PEM_write_bio_PKCS8PrivateKey(bio, signer->private_key, NULL, NULL, 0, NULL, NULL);
	ERR_clear_error();
	if (!written)
		return error_set(err, ERROR_FAILED, "libcrypto cannot write the private key");
	return append_bio(bio, ret_pem, err);
}

/* The public half as keyval says it: hex for Ed25519, PEM for the others. */
static int public_text(const struct signer *signer, struct buf *ret_text, struct error *err)
{
	AUTO(bio) BIO *bio = NULL;
	unsigned char raw[ED25519_PUBLIC_SIZE];
	char hex[2 * ED25519_PUBLIC_SIZE + 1];
	size_t len = sizeof(raw);

	if (signer->kind == KEY_ED25519) {
		if (EVP_PKEY_get_raw_public_key(signer->private_key, raw, &len) != 1 || len != sizeof(raw))
			return error_set(err, ERROR_FAILED, "libcrypto does not give the public key");
		hex_encode(raw, sizeof(raw), hex);
		return buf_append(ret_text, hex, strlen(hex), err);
	}
	if (!(bio = BIO_new(BIO_s_mem())) || PEM_write_bio_PUBKEY(bio, signer->private_key) != 1)
		return error_set(err, ERROR_FAILED, "libcrypto does not give the public key");
	return append_bio(bio, ret_text, err);
}

json_t *signer_public_key(const struct signer *signer, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(65536);
	json_t *object;

	if (public_text(signer, &text, err) < 0)
		return NULL;
	object = JSON_OBJECT({
		json_blame(err),
		json_text("keytype", kinds[signer->kind].keytype),
		json_text("scheme", kinds[signer->kind].scheme),
		json_take("keyval", JSON_OBJECT({json_text("public", buf_text(&text))})),
	});
	if (!object)
		(void)error_context(err, "public key");
	return object;
}

const char *signer_key_id(const struct signer *signer)
{
	return signer->id;
}

int signer_public_der(const struct signer *signer, struct buf *ret_der, struct error *err)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(signer->private_key, &der), result;

	ERR_clear_error();
	if (len <= 0)
		return error_set(err, ERROR_FAILED, "libcrypto does not give the public key");
	result = buf_append(ret_der, der, (size_t)len, err);
	OPENSSL_free(der);
	return result;
}

static int set_parameters(const struct signer *signer, EVP_PKEY_CTX *parameters)
{
	if (signer->kind != KEY_RSA_PSS)
		return 1;
	return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static int sign_here(const struct signer *signer, const void *data, size_t len,
	unsigned char ret_signature[static SIGNER_SIGNATURE_MAX_BYTES], size_t *ret_len, struct error *err)
{
	AUTO(context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters;
	int done;

	done = context &&
	       EVP_DigestSignInit(context, &parameters, signer->kind == KEY_ED25519 ? NULL : EVP_sha256(), NULL,
		       signer->private_key) == 1 &&
	       set_parameters(signer, parameters) && EVP_DigestSign(context, ret_signature, ret_len, data, len) == 1;
	ERR_clear_error();
	return done ? 0 : error_set(err, ERROR_FAILED, "libcrypto cannot sign with key %.8s", signer->id);
}

int signer_sign_bytes(const struct signer *signer, const void *data, size_t len,
	unsigned char ret_signature[static SIGNER_SIGNATURE_MAX_BYTES], size_t *ret_len, struct error *err)
{
	*ret_len = SIGNER_SIGNATURE_MAX_BYTES;
	if (signer->outside)
		return signer->outside->sign(signer->context, signer->kind, data, len, ret_signature, ret_len, err);
	return sign_here(signer, data, len, ret_signature, ret_len, err);
}

int signer_sign(const struct signer *signer, const void *data, size_t len, struct buf *ret_hex, struct error *err)
{
	unsigned char signature[SIGNER_SIGNATURE_MAX_BYTES];
	char hex[2 * SIGNER_SIGNATURE_MAX_BYTES + 1];
	size_t signature_len;

	if (signer_sign_bytes(signer, data, len, signature, &signature_len, err) < 0)
		return -1;
	hex_encode(signature, signature_len, hex);
	return buf_append(ret_hex, hex, 2 * signature_len, err);
}

void signer_free(struct signer *signer)
{
	if (!signer)
		return;
	EVP_PKEY_free(signer->private_key);
	if (signer->outside)
		signer->outside->free(signer->context);
	free(signer);
}
