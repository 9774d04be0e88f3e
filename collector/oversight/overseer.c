#include "collector/oversight/overseer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/oversight/keeping.h"
#include "collector/oversight/silence.h"
#include "collector/store/figures.h"
#include "collector/store/lease.h"

#define ROUND_S 5
#define LEASE "overseer"
#define LEASE_S 60
#define DAY_S INT64_C(86400)
/* Figures that are gathered so quickly are made anew whenever somebody asks. */
#define QUICK_MS 50
/* Between two rounds lies no longer, unless the machine slept, this process was stopped, or the clock was set. */
#define APART_S 300
/* By a clock that was set right a moment ago, nothing is too old yet. */
#define SETTLED_S 3600
/* What is too old and cannot be dropped now is tried again so much later. */
#define AGAIN_S 3600
/* Whoever asks gets older ones where new ones take longer, as when the store is away. */
#define REFRESH_S 1

struct overseer {
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
	struct overseer_errand errand;
	struct database *database;
	char name[64];	 /* of this run */
	int64_t began_s; /* of the stretch in which it is there; 0: it was not */
	int64_t seen_s;	 /* the clock, when it was there last */
	int64_t forgot_s;
	bool is_in_trouble;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;	 /* guards what follows */
	pthread_cond_t wakeup;	 /* it is to end, or figures are wanted */
	pthread_cond_t gathered; /* figures are there */
	int64_t gathered_ms, took_ms;
	uint64_t begun, done; /* gatherings */
	bool is_wanted, is_ending;
};

/* ---- Figures ---- */

static int64_t now_ms(const struct overseer *overseer)
{
	return overseer->clock->monotonic_ms(overseer->clock);
}

/* Whoever asks meanwhile waits for the next one: this one may have counted before what they want to see. */
static uint64_t begin_gathering(struct overseer *overseer)
{
	uint64_t number;

	(void)pthread_mutex_lock(&overseer->lock);
	number = ++overseer->begun;
	overseer->is_wanted = false;
	(void)pthread_mutex_unlock(&overseer->lock);
	return number;
}

static void end_gathering(struct overseer *overseer, uint64_t number, int64_t began_ms)
{
	(void)pthread_mutex_lock(&overseer->lock);
	overseer->gathered_ms = now_ms(overseer);
	overseer->took_ms = overseer->gathered_ms - began_ms;
	overseer->done = number;
	(void)pthread_cond_broadcast(&overseer->gathered);
	(void)pthread_mutex_unlock(&overseer->lock);
}

static int gather(struct overseer *overseer, struct error *err)
{
	int64_t began_ms = now_ms(overseer);
	uint64_t number = begin_gathering(overseer);
	int result = figures_gather(overseer->database, overseer->clock->now_s(overseer->clock), err);

	end_gathering(overseer, number, began_ms);
	return result;
}

static bool is_time_to_gather(struct overseer *overseer)
{
	bool result;

	(void)pthread_mutex_lock(&overseer->lock);
	result = overseer->is_wanted || overseer->done == 0 ||
		 now_ms(overseer) - overseer->gathered_ms >= overseer->config->summary_s * 1000;
	(void)pthread_mutex_unlock(&overseer->lock);
	return result;
}

void overseer_refresh(struct overseer *overseer)
{
	struct timespec until;
	uint64_t wanted;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += REFRESH_S;
	(void)pthread_mutex_lock(&overseer->lock);
	wanted = overseer->begun + 1;
	if (overseer->done == 0 || overseer->took_ms < QUICK_MS || overseer->config->summary_s == 0) {
		overseer->is_wanted = true;
		(void)pthread_cond_signal(&overseer->wakeup);
		while (overseer->done < wanted && !overseer->is_ending)
			if (pthread_cond_timedwait(&overseer->gathered, &overseer->lock, &until) != 0)
				break;
	}
	(void)pthread_mutex_unlock(&overseer->lock);
}

/* ---- One round ---- */

static int look_for_silence(struct overseer *overseer, int64_t now_s, struct error *err)
{
	bool more = true;

	while (more)
		if (silence_judge(overseer->database, now_s - overseer->config->silent_after_s, &more, err) < 0)
			return -1;
	return 0;
}

static int forget(struct overseer *overseer, int64_t now_s, struct error *err)
{
	if (now_s - overseer->began_s < SETTLED_S || (now_s >= overseer->forgot_s && now_s - overseer->forgot_s < DAY_S))
		return 0;
	overseer->forgot_s = now_s;
	if (keeping_forget(overseer->database, now_s - overseer->config->keep_days * DAY_S, err) == 0)
		return 0;
	/* Somebody reads for long, as a backup does. */
	overseer->forgot_s = now_s - DAY_S + AGAIN_S;
	return err->code == ERROR_BUSY ? 0 : -1;
}

/* A stretch of time in which it was there begins anew where nobody can say that it was there all the while. By a clock that was ahead,
 * some may be expected far too late. */
static int begin_stretch(struct overseer *overseer, int64_t now_s, struct error *err)
{
	bool was_away = now_s < overseer->seen_s || now_s - overseer->seen_s > APART_S;

	if (overseer->began_s != 0 && !was_away)
		return 0;
	overseer->began_s = now_s;
	return silence_bring_back(overseer->database, now_s, err);
}

static int go_round(struct overseer *overseer, struct error *err)
{
	int64_t now_s = overseer->clock->now_s(overseer->clock);
	bool taken;

	if (database_revive(overseer->database, err) < 0 || begin_stretch(overseer, now_s, err) < 0 ||
		attendance_note(overseer->database, overseer->name, overseer->began_s, now_s, err) < 0 ||
		lease_take(overseer->database, LEASE, overseer->name, now_s, LEASE_S, &taken, err) < 0)
		return -1;
	if (taken && (look_for_silence(overseer, now_s, err) < 0 || forget(overseer, now_s, err) < 0))
		return -1;
	overseer->errand.run(overseer->errand.context, overseer->database, taken, now_s);
	overseer->seen_s = overseer->clock->now_s(overseer->clock);
	return is_time_to_gather(overseer) ? gather(overseer, err) : 0;
}

/* ---- The thread ---- */

static void wait_for_next(struct overseer *overseer)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ROUND_S;
	(void)pthread_mutex_lock(&overseer->lock);
	while (!overseer->is_wanted && !overseer->is_ending)
		if (pthread_cond_timedwait(&overseer->wakeup, &overseer->lock, &until) != 0)
			break;
	(void)pthread_mutex_unlock(&overseer->lock);
}

static bool is_ending(struct overseer *overseer)
{
	bool result;

	(void)pthread_mutex_lock(&overseer->lock);
	result = overseer->is_ending;
	(void)pthread_mutex_unlock(&overseer->lock);
	return result;
}

/* What failed is begun anew: who was there before and after a failure may not have been there between. Nobody who
 * waits for figures waits for ever. */
static void note_failure(struct overseer *overseer, const struct error *err)
{
	if (!overseer->is_in_trouble)
		log_line(overseer->log, LOG_LEVEL_ERROR, "the fleet cannot be looked after: %s", err->text);
	overseer->is_in_trouble = true;
	overseer->began_s = 0;
	end_gathering(overseer, begin_gathering(overseer), now_ms(overseer));
}

static void *work(void *context)
{
	struct overseer *overseer = context;

	for (; !is_ending(overseer); wait_for_next(overseer)) {
		struct error err = {0};

		if (go_round(overseer, &err) < 0)
			note_failure(overseer, &err);
		else
			overseer->is_in_trouble = false;
	}
	lease_give_back(overseer->database, LEASE, overseer->name);
	return NULL;
}

int overseer_open(const struct config *config, const struct clock *clock, const struct log *log,
	const struct overseer_errand *errand, struct overseer **ret_overseer, struct error *err)
{
	AUTO(overseer) struct overseer *overseer = calloc(1, sizeof(*overseer));
	pthread_condattr_t monotonic;

	if (!overseer)
		return error_set(err, ERROR_FAILED, "no memory to look after the fleet");
	overseer->config = config;
	overseer->clock = clock;
	overseer->log = log;
	overseer->errand = *errand;
	(void)pthread_mutex_init(&overseer->lock, NULL);
	(void)pthread_cond_init(&overseer->gathered, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&overseer->wakeup, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	if (database_open(config->store, &overseer->database, err) < 0)
		return -1;
	lease_name_holder(overseer->database, overseer->name);
	if (pthread_create(&overseer->thread, NULL, work, overseer) != 0)
		return error_set(err, ERROR_FAILED, "cannot start the thread that looks after the fleet");
	overseer->has_thread = true;
	*ret_overseer = take_ptr(&overseer);
	return 0;
}

void overseer_close(struct overseer *overseer)
{
	if (!overseer)
		return;
	if (overseer->has_thread) {
		(void)pthread_mutex_lock(&overseer->lock);
		overseer->is_ending = true;
		(void)pthread_cond_broadcast(&overseer->gathered);
		(void)pthread_cond_signal(&overseer->wakeup);
		(void)pthread_mutex_unlock(&overseer->lock);
		(void)pthread_join(overseer->thread, NULL);
	}
	database_close(overseer->database);
	(void)pthread_cond_destroy(&overseer->gathered);
	(void)pthread_cond_destroy(&overseer->wakeup);
	(void)pthread_mutex_destroy(&overseer->lock);
	free(overseer);
}
