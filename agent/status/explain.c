#include "agent/status/explain_inside.h"

#include <inttypes.h>
#include <string.h>

#include "manifests/catalog/catalog.h"
#include "manifests/tuf/time_floor.h"

const char *explain_gate_name(enum explain_gate gate)
{
	static const char *const names[] = {
		[EXPLAIN_DISABLED] = "disabled",
		[EXPLAIN_HELD] = "held",
		[EXPLAIN_RESTART] = "restart",
		[EXPLAIN_TRIAL] = "trial",
		[EXPLAIN_CLOCK] = "clock",
		[EXPLAIN_CERTIFICATE] = "certificate",
		[EXPLAIN_NETWORK] = "network",
		[EXPLAIN_SIGNATURE] = "signature",
		[EXPLAIN_CATALOG] = "catalog",
		[EXPLAIN_NEWER] = "newer",
		[EXPLAIN_QUARANTINE] = "quarantine",
		[EXPLAIN_ROLLOUT] = "rollout",
		[EXPLAIN_REQUIRES] = "requires",
		[EXPLAIN_SPACE] = "space",
		[EXPLAIN_LAST_TRY] = "last-try",
		[EXPLAIN_CAMPAIGN] = "campaign",
		[EXPLAIN_WINDOW] = "window",
		[EXPLAIN_TURN] = "turn",
	};

	return names[gate];
}

/* ---- Gates of staff and of the disk. ---- */

static int ask_pause(const struct explain_facts *facts, const struct pause_row *pause, const char *operation,
	struct explain_answer *answer, struct error *err)
{
	char since[EXPLAIN_WALL_SIZE], until[EXPLAIN_WALL_SIZE];

	explain_shut(answer, "", "");
	explain_set_value(answer, "%s - %s, %s%s%s", explain_wall(facts, pause->since_s, since),
		pause->until_s ? explain_wall(facts, pause->until_s, until) : "", pause->who, *pause->why ? ": " : "",
		pause->why);
	return explain_source_is_history(facts, answer, operation, pause->package, err);
}

static void ask_restart(const struct status_package *package, struct explanation *explanation)
{
	struct explain_answer *restart = &explanation->gates[EXPLAIN_RESTART];
	struct explain_answer *trial = &explanation->gates[EXPLAIN_TRIAL];

	restart->open = !*package->staged_version && !package->condemned;
	explain_set_value(restart, "%s", package->condemned ? package->previous_version : package->staged_version);
	trial->open = !package->on_trial;
	explain_set_value(trial, "%s", package->on_trial ? package->version : "");
	explain_set_source(restart, "disk");
	explain_set_source(trial, "disk");
}

/* ---- Gates on the way to the server. ---- */

static bool last_check_failed_with(const struct status *status, enum error_code code)
{
	return status->has_check && strcmp(status->last_check.error, error_code_name(code)) == 0;
}

static void shut_by_check(const struct explain_facts *facts, struct explain_answer *answer, enum error_code code)
{
	explain_shut(answer, error_code_name(code), facts->status->last_check.detail);
	explain_set_source(answer, "history %" PRId64, facts->status->last_check.number);
}

static void ask_contact(const struct explain_facts *facts, struct explain_answer *gates)
{
	const struct status *status = facts->status;
	const struct findings *findings = &facts->findings;
	char text[EXPLAIN_WALL_SIZE];

	explain_set_value(&gates[EXPLAIN_CLOCK], "%s", explain_wall(facts, status->now_s, text));
	explain_set_source(&gates[EXPLAIN_CLOCK], "clock");
	if (status->now_s < facts->time_floor_s) {
		gates[EXPLAIN_CLOCK].open = false;
		explain_set_value(&gates[EXPLAIN_CLOCK], "%s < ", text);
		(void)explain_wall(facts, facts->time_floor_s, strchr(gates[EXPLAIN_CLOCK].value, '\0'));
	}
	if (*findings->certificate_name)
		explain_set_value(&gates[EXPLAIN_CERTIFICATE], "%s, - %s", findings->certificate_name,
			explain_wall(facts, findings->certificate_expires_s, text));
	explain_source_is_setting(facts, &gates[EXPLAIN_CERTIFICATE], "paths", "certificates");
	if (last_check_failed_with(status, ERROR_CERTIFICATE) && !findings->server_is_untrusted)
		shut_by_check(facts, &gates[EXPLAIN_CERTIFICATE], ERROR_CERTIFICATE);
	else if (findings->certificate_expires_s && findings->certificate_expires_s <= status->now_s)
		explain_shut(&gates[EXPLAIN_CERTIFICATE], error_code_name(ERROR_CERTIFICATE), "");
	if (status->last_contact_s)
		explain_set_value(&gates[EXPLAIN_NETWORK], "%s", explain_wall(facts, status->last_contact_s, text));
	explain_source_is_setting(facts, &gates[EXPLAIN_NETWORK], "server", "url");
	if (last_check_failed_with(status, ERROR_CERTIFICATE) && findings->server_is_untrusted)
		shut_by_check(facts, &gates[EXPLAIN_NETWORK], ERROR_NETWORK);
	if (last_check_failed_with(status, ERROR_NETWORK))
		shut_by_check(facts, &gates[EXPLAIN_NETWORK], ERROR_NETWORK);
	else if (last_check_failed_with(status, ERROR_SERVER))
		shut_by_check(facts, &gates[EXPLAIN_NETWORK], ERROR_SERVER);
}

/* Refused by what others signed: all that the server says, or this release. */
static int ask_signature(const struct explain_facts *facts, const struct status_package *package,
	struct explain_answer *answer, struct error *err)
{
	if (last_check_failed_with(facts->status, ERROR_REFUSED))
		shut_by_check(facts, answer, ERROR_REFUSED);
	else if (last_check_failed_with(facts->status, ERROR_ALTERED))
		shut_by_check(facts, answer, ERROR_ALTERED);
	if (strcmp(status_package_state(package), "refused") != 0)
		return 0;
	explain_shut(answer, error_code_name(ERROR_REFUSED), package->delivery.detail);
	return explain_source_is_history(facts, answer, "reject", package->name, err);
}

/* Whatever else ended the last try, of the whole or of this package. */
static int ask_last_try(const struct explain_facts *facts, const struct status_package *package,
	const struct finding *finding, struct explain_answer *answer, struct error *err)
{
	static const enum error_code others[] = {
		ERROR_FAILED, ERROR_INPUT, ERROR_DAMAGED, ERROR_NOT_FOUND, ERROR_BUSY};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (last_check_failed_with(facts->status, others[i]))
			shut_by_check(facts, answer, others[i]);
	if (strcmp(finding->gate, wanted_gate_name(WANTED_UNAVAILABLE)) == 0 ||
		strcmp(finding->gate, wanted_gate_name(WANTED_POSTPONED)) == 0) {
		explain_shut(answer, finding->error, finding->reason);
		explain_source_is_catalog(facts, answer);
	}
	if (!package->has_delivery || delivery_is_over(package->delivery.state) ||
		package->delivery.error == ERROR_NONE || package->delivery.error == ERROR_NO_SPACE ||
		package->delivery.error == ERROR_STOPPED)
		return 0;
	explain_shut(answer, error_code_name(package->delivery.error), package->delivery.detail);
	return explain_source_is_history(facts, answer, "fetch", package->name, err);
}

/* ---- Gates of time. ---- */

static bool is_campaign_gate(enum schedule_reason reason)
{
	return reason == SCHEDULE_OUTSIDE_CAMPAIGN_WINDOW || reason == SCHEDULE_CAMPAIGN_NOT_BEGUN ||
	       reason == SCHEDULE_NIGHT_LEFT_OUT || reason == SCHEDULE_CAMPAIGN_OVER;
}

static void ask_window(
	const struct explain_facts *facts, const struct status_package *package, struct explain_answer *gates)
{
	struct explain_answer *campaign = &gates[EXPLAIN_CAMPAIGN], *window = &gates[EXPLAIN_WINDOW];
	char opens[EXPLAIN_WALL_SIZE] = "", closes[EXPLAIN_WALL_SIZE] = "";
	const char *ends = closes;
	struct schedule_answer answer;

	schedule_ask(&facts->rules, package->name, facts->status->now_s, &answer);
	if (answer.opens_s != SCHEDULE_NEVER)
		(void)explain_wall(facts, answer.opens_s, opens);
	if (answer.closes_s != SCHEDULE_NEVER)
		(void)explain_wall(facts, answer.closes_s, closes);
	if (answer.closes_s - answer.opens_s <= 86400) /* its hour says enough: 20:00 - 05:00 */
		ends = strchr(closes, ' ') ? strchr(closes, ' ') + 1 : closes;
	window->open = answer.reason == SCHEDULE_OPEN || is_campaign_gate(answer.reason);
	if (*opens)
		explain_set_value(window, "%s - %s", opens, ends);
	explain_source_is_setting(facts, window, "delivery", "window");
	campaign->open = !is_campaign_gate(answer.reason);
	if (answer.campaign || !campaign->open) {
		explain_set_value(campaign, "%" PRId64 "%s%s%s%s", answer.campaign, *opens ? ": " : "", opens,
			*opens ? " - " : "", ends);
		explain_source_is_catalog(facts, campaign);
	}
	if (!campaign->open)
		(void)snprintf(campaign->detail, sizeof(campaign->detail), "%s", schedule_reason_name(answer.reason));
	if (facts->turn_s) {
		gates[EXPLAIN_TURN].open = facts->turn_s <= facts->status->now_s || answer.reason != SCHEDULE_OPEN;
		explain_set_value(&gates[EXPLAIN_TURN], "%s", explain_wall(facts, facts->turn_s, opens));
	}
}

/* ---- The whole. ---- */

/* What would have to change first comes first. While the way to the server is shut nobody knows what is new, whatever the
 * kept catalog says; a gate that opens by itself at its hour goes behind those that do not. A refused release is in
 * quarantine too; that it was refused says more. */
static const enum explain_gate order[EXPLAIN_GATES] = {EXPLAIN_DISABLED, EXPLAIN_HELD, EXPLAIN_RESTART, EXPLAIN_TRIAL,
	EXPLAIN_CLOCK, EXPLAIN_CERTIFICATE, EXPLAIN_NETWORK, EXPLAIN_SIGNATURE, EXPLAIN_LAST_TRY, EXPLAIN_CATALOG,
	EXPLAIN_NEWER, EXPLAIN_QUARANTINE, EXPLAIN_ROLLOUT, EXPLAIN_REQUIRES, EXPLAIN_CAMPAIGN, EXPLAIN_SPACE,
	EXPLAIN_WINDOW, EXPLAIN_TURN};

static void decide(struct explanation *explanation)
{
	memcpy(explanation->order, order, sizeof(explanation->order));
	explanation->decides = EXPLAIN_GATES;
	for (size_t i = 0; i < EXPLAIN_GATES && explanation->decides == EXPLAIN_GATES; i++)
		if (!explanation->gates[explanation->order[i]].open)
			explanation->decides = explanation->order[i];
}

int explain_package(const struct explain_facts *facts, const struct status_package *package,
	struct explanation *ret_explanation, struct error *err)
{
	const struct catalog_package *named = facts->catalog ? catalog_find(facts->catalog, package->name) : NULL;
	struct explain_answer *gates = ret_explanation->gates;
	struct finding finding;
	bool found;

	*ret_explanation = (struct explanation){0};
	for (size_t i = 0; i < EXPLAIN_GATES; i++)
		gates[i].open = true;
	if (findings_of_package(facts->terminal->store, package->name, &finding, &found, err) < 0)
		return -1;
	if (!found || strcmp(finding.version, package->newest) != 0)
		finding = (struct finding){.error = "none"}; /* it was about another release */
	ask_restart(package, ret_explanation);
	ask_contact(facts, gates);
	explain_ask_catalog(facts, package, &gates[EXPLAIN_CATALOG], &gates[EXPLAIN_NEWER]);
	explain_ask_rollout(facts, named, finding.digest, &gates[EXPLAIN_ROLLOUT]);
	explain_ask_requires(facts, &finding, &gates[EXPLAIN_REQUIRES]);
	ask_window(facts, package, gates);
	if ((facts->status->is_disabled &&
		    ask_pause(facts, &facts->status->disabled, "disable", &gates[EXPLAIN_DISABLED], err) < 0) ||
		(package->is_held && ask_pause(facts, &package->hold, "hold", &gates[EXPLAIN_HELD], err) < 0) ||
		ask_signature(facts, package, &gates[EXPLAIN_SIGNATURE], err) < 0 ||
		ask_last_try(facts, package, &finding, &gates[EXPLAIN_LAST_TRY], err) < 0 ||
		explain_ask_quarantine(facts, package, finding.digest, &gates[EXPLAIN_QUARANTINE], err) < 0 ||
		explain_ask_space(facts, package, &finding, &gates[EXPLAIN_SPACE], err) < 0)
		return error_context(err, "%s", package->name);
	decide(ret_explanation);
	return 0;
}

int explain_collect(struct terminal *terminal, const struct status *status, const struct catalog *catalog,
	int64_t turn_s, struct explain_facts *ret_facts, struct error *err)
{
	*ret_facts = (struct explain_facts){
		.terminal = terminal,
		.status = status,
		.catalog = catalog,
		.rules =
			{
				.zone = terminal->config->zone,
				.windows = &terminal->config->windows,
				.campaigns = catalog ? catalog->campaigns : NULL,
				.campaigns_count = catalog ? catalog->campaigns_count : 0,
			},
		.time_floor_s = time_floor_load(terminal->env->fs, terminal->metadata_dir_fd),
		.turn_s = turn_s,
	};
	if (findings_read(terminal->store, &ret_facts->findings, err) < 0 ||
		store_terminal_secret(terminal->store, ret_facts->secret, err) < 0)
		return -1;
	return 0;
}
