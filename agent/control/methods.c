#include "agent/control/methods.h"

#include <inttypes.h>
#include <string.h>

#include "agent/resident/resident_job.h"
#include "agent/status/status.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/turn/disabled.h"
#include "scheduler/throttle.h"

#define SETTING_PRESSED "button.pressed" /* the last press: UTC seconds, monotonic milliseconds, boot id */
#define MOST_PARAMETERS 6
#define DAY_S 86400

struct parameter {
	const char *name; /* NULL ends the list */
	json_type type;	  /* JSON_STRING or JSON_INTEGER */
	bool is_required;
};

struct method {
	const char *name;
	bool changes; /* only for those who may change things (F9) */
	method_function *function;
	struct parameter parameters[MOST_PARAMETERS];
};

const char *methods_text(const struct varlink_call *call, const char *name)
{
	return json_string_value(json_object_get(varlink_parameters(call), name));
}

int methods_moment(const struct resident *resident, const struct varlink_call *call, const char *name,
	bool end_of_day, int64_t *ret_time_s, struct error *err)
{
	const char *text = methods_text(call, name);
	struct error no_day = {0};
	struct night_date day;

	*ret_time_s = 0;
	if (!text || !*text)
		return 0;
	if (night_date_parse(text, &day, &no_day) == 0)
		*ret_time_s = zone_to_utc(resident->terminal->config->zone, &day, end_of_day ? DAY_S : 0);
	else if (clock_parse(text, ret_time_s, &no_day) < 0)
		return error_set(err, ERROR_USAGE,
			"%s: '%.40s' is neither a day such as 2026-01-31 nor a moment such as 2026-01-31T00:00:00Z",
			name, text);
	return 0;
}

void methods_who(const struct varlink_call *call, char ret_who[static METHODS_WHO_SIZE])
{
	platform_user_name(varlink_peer(call)->uid, ret_who, METHODS_WHO_SIZE);
}

int methods_check_package(const struct resident *resident, const char *package, struct error *err)
{
	const struct config_list *names = &resident->terminal->config->packages;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], package) == 0)
			return 0;
	return error_set(err, ERROR_NOT_FOUND, "this terminal does not run a package '%.64s'", package);
}

/* ---- Reading. ---- */

static json_t *job_json(const struct resident_job *job)
{
	if (!job->running)
		return json_null();
	return json_pack("{s:s, s:o, s:o}", "kind", job_kind_name(job->kind), "since",
		status_time_json(job->started_s), "progress",
		job->progress ? json_incref(job->progress) : json_null());
}

static json_t *next_json(const struct resident *resident)
{
	json_t *reason;

	if (!resident->next_s)
		return json_null();
	reason = json_string(resident->next_reason);
	return json_pack("{s:o, s:s, s:o}", "time", status_time_json(resident->next_s), "job",
		job_kind_name(resident->next_kind), "reason", reason ? reason : json_null());
}

static int method_get_status(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(status) struct status status = {0};
	json_t *json;

	if (status_collect(resident->terminal, &status, err) < 0)
		return -1;
	if (!(json = status_json(&status, resident->terminal->config)))
		return error_set(err, ERROR_FAILED, "no memory for the status");
	(void)json_object_set_new(json, "next", next_json(resident));
	(void)json_object_set_new(json, "job", job_json(&resident->job));
	varlink_reply(call, json);
	return 0;
}

static int method_get_version(struct resident *resident, struct varlink_call *call, struct error *err)
{
	(void)resident;
	(void)err;
	varlink_reply(call, json_pack("{s:s}", "version", HAISHIN_VERSION));
	return 0;
}

/* ---- Jobs. ---- */

static int refuse_disabled(struct resident *resident, struct varlink_call *call, bool *ret_refused, struct error *err)
{
	struct pause_row pause;
	struct error why = {0};

	*ret_refused = false;
	if (disabled_refuse(resident->terminal, &why) == 0)
		return 0;
	if (why.code != ERROR_DISABLED) {
		*err = why;
		return -1;
	}
	if (disabled_find(resident->terminal, NULL, &pause, ret_refused, err) < 0)
		return -1;
	if (*ret_refused)
		varlink_fail(call, &why, json_pack("{s:o}", "disabled", status_pause_json(&pause)));
	return 0;
}

static int follow(struct resident *resident, struct varlink_call *call, enum job_kind kind, struct error *err)
{
	if (resident_job_start(resident, kind, err) < 0)
		return -1;
	varlink_follow(call);
	return 0;
}

static int method_check(struct resident *resident, struct varlink_call *call, struct error *err)
{
	bool refused;

	if (refuse_disabled(resident, call, &refused, err) < 0)
		return -1;
	return refused ? 0 : follow(resident, call, JOB_CHECK, err);
}

/* Whatever is disabled may be looked at. */
static int method_doctor(struct resident *resident, struct varlink_call *call, struct error *err)
{
	return follow(resident, call, JOB_DOCTOR, err);
}

static int moment_now(const struct resident *resident, struct throttle_moment *ret_now, struct error *err)
{
	const struct clock *clock = resident->terminal->env->clock;

	ret_now->utc_s = clock->now_s(clock);
	ret_now->monotonic_ms = clock->monotonic_ms(clock);
	if (clock->boot_id(clock, ret_now->boot_id, err) == 0)
		return 0;
	err->code = ERROR_FAILED; /* nothing that the caller asked for is missing */
	return -1;
}

/* *RET_FOUND is false before the first press, and where what was stored makes no sense. */
static int last_press(struct resident *resident, struct throttle_moment *ret_last, bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(128);

	*ret_found = false;
	if (store_setting(resident->terminal->store, SETTING_PRESSED, &text, err) < 0)
		return -1;
	*ret_found = sscanf(buf_text(&text), "%" SCNd64 " %" SCNd64 " %63s", &ret_last->utc_s,
			     &ret_last->monotonic_ms, ret_last->boot_id) == 3;
	return 0;
}

static int note_press(
	struct resident *resident, struct varlink_call *call, const struct throttle_moment *now, struct error *err)
{
	struct history_entry entry = {.operation = "download-now", .outcome = "begun"};
	char who[METHODS_WHO_SIZE], detail[STORE_TEXT_SIZE], text[128];

	methods_who(call, who);
	(void)snprintf(detail, sizeof(detail), "asked for by %s", who);
	(void)snprintf(text, sizeof(text), "%" PRId64 " %" PRId64 " %s", now->utc_s, now->monotonic_ms, now->boot_id);
	entry.detail = detail;
	if (store_set_setting(resident->terminal->store, SETTING_PRESSED, text, err) < 0)
		return -1;
	return history_add(resident->terminal->store, &entry, err);
}

/* Whoever asks for it meanwhile is shown how far it is. */
static bool brings_what_the_button_would(const struct resident_job *job)
{
	return job->running && (job->kind == JOB_NIGHT || job->kind == JOB_BUTTON);
}

static int method_download_now(struct resident *resident, struct varlink_call *call, struct error *err)
{
	struct throttle_moment now, last;
	bool refused, pressed_before;
	int64_t left_s;

	if (refuse_disabled(resident, call, &refused, err) < 0)
		return -1;
	if (refused)
		return 0;
	if (moment_now(resident, &now, err) < 0 || last_press(resident, &last, &pressed_before, err) < 0)
		return -1;
	if ((left_s = throttle_seconds_left(pressed_before ? &last : NULL, &now, THROTTLE_PAUSE_S)) > 0) {
		(void)error_set(err, ERROR_THROTTLED,
			"download now was asked for less than %d seconds ago; again in %" PRId64 " seconds",
			THROTTLE_PAUSE_S, left_s);
		varlink_fail(call, err, json_pack("{s:I}", "seconds_left", (json_int_t)left_s));
		return 0;
	}
	if (brings_what_the_button_would(&resident->job)) {
		varlink_follow(call);
		return 0;
	}
	if (resident->job.running)
		return error_set(err, ERROR_BUSY, "job %s is at work; try again when it has ended",
			job_kind_name(resident->job.kind));
	if (note_press(resident, call, &now, err) < 0)
		return -1;
	return follow(resident, call, JOB_BUTTON, err);
}

/* ---- The table. ---- */

static const struct method methods[] = {
	{"GetStatus", false, method_get_status, {{0}}},
	{"GetVersion", false, method_get_version, {{0}}},
	{"GetHistory", false, method_get_history,
		{{"package", JSON_STRING, false}, {"outcome", JSON_STRING, false}, {"since", JSON_STRING, false},
			{"until", JSON_STRING, false}, {"limit", JSON_INTEGER, false}}},
	{"VerifyHistory", false, method_verify_history, {{0}}},
	{"ExportHistory", false, method_export_history, {{0}}},
	{"GetKey", false, method_get_key, {{0}}},
	{"Explain", false, method_explain, {{"package", JSON_STRING, false}}},
	{"Check", true, method_check, {{0}}},
	{"Doctor", true, method_doctor, {{0}}},
	{"DownloadNow", true, method_download_now, {{0}}},
	{"Disable", true, method_disable, {{"why", JSON_STRING, false}, {"until", JSON_STRING, false}}},
	{"Enable", true, method_enable, {{0}}},
	{"Hold", true, method_hold,
		{{"package", JSON_STRING, true}, {"why", JSON_STRING, false}, {"until", JSON_STRING, false}}},
	{"Unhold", true, method_unhold, {{"package", JSON_STRING, true}}},
	{"GetCompletion", false, method_get_completion,
		{{"campaign", JSON_INTEGER, false}, {"institution_name", JSON_STRING, false},
			{"telephone", JSON_STRING, false}}},
	{"GetEnvironment", false, method_get_environment, {{0}}},
	{"SetEnvironment", true, method_set_environment, {{"environment", JSON_STRING, true}}},
	{"Install", true, method_install, {{"path", JSON_STRING, true}}},
	{"Rollback", true, method_rollback, {{"package", JSON_STRING, true}}},
};

static const struct method *find_method(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

static const struct parameter *find_parameter(const struct method *method, const char *name)
{
	for (const struct parameter *parameter = method->parameters; parameter->name; parameter++)
		if (strcmp(parameter->name, name) == 0)
			return parameter;
	return NULL;
}

/* The name of the first parameter that is unknown, missing or of the wrong type; NULL where all are right. A null
 * counts as missing. */
static const char *wrong_parameter(const struct method *method, const json_t *given)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)given, name, value) {
		const struct parameter *known = find_parameter(method, name);

		if (!known || (!json_is_null(value) && json_typeof(value) != known->type))
			return name;
		if (json_is_string(value) && strlen(json_string_value(value)) != json_string_length(value))
			return name; /* U+0000 inside */
	}
	for (const struct parameter *parameter = method->parameters; parameter->name; parameter++)
		if (parameter->is_required && !json_is_string(json_object_get(given, parameter->name)))
			return parameter->name;
	return NULL;
}

static int refuse_stranger(const struct resident *resident, struct varlink_call *call, struct error *err)
{
	const struct config *config = resident->terminal->config;
	const struct platform_peer *peer = varlink_peer(call);
	char who[METHODS_WHO_SIZE];

	if (platform_user_is_allowed(peer->uid, peer->gid, config->control_users, config->control_group))
		return 0;
	methods_who(call, who);
	(void)error_set(err, ERROR_DENIED, "%s may look but not change anything on this terminal", who);
	return -1;
}

void methods_handle(void *context, struct varlink_call *call)
{
	struct resident *resident = context;
	const struct method *method = find_method(varlink_method(call));
	struct error err = {0};
	const char *wrong;

	if (!method) {
		varlink_method_not_found(call);
		return;
	}
	if ((wrong = wrong_parameter(method, varlink_parameters(call)))) {
		varlink_invalid_parameter(call, wrong);
		return;
	}
	if ((method->changes && refuse_stranger(resident, call, &err) < 0) ||
		method->function(resident, call, &err) < 0)
		varlink_fail(call, &err, NULL);
}
