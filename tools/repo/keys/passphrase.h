/* Passphrases and PINs: from a file, from a descriptor, or from the person at the terminal; never from the command line. */
#ifndef TOOLS_REPO_KEYS_PASSPHRASE_H
#define TOOLS_REPO_KEYS_PASSPHRASE_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/command_line/args.h"

#define PASSPHRASE_MAX_BYTES 1024

/* Reads the first line of --passphrase-file or --passphrase-fd. RET_GIVEN tells whether there was either. */
WARN_UNUSED int passphrase_from_options(
	const struct args *args, struct buf *ret_passphrase, bool *ret_given, struct error *err);
/* The same for --pin-file and --pin-fd. */
WARN_UNUSED int pin_from_options(const struct args *args, struct buf *ret_pin, bool *ret_given, struct error *err);

/* Asks on the terminal, without showing what is typed; twice where CONFIRM is true. ERROR_USAGE where there is no
 * terminal. */
WARN_UNUSED int passphrase_ask(const char *what, bool confirm, struct buf *ret_passphrase, struct error *err);
/* Asks for the PIN of a token, once: a second try would be one of the few that it allows. */
WARN_UNUSED int pin_ask(const char *token_label, struct buf *ret_pin, struct error *err);

#endif
