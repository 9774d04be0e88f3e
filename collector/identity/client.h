/* Who asks: what the client's certificate says, and the role that its subject was given. */
#ifndef COLLECTOR_IDENTITY_CLIENT_H
#define COLLECTOR_IDENTITY_CLIENT_H

#include "collector/config/config.h"
#include "common/buf.h"
#include "common/digest.h"

#define CLIENT_SUBJECT_SIZE 512
#define CLIENT_NAME_SIZE 128
#define CLIENT_INSTITUTION_SIZE 11
#define CLIENT_SERIAL_SIZE 41

struct client {
	char subject[CLIENT_SUBJECT_SIZE]; /* as RFC 4514 writes it: "CN=1312345678,O=haishin" */
	char name[CLIENT_NAME_SIZE];	   /* its common name */
	char institution
		[CLIENT_INSTITUTION_SIZE]; /* the ten digits in a row of its subject; "" where there are none */
	char fingerprint[SHA256_HEX_SIZE];
	char serial[CLIENT_SERIAL_SIZE]; /* hexadecimal */
	int64_t ends_s;
	enum role_kind role;
	const struct config_role *rules; /* NULL for a terminal */
};

/* The first ten digits in a row of a subject, neither more nor fewer; "" where there are none. */
void client_find_institution(const char *subject, char ret_code[static CLIENT_INSTITUTION_SIZE]);

/* Reads a certificate that was verified already. ERROR_CERTIFICATE where it is none, or its subject does not fit. */
WARN_UNUSED int client_from_der(
	const void *der, size_t len, const struct config *config, struct client *ret_client, struct error *err);

/* Appends the DER of a certificate that nginx hands on as PEM ($ssl_client_escaped_cert). ERROR_CERTIFICATE where it is
 * none. */
#define CLIENT_DER_MOST 16384
WARN_UNUSED int client_der_from_escaped_pem(const char *escaped, struct buf *ret_der, struct error *err);

/* 0 if the first certificate of CHAIN (PEM) is the one that the client showed; ERROR_REFUSED says whose it is not. */
WARN_UNUSED int client_check_chain(const struct client *client, const char *chain, struct error *err);

/* The plain form of a certificate: PEM with lines of 64 letters and nothing around it. It is one text for one fingerprint, however a
 * chain in which the certificate stands first is written, and whatever follows it there; a chain that holds none has "". */
#define CLIENT_PLAIN_MOST 32768
WARN_UNUSED int client_write_plain(const void *der, size_t len, struct buf *ret_plain, struct error *err);
WARN_UNUSED int client_write_plain_of(const char *chain, struct buf *ret_plain, struct error *err);

/* May the client see what is about this package? */
bool client_sees_package(const struct client *client, const char *package);

#endif
