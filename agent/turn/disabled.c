#include "agent/turn/disabled.h"

#include <string.h>

#include "agent/server/distribution.h"
#include "scheduler/schedule.h"

#define PAUSES_MOST 257 /* the terminal's own, and one for each package that a catalog may name */

/* The pauses that there are, read before any of them is changed. */
struct pauses {
	struct pause_row rows[PAUSES_MOST];
	size_t count;
};

static int64_t longest_days(struct terminal *terminal, const struct catalog *catalog)
{
	AUTO(catalog) struct catalog *kept = NULL;
	struct error none_yet = {0};

	if (!catalog && distribution_kept_catalog(terminal, &kept, &none_yet) == 0)
		catalog = kept;
	return catalog ? catalog->longest_disable_days : 0;
}

/* When the pause ends, 0 for never. Only the terminal as a whole is the policy's concern. */
static int64_t end_of(const struct pause_row *row, int64_t days)
{
	int64_t until_s = row->until_s ? row->until_s : SCHEDULE_NEVER;

	if (!*row->package)
		until_s = schedule_disabled_until_s(row->since_s, until_s, days);
	return until_s == SCHEDULE_NEVER ? 0 : until_s;
}

int disabled_find(struct terminal *terminal, const struct catalog *catalog, struct pause_row *ret_row,
	bool *ret_found, struct error *err)
{
	int64_t now_s = terminal_now_s(terminal);

	if (pause_find(terminal->store, "", now_s, ret_row, ret_found, err) < 0)
		return -1;
	if (*ret_found)
		ret_row->until_s = end_of(ret_row, longest_days(terminal, catalog));
	*ret_found = *ret_found && (!ret_row->until_s || ret_row->until_s > now_s);
	return 0;
}

int64_t disabled_capped_until_s(struct terminal *terminal, int64_t since_s, int64_t until_s)
{
	struct pause_row row = {.since_s = since_s, .until_s = until_s};

	return end_of(&row, longest_days(terminal, NULL));
}

int disabled_refuse(struct terminal *terminal, struct error *err)
{
	struct pause_row pause;
	bool found;

	if (disabled_find(terminal, NULL, &pause, &found, err) < 0)
		return -1;
	if (found)
		return error_set(err, ERROR_DISABLED,
			"delivery on this terminal was disabled by %s%s%s; 'haishin enable' ends that", pause.who,
			*pause.why ? ": " : "", pause.why);
	return 0;
}

static int take_pause(void *context, const struct pause_row *row, struct error *err)
{
	struct pauses *pauses = context;

	(void)err;
	if (pauses->count < PAUSES_MOST)
		pauses->rows[pauses->count++] = *row;
	return 0;
}

int disabled_end_those_over(struct terminal *terminal, struct error *err)
{
	int64_t now_s = terminal_now_s(terminal), days = longest_days(terminal, NULL);
	AUTO(free) struct pauses *pauses = calloc(1, sizeof(*pauses));

	if (!pauses)
		return error_set(err, ERROR_FAILED, "no memory for the pauses");
	if (pause_each(terminal->store, take_pause, pauses, err) < 0)
		return -1;
	for (size_t i = 0; i < pauses->count; i++) {
		const struct pause_row *row = &pauses->rows[i];
		int64_t until_s = end_of(row, days);

		if (until_s && until_s <= now_s && pause_end(terminal->store, row->package, NULL, err) < 0)
			return -1;
	}
	return 0;
}
