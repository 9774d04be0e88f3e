/* What may happen to a collector while a fleet reports to it at the field's tenfold rate, each terminal over a connection of its own:
 * bodies that are no reports, senders that take their time, one who sends without end, a full disk, a PostgreSQL that is gone. Nothing
 * that was answered is lost, and the operator sees why; in full, nobody else waits longer than two seconds either. */
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/collector/hostile_bodies.h"
#include "tests/collector/senders.h"
#include "tests/collector/slow_senders.h"
#include "tests/proofs/part.h"

#define LONGEST_MS 2000
#define SLOW_SENDERS 200
#define FLOOD 100000
#define FLOOD_SHORT 1000
#define AWAY_S 60
#define DISK "size=96M,mode=700"

struct life {
	struct part *part;
	const struct scene *scene;
	struct collector collector;
	struct senders senders;
	pthread_t operator;	       /* who looks at the page all the time */
	_Atomic int64_t looked_ms;     /* the longest that took */
	_Atomic int64_t looks;
	atomic_bool is_over;
};

/* What happens; TROUBLE returns when it is over. */
struct scene {
	const char *name;
	void (*trouble)(struct life *life);
	bool with_sqlite, with_postgres;
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void want(struct life *life, bool is_so, const char *what)
{
	if (!is_so)
		part_bad(life->part, "%s, %s: %s", life->scene->name, life->collector.postgres ? "PostgreSQL" : "SQLite",
			what);
}

/* ---- The operator ---- */

/* What PATH says must hold PART, whatever the status. */
static bool says(struct life *life, const char *path, const char *part)
{
	struct ask *ask = collector_client(&life->collector, &life->collector.operator);
	struct ask_answer answer = {0};
	bool found = ask_for(ask, path, NULL, 0, &answer) > 0 && strstr(buf_text(&answer.body), part);

	ask_answer_clear(&answer);
	ask_free(ask);
	return found;
}

static void *look_all_the_time(void *context)
{
	struct life *life = context;
	struct ask *ask = collector_client(&life->collector, &life->collector.operator);
	struct ask_answer answer = {0};

	while (!life->is_over) {
		int64_t from_ms = now_ms(), took_ms;

		if (ask_for(ask, "/", NULL, 0, &answer) == 0)
			want(life, false, "the page does not answer");
		if ((took_ms = now_ms() - from_ms) > life->looked_ms)
			life->looked_ms = took_ms;
		life->looks++;
		(void)usleep(200000);
	}
	ask_answer_clear(&answer);
	ask_free(ask);
	return NULL;
}

/* A figure of /metrics; -1 where it is not there. */
static int64_t metric(struct life *life, const char *name)
{
	struct ask *ask = collector_client(&life->collector, &life->collector.operator);
	struct ask_answer answer = {0};
	int64_t figure = -1;
	const char *at;

	if (ask_for(ask, "/metrics", NULL, 0, &answer) == 200 && (at = strstr(buf_text(&answer.body), name)))
		figure = strtoll(at + strlen(name), NULL, 10);
	ask_answer_clear(&answer);
	ask_free(ask);
	return figure;
}

/* ---- The troubles ---- */

static void send_hostile_bodies(struct life *life)
{
	struct ask *ask = collector_client(&life->collector, &life->collector.stranger);
	AUTO(buf) struct buf body = BUF_INIT(1u << 21);
	struct ask_answer answer = {0};
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	for (size_t round = 0; round < (life->part->is_short ? 2 : 100); round++)
		for (size_t i = 0; i < HOSTILE_BODIES; i++) {
			hostile_body(i, &maker, &body);
			(void)ask_for(ask, "/reports", buf_text(&body), body.len, &answer);
			if (answer.status != 400 && answer.status != 403 && answer.status != 413 && answer.status != 429)
				part_bad(life->part, "hostile body %zu was answered with %ld: %.80s", i, answer.status,
					buf_text(&answer.body));
		}
	want(life, metric(life, "outcome=\"refused\"} ") > HOSTILE_BODIES, "nobody sees what was refused");
	want(life, collector_count(&life->collector, "SELECT count(*) FROM terminal WHERE name = 'Somebody'") == 0,
		"something of it is kept");
	report_maker_clear(&maker);
	ask_answer_clear(&answer);
	ask_free(ask);
}

static void take_all_connections(struct life *life)
{
	struct slow_senders *slow = slow_senders_begin(&life->collector, &life->collector.stranger, SLOW_SENDERS);

	senders_await(&life->senders, life->part->is_short ? 50 : 75 * 30);
	slow_senders_end(slow);
}

static void send_without_end(struct life *life)
{
	struct ask *ask = collector_client(&life->collector, &life->collector.stranger);
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask_answer answer = {0};
	struct report_maker maker;
	int64_t taken = 0;

	report_maker_init(&maker, collector_now_s());
	for (int i = 0; i < (life->part->is_short ? FLOOD_SHORT : FLOOD); i++) {
		report_maker_make(&maker, &body);
		taken += ask_for(ask, "/reports", buf_text(&body), body.len, &answer) == 200;
	}
	want(life, taken <= 2 * 60 + 20, "one certificate had more taken than it may");
	want(life, metric(life, "outcome=\"limited\"} ") > 100, "nobody sees who sent too much");
	want(life, collector_count(&life->collector,
			   "SELECT count(*) FROM report JOIN terminal ON terminal.id = report.terminal "
			   "WHERE name = 'Somebody'") == taken,
		"what was answered is not what is kept");
	report_maker_clear(&maker);
	ask_answer_clear(&answer);
	ask_free(ask);
}

/* Until so many were told to come again, and in full as long as a minute. */
static void stay_away(struct life *life)
{
	int64_t refused = life->senders.refused, until_ms = now_ms() + AWAY_S * 1000;

	while (life->senders.refused < refused + 20 || (!life->part->is_short && now_ms() < until_ms))
		(void)usleep(10000);
}

static void fill_disk(struct life *life)
{
	char path[700], command[1600];

	(void)snprintf(path, sizeof(path), "%s/disk/ballast", life->collector.folder.path);
	(void)snprintf(command, sizeof(command), "cat /dev/zero >'%s' 2>'%s/full'", path, life->collector.folder.path);
	if (system(command) == 0)
		abort();
	stay_away(life);
	want(life, says(life, "/", "class=\"verdict alarm\""), "the page does not say that something is wrong");
	want(life, says(life, "/", "full"), "the page does not say that the disk is full");
	want(life, says(life, "/api/v1/fleet", "\"trouble\":\""), "the interface does not say so");
	want(life, metric(life, "\nhaishin_store_trouble ") == 1, "who watches by metrics is not told");
	if (unlink(path) < 0)
		abort();
}

static void take_postgres_away(struct life *life)
{
	postgres_kill(life->collector.postgres);
	stay_away(life);
	want(life, says(life, "/", "PostgreSQL"), "the page does not say that PostgreSQL is gone");
	want(life, says(life, "/", "<main"), "people are not answered with a page");
	want(life, says(life, "/api/v1/fleet", "PostgreSQL"), "the interface does not say so");
	want(life, metric(life, "\nhaishin_store_trouble ") == 1, "who watches by metrics is not told");
	postgres_start(life->collector.postgres);
}

static const struct scene scenes[] = {
	{"bodies that are no reports", send_hostile_bodies, true, true},
	{"senders that take their time", take_all_connections, true, true},
	{"one who sends without end", send_without_end, true, true},
	{"a full disk", fill_disk, true, false},
	{"PostgreSQL gone for a minute", take_postgres_away, false, true},
};

/* ---- One scene ---- */

static void check(struct life *life)
{
	want(life, senders_lost(&life->senders) == 0, "answered reports are lost, or there twice");
	want(life, says(life, "/api/v1/fleet", "\"trouble\":null"), "it does not say that all is well again");
	if (!life->part->is_short && life->senders.longest_ms > LONGEST_MS)
		part_bad(life->part, "%s: a terminal waited %" PRId64 " ms", life->scene->name,
			(int64_t)life->senders.longest_ms);
	if (!life->part->is_short && life->looked_ms > LONGEST_MS)
		part_bad(life->part, "%s: the operator waited %" PRId64 " ms", life->scene->name,
			(int64_t)life->looked_ms);
	part_say(life->part, "%s, %s: %" PRId64 " reports taken, the longest wait %" PRId64 " ms; %" PRId64
		" looks at the page, the longest %" PRId64 " ms",
		life->scene->name, life->collector.postgres ? "PostgreSQL" : "SQLite", (int64_t)life->senders.taken,
		(int64_t)life->senders.longest_ms, (int64_t)life->looks, (int64_t)life->looked_ms);
}

static void play(struct life *life)
{
	size_t senders = life->part->is_short ? 6 : 30;

	collector_start(&life->collector);
	if (pthread_create(&life->operator, NULL, look_all_the_time, life) != 0)
		abort();
	senders_begin(&life->senders, &life->collector, senders, 400, true);
	senders_await(&life->senders, (int64_t)senders);
	life->scene->trouble(life);
	senders_await(&life->senders, (int64_t)senders); /* all is well again */
	senders_end(&life->senders);
	life->is_over = true;
	(void)pthread_join(life->operator, NULL);
	check(life);
	collector_stop(&life->collector);
	senders_clear(&life->senders);
	part_ran(life->part);
}

/* A disk of its own, which can be full. */
static void get_disk(struct life *life)
{
	char path[600];

	(void)snprintf(path, sizeof(path), "%s/disk", life->collector.folder.path);
	if (mkdir(path, 0700) < 0 || mount("none", path, "tmpfs", 0, DISK) < 0)
		abort();
	(void)snprintf(life->collector.store, sizeof(life->collector.store), "%s/disk/collector.db",
		life->collector.folder.path);
}

static void give_disk_back(struct life *life)
{
	char path[600];

	(void)snprintf(path, sizeof(path), "%s/disk", life->collector.folder.path);
	if (umount2(path, MNT_DETACH) < 0)
		abort();
}

static void play_with(struct part *part, const struct scene *scene, struct postgres *postgres)
{
	struct life life = {.part = part, .scene = scene};

	collector_init(&life.collector);
	life.collector.summary_age = "1s";
	if (postgres) {
		(void)postgres_number(postgres,
			"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT 1");
		collector_use_postgres(&life.collector, postgres);
		play(&life);
	} else {
		get_disk(&life);
		play(&life);
		give_disk_back(&life);
	}
	collector_clear(&life.collector);
}

/* Nobody else sees the disks that are mounted here. */
static void get_own_mounts(const struct part *part)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		part_lacks(part, "mounts of its own (root)");
}

int main(int argc, char **argv)
{
	struct postgres postgres;
	struct part part;

	part_begin(&part, "collector hostile", argc, argv);
	get_own_mounts(&part);
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		if (scenes[i].with_sqlite)
			play_with(&part, &scenes[i], NULL);
	postgres_init(&postgres);
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		if (scenes[i].with_postgres)
			play_with(&part, &scenes[i], &postgres);
	postgres_clear(&postgres);
	return part_end(&part);
}
