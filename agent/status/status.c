#include "agent/status/status.h"

#include <stdlib.h>
#include <string.h>

#include "agent/store/delivery_rows.h"

void status_clear(struct status *status)
{
	for (size_t i = 0; i < status->count && status->packages; i++)
		json_decref(status->packages[i].notes);
	free(status->packages);
	free(status->judgement.problems);
	free(status->catalog.services);
	*status = (struct status){0};
}

static const char *const verdict_names[] = {
#define VERDICT_NAME(enumerator, name, words) name,
	EACH_STATUS_VERDICT(VERDICT_NAME)
#undef VERDICT_NAME
};

static const char *const reason_names[] = {
#define REASON_NAME(enumerator, name, number, meaning, next) name,
	EACH_STATUS_REASON(REASON_NAME)
#undef REASON_NAME
};

const char *status_verdict_name(enum status_verdict verdict)
{
	return verdict_names[verdict];
}

const char *status_reason_name(enum status_reason reason)
{
	return reason_names[reason];
}

enum package_state {
#define STATE_ENUM(enumerator, name, standing, words) PACKAGE_##enumerator,
	EACH_PACKAGE_STATE(STATE_ENUM)
#undef STATE_ENUM
};

static const char *const state_names[] = {
#define STATE_NAME(enumerator, name, standing, words) name,
	EACH_PACKAGE_STATE(STATE_NAME)
#undef STATE_NAME
};

static bool is_newer(const char *version, const struct status_package *package)
{
	return *version && version_compare(version, package->version) > 0;
}

bool status_package_ended_in(const struct status_package *package, enum delivery_state state)
{
	return package->has_delivery && package->delivery.state == state && !package->is_let_come &&
	       (!*package->newest || strcmp(package->newest, package->delivery.version) == 0);
}

bool status_package_came_altered(const struct status_package *package)
{
	return status_package_ended_in(package, DELIVERY_REJECTED) && package->delivery.error == ERROR_ALTERED;
}

static enum package_state state_of(const struct status_package *package)
{
	if (package->is_odd)
		return PACKAGE_ODD;
	if (package->condemned)
		return PACKAGE_CONDEMNED;
	if (*package->staged_version)
		return PACKAGE_STAGED;
	if (package->on_trial)
		return PACKAGE_TRIAL;
	if (package->is_held)
		return PACKAGE_HELD;
	if (!package->is_not_its_turn && package->has_delivery && package->delivery.state == DELIVERY_FETCHING)
		return PACKAGE_FETCHING;
	if (package->is_wanted_back)
		return PACKAGE_PUT_AWAY;
	if (status_package_ended_in(package, DELIVERY_ROLLED_BACK))
		return PACKAGE_ROLLED_BACK;
	if (status_package_ended_in(package, DELIVERY_REJECTED) && !status_package_came_altered(package))
		return PACKAGE_REFUSED;
	if (version_is_broken(package->version))
		return PACKAGE_NOT_INSTALLED;
	return is_newer(package->newest, package) && !package->is_not_its_turn ? PACKAGE_WAITING : PACKAGE_CURRENT;
}

const char *status_package_state(const struct status_package *package)
{
	return state_names[state_of(package)];
}

bool status_last_check_failed_with(const struct status *status, enum error_code code)
{
	return status->has_check && strcmp(status->last_check.error, error_code_name(code)) == 0;
}

bool status_package_wants_repair(const struct status_package *package)
{
	const char *state = status_package_state(package);

	return soundness_is_damaged(&package->soundness) && !*package->soundness.obstacle && !*package->staged_version &&
	       strcmp(state, "waiting") != 0 && strcmp(state, "fetching") != 0;
}
