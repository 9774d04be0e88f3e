/* Two packages on a machine of a test: one whose programs mean harm, in their sandbox, and another with what it is about: data,
 * a program that runs, and doors that are open to whoever reaches them. */
#ifndef TESTS_ROLLBACK_SANDBOX_PLACE_H
#define TESTS_ROLLBACK_SANDBOX_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "rollback/sandbox/sandbox.h"
#include "tests/rollback/hostile_account.h"
#include "tests/rollback/machine.h"

#define FOLDER FOLDER_OF("1.0.0")
#define HOSTILE "reader-app/hostile"
#define OTHER "face-library"

struct place {
	struct machine machine;
	pid_t victim; /* of the same account */
	int network_fd, abstract_fd;
	char port[16], victim_text[16], abstract[32]; /* the last one begins with "@" */
	char secret[FOLDER_PATH_SIZE + 64], open_door[FOLDER_PATH_SIZE + 64];
};

/* Opens the hostile program; once, before all others: where the tree lies, an ordinary user may have no way in. False where it is
 * not there. */
bool sandbox_place_find_program(void);

/* For cmocka. One place at a time. */
int sandbox_place_set_up(void **state);
int sandbox_place_tear_down(void **state);

/* The other package's program still runs. */
bool sandbox_place_victim_runs(const struct place *place);

struct trial {
	bool has_network;
	int timeout_ms;
	struct buf *output;
};

struct process_result sandbox_place_run(struct place *place, const char *const *words, const struct trial *trial);
struct process_result sandbox_place_run_hostile(
	struct place *place, const char *how, const char *where, int timeout_ms, struct buf *output);

#endif
