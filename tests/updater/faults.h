/* Every way in which a server can fail us, and what a transport must make of it: for the HTTP client itself and for
 * the worker behind its socket, which must not differ. */
#ifndef TESTS_UPDATER_FAULTS_H
#define TESTS_UPDATER_FAULTS_H

#include "common/buf.h"
#include "common/transport.h"
#include "tests/support/bad_server.h"
#include "tests/support/folder.h"
#include "updater/fetch/http.h"

#define FAULTS_FILE_SIZE 300000

/* A server with one file, "file", of FAULTS_FILE_SIZE bytes. */
struct faults {
	struct folder folder;
	struct bad_server *server;
	char url[128]; /* of the file */
	unsigned char bytes[FAULTS_FILE_SIZE];
};

void faults_init(struct faults *faults);
void faults_clear(struct faults *faults);

#define FAULTS_SHORT_STALL_S 1 /* for faults_check_silence() */

/* More patient than a busy machine may stand still; redirects are followed; no stop. */
struct http_options faults_options(void);

/* Takes the whole or a part of a URL through TRANSPORT into RET_BODY. */
int faults_get(struct transport *transport, const char *url, uint64_t offset, uint64_t length, struct buf *ret_body,
	struct transport_reply *ret_reply, struct error *err);

/* Each row of the table: its class of error, no byte too many, and a next attempt that succeeds. */
void faults_check_all(struct faults *faults, struct transport *transport);

/* The same for a server that is silent or too slow, and a client whose stall time-out is FAULTS_SHORT_STALL_S. */
void faults_check_silence(struct faults *faults, struct transport *transport);

#endif
