/* Runs a program of a release, such as its self-test: before any application has seen the release, without
 * privileges, within its time. */
#ifndef ROLLBACK_PROGRAM_H
#define ROLLBACK_PROGRAM_H

#include "common/env.h"
#include "common/error.h"
#include "rollback/plan.h"

struct program {
	const char *name;    /* what people call it, such as "the self-test" */
	const char *command; /* as in the plan: arguments with blanks between them, the first within the release */
	int timeout_s;
	bool has_network; /* it may have the machine's */
	const char *data; /* the folder it finds in HAISHIN_DATA, below the package's */
};

/* PACKAGES_PATH is /opt/haishin; USER whom the program becomes where we are root (NULL: stay who we are). It runs in
 * the sandbox of the release that ENTRY names. 0: it ended with 0. ERROR_REFUSED: it did not,
 * with the reason for people. ERROR_FAILED: it could not be run. */
WARN_UNUSED int program_run(const struct env *env, const char *packages_path, const char *user,
	const struct plan_entry *entry, const struct program *program, struct error *err);

#endif
