#include "agent/control/method.h"

#include <string.h>

#include "agent/resident/resident_job.h"

#define DAY_S 86400

const char *method_text(const struct varlink_call *call, const char *name)
{
	return json_string_value(json_object_get(varlink_parameters(call), name));
}

int method_moment(const struct resident *resident, const struct varlink_call *call, const char *name,
	enum night_date_side side, bool end_of_day, int64_t *ret_time_s, struct error *err)
{
	const char *text = method_text(call, name);
	const struct zone *zone = resident->terminal->config->zone;
	struct night_date today, day;
	struct error no_day = {0};
	int64_t second;

	*ret_time_s = 0;
	if (!text || !*text)
		return 0;
	zone_to_local(zone, terminal_now_s(resident->terminal), &today, &second);
	if (night_date_parse_said(text, &today, side, &day, &no_day) == 0)
		*ret_time_s = zone_to_utc(zone, &day, end_of_day ? DAY_S : 0);
	else if (clock_parse(text, ret_time_s, &no_day) < 0)
		return error_set(err, ERROR_USAGE,
			"%s: '%.40s' is neither a day such as 2026-01-31 nor a moment such as 2026-01-31T00:00:00Z",
			name, text);
	return 0;
}

bool method_may_change(const struct resident *resident, const struct varlink_call *call)
{
	const struct config *config = resident->terminal->config;
	const struct platform_peer *peer = varlink_peer(call);

	return platform_user_is_allowed(peer->uid, peer->gid, config->control_users, config->control_group);
}

void method_who(const struct varlink_call *call, char ret_who[static METHOD_WHO_SIZE])
{
	platform_user_name(varlink_peer(call)->uid, ret_who, METHOD_WHO_SIZE);
}

int method_check_package(const struct resident *resident, const char *package, struct error *err)
{
	if (config_runs(resident->terminal->config, package))
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "this terminal does not run a package '%.64s'", package);
}

int method_end_delivery(struct resident *resident, struct varlink_call *call, bool *ret_waits, struct error *err)
{
	*ret_waits = false;
	if (!resident->job.running)
		return 0;
	if (!resident_job_gives_way(resident))
		return error_set(err, ERROR_BUSY, "job %s is at work; try again when it has ended",
			job_kind_name(resident->job.kind));
	resident_job_ask_to_end(resident);
	varlink_wait(call);
	*ret_waits = true;
	return 0;
}
