/* The real PostgreSQL of this machine's package, as an ordinary user, in a fresh folder; reached by a Unix socket
 * there. */
#ifndef TESTS_SUPPORT_POSTGRES_H
#define TESTS_SUPPORT_POSTGRES_H

#include <stdint.h>

#include "tests/support/program.h"

struct postgres {
	char folder[64];
	char url[160]; /* of an empty database */
	struct program program;
};

/* Makes a cluster with a database, and starts it; returns when it answers. */
void postgres_init(struct postgres *postgres);
/* Ends it and removes the folder. */
void postgres_clear(struct postgres *postgres);

/* Starts it again, and returns when it answers. */
void postgres_start(struct postgres *postgres);
/* Ends it at once, as a power cut would. */
void postgres_kill(struct postgres *postgres);

/* Stops all of its processes where they are, as a disk that hangs would, and lets them go on. */
void postgres_freeze(const struct postgres *postgres);
void postgres_thaw(const struct postgres *postgres);

/* The one number that SQL gives. */
int64_t postgres_number(const struct postgres *postgres, const char *sql);

#endif
