#include "agent/status/status_json.h"

#include <string.h>

#include "agent/status/explain.h"
#include "agent/store/delivery_rows.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/store/sent_report.h"
#include "updater/fetch/certificate.h"
#include "updater/inspect/inspect.h"

/* Text, or null for "" (and for what is not UTF-8). */
static json_t *text_json(const char *text)
{
	json_t *json = *text ? json_string(text) : NULL;

	return json ? json : json_null();
}

json_t *status_time_json(int64_t time_s)
{
	char text[CLOCK_TEXT_SIZE];

	return time_s ? json_string(clock_text(time_s, text)) : json_null();
}

json_t *status_pause_json(const struct pause_row *pause)
{
	return JSON_OBJECT({
		json_take("since", status_time_json(pause->since_s)),
		json_take("until", status_time_json(pause->until_s)),
		json_take("who", text_json(pause->who)),
		json_take("why", text_json(pause->why)),
	});
}

static json_t *error_json(const struct status_package *package)
{
	if (!package->has_delivery || package->delivery.error == ERROR_NONE)
		return json_null();
	return JSON_OBJECT({
		json_text("code", error_code_name(package->delivery.error)),
		json_take("message", text_json(package->delivery.detail)),
	});
}

json_t *status_files_json(const struct status_package *package)
{
	const struct soundness *soundness = &package->soundness;
	json_t *json = JSON_OBJECT({
		json_text("state", soundness_is_damaged(soundness) ? "damaged"
				   : soundness->looked_s	   ? "sound"
								   : "unknown"),
		json_take("looked", status_time_json(soundness->looked_s)),
		json_take("read", status_time_json(soundness->read_s)),
	});

	for (int kind = 0; json && kind < INSPECT_KINDS; kind++)
		if (soundness->counts[kind])
			(void)json_object_set_new(json, inspect_kind_name((enum inspect_kind)kind),
				json_integer((json_int_t)soundness->counts[kind]));
	return json;
}

/* The candidate, and what this terminal does about it. */
static json_t *candidate_json(const struct status_package *package)
{
	const struct candidate_here *here = &package->candidate;

	if (!package->has_candidate)
		return json_null();
	return JSON_OBJECT({
		json_text("version", here->version),
		json_text("stable", here->stable),
		json_text("step", rollout_step_name(here->decision.step)),
		json_text("gate", rollout_gate_name(here->decision.gate)),
		json_number("stage", (int64_t)here->decision.stage),
		json_number("stages", (int64_t)here->stages),
		json_text("brake", brake_state_name(here->brake.state)),
		json_take("why", text_json(here->why)),
	});
}

static json_t *package_json(const struct status_package *package)
{
	json_t *json = JSON_OBJECT({
		json_text("name", package->name),
		json_text("version", package->version),
		json_take("folder", text_json(package->folder)),
		json_take("newest", text_json(package->newest)),
		json_take("staged", text_json(package->staged_version)),
		json_take("previous", text_json(package->previous_version)),
		json_text("state", status_package_state(package)),
		json_flag("not_its_turn", package->is_not_its_turn),
		json_take("candidate", candidate_json(package)),
		json_take("files", status_files_json(package)),
		json_take("notes", package->notes ? json_incref(json_object_get(package->notes, "lines")) : json_null()),
		json_text_or_null("gate", package->gate == EXPLAIN_GATES ? NULL : explain_gate_name(package->gate)),
		json_take("held", package->is_held ? status_pause_json(&package->hold) : json_null()),
		json_take("changed", status_time_json(package->has_delivery ? package->delivery.changed_s : 0)),
		json_take("error", error_json(package)),
	});

	if (json && package->has_delivery && package->delivery.state == DELIVERY_FETCHING)
		(void)json_object_set_new(json, "fetched",
			JSON_OBJECT({
				json_number("bytes", package->delivery.wire_bytes),
				json_number("total", package->delivery.payload_bytes),
			}));
	return json;
}

static json_t *packages_json(const struct status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->count; i++)
		(void)json_array_append_new(list, package_json(&status->packages[i]));
	return list;
}

static json_t *problems_json(const struct status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->judgement.problems_count; i++) {
		const struct status_problem *problem = &status->judgement.problems[i];

		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("reason", status_reason_name(problem->reason)),
							  json_take("package", text_json(problem->package)),
							  json_take("version", text_json(problem->version)),
							  json_take("detail", text_json(problem->detail)),
						  }));
	}
	return list;
}

static json_t *check_json(const struct status *status)
{
	const struct history_row *row = &status->last_check;

	if (!status->has_check)
		return json_null();
	return JSON_OBJECT({
		json_take("time", status_time_json(row->at_s)),
		json_text("outcome", row->outcome),
		json_text("error", row->error),
		json_take("detail", text_json(row->detail)),
	});
}

static json_t *certificate_json(const struct status *status)
{
	int64_t left_s = status->last_contact.certificate_expires_s - status->now_s;

	if (!status->last_contact.certificate_expires_s)
		return json_null();
	return JSON_OBJECT({
		json_take("name", text_json(status->last_contact.certificate_name)),
		json_take("expires", status_time_json(status->last_contact.certificate_expires_s)),
		json_number("days_left", left_s > 0 ? left_s / 86400 : 0),
		json_number("warning",
			certificate_warning_days(status->last_contact.certificate_expires_s, status->now_s)),
		json_take("renewal_trouble", text_json(status->last_contact.renewal_trouble)),
	});
}

static json_t *windows_json(const struct status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->windows.count; i++) {
		const struct status_window *window = &status->windows.items[i];

		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("date", window->date),
							  json_take("opens", status_time_json(window->opens_s)),
							  json_text("outcome", window->outcome),
							  json_number("attempts", window->attempts),
							  json_flag("woken", window->is_woken),
						  }));
	}
	return list;
}

static json_t *services_json(const struct status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->catalog.services_count; i++) {
		const struct status_service *service = &status->catalog.services[i];

		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("name", service->name),
							  json_take("title", text_json(service->title)),
							  json_flag("met", !*service->package),
							  json_take("package", text_json(service->package)),
							  json_take("version", text_json(service->here)),
							  json_take("needed", text_json(service->needed)),
						  }));
	}
	return list;
}

static json_t *report_json_of(const struct status *status)
{
	const struct sent_report *report = &status->report.row;

	if (!status->report.is_made)
		return json_null();
	return JSON_OBJECT({
		json_number("number", report->number),
		json_flag("taken", report->sent_s != 0),
		json_take("tried", status_time_json(report->made_s)),
		json_number("attempts", report->attempts),
		json_take("last_taken", status_time_json(status->report.taken_s)),
		json_text("error", report->error),
		json_take("detail", text_json(report->detail)),
	});
}

static json_t *receipt_json_of(const struct status *status)
{
	const struct history_row *row = &status->last_receipt;

	if (!status->has_receipt)
		return json_null();
	return JSON_OBJECT({
		json_flag("holds", strcmp(row->outcome, "done") == 0),
		json_take("time", status_time_json(row->at_s)),
		json_take("detail", text_json(row->detail)),
	});
}

static json_t *walls_json(const struct machine_walls *walls)
{
	json_t *missing;

	if (!walls->looked_s)
		return json_null();
	missing = json_array();
	for (size_t i = 0; i < WALLS; i++)
		if (walls->is_missing[i])
			(void)json_array_append_new(missing, json_string(machine_wall_name((enum machine_wall)i)));
	return JSON_OBJECT({
		json_take("looked", status_time_json(walls->looked_s)),
		json_take("missing", missing),
	});
}

json_t *status_identity_json(const struct identity *identity)
{
	if (identity->change == IDENTITY_UNCHANGED)
		return json_null();
	return JSON_OBJECT({
		json_text("change", identity_change_name(identity->change)),
		json_take("since", status_time_json(identity->since_s)),
		json_take("former", text_json(identity->former)),
		json_flag("shares_certificate", identity->shares_certificate),
	});
}

/* As long as somebody should hear of it. */
static json_t *told_identity_json(const struct status *status)
{
	const struct identity *identity = &status->identity;

	return identity->shares_certificate || status->now_s - identity->since_s < STATUS_IDENTITY_TOLD_S
		       ? status_identity_json(identity)
		       : json_null();
}

static json_t *unknown_settings_json(const struct config_unknowns *unknowns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < unknowns->kept; i++)
		(void)json_array_append_new(list, JSON_OBJECT({
							  json_take("section", text_json(unknowns->items[i].section)),
							  json_take("key", text_json(unknowns->items[i].key)),
							  json_take("source", text_json(unknowns->items[i].source)),
						  }));
	return list;
}

static json_t *next_window_json(const struct status *status)
{
	if (!status->windows.next_opens_s)
		return json_null();
	return JSON_OBJECT({
		json_take("opens", status_time_json(status->windows.next_opens_s)),
		json_take("closes", status_time_json(status->windows.next_closes_s)),
	});
}

json_t *status_json(const struct status *status, const struct config *config)
{
	json_t *json = JSON_OBJECT({
		json_text("verdict", status_verdict_name(status->judgement.verdict)),
		json_text("reason", status_reason_name(status->judgement.reason)),
		json_take("problems", problems_json(status)),
		json_take("time", status_time_json(status->now_s)),
		json_take("packages", packages_json(status)),
		json_take("disabled", status->is_disabled ? status_pause_json(&status->disabled) : json_null()),
		json_take("last_contact", status_time_json(status->last_contact.contact_s)),
		json_take("last_check", check_json(status)),
		json_number("windows_without_contact", status->windows.without_contact),
		json_flag("store_set_aside", status->store_set_aside),
		json_text("window", config->windows_text),
		json_text("time_zone", config->zone_name),
		json_text("version", HAISHIN_VERSION),
	});

	if (!json)
		return NULL;
	(void)json_object_set_new(json, "environment", json_string(config->environment));
	(void)json_object_set_new(json, "certificate", certificate_json(status));
	(void)json_object_set_new(json, "services", services_json(status));
	(void)json_object_set_new(json, "windows", windows_json(status));
	(void)json_object_set_new(json, "next_window", next_window_json(status));
	(void)json_object_set_new(json, "report", report_json_of(status));
	(void)json_object_set_new(json, "receipt", receipt_json_of(status));
	(void)json_object_set_new(json, "identity", told_identity_json(status));
	(void)json_object_set_new(json, "deltas_did_not_come_out", json_integer((json_int_t)status->deltas_missed));
	(void)json_object_set_new(json, "walls", walls_json(&status->walls));
	(void)json_object_set_new(json, "unknown_settings", unknown_settings_json(&config->unknowns));
	(void)json_object_set_new(json, "installed_newer", text_json(status->installed_newer));
	(void)json_object_set_new(json, "longest_disable_days",
		status->catalog.longest_disable_days ? json_integer((json_int_t)status->catalog.longest_disable_days)
						     : json_null());
	return json;
}
