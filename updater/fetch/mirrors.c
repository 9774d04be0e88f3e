#include "updater/fetch/mirrors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mirrors {
	struct transport transport;
	struct transport *inner;
	const char *const *bases;
	size_t count;
	size_t preferred;   /* where the next request begins */
	size_t asked;	    /* last */
	size_t passed_over; /* so many were found to be wrong */
};

/* What is known once one place has failed. */
struct outcome {
	struct error err;
	struct transport_reply reply;
};

static bool another_may_answer(enum error_code code)
{
	return code == ERROR_NETWORK || code == ERROR_STRANGER || code == ERROR_SERVER || code == ERROR_CERTIFICATE ||
	       code == ERROR_NOT_FOUND;
}

/* What follows the first base in URL; NULL where it does not begin with it. */
static const char *below_first_base(const struct mirrors *mirrors, const char *url)
{
	size_t len = strlen(mirrors->bases[0]);

	return strncmp(url, mirrors->bases[0], len) == 0 && url[len] == '/' ? url + len : NULL;
}

static int ask(struct mirrors *mirrors, size_t place, const struct transport_request *request, const char *rest,
	transport_sink *sink, void *sink_context, struct outcome *ret_outcome)
{
	AUTO(free) char *url = NULL;
	struct transport_request there = *request;

	if (asprintf(&url, "%s%s", mirrors->bases[place], rest) < 0) {
		url = NULL;
		return error_set(&ret_outcome->err, ERROR_FAILED, "no memory for a URL");
	}
	there.url = url;
	mirrors->asked = place;
	return mirrors->inner->ask(
		mirrors->inner, &there, sink, sink_context, &ret_outcome->reply, &ret_outcome->err);
}

static int mirrors_get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	struct mirrors *mirrors = transport->context;
	const char *rest = below_first_base(mirrors, request->url);
	size_t first = mirrors->preferred;
	struct outcome told = {0};

	if (!rest)
		return mirrors->inner->ask(mirrors->inner, request, sink, sink_context, ret_reply, err);
	for (size_t i = 0; i < mirrors->count; i++) {
		size_t place = (first + i) % mirrors->count;
		struct outcome outcome = {0};

		if (ask(mirrors, place, request, rest, sink, sink_context, &outcome) == 0) {
			mirrors->preferred = place;
			*ret_reply = outcome.reply;
			return 0;
		}
		if (i == 0 || (outcome.err.code == ERROR_NOT_FOUND && told.err.code != ERROR_NOT_FOUND) ||
			!another_may_answer(outcome.err.code) || outcome.reply.bytes > 0)
			told = outcome;
		if (!another_may_answer(outcome.err.code))
			break;
		if (outcome.reply.bytes > 0) {
			mirrors->preferred = (place + 1) % mirrors->count;
			break;
		}
	}
	*ret_reply = told.reply;
	if (err)
		*err = told.err;
	return -1;
}

int mirrors_open(struct transport *transport, const char *const *bases, size_t count, struct mirrors **ret_mirrors,
	struct error *err)
{
	struct mirrors *mirrors = calloc(1, sizeof(*mirrors));

	if (!mirrors)
		return error_set(err, ERROR_FAILED, "no memory for mirrors");
	*mirrors = (struct mirrors){.inner = transport, .bases = bases, .count = count};
	mirrors->transport = (struct transport){.ask = mirrors_get, .context = mirrors};
	*ret_mirrors = mirrors;
	return 0;
}

struct transport *mirrors_transport(struct mirrors *mirrors)
{
	return &mirrors->transport;
}

bool mirrors_pass_over(struct mirrors *mirrors)
{
	if (mirrors->passed_over + 1 >= mirrors->count)
		return false;
	mirrors->passed_over++;
	mirrors->preferred = (mirrors->asked + 1) % mirrors->count;
	return true;
}

void mirrors_free(struct mirrors *mirrors)
{
	free(mirrors);
}
