#include "agent/status/report_json.h"

#include <fcntl.h>
#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/proof/receipt.h"
#include "agent/proof/terminal_key.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_json.h"
#include "agent/store/contact.h"
#include "agent/store/delivery.h"
#include "agent/store/installed.h"
#include "agent/store/quarantine.h"
#include "agent/turn/windows.h"

#define FORM "haishin-report-1"
/* A server takes 64 KiB, and a certificate with its chain takes some of it (form 2). */
#define MOST_WINDOWS 160
#define MOST_DELIVERIES 80
#define MOST_QUARANTINED 50
#define RENEWAL_DAYS 60
#define DAY_S INT64_C(86400)
#define MACHINE_ID_MOST 256

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

		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("name", package->name),
							  json_text("version", package->version),
							  json_text("state", status_package_state(package)),
							  json_text_unless_empty("staged", package->staged_version),
							  json_text_unless_empty("newest", package->newest),
							  json_flag("not_its_turn", package->is_not_its_turn),
							  json_take("files", status_files_json(package)),
							  json_text_if("notes",
								  json_string_value(json_object_get(
									  package->notes, "digest"))),
						  }));
	}
	return list;
}

/* How the candidate stands here. */
static const char *state_of_candidate(const struct status_package *package)
{
	const struct rollout_facts *facts = &package->candidate.facts;

	if (facts->is_current)
		return package->on_trial ? "on-trial" : "current";
	if (facts->is_staged)
		return "staged";
	return facts->is_quarantined ? "rolled-back" : "none";
}

/* Since when it is current, as far as known. */
static json_t *taken_json(struct terminal *terminal, const struct status_package *package)
{
	struct installed_row row;
	bool found;

	if (!package->candidate.facts.is_current ||
		installed_find(terminal->store, package->name, &row, &found, NULL) < 0 || !found ||
		strcmp(row.folder, package->candidate.folder) != 0)
		return json_null();
	return status_time_json(row.since_s);
}

static json_t *rollouts_json(struct terminal *terminal, const struct status *status)
{
	json_t *list = NULL;

	for (size_t i = 0; i < status->count; i++) {
		const struct status_package *package = &status->packages[i];
		const struct candidate_here *here = &package->candidate;

		if (!package->has_candidate)
			continue;
		if (!list)
			list = json_array();
		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("package", package->name),
							  json_text("version", here->version),
							  json_text("digest", here->digest),
							  json_number("attempt", here->attempt),
							  json_text("step", rollout_step_name(here->decision.step)),
							  json_text("gate", rollout_gate_name(here->decision.gate)),
							  json_text("state", state_of_candidate(package)),
							  json_take("taken", taken_json(terminal, package)),
						  }));
	}
	return list;
}

static int64_t certificate_left_s(const struct status *status)
{
	return status->last_contact.certificate_expires_s - status->now_s;
}

/* From 60 days before the end on, which is when it should have been renewed. */
static bool is_not_renewed(const struct status *status)
{
	return *status->last_contact.renewal_trouble && certificate_left_s(status) <= RENEWAL_DAYS * DAY_S;
}

/* The day count that was reached: the operator hears of it before staff do. */
static json_t *renewal_json(const struct status *status)
{
	static const int days[] = {7, 30, RENEWAL_DAYS};
	int reached = RENEWAL_DAYS;

	if (!is_not_renewed(status))
		return json_null();
	for (size_t i = ARRAY_SIZE(days); i > 0; i--)
		if (certificate_left_s(status) <= days[i - 1] * DAY_S)
			reached = days[i - 1];
	return JSON_OBJECT({
		json_take("ends", status_time_json(status->last_contact.certificate_expires_s)),
		json_number("days", reached),
		json_text("why", status->last_contact.renewal_trouble),
	});
}

static json_t *problems_json(const struct status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->judgement.problems_count; i++)
		(void)json_array_append_new(
			list, JSON_OBJECT({
				      json_text("reason", status_reason_name(status->judgement.problems[i].reason)),
				      json_text_if("package", *status->judgement.problems[i].package
								      ? status->judgement.problems[i].package
								      : NULL),
			      }));
	if (is_not_renewed(status))
		(void)json_array_append_new(list,
			JSON_OBJECT({json_text("reason", status_reason_name(STATUS_CERTIFICATE_NOT_RENEWED))}));
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
		return EACH_ENOUGH;
	}
	return add(gathering->list,
		JSON_OBJECT({
			json_text("package", delivery->package),
			json_text("version", delivery->version),
			json_text("digest", delivery->digest),
			json_text("state", delivery_state_name(delivery->state)),
			json_number("campaign", delivery->campaign),
			json_take("planned", status_time_json(delivery->planned_s)),
			json_take("changed", status_time_json(delivery->changed_s)),
			json_number("attempts", delivery->attempts),
			json_text("error", error_code_name(delivery->error)),
		}),
		err);
}

static int take_quarantined(void *context, const struct quarantine_row *row, struct error *err)
{
	struct gathering *gathering = context;

	if (json_array_size(gathering->list) == gathering->most)
		return 0;
	return add(gathering->list,
		JSON_OBJECT({
			json_text("package", row->package),
			json_text("version", row->version),
			json_text("digest", row->digest),
			json_take("since", status_time_json(row->since_s)),
		}),
		err);
}

static int take_window(void *context, const struct contact_row *row, struct error *err)
{
	struct gathering *gathering = context;

	if (!*row->outcome || row->closes_s > gathering->span->made_s ||
		json_array_size(gathering->list) == gathering->most)
		return EACH_ENOUGH;
	gathering->span->windows_until_s = row->opens_s + 1;
	return add(gathering->list,
		JSON_OBJECT({
			json_text("date", row->date),
			json_take("opens", status_time_json(row->opens_s)),
			json_take("closes", status_time_json(row->closes_s)),
			json_text("outcome", row->outcome),
			json_take("contact", status_time_json(row->contact_s)),
			json_number("attempts", row->attempts),
			json_number("on_s", row->on_s),
		}),
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
	if (delivery_each_since(terminal->store, span->deliveries_from_s, take_delivery, &of_deliveries, err) < 0 ||
		contact_each(terminal->store, span->windows_from_s, take_window, &of_windows, err) < 0)
		return -1;
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

/* The state of the ledger that was proven last, so that whoever looks at reports sees whether all terminals are shown one. */
static json_t *ledger_json(struct terminal *terminal)
{
	char root[SHA256_HEX_SIZE];
	struct receipt seen;
	bool found;

	if (receipt_find(terminal, &seen, &found, NULL) < 0 || !found)
		return NULL;
	return JSON_OBJECT({
		json_text("origin", seen.checkpoint.origin),
		json_number("size", (int64_t)seen.checkpoint.size),
		json_text("root", sha256_hex(&seen.checkpoint.root, root)),
	});
}

static json_t *next_window_json(const struct schedule_answer *next)
{
	if (next->opens_s == SCHEDULE_NEVER || next->closes_s == SCHEDULE_NEVER)
		return json_null();
	return JSON_OBJECT({
		json_take("opens", status_time_json(next->opens_s)),
		json_take("closes", status_time_json(next->closes_s)),
	});
}

/* Which machine this is, in a word that means nothing elsewhere; NULL where it has no identity. */
static json_t *machine_json(struct terminal *terminal, const char *key_id)
{
	AUTO(buf) struct buf id = BUF_INIT(MACHINE_ID_MOST), text = BUF_INIT(2 * MACHINE_ID_MOST);
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	if (fs_read_file(terminal->env->fs, AT_FDCWD, terminal->config->machine_id_path, &id, NULL) < 0 || id.len == 0 ||
		buf_printf(&text, NULL, "haishin-machine-1\n%s\n%s\n", key_id, buf_text(&id)) < 0)
		return NULL;
	sha256_of(text.data, text.len, &digest);
	return json_string(sha256_hex(&digest, hex));
}

json_t *report_json(struct terminal *terminal, struct report_span *span, struct error *err)
{
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *deliveries = json_array();
	AUTO(json) json_t *quarantined = json_array();
	AUTO(json) json_t *windows = json_array();
	AUTO(json) json_t *history = NULL, *ledger = NULL, *machine = NULL, *rollouts = NULL;
	AUTO(signer) struct signer *signer = NULL;
	struct schedule_answer next;
	json_t *report;

	windows_ask_after(terminal, &next);
	if (status_collect(terminal, &status, err) < 0 ||
		gather(terminal, span, deliveries, quarantined, windows, err) < 0 ||
		!(signer = terminal_key_load(terminal, err)) || !(history = history_json(terminal, err)))
		return NULL;
	ledger = ledger_json(terminal);
	rollouts = rollouts_json(terminal, &status);
	report = JSON_OBJECT({
		json_blame(err),
		json_text("form", FORM),
		json_text("terminal", signer_key_id(signer)),
		json_number("number", span->number),
		json_take("made", status_time_json(status.now_s)),
		json_text("agent", HAISHIN_VERSION),
		json_text("environment", terminal->config->environment),
		json_text("verdict", status_verdict_name(status.judgement.verdict)),
		json_text("reason", status_reason_name(status.judgement.reason)),
		json_take("problems", problems_json(&status)),
		json_take("packages", packages_json(&status)),
		json_take("renewal", renewal_json(&status)),
		json_text_unless_empty("ring", terminal->config->ring),
		json_number("deltas_did_not_come_out", status.deltas_missed),
		json_share("deliveries", deliveries),
		json_share("quarantine", quarantined),
		json_share("windows", windows),
		json_take("next_window", next_window_json(&next)),
		json_share("history", history),
		json_take("identity", status_identity_json(&status.identity)),
	});
	machine = machine_json(terminal, signer_key_id(signer));
	if (report && ((ledger && json_object_set(report, "ledger", ledger) < 0) ||
			      (rollouts && json_object_set(report, "rollouts", rollouts) < 0) ||
			      (machine && json_object_set(report, "machine", machine) < 0)))
		json_decref(take_ptr(&report));
	if (!report)
		(void)error_context(err, "report");
	return report;
}
