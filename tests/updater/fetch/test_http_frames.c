/* A server that speaks HTTP/2 by its letter and gives nothing: frames without end that are no answer. Each ends at the same bounds as
 * what a server of HTTP/1 may waste, and the client is as good as before. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "tests/support/pki.h"
#include "tests/updater/visit.h"

#define FRAME_HEAD 9
#define FRAMES_AT_ONCE 64

/* FIRST once, then AGAIN without end. */
struct flood {
	const char *name;
	size_t first_len, again_len;
	unsigned char first[32], again[400];
	const char *text; /* of the error; each is of the network's kind */
};

#define FRAME(len, kind, flags, stream) 0, (len) >> 8, (len)&255, kind, flags, 0, 0, 0, stream
#define DATA 0
#define HEADERS 1
#define SETTINGS 4
#define PING 6
#define WINDOW_UPDATE 8
#define CONTINUATION 9
#define WHOLE_HEADERS 4
#define PADDED 8
/* ":status: 200", and 103 spelled out. */
#define STATUS_200 0x88
#define STATUS_103 0x08, 3, '1', '0', '3'

static const struct flood floods[] = {
	{"pings", 0, FRAME_HEAD + 8, {0}, {FRAME(8, PING, 0, 0)}, ""},
	{"settings", 0, FRAME_HEAD, {0}, {FRAME(0, SETTINGS, 0, 0)}, ""},
	{"window updates", 0, FRAME_HEAD + 4, {0}, {FRAME(4, WINDOW_UPDATE, 0, 1), 0, 0, 0, 1}, ""},
	{"early answers", 0, FRAME_HEAD + 5, {0}, {FRAME(5, HEADERS, WHOLE_HEADERS, 1), STATUS_103}, ""},
	{"data without a byte", FRAME_HEAD + 1, FRAME_HEAD, {FRAME(1, HEADERS, WHOLE_HEADERS, 1), STATUS_200},
		{FRAME(0, DATA, 0, 1)}, ""},
	{"padding", FRAME_HEAD + 1, FRAME_HEAD + 256, {FRAME(1, HEADERS, WHOLE_HEADERS, 1), STATUS_200},
		{FRAME(256, DATA, PADDED, 1), 255}, ""},
	{"headers that go on", FRAME_HEAD + 1, FRAME_HEAD + 8, {FRAME(1, HEADERS, 0, 1), STATUS_200},
		{FRAME(8, CONTINUATION, 0, 1), 0, 1, 'x', 4, 'a', 'b', 'c', 'd'}, ""},
	{"frames that nobody knows", 0, FRAME_HEAD + 100, {0}, {FRAME(100, 200, 0, 1)}, ""},
	{"nothing", 0, 0, {0}, {0}, "silent or too slow"},
};

/* ---- The server ---- */

struct server {
	SSL_CTX *context;
	const struct flood *flood;
	int listen_fd;
	_Atomic int client_fd; /* -1: none */
	_Atomic bool has_begun; /* the flood, as an answer by HTTP/2 */
	pthread_t thread;
	char url[64];
};

static int choose_http2(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
	unsigned int len, void *context)
{
	(void)ssl, (void)in, (void)len, (void)context;
	*out = (const unsigned char *)"h2";
	*out_len = 2;
	return SSL_TLSEXT_ERR_OK;
}

static bool speaks_http2(SSL *ssl)
{
	const unsigned char *name;
	unsigned int len;

	SSL_get0_alpn_selected(ssl, &name, &len);
	return len == 2;
}

static void flood(struct server *server, SSL *ssl)
{
	const struct flood *flood = server->flood;
	static const unsigned char settings[] = {FRAME(0, SETTINGS, 0, 0)};
	unsigned char many[FRAMES_AT_ONCE * sizeof(flood->again)], asked[4096];

	/* Until the client has asked: its preface, its settings, its request. */
	for (int seen = 0; seen < 100;) {
		int got = SSL_read(ssl, asked, sizeof(asked));

		if (got <= 0)
			return;
		seen += got;
	}
	for (size_t i = 0; i < FRAMES_AT_ONCE; i++)
		memcpy(many + i * flood->again_len, flood->again, flood->again_len);
	if (SSL_write(ssl, settings, sizeof(settings)) <= 0 ||
		(flood->first_len && SSL_write(ssl, flood->first, (int)flood->first_len) <= 0))
		return;
	server->has_begun = speaks_http2(ssl);
	while (flood->again_len && SSL_write(ssl, many, (int)(FRAMES_AT_ONCE * flood->again_len)) > 0)
		;
	while (SSL_read(ssl, asked, sizeof(asked)) > 0)
		;
}

static void *serve(void *argument)
{
	struct server *server = argument;
	int fd;

	while ((fd = accept(server->listen_fd, NULL, NULL)) >= 0) {
		SSL *ssl = SSL_new(server->context);

		server->client_fd = fd;
		if (SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1)
			flood(server, ssl);
		SSL_free(ssl);
		server->client_fd = -1;
		(void)close(fd);
	}
	return NULL;
}

static void server_start(struct server *server, const struct pki_pair *pair)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	BIO *certificate = BIO_new_mem_buf(pair->pem, -1), *key = BIO_new_mem_buf(pair->key_pem, -1);
	X509 *read_certificate = PEM_read_bio_X509(certificate, NULL, NULL, NULL);
	EVP_PKEY *read_key = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
	socklen_t len = sizeof(address);

	server->context = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(server->context, read_certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(server->context, read_key), 1);
	SSL_CTX_set_alpn_select_cb(server->context, choose_http2, NULL);
	X509_free(read_certificate);
	EVP_PKEY_free(read_key);
	BIO_free(certificate);
	BIO_free(key);
	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->listen_fd, 8), 0);
	assert_int_equal(getsockname(server->listen_fd, (struct sockaddr *)&address, &len), 0);
	(void)snprintf(server->url, sizeof(server->url), "https://localhost:%u/file", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_stop(struct server *server)
{
	int client_fd = server->client_fd;

	(void)shutdown(server->listen_fd, SHUT_RDWR);
	if (client_fd >= 0)
		(void)shutdown(client_fd, SHUT_RDWR); /* it may wait for room to write */
	(void)pthread_join(server->thread, NULL);
	(void)close(server->listen_fd);
	SSL_CTX_free(server->context);
}

/* ---- The tests ---- */

static void assert_ends(struct visit *visit, const struct pki_pair *pair, const struct flood *row)
{
	struct server server = {.flood = row, .client_fd = -1};

	if (row->again_len == 0)
		visit->options.http.stall_timeout_s = 3;
	server_start(&server, pair);
	visit_open_http(visit);
	assert_int_equal(visit_get_url(visit, server.url), -1);
	if (visit->err.code != ERROR_NETWORK || !strstr(visit->err.text, row->text))
		fail_msg("%s: got %s: %s", row->name, error_code_name(visit->err.code), visit->err.text);
	assert_true(server.has_begun);
	assert_int_equal(visit->body.len, 0);
	visit_close(visit); /* and with it the connection, for whose end the server waits */
	server_stop(&server);
}

TEST_CASE(test_frames_without_end_are_no_answer)
{
	struct visit *visit = *state;
	struct pki_pair pair;
	struct pki pki;

	pki_init(&pki, "haishin-test authority");
	pki_issue_server(&pki, &pair, pki_yesterday(), pki_next_year());
	visit->options.http.ca_pem = pki.ca_pem;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(floods); i++)
		assert_ends(visit, &pair, &floods[i]);
	visit_open_http(visit);
	assert_gets_file(visit);
	visit_close(visit);
	pki_pair_clear(&pair);
	pki_clear(&pki);
}

TESTS(visit_setup, visit_teardown)
