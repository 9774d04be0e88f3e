#include "ledger/proof/terminal_certificate.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "common/auto.h"
#include "common/hex.h"

#define SIGNATURE_MAX_BYTES 2048
#define CHAIN_MAX_CERTIFICATES 8
#define SUBJECT_SIZE 512

DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);
DEFINE_AUTO_PTR(x509, X509, X509_free);
DEFINE_AUTO_PTR(pkey, EVP_PKEY, EVP_PKEY_free);
DEFINE_AUTO_PTR(signing, EVP_MD_CTX, EVP_MD_CTX_free);
DEFINE_AUTO_PTR(store, X509_STORE, X509_STORE_free);
DEFINE_AUTO_PTR(verifying, X509_STORE_CTX, X509_STORE_CTX_free);

static void free_stack(STACK_OF(X509) * stack)
{
	sk_X509_pop_free(stack, X509_free);
}
DEFINE_AUTO_PTR(stack, STACK_OF(X509), free_stack);

static int write_message(const char *terminal, struct buf *ret_text, struct error *err)
{
	return buf_printf(ret_text, err, "haishin-terminal-1\n%s\n", terminal);
}

static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
}

/* libcrypto would otherwise ask the terminal that the program runs at. */
static int refuse_passphrase(char *ret_text, int size, int for_writing, void *context)
{
	(void)ret_text, (void)size, (void)for_writing, (void)context;
	return -1;
}

int terminal_certificate_vouch(
	const struct buf *key_pem, const char *terminal, struct buf *ret_hex, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(buf_text(key_pem), (int)key_pem->len);
	AUTO(pkey) EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL) : NULL;
	AUTO(signing) EVP_MD_CTX *context = EVP_MD_CTX_new();
	AUTO(buf) struct buf text = BUF_INIT(256);
	unsigned char signature[SIGNATURE_MAX_BYTES];
	char hex[2 * SIGNATURE_MAX_BYTES + 1];
	size_t len = sizeof(signature);

	if (write_message(terminal, &text, err) < 0)
		return -1;
	if (!key || !context || EVP_DigestSignInit(context, NULL, digest_for(key), NULL, key) != 1 ||
		EVP_DigestSign(context, signature, &len, (const unsigned char *)text.data, text.len) != 1) {
		ERR_clear_error();
		return error_set(err, ERROR_CERTIFICATE, "the client certificate's key cannot sign");
	}
	hex_encode(signature, len, hex);
	return buf_append(ret_hex, hex, 2 * len, err);
}

static X509 *read_first(const char *chain)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(chain, -1);
	X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	ERR_clear_error();
	return certificate;
}

int terminal_certificate_check(const char *chain, const char *signature_hex, const char *terminal, struct error *err)
{
	AUTO(x509) X509 *certificate = read_first(chain);
	AUTO(signing) EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
	AUTO(buf) struct buf text = BUF_INIT(256);
	unsigned char signature[SIGNATURE_MAX_BYTES];
	size_t len = strlen(signature_hex) / 2;
	bool holds;

	if (!key || !context)
		return error_set(err, ERROR_REFUSED, "the client certificate cannot be read");
	if (len == 0 || len > sizeof(signature) || hex_decode(signature_hex, signature, len, err) < 0)
		return error_set(err, ERROR_REFUSED, "what the client certificate signed is no signature");
	if (write_message(terminal, &text, err) < 0)
		return -1;
	holds = EVP_DigestVerifyInit(context, NULL, digest_for(key), NULL, key) == 1 &&
		EVP_DigestVerify(context, signature, len, (const unsigned char *)text.data, text.len) == 1;
	ERR_clear_error();
	if (!holds)
		return error_set(err, ERROR_REFUSED,
			"the holder of the client certificate has not vouched for this terminal's key");
	return 0;
}

/* ---- Of whom it is ---- */

static STACK_OF(X509) * read_all(const char *pem, int len, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(pem, len);
	AUTO(stack) STACK_OF(X509) *stack = sk_X509_new_null();
	X509 *certificate;

	while (bio && stack && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (sk_X509_num(stack) >= CHAIN_MAX_CERTIFICATES || sk_X509_push(stack, certificate) <= 0) {
			X509_free(certificate);
			(void)error_set(err, ERROR_REFUSED, "more than %d certificates", CHAIN_MAX_CERTIFICATES);
			return NULL;
		}
	ERR_clear_error();
	if (stack && sk_X509_num(stack) > 0)
		return take_ptr(&stack);
	(void)error_set(err, ERROR_REFUSED, "no certificate can be read");
	return NULL;
}

static X509_STORE *make_store(const STACK_OF(X509) * authorities)
{
	AUTO(store) X509_STORE *store = X509_STORE_new();

	for (int i = 0; store && i < sk_X509_num(authorities); i++)
		if (X509_STORE_add_cert(store, sk_X509_value(authorities, i)) != 1)
			return NULL;
	return take_ptr(&store);
}

static int verify(X509_STORE *store, STACK_OF(X509) * chain, int64_t at_s, struct error *err)
{
	AUTO(verifying) X509_STORE_CTX *context = X509_STORE_CTX_new();
	int verified = -1;

	if (context && X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain) == 1) {
		X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);

		X509_VERIFY_PARAM_set_time(parameters, (time_t)at_s);
		(void)X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
		verified = X509_verify_cert(context);
	}
	ERR_clear_error();
	if (verified == 1)
		return 0;
	return error_set(err, ERROR_REFUSED, "the client certificate: %s",
		context ? X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)) : "no memory");
}

static void find_institution(X509 *certificate, char ret_institution[static TERMINAL_INSTITUTION_SIZE])
{
	char subject[SUBJECT_SIZE] = "";
	size_t len;

	(void)X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof(subject));
	ret_institution[0] = '\0';
	for (const char *at = subject; *at; at += len ? len : 1) {
		for (len = 0; isdigit((unsigned char)at[len]); len++)
			;
		if (len != TERMINAL_INSTITUTION_SIZE - 1)
			continue;
		memcpy(ret_institution, at, len);
		ret_institution[len] = '\0';
		return;
	}
}

int terminal_certificate_trust(const char *chain, const struct buf *ca, int64_t at_s,
	char ret_institution[static TERMINAL_INSTITUTION_SIZE], struct error *err)
{
	AUTO(stack) STACK_OF(X509) *certificates = read_all(chain, -1, err);
	AUTO(stack) STACK_OF(X509) *authorities = NULL;
	AUTO(store) X509_STORE *store = NULL;

	if (!certificates)
		return error_context(err, "the client certificate");
	if (!(authorities = read_all(buf_text(ca), (int)ca->len, err)))
		return error_context(err, "the authority");
	if (!(store = make_store(authorities)))
		return error_set(err, ERROR_FAILED, "no memory for an authority");
	if (verify(store, certificates, at_s, err) < 0)
		return -1;
	find_institution(sk_X509_value(certificates, 0), ret_institution);
	return 0;
}
