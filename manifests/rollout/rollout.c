#include "manifests/rollout/rollout.h"

#include <string.h>

#include "common/auto.h"

const char *rollout_step_name(enum rollout_step step)
{
	static const char *const names[] = {
		[ROLLOUT_STABLE] = "stable",
		[ROLLOUT_CANDIDATE] = "candidate",
		[ROLLOUT_KEEP] = "keep",
		[ROLLOUT_TAKE_OUT] = "take-out",
		[ROLLOUT_RECALL] = "recall",
	};

	return names[step];
}

const char *rollout_gate_name(enum rollout_gate gate)
{
	static const char *const names[] = {
		[ROLLOUT_GATE_NONE] = "none",
		[ROLLOUT_GATE_WITHDRAWN] = "withdrawn",
		[ROLLOUT_GATE_STOPPED] = "stopped",
		[ROLLOUT_GATE_BRAKED] = "braked",
		[ROLLOUT_GATE_QUARANTINED] = "quarantined",
		[ROLLOUT_GATE_NEW] = "new",
		[ROLLOUT_GATE_SHARE] = "share",
		[ROLLOUT_GATE_NIGHT] = "night",
		[ROLLOUT_GATE_BRAKE_ABSENT] = "brake-absent",
		[ROLLOUT_GATE_BRAKE_STALE] = "brake-stale",
		[ROLLOUT_GATE_HELD] = "held",
	};

	return names[gate];
}

static bool is_for(const struct candidate_stage *stage, const struct rollout_facts *facts)
{
	for (size_t i = 0; i < stage->rings_count; i++)
		if (strcmp(stage->rings[i], facts->ring) == 0)
			return true;
	return facts->place < stage->percent;
}

static size_t find_own_stage(const struct candidate *candidate, const struct rollout_facts *facts)
{
	for (size_t i = 0; i < candidate->stages_count; i++)
		if (is_for(&candidate->stages[i], facts))
			return i + 1;
	return 0;
}

static size_t count_stages_come(const struct candidate *candidate, const struct night_date *night)
{
	size_t come = 0;

	while (come < candidate->stages_count && night_date_compare(&candidate->stages[come].night, night) <= 0)
		come++;
	return come;
}

/* Whoever stopped it, the operator's word first: it alone can recall. */
static enum rollout_gate find_stop(const struct candidate *candidate, const struct rollout_facts *facts)
{
	if (candidate->state == CANDIDATE_WITHDRAWN)
		return ROLLOUT_GATE_WITHDRAWN;
	if (candidate->state == CANDIDATE_STOPPED)
		return ROLLOUT_GATE_STOPPED;
	return facts->brake == BRAKE_STOPPED ? ROLLOUT_GATE_BRAKED : ROLLOUT_GATE_NONE;
}

static enum rollout_step step_of_stop(const struct candidate *candidate, const struct rollout_facts *facts)
{
	if (facts->is_current && candidate->is_recalled)
		return ROLLOUT_RECALL;
	if (facts->is_current)
		return ROLLOUT_KEEP;
	return facts->is_staged ? ROLLOUT_TAKE_OUT : ROLLOUT_STABLE;
}

static enum rollout_gate find_gate(const struct candidate *candidate, const struct rollout_facts *facts,
	const struct rollout_decision *decision)
{
	if (facts->is_quarantined)
		return ROLLOUT_GATE_QUARANTINED;
	if (facts->is_new)
		return ROLLOUT_GATE_NEW;
	if (decision->own_stage == 0)
		return ROLLOUT_GATE_SHARE;
	if (decision->own_stage > decision->stage)
		return ROLLOUT_GATE_NIGHT;
	if (candidate->does_without_brake)
		return ROLLOUT_GATE_NONE;
	if (facts->brake != BRAKE_GOOD)
		return facts->brake == BRAKE_STALE ? ROLLOUT_GATE_BRAKE_STALE : ROLLOUT_GATE_BRAKE_ABSENT;
	return facts->stages_let > 0 && decision->own_stage > (size_t)facts->stages_let ? ROLLOUT_GATE_HELD
											: ROLLOUT_GATE_NONE;
}

struct rollout_decision rollout_decide(const struct candidate *candidate, const struct rollout_facts *facts)
{
	struct rollout_decision decision = {
		.gate = find_stop(candidate, facts),
		.stage = count_stages_come(candidate, &facts->night),
		.own_stage = find_own_stage(candidate, facts),
	};

	if (decision.gate) {
		decision.step = step_of_stop(candidate, facts);
	} else if (facts->is_current || facts->is_staged) {
		decision.step = ROLLOUT_KEEP;
	} else {
		decision.gate = find_gate(candidate, facts, &decision);
		decision.step = decision.gate ? ROLLOUT_STABLE : ROLLOUT_CANDIDATE;
	}
	return decision;
}
