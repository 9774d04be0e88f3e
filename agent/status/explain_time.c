#include "agent/status/explain_question.h"

#include <inttypes.h>
#include <string.h>

/* The gates of time: the campaign, the window, and this terminal's turn in it. */

static void ask_schedule(const struct explain_case *about, struct schedule_answer *ret_answer)
{
	schedule_ask(&about->facts->rules, about->package->name, about->facts->status->now_s, ret_answer);
}

/* "2026-01-10 20:00 - 05:00"; "" where it never opens again. */
static void write_hours(
	const struct explain_facts *facts, const struct schedule_answer *answer, char *ret_text, size_t size)
{
	char opens[EXPLAIN_WALL_SIZE], closes[EXPLAIN_WALL_SIZE] = "";
	const char *ends = closes;

	*ret_text = '\0';
	if (answer->opens_s == SCHEDULE_NEVER)
		return;
	if (answer->closes_s != SCHEDULE_NEVER)
		(void)explain_wall(facts, answer->closes_s, closes);
	if (answer->closes_s - answer->opens_s <= 86400) /* its hour says enough */
		ends = strstr(closes, " 00:00") ? "24:00" : strchr(closes, ' ') ? strchr(closes, ' ') + 1 : closes;
	(void)snprintf(ret_text, size, "%s - %s", explain_wall(facts, answer->opens_s, opens), ends);
}

int explain_ask_campaign(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	char hours[2 * EXPLAIN_WALL_SIZE];
	struct schedule_answer schedule;

	(void)err;
	ask_schedule(about, &schedule);
	write_hours(about->facts, &schedule, hours, sizeof(hours));
	answer->open = schedule_reason_setting(schedule.reason) != NULL;
	if (schedule.campaign || !answer->open) {
		explain_set_value(answer, "%" PRId64 "%s%s", schedule.campaign, *hours ? ": " : "", hours);
		explain_source_is_catalog(about->facts, answer);
	}
	if (!answer->open)
		(void)snprintf(answer->detail, sizeof(answer->detail), "%s", schedule_reason_name(schedule.reason));
	return 0;
}

int explain_ask_window(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	char hours[2 * EXPLAIN_WALL_SIZE];
	struct schedule_answer schedule;
	const char *setting;

	(void)err;
	ask_schedule(about, &schedule);
	write_hours(about->facts, &schedule, hours, sizeof(hours));
	setting = schedule_reason_setting(schedule.reason);
	answer->open = schedule.reason == SCHEDULE_OPEN || !setting;
	explain_set_value(answer, "%s", hours);
	explain_source_is_setting(about->facts, answer, "delivery", setting ? setting : "window");
	return 0;
}

int explain_ask_turn(const struct explain_case *about, struct explain_answer *answer, struct error *err)
{
	const struct explain_facts *facts = about->facts;
	char text[EXPLAIN_WALL_SIZE];
	struct schedule_answer schedule;

	(void)err;
	if (!facts->turn_s)
		return 0;
	ask_schedule(about, &schedule);
	answer->open = facts->turn_s <= facts->status->now_s || schedule.reason != SCHEDULE_OPEN;
	explain_set_value(answer, "%s", explain_wall(facts, facts->turn_s, text));
	return 0;
}
