#include "agent/turn/account.h"

#include <inttypes.h>
#include <string.h>

#include "agent/machine/machine_clock.h"
#include "agent/server/last_contact.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/store/presence.h"
#include "agent/turn/windows.h"
#include "manifests/catalog/catalog.h"
#include "manifests/tuf/time_floor.h"

/* All windows that closed at this moment or before are accounted for. */
#define SETTING_UNTIL "window.accounted_until_s"

#define DAY_S 86400
#define PRESENCE_KEPT_S (40 * DAY_S)
#define LOOKED_BACK_S (14 * DAY_S)     /* for the habit of switching the terminal off */
#define ACCOUNTED_BACK_S (400 * DAY_S) /* what is longer is told of in one row */

/* ---- What became of one window ---- */

static int was_disabled(
	struct terminal *terminal, const struct schedule_answer *window, bool *ret_disabled, struct error *err)
{
	struct pause_row pause;

	if (pause_find(terminal->store, "", window->opens_s, &pause, ret_disabled, err) < 0)
		return -1;
	*ret_disabled = *ret_disabled && pause.since_s < window->closes_s;
	return 0;
}

static void set_outcome(struct contact_row *row, const char *outcome, const char *detail)
{
	(void)snprintf(row->outcome, sizeof(row->outcome), "%s", outcome);
	(void)snprintf(row->detail, sizeof(row->detail), "%s", detail);
}

/* The terminal did not try: why? */
static void judge_silence(struct contact_row *row, const struct presence_share *share)
{
	char detail[STORE_TEXT_SIZE];

	if (share->left_running)
		set_outcome(row, CONTACT_NOT_RUNNING, "the machine was on, haishind was not running");
	else if (!row->on_s)
		set_outcome(row, CONTACT_OFF, "");
	else if (row->on_s >= row->closes_s - row->opens_s - PRESENCE_GAP_S)
		set_outcome(row, CONTACT_NOT_RUNNING, "haishind was there and did not try");
	else {
		(void)snprintf(
			detail, sizeof(detail), "on for %" PRId64 " minutes of it, not at its turn", row->on_s / 60);
		set_outcome(row, CONTACT_OFF, detail);
	}
}

/* What all windows of one account share. */
struct accounting {
	struct terminal *terminal;
	int64_t contact_s;    /* the last one */
	bool clock_was_wrong; /* all the time */
};

static int judge_window(const struct accounting *accounting, const struct schedule_answer *window,
	struct contact_row *row, struct error *err)
{
	struct terminal *terminal = accounting->terminal;
	int64_t contact_s = accounting->contact_s;
	struct presence_share share;
	bool disabled;

	if (presence_share(terminal->store, window->opens_s, window->closes_s, &share, err) < 0 ||
		was_disabled(terminal, window, &disabled, err) < 0)
		return -1;
	row->on_s = share.on_s;
	row->on_for_s = share.on_for_s;
	if (contact_s >= window->opens_s && contact_s < window->closes_s && !row->contact_s)
		row->contact_s = contact_s; /* a check by hand, or the button */
	if (row->contact_s)
		(void)snprintf(row->outcome, sizeof(row->outcome), "%s", CONTACT_MADE);
	else if (!row->attempts && disabled)
		set_outcome(row, CONTACT_DISABLED, "");
	else if (!row->attempts && accounting->clock_was_wrong)
		set_outcome(row, CONTACT_CLOCK, "");
	else if (!row->attempts)
		judge_silence(row, &share);
	return 0;
}

static int record_missed(struct store *store, const struct contact_row *row, struct error *err)
{
	bool is_fault = strcmp(row->outcome, CONTACT_OFF) != 0 && strcmp(row->outcome, CONTACT_DISABLED) != 0;
	char detail[STORE_TEXT_SIZE], opens[CLOCK_TEXT_SIZE];
	struct history_entry entry = {
		.operation = "window",
		.outcome = is_fault ? "failed" : "done",
		.detail = detail,
	};

	(void)snprintf(detail, sizeof(detail), "no contact in the window of %s that opened %s: %s%s%.120s", row->date,
		clock_text(row->opens_s, opens), row->outcome, *row->detail ? ": " : "", row->detail);
	return history_add(store, &entry, err);
}

static int account_window(
	const struct accounting *accounting, const struct schedule_answer *window, struct error *err)
{
	struct store *store = accounting->terminal->store;
	struct contact_row row;
	bool found;

	if (contact_find(store, window->opens_s, &row, &found, err) < 0)
		return -1;
	if (!found)
		row = (struct contact_row){.opens_s = window->opens_s};
	row.closes_s = window->closes_s;
	(void)night_date_text(&window->night, row.date);
	if (judge_window(accounting, window, &row, err) < 0 || contact_put(store, &row, err) < 0)
		return -1;
	return strcmp(row.outcome, CONTACT_MADE) == 0 ? 0 : record_missed(store, &row, err);
}

/* ---- All of them ---- */

/* After so long nobody asks for each window; and where it is the clock that is wrong since the machine's start, none is made up. */
static int pass_over(struct terminal *terminal, int64_t *since_s, int64_t until_s, struct error *err)
{
	char detail[STORE_TEXT_SIZE], since[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	struct history_entry entry = {.operation = "window", .outcome = "done", .detail = detail};

	if (*since_s >= until_s - ACCOUNTED_BACK_S)
		return 0;
	(void)snprintf(detail, sizeof(detail),
		"windows from %s to %s are not told of one by one: the terminal was off, or its clock was wrong",
		clock_text(*since_s, since), clock_text(until_s, until));
	*since_s = until_s;
	if (store_set_number(terminal->store, SETTING_UNTIL, until_s, err) < 0)
		return -1;
	return history_add(terminal->store, &entry, err);
}

/* All windows that closed after SINCE_S, and by UNTIL_S at the latest. */
static int account_between(
	struct terminal *terminal, int64_t since_s, int64_t until_s, bool clock_was_wrong, struct error *err)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct accounting accounting = {.terminal = terminal, .clock_was_wrong = clock_was_wrong};
	const struct schedule_rules rules = windows_rules_whatever_staff_said(terminal, &catalog);
	struct schedule_answer window, next;
	struct last_contact contact;
	int64_t last_s;

	if (pass_over(terminal, &since_s, until_s, err) < 0 ||
		last_contact_read(terminal->store, &contact, err) < 0)
		return -1;
	last_s = since_s;
	accounting.contact_s = contact.contact_s;
	schedule_ask(&rules, NULL, since_s, &window);
	for (; window.closes_s <= until_s; window = next) {
		if (window.closes_s > since_s && account_window(&accounting, &window, err) < 0)
			return -1;
		last_s = window.closes_s;
		schedule_ask_next(&rules, NULL, &window, &next);
	}
	if (last_s == since_s)
		return 0;
	if (presence_forget(terminal->store, last_s - PRESENCE_KEPT_S, err) < 0)
		return -1;
	return store_set_number(terminal->store, SETTING_UNTIL, last_s, err);
}

/* The clock is back from where it was ahead: what it noted there is still to come, and the windows meanwhile are told of as
 * what they were. */
static int account_after_return(struct terminal *terminal, int64_t from_s, struct error *err)
{
	int64_t now_s = terminal_now_s(terminal);

	if (!from_s || from_s > now_s)
		from_s = now_s;
	if (contact_forget_after(terminal->store, now_s, err) < 0 ||
		presence_forget_after(terminal->store, now_s, err) < 0 ||
		store_set_number(terminal->store, SETTING_UNTIL, from_s, err) < 0)
		return -1;
	return account_between(terminal, from_s, now_s, true, err);
}

/* The clock was set: windows ended by as much time as really passed, and what it jumped over was never there. */
static int account_jump(struct terminal *terminal, const struct machine_clock_jump *jump, int64_t since_s,
	int64_t ahead_from_s, struct error *err)
{
	int64_t now_s = terminal_now_s(terminal);

	if (since_s > now_s)
		return account_after_return(terminal, ahead_from_s, err);
	if (jump->by_s < 0)
		return account_between(terminal, since_s, now_s, false, err);
	if (since_s < jump->unmoved_s && account_between(terminal, since_s, jump->unmoved_s, false, err) < 0)
		return -1;
	return store_set_number(terminal->store, SETTING_UNTIL, now_s, err);
}

static int account_all(struct terminal *terminal, struct error *err)
{
	const struct clock *clock = terminal->env->clock;
	int64_t now_s = terminal_now_s(terminal), since_s, floor_s;
	struct machine_clock before, after;
	struct machine_clock_jump jump;

	floor_s = time_floor_load(terminal->env->fs, terminal->metadata_dir_fd);
	if (machine_clock_look(terminal->store, clock, floor_s, &before, err) < 0 ||
		machine_clock_note(terminal->store, clock, floor_s, &jump, err) < 0 ||
		machine_clock_look(terminal->store, clock, floor_s, &after, err) < 0 ||
		store_number(terminal->store, SETTING_UNTIL, &since_s, err) < 0)
		return -1;
	if (windows_clock_is_behind(terminal)) /* what it says of windows is not believed */
		return 0;
	if (!since_s) /* nothing is known of the time before the first start */
		return store_set_number(terminal->store, SETTING_UNTIL, now_s, err);
	if (jump.by_s || since_s > now_s)
		return account_jump(terminal, &jump, since_s, before.ahead_from_s, err);
	return after.state == MACHINE_CLOCK_RIGHT ? account_between(terminal, since_s, now_s, false, err) : 0;
}

int account_windows(struct terminal *terminal, struct error *err)
{
	if (store_begin(terminal->store, err) < 0)
		return -1;
	return store_end(terminal->store, account_all(terminal, err), err) < 0
		       ? error_context(err, "accounting for windows")
		       : 0;
}

/* ---- What follows for the windows to come ---- */

struct habit {
	const struct schedule_answer *window;
	int64_t on_for_s;
};

static int take_row(void *context, const struct contact_row *row, struct error *err)
{
	struct habit *habit = context;
	int64_t length_s = habit->window->closes_s - habit->window->opens_s;

	(void)err;
	if (!row->on_s || row->closes_s - row->opens_s != length_s ||
		(habit->window->opens_s - row->opens_s) % DAY_S != 0 || row->opens_s >= habit->window->opens_s)
		return 0;
	habit->on_for_s = row->on_for_s < length_s - PRESENCE_GAP_S ? row->on_for_s : 0;
	return 0;
}

int account_likely_on_for(
	struct terminal *terminal, const struct schedule_answer *window, int64_t *ret_on_for_s, struct error *err)
{
	struct habit habit = {.window = window};

	if (contact_each(terminal->store, terminal_now_s(terminal) - LOOKED_BACK_S, take_row, &habit, err) < 0)
		return -1;
	*ret_on_for_s = habit.on_for_s;
	return 0;
}

int64_t account_next_note_s(struct terminal *terminal)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	const struct schedule_rules rules = windows_rules_whatever_staff_said(terminal, &catalog);
	struct schedule_answer window;
	int64_t soon_s = terminal_now_s(terminal) + PRESENCE_PAUSE_S;

	schedule_ask(&rules, NULL, terminal_now_s(terminal), &window);
	if (window.reason != SCHEDULE_OPEN)
		return window.opens_s;
	return window.closes_s < soon_s ? window.closes_s : soon_s;
}
