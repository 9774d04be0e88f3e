#include "agent/status/explain_question.h"

#include <inttypes.h>
#include <string.h>

#include "agent/store/delivery_rows.h"
#include "agent/store/quarantine.h"
#include "common/disk/disk.h"
#include "common/text.h"
#include "manifests/catalog/catalog.h"

#define MIB (UINT64_C(1) << 20)

/* The gates of the catalog and of the release that it names. */

int explain_ask_catalog(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	(void)err;
	answer->open = *about->package->newest != '\0';
	explain_set_value(answer, "%s", about->package->newest);
	explain_source_is_catalog(about->facts, answer);
	return 0;
}

int explain_ask_newer(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct status_package *package = about->package;

	(void)err;
	answer->open = version_compare(package->newest, package->version) > 0;
	if (!answer->open && soundness_is_damaged(&package->soundness)) {
		explain_set_value(answer, "%s -> %s", package->version, package->version);
		record_text(package->soundness.obstacle, answer->detail, sizeof(answer->detail));
		explain_set_source(answer, "disk");
		return 0;
	}
	if (*package->newest)
		explain_set_value(answer, "%s -> %s", package->version, package->newest);
	explain_source_is_catalog(about->facts, answer);
	return 0;
}

int explain_ask_quarantine(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const char *package = about->package->name, *digest = about->kept.digest;
	struct quarantine_row row;
	bool found;

	if (!*digest)
		return 0;
	if (quarantine_find(facts->terminal->store, package, digest, &row, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	explain_shut(answer, "", row.reason);
	explain_set_value(answer, "%s", row.version);
	return explain_source_is_history(facts, answer, "quarantine", package, err);
}

/* Its ring, its place, and which stage has come of how many; the night of its own where that is still to come. */
static void tell_stage(const struct candidate_here *here, struct explain_answer *answer)
{
	char night[NIGHT_DATE_TEXT_SIZE], comes[NIGHT_DATE_TEXT_SIZE + 8] = "";

	if (here->decision.own_stage > here->decision.stage)
		(void)snprintf(comes, sizeof(comes), " -> %s", night_date_text(&here->own_night, night));
	explain_set_value(answer, "%s: %s%s%" PRId64 " %s %" PRId64 " %%, %zu/%zu%s", here->version, here->facts.ring,
		*here->facts.ring ? ", " : "", here->facts.place, here->facts.place < here->share ? "<" : ">=", here->share,
		here->decision.stage, here->stages, comes);
}

/* Whether what the gate is asked about is the candidate: it is here, it comes, or it is awaited. */
static bool is_about_candidate(const struct status_package *package)
{
	return package->has_candidate && (package->candidate.decision.step != ROLLOUT_STABLE ||
						 candidate_is_awaited(&package->candidate));
}

static bool is_shut_by_stage(const struct status_package *package)
{
	const struct candidate_here *here = &package->candidate;

	return candidate_is_awaited(here) && (here->decision.gate == ROLLOUT_GATE_SHARE ||
						     here->decision.gate == ROLLOUT_GATE_NIGHT);
}

/* What the brake says, of which statement, and what came of it. */
int explain_ask_brake(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct status_package *package = about->package;
	const struct candidate_here *here = &package->candidate;
	char issued[EXPLAIN_WALL_SIZE];

	(void)err;
	if (!package->has_candidate)
		return 0;
	answer->open = !candidate_is_awaited(here) || is_shut_by_stage(package);
	if (here->does_without_brake && here->brake.state != BRAKE_STOPPED) {
		explain_set_value(answer, "-");
		explain_source_is_catalog(about->facts, answer);
		return 0;
	}
	record_text(here->why, answer->detail, sizeof(answer->detail));
	if (here->brake.version) {
		explain_set_value(answer, "%s, %s", brake_state_name(here->brake.state),
			explain_wall(about->facts, here->brake.issued_s, issued));
		if (here->decision.gate == ROLLOUT_GATE_HELD)
			explain_set_value(answer, "%s, %s, <= %" PRId64 "/%zu", brake_state_name(here->brake.state),
				explain_wall(about->facts, here->brake.issued_s, issued), here->brake.stages_let, here->stages);
		explain_set_source(answer, "brake %" PRId64, here->brake.version);
	} else {
		explain_set_value(answer, "%s", brake_state_name(here->brake.state));
		explain_source_is_catalog(about->facts, answer);
	}
	return 0;
}

/* This terminal's place in the share; where it waits with another package, which one. */
int explain_ask_rollout(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct catalog_package *named = about->named;
	const char *digest = about->kept.digest;
	int64_t place;

	(void)err;
	if (!named)
		return 0;
	explain_source_is_catalog(about->facts, answer);
	if (is_about_candidate(about->package)) {
		answer->open = !is_shut_by_stage(about->package);
		tell_stage(&about->package->candidate, answer);
		return 0;
	}
	answer->open = !about->package->is_not_its_turn;
	if (*about->package->waits_with) {
		explain_set_value(answer, "%s", about->package->waits_with);
		record_text(about->kept.reason, answer->detail, sizeof(answer->detail));
		return 0;
	}
	if (!*digest) {
		explain_set_value(answer, "%" PRId64 " %%", named->rollout_percent);
		return 0;
	}
	place = wanted_rollout_place(about->facts->secret, digest);
	explain_set_value(answer, "%" PRId64 " %s %" PRId64 " %%", place,
		place < named->rollout_percent ? "<" : ">=", named->rollout_percent);
	return 0;
}

static const char *version_here(const struct status *status, const char *name)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->packages[i].name, name) == 0)
			return status->packages[i].version;
	return VERSION_BROKEN;
}

/* What the release requires, as it was read; shut as long as the gate was shut then and something is still missing.
 * The value names what is missing, or else all. */
int explain_ask_requires(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const struct kept_choice *kept = &about->kept;
	bool was_shut = strcmp(kept->outcome, wanted_outcome_name(WANTED_REQUIRES)) == 0;
	char words[STORE_TEXT_SIZE], *state = NULL, missing[EXPLAIN_VALUE_SIZE] = "";

	(void)err;
	if (*kept->requirements)
		explain_source_is_catalog(facts, answer);
	explain_set_value(answer, "%s", kept->requirements);
	text_assign(words, kept->requirements);
	for (char *word = strtok_r(words, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		const char *here;
		size_t len = strlen(missing);

		word[strcspn(word, "=")] = '\0';
		here = version_here(facts->status, word);
		if (version_compare(here, strchr(word, '\0') + 1) < 0)
			(void)snprintf(missing + len, sizeof(missing) - len, "%s%s %s > %s", len ? ", " : "", word,
				strchr(word, '\0') + 1, here);
	}
	if (!was_shut || (!*missing && *kept->requirements))
		return 0;
	explain_shut(answer, "", kept->reason);
	explain_set_value(answer, "%s", missing);
	return 0;
}

int explain_ask_space(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const struct config *config = facts->terminal->config;
	const struct status_package *package = about->package;
	const struct disk_room reserve = {.bytes = config->reserve_space, .files = (uint64_t)config->reserve_files};
	const struct disk_room needed = {.bytes = (uint64_t)about->kept.size};
	uint64_t needed_bytes = reserve.bytes + needed.bytes;
	struct error short_of = {0};
	struct disk disk;

	if (disk_look(facts->terminal->env->fs, facts->terminal->packages_dir_fd, ".", &disk, err) < 0)
		return -1;
	if (disk_check_room(&disk, &needed, &reserve, &short_of) < 0)
		explain_shut(answer, disk.free_bytes < needed_bytes ? "" : error_code_name(short_of.code), short_of.text);
	explain_set_value(answer, "%" PRIu64 " MiB %s %" PRIu64 " MiB", disk.free_bytes / MIB,
		disk.free_bytes < needed_bytes ? "<" : ">=", needed_bytes / MIB);
	explain_source_is_setting(facts, answer, "delivery", "reserve_space");
	if (!package->has_delivery || package->delivery.state != DELIVERY_FETCHING ||
		package->delivery.error != ERROR_NO_SPACE)
		return 0;
	explain_shut(answer, error_code_name(ERROR_NO_SPACE), package->delivery.detail);
	return explain_source_is_history(facts, answer, "fetch", package->name, err);
}
