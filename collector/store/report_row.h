/* Reports as they came, and what they told of packages, releases, deliveries and certificates. All writing is done
 * within a transaction, and settled by its end. */
#ifndef COLLECTOR_STORE_REPORT_ROW_H
#define COLLECTOR_STORE_REPORT_ROW_H

#include "collector/store/database.h"
#include "common/digest.h"

struct report_row {
	int64_t received_s;
	int64_t terminal;
	int64_t number;
	const char *certificate; /* fingerprint of the client certificate that it came with */
	const struct sha256 *digest;
	int64_t size; /* before it was packed */
	const void *packed;
	size_t packed_len;
};
WARN_UNUSED int report_row_add(struct database *database, const struct report_row *row, struct error *err);
/* Is this very report there? */
WARN_UNUSED int report_row_exists(struct database *database, int64_t terminal, int64_t number,
	const struct sha256 *digest, bool *ret_exists, struct error *err);
/* Hands over the newest reports of a terminal below NUMBER, newest first, at most MOST. The row is borrowed. */
WARN_UNUSED int report_row_newest(struct database *database, int64_t terminal, int64_t number, int64_t most,
	int (*each)(void *context, const struct report_row *row, struct error *err), void *context,
	struct error *err);

struct installed_row {
	int64_t terminal;
	const char *package, *version, *state, *staged, *newest;
};
WARN_UNUSED int installed_row_drop(struct database *database, int64_t terminal, struct error *err);
WARN_UNUSED int installed_row_add(struct database *database, const struct installed_row *row, struct error *err);

/* The id that stands for a release everywhere. */
int64_t release_id_of(const char *package, const char *version, const char *digest);
WARN_UNUSED int release_row_add(struct database *database, const char *package, const char *version,
	const char *digest, int64_t now_s, struct error *err);

struct delivery_row {
	int64_t terminal, release, planned_s;
	const char *state;
	int64_t campaign, changed_s, attempts;
	const char *error, *detail;
	int64_t report;
};
WARN_UNUSED int delivery_row_put(struct database *database, const struct delivery_row *row, struct error *err);

struct certificate_row {
	const char *fingerprint, *subject, *name, *institution, *serial;
	int64_t ends_s, first_s;
	const char *text; /* as reports carry it; "" */
};
WARN_UNUSED int certificate_row_put(struct database *database, const struct certificate_row *row, struct error *err);
/* The terminal shows another one now, and was last seen with this one at LAST_S. */
WARN_UNUSED int certificate_row_last(
	struct database *database, const char *fingerprint, int64_t last_s, struct error *err);
/* The terminal is of the ring that its certificate was issued for. */
WARN_UNUSED int certificate_row_ring(
	struct database *database, int64_t terminal, const char *fingerprint, struct error *err);

#endif
