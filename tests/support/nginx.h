/* The real nginx, in a fresh folder with a configuration of its own. */
#ifndef TESTS_SUPPORT_NGINX_H
#define TESTS_SUPPORT_NGINX_H

#include "tests/support/folder.h"
#include "tests/support/program.h"

/* A socket that listens at a free port of 127.0.0.1 already. nginx takes it over, as it does when it is replaced:
 * nobody waits for a port or races for one. */
int nginx_listen(int *ret_port);

/* Starts it with CONFIGURATION, which says "listen 127.0.0.1:PORT" and holds one "http {"; everything it writes goes
 * below FOLDER. Takes LISTEN_FD. */
void nginx_start(struct program *nginx, const struct folder *folder, const char *configuration, int take_listen_fd);
void nginx_stop(struct program *nginx);

#endif
