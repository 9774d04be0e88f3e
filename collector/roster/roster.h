/* Certificates that were issued here: for a code, for one that ends, and no more. Each change is one transaction. */
#ifndef COLLECTOR_ROSTER_ROSTER_H
#define COLLECTOR_ROSTER_ROSTER_H

#include "collector/config/config.h"
#include "collector/identity/client.h"
#include "collector/roster/enrolment.h"

/* What issues them, and how. All borrowed. */
struct roster {
	const struct config *config;
	const struct authority *authority;
};

/* A certificate for whoever CODE was made for; former ones of the same name and institution are revoked, as another took
 * their place, and the terminal that bore them is not expected any more. ERROR_DENIED as enrolment_use(). */
WARN_UNUSED int roster_enrol(const struct roster *roster, struct database *database, const char *code,
	const struct authority_request *request, int64_t now_s, struct authority_issued *ret_issued,
	struct error *err);

/* Another one for CLIENT, who shows one of ours (DER): the same names, the same ring. ERROR_REFUSED where REQUEST names
 * somebody else, the certificate is not of this authority, or it is revoked; ERROR_THROTTLED where so many of the name hold already. */
#define ROSTER_HOLDING_MOST 8
WARN_UNUSED int roster_renew(const struct roster *roster, struct database *database, const struct client *client,
	const struct buf *der, const struct authority_request *request, int64_t now_s,
	struct authority_issued *ret_issued, struct error *err);

/* Whose certificates: a terminal's by its name and its institution (NULL: the only one that has the name), or the one with
 * SERIAL, where that is not NULL. */
struct roster_whose {
	const char *name, *institution, *serial;
};
/* Revokes all that a name bears, and codes for it, or the one with the serial number; *RET_COUNT of them. A terminal that has reported
 * with one of them last is not expected any more (verdict "revoked"), and its code cannot be used again. ERROR_NOT_FOUND where there is
 * none that holds, ERROR_REFUSED where another authority issued it, ERROR_USAGE where more than one institution has the name. */
WARN_UNUSED int roster_revoke(const struct roster *roster, struct database *database, const struct roster_whose *whose,
	const char *why, int64_t now_s, size_t *ret_count, struct error *err);

/* Writes the list of revoked certificates to the file of the settings, durably, for everybody to read. */
WARN_UNUSED int roster_publish(
	const struct roster *roster, struct database *database, int64_t now_s, struct error *err);

/* A row of the list. Texts are borrowed. */
struct roster_entry {
	const char *fingerprint, *subject, *name, *institution, *serial, *ring, *why, *text;
	int64_t ends_s, first_s, issued_s, revoked_s, last_s;
};
/* Hands over certificates behind AFTER in the order of their fingerprints, at most MOST; NAME and INSTITUTION narrow it
 * where they are not "". */
WARN_UNUSED int roster_each(struct database *database, const char *after, const char *name, const char *institution,
	int64_t most, int (*each)(void *context, const struct roster_entry *entry, struct error *err), void *context,
	struct error *err);

#endif
