/* One-time codes: whoever has one gets a certificate, once. A code is twenty letters and digits, of which the first five
 * find its row and all of them open it; the store knows its digest alone. */
#ifndef COLLECTOR_ROSTER_ENROLMENT_H
#define COLLECTOR_ROSTER_ENROLMENT_H

#include "collector/authority/authority.h"
#include "collector/store/database.h"

/* Four groups of five with hyphens between. */
#define ENROLMENT_CODE_SIZE 24
#define ENROLMENT_DAYS 7
/* After so many wrong ones a code is of no more use. */
#define ENROLMENT_TRIES 10
#define ENROLMENT_RING_SIZE 64

struct enrolment {
	char name[AUTHORITY_SUBJECT_SIZE];
	char institution[AUTHORITY_INSTITUTION_SIZE]; /* "" for none */
	char ring[ENROLMENT_RING_SIZE];		      /* "" for none */
};

/* Makes a code that is valid from NOW_S for ENROLMENT_DAYS; former ones for the same name and institution are void from then on,
 * used or not. ERROR_INPUT where name, institution or ring cannot stand in a certificate. */
WARN_UNUSED int enrolment_make(struct database *database, const struct enrolment *enrolment, int64_t now_s,
	char ret_code[static ENROLMENT_CODE_SIZE], struct error *err);

/* Within a transaction: codes for NAME and INSTITUTION that nobody used are gone, *RET_COUNT of them, and whoever used one cannot
 * use it again. */
WARN_UNUSED int enrolment_void(struct database *database, const char *name, const char *institution, int64_t now_s,
	size_t *ret_count, struct error *err);
/* The latter alone. */
WARN_UNUSED int enrolment_end(
	struct database *database, const char *name, const char *institution, int64_t now_s, struct error *err);

/* Within a transaction that is committed whatever this returns: takes CODE, however it is written, for KEY (of
 * authority_request). ERROR_DENIED where it is none, was used for another key, or is past its time. The same key may use
 * it again, until the next code is made or its certificate is revoked: its answer may have been lost. */
WARN_UNUSED int enrolment_use(struct database *database, const char *code, const char *key, int64_t now_s,
	struct enrolment *ret_enrolment, struct error *err);

#endif
