#include "tests/support/bad_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "tests/support/bad_connection.h"

static void *run_connection(void *context)
{
	struct connection *connection = context;
	struct bad_server *server = connection->server;

	if (bad_shake_hands(connection)) {
		while (bad_receive(connection) && bad_answer(connection))
			continue;
	} else {
		bad_drain(connection);
	}
	SSL_free(connection->tls);
	(void)close(connection->fd);
	(void)pthread_mutex_lock(&server->lock);
	server->open--;
	(void)pthread_cond_broadcast(&server->closed);
	(void)pthread_mutex_unlock(&server->lock);
	free(connection);
	return NULL;
}

static void *accept_all(void *context)
{
	struct bad_server *server = context;
	struct connection listening = {.server = server, .fd = server->listen_fd};

	while (bad_wait(&listening, POLLIN)) {
		struct connection *connection = calloc(1, sizeof(*connection));

		bad_need(connection != NULL, "memory");
		connection->server = server;
		connection->fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (connection->fd < 0) {
			free(connection);
			continue;
		}
		(void)pthread_mutex_lock(&server->lock);
		bad_need(server->connections < CONNECTIONS_MOST, "too many connections");
		bad_need(pthread_create(&server->threads[server->connections], NULL, run_connection, connection) == 0,
			"thread");
		server->connections++;
		server->open++;
		(void)pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

/* ---- Start and stop ---- */

static SSL_CTX *tls_of(const struct bad_server_options *options)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	BIO *certificate_bio = BIO_new_mem_buf(options->certificate_pem, -1);
	BIO *key_bio = BIO_new_mem_buf(options->key_pem, -1);
	X509 *certificate = PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);

	bad_need(tls && SSL_CTX_use_certificate(tls, certificate) && SSL_CTX_use_PrivateKey(tls, key), "certificate");
	(void)SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	X509_free(certificate);
	EVP_PKEY_free(key);
	BIO_free(certificate_bio);
	BIO_free(key_bio);
	if (options->client_ca_pem) {
		BIO *ca_bio = BIO_new_mem_buf(options->client_ca_pem, -1);
		X509 *ca = PEM_read_bio_X509(ca_bio, NULL, NULL, NULL);

		bad_need(ca && X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), ca), "client authority");
		SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		X509_free(ca);
		BIO_free(ca_bio);
	}
	return tls;
}

static void start_listening(struct bad_server *server)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(where);

	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bad_need(server->listen_fd >= 0 && bind(server->listen_fd, (struct sockaddr *)&where, sizeof(where)) == 0 &&
			listen(server->listen_fd, 128) == 0 &&
			getsockname(server->listen_fd, (struct sockaddr *)&where, &len) == 0,
		"cannot listen");
	server->port = ntohs(where.sin_port);
}

struct bad_server *bad_server_start(const struct bad_server_options *options)
{
	struct bad_server *server = calloc(1, sizeof(*server));

	bad_need(server != NULL, "memory");
	(void)signal(SIGPIPE, SIG_IGN);
	bad_need((server->folder_fd = open(options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0, options->folder);
	bad_need((server->stop_fd = eventfd(0, EFD_CLOEXEC)) >= 0, "eventfd");
	server->tls = options->certificate_pem ? tls_of(options) : NULL;
	start_listening(server);
	(void)snprintf(server->url, sizeof(server->url), "%s:%d",
		server->tls ? "https://localhost" : "http://127.0.0.1", server->port);
	(void)pthread_mutex_init(&server->lock, NULL);
	(void)pthread_cond_init(&server->closed, NULL);
	bad_need(pthread_create(&server->accepting, NULL, accept_all, server) == 0, "thread");
	return server;
}

void bad_server_stop(struct bad_server *server)
{
	bad_need(eventfd_write(server->stop_fd, 1) == 0, "stop");
	(void)pthread_join(server->accepting, NULL);
	for (int i = 0; i < server->connections; i++)
		(void)pthread_join(server->threads[i], NULL);
	SSL_CTX_free(server->tls);
	(void)pthread_cond_destroy(&server->closed);
	(void)pthread_mutex_destroy(&server->lock);
	(void)close(server->listen_fd);
	(void)close(server->stop_fd);
	(void)close(server->folder_fd);
	free(server);
}

const char *bad_server_url(const struct bad_server *server)
{
	return server->url;
}

int bad_server_port(const struct bad_server *server)
{
	return server->port;
}

void bad_server_queue(struct bad_server *server, enum bad_fault fault, uint64_t at)
{
	(void)pthread_mutex_lock(&server->lock);
	bad_need(server->queued < QUEUE_SIZE, "too many faults");
	server->queue[server->queued].fault = fault;
	server->queue[server->queued++].at = at;
	(void)pthread_mutex_unlock(&server->lock);
}

void bad_server_spoil(struct bad_server *server, const char *part, enum bad_fault fault, uint64_t at)
{
	(void)pthread_mutex_lock(&server->lock);
	server->spoil.part = part;
	server->spoil.fault = fault;
	server->spoil.at = at;
	(void)pthread_mutex_unlock(&server->lock);
}

int bad_server_spoilt(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	int count = server->spoilt;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

void bad_server_redirect_to(struct bad_server *server, const char *url)
{
	(void)pthread_mutex_lock(&server->lock);
	server->redirect_to = url;
	(void)pthread_mutex_unlock(&server->lock);
}

int bad_server_requests(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	int count = server->requests;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

int bad_server_connections(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	int count = server->connections;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

uint64_t bad_server_bytes(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	uint64_t count = server->bytes;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

void bad_server_wait_until_alone(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	while (server->open > 0)
		(void)pthread_cond_wait(&server->closed, &server->lock);
	(void)pthread_mutex_unlock(&server->lock);
}

void bad_server_last_request(struct bad_server *server, char *ret_text, uint64_t size)
{
	(void)pthread_mutex_lock(&server->lock);
	(void)snprintf(ret_text, size, "%s", server->last);
	(void)pthread_mutex_unlock(&server->lock);
}
