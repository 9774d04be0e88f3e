/* Keeps a batch of reports in one transaction: all of them are durable, or none is. */
#ifndef COLLECTOR_REPORTS_KEEP_H
#define COLLECTOR_REPORTS_KEEP_H

#include "collector/identity/client.h"
#include "collector/reports/report.h"
#include "collector/store/database.h"

#define KEEP_MOST 256

/* A report on its way into the store. */
struct submission {
	struct report report;
	struct client client;
	struct buf certificate; /* the client's, in its plain form */
	const void *body; /* as it came: borrowed until done() */
	size_t size;
	int64_t received_s;

	struct error error; /* what became of it: code ERROR_NONE once it is durable */
	bool is_known;	    /* it was there already */
	int64_t twin_s;	    /* when two were seen that say to be its terminal; 0: it is the only one */

	struct submission *following;		     /* in a queue */
	void (*done)(struct submission *submission); /* called by the intake, once */
	void *context;				     /* for done */
};
void submission_clear(struct submission *submission);

struct keeper;

/* DATABASE is borrowed; both belong to one thread. LOGS: what is kept is to be logged in the ledger. */
WARN_UNUSED int keeper_open(struct database *database, bool logs, struct keeper **ret_keeper, struct error *err);
void keeper_close(struct keeper *keeper);
DEFINE_AUTO_PTR(keeper, struct keeper, keeper_close);

/* Keeps COUNT, at most KEEP_MOST. On 0 each submission's error tells its own fate; on -1 nothing was kept. */
WARN_UNUSED int keeper_keep(
	struct keeper *keeper, struct submission *const *submissions, size_t count, struct error *err);

#endif
