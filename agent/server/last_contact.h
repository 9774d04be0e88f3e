/* The last contact with the server, and what came with it: the catalog, the client certificate of that moment, why
 * the last check failed. Kept as settings in the store. */
#ifndef AGENT_SERVER_LAST_CONTACT_H
#define AGENT_SERVER_LAST_CONTACT_H

#include "agent/server/distribution.h"
#include "agent/store/store.h"

/* Why the certificate could not be renewed, as whoever tries it keeps it. */
#define SETTING_RENEWAL_TROUBLE "enrolment.trouble"

struct last_contact {
	int64_t contact_s;	       /* last verified contact; 0: never */
	int64_t catalog_version;       /* of the repository's snapshot that the kept catalog came with; 0: none */
	int64_t certificate_expires_s; /* of the client certificate last shown; 0: none was needed yet */
	char certificate_name[128];    /* its file; "" for none */
	char renewal_trouble[STORE_TEXT_SIZE]; /* why that certificate could not be renewed; "" */
	int64_t twin_s;		       /* when another machine was seen that reports as this one; 0: there is none */
	bool server_is_untrusted;      /* the last check failed since the server's certificate is not trusted */
};
WARN_UNUSED int last_contact_read(struct store *store, struct last_contact *ret_contact, struct error *err);

/* Metadata and catalog were verified: those of a server, or, where IS_CONTACT is false, those in a folder. */
WARN_UNUSED int last_contact_note(const struct distribution *distribution, bool is_contact, struct error *err);
/* Which client certificate is shown from now on; before the contact, since it may be what keeps it away. */
WARN_UNUSED int last_contact_note_certificate(const struct distribution *distribution, struct error *err);

/* Who takes the reports says so, or (0) says it no more. */
WARN_UNUSED int last_contact_note_twin(struct store *store, int64_t twin_s, struct error *err);

/* A check failed, as WHY says. */
WARN_UNUSED int last_contact_note_failure(struct store *store, const struct error *why, struct error *err);

#endif
