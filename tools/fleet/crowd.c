#include "tools/fleet/crowd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/digest.h"
#include "common/fs.h"

#define PEM_MOST 16384
#define DAY_S 86400
#define YEAR_S (365 * DAY_S)

DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);
DEFINE_AUTO_PTR(x509, X509, X509_free);
DEFINE_AUTO_PTR(pkey, EVP_PKEY, EVP_PKEY_free);

struct crowd {
	X509 *authority;
	EVP_PKEY *key;
	uint64_t seed;
	int64_t now_s;
};

/* ---- The authority ---- */

static int read_pem(const char *file, struct buf *ret_pem, struct error *err)
{
	struct fs fs;

	fs_init(&fs);
	return fs_read_given(&fs, file, ret_pem, err);
}

static int read_authority(struct crowd *crowd, const char *certificate_file, const char *key_file, struct error *err)
{
	AUTO(buf) struct buf certificate = BUF_INIT(PEM_MOST);
	AUTO(secret) struct buf key = BUF_INIT(PEM_MOST);
	AUTO(bio) BIO *certificate_bio = NULL;
	AUTO(bio) BIO *key_bio = NULL;

	if (read_pem(certificate_file, &certificate, err) < 0 || read_pem(key_file, &key, err) < 0)
		return -1;
	certificate_bio = BIO_new_mem_buf(buf_text(&certificate), (int)certificate.len);
	key_bio = BIO_new_mem_buf(buf_text(&key), (int)key.len);
	if (certificate_bio && key_bio) {
		crowd->authority = PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL);
		crowd->key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
	}
	if (!crowd->authority || !crowd->key || X509_check_private_key(crowd->authority, crowd->key) != 1)
		return error_set(err, ERROR_INPUT,
			"'%s' and '%s' are not the certificate and the key of an authority", certificate_file,
			key_file);
	return 0;
}

int crowd_open(const char *certificate_file, const char *key_file, uint64_t seed, int64_t now_s,
	struct crowd **ret_crowd, struct error *err)
{
	AUTO(crowd) struct crowd *crowd = calloc(1, sizeof(*crowd));

	if (!crowd)
		return error_set(err, ERROR_FAILED, "no memory for a fleet");
	crowd->seed = seed;
	crowd->now_s = now_s;
	if (read_authority(crowd, certificate_file, key_file, err) < 0)
		return -1;
	*ret_crowd = take_ptr(&crowd);
	return 0;
}

void crowd_close(struct crowd *crowd)
{
	if (!crowd)
		return;
	X509_free(crowd->authority);
	EVP_PKEY_free(crowd->key);
	free(crowd);
}

/* ---- One terminal ---- */

/* An Ed25519 key is any 32 bytes. */
static EVP_PKEY *key_of(const struct crowd *crowd, uint32_t number, const char *purpose)
{
	struct sha256 digest;
	char text[96];
	int len = snprintf(
		text, sizeof(text), "haishin-fleet-sim %llu %u %s", (unsigned long long)crowd->seed, number, purpose);

	sha256_of(text, (size_t)len, &digest);
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, digest.bytes, sizeof(digest.bytes));
}

static int append_bio(BIO *bio, struct buf *ret_pem, struct error *err)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	ret_pem->limit = PEM_MOST;
	return buf_append(ret_pem, data, (size_t)len, err);
}

static int write_key(EVP_PKEY *key, struct buf *ret_pem, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return error_set(err, ERROR_FAILED, "no memory for a key");
	return append_bio(bio, ret_pem, err);
}

static bool add_extension(const struct crowd *crowd, X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool added;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, crowd->authority, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	added = extension && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return added;
}

/* It began with the year, so that it is the same all year. */
static bool fill_in(const struct crowd *crowd, const struct crowd_terminal *terminal, uint32_t number, bool ends_soon,
	EVP_PKEY *key, X509 *certificate)
{
	time_t from_s = crowd->now_s / YEAR_S * YEAR_S, to_s = from_s + 3 * (int64_t)YEAR_S;

	if (ends_soon)
		to_s = crowd->now_s / DAY_S * DAY_S + 2 * DAY_S;
	return X509_set_version(certificate, X509_VERSION_3) == 1 && X509_set_pubkey(certificate, key) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (uint64_t)number + 1) == 1 &&
	       ASN1_TIME_set(X509_getm_notBefore(certificate), from_s) &&
	       ASN1_TIME_set(X509_getm_notAfter(certificate), to_s) &&
	       X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
		       (const unsigned char *)terminal->name, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, X509_get_subject_name(crowd->authority)) == 1 &&
	       add_extension(crowd, certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(crowd, certificate, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(crowd, certificate, NID_ext_key_usage, "clientAuth");
}

static int issue(const struct crowd *crowd, uint32_t number, bool ends_soon, EVP_PKEY *key,
	struct crowd_terminal *terminal, struct error *err)
{
	const EVP_MD *digest = EVP_PKEY_is_a(crowd->key, "ED25519") ? NULL : EVP_sha256();
	AUTO(x509) X509 *certificate = X509_new();
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!certificate || !bio || !fill_in(crowd, terminal, number, ends_soon, key, certificate) ||
		X509_sign(certificate, crowd->key, digest) <= 0 || !PEM_write_bio_X509(bio, certificate))
		return error_set(err, ERROR_FAILED, "cannot issue a client certificate");
	return append_bio(bio, &terminal->certificate, err);
}

int crowd_make(const struct crowd *crowd, uint32_t number, bool ends_soon, struct crowd_terminal *ret_terminal,
	struct error *err)
{
	AUTO(pkey) EVP_PKEY *own = key_of(crowd, number, "own");
	AUTO(pkey) EVP_PKEY *client = key_of(crowd, number, "client");
	AUTO(crowd_terminal) struct crowd_terminal terminal = {0};
	AUTO(secret) struct buf own_pem = {0};

	(void)snprintf(terminal.name, sizeof(terminal.name), "%02u1%07u", 1 + number % 47, number % 10000000);
	if (!own || !client)
		return error_set(err, ERROR_FAILED, "cannot make the keys of a terminal");
	if (write_key(own, &own_pem, err) < 0 || write_key(client, &terminal.key, err) < 0 ||
		!(terminal.signer = signer_read(own_pem.data, own_pem.len, NULL, err)) ||
		issue(crowd, number, ends_soon, client, &terminal, err) < 0)
		return -1;
	*ret_terminal = terminal;
	terminal = (struct crowd_terminal){0};
	return 0;
}

void crowd_terminal_clear(struct crowd_terminal *terminal)
{
	signer_free(terminal->signer);
	buf_clear(&terminal->certificate);
	buf_wipe(&terminal->key);
	*terminal = (struct crowd_terminal){0};
}
