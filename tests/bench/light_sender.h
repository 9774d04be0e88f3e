/* Sends reports over a connection of its own each, with a whole TLS handshake and a client certificate, at as little cost as can be:
 * what it reads once it keeps, unlike a client that begins anew each time, which costs more than who answers it. */
#ifndef TESTS_BENCH_LIGHT_SENDER_H
#define TESTS_BENCH_LIGHT_SENDER_H

#include <stddef.h>

#include "tests/support/pki.h"

struct light_sender;

/* To 127.0.0.1:PORT, whose certificate is of the authority CA_PEM, as whoever bears PAIR. Ends the program where it cannot. */
struct light_sender *light_sender_new(int port, const char *ca_pem, const struct pki_pair *pair);
void light_sender_free(struct light_sender *sender);

/* Posts REPORT to /reports. Returns the status of the answer, once all of it is there; 0: none came. */
int light_sender_send(struct light_sender *sender, const void *report, size_t len);

#endif
