/* The life of a delivery: one package brought to one release. Every change of state is one transaction together with
 * its history row.
 *
 *   state        what is true                               owner  ways out: function -> state
 *   PLANNED      the catalog names this release and it may  job    delivery_begin -> FETCHING
 *                come                                       job    delivery_fail -> FAILED (superseded)
 *   FETCHING     some of it may be there, as partial work   job    delivery_begin -> FETCHING, the next attempt
 *                                                           job    delivery_staged -> STAGED
 *                                                           job    delivery_interrupted -> FETCHING, goes on later
 *                                                           job    delivery_reject -> REJECTED
 *                                                           job    delivery_fail -> FAILED (superseded, withdrawn)
 *   STAGED       its folder is complete; the plan names it; guard  delivery_activated -> ACTIVATED
 *                a restart is due                           job    delivery_fail -> FAILED (superseded, dropped)
 *   ACTIVATED    current points at it; not yet proven       job    delivery_confirmed -> CONFIRMED
 *                                                           guard  delivery_rolled_back -> ROLLED_BACK
 *                                                           boot   delivery_fail -> FAILED (its folder is lost)
 *   CONFIRMED    it passed its health check; the end,       guard  delivery_rolled_back -> ROLLED_BACK
 *                unless staff take it back
 *   ROLLED_BACK  the former release is current; its digest is in quarantine; the end
 *   REJECTED     its signature, digest or content was wrong; its digest is in quarantine, unless it was only altered
 *                on the way; the end
 *   FAILED       it could not be done, or is no longer wanted; the end
 *
 * What the guard does it writes into its journal; agent/restart/boot.c takes the edge for it. A delivery that disk or plan
 * tell of and the store does not know begins in the state they show (delivery_adopt). */
#ifndef AGENT_STORE_DELIVERY_H
#define AGENT_STORE_DELIVERY_H

#include "agent/store/delivery_rows.h"
#include "agent/store/history.h"

/* True for the states that are an end. */
bool delivery_is_over(enum delivery_state state);
/* True if the table above has an edge from FROM to TO. */
bool delivery_may_go(enum delivery_state from, enum delivery_state to);

/* Plans the release, or finds the delivery of the same package and digest that is not over. Another release of the
 * package that is not over and not yet activated is superseded (-> FAILED). */
WARN_UNUSED int delivery_plan(struct store *store, const char *package, const char *version, const char *digest,
	int64_t campaign, struct delivery *ret_delivery, struct error *err);

/* The same where it comes into a folder of another name: a repaired copy of what is current. */
WARN_UNUSED int delivery_plan_in(struct store *store, const char *package, const char *version, const char *digest,
	const char *folder, int64_t campaign, struct delivery *ret_delivery, struct error *err);

/* The newest delivery of a package, over or not; of one release. *RET_FOUND tells if there is one. */
WARN_UNUSED int delivery_latest(
	struct store *store, const char *package, struct delivery *ret_delivery, bool *ret_found, struct error *err);
WARN_UNUSED int delivery_of_folder(struct store *store, const char *package, const char *folder,
	struct delivery *ret_delivery, bool *ret_found, struct error *err);

/* The edges. Each changes DELIVERY and the store together and adds the history row; on failure both are as they were.
 * ERROR_FAILED where the table above does not have the edge; ERROR_BUSY where another process changed the delivery
 * since it was read. WIRE_BYTES are those of this attempt; they add up. Sentences are cut at STORE_TEXT_SIZE. */
WARN_UNUSED int delivery_begin(
	struct store *store, struct delivery *delivery, int64_t payload_bytes, struct error *err);
WARN_UNUSED int delivery_interrupted(struct store *store, struct delivery *delivery, int64_t wire_bytes,
	const struct error *why, struct error *err);
WARN_UNUSED int delivery_staged(
	struct store *store, struct delivery *delivery, int64_t wire_bytes, struct error *err);
WARN_UNUSED int delivery_reject(struct store *store, struct delivery *delivery, const struct error *why,
	struct error *err); /* and quarantines the digest; not for ERROR_ALTERED */
WARN_UNUSED int delivery_fail(struct store *store, struct delivery *delivery, const char *why, struct error *err);
WARN_UNUSED int delivery_activated(struct store *store, struct delivery *delivery, const struct history_moment *when,
	struct error *err); /* WHEN NULL: now */
WARN_UNUSED int delivery_confirmed(struct store *store, struct delivery *delivery, struct error *err);
WARN_UNUSED int delivery_rolled_back(struct store *store, struct delivery *delivery, const char *why,
	const struct history_moment *when, struct error *err); /* and quarantines the digest */

/* Begins a delivery in STATE, for a folder that is on disk already. DIGEST: the release's, or its first 8 digits. */
WARN_UNUSED int delivery_adopt(struct store *store, const char *package, const char *folder, const char *digest,
	enum delivery_state state, const char *why, struct delivery *ret_delivery, struct error *err);

#endif
