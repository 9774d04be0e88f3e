#include "collector/api/desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "collector/api/turns.h"

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
	} places[TURNS_PLACES];
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t wakeup; /* something waits, or it is to end */
	struct turns turns;
	struct error trouble; /* why the store was not there a moment ago; code ERROR_NONE: it was */
	struct timespec failed_at;
	bool is_ending;
};

/* Waits for the next that PLACE may answer; NULL: it is to end, and nothing is left for it. */
static struct exchange *take_next(struct place *place)
{
	struct desk *desk = place->desk;
	size_t number = (size_t)(place - desk->places);
	struct exchange *exchange;

	(void)pthread_mutex_lock(&desk->lock);
	while (!(exchange = turns_take(&desk->turns, number)) && !desk->is_ending)
		(void)pthread_cond_wait(&desk->wakeup, &desk->lock);
	(void)pthread_mutex_unlock(&desk->lock);
	return exchange;
}

static void hand_back(struct place *place, struct exchange *exchange)
{
	struct desk *desk = place->desk;

	(void)pthread_mutex_lock(&desk->lock);
	turns_end(&desk->turns, (size_t)(place - desk->places));
	(void)pthread_mutex_unlock(&desk->lock);
	exchange_done(exchange);
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

	while ((exchange = take_next(place))) {
		struct error err = {0};

		bool away = is_away(place->desk, &err) || revive(place, &err) < 0;

		place->desk->answer(
			place->desk->context, away ? NULL : place->database, away ? &err : NULL, exchange);
		hand_back(place, exchange);
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
	(void)pthread_mutex_init(&desk->lock, NULL);
	(void)pthread_cond_init(&desk->wakeup, NULL);
	for (int i = 0; i < TURNS_PLACES; i++) {
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
	for (int i = 0; i < TURNS_PLACES; i++) {
		if (desk->places[i].has_thread)
			(void)pthread_join(desk->places[i].thread, NULL);
		database_close(desk->places[i].database);
	}
	(void)pthread_cond_destroy(&desk->wakeup);
	(void)pthread_mutex_destroy(&desk->lock);
	free(desk);
}

int desk_hand_in(struct desk *desk, struct exchange *exchange, struct error *err)
{
	int result;

	(void)pthread_mutex_lock(&desk->lock);
	if ((result = turns_add(&desk->turns, exchange, err)) == 0) {
		exchange_take_along(exchange);
		(void)pthread_cond_signal(&desk->wakeup);
	}
	(void)pthread_mutex_unlock(&desk->lock);
	return result;
}
