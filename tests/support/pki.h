/* A real authority and real certificates (EC P-256) for tests. What cannot be made ends the program. */
#ifndef TESTS_SUPPORT_PKI_H
#define TESTS_SUPPORT_PKI_H

#include <stddef.h>
#include <stdint.h>

struct pki {
	char *ca_pem; /* the authority's certificate */
	void *ca;     /* of the implementation, as is key */
	void *key;
};

struct pki_pair {
	char *pem; /* the certificate */
	char *key_pem;
};

/* NAME is the authority's common name. */
void pki_init(struct pki *pki, const char *name);
void pki_clear(struct pki *pki);
/* The authority's own key in PEM; free it. */
char *pki_key_pem(const struct pki *pki);

/* The authority's private key, in PEM; free it. */
char *pki_authority_key(const struct pki *pki);

/* A server's certificate for localhost, 127.0.0.1 and ::1. */
void pki_issue_server(const struct pki *pki, struct pki_pair *ret_pair, int64_t from_s, int64_t to_s);
/* A client's certificate with this common name. */
void pki_issue_client(
	const struct pki *pki, struct pki_pair *ret_pair, const char *name, int64_t from_s, int64_t to_s);
/* The server's certificate again, without a word on what it is for. */
void pki_issue_server_for_any_purpose(const struct pki *pki, struct pki_pair *ret_pair, int64_t from_s, int64_t to_s);
void pki_pair_clear(struct pki_pair *pair);

/* The authority's list of revoked certificates, which is just this one (NULL: none), in PEM; free it. FROM_S, TO_S: when it was issued,
 * and when the next one is said to be. */
char *pki_revocation_list(const struct pki *pki, const struct pki_pair *revoked, int64_t from_s, int64_t to_s);

/* A certificate request (PKCS#10) as EST has it: base64 of DER, signed with KEY_PEM; SUBJECT's parts stand one behind the other as
 * in "O=haishin/CN=name". NULL KEY_PEM: with a new P-256 key, of BITS where that is not 0 (RSA). RET_KEY_PEM may be NULL; free
 * both. */
char *pki_request(const char *subject, const char *key_pem, int bits, char **ret_key_pem);
/* The first certificate of what EST answers: base64 of PKCS#7. NULL where there is none; free it. */
char *pki_answer(const char *base64, size_t len);

/* True if the certificate bears this URI among its names. */
int pki_has_name(const char *pem, const char *uri);

/* Around the machine's own time: a day ago, and a year from now. */
int64_t pki_yesterday(void);
int64_t pki_next_year(void);

#endif
