/* A publisher and a terminal for tests of whole nights: a real repository, made by haishin-repo in a fresh folder,
 * served from there as from a stick; a real terminal below a root of its own, on a clock that the test moves. */
#ifndef TESTS_AGENT_WORLD_H
#define TESTS_AGENT_WORLD_H

#include <stdbool.h>

#include "agent/base/terminal.h"
#include "agent/config/config.h"
#include "agent/resident/job.h"
#include "agent/store/delivery.h"
#include "common/env.h"
#include "tests/support/bad_server.h"
#include "tests/support/folder.h"

struct world {
	struct folder folder;
	struct clock clock;
	int64_t now_s;
	int64_t publisher_ahead_s; /* of the real time */
	int64_t publisher_at_s;	   /* its clock stands still; 0: it does not */
	int64_t booted_s;	   /* when the machine started; 0: long ago */
	char boot_id[BOOT_ID_SIZE];
	struct fs fs;
	struct processes processes;
	struct log log;
	struct env env;
	struct config config;
	bool has_config;
	struct terminal terminal;
	bool is_open;
	struct bad_server *server; /* NULL before world_serve */
	const char *programs_begin_with; /* of releases that are added: lines of shell; NULL: none */
	int64_t last_job_s;	   /* when the last job of world_night began */
};

/* An empty repository with keys, delegations for the four packages, and a terminal that runs them. It is 23:00 in
 * Japan, within the window, two days from today. cmocka's setup and teardown; *STATE is a struct world. */
int world_setup(void **state);
/* A world that is the same each time: the terminal begins at NOW_S, the publisher's clock stands still a day before, and
 * MAKE_KEYS puts NAME.pem and NAME.pub.json of each of the publisher's keys into the folder "keys". It ends with
 * world_teardown(). */
typedef void world_keys(const struct folder *folder, void *context);
struct world *world_new_at(int64_t now_s, world_keys *make_keys, void *context);
int world_teardown(void **state);

/* Runs haishin-repo with ARGUMENTS behind the publisher's folder and keys; the test fails where it fails. */
void world_repo(struct world *world, const char *arguments, ...) PRINTF_LIKE(2, 3);

/* The publisher's clock shows the terminal's time, as it is at this moment, instead of the real one. */
void world_publisher_lives_now(struct world *world);

/* Packs and adds a release that holds a file of some size, bin/self-test and bin/health (which both end well).
 * OPTIONS go to `pack`, such as "--requires=distro-app=2.0.0"; "" for none. */
void world_add(struct world *world, const char *package, const char *version, const char *options);
/* The same in steps: a file for a release, and packing what was put, into "packed" below the world's folder, from
 * where it is still to be added. The release must have a folder bin/ of programs. */
void world_put(struct world *world, const char *package, const char *version, const char *file, const void *data,
	size_t len);
void world_pack(struct world *world, const char *package, const char *version, const char *options);
/* Makes the difference between two packed releases, which is added with the newer one. */
void world_delta(struct world *world, const char *package, const char *version, const char *from_version);
/* Names releases in the catalog ("face-library=5.1.0 ...") and publishes. */
void world_publish(struct world *world, const char *releases);

/* Opens the terminal, as the agent does at its start: reconciled. world_close, as at its end. */
void world_open(struct world *world);
void world_close(struct world *world);

/* A job in this process. The result may be NULL. */
int world_run(struct world *world, enum job_kind kind, struct job_result *ret_result, struct error *err);
/* A job that must end well. */
void world_does(struct world *world, enum job_kind kind);
/* A night, a restart, and what was delivered is confirmed. */
void world_delivers(struct world *world);
/* What the guard is to do at the next start; to be released by free(). */
struct plan *world_plan(struct world *world);
/* Sets [install] applications_command to SCRIPT, which lies in the world's folder. */
void world_use_applications_command(struct world *world, const char *script);

/* From now on the terminal asks servers for the repository instead of a stick: OTHERS (addresses with blanks between
 * them, "" for none) before the world's own, which can be told to misbehave. */
void world_serve(struct world *world, const char *others);

/* Lives through what is left of this night: each job of the night when it is due. Then it is 23:00 of the next
 * evening. Gives the number of attempts; RET_LAST is the error of the last one, its code ERROR_NONE where it ended
 * well. */
int world_night(struct world *world, struct error *ret_last);
/* Restarts the machine: a new boot id, the guard, the agent's start. */
void world_restart(struct world *world);

/* The version that is current; "" for none. Static until the next call. */
const char *world_current(struct world *world, const char *package);
/* The newest delivery's state; the test fails where there is none. */
enum delivery_state world_delivery(struct world *world, const char *package);
/* Bytes fetched for the newest delivery so far. */
uint64_t world_wire_bytes(struct world *world, const char *package);
/* Rows of the history for which this holds. */
int world_history(struct world *world, const char *operation, const char *package, const char *outcome);

#endif
