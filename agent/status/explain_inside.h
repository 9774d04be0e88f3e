/* What the parts of agent/explain*.c share. */
#ifndef AGENT_STATUS_EXPLAIN_INSIDE_H
#define AGENT_STATUS_EXPLAIN_INSIDE_H

#include "agent/status/explain.h"

/* ---- explain_answer.c: what stands at a gate, and where that comes from ---- */

#define EXPLAIN_WALL_SIZE 32

void explain_set_value(struct explain_answer *answer, const char *fmt, ...) PRINTF_LIKE(2, 3);
void explain_set_source(struct explain_answer *answer, const char *fmt, ...) PRINTF_LIKE(2, 3);
void explain_source_is_catalog(const struct explain_facts *facts, struct explain_answer *answer);
void explain_source_is_setting(
	const struct explain_facts *facts, struct explain_answer *answer, const char *section, const char *key);
/* The newest row of the history about OPERATION. */
WARN_UNUSED int explain_source_is_history(const struct explain_facts *facts, struct explain_answer *answer,
	const char *operation, const char *package, struct error *err);

/* "2026-01-10 20:00", as the wall shows it. */
const char *explain_wall(const struct explain_facts *facts, int64_t time_s, char ret_text[static EXPLAIN_WALL_SIZE]);
/* CODE is the name of an error, or "". */
void explain_shut(struct explain_answer *answer, const char *code, const char *detail);

/* ---- explain_catalog.c: the gates of the catalog and of its releases ---- */

/* DIGEST is of the release that the catalog names, "" where none was read yet; NAMED is NULL where it names none. */
void explain_ask_catalog(const struct explain_facts *facts, const struct status_package *package,
	struct explain_answer *named, struct explain_answer *newer);
WARN_UNUSED int explain_ask_quarantine(const struct explain_facts *facts, const struct status_package *package,
	const char *digest, struct explain_answer *answer, struct error *err);
void explain_ask_rollout(const struct explain_facts *facts, const struct catalog_package *named, const char *digest,
	struct explain_answer *answer);
void explain_ask_requires(
	const struct explain_facts *facts, const struct finding *finding, struct explain_answer *answer);
WARN_UNUSED int explain_ask_space(const struct explain_facts *facts, const struct status_package *package,
	const struct finding *finding, struct explain_answer *answer, struct error *err);

#endif
