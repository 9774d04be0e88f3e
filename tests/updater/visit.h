/* One client of a server with faults, and what its last transfer gave: for the HTTP client itself and for the worker that
 * has it inside. */
#ifndef TESTS_UPDATER_VISIT_H
#define TESTS_UPDATER_VISIT_H

#include "tests/support/test.h"
#include "tests/updater/faults.h"
#include "updater/fetch/fetch.h"

struct visit {
	struct faults faults;
	struct fetch_options options; /* change them before the client is opened; .http are faults_options() */
	struct fetch *fetch;	      /* where the client is a worker */
	struct transport *transport;
	struct buf body; /* of the last transfer, as what follows */
	struct transport_reply reply;
	struct error err;
};

/* For cmocka; *STATE is a struct visit without a client. */
int visit_setup(void **state);
int visit_teardown(void **state);

/* Opens the client, as VISIT->options say; one that is open is closed first. The test fails where it cannot. */
void visit_open_http(struct visit *visit);
void visit_open_worker(struct visit *visit);
/* For those who lent the options something that ends before the visit does. */
void visit_close(struct visit *visit);

/* Takes the server's file; what is at URL; a part of that; what REQUEST asks for, piece by piece into SINK. 0, or -1 with
 * VISIT->err set. */
int visit_get(struct visit *visit);
int visit_get_url(struct visit *visit, const char *url);
int visit_get_part(struct visit *visit, const char *url, uint64_t offset, uint64_t length);
int visit_get_into(struct visit *visit, const struct transport_request *request, transport_sink *sink, void *context);

/* The server's file comes, byte for byte. */
#define assert_gets_file(visit)                                                                                      \
	do {                                                                                                         \
		assert_ok(visit_get(visit), &(visit)->err);                                                          \
		assert_int_equal((visit)->body.len, FAULTS_FILE_SIZE);                                               \
		assert_memory_equal((visit)->body.data, (visit)->faults.bytes, FAULTS_FILE_SIZE);                    \
	} while (0)

/* What must not differ between the two, besides faults_check_all(). OPEN_CLIENT is visit_open_http or visit_open_worker.
 *
 * A transfer that waits for the server ends when it is told to stop. */
void visit_check_stop(struct visit *visit, void (*open_client)(struct visit *visit));
/* A sink that fails ends the transfer with its own error, and the next one is as good as any. */
void visit_check_sink_that_fails(struct visit *visit, void (*open_client)(struct visit *visit));

#endif
