/* Who may see the page: the one browser that opened the one-time address, and nobody else on this machine or any other. Everything here
 * is text against text; the server asks before it answers anything. */
#ifndef TOOLS_WINDOW_SERVE_GATE_H
#define TOOLS_WINDOW_SERVE_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

#define GATE_SECRET_SIZE 33 /* 128 bits in hexadecimal, and a NUL */
#define GATE_ORIGIN_SIZE 32
#define GATE_COOKIE "haishin_window"

struct gate {
	char token[GATE_SECRET_SIZE]; /* the one-time address: /TOKEN */
	char folder
		[GATE_SECRET_SIZE]; /* all pages lie below /FOLDER/, and the cookie goes there alone: browsers send cookies of 127.0.0.1
					* to each port of it, another account's too */
	char cookie[GATE_SECRET_SIZE];
	char origin[GATE_ORIGIN_SIZE]; /* "http://127.0.0.1:PORT" */
	bool is_spent;		       /* the address was opened */
};

/* New secrets. PORT is where the server listens. */
WARN_UNUSED int gate_init(struct gate *ret_gate, unsigned int port, struct error *err);

/* What a request says of itself; NULL for a header that is missing. */
struct gate_request {
	const char *method;
	const char *url; /* its path, as sent */
	const char *host;
	const char *origin;
	const char *site;   /* Sec-Fetch-Site */
	const char *type;   /* Content-Type */
	const char *cookie; /* all of the header */
};

enum gate_answer {
	GATE_REFUSES,	/* 403 */
	GATE_IS_SPENT,	/* 410: the address was opened before */
	GATE_OPENS,	/* the one-time address, for the first time: the cookie is to be set */
	GATE_LETS_PASS, /* one of the pages */
};

/* RET_PATH of what may pass is the part behind the folder: "" for the page itself, "api/state". It points into the request's URL. */
enum gate_answer gate_ask(struct gate *gate, const struct gate_request *request, const char **ret_path);

/* Whose the socket at the other end of a connection to 127.0.0.1 is, by the kernel's table. False where the table does not tell. PORT
 * is the other end's, LOCAL_PORT ours. */
bool gate_find_peer(uint16_t port, uint16_t local_port, uid_t *ret_uid);

#endif
