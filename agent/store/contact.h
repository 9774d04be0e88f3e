/* Proof of contact: one row for each window that says what became of it. */
#ifndef AGENT_STORE_CONTACT_H
#define AGENT_STORE_CONTACT_H

#include "agent/store/record.h"

/* Outcomes of a window. The first is good; the next two are nobody's fault; the others are to be looked into. */
#define CONTACT_MADE "contacted"
#define CONTACT_OFF "off" /* the terminal was off, or too short a time on to have its turn */
#define CONTACT_DISABLED "disabled"
#define CONTACT_NETWORK "network"
#define CONTACT_CLOCK "clock" /* the terminal's clock was wrong */
#define CONTACT_SERVER "server"
#define CONTACT_NOT_RUNNING "not-running" /* the machine was on, the agent was not, or its work crashed */
/* OUTCOME(one of them, the word of staff for it, in English): no other is put into the store. */
/* clang-format off */
#define EACH_CONTACT_OUTCOME(OUTCOME) \
	OUTCOME(CONTACT_MADE, N_("contact"))                    \
	OUTCOME(CONTACT_OFF, N_("terminal off"))                \
	OUTCOME(CONTACT_DISABLED, N_("delivery disabled"))      \
	OUTCOME(CONTACT_NETWORK, N_("no network"))              \
	OUTCOME(CONTACT_CLOCK, N_("wrong clock"))               \
	OUTCOME(CONTACT_SERVER, N_("server error"))             \
	OUTCOME(CONTACT_NOT_RUNNING, N_("haishin not running"))
/* clang-format on */

struct contact_row {
	int64_t opens_s;
	int64_t closes_s;
	char date[11];	     /* the date the window began on, "2026-01-10" */
	int64_t first_try_s; /* 0: never */
	int64_t contact_s;   /* last verified contact with the server; 0: none */
	int64_t attempts;
	int64_t on_s;	  /* how long the agent was there in it */
	int64_t on_for_s; /* until how long after its opening; 0: it was not there at the opening */
	char outcome[16]; /* one of those above; "" while it is not over and there was no attempt */
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
