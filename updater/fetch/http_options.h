/* What HTTP is to keep to, and the limits of it. */
#ifndef UPDATER_FETCH_HTTP_OPTIONS_H
#define UPDATER_FETCH_HTTP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Whom a server may send us on to. Never from https to http, never to another scheme, and never what is sent to a
 * server; with ANY never to this machine, unless the server is there too, nor to what has an address on the link alone. */
enum http_redirects {
	HTTP_REDIRECTS_NONE,
	HTTP_REDIRECTS_SAME_HOST, /* the host that the URL names, by any port */
	HTTP_REDIRECTS_ANY, /* other hosts too, which see neither our certificate nor the user and password of the
				     URL */
};

struct http_options {
	const char *ca_pem; /* whom to trust as a server; NULL: the machine's own list. Borrowed, as all below */
	const char *certificate_pem;   /* the client certificate with its chain; NULL: none */
	const char *key_pem;	       /* its private key */
	const char *proxy;	       /* such as "http://proxy:8080"; NULL: none. Never guessed (F15) */
	const char *proxy_credentials; /* "user:password" for it; NULL: none */
	int64_t connect_timeout_ms;    /* for one address; HTTP_CONNECT_TIMES this for all, with TLS; 0: 10 s */
	int64_t stall_timeout_s;       /* at less than HTTP_SLOWEST bytes a second; 0: 30 s */
	int64_t total_timeout_s;       /* for one transfer; 0: none */
	int64_t most_bytes_per_s;      /* 0: no limit */
	enum http_redirects redirects;
	bool fresh_connections; /* one for each transfer: a request on a kept connection that the server has closed
				   is sent again by itself, and some must never be sent twice */
	int stop_fd;		/* readable: end with ERROR_STOPPED; -1: none */
	/* Asked when STOP_FD is readable: true, the transfer goes on. NULL: it ends. */
	bool (*goes_on)(void *context);
	void *context; /* for that */
};

/* What keeps a transfer from being called stalled. Over HTTP_FLOOR_TIMES the stall time-out, a server has to bring more
 * than that (updater/fetch/http_floor.h): one that sends a little now and then must not hold a night. */
#define HTTP_SLOWEST 100
#define HTTP_FLOOR_TIMES 2

/* All headers and trailers of one answer, with those of 1xx before it. */
#define HTTP_HEADERS_MOST 65536

/* What HTTP_OPTIONS means where they leave something at 0. */
#define HTTP_CONNECT_TIMEOUT_MS 10000
/* Connecting may take so many times that: room for addresses that do not answer, and for TLS on the one that does. */
#define HTTP_CONNECT_TIMES 4
#define HTTP_STALL_TIMEOUT_S 30

/* So many redirects of one transfer are followed. */
#define HTTP_REDIRECTS_MOST 5

/* More than this a server cannot ask us to wait by Retry-After. */
#define HTTP_RETRY_AFTER_MOST_S 86400

#endif
