/* Proof of contact: one row for each window that says what became of it. */
#ifndef AGENT_STORE_CONTACT_H
#define AGENT_STORE_CONTACT_H

#include "agent/store/record.h"
#include "common/words/contact_outcomes.h"

struct contact_row {
	int64_t opens_s;
	int64_t closes_s;
	char date[11];	     /* the date the window began on, "2026-01-10" */
	int64_t first_try_s; /* 0: never */
	int64_t contact_s;   /* last verified contact with the server; 0: none */
	int64_t attempts;
	int64_t on_s;	  /* how long the agent was there in it */
	int64_t on_for_s; /* until how long after its opening; 0: it was not there at the opening */
	int64_t woken;	  /* 1: the machine was started, or woken, for it by its clock's alarm */
	char outcome[16]; /* a CONTACT_... (contact_outcomes.h); "" while it is not over and there was no attempt */
	char detail[STORE_TEXT_SIZE];
};
WARN_UNUSED int contact_find(
	struct store *store, int64_t opens_s, struct contact_row *ret_row, bool *ret_found, struct error *err);
WARN_UNUSED int contact_put(struct store *store, const struct contact_row *row, struct error *err);

/* Hands over the windows that opened at FROM_S or later, oldest first. */
WARN_UNUSED int contact_each(struct store *store, int64_t from_s,
	int (*each)(void *context, const struct contact_row *row, struct error *err), void *context,
	struct error *err);

/* Forgets the windows that opened after TIME_S: the clock was ahead when they were noted. */
WARN_UNUSED int contact_forget_after(struct store *store, int64_t time_s, struct error *err);

#endif
