#include "agent/resident/resident.h"

#include <stdio.h>
#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/proof/archive.h"
#include "agent/resident/agenda.h"
#include "agent/turn/account.h"
#include "agent/turn/disabled.h"
#include "common/text.h"

static const struct log *log_of(const struct resident *resident)
{
	return resident->terminal->env->log;
}

/* What the history has got since the last time is signed; what is too much for the store goes to files. */
static void keep_history(struct resident *resident)
{
	struct error err = {0};

	if (archive_run(resident->terminal, &err) < 0 || anchor_set(resident->terminal, &err) < 0)
		log_line(log_of(resident), LOG_LEVEL_ERROR, "%s", err.text);
}

static void arrange_waking(struct resident *resident, int64_t night_s)
{
	struct wake_state state;
	struct error err = {0};

	wake_arrange(resident->terminal, night_s);
	resident->wake_s = wake_tell(resident->terminal, &state, &err) == 0 ? state.alarm_s : 0;
}

/* What woke the machine, if it has slept; true where it has. */
static bool notice_waking(struct resident *resident)
{
	int64_t before_ms = resident->wake.slept_ms;
	struct error err = {0};

	if (wake_notice(resident->terminal, &resident->wake, &err) < 0)
		log_line(log_of(resident), LOG_LEVEL_ERROR, "cannot tell what woke the machine: %s", err.text);
	return resident->wake.slept_ms - before_ms >= 1000;
}

/* Whether the alarm has rung shows only as long as nobody has moved it: that is looked at first, whoever plans, and for whatever reason.
 * The kernel tells the end of a sleep as a change of the clock, which is such a reason. */
void resident_plan_next(struct resident *resident)
{
	struct agenda agenda;
	struct error err = {0};

	(void)notice_waking(resident);
	if (disabled_end_those_over(resident->terminal, &err) < 0 ||
		agenda_next(resident->terminal, &agenda, &err) < 0) {
		log_line(log_of(resident), LOG_LEVEL_ERROR, "cannot tell when the next job is due: %s", err.text);
		agenda = (struct agenda){.kind = JOB_NIGHT,
			.due_s = terminal_now_s(resident->terminal) + RESIDENT_RETRY_S,
			.night_s = SCHEDULE_NEVER};
		(void)snprintf(agenda.reason, sizeof(agenda.reason), "%.*s", STORE_TEXT_SIZE - 1, err.text);
	}
	resident->next_s = agenda.due_s == SCHEDULE_NEVER ? 0 : agenda.due_s;
	resident->next_kind = agenda.kind;
	text_assign(resident->next_reason, agenda.reason);
	resident->changed = true;
	arrange_waking(resident, agenda.night_s);
	keep_history(resident);
}

void resident_notice_sleep(struct resident *resident)
{
	if (notice_waking(resident))
		resident_plan_next(resident);
}

static bool is_due_now(const struct resident *resident, enum job_kind kind)
{
	return resident->next_kind == kind && resident->next_s &&
	       resident->next_s <= terminal_now_s(resident->terminal);
}

void resident_plan_after(struct resident *resident, enum job_kind kind, const struct error *why)
{
	struct error err = {0};

	resident_plan_next(resident);
	if (!why || !is_due_now(resident, kind))
		return;
	if (agenda_settle_lost(resident->terminal, kind, why, &err) < 0)
		log_line(log_of(resident), LOG_LEVEL_ERROR, "cannot note that job %s failed: %s", job_kind_name(kind),
			err.text);
	resident_plan_next(resident);
	if (is_due_now(resident, kind))
		resident->next_s = terminal_now_s(resident->terminal) + RESIDENT_RETRY_S;
}

void resident_note_presence(struct resident *resident)
{
	struct terminal *terminal = resident->terminal;
	struct error err = {0};

	resident->changed = true;
	if (presence_note(terminal->store, &resident->presence, &err) == 0 && account_windows(terminal, &err) == 0) {
		resident->note_s = account_next_note_s(terminal);
		keep_history(resident);
		return;
	}
	log_line(log_of(resident), LOG_LEVEL_ERROR, "cannot note that haishind runs: %s", err.text);
	resident->note_s = terminal_now_s(resident->terminal) + RESIDENT_RETRY_S;
}
