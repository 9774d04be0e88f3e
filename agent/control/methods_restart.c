#include "agent/control/method.h"
#include "agent/resident/resident_job.h"
#include "agent/store/history.h"

static int record(struct resident *resident, const struct varlink_call *call, struct error *err)
{
	struct history_entry entry = {.operation = "restart", .outcome = "begun"};
	char who[METHOD_WHO_SIZE], detail[STORE_TEXT_SIZE];

	method_who(call, who);
	(void)snprintf(detail, sizeof(detail), "asked for by %s", who);
	entry.detail = detail;
	return history_add(resident->terminal->store, &entry, err);
}

static int restart(struct resident *resident, struct varlink_call *call, struct error *err)
{
	if (resident->terminal->config->restart_on_request == CONFIG_NO)
		return error_set(
			err, ERROR_DENIED, "[restart] on_request is no: this terminal is restarted in another way");
	if (resident->job.running)
		return error_set(err, ERROR_BUSY, "job %s is at work; try again when it has ended",
			job_kind_name(resident->job.kind));
	if (record(resident, call, err) < 0 || resident_job_start(resident, JOB_RESTART_NOW, err) < 0)
		return -1;
	varlink_follow(call);
	return 0;
}

const struct method method_restart = {
	.name = "Restart",
	.changes = true,
	.meaning =
		"Restarts the terminal now, whoever uses it: the caller has asked them. Answers where it could not.",
	.result = "progress: ?Progress, result: ?Result",
	.answer = restart,
};
