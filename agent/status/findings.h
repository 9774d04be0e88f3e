/* What jobs find out and people are told later: the last contact, the catalog and the client certificate of that
 * moment, and what was decided for each package. Kept as settings in the store. */
#ifndef AGENT_STATUS_FINDINGS_H
#define AGENT_STATUS_FINDINGS_H

#include "agent/status/wanted.h"
#include "agent/store/store.h"

struct findings {
	int64_t contact_s;	       /* last verified contact; 0: never */
	int64_t catalog_version;       /* of the repository's snapshot that the kept catalog came with; 0: none */
	int64_t certificate_expires_s; /* of the client certificate last shown; 0: none was needed yet */
	char certificate_name[128];    /* its file; "" for none */
	bool server_is_untrusted;      /* the last check failed since the server's certificate is not trusted */
};
WARN_UNUSED int findings_read(struct store *store, struct findings *ret_findings, struct error *err);

/* Metadata and catalog were verified: those of a server, or, where IS_CONTACT is false, those in a folder. */
WARN_UNUSED int findings_note_catalog(const struct distribution *distribution, bool is_contact, struct error *err);
/* Which client certificate is shown from now on; before the contact, since it may be what keeps it away. */
WARN_UNUSED int findings_note_certificate(const struct distribution *distribution, struct error *err);

/* A check failed, as WHY says. */
WARN_UNUSED int findings_note_failure(struct store *store, const struct error *why, struct error *err);

/* What was decided for one package when the catalog was last read. */
struct finding {
	int64_t at_s;
	char version[VERSION_TEXT_SIZE];    /* that the catalog named */
	char digest[SHA256_HEX_SIZE];	    /* of its release; "" where it could not be had */
	char gate[24];			    /* wanted_gate_name() */
	char error[16];			    /* error_code_name() of why it was unavailable; "none" */
	char reason[STORE_TEXT_SIZE];	    /* the gate in words */
	char requirements[STORE_TEXT_SIZE]; /* "distro-app=2.0.0 ...", where the release was read */
	int64_t size;			    /* bytes of its files; 0 where the release was not read */
};
WARN_UNUSED int findings_note_choices(
	const struct distribution *distribution, const struct wanted_list *list, struct error *err);
WARN_UNUSED int findings_of_package(
	struct store *store, const char *package, struct finding *ret_finding, bool *ret_found, struct error *err);

#endif
