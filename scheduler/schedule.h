/* May delivery run now, for which night and until when; if not, why not, and when next. */
#ifndef SCHEDULER_SCHEDULE_H
#define SCHEDULER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifests/catalog/catalog.h"
#include "scheduler/window.h"
#include "scheduler/zone.h"

#define SCHEDULE_NEVER INT64_MAX

/* What a terminal's own settings say of its nights: struct config holds one, so that another setting is a member here, a row in
 * agent/config/config.c, a reason below, and a question in rule() of schedule.c. A member that is 0 forbids nothing: whoever asks about
 * the hours alone leaves it so. */
struct schedule_own {
	struct window_list windows;
};

/* What is known; all borrowed. */
struct schedule_rules {
	const struct zone *zone;
	const struct schedule_own *own;
	const struct campaign *campaigns;  /* of the catalog; NULL where there is none yet */
	size_t campaigns_count;
	int64_t disabled_until_s; /* 0: not disabled; SCHEDULE_NEVER: until someone enables it (F8) */
};

/* REASON(enumerator, name, the setting of [delivery] by which this terminal decides; NULL: a campaign does). The name stands in history
 * and JSON, and in docs/scheduling.md. `explain` tells it at the gate of the window, with that setting as its source, or else at the
 * campaign's. */
/* clang-format off */
#define EACH_SCHEDULE_REASON(REASON) \
	REASON(OPEN, "open", "window") /* may run now */ \
	REASON(DISABLED, "disabled", "window") /* by staff: in rules that have it (agent/turn/windows.h) */ \
	REASON(OUTSIDE_WINDOW, "outside-window", "window") \
	REASON(OUTSIDE_CAMPAIGN_WINDOW, "outside-campaign-window", NULL) /* the terminal's is open, the campaign's narrower one is not */ \
	REASON(CAMPAIGN_NOT_BEGUN, "campaign-not-begun", NULL) \
	REASON(NIGHT_LEFT_OUT, "night-left-out", NULL) \
	REASON(CAMPAIGN_OVER, "campaign-over", NULL) /* and nothing holds afterwards */
/* clang-format on */

/* What decides. */
enum schedule_reason {
#define SCHEDULE_ENUMERATOR(enumerator, name, setting) SCHEDULE_##enumerator,
	EACH_SCHEDULE_REASON(SCHEDULE_ENUMERATOR)
#undef SCHEDULE_ENUMERATOR
};

struct schedule_answer {
	enum schedule_reason reason; /* SCHEDULE_OPEN: may run now */
	int64_t opens_s;  /* when the window that is open now opened, or the next one opens; or SCHEDULE_NEVER */
	int64_t closes_s; /* when that window closes: not a byte afterwards; or SCHEDULE_NEVER */
	struct night_date night; /* the night that window belongs to; of no meaning where it never opens */
	bool all_day;		 /* that window is the day-long one after a campaign (F3) */
	int64_t campaign;	 /* number of the campaign that decides; 0: none, the terminal's windows alone */
};

/* The answer for one package at NOW_S. PACKAGE NULL asks for the terminal as a whole: when it may ask the server what
 * is new. That is every window of its own, whatever campaigns say, so that it hears of new ones; and all day, while
 * that holds for any package. */
void schedule_ask(
	const struct schedule_rules *rules, const char *package, int64_t now_s, struct schedule_answer *ret_answer);

/* The same, for the first window that opens after that of ANSWER has closed. */
void schedule_ask_next(const struct schedule_rules *rules, const char *package, const struct schedule_answer *answer,
	struct schedule_answer *ret_next);

/* When a disabling that began at SINCE_S ends: at UNTIL_S (SCHEDULE_NEVER: no end), or earlier where the signed
 * policy allows at most LONGEST_DAYS (0: no limit). */
int64_t schedule_disabled_until_s(int64_t since_s, int64_t until_s, int64_t longest_days);

/* A reason as history and JSON show it, such as "outside-window"; and its setting, as its row says. */
const char *schedule_reason_name(enum schedule_reason reason);
const char *schedule_reason_setting(enum schedule_reason reason);

#endif
