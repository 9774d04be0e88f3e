#include <string.h>

#include "agent/distribution.h"
#include "agent/methods.h"
#include "agent/quarantine.h"
#include "agent/status.h"
#include "scheduler/schedule.h"

/* What is known of the whole terminal while packages are explained. */
struct facts {
	struct terminal *terminal;
	const struct status *status;
	struct schedule_rules rules;
};

/* Adds one gate; the first that is shut decides. */
static void add_gate(json_t *explanation, const char *gate, bool open, const char *value, const char *source)
{
	(void)json_array_append_new(json_object_get(explanation, "gates"),
		json_pack("{s:s, s:b, s:s*, s:s}", "gate", gate, "open", open, "value",
			value && *value ? value : NULL, "source", source));
	if (!open && json_is_null(json_object_get(explanation, "decides")))
		(void)json_object_set_new(explanation, "decides", json_string(gate));
}

static void add_pause(
	json_t *explanation, const char *gate, bool paused, const struct pause_row *pause, const char *source)
{
	char value[STORE_TEXT_SIZE + 80];

	(void)snprintf(value, sizeof(value), "%s%s%s", pause->who, *pause->why ? ": " : "", pause->why);
	add_gate(explanation, gate, !paused, paused ? value : "", source);
}

static void add_newer(json_t *explanation, const struct status_package *package)
{
	char value[2 * VERSION_TEXT_SIZE + 16];

	if (!*package->newest) {
		add_gate(explanation, "catalog", false, "", "catalog");
		return;
	}
	(void)snprintf(value, sizeof(value), "%s -> %s", package->version, package->newest);
	add_gate(explanation, "newer", version_compare(package->newest, package->version) > 0, value, "catalog");
}

static int add_quarantine(
	const struct facts *facts, json_t *explanation, const struct status_package *package, struct error *err)
{
	struct quarantine_row row = {0};
	bool found = false;

	if (package->has_delivery && strcmp(package->delivery.version, package->newest) == 0 &&
		quarantine_find(facts->terminal->store, package->name, package->delivery.digest, &row, &found, err) <
			0)
		return -1;
	add_gate(explanation, "quarantine", !found, found ? row.reason : "", "store");
	return 0;
}

/* "2026-01-10 20:00", as the wall shows it. */
static void wall_text(const struct zone *zone, int64_t time_s, char *ret_text, size_t size)
{
	char date[NIGHT_DATE_TEXT_SIZE];
	struct night_date day;
	int64_t second;

	zone_to_local(zone, time_s, &day, &second);
	(void)snprintf(ret_text, size, "%s %02d:%02d", night_date_text(&day, date), (int)(second / 3600 % 24),
		(int)(second / 60 % 60));
}

static void add_window(const struct facts *facts, json_t *explanation, const struct status_package *package)
{
	char opens[32], closes[32] = "", value[96] = "";
	struct schedule_answer answer;
	bool by_campaign;

	schedule_ask(&facts->rules, package->name, facts->status->now_s, &answer);
	by_campaign = answer.reason == SCHEDULE_OUTSIDE_CAMPAIGN_WINDOW ||
		      answer.reason == SCHEDULE_CAMPAIGN_NOT_BEGUN || answer.reason == SCHEDULE_NIGHT_LEFT_OUT ||
		      answer.reason == SCHEDULE_CAMPAIGN_OVER;
	if (answer.closes_s != SCHEDULE_NEVER)
		wall_text(facts->rules.zone, answer.closes_s, closes, sizeof(closes));
	if (answer.opens_s != SCHEDULE_NEVER) {
		wall_text(facts->rules.zone, answer.opens_s, opens, sizeof(opens));
		(void)snprintf(value, sizeof(value), "%s - %s", opens, closes);
	}
	add_gate(explanation, "campaign", !by_campaign, by_campaign ? value : "", "catalog");
	add_gate(explanation, "window", answer.reason == SCHEDULE_OPEN || by_campaign, by_campaign ? "" : value,
		"configuration");
}

static void add_network(const struct facts *facts, json_t *explanation)
{
	const struct history_row *check = &facts->status->last_check;
	bool failed = facts->status->has_check && strcmp(check->error, error_code_name(ERROR_NONE)) != 0;

	add_gate(explanation, "network", !failed, failed ? check->detail : "", "last check");
}

static void add_last_try(json_t *explanation, const struct status_package *package)
{
	bool failed = package->has_delivery && !delivery_is_over(package->delivery.state) &&
		      package->delivery.error != ERROR_NONE;

	if (failed)
		add_gate(explanation, package->delivery.error == ERROR_NO_SPACE ? "space" : "last-try",
			package->delivery.error != ERROR_NO_SPACE, package->delivery.detail, "store");
}

/* Gates in the order in which the night asks them. */
static int explain(const struct facts *facts, const struct status_package *package, json_t *list, struct error *err)
{
	json_t *explanation = json_pack("{s:s, s:s, s:n, s:[]}", "package", package->name, "state",
		status_package_state(package), "decides", "gates");
	bool restart = *package->staged_version || package->condemned;

	if (!explanation || json_array_append_new(list, explanation) < 0)
		return error_set(err, ERROR_FAILED, "out of memory");
	add_pause(explanation, "disabled", facts->status->is_disabled, &facts->status->disabled, "store");
	add_pause(explanation, "held", package->is_held, &package->hold, "store");
	add_gate(explanation, "restart", !restart, package->staged_version, "plan");
	if (!*package->newest) /* without a catalog, what kept it away decides */
		add_network(facts, explanation);
	add_newer(explanation, package);
	if (add_quarantine(facts, explanation, package, err) < 0)
		return -1;
	add_window(facts, explanation, package);
	if (*package->newest)
		add_network(facts, explanation);
	add_last_try(explanation, package);
	return 0;
}

static int explain_all(const struct facts *facts, const char *only, json_t *list, struct error *err)
{
	for (size_t i = 0; i < facts->status->count; i++)
		if (!only || strcmp(facts->status->packages[i].name, only) == 0)
			if (explain(facts, &facts->status->packages[i], list, err) < 0)
				return -1;
	return 0;
}

int method_explain(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *only = methods_text(call, "package");
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *list = json_array();
	struct error none_yet = {0};
	struct facts facts = {.terminal = resident->terminal, .status = &status};

	if (only && methods_check_package(resident, only, err) < 0)
		return -1;
	if (status_collect(resident->terminal, &status, err) < 0)
		return -1;
	facts.rules.zone = resident->terminal->config->zone;
	facts.rules.windows = &resident->terminal->config->windows;
	if (distribution_kept_catalog(resident->terminal, &catalog, &none_yet) == 0) {
		facts.rules.campaigns = catalog->campaigns;
		facts.rules.campaigns_count = catalog->campaigns_count;
	}
	if (explain_all(&facts, only, list, err) < 0)
		return -1;
	varlink_reply(call, json_pack("{s:O}", "packages", list));
	return 0;
}
