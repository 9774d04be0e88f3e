/* The plan: what staging leaves for the guard, and how far it has come. One line-based text file that needs neither
 * the store nor JSON, changed only under its lock, replaced as a whole. docs/boot-files.md describes it.
 *
 * An entry's life. Each state has a way out and an owner:
 *
 *   state      what is true                                owner  way out
 *   STAGED     the folder is complete; not current, unless  guard  at the next restart -> TRIAL, or CONDEMNED
 *              a cut came between activation and this file
 *   TRIAL      current since a restart; not confirmed yet   agent  confirmed -> entry goes; unhealthy -> CONDEMNED
 *                                                           guard  fails its self-test, too many starts -> CONDEMNED
 *   CONDEMNED  failed; to be taken back where it is current guard  taken back, and told in the journal -> entry goes
 */
#ifndef ROLLBACK_PLAN_H
#define ROLLBACK_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "rollback/versions.h"

#define PLAN_MAX_ENTRIES 256
#define PLAN_NAME_SIZE 65
#define PLAN_COMMAND_SIZE 512
#define PLAN_REASON_SIZE 200

enum plan_state { PLAN_STAGED, PLAN_TRIAL, PLAN_CONDEMNED };

struct plan_entry {
	char package[PLAN_NAME_SIZE];
	int priority; /* 1 first */
	int group;    /* entries of one group are activated, and taken back, together or not at
		       * all; 0: alone. Not to be given anew while an entry has it */
	enum plan_state state;
	char folder[VERSIONS_FOLDER_SIZE]; /* of the new release */
	char former[VERSIONS_FOLDER_SIZE]; /* what was current when it was activated; "" for a first install */
	int starts;			   /* of the machine since activation, the first included; 0: not activated */
	int starts_max;			   /* more unconfirmed starts than this take it back; 0 stands for 3 */
	int self_test_timeout_s;	   /* 0 stands for 60 */
	char self_test[PLAN_COMMAND_SIZE]; /* arguments with blanks between them, the first relative to the release's
					    * folder; "" for none */
	int migrate_timeout_s;		   /* 0 stands for 60 */
	char migrate[PLAN_COMMAND_SIZE]; /* the program that migrates data/ (rollback/data.h), written like SELF_TEST
					  */
	bool network;			 /* both ask for the machine's network */
	char reason[PLAN_REASON_SIZE];	 /* why CONDEMNED */
	bool blameless;			 /* CONDEMNED because the disk failed: the release may come again */
	bool migrated;			 /* data/ is as this release needs it; the guard's */
	bool tested;			 /* its self-test passed; the guard's */
	uint64_t line;			 /* of the journal, kept for the step under way; 0: none; the guard's */
};

struct plan {
	char boot_id[64]; /* the boot in which nothing is due any more: its start is counted. Whoever
			   * stages puts the running boot here; "" for none */
	int per_restart;  /* how many entries or groups may be activated at one restart; 0: all (F4) */
	int count;
	struct plan_entry entries[PLAN_MAX_ENTRIES];
};

/* Each ENTRY of PLAN, in the order of priority. */
#define plan_each(plan, entry)                                                                                       \
	for (struct plan_entry *entry = (plan)->entries; entry < (plan)->entries + (plan)->count; entry++)

/* BOOT_DIR_FD is the folder that holds plan, journal and their lock (/var/lib/haishin/boot). Waits for the lock,
 * which is held until the returned descriptor closes. */
WARN_UNUSED int plan_lock(struct fs *fs, int boot_dir_fd, struct error *err);

/* An absent plan is an empty one, and so is RET_PLAN after a failure. ERROR_DAMAGED names the line; the caller sets the
 * file aside with plan_set_aside().
 * A struct plan is a third of a megabyte: keep it on the heap. */
WARN_UNUSED int plan_read(struct fs *fs, int boot_dir_fd, struct plan *ret_plan, struct error *err);
/* Replaces the file as a whole, durably. On failure it is as it was, or, where only the last sync failed, the new
 * one. ERROR_USAGE where a value would not be read back: a line break, an empty name. */
WARN_UNUSED int plan_write(struct fs *fs, int boot_dir_fd, const struct plan *plan, struct error *err);
/* Renames the file to plan.damaged-1, or the next number that is free. */
WARN_UNUSED int plan_set_aside(struct fs *fs, int boot_dir_fd, struct error *err);
/* The same for another file beside it. */
WARN_UNUSED int plan_set_file_aside(struct fs *fs, int boot_dir_fd, const char *file, struct error *err);

/* NULL where the package has no entry. */
struct plan_entry *plan_find(struct plan *plan, const char *package);
/* Adds or replaces the entry of the same package, in the order of priority. A release on trial is never to be
 * replaced: its way back would be lost. ERROR_FAILED where the plan is full. */
WARN_UNUSED int plan_put(struct plan *plan, const struct plan_entry *entry, struct error *err);
void plan_drop(struct plan *plan, const char *package);

/* True for one and the same entry, and for two of one group. */
bool plan_go_together(const struct plan_entry *entry, const struct plan_entry *other);
/* True once the guard may have made ENTRY, or another of its group, current. From then on ENTRY is the guard's, or on
 * trial, and is neither replaced nor dropped for a newer release: part of its group could be left behind. */
bool plan_has_begun(const struct plan *plan, const struct plan_entry *entry);
/* True where ENTRY and all of its group are on trial. Only then may they be confirmed, all at once. */
bool plan_is_on_trial(const struct plan *plan, const struct plan_entry *entry);
/* How many entries are (plan_is_on_trial). */
int plan_count_trials(const struct plan *plan);
/* A number that no entry has as its group, nor any number after it. */
int plan_free_group(const struct plan *plan);

const char *plan_state_name(enum plan_state state);

#endif
