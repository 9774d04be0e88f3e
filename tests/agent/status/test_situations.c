/* Situations of the field, each seeded into a real terminal beside a real publisher: the gate that decides, what the doctor finds,
 * the reason of the verdict and what the button meets are what was seeded; and what is advised helps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/night/doctor.h"
#include "agent/resident/agenda.h"
#include "agent/server/distribution.h"
#include "agent/status/explain.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_json.h"
#include "common/platform.h"
#include "common/text.h"
#include "tests/agent/status/situations/situation.h"
#include "tools/haishin/draw/support_code.h"
#include "tools/haishin/draw/words.h"
#include "tools/window/page/view.h"

/* ---- What is seen. ---- */

struct seen {
	char gate[32]; /* "-" where there is no agent to ask */
	char finding[64];
	bool has_failure;
	json_t *status;		/* as the agent answers it; NULL where there is none */
	char reason[32];	/* "-" as well */
	const char *next;	/* what status advises */
	char check[16];		/* how the last check ended, which status tells of */
	enum error_code button; /* how the button ended */
	int64_t staged;		/* by it */
};

static void take_hop(void *context, const struct doctor_hop *hop)
{
	struct seen *seen = context;
	bool is_worse = hop->outcome == DOCTOR_FAILED ? !seen->has_failure
						      : hop->outcome == DOCTOR_WARNING && !*seen->finding;

	if (is_worse)
		(void)snprintf(seen->finding, sizeof(seen->finding), "%s", doctor_finding_name(hop->finding));
	seen->has_failure |= hop->outcome == DOCTOR_FAILED;
}

/* A program of a package runs as ever. */
static int answer_as_service_manager(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct stage *stage = processes->context;

	if (strcmp(request->argv[1], "is-enabled") != 0)
		return stage->world->processes.run(&stage->world->processes, request, ret_result, err);
	*ret_result = (struct process_result){0};
	return buf_printf(request->output, err, "%s\n", stage->service_is_disabled ? "disabled" : "enabled");
}

static const char *const advice[] = {
#define ADVICE(enumerator, name, number, meaning, next) next,
#define N_(text) text
	EACH_STATUS_REASON(ADVICE)
#undef N_
#undef ADVICE
};

static void ask_explain(struct stage *stage, struct seen *seen)
{
	struct terminal *terminal = &stage->world->terminal;
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(status) struct status status = {0};
	struct explanation explanation;
	struct explain_facts facts;
	struct agenda agenda = {0};
	struct error err = {0}, none = {0};

	if (distribution_kept_catalog(terminal, &catalog, &none) < 0)
		catalog = NULL;
	if (stage->turn_matters)
		assert_ok(agenda_next(terminal, &agenda, &err), &err);
	assert_ok(status_collect(terminal, &status, &err), &err);
	assert_ok(explain_collect(terminal, &status, catalog, agenda.due_s, &facts, &err), &err);
	assert_non_null(seen->status = status_json(&status, terminal->config));
	assert_string_equal(status.packages[1].name, PACKAGE);
	(void)snprintf(seen->reason, sizeof(seen->reason), "%s", status_reason_name(status.judgement.reason));
	seen->next = advice[status.judgement.reason];
	(void)snprintf(seen->check, sizeof(seen->check), "%s", status.has_check ? status.last_check.error : "");
	assert_ok(explain_package(&facts, &status.packages[1], &explanation, &err), &err);
	(void)snprintf(seen->gate, sizeof(seen->gate), "%s",
		explanation.decides == EXPLAIN_GATES ? "" : explain_gate_name(explanation.decides));
}

/* The terminal as a machine of its own, with a service manager. */
static void ask_doctor(struct stage *stage, struct seen *seen)
{
	struct world *world = stage->world;
	struct processes service_manager = {.run = answer_as_service_manager, .context = stage};
	struct processes *processes = world->env.processes;

	if (stage->service_is_disabled) {
		free(world->config.root);
		world->config.root = strdup("");
	}
	world->env.processes = &service_manager;
	doctor_walk(&world->terminal, -1, take_hop, seen);
	world->env.processes = processes;
}

static void press_the_button(struct world *world, struct seen *seen)
{
	struct job_result result = {0};
	struct error err = {0};

	seen->button = world_run(world, JOB_BUTTON, &result, &err) < 0 ? err.code : ERROR_NONE;
	seen->staged = result.staged;
}

/* As the programs do: the settings, the terminal, then its job. */
static void look(struct stage *stage, struct seen *seen)
{
	struct world *world = stage->world;
	AUTO(config) struct config config = {0};
	char path[FOLDER_PATH_SIZE + 64];
	struct error err = {0};

	(void)snprintf(path, sizeof(path), "%s/terminal/etc/haishin/haishin.conf", world->folder.path);
	(void)strcpy(seen->gate, "-");
	(void)strcpy(seen->reason, "-");
	if (config_load(&world->fs, path, NULL, &config, &err) < 0) {
		doctor_tell_configuration(&err, take_hop, seen);
		return;
	}
	if (!world->is_open && terminal_open(&world->env, &world->config, &world->terminal, &err) < 0) {
		if (!doctor_tell_machine(&world->env, &world->config, take_hop, seen))
			doctor_tell_terminal(&err, take_hop, seen);
		return;
	}
	world->is_open = true;
	(void)!world_run(world, JOB_CHECK, NULL, &err);
	ask_explain(stage, seen);
	ask_doctor(stage, seen);
	if (!*seen->finding)
		(void)strcpy(seen->finding, "nothing");
	press_the_button(world, seen);
}

static void assert_member(const json_t *view, const char *member, const char *expected)
{
	assert_string_equal(json_string_value(json_object_get(view, member)), expected);
}

/* The window says what the command line says, and its code is that of the situation. */
static void check_window(const struct seen *seen)
{
	AUTO(json) json_t *view = view_status(seen->status, NULL, seen->finding);
	const char *reason = json_string_value(json_object_get(seen->status, "reason"));
	const char *verdict = json_string_value(json_object_get(seen->status, "verdict"));
	struct support_case said;
	struct words_advice words;

	if (seen->status)
		words_of_reason(reason, &words);
	else
		words_of_error("no-agent", &words);
	assert_non_null(view);
	assert_member(view, "word", words_of_verdict(seen->status ? verdict : "needs-attention"));
	assert_member(view, "sentence", words.sentence);
	assert_member(view, "next", words.next);
	assert_true(support_code_read(json_string_value(json_object_get(view, "code")), &said));
	assert_string_equal(said.finding, seen->finding);
	assert_string_equal(said.reason ? said.reason : "", reason ? reason : "");
}

/* What the button ends with where that gate decides: the names of errors, "staged" for a package that came, "" for none. */
static const struct {
	const char *gate, *ends;
} buttons[] = {
	{"", "staged"},
	{"window", "staged"},
	{"turn", "staged"},
	{"campaign", "staged"},
	{"disabled", "disabled"},
	{"machine", "machine no-space none"},
	{"space", "no-space"},
	{"clock", "staged none refused expired"},
	{"certificate", "certificate"},
	{"network", "network server stranger certificate not-found"},
	{"signature", "refused altered expired"},
	{"last-try", "not-found server stranger altered expired staged none"},
	{"catalog", "none"},
	{"newer", "none"},
	{"held", "none"},
	{"restart", "none"},
	{"trial", "none"},
	{"quarantine", "none"},
	{"rollout", "none"},
	{"brake", "none"},
	{"requires", "none"},
};

static bool button_agrees(const struct seen *seen)
{
	const char *ended = seen->staged ? "staged" : error_code_name(seen->button);

	if (strcmp(seen->gate, "-") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(buttons); i++)
		if (strcmp(buttons[i].gate, seen->gate) == 0)
			return text_holds_word(buttons[i].ends, ended);
	return false;
}

/* What keeps the server away is told by status even before it is the verdict. */
static bool check_agrees(const struct seen *seen)
{
	return strcmp(seen->gate, "network") != 0 || strcmp(seen->check, error_code_name(seen->button)) == 0;
}

/* Who is told that the button brings it finds that it does. */
static bool advice_helps(const struct seen *seen)
{
	static const char *const promises[] = {
		"or run 'haishin download-now'", "Run 'haishin download-now'", "'haishin download-now' brings it"};

	for (size_t i = 0; seen->next && i < ARRAY_SIZE(promises); i++)
		if (strstr(seen->next, promises[i]) && !seen->staged)
			return false;
	return true;
}

/* A name that nobody knows; on a machine without a network that is what the doctor finds first. */
static const char *expected_finding(const struct stage *stage, const struct situation *situation)
{
	bool is_about_names = strncmp(situation->finding, "name-", strlen("name-")) == 0;

	return is_about_names && platform_link(stage->world->env.fs, PLATFORM_LINK_FOLDER) == PLATFORM_LINK_DOWN
		       ? "link-down"
		       : situation->finding;
}

static bool is_as_seeded(const struct stage *stage, const struct situation *situation, const struct seen *seen)
{
	const char *finding = expected_finding(stage, situation);
	size_t len = strlen(finding);
	bool begins_so = finding[len - 1] == '-';

	return strcmp(seen->gate, situation->gate ? situation->gate : "-") == 0 &&
	       strcmp(seen->reason, situation->gate ? situation->reason : "-") == 0 && button_agrees(seen) &&
	       check_agrees(seen) && advice_helps(seen) &&
	       (begins_so ? strncmp(seen->finding, finding, len) == 0 : strcmp(seen->finding, finding) == 0);
}

static void seed(struct stage *stage, const struct situation *situation)
{
	stage_put_back(stage);
	if (situation->seed)
		situation->seed(stage);
	else
		stage_run_on_terminal(stage, situation->command);
}

/* How many of them are told otherwise than they are. */
static size_t count_wrong(struct stage *stage, const struct situation *situation)
{
	size_t wrong = 0;

	for (; situation->name; situation++) {
		struct seen seen = {0};

		seed(stage, situation);
		look(stage, &seen);
		check_window(&seen);
		json_decref(seen.status);
		if (is_as_seeded(stage, situation, &seen))
			continue;
		print_message(
			"%s: expected gate '%s', finding '%s' and reason '%s', got '%s', '%s' and '%s'; the button "
			"ended with %s and brought %d; told: %s\n",
			situation->name, situation->gate ? situation->gate : "-", situation->finding,
			situation->reason, seen.gate, seen.finding, seen.reason, error_code_name(seen.button),
			(int)seen.staged, seen.next ? seen.next : "");
		wrong++;
	}
	return wrong;
}

TEST_CASE(test_whether_a_package_may_come)
{
	assert_int_equal(count_wrong(*state, situations_of_delivery), 0);
}

TEST_CASE(test_what_a_server_makes_of_it)
{
	assert_int_equal(count_wrong(*state, situations_of_server), 0);
}

TEST_CASE(test_what_is_wrong_with_the_terminal_itself)
{
	assert_int_equal(count_wrong(*state, situations_of_machine), 0);
}

TEST_CASE(test_there_are_enough_to_mean_something)
{
	const struct situation *const tables[] = {
		situations_of_delivery, situations_of_server, situations_of_machine};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct situation *situation = tables[i]; situation->name; situation++)
			count++;
	assert_true(count >= 60);
}

TESTS_WITHIN(stage_set, stage_clear, NULL, NULL)
