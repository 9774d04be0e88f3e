/* Those who want to be told when something changes (method Watch), so that nobody has to ask again and again: a window that is open, a
 * desktop's notice. While nothing changes they cost nothing. */
#ifndef AGENT_CONTROL_METHODS_WATCH_H
#define AGENT_CONTROL_METHODS_WATCH_H

#include "agent/resident/resident.h"
#include "agent/varlink/varlink.h"

/* What was told last, so that the same is not told twice. Empty: {0}. */
struct watch {
	char *last;
};

/* True if the caller watches, and does not wait for the end of a job. */
bool methods_watch_is(const struct varlink_call *call);
/* Tells one who watches of the job at work; its end too, which ends the watching of nobody. */
void methods_watch_tell_job(struct varlink_call *call, const char *kind, const json_t *progress, bool is_last);
/* Tells all who watch what is the case now, where that is something else than before. */
void methods_watch_changed(struct watch *watch, struct varlink *server, struct resident *resident);
void methods_watch_clear(struct watch *watch);

#endif
