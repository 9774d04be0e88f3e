#include "agent/status/status.h"

#include <stdlib.h>
#include <string.h>

#include "agent/store/delivery_rows.h"

void status_clear(struct status *status)
{
	free(status->packages);
	free(status->judgement.problems);
	free(status->catalog.services);
	*status = (struct status){0};
}

static const char *const verdict_names[] = {
	[STATUS_UP_TO_DATE] = "up-to-date",
	[STATUS_RESTART] = "restart",
	[STATUS_WAITING] = "update-waiting",
	[STATUS_ATTENTION] = "needs-attention",
};

static const char *const reason_names[] = {
#define REASON_NAME(enumerator, name, meaning, next) name,
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

static bool is_newer(const char *version, const struct status_package *package)
{
	return *version && version_compare(version, package->version) > 0;
}

bool status_package_ended_in(const struct status_package *package, enum delivery_state state)
{
	return package->has_delivery && package->delivery.state == state &&
	       (!*package->newest || strcmp(package->newest, package->delivery.version) == 0);
}

const char *status_package_state(const struct status_package *package)
{
	if (package->condemned)
		return "condemned";
	if (*package->staged_version)
		return "staged";
	if (package->on_trial)
		return "trial";
	if (package->is_held)
		return "held";
	if (package->has_delivery && package->delivery.state == DELIVERY_FETCHING)
		return "fetching";
	if (status_package_ended_in(package, DELIVERY_ROLLED_BACK))
		return "rolled-back";
	if (status_package_ended_in(package, DELIVERY_REJECTED))
		return "refused";
	if (version_is_broken(package->version))
		return "not-installed";
	return is_newer(package->newest, package) ? "waiting" : "current";
}

bool status_last_check_failed_with(const struct status *status, enum error_code code)
{
	return status->has_check && strcmp(status->last_check.error, error_code_name(code)) == 0;
}
