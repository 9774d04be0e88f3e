/* What a terminal should get of one package, or the reason why it gets nothing now. */
#ifndef AGENT_CHOICE_WANTED_H
#define AGENT_CHOICE_WANTED_H

#include "agent/server/distribution.h"
#include "rollback/versions.h"
#include "scheduler/slot.h"
#include "updater/stage/stage.h"

/* OUTCOME(enumerator, name, is it of a newer release whose turn in the rollout has come). The name is kept in the store. */
/* clang-format off */
#define EACH_WANTED_OUTCOME(OUTCOME) \
	OUTCOME(DELIVER, "deliver", true) /* newer, allowed: to be brought */ \
	OUTCOME(UP_TO_DATE, "up-to-date", false) /* current already */ \
	OUTCOME(STAGED, "staged", false) /* complete; waits for a restart */ \
	OUTCOME(ON_TRIAL, "on-trial", false) /* activated, not confirmed yet */ \
	OUTCOME(NOT_NEWER, "not-newer", false) /* the catalog names an older release than the current one */ \
	OUTCOME(QUARANTINED, "quarantined", false) /* it was rolled back or refused before */ \
	OUTCOME(HELD, "held", false) /* this package is held */ \
	OUTCOME(NOT_YET, "not-yet", false) /* an update that is being rolled out, and the turn of this terminal has not come */ \
	OUTCOME(NO_CAMPAIGN, "no-campaign", true) /* its campaign does not deliver now */ \
	OUTCOME(REQUIRES, "requires", true) /* what it requires is not there and does not come */ \
	OUTCOME(POSTPONED, "postponed", true) /* the server would not give it under the metadata that still hold */ \
	OUTCOME(UNAVAILABLE, "unavailable", true) /* its release could not be had or was refused */
/* clang-format on */

enum wanted_outcome {
#define WANTED_ENUMERATOR(enumerator, name, has_come) WANTED_##enumerator,
	EACH_WANTED_OUTCOME(WANTED_ENUMERATOR)
#undef WANTED_ENUMERATOR
		WANTED_OUTCOMES
};

struct wanted {
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];	 /* to be brought: the catalog's, or one it must pass through (F23) */
	char digest[SHA256_HEX_SIZE];		 /* of the release that the catalog names; "" where it is not known */
	char current[VERSIONS_FOLDER_SIZE];	 /* folder; "" for none */
	char current_version[VERSION_TEXT_SIZE]; /* VERSION_BROKEN for none */
	int priority;
	int group;	  /* packages that need each other share it */
	int64_t campaign; /* number; 0 for none */
	bool is_needed; /* by a first installation, which no share of a rollout holds back */
	enum wanted_outcome outcome;
	char reason[STORE_TEXT_SIZE];	/* the same in words */
	struct error why;		/* for WANTED_UNAVAILABLE and WANTED_POSTPONED */
	/* OFFER is the current release once more, whose files are damaged; this is what keeps the newest one out. */
	bool repairs;
	enum wanted_outcome newest_outcome;
	struct offer offer;		/* for WANTED_DELIVER */
	struct stage_progress progress; /* what it took in this job */
	bool complete;			/* its folder is there, durable */
};

struct wanted_list {
	struct wanted *items; /* by priority */
	size_t count;
};
void wanted_clear(struct wanted_list *list);
DEFINE_AUTO(wanted_list, struct wanted_list, wanted_clear);

/* A terminal's place in the rollout of a release, 0 to 99: another one for each release, so that not always the same
 * terminals go first. */
int64_t wanted_rollout_place(const uint8_t secret[static SLOT_SECRET_SIZE], const char *digest);

/* Keeps a package from its delivery, for a reason in words. */
void wanted_shut(struct wanted *wanted, enum wanted_outcome outcome, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* What the server did not give. */
void wanted_shut_unavailable(struct wanted *wanted, const struct error *why);
/* WHY it could not be had: the server lacks it, or would not give it; and nothing more can be had now, of any package. */
bool wanted_is_not_given(const struct error *why);
bool wanted_ends_all(const struct error *why);

const char *wanted_outcome_name(enum wanted_outcome outcome);
/* Of a newer release, with nothing but what stands behind the rollout in its way. */
bool wanted_outcome_has_come(enum wanted_outcome outcome);

#endif
