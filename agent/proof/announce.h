/* Tells the journal what the history tells, each row once it is sure to stay, under the identifiers of message_ids.h. Only the
 * resident part announces, whoever wrote the row. */
#ifndef AGENT_PROOF_ANNOUNCE_H
#define AGENT_PROOF_ANNOUNCE_H

#include "agent/store/history.h"
#include "common/log.h"

/* How far the history has been told. */
struct announce {
	int64_t told; /* number of the last row that needs no telling any more */
};

/* What is in the history now needs no telling. */
WARN_UNUSED int announce_begin(struct store *store, struct announce *announce, struct error *err);
/* Tells what was added since. A store that cannot be read is logged, and its rows are told the next time. */
void announce_news(struct store *store, struct announce *announce, const struct log *log);

#endif
