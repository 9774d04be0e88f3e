/* The journal: what the guard did, one line each, for the agent to read into the history. Only appended to, and
 * emptied by the agent after it has stored what it read. docs/boot-files.md describes it. */
#ifndef ROLLBACK_JOURNAL_H
#define ROLLBACK_JOURNAL_H

#include <stdint.h>

#include "common/error.h"
#include "common/fs.h"
#include "rollback/plan.h"

enum journal_event {
	JOURNAL_ACTIVATED,   /* current now, on trial */
	JOURNAL_ROLLED_BACK, /* the former release is current again */
	JOURNAL_DROPPED,     /* was staged, could not be activated: its folder is missing or damaged */
	JOURNAL_REPAIRED,    /* an interruption had left something half done */
	JOURNAL_PLAN_LOST,   /* the plan could not be read and was set aside */
	JOURNAL_KEPT,	     /* failed, and stays current: there is nothing to go back to */
	JOURNAL_PUT_BACK, /* the former release is current again because the disk failed: this one may come again */
	JOURNAL_PUT_OFF,  /* the machine lets nothing become current at this start; it stays staged */
};

struct journal_line {
	uint64_t number; /* from 1, never used twice */
	int64_t at_s;	 /* as the machine's clock believed */
	char boot_id[64];
	enum journal_event event;
	char package[PLAN_NAME_SIZE]; /* "" where it is about none */
	char folder[VERSIONS_FOLDER_SIZE];
	char former[VERSIONS_FOLDER_SIZE];
	char reason[PLAN_REASON_SIZE];
};

const char *journal_event_name(enum journal_event event);

/* Appends lines durably, with one write. LINES' number 0 becomes the next one. A number given is one kept for this line
 * beforehand: where it is in the journal already, or forgotten, the line was told before a cut and is left out. COUNT
 * is 1 or more. Under plan_lock. */
WARN_UNUSED int journal_append(
	struct fs *fs, int boot_dir_fd, struct journal_line *lines, size_t count, struct error *err);

/* The highest number used so far; 0 for none. */
WARN_UNUSED int journal_last_number(struct fs *fs, int boot_dir_fd, uint64_t *ret_number, struct error *err);

/* Hands each whole line over, oldest first. A line that a power cut left in part is passed over. -1 from EACH ends
 * it. */
WARN_UNUSED int journal_read(struct fs *fs, int boot_dir_fd,
	int (*each)(void *context, const struct journal_line *line, struct error *err), void *context,
	struct error *err);

/* Forgets the lines up to NUMBER; numbering goes on. Under plan_lock. */
WARN_UNUSED int journal_forget(struct fs *fs, int boot_dir_fd, uint64_t number, struct error *err);

#endif
