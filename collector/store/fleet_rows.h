/* Pages of what the fleet has: terminals, deliveries, releases, certificates. Rows and texts are borrowed for the
 * call. */
#ifndef COLLECTOR_STORE_FLEET_ROWS_H
#define COLLECTOR_STORE_FLEET_ROWS_H

#include "collector/store/terminal_row.h"

/* Which terminals. Empty members narrow nothing. */
struct fleet_filter {
	const char *verdict, *cause, *institution, *ring;
	const char *package, *version, *state; /* the first two together; the state needs them */
	const char *name;		       /* beginning of a name: alone */
	const char *key;		       /* beginning of a key, 1 to 64 digits: alone */
	bool is_silent;
	bool is_twin;
};
/* Is there anything but a name or a key, or both of these? */
bool fleet_filter_narrows(const struct fleet_filter *filter);
/* After the terminal AFTER (0: from the first) and, where names are asked for, AFTER_NAME; in the order of ids, or
 * of names. */
WARN_UNUSED int fleet_each_terminal(struct database *database, const struct fleet_filter *filter, int64_t after,
	const char *after_name, int64_t most,
	int (*each)(void *context, const struct terminal_row *row, struct error *err), void *context,
	struct error *err);

struct fleet_delivery {
	int64_t terminal;
	const char *package, *version, *digest, *state;
	int64_t campaign, planned_s, changed_s, attempts;
	const char *error, *detail;
	int64_t report;
	const char *key, *name, *institution; /* of the terminal; "" where it was asked for one terminal */
};
typedef int fleet_take_delivery(void *context, const struct fleet_delivery *delivery, struct error *err);
/* Where a page ended; zeros: before the first. */
struct fleet_place {
	int64_t terminal, planned_s;
};
/* STATE may be "". */
WARN_UNUSED int fleet_each_delivery_of_release(struct database *database, const char *package, const char *version,
	const char *state, const struct fleet_place *after, int64_t most, fleet_take_delivery *each, void *context,
	struct error *err);
struct fleet_campaign {
	int64_t number;
	const char *state;    /* NULL: those that are not confirmed */
	const char *packages; /* names with one blank between them and around them; "": of all */
};
WARN_UNUSED int fleet_each_delivery_of_campaign(struct database *database, const struct fleet_campaign *campaign,
	const struct fleet_place *after, int64_t most, fleet_take_delivery *each, void *context, struct error *err);
/* Newest first. */
WARN_UNUSED int fleet_each_delivery_of_terminal(struct database *database, int64_t terminal, int64_t most,
	fleet_take_delivery *each, void *context, struct error *err);

#endif
