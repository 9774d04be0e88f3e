/* What an audit leaves for the next one: the checkpoint that it ended at, and what each terminal had said by then. One
 * JSON file (form haishin-audit-state-1), which is the auditor's own. A plain checkpoint will do too: the next audit then
 * walks the log from its beginning. */
#ifndef TOOLS_AUDIT_AUDIT_STATE_H
#define TOOLS_AUDIT_AUDIT_STATE_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "tools/audit/audit_terminals.h"

struct audit_state {
	struct buf note;    /* the checkpoint */
	bool has_terminals; /* the next audit may go on from there */
	struct terminals terminals;
};

#define AUDIT_STATE_INIT                                                                                             \
	{                                                                                                            \
		.note = BUF_INIT(131072)                                                                             \
	}

WARN_UNUSED int audit_state_read(const char *path, struct audit_state *ret_state, struct error *err);
/* Written as a whole or not at all. */
WARN_UNUSED int audit_state_write(const char *path, const struct audit_state *state, struct error *err);
void audit_state_clear(struct audit_state *state);
DEFINE_AUTO(audit_state, struct audit_state, audit_state_clear);

#endif
