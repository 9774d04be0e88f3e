/* The terminal that is put to the proof: its own disk, four packages on their old releases, confirmed, and a
 * publisher's folder that holds their new ones. Its longest evening is a night that stages all four, a restart, the
 * guard, and the confirmation; with what takes a bad release back. */
#ifndef TESTS_PROOFS_SUBJECT_H
#define TESTS_PROOFS_SUBJECT_H

#include <stdbool.h>

#include "manifests/base/package.h"
#include "tests/agent/world.h"
#include "tests/proofs/disk.h"

#define SUBJECT_PACKAGES 4
#define SUBJECT_OLDER "0.9" /* former, and cleaned up in the course of the evening */
#define SUBJECT_OLD "1.0"
#define SUBJECT_NEW "2.0"
#define SUBJECT_MODE "unattended" /* what staff have set, in data/mode; data/form holds the version of its form */

/* What becomes of the new releases. The last two need each other: they are updated together, and taken back together
 * where the first of them is not what it should be. In two stories they are tried beside the stable releases, with a brake. */
enum subject_story {
	SUBJECT_SOUND,		 /* all four are confirmed */
	SUBJECT_FAILS_SELF_TEST, /* the guard takes the two back */
	SUBJECT_UNHEALTHY,	 /* the agent condemns the two, and the next restart takes them back */
	SUBJECT_BRAKED,		 /* the two are tried; the brake stops them while they wait for the restart */
	SUBJECT_RECALLED,	 /* the same once they are current, where they stay; then the operator calls them back */
};
#define SUBJECT_STORIES 5

/* What becomes of one package's new release. */
enum subject_outcome {
	SUBJECT_ENDS_NEW,	/* confirmed */
	SUBJECT_ENDS_OLD,	/* taken back */
	SUBJECT_ENDS_WITHOUT,	/* taken back, or out before it was current; or it never came */
	SUBJECT_ENDS_EITHER,	/* taken out, or it never came; where it was current before the stop was heard, it stays */
};

/* One package, as the publisher made it. */
struct subject_package {
	const char *name;
	bool migrates; /* the new release migrates data */
	enum subject_outcome outcome;
	char older_folder[PACKAGE_FOLDER_SIZE];
	char old_folder[PACKAGE_FOLDER_SIZE];
	char new_folder[PACKAGE_FOLDER_SIZE];
};

/* The boot that the terminal is in; known to the parent of a process that was killed. */
struct subject_boot {
	char id[BOOT_ID_SIZE];
	int64_t now_s; /* when it began */
	bool guard_is_at_work;
};

struct subject {
	enum subject_story story;
	bool is_later; /* the publisher has said its last word on what is tried */
	struct subject_boot *boot; /* shared by processes */
	struct world *world;
	struct subject_package packages[SUBJECT_PACKAGES];
	struct disk disk;
	char terminal[FOLDER_PATH_SIZE + 32]; /* where the disk is mounted */
	char folder[FOLDER_PATH_SIZE + 32];   /* what is on the disk as the evening begins, as files */
	char fresh[FOLDER_PATH_SIZE + 32];    /* the disk as the evening begins, in a file */
	char at_work[FOLDER_PATH_SIZE + 32];  /* the one that is mounted */
	char cut[FOLDER_PATH_SIZE + 32];      /* what a power cut left, where there was one */
};

/* Makes all of it; ends the program where it cannot. disk_begin() comes before. */
void subject_init(struct subject *subject, enum subject_story story);
const char *subject_story_name(enum subject_story story);
void subject_clear(struct subject *subject);

/* The bytes of a release as the publisher signed them; on the heap. */
char *subject_release_json(const struct subject *subject, int package, const char *version, size_t *ret_len);

enum subject_disk {
	SUBJECT_MEMORY, /* as the evening begins; in memory, where no power can fail */
	SUBJECT_FRESH,	/* as the evening begins */
	SUBJECT_CUT,	/* as the power cut left it */
};
/* False, with nothing mounted, where what the power cut left cannot be mounted. */
bool subject_mount(struct subject *subject, enum subject_disk which);
void subject_unmount(struct subject *subject);
/* Copies between the files: FRESH to CUT, and CUT to AT_WORK. */
void subject_copy_fresh(const struct subject *subject);
void subject_copy_cut(const struct subject *subject);
/* The mounted disk, and the file to which a power cut copies it. */
void subject_open_cut(struct subject *subject, int *ret_disk_fd, int *ret_cut_fd);

/* ---- What the terminal does; in a process of its own ---- */

/* Each goes on after a step that failed, as a terminal does, and returns -1 with the first error. */
WARN_UNUSED int subject_evening(struct subject *subject, struct error *err);
/* The next evening: what is on trial is confirmed, and the same again. */
WARN_UNUSED int subject_next_evening(struct subject *subject, struct error *err);

/* A new boot identity, and the guard. */
WARN_UNUSED int subject_restart(struct subject *subject, struct error *err);
/* The same boot goes on after the agent or the guard was killed: the service manager starts the guard again where it
 * was that. */
WARN_UNUSED int subject_resume(struct subject *subject, struct error *err);
/* The agent starts: opened and reconciled. ERROR_DAMAGED where the store had to be set aside. */
WARN_UNUSED int subject_open(struct subject *subject, struct error *err);
void subject_close(struct subject *subject);

/* How a child process ended. ERR says more of all but the first. */
enum subject_end {
	SUBJECT_DONE,	 /* it returned 0 */
	SUBJECT_FAILED,	 /* it returned -1 */
	SUBJECT_KILLED,	 /* by SIGKILL */
	SUBJECT_CRASHED, /* in any other way */
};
/* Runs WHAT in a child process, what it prints thrown away unless the environment has PROOF_SHOWS_ALL. */
enum subject_end subject_try(struct subject *subject,
	int (*what)(struct subject *subject, void *context, struct error *err), void *context, struct error *err);

#endif
