/* The newest statement of the brake that this terminal has accepted, kept in the state folder; and the stops that it has seen, which
 * hold until the operator resumes the candidate, whatever later statements say. */
#ifndef AGENT_SERVER_KEPT_BRAKE_H
#define AGENT_SERVER_KEPT_BRAKE_H

#include "agent/base/terminal.h"
#include "manifests/catalog/catalog.h"
#include "manifests/rollout/brake.h"
#include "manifests/tuf/tuf_client.h"

/* Fetches the newest statement where CATALOG has a candidate for this terminal, and notes what it stops. TRUST is refreshed. One
 * that the signers of now did not sign is forgotten; on failure the former one stays, and gets old. ERROR_REFUSED names the attack
 * that a statement would have been. */
WARN_UNUSED int kept_brake_refresh(
	struct terminal *terminal, struct tuf_client *trust, const struct catalog *catalog, struct error *err);

/* *RET_BRAKE is NULL where none is kept, or the file is damaged. */
void kept_brake_read(const struct terminal *terminal, struct brake **ret_brake);

/* What the brake says of a candidate. */
struct brake_word {
	enum brake_state state;
	int64_t version;  /* of the statement; 0: there is none */
	int64_t issued_s; /* the same */
	int64_t stages_let; /* so many may be open; 0: it says nothing of them */
	int64_t stopped_s;
	char why[STORE_TEXT_SIZE]; /* it is stopped; "" where nobody said */
	char by[STORE_TEXT_SIZE];
};
/* BRAKE may be NULL. */
WARN_UNUSED int kept_brake_ask(const struct terminal *terminal, const struct brake *brake, const char *package,
	const struct candidate *candidate, int64_t now_s, struct brake_word *ret_word, struct error *err);

/* The time that the brake's age is told by: the clock, or the time floor where that is above it. */
int64_t kept_brake_now_s(const struct terminal *terminal);

#endif
