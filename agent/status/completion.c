#include "agent/status/completion.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/server/distribution.h"
#include "agent/status/status_collect.h"
#include "agent/store/delivery_rows.h"
#include "agent/store/installed.h"
#include "common/text.h"

void completion_clear(struct completion *completion)
{
	free(completion->packages);
	*completion = (struct completion){0};
}

/* ---- The campaign ---- */

static const struct campaign *find_campaign(
	const struct catalog *catalog, int64_t number, const struct night_date *today)
{
	const struct campaign *found = NULL;

	for (size_t i = 0; i < catalog->campaigns_count; i++) {
		const struct campaign *campaign = &catalog->campaigns[i];

		if (number ? campaign->number == number : night_date_compare(&campaign->first_night, today) <= 0)
			found = campaign;
	}
	return found;
}

static int choose_campaign(const struct catalog *catalog, int64_t number, const struct night_date *today,
	const struct campaign **ret_campaign, struct error *err)
{
	if ((*ret_campaign = find_campaign(catalog, number, today)))
		return 0;
	if (number)
		return error_set(err, ERROR_NOT_FOUND, "the catalog names no campaign %" PRId64, number);
	return error_set(err, ERROR_NOT_FOUND, "the catalog names no campaign that has begun");
}

static bool delivers(const struct campaign *campaign, const char *package)
{
	for (size_t i = 0; i < campaign->packages_count; i++)
		if (strcmp(campaign->packages[i], package) == 0)
			return true;
	return campaign->packages_count == 0;
}

/* ---- Its packages ---- */

/* What the operator does not give this terminal yet is not asked of it. */
static bool is_done(const struct status_package *package)
{
	return !version_is_broken(package->version) && !package->on_trial && !package->condemned &&
	       (version_compare(package->version, package->newest) >= 0 || package->is_not_its_turn);
}

/* Since when it is confirmed; where the store knows of no delivery of it, since when it is current. */
static int find_since(
	struct terminal *terminal, const struct status_package *package, int64_t *ret_since_s, struct error *err)
{
	struct installed_row installed;
	bool found;

	if (package->has_delivery && package->delivery.state == DELIVERY_CONFIRMED &&
		strcmp(package->delivery.version, package->version) == 0) {
		*ret_since_s = package->delivery.changed_s;
		return 0;
	}
	if (installed_find(terminal->store, package->name, &installed, &found, err) < 0)
		return -1;
	*ret_since_s = found ? installed.since_s : 0;
	return 0;
}

static int take_package(struct terminal *terminal, const struct status_package *package,
	struct completion *completion, struct error *err)
{
	struct completion_package *taken = &completion->packages[completion->count++];

	text_assign(taken->name, package->name);
	text_assign(taken->version, package->version);
	text_assign(taken->wanted, package->newest);
	taken->is_done = is_done(package);
	return taken->is_done ? find_since(terminal, package, &taken->since_s, err) : 0;
}

static int take_packages(
	struct terminal *terminal, const struct campaign *campaign, struct completion *completion, struct error *err)
{
	AUTO(status) struct status status = {0};

	if (status_collect(terminal, &status, err) < 0)
		return -1;
	if (!(completion->packages = calloc(status.count + 1, sizeof(*completion->packages))))
		return error_set(err, ERROR_FAILED, "out of memory");
	for (size_t i = 0; i < status.count; i++)
		if (*status.packages[i].newest && delivers(campaign, status.packages[i].name) &&
			take_package(terminal, &status.packages[i], completion, err) < 0)
			return -1;
	return 0;
}

static void set_date(const struct zone *zone, const struct campaign *campaign, struct completion *completion)
{
	int64_t since_s = 0, second;

	completion->is_complete = completion->count > 0;
	for (size_t i = 0; i < completion->count; i++) {
		completion->is_complete &= completion->packages[i].is_done;
		if (completion->packages[i].since_s > since_s)
			since_s = completion->packages[i].since_s;
	}
	zone_to_local(zone, since_s, &completion->date, &second);
	if (night_date_compare(&completion->date, &campaign->first_night) < 0)
		completion->date = campaign->first_night;
}

int completion_find(struct terminal *terminal, int64_t number, struct completion *ret_completion, struct error *err)
{
	const struct clock *clock = terminal->env->clock;
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(completion) struct completion completion = {0};
	const struct campaign *campaign;
	struct night_date today;
	int64_t second;

	zone_to_local(terminal->config->zone, clock->now_s(clock), &today, &second);
	if (distribution_kept_catalog(terminal, &catalog, err) < 0 ||
		choose_campaign(catalog, number, &today, &campaign, err) < 0)
		return error_context(err, "completion report");
	completion.campaign = campaign->number;
	record_text(campaign->title, completion.title, sizeof(completion.title));
	if (take_packages(terminal, campaign, &completion, err) < 0)
		return error_context(err, "completion report");
	set_date(terminal->config->zone, campaign, &completion);
	*ret_completion = completion;
	completion = (struct completion){0};
	return 0;
}
