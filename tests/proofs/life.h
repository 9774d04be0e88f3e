/* One terminal's life under a clock, a disk and a server that misbehave. Every step runs the agent's or the guard's own code in
 * a process of its own, which may be killed in the middle; what stays is what is on the disk. */
#ifndef TESTS_PROOFS_LIFE_H
#define TESTS_PROOFS_LIFE_H

#include <stdbool.h>

#include "agent/resident/job.h"
#include "common/digest.h"
#include "tests/agent/world.h"
#include "tests/proofs/braking.h"
#include "tests/proofs/chance.h"
#include "tests/proofs/fault.h"
#include "tests/proofs/server.h"

#define LIFE_PACKAGES 4
extern const char *const life_packages[LIFE_PACKAGES];

/* A candidate that the terminal knew to be stopped, and had neither current nor staged. */
struct life_refusal {
	char digest[SHA256_HEX_SIZE];
	int64_t attempt; /* 0: none */
};

struct life {
	struct world *world;
	struct server server;
	struct braking braking;
	struct fault fault;
	struct chance chance;
	struct life_shared *shared; /* with the processes of its steps */
	int64_t clock_error_s;	    /* what the terminal's clock is wrong by */
	bool is_booting;	 /* the guard could not finish: the power went, or the disk takes no write any more */
	bool had[LIFE_PACKAGES]; /* a release was current once */
	struct life_refusal refused[LIFE_PACKAGES];
};

/* How a step ended. */
enum life_end {
	LIFE_DONE,
	LIFE_FAILED,  /* with an error */
	LIFE_KILLED,  /* where a fault said so */
	LIFE_CRASHED, /* a bug */
};

/* WORLD has a publisher; STATES is the folder of its repository's states, served at BASE; BRAKES are the names of its keys that brake,
 * one after the other. */
void life_init(struct life *life, struct world *world, const char *states, const char *base,
	const char *const brakes[static BRAKING_KEYS]);
void life_clear(struct life *life);
/* A new terminal, as the folder WORLD/base has it; nothing is wrong. All that is left to chance comes from CHANCE, what the
 * agent draws for itself too: the same chance gives the same life. */
void life_begin(struct life *life, struct chance chance);
/* Sites are not all set up alike: how many packages at a restart, and when one that failed is taken back. */
void life_choose_settings(struct life *life);
/* An application is stopped, and not started again. */
bool life_has_stopped(const struct life *life);
/* What happened since then. Shared with the processes of its steps. */
struct trace *life_trace(const struct life *life);

/* The true time; the terminal's clock is wrong by clock_error_s. */
int64_t life_now_s(const struct life *life);
void life_set_now(struct life *life, int64_t now_s);

/* The error of the last step. */
const struct error *life_error(const struct life *life);

/* The next fault of the disk, and of the process, in the next step alone. */
void life_arm(struct life *life, enum fault_kind kind, uint64_t at, int sys);

/* The machine starts: a new boot identity, the guard. */
enum life_end life_boot(struct life *life);
/* The agent starts, and runs the next job that is due until UNTIL_S; the clock goes on to it. *RET_RAN is false where none
 * is due. */
enum life_end life_job(struct life *life, int64_t until_s, bool *ret_ran);
/* Staff press the button. */
enum life_end life_button(struct life *life);
/* What staff do: WHAT is "disable", "disable-for-a-day", "enable", "hold PACKAGE", "release PACKAGE", "roll-back PACKAGE". */
enum life_end life_staff(struct life *life, const char *what, const char *package);
/* Something on the disk is damaged: the store, the cache, trusted metadata. */
void life_damage(struct life *life, const char *what);

/* The last step asked the server, and ended well. */
bool life_asked_well(const struct life *life);
/* Of the last step: nothing was asked of the server after the end of the window, or while delivery was disabled. */
WARN_UNUSED int life_look_back(const struct life *life, struct error *err);
/* What must hold after every step: that, and every package that ever ran runs a whole release that the publisher signed, with what it
 * requires beside it once the guard is done; disk, plan and store agree or are brought to; the history is whole. After a contact that ended
 * well: no candidate runs outside its ring, none that is stopped waits for a restart, and none came that was known to be stopped. -1 says
 * what does not. */
WARN_UNUSED int life_check(struct life *life, bool runs_programs, struct error *err);
/* What must hold at the end of good nights: VERSION of every package, confirmed, and the verdict "up to date". */
WARN_UNUSED int life_check_end(struct life *life, const char *version, struct error *err);

#endif
