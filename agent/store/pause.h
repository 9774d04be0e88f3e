/* Disabled and held (F8): a pause of all delivery (PACKAGE ""), or of one package. */
#ifndef AGENT_STORE_PAUSE_H
#define AGENT_STORE_PAUSE_H

#include "agent/store/record.h"

struct pause_row {
	char package[PACKAGE_NAME_SIZE]; /* "" for the whole terminal */
	int64_t since_s;
	int64_t until_s; /* 0: until it is ended by hand */
	char who[64];	 /* account name */
	char why[STORE_TEXT_SIZE];
};
/* Changes nothing, and adds no row to the history, where the same pause is there already: for the same reason, and until the same
 * minute. */
WARN_UNUSED int pause_set(struct store *store, const char *package, int64_t until_s, const char *who, const char *why,
	struct error *err);
/* WHO NULL: its time was over. */
WARN_UNUSED int pause_end(struct store *store, const char *package, const char *who, struct error *err);
/* A pause whose time is over at NOW_S counts as none. */
WARN_UNUSED int pause_find(struct store *store, const char *package, int64_t now_s, struct pause_row *ret_row,
	bool *ret_found, struct error *err);

/* Hands over every pause, the terminal's first, those whose time is over too. */
WARN_UNUSED int pause_each(struct store *store,
	int (*each)(void *context, const struct pause_row *row, struct error *err), void *context, struct error *err);

#endif
