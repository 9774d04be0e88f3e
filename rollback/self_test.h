/* Runs the self-test of an activated release: before any application has seen it, without privileges, within its
 * time. */
#ifndef ROLLBACK_SELF_TEST_H
#define ROLLBACK_SELF_TEST_H

#include "common/env.h"
#include "common/error.h"
#include "rollback/plan.h"

/* PACKAGES_PATH is /opt/haishin; USER whom the test becomes where we are root (NULL: stay who we are). It runs in the
 * release's folder and finds HAISHIN_PACKAGE, HAISHIN_VERSION and HAISHIN_DATA in its environment. 0: passed.
 * ERROR_REFUSED: it did not, with the reason for people. ERROR_FAILED: it could not be run. */
WARN_UNUSED int self_test_run(const struct env *env, const char *packages_path, const char *user,
	const struct plan_entry *entry, struct error *err);

#endif
