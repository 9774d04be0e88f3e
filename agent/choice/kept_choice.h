/* What was decided for each package when the catalog was last read, for people to be told later. Kept as settings
 * in the store. */
#ifndef AGENT_CHOICE_KEPT_CHOICE_H
#define AGENT_CHOICE_KEPT_CHOICE_H

#include "agent/choice/wanted.h"
#include "agent/store/store.h"

/* What was decided for one package when the catalog was last read. */
struct kept_choice {
	int64_t at_s;
	char version[VERSION_TEXT_SIZE];    /* that the catalog named */
	char digest[SHA256_HEX_SIZE];	    /* of its release; "" where it could not be had */
	char outcome[24];		    /* wanted_outcome_name() */
	char error[16];			    /* error_code_name() of why it was unavailable; "none" */
	char reason[STORE_TEXT_SIZE];	    /* the same in words */
	char requirements[STORE_TEXT_SIZE]; /* "distro-app=2.0.0 ...", where the release was read */
	int64_t size;			    /* bytes of its files; 0 where the release was not read */
};
/* True where the release that the catalog NAMED is being rolled out, and the turn of this terminal has not come: an update of
 * VERSION_HERE that neither was let through when the catalog was read nor would be now. */
bool kept_choice_is_not_its_turn(const struct kept_choice *kept, const struct catalog_package *named,
	const uint8_t secret[static SLOT_SECRET_SIZE], const char *version_here);

WARN_UNUSED int kept_choice_note_all(
	const struct distribution *distribution, const struct wanted_list *list, struct error *err);
WARN_UNUSED int kept_choice_of_package(
	struct store *store, const char *package, struct kept_choice *ret_kept, bool *ret_found, struct error *err);

#endif
