#include "common/web/tls.h"

#include <fcntl.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "common/fs.h"

#define PEM_MOST_BYTES (1u << 20)

static int read_pem(const char *what, const char *file, struct buf *ret_pem, struct error *err)
{
	struct fs fs;

	fs_init(&fs);
	if (fs_read_file(&fs, AT_FDCWD, file, ret_pem, err) < 0) {
		(void)error_context(err, "%s", what);
		err->code = ERROR_CERTIFICATE;
		return -1;
	}
	return 0;
}

static gnutls_datum_t datum(const struct buf *pem)
{
	return (gnutls_datum_t){.data = (unsigned char *)pem->data, .size = (unsigned int)pem->len};
}

static int check_pair(const struct tls *tls, const char *certificate_file, const char *key_file, struct error *err)
{
	gnutls_datum_t certificate = datum(&tls->certificate_pem), key = datum(&tls->key_pem);
	gnutls_certificate_credentials_t credentials;
	int result;

	if (gnutls_certificate_allocate_credentials(&credentials) < 0)
		return error_set(err, ERROR_FAILED, "no memory for certificates");
	result = gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(credentials);
	if (result == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		return error_set(err, ERROR_CERTIFICATE, "the key '%s' does not belong to the certificate '%s'",
			key_file, certificate_file);
	if (result < 0)
		return error_set(err, ERROR_CERTIFICATE, "certificate '%s' with key '%s': %s", certificate_file,
			key_file, gnutls_strerror(result));
	return 0;
}

static int check_dates(const struct tls *tls, const char *file, int64_t now_s, struct error *err)
{
	gnutls_datum_t pem = datum(&tls->certificate_pem);
	gnutls_x509_crt_t certificate;
	int64_t from_s, to_s;

	if (gnutls_x509_crt_init(&certificate) < 0)
		return error_set(err, ERROR_FAILED, "no memory for certificates");
	if (gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM) < 0) {
		gnutls_x509_crt_deinit(certificate);
		return error_set(err, ERROR_CERTIFICATE, "'%s' is no certificate", file);
	}
	from_s = gnutls_x509_crt_get_activation_time(certificate);
	to_s = gnutls_x509_crt_get_expiration_time(certificate);
	gnutls_x509_crt_deinit(certificate);
	if (now_s >= to_s)
		return error_set(err, ERROR_CERTIFICATE, "the certificate '%s' has expired: install a new one", file);
	if (now_s < from_s)
		return error_set(
			err, ERROR_CERTIFICATE, "the certificate '%s' is not valid yet: check the clock", file);
	return 0;
}

static int check_client_ca(const struct tls *tls, const char *file, struct error *err)
{
	gnutls_datum_t pem = datum(&tls->client_ca_pem);
	gnutls_x509_crt_t *list = NULL;
	unsigned int count = 0;

	if (gnutls_x509_crt_list_import2(&list, &count, &pem, GNUTLS_X509_FMT_PEM, 0) < 0)
		return error_set(err, ERROR_CERTIFICATE, "'%s' holds no certificate of an authority", file);
	for (unsigned int i = 0; i < count; i++)
		gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
	return 0;
}

int tls_load(const char *certificate_file, const char *key_file, const char *client_ca_file, int64_t now_s,
	struct tls *ret_tls, struct error *err)
{
	AUTO(tls) struct tls tls = {BUF_INIT(PEM_MOST_BYTES), BUF_INIT(PEM_MOST_BYTES), BUF_INIT(PEM_MOST_BYTES)};

	if (read_pem("the server's certificate", certificate_file, &tls.certificate_pem, err) < 0 ||
		read_pem("the server's key", key_file, &tls.key_pem, err) < 0 ||
		check_pair(&tls, certificate_file, key_file, err) < 0 ||
		check_dates(&tls, certificate_file, now_s, err) < 0)
		return -1;
	if (client_ca_file && (read_pem("the clients' authority", client_ca_file, &tls.client_ca_pem, err) < 0 ||
				      check_client_ca(&tls, client_ca_file, err) < 0))
		return -1;
	*ret_tls = tls;
	tls = (struct tls){0};
	return 0;
}

void tls_clear(struct tls *tls)
{
	buf_clear(&tls->certificate_pem);
	buf_wipe(&tls->key_pem);
	buf_clear(&tls->client_ca_pem);
}

static void subject_of(gnutls_session_t session, char ret_subject[static TLS_SUBJECT_SIZE])
{
	unsigned int count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	size_t size = TLS_SUBJECT_SIZE;
	gnutls_x509_crt_t certificate;

	ret_subject[0] = '\0';
	if (!chain || count == 0 || gnutls_x509_crt_init(&certificate) < 0)
		return;
	if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) < 0 ||
		gnutls_x509_crt_get_dn(certificate, ret_subject, &size) < 0)
		(void)strcpy(ret_subject, "(unreadable)");
	gnutls_x509_crt_deinit(certificate);
}

/* The sentences hold the words "SSL certificate" as nginx's do: haishin's client knows them by these. */
const char *tls_check_client(void *session, char ret_subject[static TLS_SUBJECT_SIZE])
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
	unsigned int status = 0;
	int result = gnutls_certificate_verify_peers(session, &purpose, 1, &status);

	subject_of(session, ret_subject);
	if (result == GNUTLS_E_NO_CERTIFICATE_FOUND || !*ret_subject)
		return "No required SSL certificate was sent";
	if (result < 0)
		return "The SSL certificate cannot be checked";
	if (status & GNUTLS_CERT_EXPIRED)
		return "The SSL certificate has expired";
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return "The SSL certificate is not valid yet";
	return status ? "The SSL certificate is not from an authority this server trusts" : NULL;
}

const void *tls_client_certificate(void *session, size_t *ret_len)
{
	unsigned int count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);

	if (!chain || count == 0)
		return NULL;
	*ret_len = chain[0].size;
	return chain[0].data;
}
