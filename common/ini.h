/* Reads one INI file (inih) and hands each setting over with its line. What people get wrong with such files is named
 * with file and line: a byte order mark, Shift-JIS, a line that is no setting (F18). */
#ifndef COMMON_INI_H
#define COMMON_INI_H

#include "common/buf.h"
#include "common/error.h"

#define INI_MAX_BYTES 65536

/* One setting; -1 with ERR set refuses it. */
typedef int ini_setting(
	void *context, const char *section, const char *key, const char *value, int line, struct error *err);

/* Parses TEXT. The first error ends it: ERROR_INPUT, "NAME:LINE: what is wrong". */
WARN_UNUSED int ini_parse_text(
	const char *name, const struct buf *text, ini_setting *setting, void *context, struct error *err);

#endif
