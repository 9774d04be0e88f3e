#include "agent/status/explain_question.h"

#include <string.h>

#include "agent/store/pause.h"

/* The gates of staff, and of the machine as a whole. */

static int ask_pause(const struct explain_facts *facts, const struct pause_row *pause, const char *operation,
	struct explain_answer *answer, struct error *err)
{
	char since[EXPLAIN_WALL_SIZE], until[EXPLAIN_WALL_SIZE];

	explain_shut(answer, "", "");
	explain_set_value(answer, "%s - %s, %s%s%s", explain_wall(facts, pause->since_s, since),
		pause->until_s ? explain_wall(facts, pause->until_s, until) : "", pause->who, *pause->why ? ": " : "",
		pause->why);
	return explain_source_is_history(facts, answer, operation, pause->package, err);
}

int explain_ask_disabled(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct status *status = about->facts->status;

	return status->is_disabled ? ask_pause(about->facts, &status->disabled, "disable", answer, err) : 0;
}

int explain_ask_held(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct status_package *package = about->package;

	return package->is_held ? ask_pause(about->facts, &package->hold, "hold", answer, err) : 0;
}

/* What is staged waits for one. */
int explain_ask_restart(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct status_package *package = about->package;

	(void)err;
	answer->open = !*package->staged_version && !package->condemned;
	explain_set_value(answer, "%s", package->condemned ? package->previous_version : package->staged_version);
	explain_set_source(answer, "disk");
	return 0;
}

/* The current release is not confirmed yet. */
int explain_ask_trial(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	(void)err;
	answer->open = !about->package->on_trial;
	explain_set_value(answer, "%s", about->package->on_trial ? about->package->version : "");
	explain_set_source(answer, "disk");
	return 0;
}

/* What the judge of the machine found; room for the release itself is a gate of its own, once it is known how much. */
int explain_ask_machine(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct status *status = about->facts->status;

	(void)err;
	for (size_t i = 0; i < status->machine.count && answer->open; i++) {
		const struct machine_fault *fault = &status->machine.faults[i];
		bool is_space = fault->kind == MACHINE_DISK_FULL || fault->kind == MACHINE_DISK_FILES;
		bool is_its_own = fault->kind == MACHINE_PACKAGE_ODD && about->package->is_odd;

		if (is_its_own || (fault->stops_delivery && !(is_space && fault->holds_packages)))
			explain_shut(answer, error_code_name(is_space ? ERROR_NO_SPACE : ERROR_MACHINE), fault->detail);
	}
	return 0;
}
