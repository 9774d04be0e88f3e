/* A process at a terminal, and all that it shows there.
 *
 * A terminal whose leader ends throws away what nobody has read yet (the kernel's pty_flush_buffer(), when it hangs up): of a program
 * that is the leader itself, the last words may be lost where the machine is busy. Here a process of our own leads; it says behind the
 * program's last words that this has ended, and goes when the terminal is closed. */
#ifndef TESTS_SUPPORT_PSEUDO_TERMINAL_H
#define TESTS_SUPPORT_PSEUDO_TERMINAL_H

#include <sys/types.h>

#include "common/buf.h"

#define PSEUDO_TERMINAL_MOST 65536 /* bytes that it shows */

struct pseudo_terminal {
	pid_t leader;
	int fd;		 /* what is written there was typed */
	struct buf seen; /* what it showed */
};

/* Begins a process at a terminal of COLUMNS by 24, which ends with what PROGRAM returns if it returns. */
struct pseudo_terminal pseudo_terminal_begin(
	unsigned short columns, int (*program)(const void *context), const void *context);
void pseudo_terminal_type(struct pseudo_terminal *terminal, const char *text);
/* Reads until it has shown TEXT; the test has failed where the process ends before. */
void pseudo_terminal_await(struct pseudo_terminal *terminal, const char *text);
/* Reads what else it shows, and returns how it ended, as a shell does. .seen stays, to be cleared by buf_clear(). */
int pseudo_terminal_end(struct pseudo_terminal *terminal);

#endif
