/* The first process of a sandbox: makes it, starts the program in it, watches what it uses, and takes all with it when it
 * ends. Inside rollback/sandbox only. */
#ifndef ROLLBACK_SANDBOX_KEEPER_H
#define ROLLBACK_SANDBOX_KEEPER_H

#include <sys/types.h>

#include "common/process.h"
#include "rollback/sandbox/surroundings.h"

struct keeper {
	const struct sandbox *sandbox;
	uid_t uid; /* whom the program becomes where we are root; ourselves elsewhere */
	gid_t gid;
};

/* The namespaces of the sandbox, as this process can make them. */
unsigned long keeper_namespaces(const struct sandbox *sandbox);

/* For struct process_cell, whose context is a struct keeper. With namespaces: in those; without: among all others. */
WARN_UNUSED int keeper_enter(
	const struct process_cell *cell, const struct process_request *request, struct error *err);

#endif
