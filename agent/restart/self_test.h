/* The agent's own self-test, run by the guard at boot before it is used, without privileges and without the terminal's
 * files: what it can do by itself. Whether it can work with this terminal is what its health check asks. */
#ifndef AGENT_RESTART_SELF_TEST_H
#define AGENT_RESTART_SELF_TEST_H

#include "common/env.h"
#include "common/error.h"

/* Does the forgery check, then makes a store and checks it. In a fresh folder below TMPDIR or /tmp, removed again.
 */
WARN_UNUSED int self_test_run(const struct env *env, struct error *err);

#endif
