/* Some HTTP requests at once, within one limit of time (libcurl). Bounded in every way; what comes back is believed by nobody
 * here. Belongs to one thread. */
#ifndef COLLECTOR_LEDGER_REQUESTS_H
#define COLLECTOR_LEDGER_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"

#define REQUEST_URL_SIZE 640
#define REQUEST_TROUBLE_SIZE 160

struct request {
	char url[REQUEST_URL_SIZE];
	struct buf body; /* sent by POST where it is not empty */
	long status;	 /* of the answer; 0: none came */
	struct buf answer;
	char trouble[REQUEST_TROUBLE_SIZE]; /* why none came */
	void *handle;			    /* the implementation's, as is the next */
	size_t headers_len;
};

enum request_verdict {
	REQUEST_DONE,	/* nothing more is wanted of it */
	REQUEST_AGAIN,	/* it was changed: send it once more */
	REQUEST_ENOUGH, /* as DONE, and the others have so long as GRACE_MS only */
};

/* How REQUESTS_SEND goes on with each that has its answer, or will get none. */
struct request_care {
	int64_t limit_ms; /* for all of it */
	int64_t grace_ms; /* after the first REQUEST_ENOUGH */
	enum request_verdict (*done)(void *context, struct request *request);
	void *context;
};

struct requests;

/* CLOCK is borrowed. Connections are kept from one sending to the next. */
WARN_UNUSED int requests_open(const struct clock *clock, struct requests **ret_requests, struct error *err);
void requests_close(struct requests *requests);
DEFINE_AUTO_PTR(requests, struct requests, requests_close);

/* Sends all of LIST, and returns when nothing more is wanted of any, or when the time is up: those without an answer then
 * say so. No redirect is followed, no proxy is asked; an answer beyond the limit of its buffer is none, nor is one
 * with more than 64 KiB of headers and trailers. */
WARN_UNUSED int requests_send(struct requests *requests, struct request *list, size_t count,
	const struct request_care *care, struct error *err);

#endif
