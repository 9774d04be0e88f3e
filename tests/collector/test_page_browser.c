/* The page in the real Chromium: every view in both languages, by keyboard alone, printed, and enlarged (page.mjs). The
 * pictures of the documents are made so as well:
 *
 *   PICTURES=docs/pictures build/dev/tests/test_page_browser      with the fleet of one morning, and the clock of that morning */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/collector/collector_fixture.h"
#include "tests/collector/fleet_seed.h"
#include "tests/collector/rollout_seed.h"
#include "tests/support/test.h"

#define OUTPUT_SIZE 65536
#define NIGHTS 30
/* 08:02 of a day in December, in Japan. */
#define MORNING_S INT64_C(1796166120)

static void put(const struct collector *collector, const char *name, const char *text)
{
	folder_put(&collector->folder, name, text, strlen(text));
}

static void put_pair(const struct collector *collector, const char *name, const struct pki_pair *pair)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "%s.pem", name);
	put(collector, file, pair->pem);
	(void)snprintf(file, sizeof(file), "%s.key", name);
	put(collector, file, pair->key_pem);
}

/* The library that moves the collector's clock to that morning, and leaves it running. */
static void move_clock(void)
{
	(void)setenv("LD_PRELOAD", FAKETIME_LIBRARY, 1);
	(void)setenv("FAKETIME", "@2026-12-02 08:02:00", 1);
	(void)setenv("TZ", "Asia/Tokyo", 1);
	(void)setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
}

static void start(struct collector *collector, bool for_pictures)
{
	struct clock clock;
	struct fleet_seed seed = {.store = collector->store,
		.terminals = for_pictures ? 18432 : 1200,
		.nights = NIGHTS,
		.report_nights = 14};

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	seed.now_s = for_pictures ? MORNING_S : clock.now_s(&clock);
	fleet_seed(&seed);
	rollout_seed_publish(collector, seed.now_s);
	rollout_seed_nights(collector, seed.now_s);
	if (for_pictures)
		move_clock();
	collector_start(collector);
	(void)unsetenv("LD_PRELOAD");
	rollout_seed_wait(collector);
}

TEST_CASE(test_people_can_use_every_view)
{
	const char *pictures = getenv("PICTURES");
	static char output[OUTPUT_SIZE];
	struct collector collector;
	struct program program;
	int status;

	collector_init(&collector);
	collector_use_ledger(&collector);
	put_pair(&collector, "operator", &collector.operator);
	put_pair(&collector, "vendor", &collector.vendor);
	put_pair(&collector, "auditor", &collector.auditor);
	start(&collector, pictures != NULL);
	{
		const char *const argv[] = {
			WITH_BROWSER, PAGE_SCRIPT, collector.base, collector.folder.path, pictures, NULL};

		program_start(&program, argv, -1);
		status = program_wait(&program, output, sizeof(output));
	}
	collector_stop(&collector);
	collector_clear(&collector);
	if (status != 0)
		fail_msg("%s", output);
	(void)fputs(output, stdout);
}

TESTS(NULL, NULL)
