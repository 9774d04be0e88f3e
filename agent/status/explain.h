/* Why a package is, or is not, delivered now: every gate between it and its newest release, what stands there, and
 * where that comes from. The gates are those of agent/choice/wanted_choose.c and of the agenda, asked again from
 * what the terminal keeps, without the network. */
#ifndef AGENT_STATUS_EXPLAIN_H
#define AGENT_STATUS_EXPLAIN_H

#include "agent/status/explain_answer.h"
#include "agent/status/explain_gates.h"

struct explanation {
	struct explain_answer gates[EXPLAIN_GATES];
	enum explain_gate decides; /* the first that is shut; EXPLAIN_GATES: none, it may come now */
};

/* Gathers what explain_package() needs from the terminal. */
WARN_UNUSED int explain_collect(struct terminal *terminal, const struct status *status, const struct catalog *catalog,
	int64_t turn_s, struct explain_facts *ret_facts, struct error *err);

WARN_UNUSED int explain_package(const struct explain_facts *facts, const struct status_package *package,
	struct explanation *ret_explanation, struct error *err);

/* Such as "window". */
const char *explain_gate_name(enum explain_gate gate);

#endif
