#include "collector/reports/intake.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A database that is silent for so long is taken for gone: senders wait for it. */
#define PATIENCE_MS 1500
/* While the store cannot take any, it is tried again so often, by one batch; all others are told at once. */
#define TRY_AGAIN_S 1

/* Who sends too much is named so often. */
#define NAMED_EVERY_S 60

/* After the store failed, a sender is told to come again so much later. */
#define RETRY_AFTER_S 60

struct intake {
	struct database *database;
	struct keeper *keeper;
	const struct log *log;
	int64_t waiting_most;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t wakeup; /* something waits, or it is to end */
	struct submission *first, **last;
	struct intake_figures figures;
	bool is_at_work;
	struct timespec failed_at, named_at; /* the latter: of who sends too much; 0: nobody was yet */
	bool is_ending;
};

/* ---- The thread ---- */

/* Takes up to KEEP_MOST of those that wait; 0 when it is to end. */
static size_t take_batch(struct intake *intake, struct submission **ret_batch)
{
	size_t count = 0;

	(void)pthread_mutex_lock(&intake->lock);
	while (!intake->first && !intake->is_ending)
		(void)pthread_cond_wait(&intake->wakeup, &intake->lock);
	while (intake->first && count < KEEP_MOST) {
		ret_batch[count++] = intake->first;
		intake->first = intake->first->following;
	}
	if (!intake->first)
		intake->last = &intake->first;
	intake->figures.waiting -= count;
	intake->is_at_work = count > 0;
	(void)pthread_mutex_unlock(&intake->lock);
	return count;
}

/* The first failure is told, and the end of the trouble, not each batch between. */
static void note_fate(struct intake *intake, struct submission *const *batch, size_t count, const struct error *err)
{
	struct intake_figures *figures = &intake->figures;
	bool is_new = !*figures->trouble, is_over = *figures->trouble && !err;

	(void)pthread_mutex_lock(&intake->lock);
	(void)snprintf(figures->trouble, sizeof(figures->trouble), "%s", err ? err->text : "");
	intake->is_at_work = false;
	if (err)
		(void)clock_gettime(CLOCK_MONOTONIC, &intake->failed_at);
	for (size_t i = 0; i < count; i++)
		if (err)
			figures->failed++;
		else if (batch[i]->error.code)
			figures->refused++;
		else if (batch[i]->is_known)
			figures->known++;
		else
			figures->kept++;
	(void)pthread_mutex_unlock(&intake->lock);
	if (err && is_new)
		log_line(intake->log, LOG_LEVEL_ERROR,
			"reports cannot be kept, their senders are told to come again: %s", err->text);
	if (is_over)
		log_line(intake->log, LOG_LEVEL_INFO, "reports are kept again");
}

static void keep_batch(struct intake *intake, struct submission *const *batch, size_t count)
{
	struct error err = {0};
	bool failed = keeper_keep(intake->keeper, batch, count, &err) < 0;

	err.retry_after_s = RETRY_AFTER_S;
	note_fate(intake, batch, count, failed ? &err : NULL);
	for (size_t i = 0; i < count; i++) {
		if (failed)
			batch[i]->error = err;
		batch[i]->done(batch[i]);
	}
}

static void *work(void *context)
{
	struct submission *batch[KEEP_MOST];
	struct intake *intake = context;
	size_t count;

	while ((count = take_batch(intake, batch)) > 0)
		keep_batch(intake, batch, count);
	return NULL;
}

/* ---- From outside ---- */

int intake_open(const struct config *config, const struct log *log, struct intake **ret_intake, struct error *err)
{
	AUTO(intake) struct intake *intake = calloc(1, sizeof(*intake));

	if (!intake)
		return error_set(err, ERROR_FAILED, "no memory to take reports");
	intake->log = log;
	intake->waiting_most = config->waiting;
	intake->last = &intake->first;
	(void)pthread_mutex_init(&intake->lock, NULL);
	(void)pthread_cond_init(&intake->wakeup, NULL);
	if (database_open(config->store, &intake->database, err) < 0)
		return -1;
	database_set_patience(intake->database, PATIENCE_MS);
	if (keeper_open(intake->database, *config->ledger_folder, &intake->keeper, err) < 0)
		return -1;
	if (pthread_create(&intake->thread, NULL, work, intake) != 0)
		return error_set(err, ERROR_FAILED, "cannot start the thread that keeps reports");
	intake->has_thread = true;
	*ret_intake = take_ptr(&intake);
	return 0;
}

void intake_close(struct intake *intake)
{
	if (!intake)
		return;
	if (intake->has_thread) {
		(void)pthread_mutex_lock(&intake->lock);
		intake->is_ending = true;
		(void)pthread_cond_signal(&intake->wakeup);
		(void)pthread_mutex_unlock(&intake->lock);
		(void)pthread_join(intake->thread, NULL);
	}
	keeper_close(intake->keeper);
	database_close(intake->database);
	(void)pthread_cond_destroy(&intake->wakeup);
	(void)pthread_mutex_destroy(&intake->lock);
	free(intake);
}

/* True while the store is known to take none, and somebody else finds out whether it does again. */
static bool is_hopeless(const struct intake *intake)
{
	struct timespec now;

	if (!*intake->figures.trouble)
		return false;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return intake->is_at_work || intake->figures.waiting > 0 || now.tv_sec - intake->failed_at.tv_sec < TRY_AGAIN_S;
}

static int refuse(const struct intake *intake, struct error *err)
{
	(void)error_set(err, *intake->figures.trouble ? ERROR_NETWORK : ERROR_BUSY, "%s",
		*intake->figures.trouble ? intake->figures.trouble : "too many reports wait for the store");
	err->retry_after_s = RETRY_AFTER_S;
	return -1;
}

int intake_submit(struct intake *intake, struct submission *submission, struct error *err)
{
	int result = 0;

	submission->following = NULL;
	(void)pthread_mutex_lock(&intake->lock);
	if ((int64_t)intake->figures.waiting >= intake->waiting_most || intake->is_ending || is_hopeless(intake)) {
		result = refuse(intake, err);
		intake->figures.failed++;
	} else {
		*intake->last = submission;
		intake->last = &submission->following;
		intake->figures.waiting++;
		(void)pthread_cond_signal(&intake->wakeup);
	}
	(void)pthread_mutex_unlock(&intake->lock);
	return result;
}

void intake_refused(struct intake *intake)
{
	(void)pthread_mutex_lock(&intake->lock);
	intake->figures.refused++;
	(void)pthread_mutex_unlock(&intake->lock);
}

void intake_limited(struct intake *intake, const char *subject)
{
	struct timespec now;
	bool is_named;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)pthread_mutex_lock(&intake->lock);
	intake->figures.limited++;
	is_named = !intake->named_at.tv_sec || now.tv_sec - intake->named_at.tv_sec >= NAMED_EVERY_S;
	if (is_named)
		intake->named_at = now;
	(void)pthread_mutex_unlock(&intake->lock);
	if (is_named)
		log_line(intake->log, LOG_LEVEL_WARNING,
			"'%s' has sent as many reports as one certificate may, and is told to come again later", subject);
}

void intake_figures(struct intake *intake, struct intake_figures *ret_figures)
{
	(void)pthread_mutex_lock(&intake->lock);
	*ret_figures = intake->figures;
	(void)pthread_mutex_unlock(&intake->lock);
}
