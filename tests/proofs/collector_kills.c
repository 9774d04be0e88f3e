/* The collector is killed every few seconds while terminals report as fast as they can, with SQLite and with PostgreSQL, which is
 * killed itself now and then. Every report that was answered is there, once, and the page is right afterwards. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/collector/senders.h"
#include "tests/proofs/part.h"

#define SENDERS 8
#define SECONDS_EACH 600 /* with either store */
#define KILLS_SHORT 6
#define POSTGRES_STRUCK_EVERY 4

struct life {
	struct part *part;
	struct collector collector;
	struct senders senders;
	const char *store; /* its name in what is said */
};

/* ---- What must be so ---- */

static void want(struct life *life, bool is_so, const char *what)
{
	if (!is_so)
		part_bad(life->part, "%s, after %" PRId64 " reports: %s", life->store, (int64_t)life->senders.taken, what);
}

static bool is_shown(struct life *life, const char *path, const char *part)
{
	struct ask *ask = collector_client(&life->collector, &life->collector.operator);
	struct ask_answer answer = {0};
	bool is = ask_for(ask, path, NULL, 0, &answer) == 200 && strstr(buf_text(&answer.body), part);

	ask_answer_clear(&answer);
	ask_free(ask);
	return is;
}

/* Each terminal's page tells the report that was taken last. */
static void check_pages(struct life *life)
{
	char path[160], number[64];

	for (size_t i = 0; i < life->senders.count; i++) {
		const struct sender *sender = &life->senders.items[i];

		(void)snprintf(number, sizeof(number), "\"report\":%" PRId64 ",", sender->answered);
		(void)snprintf(path, sizeof(path), "/api/v1/terminals/%s", signer_key_id(sender->maker.signer));
		want(life, is_shown(life, path, number), "a terminal's last report is not the one that is told");
		want(life, is_shown(life, path + strlen("/api/v1"), "<main"), "a terminal's page is not shown");
	}
	(void)snprintf(number, sizeof(number), "\"terminals\":%zu,", life->senders.count);
	want(life, is_shown(life, "/api/v1/fleet", number), "the terminals of the fleet are not those that reported");
	(void)snprintf(number, sizeof(number), "\"reached\":%zu,", life->senders.count);
	want(life, is_shown(life, "/api/v1/fleet", number), "not all that reported count as reached");
}

static void check_end(struct life *life)
{
	want(life, senders_lost(&life->senders) == 0, "answered reports are lost, or there twice");
	want(life, collector_count(&life->collector, "SELECT count(*) FROM terminal WHERE twin_s > 0") == 0,
		"a terminal is taken for two");
	if (!life->collector.postgres)
		want(life,
			collector_count(&life->collector,
				"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1,
			"SQLite finds its file damaged");
	check_pages(life);
}

/* ---- Strikes ---- */

static int64_t now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* One to four seconds of work, or that many thousandths of it in the short share. */
static void let_them_work(struct life *life)
{
	if (life->part->is_short)
		senders_await(&life->senders, 20 + (int64_t)part_draw(life->part, 100));
	else
		(void)usleep((useconds_t)(1000000 + part_draw(life->part, 3000000)));
}

static void strike_collector(struct life *life)
{
	collector_kill(&life->collector);
	want(life, senders_lost_last(&life->senders) == 0, "a report that was answered last is lost");
	collector_start(&life->collector);
	senders_follow(&life->senders);
	want(life, is_shown(life, "/", "<main"), "the page is not shown after a start");
}

static void strike_postgres(struct life *life)
{
	postgres_kill(life->collector.postgres);
	postgres_start(life->collector.postgres);
	want(life, senders_lost_last(&life->senders) == 0, "a report that was answered last is lost");
}

static bool goes_on(const struct life *life, uint64_t kills, int64_t until_s)
{
	return life->part->is_short ? kills < KILLS_SHORT : now_s() < until_s;
}

static void live(struct life *life)
{
	int64_t until_s = now_s() + SECONDS_EACH;

	collector_start(&life->collector);
	senders_begin(&life->senders, &life->collector, SENDERS, 0, false);
	for (uint64_t kills = 0; goes_on(life, kills, until_s); kills++) {
		let_them_work(life);
		if (life->collector.postgres && kills % POSTGRES_STRUCK_EVERY == POSTGRES_STRUCK_EVERY - 1)
			strike_postgres(life);
		else
			strike_collector(life);
		part_ran(life->part);
	}
	senders_end(&life->senders);
	check_end(life);
	part_say(life->part, "%s: %" PRId64 " reports taken, none of them lost unless said", life->store,
		(int64_t)life->senders.taken);
	collector_stop(&life->collector);
	senders_clear(&life->senders);
}

static void live_with(struct part *part, struct postgres *postgres)
{
	struct life life = {.part = part, .store = postgres ? "PostgreSQL" : "SQLite"};

	collector_init(&life.collector);
	if (postgres)
		collector_use_postgres(&life.collector, postgres);
	(void)strcpy(life.collector.more, "[reports]\nper_hour = 10000000\n");
	live(&life);
	collector_clear(&life.collector);
}

int main(int argc, char **argv)
{
	struct postgres postgres;
	struct part part;

	part_begin(&part, "collector kills", argc, argv);
	live_with(&part, NULL);
	postgres_init(&postgres);
	live_with(&part, &postgres);
	postgres_clear(&postgres);
	return part_end(&part);
}
