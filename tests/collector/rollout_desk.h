/* Where rollouts are looked after, for tests: a real store, a repository's files with one candidate in three stages, a brake's key;
 * terminals are rows as reports make them. */
#ifndef TESTS_COLLECTOR_ROLLOUT_DESK_H
#define TESTS_COLLECTOR_ROLLOUT_DESK_H

#include "tests/support/test.h"

#include "collector/rollout/brake_statement.h"
#include "collector/rollout/rollout_row.h"
#include "collector/rollout/rollout_watch.h"
#include "collector/rollout/trials.h"
#include "common/fs.h"
#include "manifests/rollout/brake.h"
#include "tests/support/folder.h"
#include "tests/support/postgres.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FIRST 20788 /* 2026-12-01 */
#define PILOTS 60
#define TERMINALS 600
#define EVENING_S (9 * 3600) /* 21:00, after the noon at which a night begins */
#define MORNING_S (18 * 3600)

struct desk {
	struct config config;
	struct database *database;
	struct log log;
	struct clock clock;
	int64_t now_ms, takes_ms; /* what its clock that no time change moves shows, and goes on by whenever it is asked */
	struct rollout_watch watch;
	struct candidate candidate;
	struct candidate_stage stages[3];
	struct fs fs;
	struct folder folder;
	struct postgres postgres;
	bool has_postgres;
};

/* To cmocka, for each test. */
int desk_open(void **state);
int desk_open_on_postgres(void **state);
int desk_close(void **state);

/* ---- What is published ---- */

void desk_put(struct desk *desk, const char *name, const char *text);
void desk_publish(struct desk *desk);
/* Another one than there was. */
void desk_make_key(struct desk *desk);

/* ---- Terminals ---- */

/* So many seconds after the noon at which that night begins; 0 is that of the first stage. */
int64_t desk_at(int night, int64_t second);
/* All terminals report; the pilots, which are the first, that the candidate is in STATE there (NULL: they say nothing at all). */
void desk_report_all(struct desk *desk, int64_t now_s, const char *state);
/* Terminals FROM to TO of them alone. */
void desk_report_some(struct desk *desk, int from, int to, int64_t now_s, const char *state);

/* ---- The collector ---- */

struct trials desk_trials(struct desk *desk);
/* It looks, and has no trouble. */
struct rollout_row desk_look(struct desk *desk, int64_t now_s);
/* What it last signed; the caller's. */
struct brake *desk_statement(struct desk *desk);
/* The first night: the pilots take it. */
void desk_begin(struct desk *desk);

#endif
