/* Opens the window's address in a browser of this machine. */
#ifndef TOOLS_WINDOW_BROWSER_H
#define TOOLS_WINDOW_BROWSER_H

#include <limits.h>

#include "common/error.h"

struct browser {
	char folder[PATH_MAX]; /* of our own; "": none */
};

/* Starts it, as a window without bars where the browser can. The address goes through a file that this account alone can read: command
 * lines are everybody's to see. ERROR_NOT_FOUND where there is no browser. */
WARN_UNUSED int browser_open(struct browser *browser, const char *address, struct error *err);
/* Removes that file. */
void browser_close(struct browser *browser);

#endif
