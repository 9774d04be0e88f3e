/* Who writes the ledger: in a thread of its own, it logs what the store says is not logged yet, as one batch after
 * the other, and proves it to those who wait. Of several collectors on one database one writes at a time, by a
 * lease there.
 *
 * A report is durable in the store before it is logged, and its place in the ledger is noted there afterwards.
 * What a crash left between the two is found in the ledger itself when the next one begins to write. */
#ifndef COLLECTOR_LEDGER_SCRIBE_H
#define COLLECTOR_LEDGER_SCRIBE_H

#include "collector/config/config.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"

/* Whoever waits so long for a proof gets none now, and asks again later. */
#define SCRIBE_PATIENCE_MS 5000
#define SCRIBE_REASON_SIZE 320

struct scribe;

/* What there is to say of a report. */
struct scribe_answer {
	const struct buf *proof; /* that it is logged (c2sp.org/tlog-proof); NULL: not now */
	const struct buf *
		growth; /* that the ledger only grew since the terminal saw it (ledger/proof/growth_proof.h); may be empty */
	const char *pending; /* why there is no proof yet */
};

/* Somebody who waits for the proof of a report. */
struct scribe_wait {
	struct sha256 digest;
	uint64_t since;	 /* entries of the ledger that the terminal has seen proven; 0: none */
	bool is_patient; /* false: where it is not logged yet, the answer is no at once */
	/* Called once, by another thread. ANSWER is borrowed. */
	void (*done)(struct scribe_wait *wait, const struct scribe_answer *answer);
	void *context;

	int64_t since_ms; /* the scribe's own, as is what follows */
	struct scribe_wait *following;
};

/* Makes an empty ledger in the folder of the settings. ERROR_USAGE where there is one already. */
WARN_UNUSED int scribe_begin_ledger(const struct config *config, struct buf *ret_key_text, struct error *err);

/* CONFIG, CLOCK and LOG are borrowed. Errors: the key or the folder is not there, or not a ledger's. That another
 * writes it is none. */
WARN_UNUSED int scribe_open(const struct config *config, const struct clock *clock, const struct log *log,
	struct scribe **ret_scribe, struct error *err);
/* Answers those who wait, then ends. */
void scribe_close(struct scribe *scribe);
DEFINE_AUTO_PTR(scribe, struct scribe, scribe_close);

/* -1, with the reason, where it has stopped for good, as the ledger would contradict itself; it has then sent this process
 * SIGTERM. */
WARN_UNUSED int scribe_check(struct scribe *scribe, struct error *err);

/* WAIT lives until done() was called. */
void scribe_ask(struct scribe *scribe, struct scribe_wait *wait);

#endif
