#include "agent/choice/wanted_repair.h"

#include <string.h>

#include "agent/sound/sound_check.h"
#include "agent/store/history.h"
#include "agent/store/quarantine.h"
#include "updater/fetch/http_hop.h"

static bool is_on_its_way(const struct plan *plan, const struct wanted *wanted)
{
	return wanted->outcome == WANTED_DELIVER || plan_find((struct plan *)plan, wanted->package) != NULL;
}

/* The release that FOLDER holds, as the server has it. *RET_WHY says why it cannot be had from there. */
static int fetch_current(struct distribution *distribution, const struct wanted *wanted, struct offer *ret_offer,
	struct error *ret_why, struct error *err)
{
	struct store *store = distribution->terminal->store;
	char target[PACKAGE_TARGET_SIZE];
	struct quarantine_row row;
	bool found;

	package_release_target(wanted->package, wanted->current_version, target);
	if (distribution_offer(
		    distribution, wanted->package, wanted->current_version, target, ret_offer, ret_why) < 0)
		return 0;
	if (quarantine_find(store, wanted->package, ret_offer->digest, &row, &found, err) < 0)
		return -1;
	if (found)
		(void)error_set(ret_why, ERROR_NOT_FOUND, "it was taken back before: %.180s", row.reason);
	else if (!package_folder_is_same_release(ret_offer->folder, wanted->current))
		(void)error_set(ret_why, ERROR_NOT_FOUND, "the server has another release under this version");
	return 0;
}

static int note_obstacle(struct store *store, const char *package, struct soundness *soundness,
	const struct error *why, struct error *err)
{
	char obstacle[STORE_TEXT_SIZE];

	record_text(why->text, obstacle, sizeof(obstacle));
	if (strcmp(obstacle, soundness->obstacle) == 0)
		return 0;
	memcpy(soundness->obstacle, obstacle, sizeof(obstacle));
	return soundness_put(store, package, soundness, err);
}

/* The signed list of the files stands beside the folder again; then what it says of them is looked up. */
static int bring_list(struct distribution *distribution, const struct wanted *wanted, const struct offer *offer,
	struct soundness *soundness, struct error *err)
{
	static const struct sound_watch nobody = {0};
	AUTO(versions) struct versions *versions = NULL;
	struct fs *fs = distribution->env.fs;
	char name[VERSIONS_FOLDER_SIZE + sizeof(".json")];
	struct sound_result result;

	(void)snprintf(name, sizeof(name), "%s.json", wanted->current);
	if (versions_open(fs, distribution->terminal->packages_dir_fd, wanted->package, &versions, err) < 0 ||
		fs_write_file(fs, versions_dir_fd(versions), name, buf_text(&offer->json), offer->json.len, 0644, err) <
			0 ||
		sound_check(distribution->terminal, wanted->package, SOUND_WHOLE, &nobody, &result, err) < 0)
		return -1;
	*soundness = result.soundness;
	return 0;
}

static void take_offer(struct wanted *wanted, struct offer *offer)
{
	offer_clear(&wanted->offer);
	wanted->offer = *offer;
	*offer = (struct offer){0};
	package_folder_beside(wanted->current, wanted->offer.folder);
	(void)snprintf(wanted->version, sizeof(wanted->version), "%s", wanted->current_version);
	wanted->newest_outcome = wanted->outcome;
	wanted->outcome = WANTED_DELIVER;
	wanted->repairs = true;
	wanted->campaign = 0;
}

/* What came in its place, or that nothing came, says nothing about what the server has. */
static bool comes_later(const struct error *why)
{
	return why->code == ERROR_STRANGER || why->code == ERROR_ALTERED || why->code == ERROR_EXPIRED || http_failed_alone(why);
}

static int put_off(struct store *store, struct wanted *wanted, const struct error *why, struct error *err)
{
	const struct history_entry entry = {.operation = "check",
		.package = wanted->package,
		.version = wanted->current_version,
		.outcome = "refused",
		.error = why->code,
		.detail = why->text};

	wanted_shut_unavailable(wanted, why);
	return why->code == ERROR_ALTERED ? history_add(store, &entry, err) : 0;
}

int wanted_choose_repair(
	struct distribution *distribution, const struct plan *plan, struct wanted *wanted, struct error *err)
{
	struct store *store = distribution->terminal->store;
	AUTO(offer) struct offer offer = {0};
	struct soundness soundness;
	struct error why = {0};

	if (!*wanted->current || is_on_its_way(plan, wanted))
		return 0;
	if (soundness_find(store, wanted->package, wanted->current, &soundness, err) < 0)
		return -1;
	if (!soundness_is_damaged(&soundness))
		return 0;
	if (fetch_current(distribution, wanted, &offer, &why, err) < 0)
		return -1;
	if (distribution_blame(distribution, wanted->package, wanted->current, &why, err) < 0)
		return -1;
	if (wanted_ends_all(&why)) {
		*err = why;
		return -1;
	}
	if (comes_later(&why))
		return put_off(store, wanted, &why, err);
	if (!why.code && *soundness.list_fault && bring_list(distribution, wanted, &offer, &soundness, err) < 0)
		return -1;
	if (note_obstacle(store, wanted->package, &soundness, &why, err) < 0)
		return -1;
	if (!why.code && soundness_is_damaged(&soundness))
		take_offer(wanted, &offer);
	return 0;
}
