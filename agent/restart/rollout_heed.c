#include "agent/restart/rollout_heed.h"

#include <stdlib.h>
#include <string.h>

#include "agent/restart/condemn.h"
#include "agent/restart/notice.h"
#include "agent/server/distribution.h"
#include "agent/store/delivery.h"
#include "agent/store/quarantine.h"
#include "common/text.h"
#include "rollback/plan.h"
#include "rollback/versions.h"
#include "updater/stage/partial.h"

#define SETTING_RECALLED "rollout.recalled." /* and the package's name: the digest that goes, or went, by a recall */
#define OPERATOR "the operator of the server"

typedef char recalled_name[sizeof(SETTING_RECALLED) + PACKAGE_NAME_SIZE];

/* One candidate that something is to be done about. */
struct heeding {
	struct terminal *terminal;
	const struct candidate_here *here;
	struct plan *plan;
	char reason[PLAN_REASON_SIZE];
};

static void print_reason(struct heeding *heeding)
{
	const struct candidate_here *here = heeding->here;
	const char *word = here->decision.step == ROLLOUT_RECALL	   ? "recalled by the operator"
			   : here->decision.gate == ROLLOUT_GATE_BRAKED	   ? "stopped by the brake"
			   : here->decision.gate == ROLLOUT_GATE_WITHDRAWN ? "withdrawn by the operator"
									   : "stopped by the operator";
	char text[STORE_TEXT_SIZE + 64];

	(void)snprintf(text, sizeof(text), "%s%s%s", word, *here->why ? ": " : "", here->why);
	text_cut(text, heeding->reason, sizeof(heeding->reason));
}

static int record(const struct heeding *heeding, const char *package, const char *folder, const char *outcome,
	struct error *err)
{
	char version[VERSION_TEXT_SIZE];
	const struct history_entry entry = {
		.operation = "rollout",
		.package = package,
		.version = version,
		.outcome = outcome,
		.detail = heeding->reason,
	};

	package_folder_version(folder, version);
	return history_add(heeding->terminal->store, &entry, err);
}

static int read_plan(struct heeding *heeding, int *ret_lock_fd, struct error *err)
{
	const struct env *env = heeding->terminal->env;

	if ((*ret_lock_fd = plan_lock(env->fs, heeding->terminal->boot_dir_fd, err)) < 0)
		return -1;
	return plan_read(env->fs, heeding->terminal->boot_dir_fd, heeding->plan, err);
}

static int write_plan(struct heeding *heeding, struct error *err)
{
	const struct env *env = heeding->terminal->env;

	if (env->clock->boot_id(env->clock, heeding->plan->boot_id, err) < 0)
		return -1;
	return plan_write(env->fs, heeding->terminal->boot_dir_fd, heeding->plan, err);
}

/* ---- What is staged, or on its way ---- */

static int end_staged(const struct heeding *heeding, const struct plan_entry *entry, struct error *err)
{
	struct store *store = heeding->terminal->store;
	struct delivery delivery;
	bool found;

	if (record(heeding, entry->package, entry->folder, "stopped", err) < 0 ||
		delivery_of_folder(store, entry->package, entry->folder, &delivery, &found, err) < 0)
		return -1;
	return found && delivery.state == DELIVERY_STAGED ? delivery_fail(store, &delivery, heeding->reason, err) : 0;
}

/* In the order that a cut leaves a plan without it: the next start brings the store in line. */
static int drop_group(struct heeding *heeding, const struct plan_entry *first, struct error *err)
{
	struct store *store = heeding->terminal->store;
	AUTO(free) struct plan_entry *dropped = calloc((size_t)heeding->plan->count, sizeof(*dropped));
	int count = 0, ret = 0;

	if (!dropped)
		return error_set(err, ERROR_FAILED, "no memory for a group of packages");
	plan_each (heeding->plan, entry)
		if (plan_go_together(entry, first))
			dropped[count++] = *entry;
	for (int i = 0; i < count; i++)
		plan_drop(heeding->plan, dropped[i].package);
	if (write_plan(heeding, err) < 0 || store_begin(store, err) < 0)
		return -1;
	for (int i = 0; i < count && ret == 0; i++)
		ret = end_staged(heeding, &dropped[i], err);
	return store_end(store, ret, err);
}

static int take_out(struct heeding *heeding, bool *ret_changed, struct error *err)
{
	AUTO(fd) int lock_fd = -1;
	struct plan_entry *entry, first;

	if (read_plan(heeding, &lock_fd, err) < 0)
		return -1;
	entry = plan_find(heeding->plan, heeding->here->package);
	if (!entry || entry->state != PLAN_STAGED || plan_has_begun(heeding->plan, entry) ||
		strcmp(entry->folder, heeding->here->folder) != 0)
		return 0; /* the guard was faster */
	first = *entry;
	*ret_changed = true;
	return drop_group(heeding, &first, err);
}

static int drop_partial(const struct heeding *heeding, struct error *err)
{
	const struct terminal *terminal = heeding->terminal;
	AUTO(versions) struct versions *versions = NULL;

	return versions_open(terminal->env->fs, terminal->packages_dir_fd, heeding->here->package, &versions, err) < 0
		       ? -1
		       : partial_drop_others(terminal->env->fs, versions_dir_fd(versions), "", err);
}

/* Half a candidate is of no use to anybody. A cut between the two finds the delivery as it was. */
static int give_up(const struct heeding *heeding, struct error *err)
{
	struct store *store = heeding->terminal->store;
	struct delivery delivery;
	bool found;

	if (delivery_latest(store, heeding->here->package, &delivery, &found, err) < 0)
		return -1;
	if (!found || strcmp(delivery.digest, heeding->here->digest) != 0 ||
		(delivery.state >= DELIVERY_STAGED && delivery.state != DELIVERY_FAILED))
		return 0;
	if (drop_partial(heeding, err) < 0)
		return -1;
	return delivery.state < DELIVERY_STAGED ? delivery_fail(store, &delivery, heeding->reason, err) : 0;
}

/* ---- What is current ---- */

static void name_recalled(const char *package, recalled_name ret_name)
{
	(void)snprintf(ret_name, sizeof(recalled_name), SETTING_RECALLED "%s", package);
}

/* Before the plan is: who finds it condemned knows why it was, even after a cut. */
static int note_recall(const struct heeding *heeding, struct error *err)
{
	recalled_name name;

	name_recalled(heeding->here->package, name);
	return store_set_setting(heeding->terminal->store, name, heeding->here->digest, err);
}

static int record_recall(const struct heeding *heeding, struct error *err)
{
	struct store *store = heeding->terminal->store;
	const struct plan_entry *first = plan_find(heeding->plan, heeding->here->package);
	int ret = 0;

	if (store_begin(store, err) < 0)
		return -1;
	plan_each (heeding->plan, entry)
		if (ret == 0 && plan_go_together(entry, first))
			ret = record(heeding, entry->package, entry->folder, "begun", err);
	return store_end(store, ret, err);
}

static int recall(struct heeding *heeding, bool *ret_changed, struct error *err)
{
	AUTO(fd) int lock_fd = -1;
	const struct plan_entry *entry;
	struct error why = {0};

	if (read_plan(heeding, &lock_fd, err) < 0)
		return -1;
	entry = plan_find(heeding->plan, heeding->here->package);
	if (entry && (entry->state == PLAN_CONDEMNED ||
			     (entry->state == PLAN_STAGED && !plan_has_begun(heeding->plan, entry))))
		return 0; /* it goes already, or a newer release takes its place */
	if (condemn(heeding->terminal, heeding->plan, heeding->here->package, heeding->reason, &why) < 0) {
		if (why.code != ERROR_NOT_FOUND)
			return error_set(err, why.code, "%s", why.text);
		log_line(heeding->terminal->env->log, LOG_LEVEL_WARNING, "%s %s is recalled, and stays: %s",
			heeding->here->package, heeding->here->version, why.text);
		return 0;
	}
	*ret_changed = true;
	return note_recall(heeding, err) < 0 || write_plan(heeding, err) < 0 ? -1 : record_recall(heeding, err);
}

/* ---- What may come again ---- */

static int let_come_again(const struct heeding *heeding, bool *ret_changed, struct error *err)
{
	struct store *store = heeding->terminal->store;
	AUTO(buf) struct buf digest = BUF_INIT(SHA256_HEX_SIZE);
	recalled_name name;

	name_recalled(heeding->here->package, name);
	if (store_setting(store, name, &digest, err) < 0)
		return -1;
	if (strcmp(buf_text(&digest), heeding->here->digest) != 0)
		return 0;
	*ret_changed = true;
	return quarantine_lift(store, heeding->here->package, OPERATOR, err) < 0 ? -1
										   : store_drop_setting(store, name, err);
}

/* ---- The whole ---- */

static int heed(struct heeding *heeding, bool *ret_changed, struct error *err)
{
	switch (heeding->here->decision.gate) {
	case ROLLOUT_GATE_STOPPED:
	case ROLLOUT_GATE_WITHDRAWN:
	case ROLLOUT_GATE_BRAKED:
		if (heeding->here->decision.step == ROLLOUT_TAKE_OUT)
			return take_out(heeding, ret_changed, err);
		if (heeding->here->decision.step == ROLLOUT_RECALL)
			return recall(heeding, ret_changed, err);
		return give_up(heeding, err);
	case ROLLOUT_GATE_QUARANTINED:
		return let_come_again(heeding, ret_changed, err);
	default:
		return 0;
	}
}

int rollout_heed(
	struct terminal *terminal, const struct candidates *candidates, bool *ret_changed, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	*ret_changed = false;
	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	for (size_t i = 0; i < candidates->count; i++) {
		struct heeding heeding = {.terminal = terminal, .here = &candidates->items[i], .plan = plan};

		print_reason(&heeding);
		if (heed(&heeding, ret_changed, err) < 0)
			return error_context(err, "rollout of %s %s", heeding.here->package, heeding.here->version);
	}
	if (*ret_changed)
		notice_update(terminal);
	return 0;
}

int rollout_heed_kept(struct terminal *terminal, struct error *err)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(candidates) struct candidates candidates = {0};
	struct error none_yet = {0};
	bool changed;

	if (distribution_kept_catalog(terminal, &catalog, &none_yet) < 0)
		return 0;
	if (candidates_find(terminal, catalog, &candidates, err) < 0)
		return -1;
	return rollout_heed(terminal, &candidates, &changed, err);
}
