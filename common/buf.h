/* A growing byte buffer that never outgrows the limit it was born with. The bytes are always followed by a NUL. */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "common/auto.h"
#include "common/error.h"

struct buf {
	char *data; /* NULL until the first byte */
	size_t len;
	size_t capacity;
	size_t limit; /* the most bytes it will hold */
};

#define BUF_INIT(most)                                                                                               \
	{                                                                                                            \
		.limit = (most)                                                                                      \
	}

/* Appends; ERROR_REFUSED beyond the limit. On failure the buffer is as it was. */
WARN_UNUSED int buf_append(struct buf *buf, const void *data, size_t len, struct error *err);
/* The same with LEN bytes that the caller fills in next; until then they may be anything. */
WARN_UNUSED int buf_extend(struct buf *buf, size_t len, char **ret_room, struct error *err);
WARN_UNUSED int buf_printf(struct buf *buf, struct error *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The bytes as a C string; "" when empty. */
const char *buf_text(const struct buf *buf);

void buf_empty(struct buf *buf);
/* Frees; the buffer may be used again. buf_wipe overwrites the bytes first: for secrets. */
void buf_clear(struct buf *buf);
void buf_wipe(struct buf *buf);

DEFINE_AUTO(buf, struct buf, buf_clear);
DEFINE_AUTO(secret, struct buf, buf_wipe);

#endif
