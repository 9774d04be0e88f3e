/* A terminal's history with rows in it, archived and signed as an agent does it. */
#ifndef TESTS_AGENT_PROOF_HISTORY_ROWS_H
#define TESTS_AGENT_PROOF_HISTORY_ROWS_H

#include "tests/agent/asking.h"

/* A minute apart. */
void add_rows(struct agent_fixture *fixture, int count);
/* All but the newest twenty leave the store. */
void archive(struct agent_fixture *fixture);
void sign_head(struct agent_fixture *fixture);

#endif
