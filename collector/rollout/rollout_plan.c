#include "collector/rollout/rollout_plan.h"

#include <string.h>

#include "common/json.h"

static const char *state_of(const struct candidate *candidate)
{
	switch (candidate->state) {
	case CANDIDATE_STOPPED:
		return "stopped";
	case CANDIDATE_WITHDRAWN:
		return "withdrawn";
	default:
		return "running";
	}
}

static json_t *stage_object(const struct candidate_stage *stage)
{
	char night[NIGHT_DATE_TEXT_SIZE];
	json_t *rings = json_array();

	for (size_t i = 0; i < stage->rings_count; i++)
		(void)json_array_append_new(rings, json_string(stage->rings[i]));
	return JSON_OBJECT({
		json_text("night", night_date_text(&stage->night, night)),
		json_number("percent", stage->percent),
		json_take("rings", rings),
	});
}

int rollout_plan_write(
	const struct candidate *candidate, char ret_plan[static ROLLOUT_PLAN_SIZE], struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(ROLLOUT_PLAN_SIZE - 1);
	AUTO(json) json_t *plan = NULL;
	json_t *stages = json_array();

	for (size_t i = 0; i < candidate->stages_count; i++)
		(void)json_array_append_new(stages, stage_object(&candidate->stages[i]));
	plan = JSON_OBJECT({
		json_blame(err),
		json_text("state", state_of(candidate)),
		json_text("why", candidate->why ? candidate->why : ""),
		json_take("stages", stages),
		json_number("most_rolled_back", candidate->most_rolled_back),
		json_number("most_silent", candidate->most_silent),
		json_number("least", candidate->least),
		json_flag("needs_brake", !candidate->does_without_brake),
	});
	if (!plan || json_write(plan, &text, err) < 0)
		return error_context(err, "the stages of %s", candidate->version);
	memcpy(ret_plan, buf_text(&text), text.len + 1);
	return 0;
}

/* Shares do not fall, but a stage for rings alone may stand between. */
double rollout_plan_until(const struct candidate *candidate, int64_t open)
{
	int64_t percent = 0;

	for (int64_t i = 0; i < open && i < (int64_t)candidate->stages_count; i++)
		if (candidate->stages[i].percent > percent)
			percent = candidate->stages[i].percent;
	return (double)percent / 100;
}

double rollout_plan_next(const struct candidate *candidate, int64_t open)
{
	return rollout_plan_until(candidate, open + 1) - rollout_plan_until(candidate, open);
}
