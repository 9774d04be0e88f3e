/* The line for support in the language of the moment. */
#ifndef TOOLS_HAISHIN_DRAW_DETAILS_H
#define TOOLS_HAISHIN_DRAW_DETAILS_H

#include <stddef.h>

#define DETAILS_SIZE 2048

/* DETAIL, as the agent or a program of ours says it, with what is our own in it translated; the rest, such as paths, numbers and
 * what other programs say, stays as it is. Returns RET_TEXT. */
const char *details_text(const char *detail, char ret_text[static DETAILS_SIZE]);

#endif
