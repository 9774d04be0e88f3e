/* One token, opened: its library, a session, its owner logged in. Part of manifests/token. */
#ifndef MANIFESTS_TOKEN_TOKEN_SESSION_H
#define MANIFESTS_TOKEN_TOKEN_SESSION_H

#include <stdbool.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "common/auto.h"
#include "common/error.h"
#include "manifests/token/token_pin.h"

struct token_session {
	CK_FUNCTION_LIST **modules; /* NULL behind the last; NULL where nothing is open */
	bool one_module;	    /* loaded by its path, and not by p11-kit's settings */
	CK_FUNCTION_LIST *module;   /* of the token; NULL where there is no session */
	CK_SESSION_HANDLE session;
	CK_TOKEN_INFO info;
	char label[33]; /* of the token, for people */
};

DEFINE_AUTO_PTR(uri, P11KitUri, p11_kit_uri_free);

/* Reads a URI for a key in a token. NULL with ERROR_USAGE where it is none, or holds a PIN. */
P11KitUri *token_read_uri(const char *text, struct error *err);

/* Opens the one token that URI names; WRITE: to make keys in it. */
WARN_UNUSED int token_session_open(P11KitUri *uri, bool write, const struct token_pin *pin,
	struct token_session *ret_session, struct error *err);
void token_session_close(struct token_session *session);
DEFINE_AUTO(token_session, struct token_session, token_session_close);

/* The error of a call that failed. */
int token_failed(const struct token_session *session, const char *what, CK_RV rv, struct error *err);

/* The one object that TEMPLATE finds. ERROR_NOT_FOUND, or ERROR_INPUT where there are more. */
WARN_UNUSED int token_find(const struct token_session *session, CK_ATTRIBUTE *template, size_t count,
	CK_OBJECT_HANDLE *ret_object, struct error *err);

/* An attribute of an object, into a buffer within its limit. */
WARN_UNUSED int token_attribute(const struct token_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
	struct buf *ret_value, struct error *err);

#endif
