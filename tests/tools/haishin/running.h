/* The real `haishin` beside an agent, as people run it: in a language, on a terminal, in a pipe. What is returned stays until the next
 * run. */
#ifndef TESTS_TOOLS_HAISHIN_RUNNING_H
#define TESTS_TOOLS_HAISHIN_RUNNING_H

#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

struct run {
	char output[65536]; /* stdout and stderr */
	int status;
};

/* In LOCALE, or "LOCALE:LANGUAGE"; the first in "C". */
const struct run *haishin(struct agent_fixture *fixture, const char *arguments);
const struct run *haishin_in(struct agent_fixture *fixture, const char *locale, const char *arguments);
/* On a terminal of so many columns. */
const struct run *haishin_on_a_terminal(
	struct agent_fixture *fixture, const char *locale, unsigned short columns, const char *arguments);

/* One that goes on: its output began with what was awaited. */
struct watching {
	pid_t pid;
	int output_fd;
};
struct watching haishin_begins(struct agent_fixture *fixture, const char *arguments, const char *says);
const struct run *haishin_ends(struct watching watching);

/* It ends with that status, and says PART. */
void assert_says(struct agent_fixture *fixture, const char *arguments, int status, const char *part);
/* It ends well, and prints EXPECTED: just that, or that before all else. */
void assert_prints(struct agent_fixture *fixture, const char *arguments, const char *expected);
void assert_prints_first(
	struct agent_fixture *fixture, const char *locale, const char *arguments, const char *expected);
/* The last run said PART, or did not. */
void assert_said(const char *part);
void assert_not_said(const char *part);
/* With --json it prints one object with that exit status in it. To be released by json_decref. */
json_t *ask_json(struct agent_fixture *fixture, const char *arguments, int status);
void assert_json(struct agent_fixture *fixture, const char *arguments, int status);

/* A terminal with all its packages, current and confirmed. */
void install_all(struct agent_fixture *fixture);

#define JOB_WITHOUT_NEWS JOB_IS_CHECKING JOB_ENDS("0")

#endif
