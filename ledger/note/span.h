/* A piece of somebody else's text, and how the ledger's formats are taken apart: lines, words, decimals, hashes. */
#ifndef LEDGER_NOTE_SPAN_H
#define LEDGER_NOTE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"

struct span {
	const char *at; /* borrowed; need not end in a NUL */
	size_t len;
};

#define SPAN(text) ((struct span){(text), strlen(text)})

bool span_is(struct span span, const char *text);

/* Takes the line that REST begins with, without its line feed. False, with nothing taken, where none is ended. */
bool span_take_line(struct span *rest, struct span *ret_line);

/* Takes PREFIX from the front. False, with nothing taken, where REST does not begin so. */
bool span_take_prefix(struct span *rest, const char *prefix);

/* Takes the word that follows any spaces and tabs; false where there is none. */
bool span_take_word(struct span *rest, struct span *ret_word);

/* The whole span as a decimal without needless zeros, at most INT64_MAX. */
bool span_number(struct span span, uint64_t *ret_number);

/* The whole span as a SHA-256 in base64. */
bool span_hash(struct span span, struct sha256 *ret_hash);

/* Copies into SIZE bytes with a NUL behind; false where it does not fit or holds a NUL. */
bool span_copy(struct span span, char *ret_text, size_t size);

#endif
