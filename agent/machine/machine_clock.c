#include "agent/machine/machine_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/history.h"

#define SETTING_NOTED "clock.noted" /* "UTC-SECONDS MONOTONIC-MILLISECONDS BOOT-ID" */
#define SETTING_AHEAD "clock.ahead_s"
#define SETTING_AHEAD_FROM "clock.ahead_from_s"

#define MARGIN_S 120  /* a clock that is off its way by more was set; time servers move it by less */
#define DAY_S 86400
#define BELIEVED_S DAY_S /* somebody puts a clock right by less */

struct noted {
	int64_t at_s, monotonic_ms;
	char boot_id[BOOT_ID_SIZE];
};

/* False before the first look, and in another start of the machine: how long it was off is not known. */
static int read_noted(struct store *store, const char *boot_id, struct noted *ret_noted, bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(160);

	*ret_found = false;
	if (store_setting(store, SETTING_NOTED, &text, err) < 0)
		return -1;
	*ret_found = sscanf(buf_text(&text), "%" SCNd64 " %" SCNd64 " %63s", &ret_noted->at_s,
			     &ret_noted->monotonic_ms, ret_noted->boot_id) == 3 &&
		     strcmp(ret_noted->boot_id, boot_id) == 0;
	return 0;
}

static int note(struct store *store, const char *boot_id, int64_t now_s, int64_t now_ms, struct error *err)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "%" PRId64 " %" PRId64 " %s", now_s, now_ms, boot_id);
	return store_set_setting(store, SETTING_NOTED, text, err);
}

/* "+400 d", "-3 h", "+12 min" */
static void write_distance(int64_t by_s, char *ret_text, size_t size)
{
	int64_t distance_s = by_s < 0 ? -by_s : by_s;
	const char *sign = by_s < 0 ? "-" : "+";

	if (distance_s >= 2 * DAY_S)
		(void)snprintf(ret_text, size, "%s%" PRId64 " d", sign, (distance_s + DAY_S / 2) / DAY_S);
	else if (distance_s >= 2 * 3600)
		(void)snprintf(ret_text, size, "%s%" PRId64 " h", sign, (distance_s + 1800) / 3600);
	else
		(void)snprintf(ret_text, size, "%s%" PRId64 " min", sign, (distance_s + 30) / 60);
}

static int record(struct store *store, const struct machine_clock_jump *jump, int64_t now_s, struct error *err)
{
	char detail[STORE_TEXT_SIZE], from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE], distance[32];
	struct history_entry entry = {.operation = "clock", .outcome = "done", .detail = detail};

	write_distance(jump->by_s, distance, sizeof(distance));
	(void)snprintf(detail, sizeof(detail), "the clock was set by %s: from %s to %s", distance,
		clock_text(jump->unmoved_s, from), clock_text(now_s, to));
	return history_add(store, &entry, err);
}

/* A clock that was behind all that was signed, or in which nothing was ever believed, is put right by a jump. */
static int keep_ahead(struct store *store, const struct machine_clock_jump *jump, int64_t floor_s, struct error *err)
{
	int64_t ahead_s, from_s;

	if (store_number(store, SETTING_AHEAD, &ahead_s, err) < 0 ||
		store_number(store, SETTING_AHEAD_FROM, &from_s, err) < 0)
		return -1;
	if (ahead_s <= BELIEVED_S)
		from_s = jump->unmoved_s;
	ahead_s = !floor_s || jump->unmoved_s < floor_s ? 0 : ahead_s + jump->by_s;
	if (store_set_number(store, SETTING_AHEAD_FROM, ahead_s > BELIEVED_S ? from_s : 0, err) < 0)
		return -1;
	return store_set_number(store, SETTING_AHEAD, ahead_s, err);
}

int machine_clock_note(struct store *store, const struct clock *clock, int64_t floor_s,
	struct machine_clock_jump *ret_jump, struct error *err)
{
	int64_t now_s = clock->now_s(clock), now_ms = clock->monotonic_ms(clock), passed_s;
	char boot_id[BOOT_ID_SIZE];
	struct noted noted;
	bool found;

	*ret_jump = (struct machine_clock_jump){.unmoved_s = now_s};
	if (clock->boot_id(clock, boot_id, err) < 0 || read_noted(store, boot_id, &noted, &found, err) < 0)
		return -1;
	passed_s = found ? (now_ms - noted.monotonic_ms) / 1000 : 0;
	if (found && passed_s >= 0 && llabs(now_s - noted.at_s - passed_s) > MARGIN_S) {
		ret_jump->unmoved_s = noted.at_s + passed_s;
		ret_jump->by_s = now_s - ret_jump->unmoved_s;
		if (record(store, ret_jump, now_s, err) < 0 || keep_ahead(store, ret_jump, floor_s, err) < 0)
			return -1;
	}
	return note(store, boot_id, now_s, now_ms, err);
}

int machine_clock_trust(struct store *store, struct error *err)
{
	if (store_set_number(store, SETTING_AHEAD_FROM, 0, err) < 0)
		return -1;
	return store_set_number(store, SETTING_AHEAD, 0, err);
}

int machine_clock_look(struct store *store, const struct clock *clock, int64_t floor_s,
	struct machine_clock *ret_clock, struct error *err)
{
	int64_t now_s = clock->now_s(clock), ahead_s;
	char now[CLOCK_TEXT_SIZE], floor[CLOCK_TEXT_SIZE], distance[32];

	*ret_clock = (struct machine_clock){.state = MACHINE_CLOCK_RIGHT};
	if (store_number(store, SETTING_AHEAD, &ahead_s, err) < 0 ||
		store_number(store, SETTING_AHEAD_FROM, &ret_clock->ahead_from_s, err) < 0)
		return -1;
	if (now_s < floor_s) {
		ret_clock->state = MACHINE_CLOCK_BEHIND;
		(void)snprintf(ret_clock->detail, sizeof(ret_clock->detail),
			"the clock shows %s; what was signed shows that it is %s or later", clock_text(now_s, now),
			clock_text(floor_s, floor));
	} else if (ahead_s > BELIEVED_S) {
		ret_clock->state = MACHINE_CLOCK_AHEAD;
		write_distance(ahead_s, distance, sizeof(distance));
		(void)snprintf(ret_clock->detail, sizeof(ret_clock->detail),
			"the clock shows %s; it was set by %s while the terminal was on", clock_text(now_s, now), distance);
	}
	return 0;
}
