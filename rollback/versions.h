/* The releases of one package on disk: which is current, which is the way back. The disk is the truth about what is
 * current. Below the package's folder:
 *
 *   versions/5.1.0-0a1b2c3d/        a release; never changed after staging
 *   versions/5.1.0-0a1b2c3d.json    its release's own bytes, for those who can read JSON
 *   current  -> versions/...        what the applications run; replaced by one rename
 *   previous -> versions/...        the way back; missing after the first install
 *   data/                           what the package keeps across releases (F29); rollback/data.h */
#ifndef ROLLBACK_VERSIONS_H
#define ROLLBACK_VERSIONS_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"

#define VERSIONS_FOLDER_SIZE 64

struct versions; /* one package's folder, open */

/* Makes what is missing of the layout. PACKAGES_DIR_FD is /opt/haishin; NAME the package's. */
WARN_UNUSED int versions_open(
	struct fs *fs, int packages_dir_fd, const char *name, struct versions **ret_versions, struct error *err);
void versions_free(struct versions *versions);
DEFINE_AUTO_PTR(versions, struct versions, versions_free);

/* The descriptors of its folder and of versions/ in it; borrowed. */
int versions_package_dir_fd(const struct versions *versions);
int versions_dir_fd(const struct versions *versions);

/* True if FOLDER is there. What is there under a name without a dot in front is complete. */
bool versions_has(const struct versions *versions, const char *folder);

/* True where something that is no link stands where current or previous belongs, as a copy without links leaves it: which release is current
 * is not known then, until the guard has set it aside (rollback/links.h). */
bool versions_is_odd(const struct versions *versions);

/* The folder name that current or previous points at; "" where there is none, where it dangles, or where it leads
 * anywhere but to a release. A previous that is the current one is no way back: "". */
WARN_UNUSED int versions_current(
	struct versions *versions, char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err);
WARN_UNUSED int versions_previous(
	struct versions *versions, char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err);

/* Makes FOLDER current and the former current one previous, in the order that a cut at any point leaves the package
 * exactly old or new, with its way back. Does nothing where FOLDER is current already. ERROR_NOT_FOUND where there is
 * no such release. After any other failure versions_current() tells which of the two it is. */
WARN_UNUSED int versions_activate(struct versions *versions, const char *folder, struct error *err);

/* Makes FORMER current again after versions_activate(): what was current is no longer the way back, so there is none
 * until the next activation. FORMER "" takes the package back to having no release at all. Safe to run again. Errors
 * as above; ERROR_NOT_FOUND leaves what is current: a release that fails is better than none. */
WARN_UNUSED int versions_take_back(struct versions *versions, const char *former, struct error *err);

/* Makes FOLDER the way back, or, where it is "", leaves none. Durable. */
WARN_UNUSED int versions_set_previous(struct versions *versions, const char *folder, struct error *err);

/* Removes every release but current, previous, those in KEEP (may be NULL, ends with NULL), those that any other link
 * of the package leads to, and of those older than current the KEEP_FORMER of the highest versions; one that is newer
 * and not in KEEP was taken back. Of the partial work it removes what is not in KEEP and no newer than the current
 * release. A cut leaves no half release under a release's name. Goes on after an error and reports the first: it is
 * for the log, and never fails a night. */
WARN_UNUSED int versions_clean_up(
	struct versions *versions, const char *const *keep, int keep_former, int *ret_removed, struct error *err);

#endif
