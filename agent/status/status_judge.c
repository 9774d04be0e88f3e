#include "agent/status/status_judge.h"

#include <stdlib.h>
#include <string.h>

#include "agent/store/contact.h"
#include "agent/store/delivery_rows.h"
#include "common/text.h"

/* True if the next window brings something for it. */
static bool is_waiting(const struct status_package *package)
{
	const char *state = status_package_state(package);

	return strcmp(state, "waiting") == 0 || strcmp(state, "fetching") == 0;
}

static int add_problem(struct status *status, enum status_reason reason, const struct status_package *package,
	const char *detail, struct error *err)
{
	struct status_judgement *judgement = &status->judgement;
	struct status_problem *grown =
		reallocarray(judgement->problems, judgement->problems_count + 1, sizeof(*judgement->problems));
	struct status_problem problem = {.reason = reason};

	if (!grown)
		return error_set(err, ERROR_FAILED, "out of memory");
	if (package) {
		text_assign(problem.package, package->name);
		if (reason == STATUS_FILES_DAMAGED || reason == STATUS_FILES_BEYOND_REPAIR)
			text_assign(problem.version, package->version);
		else if (package->has_delivery && reason != STATUS_NOT_INSTALLED)
			text_assign(problem.version, package->delivery.version);
	}
	(void)snprintf(problem.detail, sizeof(problem.detail), "%s", detail);
	judgement->problems = grown;
	judgement->problems[judgement->problems_count++] = problem;
	return 0;
}

static bool newest_window_was(const struct status *status, const char *outcome)
{
	return status->windows.count &&
	       strcmp(status->windows.items[status->windows.count - 1].outcome, outcome) == 0;
}

static bool contact_is_missed(const struct status *status)
{
	if (status->windows.without_contact >= STATUS_WINDOWS_WITHOUT_CONTACT ||
		status->windows.off >= STATUS_WINDOWS_OFF)
		return true;
	if (status->last_contact.contact_s)
		return status->now_s - status->last_contact.contact_s > STATUS_LONGEST_SILENCE_S;
	return status->has_check && strcmp(status->last_check.outcome, "failed") == 0;
}

static bool certificate_is_over(const struct status *status)
{
	return status->last_contact.certificate_expires_s &&
	       status->last_contact.certificate_expires_s <= status->now_s;
}

/* Why the server was not reached: the nearest reason that is known. */
static enum status_reason reason_of_silence(const struct status *status)
{
	if (newest_window_was(status, CONTACT_NOT_RUNNING))
		return STATUS_NOT_RUNNING;
	if (newest_window_was(status, CONTACT_OFF) && status->windows.off >= STATUS_WINDOWS_OFF)
		return STATUS_OFF;
	if (newest_window_was(status, CONTACT_CLOCK))
		return STATUS_CLOCK;
	return status_last_check_failed_with(status, ERROR_STRANGER) ? STATUS_STRANGER : STATUS_NO_CONTACT;
}

static int judge_contact(struct status *status, struct error *err)
{
	const char *detail = status->has_check ? status->last_check.detail : "";
	bool clock_is_wrong = status->clock.state != MACHINE_CLOCK_RIGHT;

	if (clock_is_wrong && add_problem(status, STATUS_CLOCK, NULL, status->clock.detail, err) < 0)
		return -1;
	if (status->clock.state == MACHINE_CLOCK_AHEAD) /* what has expired by it may not have */
		return 0;
	if (status_last_check_failed_with(status, ERROR_CERTIFICATE) && status->last_contact.server_is_untrusted)
		return add_problem(status, STATUS_SERVER_UNTRUSTED, NULL, detail, err);
	if (status_last_check_failed_with(status, ERROR_CERTIFICATE) || certificate_is_over(status))
		return add_problem(status, STATUS_CERTIFICATE, NULL,
			status_last_check_failed_with(status, ERROR_CERTIFICATE) ? detail : "", err);
	if (status_last_check_failed_with(status, ERROR_EXPIRED))
		return add_problem(status, STATUS_EXPIRED, NULL, detail, err);
	if (clock_is_wrong || status->is_disabled || !contact_is_missed(status))
		return 0;
	return add_problem(status, reason_of_silence(status), NULL,
		reason_of_silence(status) == STATUS_NO_CONTACT || reason_of_silence(status) == STATUS_STRANGER
			? detail
			: "",
		err);
}

static int judge_machine(struct status *status, struct error *err)
{
	static const enum status_reason reasons[] = {
#define MACHINE_REASON(enumerator, name, numbers, meaning, next) STATUS_##enumerator,
		EACH_MACHINE_FAULT(MACHINE_REASON, AS_REASON)
#undef MACHINE_REASON
	};

	for (size_t i = 0; i < status->machine.count; i++) {
		const struct machine_fault *fault = &status->machine.faults[i];

		if (add_problem(status, reasons[fault->kind], NULL, fault->detail, err) < 0)
			return -1;
	}
	return 0;
}

static int judge_terminal(struct status *status, struct error *err)
{
	if (status->is_disabled && add_problem(status, STATUS_DISABLED, NULL, status->disabled.why, err) < 0)
		return -1;
	if (judge_machine(status, err) < 0 || judge_contact(status, err) < 0)
		return -1;
	if (status_last_check_failed_with(status, ERROR_REFUSED) &&
		add_problem(status, STATUS_REFUSED, NULL, status->last_check.detail, err) < 0)
		return -1;
	if (status->check_came_altered_again &&
		add_problem(status, STATUS_ALTERED, NULL, status->last_check.detail, err) < 0)
		return -1;
	if (status->last_contact.certificate_expires_s && !certificate_is_over(status) &&
		status->last_contact.certificate_expires_s - status->now_s <=
			STATUS_CERTIFICATE_DAYS * INT64_C(86400) &&
		add_problem(status, STATUS_CERTIFICATE_ENDS, NULL, status->last_contact.certificate_name, err) < 0)
		return -1;
	if (status->store_set_aside && add_problem(status, STATUS_STORE_SET_ASIDE, NULL, "", err) < 0)
		return -1;
	if (status->last_contact.twin_s && add_problem(status, STATUS_TWIN, NULL, "", err) < 0)
		return -1;
	return 0;
}

/* True if its delivery is under way, and CODE ended the last attempt. */
static bool stopped_by(const struct status_package *package, enum error_code code)
{
	return package->has_delivery && !package->is_not_its_turn && package->delivery.state == DELIVERY_FETCHING &&
	       package->delivery.error == code;
}

/* What is staged or comes next takes its place. */
static int judge_files(struct status *status, const struct status_package *package, struct error *err)
{
	const struct soundness *soundness = &package->soundness;
	char detail[STORE_TEXT_SIZE], counts[SOUNDNESS_TEXT_SIZE];

	if (!soundness_is_damaged(soundness) || *package->staged_version || is_waiting(package))
		return 0;
	soundness_text(soundness, counts);
	(void)snprintf(detail, sizeof(detail), "%.80s%s%.80s%s%.80s", *counts ? counts : soundness->list_fault,
		*soundness->example ? "; " : "", soundness->example, *soundness->obstacle ? "; " : "",
		soundness->obstacle);
	return add_problem(status,
		*soundness->obstacle ? STATUS_FILES_BEYOND_REPAIR : STATUS_FILES_DAMAGED, package, detail, err);
}

static bool is_missing(const struct status_package *package)
{
	return version_is_broken(package->version) && !*package->staged_version;
}

/* Before the first catalog is there a package that lacks is one that nobody could have brought. */
static bool is_being_set_up(const struct status *status)
{
	return !status->catalog.is_kept && !status->has_check && !status->last_contact.contact_s;
}

/* Why a package is not there, by what would have to change: only what 'haishin download-now' can bring says so. */
static enum status_reason reason_of_absence(const struct status *status, const struct status_package *package)
{
	switch (package->gate) {
	case EXPLAIN_HELD:
		return STATUS_HELD;
	case EXPLAIN_CATALOG:
		return status->catalog.is_kept ? STATUS_NOT_NAMED : STATUS_NOT_INSTALLED;
	case EXPLAIN_REQUIRES:
		return package->needs_one_kept_here ? STATUS_REQUIRES_HERE : STATUS_REQUIRES;
	case EXPLAIN_QUARANTINE:
		return package->is_wanted_back ? STATUS_SENT_AWAY : STATUS_GONE;
	default:
		return STATUS_NOT_INSTALLED;
	}
}

/* The server lacks what the catalog promises: its payload, or the release itself. */
static bool lacks_a_file(const struct status *status, const struct status_package *package)
{
	static const enum error_code codes[] = {ERROR_NOT_FOUND, ERROR_SERVER};

	if (stopped_by(package, ERROR_NOT_FOUND))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (package->gate == EXPLAIN_LAST_TRY &&
			strcmp(package->gate_code, error_code_name(codes[i])) == 0 &&
			!status_last_check_failed_with(status, codes[i]))
			return true;
	return false;
}

/* Something else came in its place, on a way that is open otherwise. */
static bool is_replaced(const struct status *status, const struct status_package *package)
{
	return stopped_by(package, ERROR_STRANGER) ||
	       (package->gate == EXPLAIN_LAST_TRY && strcmp(package->gate_code, error_code_name(ERROR_STRANGER)) == 0 &&
		       !status_last_check_failed_with(status, ERROR_STRANGER));
}

/* What its vendor signed has expired, and what the operator signed has not. */
static bool is_expired(const struct status *status, const struct status_package *package)
{
	return package->gate == EXPLAIN_LAST_TRY && strcmp(package->gate_code, error_code_name(ERROR_EXPIRED)) == 0 &&
	       !status_last_check_failed_with(status, ERROR_EXPIRED);
}

/* That nothing, or something else, came of a release, and what there is to say of it; false where that is not so. */
static bool find_lack(const struct status *status, const struct status_package *package, enum status_reason *ret_reason)
{
	if (lacks_a_file(status, package))
		*ret_reason = STATUS_FILE_MISSING;
	else if (is_replaced(status, package))
		*ret_reason = STATUS_FILE_REPLACED;
	else if (is_expired(status, package))
		*ret_reason = STATUS_EXPIRED;
	else
		return false;
	return true;
}

static bool machine_is_short(const struct status *status)
{
	for (size_t i = 0; i < status->machine.count; i++)
		if (status->machine.faults[i].holds_packages && status->machine.faults[i].stops_delivery)
			return true;
	return false;
}

/* What its newest delivery ended in, unless a person here wanted that. True if something was said of it. */
static int judge_end(struct status *status, const struct status_package *package, bool *ret_told, struct error *err)
{
	bool is_gone = is_missing(package);

	if (status_package_came_altered(package)) {
		*ret_told = package->came_altered_again;
		return *ret_told ? add_problem(status, STATUS_ALTERED, package, package->delivery.detail, err) : 0;
	}
	*ret_told = !package->is_wanted_back && (status_package_ended_in(package, DELIVERY_ROLLED_BACK) ||
							status_package_ended_in(package, DELIVERY_REJECTED));
	if (!*ret_told)
		return 0;
	if (package->delivery.state == DELIVERY_ROLLED_BACK)
		return add_problem(
			status, is_gone ? STATUS_GONE : STATUS_ROLLED_BACK, package, package->delivery.detail, err);
	return add_problem(
		status, is_gone ? STATUS_REFUSED_FIRST : STATUS_REFUSED, package, package->delivery.detail, err);
}

static int judge_package(struct status *status, const struct status_package *package, struct error *err)
{
	const char *detail = package->has_delivery ? package->delivery.detail : "";
	enum status_reason lack = STATUS_FILE_MISSING;
	bool told, lacks = find_lack(status, package, &lack);

	if (package->is_odd) /* the judge of the machine has said so */
		return 0;
	if (judge_end(status, package, &told, err) < 0)
		return -1;
	if (judge_files(status, package, err) < 0)
		return -1;
	if (is_missing(package) && !told && !lacks && !is_being_set_up(status) &&
		add_problem(status, reason_of_absence(status, package), package, "", err) < 0)
		return -1;
	if (stopped_by(package, ERROR_NO_SPACE) && !machine_is_short(status) &&
		add_problem(status, STATUS_NO_SPACE, package, detail, err) < 0)
		return -1;
	if (lacks && add_problem(status, lack, package, *package->gate_detail ? package->gate_detail : detail, err) < 0)
		return -1;
	return 0;
}

static int by_urgency(const void *a, const void *b)
{
	const struct status_problem *left = a, *right = b;

	return (int)left->reason - (int)right->reason;
}

/* What keeps newer versions that wait from coming with 'haishin download-now'; that of the first that would come, if one does. */
static enum status_reason reason_of_waiting(const struct status *status)
{
	enum status_reason reason = STATUS_NEWER_RELEASE;

	for (size_t i = 0; i < status->count; i++) {
		if (!is_waiting(&status->packages[i]))
			continue;
		switch (status->packages[i].gate) {
		case EXPLAIN_REQUIRES:
			reason = status->packages[i].needs_one_kept_here ? STATUS_WAITS_HERE : STATUS_WAITS;
			break;
		case EXPLAIN_CAMPAIGN:
			reason = STATUS_CAMPAIGN;
			break;
		default:
			return STATUS_NEWER_RELEASE;
		}
	}
	return reason;
}

static enum status_reason reason_of_going(const struct status_package *package)
{
	if (package->has_no_former)
		return STATUS_CONDEMNED_FIRST;
	return package->has_candidate && package->candidate.decision.step == ROLLOUT_RECALL ? STATUS_RECALLED
											    : STATUS_CONDEMNED;
}

/* What there is to restart for; false for nothing, and where the machine would not let it happen. */
static bool find_restart(const struct status *status, enum status_reason *ret_reason)
{
	bool any = false;

	for (size_t i = 0; i < status->machine.count; i++)
		if (status->machine.faults[i].stops_restart)
			return false;
	for (size_t i = 0; i < status->count; i++) {
		const struct status_package *package = &status->packages[i];

		if (!*package->staged_version && !package->condemned)
			continue;
		if (*package->staged_version)
			*ret_reason = STATUS_STAGED;
		else if (!any)
			*ret_reason = reason_of_going(package);
		any = true;
	}
	return any;
}

static bool any_is(const struct status *status, bool (*is_so)(const struct status_package *package))
{
	for (size_t i = 0; i < status->count; i++)
		if (is_so(&status->packages[i]))
			return true;
	return false;
}

static bool is_not_its_turn(const struct status_package *package)
{
	return package->is_not_its_turn;
}

static bool is_put_away(const struct status_package *package)
{
	return strcmp(status_package_state(package), "put-away") == 0;
}

/* A restart comes first: it can be done at once, and may end the problems. */
static void choose_verdict(struct status *status)
{
	struct status_judgement *judgement = &status->judgement;

	if (find_restart(status, &judgement->reason)) {
		judgement->verdict = STATUS_RESTART;
	} else if (judgement->problems_count) {
		judgement->verdict = STATUS_ATTENTION;
		judgement->reason = judgement->problems[0].reason;
	} else if (any_is(status, is_waiting)) {
		judgement->verdict = STATUS_WAITING;
		judgement->reason = reason_of_waiting(status);
	} else if (!status->last_contact.contact_s && !status->catalog.is_kept) {
		judgement->verdict = STATUS_WAITING;
		judgement->reason = STATUS_NOT_CHECKED;
	} else {
		judgement->verdict = STATUS_UP_TO_DATE;
		judgement->reason = any_is(status, is_put_away)		 ? STATUS_WANTED_BACK
				    : any_is(status, is_not_its_turn) ? STATUS_NOT_ITS_TURN
								      : STATUS_ALL_CURRENT;
	}
}

int status_judge(struct status *status, struct error *err)
{
	struct status_judgement *judgement = &status->judgement;
	free(take_ptr(&judgement->problems));
	judgement->problems_count = 0;
	if (judge_terminal(status, err) < 0)
		return -1;
	for (size_t i = 0; i < status->count; i++)
		if (judge_package(status, &status->packages[i], err) < 0)
			return -1;
	if (judgement->problems_count)
		qsort(judgement->problems, judgement->problems_count, sizeof(*judgement->problems), by_urgency);
	choose_verdict(status);
	return 0;
}
