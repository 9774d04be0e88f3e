/* A client for tests of servers: HTTPS with a client certificate, headers and all, by libcurl. */
#ifndef TESTS_SUPPORT_ASK_H
#define TESTS_SUPPORT_ASK_H

#include "common/buf.h"
#include "tests/support/pki.h"

struct ask;

struct ask_answer {
	long status; /* 0: no answer came */
	struct buf head, body;
};

/* BASE is the address up to the port. PAIR may be NULL: no certificate is shown. CA_PEM NULL: plain HTTP, or a
 * Unix socket where BASE begins with "unix:". */
struct ask *ask_new(const char *base, const char *ca_pem, const struct pki_pair *pair);
void ask_free(struct ask *ask);
/* Headers that each request carries from now on, one call for each. */
void ask_add_header(struct ask *ask, const char *line);

/* GET, or POST where BODY is not NULL. RET_ANSWER is emptied first. Returns the status. */
long ask_for(struct ask *ask, const char *path, const void *body, size_t len, struct ask_answer *ret_answer);
void ask_answer_clear(struct ask_answer *answer);
/* A header's value, cut at SIZE; "" where there is none. */
const char *ask_header(const struct ask_answer *answer, const char *name, char *ret_value, size_t size);

#endif
