/* Writes an archive from its pieces (members.h), which come as a stream: plain bytes go on as they are, members are
 * deflated as they come. Memory is bounded by the table's limit. */
#ifndef UPDATER_MEMBERS_MEMBERS_WRITER_H
#define UPDATER_MEMBERS_MEMBERS_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

struct members_writer;

/* Takes what comes out; -1 ends it. */
typedef int members_sink(void *context, const void *data, size_t len, struct error *err);

WARN_UNUSED int members_writer_new(
	members_sink *sink, void *context, struct members_writer **ret_writer, struct error *err);
void members_writer_free(struct members_writer *writer);
DEFINE_AUTO_PTR(members_writer, struct members_writer, members_writer_free);

/* The next bytes of the stream. ERROR_REFUSED where its table has too many pieces or makes no sense, or where bytes
 * follow the last piece; whatever the sink said. */
WARN_UNUSED int members_writer_put(struct members_writer *writer, const uint8_t *data, size_t len, struct error *err);
/* At the end of the stream. ERROR_REFUSED where pieces are missing. */
WARN_UNUSED int members_writer_end(struct members_writer *writer, struct error *err);

#endif
