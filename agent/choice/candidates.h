/* What this terminal does about the candidates of a catalog: the facts that rollout_decide() asks for, and its answer. Whoever reads
 * what the catalog names for this terminal asks here first, so that all say the same. */
#ifndef AGENT_CHOICE_CANDIDATES_H
#define AGENT_CHOICE_CANDIDATES_H

#include "agent/server/kept_brake.h"
#include "agent/store/record.h"
#include "manifests/catalog/catalog.h"
#include "manifests/rollout/rollout.h"
#include "rollback/versions.h"

struct candidate_here {
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	char digest[SHA256_HEX_SIZE];
	int64_t attempt;
	char stable[VERSION_TEXT_SIZE];	 /* the stable version */
	char current[VERSION_TEXT_SIZE]; /* what the terminal runs; VERSION_BROKEN for nothing */
	char folder[VERSIONS_FOLDER_SIZE]; /* of the candidate, where it is staged or current; "" elsewhere */
	char why[STORE_TEXT_SIZE];	 /* it was stopped, in the operator's words, or in the brake's; "" */
	size_t stages;
	struct night_date own_night; /* of the stage that is for this terminal, where there is one */
	int64_t share;		     /* of the stages that have come, in percent */
	bool does_without_brake;
	struct brake_word brake;
	struct rollout_facts facts; /* its ring is borrowed from the settings */
	struct rollout_decision decision;
};

struct candidates {
	struct candidate_here *items;
	size_t count;
};

/* Of the packages that this terminal runs. Reads disk, plan and store, changes nothing. */
WARN_UNUSED int candidates_find(struct terminal *terminal, const struct catalog *catalog,
	struct candidates *ret_candidates, struct error *err);
void candidates_clear(struct candidates *candidates);
DEFINE_AUTO(candidates, struct candidates, candidates_clear);

/* NULL where the package has no candidate. */
const struct candidate_here *candidates_of(const struct candidates *candidates, const char *package);

/* Puts the candidate in the place of the stable release in CATALOG, wherever it is what this terminal is to have. */
void candidates_name(const struct candidates *candidates, struct catalog *catalog);

/* True where the terminal has what the stable part names, and the candidate comes later. */
bool candidate_is_awaited(const struct candidate_here *here);

#endif
