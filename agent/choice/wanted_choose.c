#include "agent/choice/wanted_choose.h"

#include <string.h>

#include "agent/choice/wanted_repair.h"
#include "agent/choice/wanted_requires.h"
#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/store/postponed.h"
#include "agent/store/quarantine.h"
#include "agent/turn/windows.h"
#include "common/text.h"
#include "rollback/plan.h"
#include "updater/fetch/http_hop.h"

#define PASSES_THROUGH_MOST 8 /* releases on the way to one */
#define DIGEST_UNKNOWN "-"

struct choosing {
	struct distribution *distribution;
	struct terminal *terminal;
	const struct candidates *candidates;
	const struct plan *plan;
	struct schedule_rules rules;
	bool any_hour;
	int64_t now_s;
	uint8_t secret[SLOT_SECRET_SIZE];
};

static int read_current(const struct choosing *choosing, struct wanted *wanted, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;

	if (versions_open(choosing->terminal->env->fs, choosing->terminal->packages_dir_fd, wanted->package,
		    &versions, err) < 0 ||
		versions_current(versions, wanted->current, err) < 0)
		return -1;
	if (versions_is_odd(versions))
		return error_set(err, ERROR_MACHINE,
			"what is current of %s is not known: something that is no link stands there; restart",
			wanted->package);
	package_folder_version(wanted->current, wanted->current_version);
	if (!*wanted->current_version)
		memcpy(wanted->current_version, VERSION_BROKEN, sizeof(VERSION_BROKEN));
	return 0;
}

/* A person who asks at any hour is heard although the server did not give it before. */
static int pass_server_gate(const struct choosing *choosing, struct wanted *wanted, struct error *err)
{
	struct postponed postponed;
	bool found;

	if (choosing->any_hour)
		return 0;
	if (postponed_find(choosing->terminal->store, wanted->package, wanted->digest,
		    distribution_metadata_version(choosing->distribution), &postponed, &found, err) < 0)
		return -1;
	if (!found || postponed_is_due(&postponed, choosing->now_s))
		return 0;
	wanted_shut(
		wanted, WANTED_POSTPONED, "the server lacks it, and is asked once a night: %.180s", postponed.why);
	(void)error_set(&wanted->why, ERROR_SERVER, "%s", wanted->reason);
	return 0;
}

/* A share holds back updates. A terminal that has nothing of the package, or nothing that works, gets it at once, and with it
 * whatever it needs. */
static void pass_rollout_gate(
	const struct choosing *choosing, const struct catalog_package *named, struct wanted *wanted)
{
	if (version_is_broken(wanted->current_version) || wanted->is_needed ||
		wanted_rollout_place(choosing->secret, wanted->digest) < named->rollout_percent)
		return;
	wanted_shut(wanted, WANTED_NOT_YET, "%lld of 100 terminals get it so far", (long long)named->rollout_percent);
}

/* Gates that need no more than the terminal's own knowledge and the release's digest. */
static int pass_local_gates(const struct choosing *choosing, const struct catalog_package *named,
	struct wanted *wanted, struct error *err)
{
	const struct plan_entry *planned = plan_find((struct plan *)choosing->plan, wanted->package);
	bool begun = planned && plan_has_begun(choosing->plan, planned);
	struct quarantine_row quarantine;
	struct pause_row hold;
	const char *digest = wanted->digest;
	char folder[PACKAGE_FOLDER_SIZE];
	bool found;

	package_release_folder(named->version, digest, folder);
	if (package_folder_is_same_release(wanted->current, folder) && begun)
		wanted_shut(wanted, WANTED_ON_TRIAL, "%s is being tried since the last restart", named->version);
	else if (package_folder_is_same_release(wanted->current, folder))
		wanted_shut(wanted, WANTED_UP_TO_DATE, "%s is the newest", named->version);
	else if (planned && planned->state == PLAN_STAGED && package_folder_is_same_release(planned->folder, folder))
		wanted_shut(wanted, WANTED_STAGED, "%s waits for a restart", named->version);
	else if (begun)
		wanted_shut(wanted, WANTED_ON_TRIAL, "%s is not confirmed yet; %s comes after it", planned->folder,
			named->version);
	else if (version_compare(named->version, wanted->current_version) <= 0)
		wanted_shut(
			wanted, WANTED_NOT_NEWER, "%s is not newer than %s", named->version, wanted->current_version);
	if (wanted->outcome != WANTED_DELIVER)
		return 0;
	if (quarantine_find(choosing->terminal->store, wanted->package, digest, &quarantine, &found, err) < 0)
		return -1;
	if (found) {
		wanted_shut(
			wanted, WANTED_QUARANTINED, "%s is in quarantine: %.180s", named->version, quarantine.reason);
		return 0;
	}
	if (pause_find(choosing->terminal->store, wanted->package, choosing->now_s, &hold, &found, err) < 0)
		return -1;
	if (found)
		wanted_shut(wanted, WANTED_HELD, "held by %s: %.150s", hold.who, hold.why);
	else
		pass_rollout_gate(choosing, named, wanted);
	return 0;
}

static void pass_campaign_gate(const struct choosing *choosing, struct wanted *wanted)
{
	struct schedule_answer answer;

	schedule_ask(&choosing->rules, wanted->package, choosing->now_s, &answer);
	wanted->campaign = answer.campaign;
	if (answer.reason != SCHEDULE_OPEN && !choosing->any_hour)
		wanted_shut(wanted, WANTED_NO_CAMPAIGN, "not now: %s", schedule_reason_name(answer.reason));
}

/* Fetches the release, and the one before it that must be passed through (F23), until one can be installed over the
 * current release. */
static int fetch_offer(const struct choosing *choosing, const struct catalog_package *named, struct wanted *wanted,
	struct error *err)
{
	char version[VERSION_TEXT_SIZE];
	char target[PACKAGE_TARGET_SIZE];

	(void)snprintf(version, sizeof(version), "%s", named->version);
	(void)snprintf(target, sizeof(target), "%s", named->release_target);
	for (int step = 0; step < PASSES_THROUGH_MOST; step++) {
		const char *through;

		offer_clear(&wanted->offer);
		if (distribution_offer(
			    choosing->distribution, wanted->package, version, target, &wanted->offer, err) < 0)
			return -1;
		through = wanted->offer.release->passes_through;
		if (!through || version_is_broken(wanted->current_version) ||
			version_compare(wanted->current_version, through) >= 0) {
			text_assign(wanted->version, version);
			return 0;
		}
		(void)snprintf(version, sizeof(version), "%s", through);
		package_release_target(wanted->package, version, target);
	}
	return error_set(err, ERROR_REFUSED, "more than %d releases to pass through on the way to %s",
		PASSES_THROUGH_MOST, named->version);
}

/* What the server said of one package is not what was signed: nothing to deliver, but something to tell. */
static int note_refused(
	const struct choosing *choosing, const struct wanted *wanted, const struct error *why, struct error *err)
{
	struct history_entry entry = {
		.operation = "check",
		.package = wanted->package,
		.version = wanted->version,
		.outcome = "refused",
		.error = why->code,
		.detail = why->text,
	};

	return why->code == ERROR_REFUSED || why->code == ERROR_ALTERED
		       ? history_add(choosing->terminal->store, &entry, err)
		       : 0;
}

/* A release that is signed and wrong is not looked at again; one that the server would not give, this night and then once a
 * night; what else could not be had is tried again another time. */
static int note_unavailable(
	const struct choosing *choosing, struct wanted *wanted, const struct error *why, struct error *err)
{
	struct delivery delivery;

	wanted_shut_unavailable(wanted, why);
	if (wanted_is_not_given(why))
		return distribution_postpone(choosing->distribution, wanted->package, wanted->digest, why, err);
	if (why->code != ERROR_REFUSED)
		return note_refused(choosing, wanted, why, err);
	if (delivery_plan(choosing->terminal->store, wanted->package, wanted->version, wanted->digest,
		    wanted->campaign, &delivery, err) < 0 ||
		delivery_begin(choosing->terminal->store, &delivery, 0, err) < 0)
		return -1;
	return delivery_reject(choosing->terminal->store, &delivery, why, err);
}

/* What the catalog names keeps its quarantine: the release that is for this terminal, and the one that is for others. */
static int end_other_quarantines(
	const struct choosing *choosing, const struct wanted *wanted, const struct catalog_package *named, struct error *err)
{
	const struct candidate_here *here = candidates_of(choosing->candidates, wanted->package);
	char other[SHA256_HEX_SIZE] = "", target[PACKAGE_TARGET_SIZE];
	struct error why = {0};

	if (here && strcmp(named->version, here->version) == 0) {
		package_release_target(wanted->package, here->stable, target);
		if (distribution_digest(choosing->distribution, target, other, &why) < 0)
			return 0;
	} else if (here) {
		memcpy(other, here->digest, sizeof(other));
	}
	return quarantine_lift_others(choosing->terminal->store, wanted->package, wanted->digest, other, err);
}

/* The operator tries one release, by its digest: another one of the same version is none that anybody watches. */
static int check_candidate(const struct choosing *choosing, const struct wanted *wanted,
	const struct catalog_package *named, struct error *err)
{
	const struct candidate_here *here = candidates_of(choosing->candidates, wanted->package);

	if (!here || strcmp(named->version, here->version) != 0 || strcmp(wanted->digest, here->digest) == 0)
		return 0;
	return error_set(err, ERROR_REFUSED,
		"mix-and-match attack: the release of %s %s that its vendor signed is not the one that the operator tries",
		wanted->package, here->version);
}

static int choose_one(const struct choosing *choosing, const struct catalog_package *named, struct wanted *wanted,
	struct error *err)
{
	struct error why = {0};

	(void)snprintf(wanted->package, sizeof(wanted->package), "%s", named->name);
	(void)snprintf(wanted->version, sizeof(wanted->version), "%s", named->version);
	wanted->priority = (int)named->priority;
	if (read_current(choosing, wanted, &why) < 0) { /* one odd folder spoils nothing else */
		wanted_shut_unavailable(wanted, &why);
		wanted->why.code = ERROR_MACHINE;
		return 0;
	}
	if (distribution_digest(choosing->distribution, named->release_target, wanted->digest, &why) < 0 ||
		check_candidate(choosing, wanted, named, &why) < 0) {
		if (distribution_blame(choosing->distribution, wanted->package, DIGEST_UNKNOWN, &why, err) < 0)
			return -1;
		wanted_shut_unavailable(wanted, &why);
		if (note_refused(choosing, wanted, &why, err) < 0)
			return -1;
		return wanted_ends_all(&why) ? (*err = why, -1) : 0;
	}
	if (end_other_quarantines(choosing, wanted, named, err) < 0 ||
		pass_local_gates(choosing, named, wanted, err) < 0)
		return -1;
	if (wanted->outcome == WANTED_DELIVER)
		pass_campaign_gate(choosing, wanted);
	if (wanted->outcome == WANTED_DELIVER && pass_server_gate(choosing, wanted, err) < 0)
		return -1;
	if (wanted->outcome != WANTED_DELIVER || fetch_offer(choosing, named, wanted, &why) == 0)
		return 0;
	if (distribution_blame(choosing->distribution, wanted->package, wanted->digest, &why, err) < 0)
		return -1;
	if (wanted_ends_all(&why)) {
		*err = why;
		return -1;
	}
	return note_unavailable(choosing, wanted, &why, err);
}

static int begin_choosing(struct distribution *distribution, const struct candidates *candidates, bool any_hour,
	struct choosing *ret_choosing, struct error *err)
{
	struct terminal *terminal = distribution->terminal;

	*ret_choosing = (struct choosing){
		.distribution = distribution,
		.terminal = terminal,
		.candidates = candidates,
		.any_hour = any_hour,
		.now_s = terminal_now_s(terminal),
		.rules = windows_rules_of(terminal, distribution->catalog),
	};
	return store_terminal_secret(terminal->store, ret_choosing->secret, err);
}

/* The package that a first installation requires a newer release of than is here, where that comes, or nothing but a share of a
 * rollout holds it back. One that is known to be needed is passed over. */
static struct wanted *find_needed(
	const struct wanted_list *list, const struct wanted *installing, const struct release_requirement *needed)
{
	for (size_t i = 0; i < list->count; i++) {
		struct wanted *other = &list->items[i];

		if (other != installing && !other->is_needed &&
			(other->outcome == WANTED_NOT_YET || other->outcome == WANTED_DELIVER) &&
			strcmp(other->package, needed->package) == 0 &&
			version_compare(other->current_version, needed->version) < 0)
			return other;
	}
	return NULL;
}

/* What a share held back is chosen anew. */
static int choose_needed(const struct choosing *choosing, struct wanted *wanted, struct error *err)
{
	const struct catalog_package *named = catalog_find(choosing->distribution->catalog, wanted->package);

	if (wanted->outcome == WANTED_DELIVER) {
		wanted->is_needed = true;
		return 0;
	}
	*wanted = (struct wanted){.group = wanted->group, .is_needed = true};
	return choose_one(choosing, named, wanted, err);
}

/* What first installations need, and what that needs in turn. */
static int choose_all_needed(const struct choosing *choosing, struct wanted_list *list, struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct wanted *wanted = &list->items[i];
		bool is_asked = wanted->outcome == WANTED_DELIVER &&
				(wanted->is_needed || version_is_broken(wanted->current_version));

		for (size_t k = 0; is_asked && k < wanted->offer.release->requires_count; k++) {
			struct wanted *other = find_needed(list, wanted, &wanted->offer.release->requires[k]);

			if (!other)
				continue;
			if (choose_needed(choosing, other, err) < 0)
				return error_context(err, "%s", other->package);
			return choose_all_needed(choosing, list, err); /* each is needed once at most */
		}
	}
	return 0;
}

int wanted_choose(struct distribution *distribution, const struct candidates *candidates, bool any_hour,
	struct wanted_list *ret_list, struct error *err)
{
	const struct catalog *catalog = distribution->catalog;
	AUTO(wanted_list) struct wanted_list list = {0};
	AUTO(free) struct plan *plan = NULL;
	struct choosing choosing;

	if (!(list.items = calloc(catalog->packages_count ? catalog->packages_count : 1, sizeof(*list.items))) ||
		!(plan = calloc(1, sizeof(*plan))))
		return error_set(err, ERROR_FAILED, "no memory for %zu packages", catalog->packages_count);
	if (begin_choosing(distribution, candidates, any_hour, &choosing, err) < 0 ||
		plan_read(distribution->env.fs, distribution->terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	choosing.plan = plan;
	for (size_t i = 0; i < catalog->packages_count; i++) {
		struct wanted *wanted = &list.items[list.count];

		if (!config_runs(distribution->terminal->config, catalog->packages[i].name))
			continue;
		wanted->group = plan_free_group(plan) + (int)list.count++;
		if (choose_one(&choosing, &catalog->packages[i], wanted, err) < 0)
			return error_context(err, "%s %s", catalog->packages[i].name, catalog->packages[i].version);
	}
	if (choose_all_needed(&choosing, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (wanted_choose_repair(distribution, plan, &list.items[i], err) < 0)
			return error_context(err, "%s", list.items[i].package);
	wanted_pass_requirements(plan, candidates, &list);
	*ret_list = list;
	list = (struct wanted_list){0};
	return 0;
}
