/* Ids of keys that are a terminal's own no more: it was given another one, and its history goes on under that. */
#ifndef AGENT_PROOF_KEY_NAMES_H
#define AGENT_PROOF_KEY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"
#include "manifests/keys/key.h"

#define KEY_NAMES_MOST 32
#define KEY_NAMES_MAX_BYTES (KEY_NAMES_MOST * KEY_ID_SIZE + 1)

struct key_names {
	char ids[KEY_NAMES_MOST][KEY_ID_SIZE]; /* the newest last */
	size_t count;
};

/* Adds one, unless it is there; of more than KEY_NAMES_MOST the oldest goes. */
void key_names_add(struct key_names *names, const char *id);
bool key_names_hold(const struct key_names *names, const char *id);

/* As text, with blanks between them, and back; what is no id there is passed over. */
WARN_UNUSED int key_names_write(const struct key_names *names, struct buf *ret_text, struct error *err);
void key_names_read(const char *text, struct key_names *ret_names);

#endif
