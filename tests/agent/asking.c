#include "tests/agent/asking.h"

#include <stdlib.h>

#include "agent/store/history.h"

static const json_t *keep(struct agent_fixture *fixture, json_t *take_answer)
{
	if (!fixture->answers)
		fixture->answers = json_array();
	assert_int_equal(json_array_append_new(fixture->answers, take_answer), 0);
	return take_answer;
}

static const json_t *call(struct agent_fixture *fixture, const char *method, const char *parameters)
{
	json_t *answer = agent_fixture_call(fixture, method, parameters);

	assert_non_null(answer);
	return keep(fixture, answer);
}

const json_t *asked(struct agent_fixture *fixture, const char *method, const char *parameters)
{
	const json_t *answer = call(fixture, method, parameters);

	if (*text_at(answer, "error"))
		fail_msg("%s: %s: %s", method, text_at(answer, "error"), text_at(answer, "parameters.message"));
	return value_at(answer, "parameters");
}

const json_t *asked_for_more(struct agent_fixture *fixture, const char *method, const char *parameters)
{
	return keep(fixture, agent_fixture_call_more(fixture, method, parameters));
}

void begins(struct agent_fixture *fixture, const char *method)
{
	assert_null(agent_fixture_call(fixture, method, NULL));
}

const json_t *refused(struct agent_fixture *fixture, const char *method, const char *parameters, enum error_code code,
	const char *part)
{
	const json_t *answer = call(fixture, method, parameters);

	if (strcmp(text_at(answer, "error"), "jp.haishin.Agent.Failed") != 0 ||
		strcmp(text_at(answer, "parameters.code"), error_code_name(code)) != 0 ||
		!strstr(text_at(answer, "parameters.message"), part))
		fail_msg("%s: expected %s with '%s', got %s %s: %s", method, error_code_name(code), part,
			text_at(answer, "error"), text_at(answer, "parameters.code"),
			text_at(answer, "parameters.message"));
	assert_int_equal(number_at(answer, "parameters.exit"), error_exit_status(code));
	return value_at(answer, "parameters");
}

void refuses_parameter(
	struct agent_fixture *fixture, const char *method, const char *parameters, const char *parameter)
{
	const json_t *answer = call(fixture, method, parameters);

	assert_string_equal(text_at(answer, "error"), "org.varlink.service.InvalidParameter");
	assert_string_equal(text_at(answer, "parameters.parameter"), parameter);
}

const json_t *value_at(const json_t *answer, const char *path)
{
	while (answer && *path) {
		size_t len = strcspn(path, ".");
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
		answer = json_is_array(answer) ? json_array_get(answer, (size_t)atoi(name))
					       : json_object_get(answer, name);
		path += len + (path[len] == '.');
	}
	return answer;
}

const char *text_at(const json_t *answer, const char *path)
{
	const char *text = json_string_value(value_at(answer, path));

	return text ? text : "";
}

int64_t number_at(const json_t *answer, const char *path)
{
	return json_integer_value(value_at(answer, path));
}

bool flag_at(const json_t *answer, const char *path)
{
	const json_t *value = value_at(answer, path);

	assert_true(json_is_boolean(value));
	return json_is_true(value);
}

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)row;
	(void)err;
	++*(int *)context;
	return 0;
}

int count_history(struct agent_fixture *fixture, const char *operation, const char *outcome)
{
	struct history_filter filter = {.operation = operation, .outcome = outcome};
	struct error err = {0};
	int count = 0;

	assert_ok(history_each(fixture->terminal.store, &filter, count_row, &count, &err), &err);
	return count;
}
