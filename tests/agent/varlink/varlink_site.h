/* A server on a control socket with a handler of a few methods, and callers. */
#ifndef TESTS_AGENT_VARLINK_VARLINK_SITE_H
#define TESTS_AGENT_VARLINK_VARLINK_SITE_H

#include <sys/types.h>

#include "agent/varlink/varlink.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define PAGES 3
#define BIG_BYTES 60000

/* A server with a handler of a few methods, and what it was asked. */
struct site {
	struct folder folder;
	char path[2 * FOLDER_PATH_SIZE];
	struct varlink *server;
	int calls;
	int released;
	int crowd; /* strangers who call in, and go, as one is let in */
};

/* For cmocka: *STATE is the site, which answers. */
int varlink_site_set_up(void **state);
int varlink_site_tear_down(void **state);
/* Opens the socket; its callers are another user's where AS_STRANGER. */
void varlink_site_open(struct site *site, bool as_stranger);

/* Lets the server do all that there is to do. */
void varlink_site_pump(struct site *site);
/* A new connection, as its descriptor; the second lets the server take it. */
int varlink_site_connect(struct site *site);
int varlink_site_call_in(struct site *site);
void varlink_site_say(struct site *site, int fd, const char *text, size_t len);
#define SAY(site, fd, text) varlink_site_say(site, fd, text, sizeof(text)) /* with the NUL */
/* What has come: SIZE bytes at most, ended by a NUL; 0 at the end, -1 where nothing is there. */
ssize_t varlink_site_hear(int fd, char *bytes, size_t size);
void assert_hears(int fd, const char *expected);
void assert_hung_up(int fd);

#endif
