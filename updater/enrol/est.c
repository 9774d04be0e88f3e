#include "updater/enrol/est.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#define EST_PATH "/.well-known/est"
#define ANSWER_MOST 131072
#define URL_MOST 4096

DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);
DEFINE_AUTO_PTR(x509, X509, X509_free);
DEFINE_AUTO_PTR(pkey, EVP_PKEY, EVP_PKEY_free);
DEFINE_AUTO_PTR(request, X509_REQ, X509_REQ_free);
DEFINE_AUTO_PTR(pkcs7, PKCS7, PKCS7_free);

/* ---- The key ---- */

int est_make_key(struct buf *ret_key_pem, struct error *err)
{
	AUTO(pkey) EVP_PKEY *key = EVP_EC_gen("P-256");
	AUTO(bio) BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long len;

	if (!key || !bio || !PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return error_set(err, ERROR_FAILED, "a key for the certificate cannot be made");
	len = BIO_get_mem_data(bio, &text);
	return buf_append(ret_key_pem, text, (size_t)len, err);
}

/* Nobody is there to be asked. */
static int no_passphrase(char *ret_text, int size, int writing, void *context)
{
	(void)ret_text, (void)size, (void)writing, (void)context;
	return -1;
}

static EVP_PKEY *read_key(const struct buf *pem)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(buf_text(pem), (int)pem->len);

	return bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
}

static X509 *read_certificate(const char *pem)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(pem, -1);

	return bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
}

/* ---- The request ---- */

static bool set_names(X509_REQ *request, const char *bearer)
{
	AUTO(x509) X509 *certificate = bearer ? read_certificate(bearer) : NULL;
	X509_NAME *name = X509_REQ_get_subject_name(request);

	if (bearer)
		return certificate && X509_REQ_set_subject_name(request, X509_get_subject_name(certificate));
	/* The server knows by the code whose it is. */
	return X509_NAME_add_entry_by_NID(
		name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)"haishin terminal", -1, -1, 0);
}

static int write_base64(const unsigned char *der, int len, struct buf *ret_text, struct error *err)
{
	char *room;

	/* EVP_EncodeBlock ends with a NUL, for which a buffer has room anyway. */
	if (buf_extend(ret_text, (size_t)(len + 2) / 3 * 4, &room, err) < 0)
		return -1;
	(void)EVP_EncodeBlock((unsigned char *)room, der, len);
	return 0;
}

static int write_request(const struct est_order *order, struct buf *ret_text, struct error *err)
{
	AUTO(pkey) EVP_PKEY *key = read_key(order->key_pem);
	AUTO(request) X509_REQ *request = X509_REQ_new();
	unsigned char *der = NULL;
	int len, result;

	if (!key || !request || !set_names(request, order->bearer) || !X509_REQ_set_pubkey(request, key) ||
		X509_REQ_sign(request, key, EVP_sha256()) <= 0 || (len = i2d_X509_REQ(request, &der)) <= 0)
		return error_set(err, ERROR_FAILED, "a request for a certificate cannot be made");
	result = write_base64(der, len, ret_text, err);
	OPENSSL_free(der);
	return result;
}

/* ---- The answer ---- */

static PKCS7 *read_pkcs7(const struct buf *answer)
{
	BIO *memory = BIO_new_mem_buf(buf_text(answer), (int)answer->len);
	BIO *decoder = BIO_new(BIO_f_base64());
	PKCS7 *pkcs7 = NULL;

	if (memory && decoder) {
		/* Without lines where the server sends it in one. */
		if (!memchr(answer->data, '\n', answer->len > 80 ? 80 : answer->len))
			BIO_set_flags(decoder, BIO_FLAGS_BASE64_NO_NL);
		pkcs7 = d2i_PKCS7_bio(BIO_push(decoder, memory), NULL);
	} else {
		BIO_free(memory);
	}
	BIO_free_all(decoder);
	return pkcs7;
}

static int append_pem(X509 *certificate, struct buf *ret_pem, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || !PEM_write_bio_X509(bio, certificate))
		return error_set(err, ERROR_FAILED, "no memory for a certificate");
	len = BIO_get_mem_data(bio, &text);
	return buf_append(ret_pem, text, (size_t)len, err);
}

/* Ours first, then the others, which may be its chain; a self-signed one is nobody's to send. */
static int take_certificates(STACK_OF(X509) *list, EVP_PKEY *key, struct buf *ret_pem, struct error *err)
{
	X509 *own = NULL;

	for (int i = 0; i < sk_X509_num(list) && !own; i++)
		if (X509_check_private_key(sk_X509_value(list, i), key) == 1)
			own = sk_X509_value(list, i);
	if (!own)
		return error_set(err, ERROR_REFUSED, "the server sent no certificate for the key of this terminal");
	if (append_pem(own, ret_pem, err) < 0)
		return -1;
	for (int i = 0; i < sk_X509_num(list); i++) {
		X509 *other = sk_X509_value(list, i);

		if (other != own && X509_NAME_cmp(X509_get_subject_name(other), X509_get_issuer_name(other)) != 0 &&
			append_pem(other, ret_pem, err) < 0)
			return -1;
	}
	return 0;
}

static int read_answer(
	const struct buf *answer, const struct buf *key_pem, struct buf *ret_pem, struct error *err)
{
	AUTO(pkcs7) PKCS7 *pkcs7 = answer->len ? read_pkcs7(answer) : NULL;
	AUTO(pkey) EVP_PKEY *key = read_key(key_pem);

	if (!pkcs7 || !PKCS7_type_is_signed(pkcs7) || !key)
		return error_set(err, ERROR_REFUSED, "the server's answer is no certificate (PKCS#7 as base64)");
	return take_certificates(pkcs7->d.sign->cert, key, ret_pem, err);
}

/* ---- Asking ---- */

/* The address may name EST's own folder already, with a label perhaps. */
static int write_url(const struct est_order *order, struct buf *ret_url, struct error *err)
{
	size_t len = strlen(order->url);
	const char *what = order->code ? "simpleenroll" : "simplereenroll";

	while (len > 0 && order->url[len - 1] == '/')
		len--;
	return buf_printf(ret_url, err, "%.*s%s/%s", (int)len, order->url,
		strstr(order->url, EST_PATH) ? "" : EST_PATH, what);
}

static int take_bytes(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

/* What a status means here; others are told by the transport. */
static int judge(const struct est_order *order, int status, struct error *err)
{
	switch (status) {
	case 401:
		return error_set(err, ERROR_ENROLMENT, "%s",
			order->code ? "the server does not take this code: it is none, was used already, or is past its "
				      "time; ask whoever gave it for a new one"
				    : "the server wants a code for a new certificate; ask whoever looks after the fleet");
	case 202:
		return error_set(err, ERROR_BUSY,
			"somebody has to let this terminal through at the server first; then ask again");
	case 429:
		return error_set(err, ERROR_BUSY, "it was tried too often; ask again later");
	default:
		return -1;
	}
}

static int post(struct transport *transport, const struct est_order *order, const struct buf *text,
	struct buf *ret_answer, struct error *err)
{
	AUTO(buf) struct buf url = BUF_INIT(URL_MOST);
	struct transport_request request = {
		.limit = ANSWER_MOST,
		.time_limit_s = order->time_limit_s,
		.body = text->data,
		.body_len = text->len,
		.media_type = "application/pkcs10",
		.password = order->code,
	};
	struct transport_reply reply = {0};

	if (write_url(order, &url, err) < 0)
		return -1;
	request.url = buf_text(&url);
	if (transport->ask(transport, &request, take_bytes, ret_answer, &reply, err) < 0)
		return judge(order, reply.http_status, err);
	return reply.http_status == 202 ? judge(order, 202, err) : 0;
}

int est_ask(struct transport *transport, const struct est_order *order, struct buf *ret_pem, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(EST_PEM_MOST);
	AUTO(buf) struct buf answer = BUF_INIT(ANSWER_MOST);

	if (order->code && (!*order->code || strlen(order->code) > EST_CODE_MOST))
		return error_set(err, ERROR_USAGE, "this is no code: it is empty, or longer than %d characters", EST_CODE_MOST);
	if (write_request(order, &text, err) < 0 || post(transport, order, &text, &answer, err) < 0)
		return -1;
	return read_answer(&answer, order->key_pem, ret_pem, err);
}

int est_serial(const char *pem, char ret_serial[static EST_SERIAL_SIZE], struct error *err)
{
	AUTO(x509) X509 *certificate = read_certificate(pem);
	BIGNUM *number = certificate ? ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL) : NULL;
	char *digits = number ? BN_bn2hex(number) : NULL;
	bool fits = digits && strlen(digits) < EST_SERIAL_SIZE;

	if (fits)
		(void)strcpy(ret_serial, digits);
	OPENSSL_free(digits);
	BN_free(number);
	return fits ? 0 : error_set(err, ERROR_REFUSED, "the certificate's serial number cannot be read");
}
