#include "agent/control/methods_status.h"

#include "agent/control/method.h"
#include "agent/power/wake.h"
#include "agent/rights/permission.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_json.h"

static json_t *job_json(const struct resident_job *job)
{
	if (!job->running)
		return json_null();
	return JSON_OBJECT({
		json_text("kind", job_kind_name(job->kind)),
		json_take("since", status_time_json(job->started_s)),
		json_take("progress", job->progress ? json_incref(job->progress) : json_null()),
	});
}

static json_t *next_json(const struct resident *resident)
{
	json_t *reason;

	if (!resident->next_s)
		return json_null();
	reason = json_string(resident->next_reason);
	return JSON_OBJECT({
		json_take("time", status_time_json(resident->next_s)),
		json_text("job", job_kind_name(resident->next_kind)),
		json_take("reason", reason ? reason : json_null()),
	});
}

static int wake_json(struct terminal *terminal, json_t **ret_wake, struct error *err)
{
	struct wake_state state;

	if (wake_tell(terminal, &state, err) < 0)
		return -1;
	*ret_wake = state.is_wanted ? JSON_OBJECT({
					      json_take("time", status_time_json(state.alarm_s)),
					      json_text_or_null("trouble", *state.trouble ? state.trouble : NULL),
				      })
				    : json_null();
	return 0;
}

int methods_status_make(struct resident *resident, json_t **ret_status, struct error *err)
{
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *wake = NULL;
	json_t *json;

	if (status_collect(resident->terminal, &status, err) < 0 || wake_json(resident->terminal, &wake, err) < 0)
		return -1;
	if (!(json = status_json(&status, resident->terminal->config)))
		return error_set(err, ERROR_FAILED, "no memory for the status");
	(void)json_object_set_new(json, "next", next_json(resident));
	(void)json_object_set_new(json, "job", job_json(&resident->job));
	(void)json_object_set_new(json, "wake", take_ptr(&wake));
	*ret_status = json;
	return 0;
}

void methods_status_add_rights(json_t *status, const struct resident *resident, const struct varlink_call *call)
{
	bool may = method_may_change(resident, call);

	(void)json_object_set_new(status, "may_change", json_boolean(may));
	(void)json_object_set_new(
		status, "may_ask", json_boolean(!may && permission_is_asked_for(resident->terminal->config)));
}

static int get_status(struct resident *resident, struct varlink_call *call, struct error *err)
{
	json_t *status = NULL;

	if (methods_status_make(resident, &status, err) < 0)
		return -1;
	methods_status_add_rights(status, resident, call);
	varlink_reply(call, status);
	return 0;
}

const struct method method_get_status = {
	.name = "GetStatus",
	.types = "type Problem (reason: string, package: ?string, version: ?string, detail: ?string)\n"
		 "type Files (state: string, looked: ?string, read: ?string, changed: ?int, removed: ?int, added: ?int,\n"
		 "mode: ?int, link: ?int)\n"
		 "type Package (name: string, version: string, folder: ?string, newest: ?string, staged: ?string,\n"
		 "previous: ?string, state: string, gate: ?string, not_its_turn: bool, held: ?Pause, changed: ?string,\n"
		 "candidate: ?(version: string, stable: string, step: string, gate: string, stage: int, stages: int,\n"
		 "brake: string, why: ?string), files: Files, notes: ?[string]string, error: ?(code: string,\n"
		 "message: ?string), fetched: ?(bytes: int, total: int))\n",
	.meaning = "What is the case, and what to do about it. The progress of a job is what its method tells.",
	.result = "verdict: string, reason: string, problems: []Problem, time: string, packages: []Package,\n  "
		  "disabled: ?Pause, last_contact: ?string, last_check: ?(time: string, outcome: string, error: "
		  "string, detail: ?string), windows_without_contact: int, next: ?(time: string, job: string,\n  "
		  "reason: ?string), job: ?(kind: string, since: string, progress: ?object), store_set_aside: "
		  "bool, window: string, time_zone: string, version: string, certificate: ?(name: ?string,\n  "
		  "expires: string, days_left: int, warning: int, renewal_trouble: ?string), windows: [](date: string, opens: string,\n  "
		  "outcome: string, attempts: int, woken: bool), next_window: ?(opens: string, closes: ?string),\n  "
		  "longest_disable_days: ?int, services: [](name: string, title: ?string, met: bool, package: "
		  "?string, version: ?string, needed: ?string), environment: string, unknown_settings: "
		  "[](section: string, key: string, source: ?string), report: ?(number: int, taken: bool,\n  "
		  "tried: string, attempts: int, last_taken: ?string, error: string, detail: ?string),\n  "
		  "installed_newer: ?string, may_change: bool, may_ask: bool,\n  wake: ?(time: ?string, trouble: ?string), receipt: ?(holds: bool, time: string, detail: ?string),\n  "
		  "identity: ?(change: string, since: string, former: ?string, shares_certificate: bool),\n  "
		  "walls: ?(looked: string, missing: []string), deltas_did_not_come_out: int",
	.answer = get_status,
};

static int get_version(struct resident *resident, struct varlink_call *call, struct error *err)
{
	(void)resident;
	(void)err;
	varlink_reply(call, JSON_OBJECT({json_text("version", HAISHIN_VERSION)}));
	return 0;
}

const struct method method_get_version = {
	.name = "GetVersion",
	.result = "version: string",
	.answer = get_version,
};
