/* Proof of contact: one row a night that says what became of it. */
#ifndef AGENT_CONTACT_H
#define AGENT_CONTACT_H

#include "agent/record.h"

struct night_row {
	char date[11]; /* the date the night began on, "2026-01-10" */
	int64_t opens_s;
	int64_t closes_s;
	int64_t first_try_s; /* 0: never */
	int64_t contact_s;   /* last verified contact with the server; 0: none */
	int64_t attempts;
	char outcome[16]; /* "contacted", "disabled", "network", "server", "off", "clock"; "" while it is not over */
	char detail[STORE_TEXT_SIZE];
};
WARN_UNUSED int night_find(
	struct store *store, const char *date, struct night_row *ret_row, bool *ret_found, struct error *err);
WARN_UNUSED int night_put(struct store *store, const struct night_row *row, struct error *err);

/* Hands over the nights that began on FROM_DATE or later, oldest first. */
WARN_UNUSED int night_each(struct store *store, const char *from_date,
	int (*each)(void *context, const struct night_row *row, struct error *err), void *context, struct error *err);

#endif
