/* Answers of the agent beside the interface's own description, in varlink's language. */
#ifndef TESTS_AGENT_CONTROL_DESCRIBED_H
#define TESTS_AGENT_CONTROL_DESCRIBED_H

#include "tests/support/test.h"

#include "common/json.h"

/* ANSWER has the members that the description of METHOD names, of their types, and no other. */
void assert_as_described(const char *method, const json_t *answer);
/* The same of a type such as "Progress". */
void assert_of_type(const char *type, const json_t *value);
/* The same, and of all that may be missing no more is than the member EXCEPT. */
void assert_whole_as_described(const char *method, const json_t *answer, const char *except);

/* The name of the method that is described at or behind *AT, which moves behind it; false where there is none any more. *AT NULL: from
 * the beginning. */
bool described_method(const char **at, char ret_name[static 64]);

#endif
