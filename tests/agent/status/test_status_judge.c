/* The verdict on a terminal, its reason, and what else is wrong, from what was found out alone. */
#include <stdlib.h>

#include "agent/status/status_judge.h"
#include "agent/store/contact.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define PACKAGES 2
#define DAY_S 86400

/* A terminal on which all is well. */
static void make_well(struct status *status)
{
	*status = (struct status){
		.now_s = NOON_S, .count = PACKAGES, .catalog.is_kept = true, .last_contact.contact_s = NOON_S - 3600};
	status->packages = calloc(PACKAGES, sizeof(*status->packages));
	for (size_t i = 0; i < PACKAGES; i++) {
		(void)snprintf(status->packages[i].name, sizeof(status->packages[i].name), "package-%zu", i);
		(void)strcpy(status->packages[i].version, "1.0.0");
		(void)strcpy(status->packages[i].newest, "1.0.0");
	}
}

static void end_delivery(struct status_package *package, enum delivery_state state, const char *version)
{
	package->has_delivery = true;
	package->delivery.state = state;
	(void)snprintf(package->delivery.version, sizeof(package->delivery.version), "%s", version);
}

static void fail_check(struct status *status, enum error_code code)
{
	status->has_check = true;
	(void)strcpy(status->last_check.outcome, code == ERROR_REFUSED ? "refused" : "failed");
	(void)strcpy(status->last_check.error, error_code_name(code));
}

static void nothing(struct status *s)
{
	(void)s;
}

static void staged(struct status *s)
{
	(void)strcpy(s->packages[1].staged_version, "2.0.0");
}

static void staged_while_much_is_wrong(struct status *s)
{
	staged(s);
	s->is_disabled = true;
	(void)strcpy(s->packages[0].version, VERSION_BROKEN);
}

static void condemned(struct status *s)
{
	s->packages[0].condemned = true;
}

static void newer(struct status *s)
{
	(void)strcpy(s->packages[0].newest, "1.0.1");
}

static void newer_but_held(struct status *s)
{
	newer(s);
	s->packages[0].is_held = true;
}

static void older_in_catalog(struct status *s)
{
	(void)strcpy(s->packages[0].newest, "0.9.9");
}

static void fetching(struct status *s)
{
	newer(s);
	end_delivery(&s->packages[0], DELIVERY_FETCHING, "1.0.1");
}

static void out_of_space(struct status *s)
{
	fetching(s);
	s->packages[0].delivery.error = ERROR_NO_SPACE;
}

static void lacking_a_file(struct status *s)
{
	fetching(s);
	s->packages[0].delivery.error = ERROR_NOT_FOUND;
}

static void broken(struct status *s)
{
	(void)strcpy(s->packages[0].version, "0.0.0");
}

static void broken_but_staged(struct status *s)
{
	broken(s);
	(void)strcpy(s->packages[0].staged_version, "1.0.0");
}

static void broken_and_not_reached(struct status *s)
{
	broken(s);
	s->windows.without_contact = 2;
}

static void disabled(struct status *s)
{
	s->is_disabled = true;
}

static void certificate(struct status *s)
{
	fail_check(s, ERROR_CERTIFICATE);
}

static void one_failed_check(struct status *s)
{
	fail_check(s, ERROR_NETWORK);
}

static void two_windows_without_contact(struct status *s)
{
	fail_check(s, ERROR_NETWORK);
	s->windows.without_contact = 2;
}

static void last_window(struct status *s, const char *outcome)
{
	(void)strcpy(s->windows.items[s->windows.count++].outcome, outcome);
}

static void two_windows_with_a_stranger(struct status *s)
{
	fail_check(s, ERROR_STRANGER);
	s->windows.without_contact = 2;
}

static void two_windows_not_running(struct status *s)
{
	s->windows.without_contact = 2;
	last_window(s, CONTACT_NOT_RUNNING);
}

static void two_windows_off(struct status *s)
{
	s->windows.off = 2;
	last_window(s, CONTACT_OFF);
}

static void three_windows_off(struct status *s)
{
	s->windows.off = 3;
	last_window(s, CONTACT_OFF);
}

static void clock_behind(struct status *s)
{
	s->clock.state = MACHINE_CLOCK_BEHIND;
	s->windows.without_contact = 3;
}

static void certificate_over_since_the_last_check(struct status *s)
{
	s->last_contact.certificate_expires_s = s->now_s;
}

static void certificate_ends_within_a_week(struct status *s)
{
	s->last_contact.certificate_expires_s = s->now_s + 7 * DAY_S;
}

static void certificate_ends_within_a_month(struct status *s)
{
	s->last_contact.certificate_expires_s = s->now_s + 8 * DAY_S;
}

static void eight_days_of_silence(struct status *s)
{
	s->last_contact.contact_s = s->now_s - 8 * DAY_S;
}

static void six_days_of_silence(struct status *s)
{
	s->last_contact.contact_s = s->now_s - 6 * DAY_S;
}

static void silent_because_disabled(struct status *s)
{
	eight_days_of_silence(s);
	s->is_disabled = true;
}

static void rolled_back(struct status *s)
{
	newer(s);
	end_delivery(&s->packages[0], DELIVERY_ROLLED_BACK, "1.0.1");
}

static void rolled_back_and_another_named(struct status *s)
{
	end_delivery(&s->packages[0], DELIVERY_ROLLED_BACK, "1.0.1");
	(void)strcpy(s->packages[0].newest, "1.0.2");
}

static void rolled_back_and_withdrawn(struct status *s)
{
	end_delivery(&s->packages[0], DELIVERY_ROLLED_BACK, "1.0.1");
}

static void refused(struct status *s)
{
	newer(s);
	end_delivery(&s->packages[0], DELIVERY_REJECTED, "1.0.1");
}

static void came_altered(struct status *s)
{
	refused(s);
	s->packages[0].delivery.error = ERROR_ALTERED;
}

static void came_altered_again(struct status *s)
{
	came_altered(s);
	s->packages[0].came_altered_again = true;
}

static void came_altered_again_and_none_before(struct status *s)
{
	came_altered_again(s);
	(void)strcpy(s->packages[0].version, "0.0.0");
}

static void catalog_came_altered(struct status *s)
{
	fail_check(s, ERROR_ALTERED);
}

static void catalog_came_altered_again(struct status *s)
{
	catalog_came_altered(s);
	s->check_came_altered_again = true;
}

static void replaced_by_a_page(struct status *s)
{
	fetching(s);
	s->packages[0].delivery.error = ERROR_STRANGER;
}

static void changed_by_hand(struct status *s)
{
	s->packages[0].is_odd = true;
	s->machine.faults[0].kind = MACHINE_PACKAGE_ODD;
	s->machine.count = 1;
}

static void taken_back_as_wanted(struct status *s)
{
	rolled_back(s);
	s->packages[0].is_wanted_back = true;
}

static void refused_and_none_before(struct status *s)
{
	refused(s);
	(void)strcpy(s->packages[0].version, "0.0.0");
}

static void metadata_refused(struct status *s)
{
	fail_check(s, ERROR_REFUSED);
}

static void store_lost(struct status *s)
{
	s->store_set_aside = true;
}

static void copied(struct status *s)
{
	s->last_contact.twin_s = s->now_s - 60;
}

static void never_asked(struct status *s)
{
	s->catalog.is_kept = false;
	s->last_contact.contact_s = 0;
	s->packages[0].newest[0] = s->packages[1].newest[0] = '\0';
}

static void never_reached(struct status *s)
{
	never_asked(s);
	fail_check(s, ERROR_NETWORK);
}

static void certificate_of_a_stranger(struct status *status)
{
	certificate(status);
	status->last_contact.server_is_untrusted = true;
}

static const struct {
	void (*make)(struct status *status);
	enum status_verdict verdict;
	enum status_reason reason;
	const char *package_state;
	size_t problems;
} judged[] = {
	{nothing, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{staged, STATUS_RESTART, STATUS_STAGED, "current", 0},
	{staged_while_much_is_wrong, STATUS_RESTART, STATUS_STAGED, "not-installed", 2},
	{condemned, STATUS_RESTART, STATUS_CONDEMNED, "condemned", 0},
	{newer, STATUS_WAITING, STATUS_NEWER_RELEASE, "waiting", 0},
	{newer_but_held, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "held", 0},
	{older_in_catalog, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{fetching, STATUS_WAITING, STATUS_NEWER_RELEASE, "fetching", 0},
	{out_of_space, STATUS_ATTENTION, STATUS_NO_SPACE, "fetching", 1},
	{lacking_a_file, STATUS_ATTENTION, STATUS_FILE_MISSING, "fetching", 1},
	{broken, STATUS_ATTENTION, STATUS_NOT_INSTALLED, "not-installed", 1},
	{broken_but_staged, STATUS_RESTART, STATUS_STAGED, "staged", 0},
	{disabled, STATUS_ATTENTION, STATUS_DISABLED, "current", 1},
	{certificate, STATUS_ATTENTION, STATUS_CERTIFICATE, "current", 1},
	{certificate_of_a_stranger, STATUS_ATTENTION, STATUS_SERVER_UNTRUSTED, "current", 1},
	{one_failed_check, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{two_windows_without_contact, STATUS_ATTENTION, STATUS_NO_CONTACT, "current", 1},
	{two_windows_with_a_stranger, STATUS_ATTENTION, STATUS_STRANGER, "current", 1},
	{two_windows_not_running, STATUS_ATTENTION, STATUS_NOT_RUNNING, "current", 1},
	{two_windows_off, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{three_windows_off, STATUS_ATTENTION, STATUS_OFF, "current", 1},
	{clock_behind, STATUS_ATTENTION, STATUS_CLOCK, "current", 1},
	{certificate_over_since_the_last_check, STATUS_ATTENTION, STATUS_CERTIFICATE, "current", 1},
	{certificate_ends_within_a_week, STATUS_ATTENTION, STATUS_CERTIFICATE_ENDS, "current", 1},
	{certificate_ends_within_a_month, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{eight_days_of_silence, STATUS_ATTENTION, STATUS_NO_CONTACT, "current", 1},
	{six_days_of_silence, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{silent_because_disabled, STATUS_ATTENTION, STATUS_DISABLED, "current", 1},
	{rolled_back, STATUS_ATTENTION, STATUS_ROLLED_BACK, "rolled-back", 1},
	{rolled_back_and_another_named, STATUS_WAITING, STATUS_NEWER_RELEASE, "waiting", 0},
	{rolled_back_and_withdrawn, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{refused, STATUS_ATTENTION, STATUS_REFUSED, "refused", 1},
	{came_altered, STATUS_WAITING, STATUS_NEWER_RELEASE, "waiting", 0},
	{came_altered_again, STATUS_ATTENTION, STATUS_ALTERED, "waiting", 1},
	{came_altered_again_and_none_before, STATUS_ATTENTION, STATUS_ALTERED, "not-installed", 1},
	{catalog_came_altered, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, "current", 0},
	{catalog_came_altered_again, STATUS_ATTENTION, STATUS_ALTERED, "current", 1},
	{replaced_by_a_page, STATUS_ATTENTION, STATUS_FILE_REPLACED, "fetching", 1},
	{changed_by_hand, STATUS_ATTENTION, STATUS_PACKAGE_ODD, "odd", 1},
	{taken_back_as_wanted, STATUS_UP_TO_DATE, STATUS_WANTED_BACK, "put-away", 0},
	{refused_and_none_before, STATUS_ATTENTION, STATUS_REFUSED_FIRST, "refused", 1},
	{broken_and_not_reached, STATUS_ATTENTION, STATUS_NO_CONTACT, "not-installed", 2},
	{metadata_refused, STATUS_ATTENTION, STATUS_REFUSED, "current", 1},
	{store_lost, STATUS_ATTENTION, STATUS_STORE_SET_ASIDE, "current", 1},
	{copied, STATUS_ATTENTION, STATUS_TWIN, "current", 1},
	{never_asked, STATUS_WAITING, STATUS_NOT_CHECKED, "current", 0},
	{never_reached, STATUS_ATTENTION, STATUS_NO_CONTACT, "current", 1},
};

TEST_CASE(test_judges_each_situation)
{
	for (size_t i = 0; i < ARRAY_SIZE(judged); i++) {
		AUTO(status) struct status status;
		struct error err = {0};

		make_well(&status);
		judged[i].make(&status);
		assert_ok(status_judge(&status, &err), &err);
		if (status.judgement.verdict != judged[i].verdict || status.judgement.reason != judged[i].reason)
			fail_msg("row %zu: expected %s (%s), got %s (%s)", i, status_verdict_name(judged[i].verdict),
				status_reason_name(judged[i].reason), status_verdict_name(status.judgement.verdict),
				status_reason_name(status.judgement.reason));
		assert_string_equal(status_package_state(&status.packages[0]), judged[i].package_state);
		assert_int_equal(status.judgement.problems_count, judged[i].problems);
	}
}

TEST_CASE(test_names_what_keeps_help_away_before_what_needs_it)
{
	AUTO(status) struct status status;
	struct error err = {0};

	make_well(&status);
	store_lost(&status);
	broken(&status);
	disabled(&status);
	assert_ok(status_judge(&status, &err), &err);
	assert_int_equal(status.judgement.problems_count, 3);
	assert_int_equal(status.judgement.problems[0].reason, STATUS_DISABLED);
	assert_int_equal(status.judgement.problems[1].reason, STATUS_NOT_INSTALLED);
	assert_string_equal(status.judgement.problems[1].package, "package-0");
	assert_int_equal(status.judgement.problems[2].reason, STATUS_STORE_SET_ASIDE);
}

TESTS(NULL, NULL)
