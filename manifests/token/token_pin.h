/* The PIN of a token, and who is asked for it. */
#ifndef MANIFESTS_TOKEN_TOKEN_PIN_H
#define MANIFESTS_TOKEN_TOKEN_PIN_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/error.h"

/* Where PINs come from. Asked at most once for each token that wants one. */
struct token_pin {
	int (*ask)(void *context, const char *token_label, struct buf *ret_pin, struct error *err);
	void *context;
	bool is_unattended; /* nobody watches: none is tried where a wrong one was given before */
};

#define TOKEN_PIN_MAX_BYTES 256

#endif
