#include "collector/authority/authority_crl.h"

#include <stdlib.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "collector/authority/authority_key.h"

#define DAY_S INT64_C(86400)

struct authority_crl {
	X509_CRL *list;
	int64_t now_s;
};

DEFINE_AUTO_PTR(bio, BIO, BIO_free_all);
DEFINE_AUTO_PTR(revoked, X509_REVOKED, X509_REVOKED_free);
DEFINE_AUTO_PTR(moment, ASN1_TIME, ASN1_TIME_free);
DEFINE_AUTO_PTR(integer, ASN1_INTEGER, ASN1_INTEGER_free);
DEFINE_AUTO_PTR(enumerated, ASN1_ENUMERATED, ASN1_ENUMERATED_free);
DEFINE_AUTO_PTR(key_id, AUTHORITY_KEYID, AUTHORITY_KEYID_free);
DEFINE_AUTO_PTR(number, BIGNUM, BN_free);

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, "no memory for a list of revoked certificates");
}

int authority_crl_begin(
	const struct authority *authority, int64_t now_s, struct authority_crl **ret_crl, struct error *err)
{
	AUTO(authority_crl) struct authority_crl *crl = calloc(1, sizeof(*crl));
	AUTO(moment) ASN1_TIME *from = ASN1_TIME_set(NULL, now_s);
	AUTO(moment) ASN1_TIME *until = ASN1_TIME_set(NULL, now_s + AUTHORITY_CRL_DAYS * DAY_S);

	if (!crl || !from || !until || !(crl->list = X509_CRL_new()) || !X509_CRL_set_version(crl->list, 1) ||
		!X509_CRL_set_issuer_name(crl->list, X509_get_subject_name(authority->certificate)) ||
		!X509_CRL_set1_lastUpdate(crl->list, from) || !X509_CRL_set1_nextUpdate(crl->list, until))
		return no_memory(err);
	crl->now_s = now_s;
	*ret_crl = take_ptr(&crl);
	return 0;
}

void authority_crl_free(struct authority_crl *crl)
{
	if (!crl)
		return;
	X509_CRL_free(crl->list);
	free(crl);
}

static ASN1_INTEGER *integer_of(const char *hex)
{
	BIGNUM *made = NULL;
	int digits = BN_hex2bn(&made, hex);
	AUTO(number) BIGNUM *number = made;

	return digits > 0 && !hex[digits] ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
}

int authority_crl_add(
	struct authority_crl *crl, const char *serial, int64_t revoked_s, bool superseded, struct error *err)
{
	AUTO(revoked) X509_REVOKED *revoked = X509_REVOKED_new();
	AUTO(integer) ASN1_INTEGER *number = integer_of(serial);
	AUTO(moment) ASN1_TIME *since = ASN1_TIME_set(NULL, revoked_s);
	AUTO(enumerated) ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

	if (!number)
		return error_set(err, ERROR_DAMAGED, "'%.60s' is no serial number of a certificate", serial);
	if (!revoked || !since || !reason || !X509_REVOKED_set_serialNumber(revoked, number) ||
		!X509_REVOKED_set_revocationDate(revoked, since) ||
		!ASN1_ENUMERATED_set(reason, superseded ? CRL_REASON_SUPERSEDED : CRL_REASON_CESSATION_OF_OPERATION) ||
		!X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0) ||
		!X509_CRL_add0_revoked(crl->list, revoked))
		return no_memory(err);
	(void)take_ptr(&revoked);
	return 0;
}

static int add_extensions(const struct authority *authority, struct authority_crl *crl, struct error *err)
{
	AUTO(integer) ASN1_INTEGER *number = ASN1_INTEGER_new();
	AUTO(key_id) AUTHORITY_KEYID *key_id = AUTHORITY_KEYID_new();
	const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(authority->certificate);

	if (!number || !key_id || !ASN1_INTEGER_set_int64(number, crl->now_s) ||
		!X509_CRL_add1_ext_i2d(crl->list, NID_crl_number, number, 0, 0))
		return no_memory(err);
	if (own && (!(key_id->keyid = ASN1_OCTET_STRING_dup(own)) ||
			   !X509_CRL_add1_ext_i2d(crl->list, NID_authority_key_identifier, key_id, 0, 0)))
		return no_memory(err);
	return 0;
}

int authority_crl_write(
	const struct authority *authority, struct authority_crl *crl, struct buf *ret_pem, struct error *err)
{
	AUTO(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (add_extensions(authority, crl, err) < 0)
		return -1;
	if (!bio || !X509_CRL_sort(crl->list))
		return no_memory(err);
	if (authority_sign_list(authority, &crl->list, err) < 0)
		return error_context(err, "the list of revoked certificates");
	if (!PEM_write_bio_X509_CRL(bio, crl->list))
		return no_memory(err);
	len = BIO_get_mem_data(bio, &text);
	return buf_append(ret_pem, text, (size_t)len, err);
}
