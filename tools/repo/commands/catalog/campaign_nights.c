#include "tools/repo/commands/catalog/campaign_nights.h"

#include <inttypes.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/catalog/catalog.h"
#include "scheduler/schedule.h"

/* Of terminals whose settings say nothing else. */
#define USUAL_ZONE "Asia/Tokyo"
#define USUAL_WINDOW "20:00-05:00"
/* Of those that a campaign's own window is for, whatever it is. */
#define ANY_WINDOW "00:00-24:00"

static const struct campaign *find_campaign(const struct catalog *catalog, int64_t number)
{
	for (size_t i = 0; i < catalog->campaigns_count; i++)
		if (catalog->campaigns[i].number == number)
			return &catalog->campaigns[i];
	return NULL;
}

/* Whether a night of the campaign itself, not of the time after it, is open now or to come. */
static bool has_night(const struct campaign *campaign, const struct zone *zone, int64_t now_s)
{
	struct schedule_own own = {0};
	const struct schedule_rules rules = {.zone = zone, .own = &own, .campaigns = campaign, .campaigns_count = 1};
	const char *package = campaign->packages_count ? campaign->packages[0] : "";
	struct schedule_answer answer;

	if (window_list_parse(campaign->window ? ANY_WINDOW : USUAL_WINDOW, &own.windows, NULL) < 0)
		return true;
	schedule_ask(&rules, package, now_s, &answer);
	return answer.opens_s != SCHEDULE_NEVER && !answer.all_day && night_date_compare(&answer.night, &campaign->first_night) >= 0 &&
	       night_date_compare(&answer.night, &campaign->last_night) <= 0;
}

static void warn_of_nights(const struct tool *tool, const struct campaign *campaign, const struct zone *zone)
{
	int64_t now_s = tool->clock->now_s(tool->clock), second;
	char last[NIGHT_DATE_TEXT_SIZE];
	struct night_date today;

	if (has_night(campaign, zone, now_s))
		return;
	(void)night_date_text(&campaign->last_night, last);
	zone_to_local(zone, now_s, &today, &second);
	if (night_date_compare(&campaign->last_night, &today) >= 0)
		log_line(tool->log, LOG_LEVEL_WARNING,
			"campaign %" PRId64 " has no night left to deliver in: each is over or left out, or its window begins on "
			"none of them",
			campaign->number);
	else if (campaign->afterwards == CAMPAIGN_AFTERWARDS_ALL_DAY)
		log_line(tool->log, LOG_LEVEL_WARNING,
			"campaign %" PRId64 " ended with the night of %s: what it delivers comes at any time of the day from now on",
			campaign->number, last);
	else
		log_line(tool->log, LOG_LEVEL_WARNING,
			"campaign %" PRId64 " ended with the night of %s: no terminal delivers by it any more", campaign->number,
			last);
}

void campaign_nights_warn(const struct tool *tool, const json_t *catalog, int64_t number)
{
	AUTO(buf) struct buf bytes = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(catalog) struct catalog *parsed = NULL;
	AUTO(zone) struct zone *zone = NULL;
	const struct campaign *campaign;

	if (json_write(catalog, &bytes, NULL) < 0 || catalog_parse(bytes.data, bytes.len, &parsed, NULL) < 0 ||
		!(campaign = find_campaign(parsed, number)))
		return;
	if (zone_load(tool->fs, USUAL_ZONE, &zone, NULL) == 0)
		warn_of_nights(tool, campaign, zone);
}
