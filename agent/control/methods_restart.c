#include <string.h>

#include "agent/control/method.h"
#include "agent/resident/resident_job.h"
#include "agent/restart/restart.h"
#include "agent/status/status_json.h"
#include "agent/store/history.h"

#define NOW "now"
#define TONIGHT "tonight"

/* WHEN stands in front of who asked for it. */
static int record(struct resident *resident, const struct varlink_call *call, const char *when, struct error *err)
{
	struct history_entry entry = {.operation = "restart", .outcome = "begun"};
	char who[METHOD_WHO_SIZE], detail[STORE_TEXT_SIZE];

	method_who(call, who);
	(void)snprintf(detail, sizeof(detail), "asked for %sby %s", when, who);
	entry.detail = detail;
	return history_add(resident->terminal->store, &entry, err);
}

static int restart_tonight(struct resident *resident, struct varlink_call *call, struct error *err)
{
	struct terminal *terminal = resident->terminal;
	int64_t due_s = 0;
	int ret;

	if (store_begin(terminal->store, err) < 0)
		return -1;
	ret = record(resident, call, "tonight ", err) < 0 ? -1 : restart_ask_tonight(terminal, &due_s, err);
	if (store_end(terminal->store, ret, err) < 0)
		return -1;
	resident_plan_next(resident);
	varlink_reply(call, JSON_OBJECT({
				    json_take("at", status_time_json(due_s)),
				    json_text("time_zone", terminal->config->zone_name),
			    }));
	return 0;
}

static int restart_soon(struct resident *resident, struct varlink_call *call, struct error *err)
{
	if (resident->job.running)
		return error_set(err, ERROR_BUSY, "job %s is at work; try again when it has ended",
			job_kind_name(resident->job.kind));
	if (record(resident, call, "", err) < 0 || resident_job_start(resident, JOB_RESTART_NOW, err) < 0)
		return -1;
	varlink_follow(call);
	return 0;
}

static int restart(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *when = method_text(call, "when");

	if (when && strcmp(when, NOW) != 0 && strcmp(when, TONIGHT) != 0)
		return error_set(err, ERROR_USAGE, "a restart is for " NOW " or " TONIGHT ", not '%.20s'", when);
	if (resident->terminal->config->restart_on_request == CONFIG_NO)
		return error_set(
			err, ERROR_DENIED, "[restart] on_request is no: this terminal is restarted in another way");
	return when && strcmp(when, TONIGHT) == 0 ? restart_tonight(resident, call, err)
						  : restart_soon(resident, call, err);
}

const struct method method_restart = {
	.name = "Restart",
	.change = CHANGE_RESTART,
	.parameters = {{"when", JSON_STRING, false}},
	.meaning = "Restarts the terminal now, whoever uses it: the caller has asked them. Answers where it could "
		   "not. When "
		   "\"tonight\": once, at\n# the configured hour or at 04:30, where something is staged and nobody "
		   "uses it "
		   "then.",
	.result = "progress: ?Progress, result: ?Result, at: ?string, time_zone: ?string",
	.answer = restart,
};
