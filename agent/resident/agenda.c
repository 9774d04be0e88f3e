#include "agent/resident/agenda.h"

#include <inttypes.h>
#include <string.h>

#include "agent/power/wake.h"
#include "agent/restart/restart.h"
#include "agent/restart/take_back.h"
#include "agent/store/contact.h"
#include "agent/turn/account.h"
#include "agent/turn/windows.h"
#include "rollback/plan.h"
#include "scheduler/backoff.h"
#include "scheduler/slot.h"
#include "scheduler/turn.h"

#define WINDOWS_AHEAD 8		 /* looked at for the next turn */
#define AGAIN_MOST_S (2 * 86400) /* no pause is longer: one that says so was noted by a clock that was ahead */
#define CONFIRM_PAUSE_S 300	 /* before health that could not be told is asked for again */

/* Names of settings in the store. Times are in seconds, UTC. */
#define SETTING_SEEN_WINDOW "window.seen_opens_s" /* the window that SETTING_SEEN is about */
#define SETTING_SEEN "window.first_seen_s"	  /* when the terminal was first on in it */
#define SETTING_DONE_WINDOW "window.done_opens_s" /* the window that SETTING_DONE is about */
#define SETTING_DONE "window.done_s"		  /* when the terminal last finished its work in it */
#define SETTING_AGAIN "window.again_s"		  /* not before then */
#define SETTING_CONFIRM "confirm.again_s"	  /* not before then */

static int64_t boot_s(const struct terminal *terminal)
{
	const struct clock *clock = terminal->env->clock;

	return clock->now_s(clock) - clock->monotonic_ms(clock) / 1000;
}

/* When the terminal was first on in a window that is open; recorded, so that a restart does not move its turn. */
static int first_seen(
	struct terminal *terminal, const struct schedule_answer *window, int64_t *ret_seen_s, struct error *err)
{
	int64_t seen_opens_s;

	*ret_seen_s = 0;
	if (window->reason != SCHEDULE_OPEN)
		return 0;
	if (store_number(terminal->store, SETTING_SEEN_WINDOW, &seen_opens_s, err) < 0)
		return -1;
	if (seen_opens_s == window->opens_s)
		return store_number(terminal->store, SETTING_SEEN, ret_seen_s, err);
	*ret_seen_s = terminal_now_s(terminal);
	if (store_set_number(terminal->store, SETTING_SEEN, *ret_seen_s, err) < 0)
		return -1;
	return store_set_number(terminal->store, SETTING_SEEN_WINDOW, window->opens_s, err);
}

/* The terminal's next turn in a window; SCHEDULE_NEVER where none is left in it. */
static int turn_in(struct terminal *terminal, const struct schedule_rules *rules,
	const struct schedule_answer *window, int64_t *ret_due_s, struct error *err)
{
	const struct config *config = terminal->config;
	int64_t done_opens_s, done_s, again_s, turn_s;
	uint8_t secret[SLOT_SECRET_SIZE];
	struct slot_facts facts = {
		.secret = secret,
		.night = window->night,
		.opens_s = window->opens_s,
		.closes_s = window->closes_s,
		.boot_s = boot_s(terminal),
		.start_delay_s = config->start_delay_s,
	};

	if (store_terminal_secret(terminal->store, secret, err) < 0 ||
		first_seen(terminal, window, &facts.first_seen_s, err) < 0 ||
		account_likely_on_for(terminal, window, &facts.on_for_s, err) < 0 ||
		store_number(terminal->store, SETTING_DONE_WINDOW, &done_opens_s, err) < 0 ||
		store_number(terminal->store, SETTING_DONE, &done_s, err) < 0 ||
		store_number(terminal->store, SETTING_AGAIN, &again_s, err) < 0)
		return -1;
	turn_s = turn_next_s(rules, (const char *const *)config->packages.items, config->packages.count, &facts,
		done_opens_s == window->opens_s ? done_s : 0);
	if (again_s > terminal_now_s(terminal) + AGAIN_MOST_S)
		again_s = 0;
	if (turn_s != SCHEDULE_NEVER && turn_s < again_s)
		turn_s = again_s;
	*ret_due_s = turn_s < window->closes_s ? turn_s : SCHEDULE_NEVER;
	return 0;
}

static int next_night(struct terminal *terminal, struct agenda *ret_agenda, struct error *err)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct schedule_rules rules;
	struct schedule_answer window, after;
	int64_t due_s = SCHEDULE_NEVER;
	char text[CLOCK_TEXT_SIZE];

	if (windows_rules(terminal, &catalog, &rules, err) < 0)
		return -1;
	schedule_ask(&rules, NULL, terminal_now_s(terminal), &window);
	for (int windows = 0; windows < WINDOWS_AHEAD && window.opens_s != SCHEDULE_NEVER;
		windows++, window = after) {
		if (turn_in(terminal, &rules, &window, &due_s, err) < 0)
			return -1;
		if (due_s != SCHEDULE_NEVER)
			break;
		schedule_ask_next(&rules, NULL, &window, &after);
	}
	ret_agenda->kind = JOB_NIGHT;
	ret_agenda->due_s = due_s;
	ret_agenda->night_s = due_s;
	if (due_s == SCHEDULE_NEVER)
		(void)snprintf(ret_agenda->reason, sizeof(ret_agenda->reason), "no window opens: %s",
			schedule_reason_name(window.reason));
	else
		(void)snprintf(ret_agenda->reason, sizeof(ret_agenda->reason),
			"the turn of this terminal in the window that opens %s", clock_text(window.opens_s, text));
	return 0;
}

/* A restart that is due before the next night takes its place. */
static int next_restart(struct terminal *terminal, struct agenda *agenda, struct error *err)
{
	int64_t due_s;

	if (restart_due_s(terminal, boot_s(terminal), &due_s, err) < 0)
		return -1;
	if (due_s == SCHEDULE_NEVER || due_s > agenda->due_s)
		return 0;
	agenda->kind = JOB_RESTART;
	agenda->due_s = due_s;
	(void)snprintf(agenda->reason, sizeof(agenda->reason), "something is staged; %s%s",
		*terminal->config->restart_at ? "[restart] at = " : "somebody asked for it tonight",
		terminal->config->restart_at);
	return 0;
}

/* Where nothing else is to be done soon, a machine that was woken for its turn is powered down again. */
static int next_power_down(struct terminal *terminal, struct agenda *agenda, struct error *err)
{
	int64_t due_s;

	if (wake_down_due_s(terminal, agenda->due_s, &due_s, err) < 0)
		return -1;
	if (due_s == SCHEDULE_NEVER)
		return 0;
	agenda->kind = JOB_POWER_DOWN;
	agenda->due_s = due_s;
	(void)strcpy(agenda->reason, "the machine was woken for its turn, and nobody uses it");
	return 0;
}

/* What there is to do for the job "confirm", in words; "" where there is nothing. */
static int find_trials(struct terminal *terminal, char ret_reason[static STORE_TEXT_SIZE], struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	bool is_due;
	int trials;

	*ret_reason = '\0';
	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0 ||
		take_back_is_due(terminal, plan, &is_due, err) < 0)
		return -1;
	if ((trials = plan_count_trials(plan)) > 0)
		(void)snprintf(ret_reason, STORE_TEXT_SIZE, "packages on trial since the restart: %d", trials);
	else if (is_due)
		(void)snprintf(ret_reason, STORE_TEXT_SIZE, "a release that failed is to be taken back");
	return 0;
}

/* Not before the start delay is over: health is asked for once the applications have had time to start. */
static int64_t confirm_due_s(const struct terminal *terminal, int64_t again_s)
{
	int64_t now_s = terminal_now_s(terminal), settled_s = boot_s(terminal) + terminal->config->start_delay_s;
	int64_t due_s = again_s > now_s && again_s <= now_s + CONFIRM_PAUSE_S ? again_s : now_s;

	return due_s < settled_s ? settled_s : due_s;
}

int agenda_next(struct terminal *terminal, struct agenda *ret_agenda, struct error *err)
{
	char reason[STORE_TEXT_SIZE];
	struct error no_night = {0};
	int64_t again_s;

	if (find_trials(terminal, reason, err) < 0 ||
		store_number(terminal->store, SETTING_CONFIRM, &again_s, err) < 0)
		return -1;
	if (!*reason) {
		if (next_night(terminal, ret_agenda, err) < 0 || next_restart(terminal, ret_agenda, err) < 0)
			return -1;
		return next_power_down(terminal, ret_agenda, err);
	}
	if (next_night(terminal, ret_agenda, &no_night) < 0) /* what is on trial is asked about all the same */
		ret_agenda->night_s = SCHEDULE_NEVER;
	ret_agenda->kind = JOB_CONFIRM;
	ret_agenda->due_s = confirm_due_s(terminal, again_s);
	(void)strcpy(ret_agenda->reason, reason);
	return 0;
}

static const char *window_outcome(
	const struct terminal *terminal, const struct job_result *result, const struct error *why)
{
	if (result->contact)
		return CONTACT_MADE;
	if (why && why->code == ERROR_DISABLED)
		return CONTACT_DISABLED;
	if (windows_clock_is_behind(terminal))
		return CONTACT_CLOCK;
	if (why && why->code == ERROR_FAILED)
		return CONTACT_NOT_RUNNING;
	return why && (why->code == ERROR_SERVER || why->code == ERROR_REFUSED || why->code == ERROR_ALTERED ||
			      why->code == ERROR_EXPIRED)
		       ? CONTACT_SERVER
		       : CONTACT_NETWORK;
}

static int record_night(struct terminal *terminal, const struct schedule_answer *window,
	const struct job_result *result, const struct error *why, struct contact_row *ret_row, struct error *err)
{
	bool found, woken;

	if (contact_find(terminal->store, window->opens_s, ret_row, &found, err) < 0)
		return -1;
	if (!found)
		*ret_row = (struct contact_row){.opens_s = window->opens_s, .first_try_s = terminal_now_s(terminal)};
	(void)night_date_text(&window->night, ret_row->date);
	ret_row->closes_s = window->closes_s;
	ret_row->attempts++;
	if (result->contact)
		ret_row->contact_s = terminal_now_s(terminal);
	if (wake_was_for(terminal, window, &woken, err) < 0)
		return -1;
	ret_row->woken = woken;
	if (result->contact || !ret_row->contact_s)
		(void)snprintf(
			ret_row->outcome, sizeof(ret_row->outcome), "%s", window_outcome(terminal, result, why));
	(void)snprintf(ret_row->detail, sizeof(ret_row->detail), "%.*s", STORE_TEXT_SIZE - 1, why ? why->text : "");
	return contact_put(terminal->store, ret_row, err);
}

/* The brake may let a stage open later in this night, and whoever watches a candidate may be there again to hear how it goes: terminals ask
 * again, each at a moment of its own. */
static void decide_again(const struct job_result *result, const struct error *why, const struct backoff_facts *facts,
	struct backoff *ret_backoff)
{
	*ret_backoff = (struct backoff){.verdict = BACKOFF_NEXT_NIGHT};
	if (why)
		backoff_decide(facts, ret_backoff);
	else if (result->held > 0 || result->owes_report)
		backoff_ask_again(facts, ret_backoff);
}

int agenda_settle_night(struct terminal *terminal, const struct schedule_answer *window,
	const struct job_result *result, const struct error *why, struct error *err)
{
	uint8_t secret[SLOT_SECRET_SIZE];
	struct contact_row row;
	struct backoff backoff;
	struct backoff_facts facts = {
		.code = why ? why->code : ERROR_FAILED,
		.ended_s = terminal_now_s(terminal),
		.attempts_per_night = terminal->config->attempts_per_night,
		.retry_after_s = why ? why->retry_after_s : 0,
		.closes_s = window->closes_s,
		.secret = secret,
	};

	if (record_night(terminal, window, result, why, &row, err) < 0 ||
		store_terminal_secret(terminal->store, secret, err) < 0)
		return -1;
	facts.attempts = row.attempts;
	decide_again(result, why, &facts, &backoff);
	if (store_set_number(terminal->store, SETTING_AGAIN, backoff.again_s, err) < 0)
		return -1;
	if (backoff.verdict == BACKOFF_AGAIN)
		return 0;
	if (store_set_number(terminal->store, SETTING_DONE, terminal_now_s(terminal), err) < 0)
		return -1;
	return store_set_number(terminal->store, SETTING_DONE_WINDOW, window->opens_s, err);
}

int agenda_settle_confirm(struct terminal *terminal, const struct error *why, struct error *err)
{
	return store_set_number(
		terminal->store, SETTING_CONFIRM, why ? terminal_now_s(terminal) + CONFIRM_PAUSE_S : 0, err);
}

int agenda_settle_lost(struct terminal *terminal, enum job_kind kind, const struct error *why, struct error *err)
{
	struct schedule_answer window;

	if (kind == JOB_CONFIRM)
		return agenda_settle_confirm(terminal, why, err);
	if (kind != JOB_NIGHT)
		return 0;
	if (windows_ask(terminal, &window, err) < 0)
		return -1;
	return window.reason == SCHEDULE_OPEN
		       ? agenda_settle_night(terminal, &window, &(struct job_result){0}, why, err)
		       : 0;
}
