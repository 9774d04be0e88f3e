#include <inttypes.h>

#include "agent/control/method.h"
#include "agent/resident/resident_job.h"
#include "agent/status/status_json.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/turn/disabled.h"
#include "scheduler/throttle.h"

#define DOCTOR_PAUSE_S 120 /* of all who may not change anything together */
#define SETTING_PRESSED "button.pressed" /* the last press: UTC seconds, monotonic milliseconds, boot id */

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
		varlink_fail(call, &why, JSON_OBJECT({json_take("disabled", status_pause_json(&pause))}));
	return 0;
}

static int follow(struct resident *resident, struct varlink_call *call, enum job_kind kind, struct error *err)
{
	if (resident_job_start(resident, kind, err) < 0)
		return -1;
	varlink_follow(call);
	return 0;
}

static int check(struct resident *resident, struct varlink_call *call, struct error *err)
{
	bool refused;

	if (refuse_disabled(resident, call, &refused, err) < 0)
		return -1;
	return refused ? 0 : follow(resident, call, JOB_CHECK, err);
}

const struct method method_check = {
	.name = "Check",
	.change = CHANGE_LOOK,
	.meaning = "Asks the server what is new; downloads nothing. With \"more\", progress comes before the result.",
	.result = "progress: ?Progress, result: ?Result",
	.answer = check,
};

/* Who may not change anything here must not keep this terminal at work all day either. True where CALL was answered so. */
static bool is_refused_as_too_soon(struct resident *resident, struct varlink_call *call)
{
	const struct clock *clock = resident->terminal->env->clock;
	int64_t now_ms = clock->monotonic_ms(clock), left_ms = resident->doctor_again_ms - now_ms;
	struct error why = {0};

	if (left_ms <= 0) {
		resident->doctor_again_ms = now_ms + DOCTOR_PAUSE_S * 1000;
		return false;
	}
	(void)error_set(&why, ERROR_THROTTLED,
		"the doctor was asked less than %d seconds ago; again in %" PRId64 " seconds", DOCTOR_PAUSE_S,
		left_ms / 1000 + 1);
	varlink_fail(call, &why, JSON_OBJECT({json_number("seconds_left", left_ms / 1000 + 1)}));
	return true;
}

/* Whatever is disabled may be looked at, by everybody. */
static int doctor(struct resident *resident, struct varlink_call *call, struct error *err)
{
	if (!resident->job.running && !method_may_change(resident, call) && is_refused_as_too_soon(resident, call))
		return 0;
	return follow(resident, call, JOB_DOCTOR, err);
}

const struct method method_doctor = {
	.name = "Doctor",
	.types = "type Hop (state: string, hop: string, outcome: string, finding: ?string, subject: ?string, code: "
		 "?string,\n"
		 "exit: int, detail: ?string)\n",
	.meaning = "Walks the way to the server hop by hop. With \"more\", each hop comes as progress before the\n"
		   "# result. Who may not change anything may ask once in two minutes.",
	.result = "progress: ?Hop, result: ?Result",
	.answer = doctor,
};

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
	char who[METHOD_WHO_SIZE], detail[STORE_TEXT_SIZE], text[128];

	method_who(call, who);
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

static int download_now(struct resident *resident, struct varlink_call *call, struct error *err)
{
	struct throttle_moment now, last;
	bool refused, pressed_before;
	int64_t left_s;

	if (refuse_disabled(resident, call, &refused, err) < 0)
		return -1;
	if (refused)
		return 0;
	if (brings_what_the_button_would(&resident->job)) {
		varlink_follow(call);
		return 0;
	}
	if (moment_now(resident, &now, err) < 0 || last_press(resident, &last, &pressed_before, err) < 0)
		return -1;
	if ((left_s = throttle_seconds_left(pressed_before ? &last : NULL, &now, THROTTLE_PAUSE_S)) > 0) {
		(void)error_set(err, ERROR_THROTTLED,
			"download now was asked for less than %d seconds ago; again in %" PRId64 " seconds",
			THROTTLE_PAUSE_S, left_s);
		varlink_fail(call, err, JSON_OBJECT({json_number("seconds_left", left_s)}));
		return 0;
	}
	if (resident->job.running)
		return error_set(err, ERROR_BUSY, "job %s is at work; try again when it has ended",
			job_kind_name(resident->job.kind));
	if (note_press(resident, call, &now, err) < 0)
		return -1;
	return follow(resident, call, JOB_BUTTON, err);
}

const struct method method_download_now = {
	.name = "DownloadNow",
	.change = CHANGE_DOWNLOAD,
	.meaning = "Downloads and stages now, whatever the window. With \"more\", progress comes before the result.",
	.result = "progress: ?Progress, result: ?Result",
	.answer = download_now,
};

/* Whatever is disabled may be looked at; what is found may be repaired, which is a change. */
static int verify(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *package = method_text(call, "package");

	if (package && method_check_package(resident, package, err) < 0)
		return -1;
	if (resident_job_start_verify(resident, package, err) < 0)
		return -1;
	varlink_follow(call);
	return 0;
}

const struct method method_verify = {
	.name = "Verify",
	.change = CHANGE_LOOK,
	.parameters = {{"package", JSON_STRING, false}},
	.types = "type Finding (state: string, package: string, version: ?string, kind: string, path: string)\n"
		 "type Verified (state: string, package: string, version: ?string, sound: ?bool, list_fault: ?string, files: "
		 "int,\n"
		 "bytes: int, changed: int, removed: int, added: int, mode: int, link: int)\n",
	.meaning = "Compares every file of the current release, or of all, with the list that its vendor signed. With "
		   "\"more\",\n"
		   "# the first 50 findings of each package and what came of it come as progress before the result: Progress,\n"
		   "# Finding and Verified.",
	.result = "progress: ?object, result: ?Result",
	.answer = verify,
};
