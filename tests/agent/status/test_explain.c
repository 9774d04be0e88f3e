/* Which gate decides, and what the gates say: the order alone, on a terminal that keeps a catalog and was in contact.
 * Whole situations of the field are those of test_situations.c. */
#include "agent/status/explain.h"

#include <stdio.h>

#include "agent/choice/kept_choice.h"
#include "agent/server/distribution.h"
#include "agent/status/status_collect.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

struct question {
	struct agent_fixture *fixture;
	struct catalog *catalog;
	struct status status;
	struct explain_facts facts;
	struct status_package *package; /* face-library: it runs 5.0.0, the catalog names 5.1.0 */
	struct explanation explanation;
	struct error err;
};

static void begin(struct question *question, struct agent_fixture *fixture)
{
	struct error *err = &question->err;

	*question = (struct question){.fixture = fixture};
	agent_fixture_install(fixture, "face-library", "5.0.0-0123456789abcdef");
	agent_fixture_keep_catalog(fixture, "5.1.0");
	agent_fixture_note_contact(fixture);
	assert_ok(distribution_kept_catalog(&fixture->terminal, &question->catalog, err), err);
	assert_ok(status_collect(&fixture->terminal, &question->status, err), err);
	question->package = &question->status.packages[1];
	assert_string_equal(question->package->name, "face-library");
}

static void end(struct question *question)
{
	catalog_free(question->catalog);
	status_clear(&question->status);
}

static const struct explain_answer *ask(struct question *question, enum explain_gate gate)
{
	struct error *err = &question->err;

	assert_ok(explain_collect(&question->fixture->terminal, &question->status, question->catalog, 0,
			  &question->facts, err),
		err);
	assert_ok(explain_package(&question->facts, question->package, &question->explanation, err), err);
	return &question->explanation.gates[gate];
}

static void assert_decides(struct question *question, const char *gate)
{
	(void)ask(question, EXPLAIN_DISABLED);
	assert_int_not_equal(question->explanation.decides, EXPLAIN_GATES);
	assert_string_equal(explain_gate_name(question->explanation.decides), gate);
}

TEST_CASE(test_of_several_shut_gates_the_first_of_the_list_decides)
{
	struct question question;

	begin(&question, *state);
	question.package->is_held = true;
	question.package->on_trial = true;
	assert_decides(&question, "held");
	question.package->is_held = false;
	assert_decides(&question, "trial");
	question.status.is_disabled = true;
	assert_decides(&question, "disabled");
	end(&question);
}

TEST_CASE(test_every_gate_is_asked_and_has_its_name_whatever_decides)
{
	struct question question;

	begin(&question, *state);
	question.package->is_held = true;
	question.package->on_trial = true;
	assert_false(ask(&question, EXPLAIN_HELD)->open);
	assert_false(question.explanation.gates[EXPLAIN_TRIAL].open);
	assert_string_equal(question.explanation.gates[EXPLAIN_TRIAL].value, "5.0.0");
	assert_string_equal(question.explanation.gates[EXPLAIN_NEWER].value, "5.0.0 -> 5.1.0");
	for (int gate = 0; gate < EXPLAIN_GATES; gate++)
		for (int other = 0; other < gate; other++)
			assert_string_not_equal(explain_gate_name((enum explain_gate)gate),
				explain_gate_name((enum explain_gate)other));
	end(&question);
}

TEST_CASE(test_a_hold_is_told_with_its_reason_and_where_it_was_noted)
{
	struct agent_fixture *fixture = *state;
	struct question question;
	const struct explain_answer *answer;

	json_decref(agent_fixture_call(
		fixture, "Hold", "{\"package\":\"face-library\",\"why\":\"the counter is open\"}"));
	begin(&question, fixture);
	answer = ask(&question, EXPLAIN_HELD);
	assert_false(answer->open);
	assert_non_null(strstr(answer->value, "the counter is open"));
	assert_memory_equal(answer->source, "history ", 8);
	end(&question);
}

/* The last look at the catalog found release VERSION to require a distro-app that is not there. */
static void find_requirement(struct agent_fixture *fixture, const char *version)
{
	char text[256];
	struct error err = {0};

	(void)snprintf(text, sizeof(text),
		"{\"at_s\":1,\"version\":\"%s\",\"digest\":\"" DIGEST_A
		"\",\"gate\":\"%s\",\"error\":\"none\",\"reason\":\"\","
		"\"requirements\":\"distro-app=9.0.0\",\"size\":1}",
		version, wanted_outcome_name(WANTED_REQUIRES));
	assert_ok(store_set_setting(fixture->terminal.store, "finding.face-library", text, &err), &err);
}

TEST_CASE(test_what_was_found_about_the_newest_release_is_told)
{
	struct question question;

	find_requirement(*state, "5.1.0");
	begin(&question, *state);
	assert_false(ask(&question, EXPLAIN_REQUIRES)->open);
	assert_non_null(strstr(question.explanation.gates[EXPLAIN_REQUIRES].value, "distro-app 9.0.0"));
	end(&question);
}

TEST_CASE(test_what_was_found_about_another_release_is_not)
{
	struct question question;

	find_requirement(*state, "5.0.9");
	begin(&question, *state);
	assert_true(ask(&question, EXPLAIN_REQUIRES)->open);
	assert_string_equal(question.explanation.gates[EXPLAIN_REQUIRES].value, "");
	end(&question);
}

TEST_CASE(test_without_a_catalog_the_terminal_cannot_say_what_is_newer)
{
	struct agent_fixture *fixture = *state;
	struct question question = {.fixture = fixture};
	struct error *err = &question.err;

	agent_fixture_note_contact(fixture);
	assert_ok(status_collect(&fixture->terminal, &question.status, err), err);
	question.package = &question.status.packages[1];
	assert_false(ask(&question, EXPLAIN_CATALOG)->open);
	assert_string_equal(question.explanation.gates[EXPLAIN_CATALOG].value, "");
	end(&question);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
