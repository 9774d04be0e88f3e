#include "collector/api/desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define THREADS 2
#define WAITING_MOST 256
/* A database that says nothing for so long is taken for gone. */
#define PATIENCE_MS 1800
#define TRY_AGAIN_S 1

struct desk {
	desk_answer *answer;
	void *context;
	struct place {
		struct desk *desk;
		struct database *database;
		pthread_t thread;
		bool has_thread;
	} places[THREADS];
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t wakeup; /* something waits, or it is to end */
	struct exchange *first, **last;
	size_t waiting;
	struct error trouble; /* why the store was not there a moment ago; code ERROR_NONE: it was */
	struct timespec failed_at;
	bool is_ending;
};

static struct exchange *take_next(struct desk *desk)
{
	struct exchange *exchange;

	(void)pthread_mutex_lock(&desk->lock);
	while (!desk->first && !desk->is_ending)
		(void)pthread_cond_wait(&desk->wakeup, &desk->lock);
	if ((exchange = desk->first)) {
		desk->waiting--;
		if (!(desk->first = exchange->following))
			desk->last = &desk->first;
	}
	(void)pthread_mutex_unlock(&desk->lock);
	return exchange;
}

/* True within a second after somebody found the store away: all who wait are told at once, and nobody waits for its turn to wait. */
static bool is_away(struct desk *desk, struct error *err)
{
	struct timespec now;
	bool away;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)pthread_mutex_lock(&desk->lock);
	if ((away = desk->trouble.code && now.tv_sec - desk->failed_at.tv_sec < TRY_AGAIN_S))
		*err = desk->trouble;
	(void)pthread_mutex_unlock(&desk->lock);
	return away;
}

static int revive(struct place *place, struct error *err)
{
	struct desk *desk = place->desk;
	int result = database_revive(place->database, err);

	(void)pthread_mutex_lock(&desk->lock);
	desk->trouble = result < 0 ? *err : (struct error){0};
	(void)clock_gettime(CLOCK_MONOTONIC, &desk->failed_at);
	(void)pthread_mutex_unlock(&desk->lock);
	return result;
}

static void *work(void *context)
{
	struct place *place = context;
	struct exchange *exchange;

	while ((exchange = take_next(place->desk))) {
		struct error err = {0};

		bool away = is_away(place->desk, &err) || revive(place, &err) < 0;

		place->desk->answer(
			place->desk->context, away ? NULL : place->database, away ? &err : NULL, exchange);
		exchange_done(exchange);
	}
	return NULL;
}

int desk_open(const char *store, desk_answer *answer, void *context, struct desk **ret_desk, struct error *err)
{
	AUTO(desk) struct desk *desk = calloc(1, sizeof(*desk));

	if (!desk)
		return error_set(err, ERROR_FAILED, "no memory to answer questions");
	desk->answer = answer;
	desk->context = context;
	desk->last = &desk->first;
	(void)pthread_mutex_init(&desk->lock, NULL);
	(void)pthread_cond_init(&desk->wakeup, NULL);
	for (int i = 0; i < THREADS; i++) {
		struct place *place = &desk->places[i];

		place->desk = desk;
		if (database_open(store, &place->database, err) < 0)
			return -1;
		database_set_patience(place->database, PATIENCE_MS);
		if (pthread_create(&place->thread, NULL, work, place) != 0)
			return error_set(err, ERROR_FAILED, "cannot start a thread that answers questions");
		place->has_thread = true;
	}
	*ret_desk = take_ptr(&desk);
	return 0;
}

void desk_close(struct desk *desk)
{
	if (!desk)
		return;
	(void)pthread_mutex_lock(&desk->lock);
	desk->is_ending = true;
	(void)pthread_cond_broadcast(&desk->wakeup);
	(void)pthread_mutex_unlock(&desk->lock);
	for (int i = 0; i < THREADS; i++) {
		if (desk->places[i].has_thread)
			(void)pthread_join(desk->places[i].thread, NULL);
		database_close(desk->places[i].database);
	}
	(void)pthread_cond_destroy(&desk->wakeup);
	(void)pthread_mutex_destroy(&desk->lock);
	free(desk);
}

void desk_hand_in(struct desk *desk, struct exchange *exchange)
{
	bool is_full;

	exchange_take_along(exchange);
	exchange->following = NULL;
	(void)pthread_mutex_lock(&desk->lock);
	is_full = desk->waiting >= WAITING_MOST;
	if (!is_full) {
		*desk->last = exchange;
		desk->last = &exchange->following;
		desk->waiting++;
		(void)pthread_cond_signal(&desk->wakeup);
	}
	(void)pthread_mutex_unlock(&desk->lock);
	if (!is_full)
		return;
	exchange_answer_text(exchange, 503, "Too many questions wait; ask again in a moment.");
	exchange_done(exchange);
}
