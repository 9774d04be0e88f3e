/* What a package keeps across releases, its folder data/ (F29). Updates and rollbacks leave it alone, unless a
 * release brings a program that migrates it. Then, beside data/ in the package's folder:
 *
 *   data.new            migrated, complete; becomes data next
 *   data.before-FOLDER  what data was before the release in FOLDER migrated it; becomes data again with the rollback
 *   data.back           on its way to be data again
 *   data.undone         what a release that was taken back had made of data; kept until the next activation
 *
 * and data.work, data.partial, which are work in hand. Whoever looks at these names knows how far a step has come, so
 * each step can be run again after a cut. A cut may leave data itself missing; versions_open() then makes an empty
 * one, which the step that goes on replaces. */
#ifndef ROLLBACK_DATA_H
#define ROLLBACK_DATA_H

#include "common/env.h"
#include "common/error.h"
#include "rollback/plan.h"

struct data_place {
	const struct env *env;
	const char *packages_path; /* /opt/haishin */
	const char *user;	   /* whom the program becomes where we are root */
	bool has_network;	   /* it may have the machine's */
	int package_dir_fd;
};

/* Once for each release that has become current, before anything uses it: forgets what earlier releases left beside
 * data, and, where ENTRY names a program, has it migrate a copy of data, which then becomes data. The program runs as
 * program_run() says and finds the copy in HAISHIN_DATA; owners stay as they were, what is new belongs to the owner
 * of the folder it lies in. ERROR_REFUSED where the program failed, with the reason for people. On failure data is as
 * it was, or data_restore() brings that about. */
WARN_UNUSED int data_settle(const struct data_place *place, const struct plan_entry *entry, struct error *err);

/* What the release in FOLDER migrated becomes what it was before; what has been changed since is kept in data.undone.
 * Does nothing where it migrated nothing. */
WARN_UNUSED int data_restore(struct fs *fs, int package_dir_fd, const char *folder, struct error *err);

#endif
