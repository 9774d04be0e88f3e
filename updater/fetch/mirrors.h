/* Several places that hold the same repository, in order of preference: a LAN cache, a stick, mirrors, the server
 * itself. None of them is trusted, so any may answer. */
#ifndef UPDATER_FETCH_MIRRORS_H
#define UPDATER_FETCH_MIRRORS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/transport.h"

struct mirrors;

/* TRANSPORT and BASES (COUNT of them, 1 at least, without a slash at the end) are borrowed until mirrors_free. */
WARN_UNUSED int mirrors_open(struct transport *transport, const char *const *bases, size_t count,
	struct mirrors **ret_mirrors, struct error *err);

/* Takes URLs that begin with the first base; others pass through as they are. A request goes to the place that
 * answered last, then to those behind it, then to those before: one that is out of reach is waited for once, not at
 * every request. It goes on to the next place after ERROR_NETWORK, ERROR_STRANGER, ERROR_SERVER, ERROR_CERTIFICATE and
 * ERROR_NOT_FOUND (a cache may lag behind), as long as no byte has reached the sink; after that the error is the
 * caller's, and the next request begins at the next place. Where all fail, ERROR_NOT_FOUND counts most, so that a
 * stick alone can tell that there is no newer metadata; otherwise it is the error of the place that was asked first.
 * Valid until mirrors_free. */
struct transport *mirrors_transport(struct mirrors *mirrors);

/* What the place that was asked last gave was wrong: the next request begins at the one behind it. False, with
 * nothing changed, once all but one have been passed over. */
bool mirrors_pass_over(struct mirrors *mirrors);

void mirrors_free(struct mirrors *mirrors);
DEFINE_AUTO_PTR(mirrors, struct mirrors, mirrors_free);

#endif
