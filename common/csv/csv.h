/* Comma-separated values (RFC 4180), for people's spreadsheets. */
#ifndef COMMON_CSV_CSV_H
#define COMMON_CSV_CSV_H

#include "common/buf.h"

/* Appends VALUE as a field, in quotes. One that a spreadsheet would take for a formula gets an apostrophe in front. Fails where TEXT
 * has no room. */
WARN_UNUSED int csv_write_field(struct buf *text, const char *value, struct error *err);

#endif
