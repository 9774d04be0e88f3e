#include "agent/store/presence.h"

#include <string.h>

#include "agent/store/store_query.h"

/* A note more than this late has slept; a clock more than this off its way was set. */
#define LATE_S 120

static const char *begins_with(const struct presence *presence, int64_t now_s, int64_t passed_s)
{
	int64_t off_s = now_s - presence->noted_s - passed_s;

	if (!presence->from_s)
		return "start";
	if (off_s > LATE_S || off_s < -LATE_S)
		return "clock";
	return passed_s > PRESENCE_PAUSE_S + LATE_S ? "wake" : NULL;
}

int presence_note(struct store *store, struct presence *presence, struct error *err)
{
	AUTO(query) struct query *query = NULL;
	const struct clock *clock = store->clock;
	int64_t now_s = clock->now_s(clock), now_ms = clock->monotonic_ms(clock);
	const char *begins = begins_with(presence, now_s, (now_ms - presence->noted_ms) / 1000);
	struct presence next = {.from_s = begins ? now_s : presence->from_s, .noted_s = now_s, .noted_ms = now_ms};
	char boot_id[BOOT_ID_SIZE];

	if (clock->boot_id(clock, boot_id, err) < 0)
		return -1;
	query = store_query(store, STATEMENT_PRESENCE_PUT, err);
	query_bind_number(query, 1, next.from_s);
	query_bind_number(query, 2, now_s > next.from_s ? now_s : next.from_s);
	query_bind_text(query, 3, boot_id);
	query_bind_text(query, 4, begins ? begins : "wake"); /* of no effect where the stretch goes on */
	if (query_run(query, err) < 0)
		return error_context(err, "presence");
	*presence = next;
	return 0;
}

struct stretch {
	int64_t from_s, to_s;
	char boot_id[BOOT_ID_SIZE];
	bool is_start; /* the process began with it */
};

static void read_row(struct query *query, struct stretch *stretch)
{
	stretch->from_s = query_number(query, 0);
	stretch->to_s = query_number(query, 1);
	query_text(query, 2, stretch->boot_id, sizeof(stretch->boot_id));
	stretch->is_start = strcmp(query_whole_text(query, 3), "start") == 0;
}

static void add_overlap(const struct stretch *stretch, int64_t from_s, int64_t to_s, struct presence_share *share)
{
	int64_t begins_s = stretch->from_s > from_s ? stretch->from_s : from_s;
	int64_t ends_s = stretch->to_s < to_s ? stretch->to_s : to_s;

	if (begins_s > ends_s)
		return;
	share->on_s += ends_s - begins_s;
	if (begins_s <= from_s + share->on_for_s + PRESENCE_GAP_S && ends_s > from_s + share->on_for_s)
		share->on_for_s = ends_s - from_s;
}

int presence_share(
	struct store *store, int64_t from_s, int64_t to_s, struct presence_share *ret_share, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_PRESENCE_LIST, err);
	struct stretch before = {0}, stretch;
	int more;

	*ret_share = (struct presence_share){0};
	while ((more = query_next(query, err)) > 0) {
		read_row(query, &stretch);
		if (stretch.from_s >= to_s) { /* the first one after it */
			ret_share->left_running = ret_share->on_s == 0 && stretch.is_start && *before.boot_id &&
						  strcmp(before.boot_id, stretch.boot_id) == 0;
			return 0;
		}
		add_overlap(&stretch, from_s, to_s, ret_share);
		before = stretch;
	}
	return more;
}

int presence_forget(struct store *store, int64_t time_s, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_PRESENCE_FORGET, err);

	query_bind_number(query, 1, time_s);
	return query_run(query, err);
}

int presence_forget_after(struct store *store, int64_t time_s, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_PRESENCE_FORGET_AFTER, err);

	query_bind_number(query, 1, time_s);
	return query_run(query, err);
}
