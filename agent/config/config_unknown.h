/* Settings that stand in the files and that this program does not know: mistakes of typing, or settings of a newer agent
 * that was taken back. They have no effect and keep nobody from starting; whoever checks a configuration refuses them. */
#ifndef AGENT_CONFIG_CONFIG_UNKNOWN_H
#define AGENT_CONFIG_CONFIG_UNKNOWN_H

#include <stddef.h>

#include "common/error.h"

#define CONFIG_UNKNOWN_KEPT 16

struct config_unknown {
	char *section;
	char *key;
	char *source; /* "FILE:LINE" */
};

/* Empty: {0}. */
struct config_unknowns {
	struct config_unknown items[CONFIG_UNKNOWN_KEPT]; /* the first ones, in the order of the files */
	size_t kept;
	size_t count; /* of all */
};

WARN_UNUSED int config_unknown_note(struct config_unknowns *unknowns, const char *section, const char *key,
	const char *source, struct error *err);
void config_unknown_clear(struct config_unknowns *unknowns);

#endif
