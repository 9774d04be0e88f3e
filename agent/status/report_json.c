#include "agent/status/report_json.h"

#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/proof/terminal_key.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_json.h"
#include "agent/store/contact.h"
#include "agent/store/delivery.h"
#include "agent/store/quarantine.h"

#define FORM "haishin-report-1"
/* A server takes 64 KiB. */
#define MOST_WINDOWS 200
#define MOST_DELIVERIES 100
#define MOST_QUARANTINED 50

static int add(json_t *list, json_t *take_item, struct error *err)
{
	return json_array_append_new(list, take_item) < 0 ? error_set(err, ERROR_FAILED, "no memory for a report")
							  : 0;
}

/* ---- What it runs ---- */

static json_t *packages_json(const struct status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->count; i++) {
		const struct status_package *package = &status->packages[i];

		(void)json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "name", package->name, "version",
				      package->version, "state", status_package_state(package), "staged",
				      *package->staged_version ? package->staged_version : NULL, "newest",
				      *package->newest ? package->newest : NULL));
	}
	return list;
}

static json_t *problems_json(const struct status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->judgement.problems_count; i++)
		(void)json_array_append_new(
			list, json_pack("{s:s, s:s*}", "reason", status_reason_name(status->judgement.problems[i].reason),
				      "package", *status->judgement.problems[i].package ? status->judgement.problems[i].package : NULL));
	return list;
}

/* ---- What became of it ---- */

struct gathering {
	struct report_span *span;
	json_t *list;
	size_t most;
};

static int take_delivery(void *context, const struct delivery *delivery, struct error *err)
{
	struct gathering *gathering = context;

	if (json_array_size(gathering->list) == gathering->most) {
		gathering->span->deliveries_until_s = delivery->changed_s;
		return error_set(err, ERROR_STOPPED, "the report is full");
	}
	return add(gathering->list,
		json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:I, s:s}", "package", delivery->package, "version",
			delivery->version, "digest", delivery->digest, "state", delivery_state_name(delivery->state),
			"campaign", (json_int_t)delivery->campaign, "planned", status_time_json(delivery->planned_s),
			"changed", status_time_json(delivery->changed_s), "attempts", (json_int_t)delivery->attempts,
			"error", error_code_name(delivery->error)),
		err);
}

static int take_quarantined(void *context, const struct quarantine_row *row, struct error *err)
{
	struct gathering *gathering = context;

	if (json_array_size(gathering->list) == gathering->most)
		return 0;
	return add(gathering->list,
		json_pack("{s:s, s:s, s:s, s:o}", "package", row->package, "version", row->version, "digest",
			row->digest, "since", status_time_json(row->since_s)),
		err);
}

static int take_window(void *context, const struct contact_row *row, struct error *err)
{
	struct gathering *gathering = context;

	if (!*row->outcome || row->closes_s > gathering->span->made_s ||
		json_array_size(gathering->list) == gathering->most)
		return error_set(err, ERROR_STOPPED, "that is all for this report");
	gathering->span->windows_until_s = row->opens_s + 1;
	return add(gathering->list,
		json_pack("{s:s, s:o, s:o, s:s, s:o, s:I, s:I}", "date", row->date, "opens",
			status_time_json(row->opens_s), "closes", status_time_json(row->closes_s), "outcome",
			row->outcome, "contact", status_time_json(row->contact_s), "attempts",
			(json_int_t)row->attempts, "on_s", (json_int_t)row->on_s),
		err);
}

static int gather(struct terminal *terminal, struct report_span *span, json_t *deliveries, json_t *quarantined,
	json_t *windows, struct error *err)
{
	struct gathering of_deliveries = {span, deliveries, MOST_DELIVERIES};
	struct gathering of_quarantined = {span, quarantined, MOST_QUARANTINED};
	struct gathering of_windows = {span, windows, MOST_WINDOWS};

	span->windows_until_s = span->windows_from_s;
	span->deliveries_until_s = span->made_s;
	if (delivery_each_since(terminal->store, span->deliveries_from_s, take_delivery, &of_deliveries, err) < 0 &&
		err->code != ERROR_STOPPED)
		return -1;
	if (contact_each(terminal->store, span->windows_from_s, take_window, &of_windows, err) < 0 &&
		err->code != ERROR_STOPPED)
		return -1;
	*err = (struct error){0};
	return quarantine_each(terminal->store, take_quarantined, &of_quarantined, err);
}

/* ---- The whole ---- */

static json_t *history_json(struct terminal *terminal, struct error *err)
{
	AUTO(signer) struct signer *signer = terminal_key_load(terminal, err);
	json_t *head = signer ? anchor_json(terminal, err) : NULL;

	if (head)
		(void)json_object_set_new(head, "key", signer_public_key(signer, NULL));
	return head;
}

json_t *report_json(struct terminal *terminal, struct report_span *span, struct error *err)
{
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *deliveries = json_array();
	AUTO(json) json_t *quarantined = json_array();
	AUTO(json) json_t *windows = json_array();
	AUTO(json) json_t *history = NULL;
	AUTO(signer) struct signer *signer = NULL;
	json_t *report;

	if (status_collect(terminal, &status, err) < 0 ||
		gather(terminal, span, deliveries, quarantined, windows, err) < 0 ||
		!(signer = terminal_key_load(terminal, err)) || !(history = history_json(terminal, err)))
		return NULL;
	report = json_pack("{s:s, s:s, s:I, s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:O, s:O, s:O, s:O}", "form", FORM,
		"terminal", signer_key_id(signer), "number", (json_int_t)span->number, "made",
		status_time_json(status.now_s), "agent", HAISHIN_VERSION, "environment",
		terminal->config->environment, "verdict", status_verdict_name(status.judgement.verdict), "reason",
		status_reason_name(status.judgement.reason), "problems", problems_json(&status), "packages",
		packages_json(&status), "deliveries", deliveries, "quarantine", quarantined, "windows", windows,
		"history", history);
	if (!report)
		(void)error_set(err, ERROR_FAILED, "no memory for a report");
	return report;
}
