/* A collector's store and its ledger, as large as it is said to be, for what writes it: without the years that it takes to
 * grow. */
#ifndef TESTS_COLLECTOR_GROWN_LEDGER_H
#define TESTS_COLLECTOR_GROWN_LEDGER_H

#include "collector/ledger/quill.h"
#include "common/clock.h"

struct grown_ledger {
	struct config config;
	struct fs fs;
	struct clock clock;
	struct database *database;
	uint64_t reports; /* that were left to be logged so far */
};

/* Below FOLDER, which it makes: SQLite, a key, and a ledger of SIZE equal entries. Of its tiles, those at the edge are files, and
 * nobody asks for others; the store knows that all are logged. */
WARN_UNUSED int grown_ledger_init(
	struct grown_ledger *ret_ledger, const char *folder, uint64_t size, struct error *err);
/* The folder stays. */
void grown_ledger_clear(struct grown_ledger *ledger);

/* What a quill works with. */
struct quill_desk grown_ledger_desk(struct grown_ledger *ledger);

/* So many reports were taken, and wait to be logged. */
WARN_UNUSED int grown_ledger_leave(struct grown_ledger *ledger, uint64_t count, struct error *err);

/* The newest of them is logged, served and proven: ERROR_NOT_FOUND otherwise. */
WARN_UNUSED int grown_ledger_prove(struct grown_ledger *ledger, struct quill *quill, struct error *err);

#endif
