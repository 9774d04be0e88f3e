#include "agent/status/explain_question.h"

#include <inttypes.h>
#include <string.h>

#include "agent/server/last_contact.h"
#include "agent/store/delivery.h"

/* The gates on the way to the server, and whatever else ended the last try. */

static void shut_by_check(const struct explain_facts *facts, struct explain_answer *answer, enum error_code code)
{
	explain_shut(answer, error_code_name(code), facts->status->last_check.detail);
	explain_set_source(answer, "history %" PRId64, facts->status->last_check.number);
}

int explain_ask_clock(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const struct machine_clock *clock = &facts->status->clock;
	char now[EXPLAIN_WALL_SIZE], floor[EXPLAIN_WALL_SIZE];
	bool is_behind = clock->state == MACHINE_CLOCK_BEHIND;

	(void)err;
	if (clock->state == MACHINE_CLOCK_AHEAD)
		explain_shut(answer, "", clock->detail);
	answer->open = clock->state == MACHINE_CLOCK_RIGHT;
	explain_set_value(answer, "%s%s%s", explain_wall(facts, facts->status->now_s, now), is_behind ? " < " : "",
		is_behind ? explain_wall(facts, facts->time_floor_s, floor) : "");
	explain_set_source(answer, "clock");
	return 0;
}

int explain_ask_certificate(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const struct last_contact *contact = &facts->contact;
	char text[EXPLAIN_WALL_SIZE];

	(void)err;
	if (*contact->certificate_name)
		explain_set_value(answer, "%s, - %s", contact->certificate_name,
			explain_wall(facts, contact->certificate_expires_s, text));
	explain_source_is_setting(facts, answer, "paths", "certificates");
	if (status_last_check_failed_with(facts->status, ERROR_CERTIFICATE) && !contact->server_is_untrusted)
		shut_by_check(facts, answer, ERROR_CERTIFICATE);
	else if (contact->certificate_expires_s && contact->certificate_expires_s <= facts->status->now_s)
		explain_shut(answer, error_code_name(ERROR_CERTIFICATE), "");
	return 0;
}

int explain_ask_network(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const struct status *status = facts->status;
	char text[EXPLAIN_WALL_SIZE];

	(void)err;
	if (status->last_contact.contact_s)
		explain_set_value(answer, "%s", explain_wall(facts, status->last_contact.contact_s, text));
	explain_source_is_setting(facts, answer, "server", "url");
	if (status_last_check_failed_with(status, ERROR_NETWORK) ||
		(status_last_check_failed_with(status, ERROR_CERTIFICATE) && facts->contact.server_is_untrusted))
		shut_by_check(facts, answer, ERROR_NETWORK);
	else if (status_last_check_failed_with(status, ERROR_STRANGER))
		shut_by_check(facts, answer, ERROR_STRANGER);
	else if (status_last_check_failed_with(status, ERROR_SERVER))
		shut_by_check(facts, answer, ERROR_SERVER);
	return 0;
}

/* Refused by what others signed: all that the server says, or this release. */
int explain_ask_signature(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const struct status_package *package = about->package;

	if (status_last_check_failed_with(facts->status, ERROR_REFUSED))
		shut_by_check(facts, answer, ERROR_REFUSED);
	else if (status_last_check_failed_with(facts->status, ERROR_EXPIRED))
		shut_by_check(facts, answer, ERROR_EXPIRED);
	if (strcmp(status_package_state(package), "refused") != 0)
		return 0;
	explain_shut(answer, error_code_name(ERROR_REFUSED), package->delivery.detail);
	return explain_source_is_history(facts, answer, "reject", package->name, err);
}

/* What is over is no obstacle any more, unless it comes again by itself. */
static bool is_obstacle(const struct status_package *package)
{
	const struct delivery *delivery = &package->delivery;

	if (!package->has_delivery || status_package_came_altered(package))
		return package->has_delivery;
	return !delivery_is_over(delivery->state) && delivery->error != ERROR_NONE && delivery->error != ERROR_NO_SPACE &&
	       delivery->error != ERROR_STOPPED;
}

/* Whatever else ended the last try, of the whole or of this package. */
int explain_ask_last_try(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	const struct status_package *package = about->package;
	static const enum error_code others[] = {
		ERROR_FAILED, ERROR_INPUT, ERROR_DAMAGED, ERROR_NOT_FOUND, ERROR_BUSY, ERROR_ALTERED};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (status_last_check_failed_with(facts->status, others[i]))
			shut_by_check(facts, answer, others[i]);
	if (strcmp(about->kept.outcome, wanted_outcome_name(WANTED_UNAVAILABLE)) == 0 ||
		strcmp(about->kept.outcome, wanted_outcome_name(WANTED_POSTPONED)) == 0) {
		explain_shut(answer, about->kept.error, about->kept.reason);
		explain_source_is_catalog(facts, answer);
	}
	if (!is_obstacle(package))
		return 0;
	explain_shut(answer, error_code_name(package->delivery.error), package->delivery.detail);
	return explain_source_is_history(
		facts, answer, status_package_came_altered(package) ? "reject" : "fetch", package->name, err);
}
