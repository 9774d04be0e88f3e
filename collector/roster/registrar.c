#include "collector/roster/registrar.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define ROUND_S 2
/* Without a change the list is signed anew so often: those who take it want it fresh. */
#define DAY_S INT64_C(86400)

struct registrar {
	const struct roster *roster;
	const struct clock *clock;
	const struct log *log;
	struct database *database;
	int64_t count, newest_s; /* of those that are revoked, as the list has it */
	int64_t published_s;
	bool is_in_trouble;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t wakeup; /* it is to end */
	bool is_ending;
};

static int look(struct registrar *registrar, int64_t *ret_count, int64_t *ret_newest_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(registrar->database, STATEMENT_CERTIFICATES_REVOKED_COUNT, err);

	if (query_next(query, err) <= 0)
		return -1;
	*ret_count = row_number(query, 0);
	*ret_newest_s = row_number(query, 1);
	return 0;
}

static int go_round(struct registrar *registrar, struct error *err)
{
	int64_t now_s = registrar->clock->now_s(registrar->clock), count, newest_s;

	if (database_revive(registrar->database, err) < 0 || look(registrar, &count, &newest_s, err) < 0)
		return -1;
	/* One from a clock that was ahead is not valid yet, to whoever asks the right one. */
	if (count == registrar->count && newest_s == registrar->newest_s && now_s >= registrar->published_s &&
		now_s - registrar->published_s < DAY_S)
		return 0;
	if (roster_publish(registrar->roster, registrar->database, now_s, err) < 0)
		return -1;
	registrar->count = count;
	registrar->newest_s = newest_s;
	registrar->published_s = now_s;
	return 0;
}

/* False once it is to end. */
static bool wait_for_next(struct registrar *registrar)
{
	struct timespec until;
	bool goes_on;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ROUND_S;
	(void)pthread_mutex_lock(&registrar->lock);
	while (!registrar->is_ending)
		if (pthread_cond_timedwait(&registrar->wakeup, &registrar->lock, &until) != 0)
			break;
	goes_on = !registrar->is_ending;
	(void)pthread_mutex_unlock(&registrar->lock);
	return goes_on;
}

static void *work(void *context)
{
	struct registrar *registrar = context;

	while (wait_for_next(registrar)) {
		struct error err = {0};
		bool failed = go_round(registrar, &err) < 0;

		if (failed && !registrar->is_in_trouble)
			log_line(registrar->log, LOG_LEVEL_ERROR, "the former list of revoked certificates holds on: %s",
				err.text);
		registrar->is_in_trouble = failed;
	}
	return NULL;
}

int registrar_open(const struct roster *roster, const struct clock *clock, const struct log *log,
	struct registrar **ret_registrar, struct error *err)
{
	AUTO(registrar) struct registrar *registrar = calloc(1, sizeof(*registrar));

	if (!registrar)
		return error_set(err, ERROR_FAILED, "no memory for the list of revoked certificates");
	registrar->roster = roster;
	registrar->clock = clock;
	registrar->log = log;
	registrar->count = -1;
	(void)pthread_mutex_init(&registrar->lock, NULL);
	(void)pthread_cond_init(&registrar->wakeup, NULL);
	if (database_open(roster->config->store, &registrar->database, err) < 0 || go_round(registrar, err) < 0)
		return -1;
	if (pthread_create(&registrar->thread, NULL, work, registrar) != 0)
		return error_set(err, ERROR_FAILED, "cannot start the thread that keeps the list of revoked certificates");
	registrar->has_thread = true;
	*ret_registrar = take_ptr(&registrar);
	return 0;
}

void registrar_close(struct registrar *registrar)
{
	if (!registrar)
		return;
	if (registrar->has_thread) {
		(void)pthread_mutex_lock(&registrar->lock);
		registrar->is_ending = true;
		(void)pthread_cond_signal(&registrar->wakeup);
		(void)pthread_mutex_unlock(&registrar->lock);
		(void)pthread_join(registrar->thread, NULL);
	}
	database_close(registrar->database);
	(void)pthread_cond_destroy(&registrar->wakeup);
	(void)pthread_mutex_destroy(&registrar->lock);
	free(registrar);
}
