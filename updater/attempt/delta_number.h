/* The numbers in a delta's sections: seven bits a byte, the lowest first (docs/staging.md). section.h reads them. */
#ifndef UPDATER_ATTEMPT_DELTA_NUMBER_H
#define UPDATER_ATTEMPT_DELTA_NUMBER_H

#include <stdint.h>

#include "common/buf.h"

/* Appends it; the second one with a sign. */
WARN_UNUSED int delta_number_append(struct buf *buf, uint64_t number, struct error *err);
WARN_UNUSED int delta_number_append_signed(struct buf *buf, int64_t number, struct error *err);

#endif
