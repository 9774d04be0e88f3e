#include "tests/collector/senders.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME "13000%05" PRId64

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* ---- One of them ---- */

static void become_terminal(struct sender *sender)
{
	struct senders *all = sender->all;
	char name[32];

	(void)snprintf(name, sizeof(name), NAME, atomic_fetch_add(&all->terminals, 1));
	pki_issue_client(&all->collector->pki, &sender->pair, name, pki_yesterday(), pki_next_year());
	report_maker_init(&sender->maker, collector_now_s());
	report_maker_add_window(&sender->maker, collector_now_s() - 86400, "contacted");
	sender->answered = 0;
}

static void end_terminal(struct sender *sender)
{
	report_maker_clear(&sender->maker);
	pki_pair_clear(&sender->pair);
}

static struct ask *connect_anew(struct sender *sender, struct ask *former)
{
	struct senders *all = sender->all;
	struct ask *ask;

	ask_free(former);
	(void)pthread_mutex_lock(&all->lock);
	ask = ask_new(all->base, all->collector->pki.ca_pem, &sender->pair);
	(void)pthread_mutex_unlock(&all->lock);
	return ask;
}

static void note_wait(struct senders *all, int64_t waited_ms)
{
	int64_t longest_ms = all->longest_ms;

	while (waited_ms > longest_ms && !atomic_compare_exchange_weak(&all->longest_ms, &longest_ms, waited_ms))
		;
}

static bool send_once(struct sender *sender, struct ask *ask, const struct buf *body)
{
	struct ask_answer answer = {0};
	int64_t from_ms = now_ms();
	bool is_taken = ask_for(ask, "/reports", buf_text(body), body->len, &answer) == 200;

	note_wait(sender->all, now_ms() - from_ms);
	ask_answer_clear(&answer);
	return is_taken;
}

/* Until it is taken; over a new connection each time that it was not. */
static struct ask *send_report(struct sender *sender, struct ask *ask)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);

	report_maker_make_whole(&sender->maker, &sender->pair, &sender->pair, &body);
	while (!send_once(sender, ask, &body)) {
		sender->all->refused++;
		(void)usleep(20000);
		ask = connect_anew(sender, ask);
	}
	sender->answered++;
	sender->all->taken++;
	return ask;
}

static void *report_all_the_time(void *context)
{
	struct sender *sender = context;
	struct senders *all = sender->all;
	struct ask *ask = connect_anew(sender, NULL);

	while (!all->is_ending) {
		ask = send_report(sender, ask);
		if (all->pause_ms)
			(void)usleep((useconds_t)all->pause_ms * 1000);
		if (all->is_fleet && !all->is_ending) {
			end_terminal(sender);
			become_terminal(sender);
			ask = connect_anew(sender, ask);
		}
	}
	ask_free(ask);
	return NULL;
}

/* ---- All of them ---- */

void senders_follow(struct senders *senders)
{
	(void)pthread_mutex_lock(&senders->lock);
	(void)snprintf(senders->base, sizeof(senders->base), "%s", senders->collector->base);
	(void)pthread_mutex_unlock(&senders->lock);
}

void senders_begin(
	struct senders *senders, struct collector *collector, size_t count, int64_t pause_ms, bool is_fleet)
{
	*senders = (struct senders){.collector = collector,
		.items = calloc(count, sizeof(*senders->items)),
		.count = count,
		.pause_ms = pause_ms,
		.is_fleet = is_fleet};
	if (!senders->items || pthread_mutex_init(&senders->lock, NULL) != 0)
		abort();
	senders_follow(senders);
	for (size_t i = 0; i < count; i++) {
		senders->items[i].all = senders;
		become_terminal(&senders->items[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&senders->items[i].thread, NULL, report_all_the_time, &senders->items[i]) != 0)
			abort();
}

void senders_await(struct senders *senders, int64_t more)
{
	int64_t until = senders->taken + more;

	while (senders->taken < until)
		(void)usleep(2000);
}

void senders_end(struct senders *senders)
{
	senders->is_ending = true;
	for (size_t i = 0; i < senders->count; i++)
		(void)pthread_join(senders->items[i].thread, NULL);
}

void senders_clear(struct senders *senders)
{
	for (size_t i = 0; i < senders->count; i++)
		end_terminal(&senders->items[i]);
	(void)pthread_mutex_destroy(&senders->lock);
	free(senders->items);
}

/* ---- What is there ---- */

#define OF_THEIRS "FROM report JOIN terminal ON terminal.id = report.terminal WHERE substr(terminal.name, 1, 5) = '13000'"

/* Each terminal has numbered its reports without a gap; a fleet's have one. */
int64_t senders_lost(const struct senders *senders)
{
	int64_t rows = collector_count(senders->collector, "SELECT count(*) " OF_THEIRS);
	int64_t different = collector_count(senders->collector,
		"SELECT count(*) FROM (SELECT DISTINCT report.terminal, report.number " OF_THEIRS ") AS each_one");
	int64_t doubled = rows - different, missing = senders->taken - different;

	return doubled + (missing > 0 ? missing : -missing);
}

int64_t senders_lost_last(const struct senders *senders)
{
	int64_t lost = 0;
	char sql[300];

	for (size_t i = 0; i < senders->count; i++) {
		const struct sender *sender = &senders->items[i];

		(void)snprintf(sql, sizeof(sql),
			"SELECT count(*) " OF_THEIRS " AND key = '%s' AND report.number = %" PRId64,
			signer_key_id(sender->maker.signer), sender->answered);
		if (sender->answered && collector_count(senders->collector, sql) != 1)
			lost++;
	}
	return lost;
}
