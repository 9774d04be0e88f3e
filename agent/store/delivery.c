#include "agent/store/delivery.h"

#include <assert.h>
#include <string.h>

#include "agent/store/quarantine.h"
#include "agent/store/store.h"
#include "agent/store/store_query.h"

#define TO(state) (1u << (state))

static const struct {
	bool is_over;
	unsigned may_go; /* the header's table: one bit for each state an edge leads to */
} states[] = {
	[DELIVERY_PLANNED] = {false, TO(DELIVERY_FETCHING) | TO(DELIVERY_FAILED)},
	[DELIVERY_FETCHING] = {false,
		TO(DELIVERY_FETCHING) | TO(DELIVERY_STAGED) | TO(DELIVERY_REJECTED) | TO(DELIVERY_FAILED)},
	[DELIVERY_STAGED] = {false, TO(DELIVERY_ACTIVATED) | TO(DELIVERY_FAILED)},
	[DELIVERY_ACTIVATED] = {false, TO(DELIVERY_CONFIRMED) | TO(DELIVERY_ROLLED_BACK) | TO(DELIVERY_FAILED)},
	[DELIVERY_CONFIRMED] = {true, TO(DELIVERY_ROLLED_BACK)},
	[DELIVERY_ROLLED_BACK] = {true, 0},
	[DELIVERY_REJECTED] = {true, 0},
	[DELIVERY_FAILED] = {true, 0},
};

bool delivery_is_over(enum delivery_state state)
{
	return states[state].is_over;
}

bool delivery_may_go(enum delivery_state from, enum delivery_state to)
{
	return states[from].may_go & TO(to);
}

/* What the header's table says is true in a state, as far as the store alone can tell. */
static void assert_truths(const struct delivery *delivery)
{
	assert(delivery->id > 0 && *delivery->package && *delivery->version && *delivery->folder);
	assert(delivery->attempts >= 0 && delivery->wire_bytes >= 0 && delivery->payload_bytes >= 0);
	switch (delivery->state) {
	case DELIVERY_FETCHING:
		assert(delivery->attempts > 0);
		break;
	case DELIVERY_STAGED:
	case DELIVERY_ACTIVATED:
	case DELIVERY_CONFIRMED:
		assert(delivery->error == ERROR_NONE);
		break;
	case DELIVERY_ROLLED_BACK:
	case DELIVERY_REJECTED:
	case DELIVERY_FAILED:
		assert(delivery->error != ERROR_NONE);
		break;
	case DELIVERY_PLANNED:
		assert(delivery->attempts == 0);
		break;
	}
	(void)delivery;
}

/* An edge, and the history row that tells of it. */
struct edge {
	enum delivery_state to;
	const char *operation;
	const char *outcome;
	enum error_code error;
	const char *detail;
	const struct history_moment *when;
	bool quarantines;
};

static int record(struct store *store, const struct delivery *delivery, const struct edge *edge, struct error *err)
{
	struct history_entry entry = {
		.operation = edge->operation,
		.package = delivery->package,
		.version = delivery->version,
		.digest = delivery->digest,
		.outcome = edge->outcome,
		.error = edge->error,
		.detail = edge->detail,
		.when = edge->when,
	};

	return history_add(store, &entry, err);
}

static int take_edge(struct store *store, const struct delivery *changed, enum delivery_state from,
	const struct edge *edge, struct error *err)
{
	if (delivery_row_change(store, changed, from, err) < 0 || record(store, changed, edge, err) < 0)
		return -1;
	return edge->quarantines
		       ? quarantine_add(store, changed->package, changed->version, changed->digest, edge->detail, err)
		       : 0;
}

/* DELIVERY takes over CHANGED only where all of it is stored. */
static int go(struct store *store, struct delivery *delivery, struct delivery *changed, const struct edge *edge,
	struct error *err)
{
	if (!delivery_may_go(delivery->state, edge->to))
		return error_set(err, ERROR_FAILED, "delivery of %s %s cannot go from %s to %s", delivery->package,
			delivery->version, delivery_state_name(delivery->state), delivery_state_name(edge->to));
	changed->state = edge->to;
	changed->error = edge->error;
	changed->changed_s = edge->when ? edge->when->at_s : store_now_s(store);
	record_text(edge->detail, changed->detail, sizeof(changed->detail));
	assert_truths(changed);
	if (store_begin(store, err) < 0 ||
		store_end(store, take_edge(store, changed, delivery->state, edge, err), err) < 0)
		return error_context(err, "delivery of %s %s", delivery->package, delivery->version);
	*delivery = *changed;
	return 0;
}

/* ---- The beginning ---- */

static int begin_life(struct store *store, struct delivery *delivery, const struct edge *edge, struct error *err)
{
	delivery->state = edge->to;
	delivery->error = edge->error;
	delivery->planned_s = delivery->changed_s = store_now_s(store);
	record_text(edge->detail, delivery->detail, sizeof(delivery->detail));
	if (delivery_row_add(store, delivery, err) < 0)
		return -1;
	assert_truths(delivery);
	return record(store, delivery, edge, err);
}

static int supersede(struct store *store, const char *package, const char *version, struct error *err)
{
	struct delivery former;
	char why[STORE_TEXT_SIZE];
	bool found;

	if (delivery_row_find(store, STATEMENT_DELIVERY_SUPERSEDED, &package, 1, &former, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	(void)snprintf(why, sizeof(why), "superseded by %s", version);
	return delivery_fail(store, &former, why, err);
}

/* FOLDER NULL: the one that the release's name and digest give. */
static int find_or_plan(struct store *store, const char *package, const char *version, const char *digest,
	const char *folder, int64_t campaign, struct delivery *ret_delivery, struct error *err)
{
	static const struct edge planned = {.to = DELIVERY_PLANNED, .operation = "plan", .outcome = "done"};
	struct delivery delivery = {.campaign = campaign};
	const char *const release[] = {package, digest};
	bool found;

	if (delivery_row_find(store, STATEMENT_DELIVERY_OPEN_OF_RELEASE, release, 2, &delivery, &found, err) < 0)
		return -1;
	if (!found) {
		record_text(package, delivery.package, sizeof(delivery.package));
		record_text(version, delivery.version, sizeof(delivery.version));
		record_text(digest, delivery.digest, sizeof(delivery.digest));
		package_release_folder(delivery.version, delivery.digest, delivery.folder);
		if (folder)
			record_text(folder, delivery.folder, sizeof(delivery.folder));
		if (supersede(store, package, version, err) < 0 || begin_life(store, &delivery, &planned, err) < 0)
			return -1;
	}
	*ret_delivery = delivery;
	return 0;
}

int delivery_plan_in(struct store *store, const char *package, const char *version, const char *digest,
	const char *folder, int64_t campaign, struct delivery *ret_delivery, struct error *err)
{
	if (store_begin(store, err) < 0 ||
		store_end(store, find_or_plan(store, package, version, digest, folder, campaign, ret_delivery, err),
			err) < 0)
		return error_context(err, "delivery of %s %s", package, version);
	return 0;
}

int delivery_plan(struct store *store, const char *package, const char *version, const char *digest, int64_t campaign,
	struct delivery *ret_delivery, struct error *err)
{
	return delivery_plan_in(store, package, version, digest, NULL, campaign, ret_delivery, err);
}

static int adopt(struct store *store, struct delivery *delivery, const struct edge *edge, struct error *err)
{
	if (edge->to <= DELIVERY_STAGED && supersede(store, delivery->package, delivery->version, err) < 0)
		return -1;
	return begin_life(store, delivery, edge, err);
}

int delivery_adopt(struct store *store, const char *package, const char *folder, const char *digest,
	enum delivery_state state, const char *why, struct delivery *ret_delivery, struct error *err)
{
	struct edge edge = {.to = state, .operation = "adopt", .outcome = "done", .detail = why};
	const char *dash = strrchr(folder, '-');
	struct delivery delivery = {0};

	record_text(package, delivery.package, sizeof(delivery.package));
	record_text(folder, delivery.folder, sizeof(delivery.folder));
	record_text(folder, delivery.version, sizeof(delivery.version));
	if (dash && (size_t)(dash - folder) < sizeof(delivery.version))
		delivery.version[dash - folder] = '\0';
	record_text(digest, delivery.digest, sizeof(delivery.digest));
	if (store_begin(store, err) < 0 || store_end(store, adopt(store, &delivery, &edge, err), err) < 0)
		return error_context(err, "delivery of %s %s", package, folder);
	*ret_delivery = delivery;
	return 0;
}

int delivery_latest(
	struct store *store, const char *package, struct delivery *ret_delivery, bool *ret_found, struct error *err)
{
	return delivery_row_find(store, STATEMENT_DELIVERY_LATEST, &package, 1, ret_delivery, ret_found, err);
}

int delivery_of_folder(struct store *store, const char *package, const char *folder, struct delivery *ret_delivery,
	bool *ret_found, struct error *err)
{
	const char *const texts[] = {package, folder};

	return delivery_row_find(store, STATEMENT_DELIVERY_OF_FOLDER, texts, 2, ret_delivery, ret_found, err);
}

/* ---- The edges ---- */

int delivery_begin(struct store *store, struct delivery *delivery, int64_t payload_bytes, struct error *err)
{
	static const struct edge edge = {.to = DELIVERY_FETCHING, .operation = "fetch", .outcome = "begun"};
	struct delivery changed = *delivery;

	changed.payload_bytes = payload_bytes;
	changed.attempts++;
	return go(store, delivery, &changed, &edge, err);
}

int delivery_interrupted(struct store *store, struct delivery *delivery, int64_t wire_bytes, const struct error *why,
	struct error *err)
{
	struct edge edge = {
		.to = DELIVERY_FETCHING,
		.operation = "fetch",
		.outcome = why->code == ERROR_STOPPED ? "stopped" : "failed",
		.error = why->code,
		.detail = why->text,
	};
	struct delivery changed = *delivery;

	if (delivery->state != DELIVERY_FETCHING)
		return error_set(err, ERROR_FAILED, "delivery of %s %s is %s and cannot be interrupted",
			delivery->package, delivery->version, delivery_state_name(delivery->state));
	changed.wire_bytes += wire_bytes;
	return go(store, delivery, &changed, &edge, err);
}

int delivery_staged(struct store *store, struct delivery *delivery, int64_t wire_bytes, struct error *err)
{
	static const struct edge edge = {.to = DELIVERY_STAGED, .operation = "stage", .outcome = "done"};
	struct delivery changed = *delivery;

	changed.wire_bytes += wire_bytes;
	return go(store, delivery, &changed, &edge, err);
}

int delivery_reject(struct store *store, struct delivery *delivery, const struct error *why, struct error *err)
{
	struct edge edge = {
		.to = DELIVERY_REJECTED,
		.operation = "reject",
		.outcome = "refused",
		.error = why->code == ERROR_NONE ? ERROR_REFUSED : why->code,
		.detail = why->text,
		.quarantines = why->code != ERROR_ALTERED,
	};
	struct delivery changed = *delivery;

	return go(store, delivery, &changed, &edge, err);
}

int delivery_fail(struct store *store, struct delivery *delivery, const char *why, struct error *err)
{
	struct edge edge = {
		.to = DELIVERY_FAILED,
		.operation = "give-up",
		.outcome = "failed",
		.error = ERROR_FAILED,
		.detail = why,
	};
	struct delivery changed = *delivery;

	return go(store, delivery, &changed, &edge, err);
}

int delivery_activated(
	struct store *store, struct delivery *delivery, const struct history_moment *when, struct error *err)
{
	struct edge edge = {.to = DELIVERY_ACTIVATED, .operation = "activate", .outcome = "done", .when = when};
	struct delivery changed = *delivery;

	return go(store, delivery, &changed, &edge, err);
}

int delivery_confirmed(struct store *store, struct delivery *delivery, struct error *err)
{
	static const struct edge edge = {.to = DELIVERY_CONFIRMED, .operation = "confirm", .outcome = "done"};
	struct delivery changed = *delivery;

	return go(store, delivery, &changed, &edge, err);
}

int delivery_rolled_back(struct store *store, struct delivery *delivery, const char *why,
	const struct history_moment *when, struct error *err)
{
	struct edge edge = {
		.to = DELIVERY_ROLLED_BACK,
		.operation = "roll-back",
		.outcome = "done",
		.error = ERROR_FAILED,
		.detail = why,
		.when = when,
		.quarantines = true,
	};
	struct delivery changed = *delivery;

	return go(store, delivery, &changed, &edge, err);
}
