/* One connection of a bad server, from its side. Part of tests/support/bad_server. */
#ifndef TESTS_SUPPORT_BAD_CONNECTION_H
#define TESTS_SUPPORT_BAD_CONNECTION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "tests/support/bad_server.h"

#define QUEUE_SIZE 256
#define CONNECTIONS_MOST 1024
#define REQUEST_SIZE 8192

struct bad_server {
	char url[64];
	int port, listen_fd, stop_fd, folder_fd;
	SSL_CTX *tls;
	pthread_t accepting;
	pthread_mutex_t lock; /* guards all below */
	struct {
		enum bad_fault fault;
		uint64_t at;
	} queue[QUEUE_SIZE];
	int queued, taken, requests, spoilt, connections, open;
	pthread_cond_t closed; /* a connection has */
	struct {
		const char *part;
		enum bad_fault fault;
		uint64_t at;
	} spoil;
	uint64_t bytes;
	const char *redirect_to;
	char last[REQUEST_SIZE];
	pthread_t threads[CONNECTIONS_MOST];
};

struct connection {
	struct bad_server *server;
	int fd;
	SSL *tls;
	char request[REQUEST_SIZE];
	size_t len;
};

/* Ends the program where it is not true. */
void bad_need(int true_value, const char *what);

/* True once the server is told to stop; false after TIMEOUT_MS. */
bool bad_stops_within(const struct bad_server *server, int timeout_ms);
/* Waits for the client; false where the server stops. */
bool bad_wait(const struct connection *connection, short events);
bool bad_shake_hands(struct connection *connection);
bool bad_send(struct connection *connection, const void *data, size_t len);
bool bad_send_text(struct connection *connection, const char *text);
/* A request, headers and all; false where none comes any more. */
bool bad_receive(struct connection *connection);
/* Answers it, well or as it was queued; false ends the connection. */
bool bad_answer(struct connection *connection);
/* The client meets a reset once it has read all that was sent, so that bad_server_bytes counts what arrived. */
void bad_reset(struct connection *connection);
/* Lets the client read the alert: closed at once, what it sends would be answered with a reset that overtakes it. */
void bad_drain(struct connection *connection);

#endif
