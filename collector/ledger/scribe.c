#include "collector/ledger/scribe.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/ledger/quill.h"
#include "collector/ledger/shelf.h"
#include "collector/store/lease.h"
#include "ledger/log/ledger_log.h"
#include "ledger/proof/growth_proof.h"
#include "ledger/proof/tlog_proof.h"

#define LEASE "ledger"
#define LEASE_S 10
/* Somebody else may have left something to log. */
#define ROUND_MS 1000
#define LOOK_MS 60000

struct scribe {
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
	struct database *database;
	struct quill *quill; /* NULL: another writes, or it cannot be written */
	char name[LEASE_HOLDER_SIZE];
	char trouble[256];
	char no_metadata[256];		    /* why the repository's metadata were not kept, as it was told last */
	int64_t looked_ms;		    /* when they were looked at last; 0: not yet */
	char waits_for[SCRIBE_REASON_SIZE]; /* the witnesses who are missing, as it was told last */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;  /* guards what follows */
	struct error stopped;  /* why nothing will be signed any more; the thread alone writes it */
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
	const struct quill_desk desk = {
		.config = scribe->config,
		.clock = scribe->clock,
		.database = scribe->database,
		.may_sign = may_sign,
		.context = scribe,
	};

	if (database_revive(scribe->database, err) < 0 || may_sign(scribe, err) < 0)
		return -1;
	return scribe->quill ? 0 : quill_open(&desk, &scribe->quill, err);
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

/* Who is missing is told when that changes, not each time. */
static void tell_witnesses(struct scribe *scribe)
{
	const char *missing = quill_waits_for(scribe->quill);

	if (strncmp(scribe->waits_for, missing, sizeof(scribe->waits_for) - 1) == 0)
		return;
	(void)snprintf(scribe->waits_for, sizeof(scribe->waits_for), "%s", missing);
	if (*missing)
		log_line(scribe->log, LOG_LEVEL_WARNING,
			"nothing goes on in the ledger until its witnesses have cosigned; missing: %s", missing);
	else
		log_line(scribe->log, LOG_LEVEL_INFO, "enough witnesses have cosigned again; the ledger goes on");
}

/* What was signed and what is there contradict each other: whoever runs this has to put it right. */
static void stop(struct scribe *scribe, const struct error *err)
{
	(void)pthread_mutex_lock(&scribe->lock);
	scribe->stopped = *err;
	(void)pthread_mutex_unlock(&scribe->lock);
	(void)kill(getpid(), SIGTERM);
}

/* The first failure of a kind is told, not each; that another writes is none. */
static void put_down(struct scribe *scribe, const struct error *err)
{
	quill_close(scribe->quill);
	scribe->quill = NULL;
	if (err->code == ERROR_DAMAGED) {
		stop(scribe, err);
		return;
	}
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

static void explain(const struct scribe *scribe, char ret_reason[static SCRIBE_REASON_SIZE])
{
	if (scribe->quill && *quill_waits_for(scribe->quill))
		(void)snprintf(ret_reason, SCRIBE_REASON_SIZE, "too few witnesses have cosigned; missing: %s",
			quill_waits_for(scribe->quill));
	else
		(void)snprintf(ret_reason, SCRIBE_REASON_SIZE, "%s",
			scribe->quill ? "it is not logged yet"
				      : "the ledger is not written by this collector at the moment");
}

/* True if WAIT was answered. */
static bool answer(struct scribe *scribe, struct scribe_wait *wait, bool is_last)
{
	AUTO(buf) struct buf proof = BUF_INIT(TLOG_PROOF_MAX_BYTES), growth = BUF_INIT(GROWTH_PROOF_MAX_BYTES);
	char reason[SCRIBE_REASON_SIZE] = "";
	struct scribe_answer said = {.growth = &growth, .pending = reason};
	struct error err = {0};
	bool found = false;

	if (scribe->quill &&
		quill_prove(scribe->quill, &wait->digest, wait->since, &proof, &growth, &found, &err) < 0)
		put_down(scribe, &err);
	if (!found && wait->is_patient && !is_last && now_ms(scribe) - wait->since_ms < SCRIBE_PATIENCE_MS)
		return false;
	if (found && !err.code)
		said.proof = &proof;
	else
		explain(scribe, reason);
	wait->done(wait, &said);
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

static void go_round(struct scribe *scribe)
{
	struct error err = {0};

	if (scribe->stopped.code)
		return;
	if (log_all(scribe, &err) < 0) {
		put_down(scribe, &err);
		return;
	}
	scribe->trouble[0] = '\0';
	tell_witnesses(scribe);
}

/* What the repository publishes is kept for the certificates of years later: when a report comes, which may tell of a release that
 * was published a moment ago, else now and then. The first failure of a kind is told. */
static void look_at_repository(struct scribe *scribe, bool has_reports)
{
	const struct config *config = scribe->config;
	int64_t now = now_ms(scribe);
	struct error err = {0};

	if (!*config->metadata_repository || (!has_reports && scribe->looked_ms && now - scribe->looked_ms < LOOK_MS))
		return;
	scribe->looked_ms = now;
	if (shelf_look(config->metadata_repository, config->metadata_shelf, scribe->clock->now_s(scribe->clock),
		    &err) < 0 &&
		strncmp(scribe->no_metadata, err.text, sizeof(scribe->no_metadata) - 1) != 0)
		log_line(scribe->log, LOG_LEVEL_ERROR,
			"the metadata of the repository are not kept, and delivery certificates need them: %s",
			err.text);
	(void)snprintf(scribe->no_metadata, sizeof(scribe->no_metadata), "%.255s", err.text);
}

static void *work(void *context)
{
	struct scribe *scribe = context;
	struct scribe_wait *waiting = NULL;
	bool goes_on;

	do {
		goes_on = wait_for_work(scribe, &waiting);
		look_at_repository(scribe, waiting != NULL);
		go_round(scribe);
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

int scribe_check(struct scribe *scribe, struct error *err)
{
	struct error stopped;

	(void)pthread_mutex_lock(&scribe->lock);
	stopped = scribe->stopped;
	(void)pthread_mutex_unlock(&scribe->lock);
	if (!stopped.code)
		return 0;
	return error_set(err, stopped.code, "the ledger: %s", stopped.text);
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
