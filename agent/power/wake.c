#include "agent/power/wake.h"

#include <stdio.h>
#include <string.h>

#include "agent/power/real_time_clock.h"
#include "agent/power/wake_settings.h"
#include "agent/store/history.h"
#include "common/text.h"

#define SAME_S 2	/* the alarm is set anew where it is off by more */
#define EARLY_S 30	/* how much before its alarm a machine may seem to have started: clocks are set meanwhile */
#define SHORTEST_S 60	/* no alarm is nearer than that: the machine has to be down by then */
#define LONGEST_S (40 * INT64_C(86400)) /* nor farther away: a clock's day of the month comes round */
#define RELAY_S (86400 - 300)		/* many clocks know no day: theirs is within one */
#define SLEPT_MS 1000

static const char *path_of(const struct terminal *terminal)
{
	return terminal->config->power_clock_path;
}

static bool is_wanted(const struct terminal *terminal)
{
	return terminal->config->power_wake == CONFIG_YES;
}

/* ---- The alarm ---- */

struct alarm {
	int64_t wall_s;
	int64_t clock_s;
};

static int read_ours(struct terminal *terminal, struct alarm *ret_alarm, struct error *err)
{
	if (store_number(terminal->store, WAKE_SETTING_ALARM, &ret_alarm->wall_s, err) < 0)
		return -1;
	return store_number(terminal->store, WAKE_SETTING_CLOCK, &ret_alarm->clock_s, err);
}

static int keep_ours(struct terminal *terminal, const struct alarm *alarm, struct error *err)
{
	int ret;

	if (store_begin(terminal->store, err) < 0)
		return -1;
	ret = store_set_number(terminal->store, WAKE_SETTING_ALARM, alarm->wall_s, err);
	if (ret == 0)
		ret = store_set_number(terminal->store, WAKE_SETTING_CLOCK, alarm->clock_s, err);
	return store_end(terminal->store, ret, err);
}

/* The moment for a turn at NIGHT_S: early enough for the machine's start and for the pause after it. 0: none. */
static int64_t moment_s(const struct terminal *terminal, int64_t night_s)
{
	int64_t now_s = terminal_now_s(terminal), at_s;

	if (!is_wanted(terminal) || night_s == SCHEDULE_NEVER || night_s > now_s + LONGEST_S)
		return 0;
	at_s = night_s - terminal->config->start_delay_s - WAKE_LEAD_S;
	return at_s > now_s + SHORTEST_S ? at_s : now_s + SHORTEST_S;
}

static bool is_close(int64_t a_s, int64_t b_s)
{
	return a_s - b_s <= SAME_S && b_s - a_s <= SAME_S;
}

/* Takes back the alarm that we have set, and no other. */
static int take_back(struct terminal *terminal, const struct alarm *ours, struct error *err)
{
	struct real_time_clock clock;

	if (!ours->clock_s)
		return 0;
	if (real_time_clock_read(path_of(terminal), &clock, err) < 0)
		return -1;
	if (clock.alarm_s == ours->clock_s && real_time_clock_set(path_of(terminal), 0, err) < 0)
		return -1;
	return keep_ours(terminal, &(struct alarm){0}, err);
}

/* Noted before it is set: what is in the clock is known for ours whatever happens in between. */
static int set(struct terminal *terminal, const struct alarm *alarm, struct error *err)
{
	if (keep_ours(terminal, alarm, err) < 0)
		return -1;
	if (real_time_clock_set(path_of(terminal), alarm->clock_s, err) == 0)
		return 0;
	(void)keep_ours(terminal, &(struct alarm){0}, &(struct error){0});
	return -1;
}

/* Where the clock does not take it, the machine is started a day from now at the latest, sees that its turn is still to come, sets the
 * alarm for that, and goes down again. */
static int set_or_relay(struct terminal *terminal, const struct alarm *alarm, int64_t clock_now_s, struct error *err)
{
	int64_t early_s = alarm->clock_s - clock_now_s - RELAY_S;
	struct error why = {0};

	if (set(terminal, alarm, &why) == 0)
		return 0;
	if (early_s <= 0)
		return error_set(err, why.code, "%s", why.text);
	return set(terminal,
		&(struct alarm){.wall_s = alarm->wall_s - early_s, .clock_s = alarm->clock_s - early_s}, err);
}

/* It stands, or, where the clock takes none so far away, the one on the way to it. */
static bool stands(const struct real_time_clock *clock, const struct alarm *ours, const struct alarm *wanted)
{
	if (!clock->alarm_s)
		return false;
	if (is_close(clock->alarm_s, wanted->clock_s) && is_close(ours->wall_s, wanted->wall_s))
		return true;
	return wanted->clock_s - clock->now_s > RELAY_S && clock->alarm_s - clock->now_s > RELAY_S / 2 &&
	       clock->alarm_s < wanted->clock_s && is_close(clock->alarm_s - ours->wall_s, wanted->clock_s - wanted->wall_s);
}

static int arrange(struct terminal *terminal, int64_t night_s, struct error *err)
{
	struct alarm ours, wanted = {.wall_s = moment_s(terminal, night_s)};
	struct real_time_clock clock;

	if (read_ours(terminal, &ours, err) < 0)
		return -1;
	if (!wanted.wall_s)
		return take_back(terminal, &ours, err);
	if (real_time_clock_read(path_of(terminal), &clock, err) < 0)
		return -1;
	wanted.clock_s = clock.now_s + wanted.wall_s - terminal_now_s(terminal);
	if (clock.alarm_s && clock.alarm_s != ours.clock_s)
		return error_set(err, ERROR_BUSY, "another program has set the alarm of clock '%s'", path_of(terminal));
	if (stands(&clock, &ours, &wanted))
		return 0;
	return set_or_relay(terminal, &wanted, clock.now_s, err);
}

/* Told once for as long as it stays the same. */
static void note_trouble(struct terminal *terminal, const char *trouble)
{
	AUTO(buf) struct buf before = BUF_INIT(2 * STORE_TEXT_SIZE);
	char text[STORE_TEXT_SIZE];
	struct error err = {0};

	(void)snprintf(text, sizeof(text), "%.*s", STORE_TEXT_SIZE - 1, trouble);
	if (store_setting(terminal->store, WAKE_SETTING_TROUBLE, &before, &err) == 0 && strcmp(buf_text(&before), text) == 0)
		return;
	if (*text)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "this machine is not started for its turn: %s", text);
	if ((*text ? store_set_setting(terminal->store, WAKE_SETTING_TROUBLE, text, &err)
		   : store_drop_setting(terminal->store, WAKE_SETTING_TROUBLE, &err)) < 0)
		log_line(terminal->env->log, LOG_LEVEL_ERROR, "%s", err.text);
}

void wake_arrange(struct terminal *terminal, int64_t night_s)
{
	struct error err = {0};

	note_trouble(terminal, arrange(terminal, night_s, &err) < 0 ? err.text : "");
}

/* ---- Was it ours? ---- */

static int record(struct terminal *terminal, const char *detail, struct error *err)
{
	const struct history_entry entry = {.operation = "power", .outcome = "begun", .detail = detail};

	return history_add(terminal->store, &entry, err);
}

static int note_woken(struct terminal *terminal, enum wake_down down, struct error *err)
{
	const char *detail = down == WAKE_DOWN_OFF ? "the machine was started by the alarm for its turn"
						   : "the machine was woken from sleep by the alarm for its turn";
	int ret;

	if (store_begin(terminal->store, err) < 0)
		return -1;
	ret = keep_ours(terminal, &(struct alarm){0}, err);
	if (ret == 0)
		ret = store_set_number(terminal->store, WAKE_SETTING_WOKEN, terminal_now_s(terminal), err);
	if (ret == 0)
		ret = store_set_number(terminal->store, WAKE_SETTING_DOWN, down, err);
	if (ret == 0)
		ret = record(terminal, detail, err);
	return store_end(terminal->store, ret, err);
}

/* The alarm has rung, and the machine came up at SINCE_S of its own clock, not long after. Where one stands, it is ours that has not rung,
 * or that of somebody who has replaced it. */
static bool has_rung(const struct real_time_clock *clock, const struct alarm *ours, int64_t since_s)
{
	return ours->clock_s && !clock->alarm_s && since_s >= ours->clock_s - EARLY_S &&
	       since_s <= ours->clock_s + WAKE_LATE_S;
}

/* A machine that was started by itself is asked for its clock once; without one nothing can have woken it. */
static int judge(struct terminal *terminal, int64_t up_s, enum wake_down down, struct error *err)
{
	struct real_time_clock clock;
	struct alarm ours;

	if (read_ours(terminal, &ours, err) < 0)
		return -1;
	if (!is_wanted(terminal) || !ours.clock_s ||
		real_time_clock_read(path_of(terminal), &clock, &(struct error){0}) < 0 ||
		!has_rung(&clock, &ours, clock.now_s - up_s))
		return 0;
	return note_woken(terminal, down, err);
}

/* The first look in this start of the machine: whatever it was to go back to is over. */
static int notice_start(struct terminal *terminal, bool *ret_new, struct error *err)
{
	const struct clock *clock = terminal->env->clock;
	AUTO(buf) struct buf before = BUF_INIT(2 * BOOT_ID_SIZE);
	char boot_id[BOOT_ID_SIZE];

	if (clock->boot_id(clock, boot_id, err) < 0 ||
		store_setting(terminal->store, WAKE_SETTING_BOOT, &before, err) < 0)
		return -1;
	*ret_new = strcmp(buf_text(&before), boot_id) != 0;
	if (!*ret_new)
		return 0;
	if (store_set_number(terminal->store, WAKE_SETTING_DOWN, WAKE_DOWN_NO, err) < 0)
		return -1;
	return store_set_setting(terminal->store, WAKE_SETTING_BOOT, boot_id, err);
}

int wake_notice(struct terminal *terminal, struct wake_watch *watch, struct error *err)
{
	const struct clock *clock = terminal->env->clock;
	int64_t slept_ms = clock->slept_ms ? clock->slept_ms(clock) : 0, before_ms = watch->slept_ms;
	bool is_new = false, is_first = !watch->is_begun;

	if (!is_wanted(terminal) && is_first)
		return 0;
	watch->slept_ms = slept_ms;
	watch->is_begun = true;
	if (is_first && notice_start(terminal, &is_new, err) < 0)
		return -1;
	if (is_new)
		return judge(terminal, clock->monotonic_ms(clock) / 1000, WAKE_DOWN_OFF, err);
	if (!is_first && slept_ms - before_ms >= SLEPT_MS)
		return judge(terminal, 0, WAKE_DOWN_SLEEP, err);
	return 0;
}

int wake_was_for(struct terminal *terminal, const struct schedule_answer *window, bool *ret_woken, struct error *err)
{
	int64_t woken_s;

	if (store_number(terminal->store, WAKE_SETTING_WOKEN, &woken_s, err) < 0)
		return -1;
	*ret_woken = woken_s && woken_s >= window->opens_s - WAKE_STAYS_S && woken_s < window->closes_s;
	return 0;
}

int wake_tell(struct terminal *terminal, struct wake_state *ret_state, struct error *err)
{
	AUTO(buf) struct buf trouble = BUF_INIT(2 * STORE_TEXT_SIZE);

	*ret_state = (struct wake_state){.is_wanted = is_wanted(terminal)};
	if (!ret_state->is_wanted)
		return 0;
	if (store_number(terminal->store, WAKE_SETTING_ALARM, &ret_state->alarm_s, err) < 0 ||
		store_setting(terminal->store, WAKE_SETTING_TROUBLE, &trouble, err) < 0)
		return -1;
	(void)snprintf(ret_state->trouble, sizeof(ret_state->trouble), "%.*s", STORE_TEXT_SIZE - 1, buf_text(&trouble));
	if (ret_state->alarm_s <= terminal_now_s(terminal) || *ret_state->trouble)
		ret_state->alarm_s = 0;
	return 0;
}
