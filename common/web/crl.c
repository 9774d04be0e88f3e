#include "common/web/crl.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "common/fs.h"

#define CRL_MOST_BYTES (16u << 20)

struct lists {
	gnutls_x509_crl_t *crls;
	unsigned int count;
};

struct crl {
	char *file;
	const struct log *log;
	gnutls_x509_crt_t *authorities;
	unsigned int authorities_count;
	pthread_mutex_t lock; /* guards all below */
	struct stat seen;     /* of the file that was read last, whatever came of it */
	struct lists lists;
	uint64_t version; /* of the lists */
};

static void lists_clear(struct lists *lists)
{
	for (unsigned int i = 0; i < lists->count; i++)
		gnutls_x509_crl_deinit(lists->crls[i]);
	gnutls_free(lists->crls);
	*lists = (struct lists){0};
}
DEFINE_AUTO(lists, struct lists, lists_clear);

/* What STATUS says besides its dates, which have no bearing on who was revoked; "invalid" is said of these too. */
static unsigned int faults_in(unsigned int status)
{
	const unsigned int dates = GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;

	return status & dates ? status & ~(dates | GNUTLS_CERT_INVALID) : status;
}

/* Each list is signed by an authority whose certificates count. */
static int check_signatures(const struct crl *crl, const struct lists *lists, struct error *err)
{
	for (unsigned int i = 0; i < lists->count; i++) {
		unsigned int status = 0;

		if (gnutls_x509_crl_verify(lists->crls[i], crl->authorities, (int)crl->authorities_count,
			    GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) < 0 ||
			faults_in(status))
			return error_set(err, ERROR_CERTIFICATE,
				"revocation list %u of '%s' is not signed by an authority of the clients", i + 1,
				crl->file);
	}
	return 0;
}

static int read_lists(const struct crl *crl, struct lists *ret_lists, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(CRL_MOST_BYTES);
	AUTO(lists) struct lists lists = {0};
	gnutls_datum_t datum;
	struct fs fs;

	fs_init(&fs);
	if (fs_read_file(&fs, AT_FDCWD, crl->file, &pem, err) < 0) {
		err->code = ERROR_CERTIFICATE;
		return error_context(err, "the clients' revocation list");
	}
	datum = (gnutls_datum_t){.data = (unsigned char *)pem.data, .size = (unsigned int)pem.len};
	if (gnutls_x509_crl_list_import2(&lists.crls, &lists.count, &datum, GNUTLS_X509_FMT_PEM, 0) < 0)
		return error_set(err, ERROR_CERTIFICATE, "'%s' holds no revocation list in PEM", crl->file);
	if (check_signatures(crl, &lists, err) < 0)
		return -1;
	*ret_lists = lists;
	lists = (struct lists){0};
	return 0;
}

int crl_open(
	const char *file, const struct buf *ca_pem, const struct log *log, struct crl **ret_crl, struct error *err)
{
	AUTO(crl) struct crl *crl = calloc(1, sizeof(*crl));
	gnutls_datum_t ca = {.data = (unsigned char *)ca_pem->data, .size = (unsigned int)ca_pem->len};

	if (!crl || pthread_mutex_init(&crl->lock, NULL) != 0 || !(crl->file = strdup(file)))
		return error_set(err, ERROR_FAILED, "no memory for a revocation list");
	crl->log = log;
	if (gnutls_x509_crt_list_import2(&crl->authorities, &crl->authorities_count, &ca, GNUTLS_X509_FMT_PEM, 0) < 0)
		return error_set(err, ERROR_CERTIFICATE, "a revocation list needs the authority that signed it");
	(void)stat(file, &crl->seen);
	if (read_lists(crl, &crl->lists, err) < 0)
		return -1;
	*ret_crl = take_ptr(&crl);
	return 0;
}

void crl_free(struct crl *crl)
{
	if (!crl)
		return;
	for (unsigned int i = 0; i < crl->authorities_count; i++)
		gnutls_x509_crt_deinit(crl->authorities[i]);
	gnutls_free(crl->authorities);
	lists_clear(&crl->lists);
	(void)pthread_mutex_destroy(&crl->lock);
	free(crl->file);
	free(crl);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void read_again(struct crl *crl)
{
	struct lists lists = {0};
	struct error err = {0};
	struct stat now = {0};

	(void)stat(crl->file, &now);
	if (is_same_file(&now, &crl->seen))
		return;
	crl->seen = now;
	if (read_lists(crl, &lists, &err) < 0) {
		log_line(crl->log, LOG_LEVEL_WARNING, "%s: the former list goes on to hold", err.text);
		return;
	}
	lists_clear(&crl->lists);
	crl->lists = lists;
	crl->version++;
}

static bool is_revoked(const struct crl *crl, const gnutls_datum_t *der)
{
	gnutls_x509_crt_t certificate;
	bool revoked;

	if (gnutls_x509_crt_init(&certificate) < 0)
		return true;
	revoked = gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) < 0 ||
		  gnutls_x509_crt_check_revocation(certificate, crl->lists.crls, (int)crl->lists.count) != 0;
	gnutls_x509_crt_deinit(certificate);
	return revoked;
}

bool crl_revokes(struct crl *crl, void *session)
{
	unsigned int count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	bool revoked = false;

	(void)pthread_mutex_lock(&crl->lock);
	read_again(crl);
	for (unsigned int i = 0; i < count; i++)
		revoked = revoked || is_revoked(crl, &chain[i]);
	(void)pthread_mutex_unlock(&crl->lock);
	return revoked;
}

bool crl_revokes_der(struct crl *crl, const void *der, size_t len)
{
	const gnutls_datum_t datum = {.data = (unsigned char *)(uintptr_t)der, .size = (unsigned int)len};
	bool revoked;

	(void)pthread_mutex_lock(&crl->lock);
	read_again(crl);
	revoked = is_revoked(crl, &datum);
	(void)pthread_mutex_unlock(&crl->lock);
	return revoked;
}

uint64_t crl_version(struct crl *crl)
{
	uint64_t version;

	(void)pthread_mutex_lock(&crl->lock);
	read_again(crl);
	version = crl->version;
	(void)pthread_mutex_unlock(&crl->lock);
	return version;
}
