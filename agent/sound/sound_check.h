/* One package: are the files of its current release what its vendor signed? What is found is noted in the store, and told in the
 * history where it is news. Data of the package and settings are no part of a release, and are not looked at. */
#ifndef AGENT_SOUND_SOUND_CHECK_H
#define AGENT_SOUND_SOUND_CHECK_H

#include "agent/base/terminal.h"
#include "agent/store/soundness.h"
#include "manifests/release/release.h"

enum sound_depth {
	SOUND_LOOK,  /* names, sizes, modes, links, times; contents only where one of these moved */
	SOUND_SHARE, /* that, and tonight's share of the contents: all of them in a week */
	SOUND_WHOLE, /* all contents now */
};

/* Who is told as it goes; each may be NULL. -1 ends the check. */
struct sound_watch {
	int (*found)(void *context, enum inspect_kind kind, const char *path, struct error *err);
	/* So many bytes of TOTAL are read. */
	int (*went_on)(void *context, uint64_t bytes, uint64_t total, struct error *err);
	void *context;
};

struct sound_result {
	struct soundness soundness; /* as it is noted; its folder is "" where there is no release to look at */
	char version[VERSION_TEXT_SIZE];
	uint64_t files; /* of the release; 0 where there is no list */
	uint64_t bytes;
	uint64_t files_read;
	uint64_t bytes_read;
};

WARN_UNUSED int sound_check(struct terminal *terminal, const char *package, enum sound_depth depth,
	const struct sound_watch *watch, struct sound_result *ret_result, struct error *err);

/* Notes how the files of a release look that was staged just now, all of whose contents were checked while they were written. A
 * failure costs a later look that reads them all, and is for the log. */
void sound_note_staged(struct terminal *terminal, const char *package, const char *folder, int folder_fd,
	const struct release *release, const void *list, size_t list_len);

#endif
