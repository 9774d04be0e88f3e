/* Reports on their way into the store: whoever takes one in hands it over and goes on; a thread of its own keeps
 * all that wait in one transaction after the other. So many senders share one sync of the disk, and nobody waits
 * for a batch to fill. */
#ifndef COLLECTOR_REPORTS_INTAKE_H
#define COLLECTOR_REPORTS_INTAKE_H

#include "collector/reports/keep.h"
#include "common/log.h"

struct intake;

struct intake_figures {
	uint64_t kept;	  /* reports made durable */
	uint64_t known;	  /* that were there already */
	uint64_t refused; /* that were no reports, or not by whom they said */
	uint64_t failed;  /* that the store could not take */
	uint64_t limited; /* of certificates that had sent as many as they may */
	uint64_t waiting;
	char trouble[512]; /* why the store cannot take any at the moment; "" */
};

/* Opens the store of the settings for writing. */
WARN_UNUSED int intake_open(
	const struct config *config, const struct log *log, struct intake **ret_intake, struct error *err);
/* Keeps what waits, then ends. */
void intake_close(struct intake *intake);
DEFINE_AUTO_PTR(intake, struct intake, intake_close);

/* Hands SUBMISSION over; its done() is called once, by another thread, when its fate is known. ERROR_BUSY: too
 * many wait; done() is not called then. */
WARN_UNUSED int intake_submit(struct intake *intake, struct submission *submission, struct error *err);
/* Counts one that never got so far. */
void intake_refused(struct intake *intake);
/* The same of SUBJECT, who has sent as many as it may: told in the log, once a minute at most. */
void intake_limited(struct intake *intake, const char *subject);
void intake_figures(struct intake *intake, struct intake_figures *ret_figures);

#endif
