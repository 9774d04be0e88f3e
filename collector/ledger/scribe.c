#include "collector/ledger/scribe.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/ledger/quill.h"
#include "collector/store/lease.h"
#include "ledger/log/ledger_log.h"
#include "ledger/proof/tlog_proof.h"

#define LEASE "ledger"
#define LEASE_S 10
/* Somebody else may have left something to log. */
#define ROUND_MS 1000

struct scribe {
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
	struct database *database;
	struct quill *quill; /* NULL: another writes, or it cannot be written */
	char name[LEASE_HOLDER_SIZE];
	char trouble[256];
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t wakeup; /* somebody waits, or it is to end */
	struct scribe_wait *asked;
	bool is_ending;
};

/* ---- The ledger in hand ---- */

static int may_sign(void *context, struct error *err)
{
	struct scribe *scribe = context;
	bool taken;

	if (lease_take(scribe->database, LEASE, scribe->name, scribe->clock->now_s(scribe->clock), LEASE_S, &taken,
		    err) < 0)
		return -1;
	return taken ? 0 : error_set(err, ERROR_BUSY, "another collector writes the ledger now");
}

static int take_in_hand(struct scribe *scribe, struct error *err)
{
	if (database_revive(scribe->database, err) < 0 || may_sign(scribe, err) < 0)
		return -1;
	return scribe->quill ? 0
			     : quill_open(scribe->config, scribe->database, may_sign, scribe, &scribe->quill, err);
}

static int log_all(struct scribe *scribe, struct error *err)
{
	size_t count = 1;

	if (take_in_hand(scribe, err) < 0)
		return -1;
	while (count > 0)
		if (quill_log_batch(scribe->quill, &count, err) < 0)
			return -1;
	return 0;
}

/* The first failure of a kind is told, not each; that another writes is none. */
static void put_down(struct scribe *scribe, const struct error *err)
{
	quill_close(scribe->quill);
	scribe->quill = NULL;
	if (err->code == ERROR_BUSY || strncmp(scribe->trouble, err->text, sizeof(scribe->trouble) - 1) == 0)
		return;
	(void)snprintf(scribe->trouble, sizeof(scribe->trouble), "%.255s", err->text);
	log_line(scribe->log, LOG_LEVEL_ERROR, "nothing is logged in the ledger: %s", err->text);
}

/* ---- Those who wait ---- */

static int64_t now_ms(const struct scribe *scribe)
{
	return scribe->clock->monotonic_ms(scribe->clock);
}

/* True if WAIT was answered. */
static bool answer(struct scribe *scribe, struct scribe_wait *wait, bool is_last)
{
	AUTO(buf) struct buf proof = BUF_INIT(TLOG_PROOF_MAX_BYTES);
	struct error err = {0};
	bool found = false;

	if (scribe->quill && quill_prove(scribe->quill, &wait->digest, &proof, &found, &err) < 0)
		put_down(scribe, &err);
	if (!found && wait->is_patient && !is_last && now_ms(scribe) - wait->since_ms < SCRIBE_PATIENCE_MS)
		return false;
	wait->done(wait, found && !err.code ? &proof : NULL);
	return true;
}

/* Goes through WAITING, and leaves those that are to wait on. */
static void answer_all(struct scribe *scribe, struct scribe_wait **waiting, bool is_last)
{
	while (*waiting) {
		struct scribe_wait *wait = *waiting, *following = wait->following;

		if (answer(scribe, wait, is_last))
			*waiting = following;
		else
			waiting = &wait->following;
	}
}

/* ---- The thread ---- */

/* Takes those who asked since, in front of those who wait already; false when it is to end. */
static bool wait_for_work(struct scribe *scribe, struct scribe_wait **waiting)
{
	struct scribe_wait **last = waiting;
	struct timespec until;
	bool goes_on;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ROUND_MS / 1000;
	(void)pthread_mutex_lock(&scribe->lock);
	while (!scribe->asked && !scribe->is_ending)
		if (pthread_cond_timedwait(&scribe->wakeup, &scribe->lock, &until) != 0)
			break;
	while (*last)
		last = &(*last)->following;
	*last = scribe->asked;
	scribe->asked = NULL;
	goes_on = !scribe->is_ending;
	(void)pthread_mutex_unlock(&scribe->lock);
	return goes_on;
}

static void *work(void *context)
{
	struct scribe *scribe = context;
	struct scribe_wait *waiting = NULL;
	bool goes_on;

	do {
		struct error err = {0};

		goes_on = wait_for_work(scribe, &waiting);
		if (log_all(scribe, &err) < 0)
			put_down(scribe, &err);
		else
			scribe->trouble[0] = '\0';
		answer_all(scribe, &waiting, !goes_on);
	} while (goes_on);
	quill_close(scribe->quill);
	lease_give_back(scribe->database, LEASE, scribe->name);
	return NULL;
}

/* ---- From outside ---- */

int scribe_begin_ledger(const struct config *config, struct buf *ret_key_text, struct error *err)
{
	AUTO(signer) struct signer *signer = quill_read_key(config, err);
	struct vkey key;
	struct fs fs;

	if (!signer)
		return -1;
	fs_init(&fs);
	const struct ledger_place place = {
		.fs = &fs, .folder = config->ledger_folder, .origin = config->ledger_origin, .signer = signer};

	if (vkey_of_signer(signer, config->ledger_origin, VKEY_NOTE, &key, err) < 0 ||
		ledger_log_create(&place, err) < 0)
		return -1;
	return vkey_write(&key, ret_key_text, err);
}

static int start(struct scribe *scribe, struct error *err)
{
	pthread_condattr_t monotonic;

	(void)pthread_mutex_init(&scribe->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&scribe->wakeup, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	if (database_open(scribe->config->store, &scribe->database, err) < 0)
		return -1;
	lease_name_holder(scribe->database, scribe->name);
	if (take_in_hand(scribe, err) < 0 &&
		(err->code != ERROR_BUSY || database_dialect(scribe->database) == DIALECT_SQLITE))
		return error_context(err, "the ledger");
	if (pthread_create(&scribe->thread, NULL, work, scribe) != 0)
		return error_set(err, ERROR_FAILED, "cannot start the thread that writes the ledger");
	scribe->has_thread = true;
	return 0;
}

int scribe_open(const struct config *config, const struct clock *clock, const struct log *log,
	struct scribe **ret_scribe, struct error *err)
{
	AUTO(scribe) struct scribe *scribe = calloc(1, sizeof(*scribe));

	if (!scribe)
		return error_set(err, ERROR_FAILED, "no memory for the ledger");
	scribe->config = config;
	scribe->clock = clock;
	scribe->log = log;
	if (start(scribe, err) < 0)
		return -1;
	*ret_scribe = take_ptr(&scribe);
	return 0;
}

void scribe_close(struct scribe *scribe)
{
	if (!scribe)
		return;
	if (scribe->has_thread) {
		(void)pthread_mutex_lock(&scribe->lock);
		scribe->is_ending = true;
		(void)pthread_cond_signal(&scribe->wakeup);
		(void)pthread_mutex_unlock(&scribe->lock);
		(void)pthread_join(scribe->thread, NULL);
	} else {
		quill_close(scribe->quill);
	}
	database_close(scribe->database);
	(void)pthread_cond_destroy(&scribe->wakeup);
	(void)pthread_mutex_destroy(&scribe->lock);
	free(scribe);
}

void scribe_ask(struct scribe *scribe, struct scribe_wait *wait)
{
	wait->since_ms = now_ms(scribe);
	(void)pthread_mutex_lock(&scribe->lock);
	wait->following = scribe->asked;
	scribe->asked = wait;
	(void)pthread_cond_signal(&scribe->wakeup);
	(void)pthread_mutex_unlock(&scribe->lock);
}
