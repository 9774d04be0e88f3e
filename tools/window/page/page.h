/* The files of the page, in the reader's language. */
#ifndef TOOLS_WINDOW_PAGE_PAGE_H
#define TOOLS_WINDOW_PAGE_PAGE_H

#include "common/buf.h"
#include "common/json.h"

/* The page itself, with its words filled in, and STATE (of view_status.h) in it, so that it is whole when it is there. */
WARN_UNUSED int page_write(const json_t *state, struct buf *ret_html, struct error *err);

/* A file beside it, such as "window.css"; NULL where there is none. RET_TYPE is static, as is the text. */
const char *page_file(const char *name, const char **ret_type);

#endif
