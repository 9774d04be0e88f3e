/* haishin-server as an operator runs it, with an authority whose clients it lets in, and the client that terminals use. */
#ifndef TESTS_TOOLS_SERVER_SERVER_SITE_H
#define TESTS_TOOLS_SERVER_SERVER_SITE_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "tests/support/folder.h"
#include "tests/support/pki.h"
#include "tests/support/program.h"
#include "tests/support/test.h"
#include "updater/fetch/http.h"

#define FILE_SIZE 1000000
#define ARGUMENTS_MOST 24

struct site {
	struct folder folder;
	struct pki pki, other;
	struct pki_pair server, client, expired, stranger;
	char path[8][300]; /* root, certificate, key, authority, log, reports, port file */
	struct program program;
	int port;
	char bytes[FILE_SIZE];
};

enum { ROOT, CERTIFICATE, KEY, AUTHORITY, LOG, REPORTS, PORT_FILE };

/* For cmocka: *STATE is the site, which is not served yet. */
int server_site_set_up(void **state);
int server_site_tear_down(void **state);

/* Starts it with these arguments after its name, and waits until it says where it listens. */
void server_site_start(struct site *site, const char *const *more);
void server_site_start_with_tls(struct site *site);
/* It ends well and has nothing more to say. */
void server_site_stop(struct site *site);

/* SHOWN NULL: a client without a certificate. */
struct transport *server_site_client(struct site *site, const struct pki_pair *shown);
/* Appends to the struct buf that CONTEXT is. */
int server_site_take(void *context, const void *data, size_t len, struct error *err);
/* Asks for a part of PATH, or sends BODY to it. */
int server_site_ask(struct site *site, struct transport *client, const char *path, uint64_t offset, uint64_t length,
	const char *body, struct buf *ret_body, struct transport_reply *ret_reply, struct error *err);

#endif
