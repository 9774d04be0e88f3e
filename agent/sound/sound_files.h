/* The current release of a package as it lies on disk: its files, the list of them that its vendor signed, and what the last
 * looks at it have left. */
#ifndef AGENT_SOUND_SOUND_FILES_H
#define AGENT_SOUND_SOUND_FILES_H

#include "agent/base/terminal.h"
#include "agent/store/soundness.h"
#include "manifests/release/release.h"
#include "rollback/versions.h"

struct sound_files {
	struct versions *versions;
	char folder[VERSIONS_FOLDER_SIZE]; /* current; "" for none, and for one that is none of a release */
	int folder_fd;
	struct sha256 id;	 /* of the list */
	struct release *release; /* NULL where the list is missing, or not the one that was signed */
	char fault[STORE_TEXT_SIZE]; /* then why */
};

#define SOUND_FILES_INIT {.folder_fd = -1}
void sound_files_close(struct sound_files *files);
DEFINE_AUTO(sound_files, struct sound_files, sound_files_close);

/* Opens it, and reads its list: the bytes beside the folder, whose digest must be the one that the folder's name begins with, and
 * the one that was recorded when its signature was verified. */
WARN_UNUSED int sound_files_open(
	struct terminal *terminal, const char *package, struct sound_files *ret_files, struct error *err);

/* The record of the last look at FOLDER of PACKAGE: its folder, and its name there. */
#define SOUND_RECORD_NAME_SIZE 160
WARN_UNUSED int sound_files_open_records(struct terminal *terminal, int *ret_dir_fd, struct error *err);
void sound_files_record_name(
	const char *package, const char *folder, char ret_name[static SOUND_RECORD_NAME_SIZE]);
/* Removes the records of other folders of PACKAGE than these two. */
WARN_UNUSED int sound_files_drop_records(
	struct terminal *terminal, const char *package, const char *kept, const char *kept_too, struct error *err);

#endif
