#include "agent/turn/windows.h"

#include "agent/server/distribution.h"
#include "agent/store/pause.h"
#include "agent/turn/disabled.h"
#include "manifests/tuf/time_floor.h"

#define CLOCK_MARGIN_S 3600 /* a clock so much behind is wrong */

struct schedule_rules windows_rules_of(const struct terminal *terminal, const struct catalog *catalog)
{
	return (struct schedule_rules){
		.zone = terminal->config->zone,
		.own = &terminal->config->own,
		.campaigns = catalog ? catalog->campaigns : NULL,
		.campaigns_count = catalog ? catalog->campaigns_count : 0,
	};
}

struct schedule_rules windows_rules_whatever_staff_said(struct terminal *terminal, struct catalog **ret_catalog)
{
	struct error ignored = {0};

	if (distribution_kept_catalog(terminal, ret_catalog, &ignored) < 0)
		*ret_catalog = NULL;
	return windows_rules_of(terminal, *ret_catalog);
}

int windows_rules(
	struct terminal *terminal, struct catalog **ret_catalog, struct schedule_rules *ret_rules, struct error *err)
{
	struct pause_row pause;
	bool found;

	*ret_rules = windows_rules_whatever_staff_said(terminal, ret_catalog);
	if (disabled_find(terminal, *ret_catalog, &pause, &found, err) < 0)
		return -1;
	if (found)
		ret_rules->disabled_until_s = pause.until_s ? pause.until_s : SCHEDULE_NEVER;
	return 0;
}

int windows_ask(struct terminal *terminal, struct schedule_answer *ret_answer, struct error *err)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct schedule_rules rules;

	if (windows_rules(terminal, &catalog, &rules, err) < 0)
		return -1;
	schedule_ask(&rules, NULL, terminal_now_s(terminal), ret_answer);
	return 0;
}

void windows_ask_after(struct terminal *terminal, struct schedule_answer *ret_answer)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	const struct schedule_rules rules = windows_rules_whatever_staff_said(terminal, &catalog);
	struct schedule_answer now;

	schedule_ask(&rules, NULL, terminal_now_s(terminal), &now);
	*ret_answer = now;
	if (now.opens_s <= terminal_now_s(terminal))
		schedule_ask_next(&rules, NULL, &now, ret_answer);
}

bool windows_clock_is_behind(const struct terminal *terminal)
{
	return terminal_now_s(terminal) + CLOCK_MARGIN_S <
	       time_floor_load(terminal->env->fs, terminal->metadata_dir_fd);
}
