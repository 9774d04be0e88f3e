/* What is known of the files of a current release: when they were looked at and read, and what was wrong. One for each
 * package, and of one folder: nothing is known of the next one. Kept as a setting. */
#ifndef AGENT_STORE_SOUNDNESS_H
#define AGENT_STORE_SOUNDNESS_H

#include "agent/store/record.h"
#include "updater/inspect/inspect_kinds.h"

struct soundness {
	char folder[PACKAGE_FOLDER_SIZE];
	int64_t looked_s;  /* the last look at all of it; 0: never, as for all times here */
	int64_t read_s;	   /* when all contents had been read last */
	int64_t cycle_s;   /* the present reading of all contents, a share a night, began */
	int64_t share_s;   /* its last share */
	int64_t next;	   /* the first of the release's files that it has not reached */
	int64_t damaged_s; /* since when something is wrong; 0: nothing is */
	int64_t counts[INSPECT_KINDS];	 /* what is wrong */
	char example[STORE_TEXT_SIZE];	 /* one of these, of the release's own paths; "" for none */
	char list_fault[STORE_TEXT_SIZE]; /* the list of files beside it is not the signed one, and why; "" where it is */
	char obstacle[STORE_TEXT_SIZE];	  /* why the server could not repair it; "" where it can, or was not asked */
};

/* Nothing but the folder's name where nothing is known of FOLDER. */
WARN_UNUSED int soundness_find(struct store *store, const char *package, const char *folder,
	struct soundness *ret_soundness, struct error *err);
WARN_UNUSED int soundness_put(
	struct store *store, const char *package, const struct soundness *soundness, struct error *err);

/* True if something is wrong with the files or with the list of them. */
bool soundness_is_damaged(const struct soundness *soundness);

/* "2 changed, 1 removed", in the words of the agent's answers. */
#define SOUNDNESS_TEXT_SIZE 128
void soundness_text(const struct soundness *soundness, char ret_text[static SOUNDNESS_TEXT_SIZE]);

#endif
