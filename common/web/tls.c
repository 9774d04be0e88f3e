#include "common/web/tls.h"

#include <fcntl.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "common/access/trusted_file.h"
#include "common/fs.h"

#define PEM_MOST_BYTES (1u << 20)

typedef int reader(struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err);

static int read_pem(const char *what, reader *read, const char *file, struct buf *ret_pem, struct error *err)
{
	struct fs fs;

	fs_init(&fs);
	if (read(&fs, AT_FDCWD, file, ret_pem, err) < 0) {
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

static int check_dates(struct tls *tls, const char *file, int64_t now_s, struct error *err)
{
	gnutls_datum_t pem = datum(&tls->certificate_pem);
	gnutls_x509_crt_t certificate;
	gnutls_datum_t der = {0};
	int64_t from_s, to_s;
	int result;

	if (gnutls_x509_crt_init(&certificate) < 0)
		return error_set(err, ERROR_FAILED, "no memory for certificates");
	if (gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM) < 0) {
		gnutls_x509_crt_deinit(certificate);
		return error_set(err, ERROR_CERTIFICATE, "'%s' is no certificate", file);
	}
	from_s = gnutls_x509_crt_get_activation_time(certificate);
	to_s = gnutls_x509_crt_get_expiration_time(certificate);
	result = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER, &der);
	gnutls_x509_crt_deinit(certificate);
	if (result < 0 || buf_append(&tls->own_der, der.data, der.size, err) < 0) {
		gnutls_free(der.data);
		return error_set(err, ERROR_CERTIFICATE, "'%s' cannot be read", file);
	}
	gnutls_free(der.data);
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

static bool is_given(const char *file)
{
	return file && *file;
}

int tls_load(
	const struct tls_files *files, int64_t now_s, const struct log *log, struct tls *ret_tls, struct error *err)
{
	AUTO(tls)
	struct tls tls = {.certificate_pem = BUF_INIT(PEM_MOST_BYTES),
		.key_pem = BUF_INIT(PEM_MOST_BYTES),
		.client_ca_pem = BUF_INIT(PEM_MOST_BYTES),
		.own_der = BUF_INIT(PEM_MOST_BYTES)};

	if (read_pem("the server's certificate", fs_read_file, files->certificate, &tls.certificate_pem, err) < 0 ||
		read_pem("the server's key", trusted_file_read_secret, files->key, &tls.key_pem, err) < 0 ||
		check_pair(&tls, files->certificate, files->key, err) < 0 ||
		check_dates(&tls, files->certificate, now_s, err) < 0)
		return -1;
	if (is_given(files->client_ca) &&
		(read_pem("the clients' authority", trusted_file_read, files->client_ca, &tls.client_ca_pem, err) < 0 ||
			check_client_ca(&tls, files->client_ca, err) < 0))
		return -1;
	if (is_given(files->client_crl) &&
		crl_open(files->client_crl, &tls.client_ca_pem, log, &tls.client_crl, err) < 0)
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
	crl_free(tls->client_crl);
	buf_clear(&tls->own_der);
}

DEFINE_AUTO_PTR(certificate, struct gnutls_x509_crt_int, gnutls_x509_crt_deinit);

/* NULL where it cannot be read. */
static gnutls_x509_crt_t import(const gnutls_datum_t *der)
{
	AUTO(certificate) gnutls_x509_crt_t certificate = NULL;

	if (gnutls_x509_crt_init(&certificate) < 0 ||
		gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) < 0)
		return NULL;
	return take_ptr(&certificate);
}

/* True if the certificate may stand for a client. Where it names no purpose, any will do, but for those that say of
 * themselves that they are something else. */
static bool is_a_clients(const struct tls *tls, const gnutls_datum_t *der, gnutls_x509_crt_t certificate)
{
	unsigned int usage = 0;

	return gnutls_x509_crt_get_ca_status(certificate, NULL) <= 0 &&
	       gnutls_x509_crt_check_key_purpose(certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0) != 0 &&
	       (gnutls_x509_crt_get_key_usage(certificate, &usage, NULL) != 0 ||
		       (usage & GNUTLS_KEY_DIGITAL_SIGNATURE)) &&
	       (der->size != tls->own_der.len || memcmp(der->data, tls->own_der.data, der->size) != 0);
}

/* The sentences hold the words "SSL certificate" as nginx's do: haishin's client knows them by these. */
const char *tls_check_client(const struct tls *tls, void *session, char ret_subject[static TLS_SUBJECT_SIZE])
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
	unsigned int status = 0, count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	AUTO(certificate) gnutls_x509_crt_t certificate = NULL;
	size_t size = TLS_SUBJECT_SIZE;
	int result;

	ret_subject[0] = '\0';
	if (!chain || count == 0)
		return "No required SSL certificate was sent";
	if (!(certificate = import(&chain[0])) || gnutls_x509_crt_get_dn(certificate, ret_subject, &size) < 0)
		(void)strcpy(ret_subject, "(unreadable)");
	result = gnutls_certificate_verify_peers(session, &purpose, 1, &status);
	if (result < 0 || !certificate)
		return "The SSL certificate cannot be checked";
	if (status & GNUTLS_CERT_EXPIRED)
		return "The SSL certificate has expired";
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return "The SSL certificate is not valid yet";
	if (status & ~(unsigned int)(GNUTLS_CERT_INVALID | GNUTLS_CERT_PURPOSE_MISMATCH))
		return "The SSL certificate is not from an authority this server trusts";
	if (status || !is_a_clients(tls, &chain[0], certificate))
		return "The SSL certificate is not a client's";
	return tls->client_crl && crl_revokes(tls->client_crl, session) ? "The SSL certificate has been revoked"
									: NULL;
}

void tls_stay_note(const struct tls *tls, void *session, struct tls_stay *ret_stay)
{
	unsigned int count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	AUTO(certificate) gnutls_x509_crt_t certificate = chain && count > 0 ? import(&chain[0]) : NULL;

	ret_stay->list = tls->client_crl ? crl_version(tls->client_crl) : 0;
	ret_stay->ends_s = certificate ? gnutls_x509_crt_get_expiration_time(certificate) : 0;
}

bool tls_stay_holds(const struct tls *tls, const struct tls_stay *stay, int64_t now_s)
{
	return now_s < stay->ends_s && (!tls->client_crl || crl_version(tls->client_crl) == stay->list);
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
