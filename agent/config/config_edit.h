/* One setting that staff change: checked against the operator's files as they are now, and written to a file of its own in conf.d,
 * which holds nothing but such settings. */
#ifndef AGENT_CONFIG_CONFIG_EDIT_H
#define AGENT_CONFIG_CONFIG_EDIT_H

#include <limits.h>
#include <stdbool.h>

#include "agent/config/config.h"
#include "agent/config/config_staff.h"
#include "common/buf.h"
#include "common/ini.h"

#define CONFIG_EDIT_FILE "50-window.conf" /* in conf.d: what is named later holds against it */

struct config_edit {
	char folder[PATH_MAX]; /* conf.d */
	char *former;	       /* the value that holds until it is written */
	struct buf text;       /* of the file */
};

#define CONFIG_EDIT_INIT ((struct config_edit){.text = BUF_INIT(INI_MAX_BYTES)})

/* Works out what the files say once NAME has VALUE (NULL: again what the operator's files say), without a change to them. FILE, never
 * NULL, and ROOT are as for config_load(). ERROR_DENIED: NAME is not listed in [control] staff_may_set, can never be, or is set by a file that holds
 * against this one; ERROR_USAGE: VALUE does not do; ERROR_INPUT: a file has a mistake already. RET_EDIT is CONFIG_EDIT_INIT before,
 * and to be cleared in any case. */
WARN_UNUSED int config_edit_make(struct fs *fs, const char *file, const char *root, const char *name,
	const char *value, struct config_edit *ret_edit, struct error *err);
/* Writes it durably; the files are as they were where that fails. */
WARN_UNUSED int config_edit_write(struct fs *fs, const struct config_edit *edit, struct error *err);
void config_edit_clear(struct config_edit *edit);
DEFINE_AUTO(config_edit, struct config_edit, config_edit_clear);

/* True if SOURCE, as config_source() gives it, is the file that is written here. */
bool config_edit_is_source(const char *source);

#endif
