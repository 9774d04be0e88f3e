#include <string.h>

#include "agent/control/method.h"
#include "agent/resident/resident_job.h"
#include "agent/status/status_json.h"
#include "agent/store/pause.h"
#include "agent/turn/account.h"
#include "agent/turn/disabled.h"
#include "common/text.h"

static int parse_until(const struct resident *resident, const struct varlink_call *call, int64_t now_s,
	int64_t *ret_until_s, struct error *err)
{
	if (method_moment(resident, call, "until", NIGHT_DATE_NEXT, true, ret_until_s, err) < 0)
		return -1;
	if (*ret_until_s && *ret_until_s <= now_s)
		return error_set(err, ERROR_USAGE, "until: '%.40s' is over already", method_text(call, "until"));
	return 0;
}

static int find_pause(
	struct resident *resident, const char *package, struct pause_row *ret_row, bool *ret_found, struct error *err)
{
	struct terminal *terminal = resident->terminal;

	if (!*package)
		return disabled_find(terminal, NULL, ret_row, ret_found, err);
	return pause_find(terminal->store, package, terminal_now_s(terminal), ret_row, ret_found, err);
}

/* Begins a pause of PACKAGE ("": all) and answers with it as member KEY. */
static int begin_pause(
	struct resident *resident, struct varlink_call *call, const char *package, const char *key, struct error *err)
{
	const struct clock *clock = resident->terminal->env->clock;
	const char *given = method_text(call, "why");
	char who[METHOD_WHO_SIZE], why[STORE_TEXT_SIZE] = "";
	struct pause_row pause;
	int64_t until_s;
	bool found;

	if (given && strlen(given) >= sizeof(why))
		return error_set(err, ERROR_USAGE, "the reason has %zu bytes; at most %zu are kept", strlen(given),
			sizeof(why) - 1);
	if (given)
		text_printable(given, why, sizeof(why));
	method_who(call, who);
	if (parse_until(resident, call, clock->now_s(clock), &until_s, err) < 0)
		return -1;
	if (!*package)
		until_s = disabled_capped_until_s(resident->terminal, clock->now_s(clock), until_s);
	if (account_windows(resident->terminal, err) < 0 ||
		pause_set(resident->terminal->store, package, until_s, who, why, err) < 0 ||
		find_pause(resident, package, &pause, &found, err) < 0)
		return -1;
	resident_plan_next(resident);
	varlink_reply(call, JSON_OBJECT({
				    json_take(key, status_pause_json(&pause)),
				    json_text("time_zone", resident->terminal->config->zone_name),
			    }));
	return 0;
}

static int end_pause(
	struct resident *resident, struct varlink_call *call, const char *package, const char *key, struct error *err)
{
	char who[METHOD_WHO_SIZE];
	struct pause_row pause;
	bool found;

	method_who(call, who);
	if (account_windows(resident->terminal, err) < 0 || find_pause(resident, package, &pause, &found, err) < 0 ||
		(found && pause_end(resident->terminal->store, package, who, err) < 0))
		return -1;
	resident_plan_next(resident);
	varlink_reply(call, JSON_OBJECT({json_flag(key, found)}));
	return 0;
}

/* A delivery at work ends; what has come is kept. */
static int disable(struct resident *resident, struct varlink_call *call, struct error *err)
{
	if (begin_pause(resident, call, "", "disabled", err) < 0)
		return -1;
	resident_job_ask_to_end(resident);
	return 0;
}

const struct method method_disable = {
	.name = "Disable",
	.change = CHANGE_PAUSE,
	.parameters = {{"why", JSON_STRING, false}, {"until", JSON_STRING, false}},
	.meaning = "Stops delivery until someone enables it, or until the day given (2026-01-31: through that day) "
		   "or moment.",
	.result = "disabled: Pause, time_zone: string",
	.answer = disable,
};

static int enable(struct resident *resident, struct varlink_call *call, struct error *err)
{
	return end_pause(resident, call, "", "was_disabled", err);
}

const struct method method_enable = {
	.name = "Enable",
	.change = CHANGE_PAUSE,
	.result = "was_disabled: bool",
	.answer = enable,
};

static int hold(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *package = method_text(call, "package");

	if (method_check_package(resident, package, err) < 0)
		return -1;
	return begin_pause(resident, call, package, "held", err);
}

const struct method method_hold = {
	.name = "Hold",
	.change = CHANGE_PAUSE,
	.parameters = {{"package", JSON_STRING, true}, {"why", JSON_STRING, false}, {"until", JSON_STRING, false}},
	.meaning = "The same for one package.",
	.result = "held: Pause, time_zone: string",
	.answer = hold,
};

static int unhold(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *package = method_text(call, "package");

	if (method_check_package(resident, package, err) < 0)
		return -1;
	return end_pause(resident, call, package, "was_held", err);
}

const struct method method_unhold = {
	.name = "Unhold",
	.change = CHANGE_PAUSE,
	.parameters = {{"package", JSON_STRING, true}},
	.result = "was_held: bool",
	.answer = unhold,
};
