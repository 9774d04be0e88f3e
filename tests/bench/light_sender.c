#include "tests/bench/light_sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#define MESSAGE_MOST 131072

struct light_sender {
	SSL_CTX *tls;
	int port;
	char message[MESSAGE_MOST];
};

static void need(bool is_so, const char *what)
{
	if (is_so)
		return;
	(void)fprintf(stderr, "light sender: %s\n", what);
	abort();
}

static X509 *read_certificate(const char *text)
{
	BIO *pem = BIO_new_mem_buf(text, -1);
	X509 *certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);

	BIO_free(pem);
	need(certificate, "no certificate");
	return certificate;
}

static EVP_PKEY *read_key(const char *text)
{
	BIO *pem = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);

	BIO_free(pem);
	need(key, "no key");
	return key;
}

struct light_sender *light_sender_new(int port, const char *ca_pem, const struct pki_pair *pair)
{
	X509 *authority = read_certificate(ca_pem), *certificate = read_certificate(pair->pem);
	struct light_sender *sender = calloc(1, sizeof(*sender));
	EVP_PKEY *key = read_key(pair->key_pem);

	need(sender && (sender->tls = SSL_CTX_new(TLS_client_method())), "no memory");
	sender->port = port;
	need(SSL_CTX_use_certificate(sender->tls, certificate) == 1 && SSL_CTX_use_PrivateKey(sender->tls, key) == 1 &&
			X509_STORE_add_cert(SSL_CTX_get_cert_store(sender->tls), authority) == 1,
		"no certificates");
	SSL_CTX_set_verify(sender->tls, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_session_cache_mode(sender->tls, SSL_SESS_CACHE_OFF);
	X509_free(authority);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return sender;
}

void light_sender_free(struct light_sender *sender)
{
	if (!sender)
		return;
	SSL_CTX_free(sender->tls);
	free(sender);
}

static int call(const struct light_sender *sender)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)sender->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct timeval patience = {.tv_sec = 60};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0, "no socket");
	if (connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int put_request(struct light_sender *sender, const void *report, size_t len)
{
	int head = snprintf(sender->message, MESSAGE_MOST,
		"POST /reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n", len);

	need((size_t)head + len < MESSAGE_MOST, "the report is too large");
	memcpy(sender->message + head, report, len);
	return head + (int)len;
}

/* True once the head of an answer is there, and as much behind it as it says. */
static bool is_whole(const char *text, size_t len)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");

	return body && length && length < body &&
	       len - (size_t)(body + 4 - text) >= strtoul(length + strlen("Content-Length: "), NULL, 10);
}

static int take_answer(struct light_sender *sender, SSL *ssl)
{
	int status = 0, got;
	size_t len = 0;

	do {
		if ((got = SSL_read(ssl, sender->message + len, (int)(MESSAGE_MOST - 1 - len))) <= 0)
			return 0;
		len += (size_t)got;
		sender->message[len] = '\0';
	} while (!is_whole(sender->message, len));
	return sscanf(sender->message, "HTTP/1.1 %d", &status) == 1 ? status : 0;
}

int light_sender_send(struct light_sender *sender, const void *report, size_t len)
{
	int size = put_request(sender, report, len), status = 0, fd = call(sender);
	SSL *ssl = SSL_new(sender->tls);

	need(ssl, "no memory");
	if (fd >= 0 && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1 &&
		SSL_write(ssl, sender->message, size) == size && (status = take_answer(sender, ssl)) != 0)
		(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	if (fd >= 0)
		(void)close(fd);
	return status;
}
