#include "agent/status/status_turn.h"

#include <string.h>

#include "agent/choice/kept_choice.h"
#include "common/text.h"

/* ---- Its own ---- */

static int read_own(struct terminal *terminal, const struct catalog_package *named, struct status_package *package,
	struct error *err)
{
	uint8_t secret[SLOT_SECRET_SIZE];
	struct kept_choice kept;
	bool found;

	if (kept_choice_of_package(terminal->store, package->name, &kept, &found, err) < 0 ||
		store_terminal_secret(terminal->store, secret, err) < 0)
		return -1;
	package->is_not_its_turn = kept_choice_is_not_its_turn(&kept, named, secret, package->version);
	return 0;
}

/* Where the terminal has all that it is to have so far, the candidate that comes later is the newest. */
static void take_candidate(const struct candidates *candidates, struct status_package *package)
{
	const struct candidate_here *here = candidates_of(candidates, package->name);

	if (!here)
		return;
	package->has_candidate = true;
	package->candidate = *here;
	if (!candidate_is_awaited(here))
		return;
	package->is_not_its_turn = true;
	text_assign(package->newest, here->version);
}

/* ---- That of another one ---- */

static const struct status_package *find(const struct status *status, const char *name)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->packages[i].name, name) == 0)
			return &status->packages[i];
	return NULL;
}

/* The first that is missing of what KEPT requires, where all that is missing comes at its turn; NULL elsewhere. */
static const struct status_package *find_awaited(const struct status *status, const struct kept_choice *kept)
{
	const struct status_package *awaited = NULL;
	char words[STORE_TEXT_SIZE], *state = NULL;

	text_assign(words, kept->requirements);
	for (char *word = strtok_r(words, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		const struct status_package *other;
		const char *needed;

		word[strcspn(word, "=")] = '\0';
		needed = strchr(word, '\0') + 1;
		if (!(other = find(status, word)))
			return NULL;
		if (version_compare(other->version, needed) >= 0)
			continue;
		if (!other->is_not_its_turn || version_compare(other->newest, needed) < 0)
			return NULL;
		awaited = awaited ? awaited : other;
	}
	return awaited;
}

/* As it was chosen when the catalog was last read, and as long as that turn has not come. */
static int read_shared(
	struct terminal *terminal, const struct status *status, struct status_package *package, struct error *err)
{
	const struct status_package *awaited;
	struct kept_choice kept;
	bool found;

	if (package->is_not_its_turn || version_is_broken(package->version) ||
		version_compare(package->newest, package->version) <= 0)
		return 0;
	if (kept_choice_of_package(terminal->store, package->name, &kept, &found, err) < 0)
		return -1;
	if (!found || strcmp(kept.version, package->newest) != 0 ||
		strcmp(kept.outcome, wanted_outcome_name(WANTED_NOT_YET)) != 0 || !(awaited = find_awaited(status, &kept)))
		return 0;
	package->is_not_its_turn = true;
	text_assign(package->waits_with, awaited->name);
	return 0;
}

static size_t count_waiting(const struct status *status)
{
	size_t count = 0;

	for (size_t i = 0; i < status->count; i++)
		count += status->packages[i].is_not_its_turn;
	return count;
}

int status_turn_read(struct terminal *terminal, const struct catalog *catalog, const struct candidates *candidates,
	struct status *status, struct error *err)
{
	size_t before;

	for (size_t i = 0; i < status->count; i++) {
		struct status_package *package = &status->packages[i];
		const struct catalog_package *named = catalog_find(catalog, package->name);

		if (!named)
			continue;
		if (read_own(terminal, named, package, err) < 0)
			return -1;
		take_candidate(candidates, package);
	}
	do { /* what waits with one that waits with another */
		before = count_waiting(status);
		for (size_t i = 0; i < status->count; i++)
			if (*status->packages[i].newest && read_shared(terminal, status, &status->packages[i], err) < 0)
				return -1;
	} while (count_waiting(status) > before);
	return 0;
}

/* ---- What a person here keeps away ---- */

static bool is_kept_here(const struct status_package *package)
{
	return package->is_held || package->is_wanted_back;
}

int status_turn_read_needs(struct terminal *terminal, const struct status *status, struct status_package *package, struct error *err)
{
	struct kept_choice kept;
	char *state = NULL;
	bool found;

	if (kept_choice_of_package(terminal->store, package->name, &kept, &found, err) < 0)
		return -1;
	for (char *word = found ? strtok_r(kept.requirements, " ", &state) : NULL; word; word = strtok_r(NULL, " ", &state)) {
		const struct status_package *other;
		size_t len = strcspn(word, "=");

		word[len] = '\0';
		if ((other = find(status, word)) && version_compare(other->version, word + len + 1) < 0)
			package->needs_one_kept_here |= is_kept_here(other);
	}
	return 0;
}
