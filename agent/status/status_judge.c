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
	bool clock_is_wrong = status->now_s < status->time_floor_s;

	if (clock_is_wrong && add_problem(status, STATUS_CLOCK, NULL, "", err) < 0)
		return -1;
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

static int judge_terminal(struct status *status, struct error *err)
{
	if (status->is_disabled && add_problem(status, STATUS_DISABLED, NULL, status->disabled.why, err) < 0)
		return -1;
	if (judge_contact(status, err) < 0)
		return -1;
	if ((status_last_check_failed_with(status, ERROR_REFUSED) ||
		    status_last_check_failed_with(status, ERROR_ALTERED)) &&
		add_problem(status, STATUS_REFUSED, NULL, status->last_check.detail, err) < 0)
		return -1;
	if (status->last_contact.certificate_expires_s && !certificate_is_over(status) &&
		status->last_contact.certificate_expires_s - status->now_s <=
			STATUS_CERTIFICATE_DAYS * INT64_C(86400) &&
		add_problem(status, STATUS_CERTIFICATE_ENDS, NULL, status->last_contact.certificate_name, err) < 0)
		return -1;
	if (status->store_set_aside && add_problem(status, STATUS_STORE_SET_ASIDE, NULL, "", err) < 0)
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

static int judge_package(struct status *status, const struct status_package *package, struct error *err)
{
	const char *detail = package->has_delivery ? package->delivery.detail : "";

	if (version_is_broken(package->version) && !*package->staged_version &&
		add_problem(status, STATUS_NOT_INSTALLED, package, "", err) < 0)
		return -1;
	if (judge_files(status, package, err) < 0)
		return -1;
	if (status_package_ended_in(package, DELIVERY_ROLLED_BACK) &&
		add_problem(status, STATUS_ROLLED_BACK, package, detail, err) < 0)
		return -1;
	if (status_package_ended_in(package, DELIVERY_REJECTED) &&
		add_problem(status, STATUS_REFUSED, package, detail, err) < 0)
		return -1;
	if (stopped_by(package, ERROR_NO_SPACE) && add_problem(status, STATUS_NO_SPACE, package, detail, err) < 0)
		return -1;
	if (stopped_by(package, ERROR_NOT_FOUND) && add_problem(status, STATUS_FILE_MISSING, package, detail, err) < 0)
		return -1;
	return 0;
}

static int by_urgency(const void *a, const void *b)
{
	const struct status_problem *left = a, *right = b;

	return (int)left->reason - (int)right->reason;
}

/* A restart comes first: it can be done at once, and may end the problems. */
static void choose_verdict(struct status *status)
{
	struct status_judgement *judgement = &status->judgement;
	bool staged = false, condemned = false, waiting = false, not_its_turn = false;

	for (size_t i = 0; i < status->count; i++) {
		staged |= *status->packages[i].staged_version != '\0';
		condemned |= status->packages[i].condemned;
		waiting |= is_waiting(&status->packages[i]);
		not_its_turn |= status->packages[i].is_not_its_turn;
	}
	if (staged || condemned) {
		judgement->verdict = STATUS_RESTART;
		judgement->reason = staged ? STATUS_STAGED : STATUS_CONDEMNED;
	} else if (judgement->problems_count) {
		judgement->verdict = STATUS_ATTENTION;
		judgement->reason = judgement->problems[0].reason;
	} else if (waiting) {
		judgement->verdict = STATUS_WAITING;
		judgement->reason = STATUS_NEWER_RELEASE;
	} else if (!status->last_contact.contact_s && !status->catalog.is_kept) {
		judgement->verdict = STATUS_WAITING;
		judgement->reason = STATUS_NOT_CHECKED;
	} else {
		judgement->verdict = STATUS_UP_TO_DATE;
		judgement->reason = not_its_turn ? STATUS_NOT_ITS_TURN : STATUS_ALL_CURRENT;
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
