#include "tests/collector/slow_senders.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#define HEAD "POST /reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"

struct slow {
	int fd;
	SSL *ssl; /* NULL: it never shakes hands */
};

struct slow_senders {
	pthread_t thread;
	atomic_bool is_ending;
	SSL_CTX *tls;
	int port;
	size_t count;
	struct slow items[];
};

static void need(bool is_so, const char *what)
{
	if (is_so)
		return;
	(void)fprintf(stderr, "slow senders: %s\n", what);
	abort();
}

static SSL_CTX *make_tls(const struct pki_pair *pair)
{
	BIO *pem = BIO_new_mem_buf(pair->pem, -1), *key_pem = BIO_new_mem_buf(pair->key_pem, -1);
	X509 *certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_pem, NULL, NULL, NULL);
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	need(tls && SSL_CTX_use_certificate(tls, certificate) == 1 && SSL_CTX_use_PrivateKey(tls, key) == 1,
		"no certificate");
	X509_free(certificate);
	EVP_PKEY_free(key);
	BIO_free(pem);
	BIO_free(key_pem);
	return tls;
}

static void hang_up(struct slow *slow)
{
	SSL_free(slow->ssl);
	if (slow->fd >= 0)
		(void)close(slow->fd);
	*slow = (struct slow){.fd = -1};
}

static void call(struct slow_senders *senders, struct slow *slow, bool shakes_hands)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)senders->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct timeval patience = {.tv_sec = 2};

	slow->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (slow->fd < 0 || setsockopt(slow->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
		connect(slow->fd, (struct sockaddr *)&where, sizeof(where)) < 0) {
		hang_up(slow);
		return;
	}
	if (!shakes_hands)
		return;
	slow->ssl = SSL_new(senders->tls);
	if (!slow->ssl || SSL_set_fd(slow->ssl, slow->fd) != 1 || SSL_connect(slow->ssl) != 1 ||
		SSL_write(slow->ssl, HEAD, (int)strlen(HEAD)) <= 0)
		hang_up(slow);
}

/* A byte; false where nobody takes it any more. */
static bool drip(struct slow *slow)
{
	char byte = '[';

	if (slow->fd < 0)
		return false;
	if (slow->ssl)
		return SSL_write(slow->ssl, &byte, 1) == 1;
	/* The first byte of a handshake that never goes on. */
	return send(slow->fd, "\x16", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

static void *take_their_time(void *context)
{
	struct slow_senders *senders = context;

	while (!senders->is_ending) {
		for (size_t i = 0; i < senders->count && !senders->is_ending; i++)
			if (!drip(&senders->items[i])) {
				hang_up(&senders->items[i]);
				call(senders, &senders->items[i], i % 2);
			}
		(void)usleep(200000);
	}
	return NULL;
}

struct slow_senders *slow_senders_begin(const struct collector *collector, const struct pki_pair *pair, size_t count)
{
	struct slow_senders *senders = calloc(1, sizeof(*senders) + count * sizeof(senders->items[0]));

	need(senders, "no memory");
	(void)signal(SIGPIPE, SIG_IGN);
	senders->tls = make_tls(pair);
	senders->port = atoi(strrchr(collector->base, ':') + 1);
	senders->count = count;
	for (size_t i = 0; i < count; i++) {
		senders->items[i].fd = -1;
		call(senders, &senders->items[i], i % 2);
	}
	need(pthread_create(&senders->thread, NULL, take_their_time, senders) == 0, "no thread");
	return senders;
}

void slow_senders_end(struct slow_senders *senders)
{
	senders->is_ending = true;
	(void)pthread_join(senders->thread, NULL);
	for (size_t i = 0; i < senders->count; i++)
		hang_up(&senders->items[i]);
	SSL_CTX_free(senders->tls);
	free(senders);
}
