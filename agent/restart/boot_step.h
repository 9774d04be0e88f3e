/* What the steps share that bring disk, plan and store in line. */
#ifndef AGENT_RESTART_BOOT_STEP_H
#define AGENT_RESTART_BOOT_STEP_H

#include "agent/base/terminal.h"
#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "rollback/plan.h"
#include "rollback/versions.h"

struct boot_options {
	int boot_dir_fd;	     /* plan and journal */
	int packages_dir_fd;	     /* /opt/haishin */
	const char *const *packages; /* names this terminal runs; NULL-terminated */
	int starts_max;		     /* for a release whose plan was lost while it was on trial; 0: 3 */
};

struct boot_result {
	int activated; /* journal lines taken over in this call */
	int rolled_back;
	int repaired; /* places where disk, plan and store disagreed */
	int on_trial; /* entries of the plan that wait to be confirmed */
};

struct boot {
	const struct env *env;
	struct store *store;
	const struct boot_options *options;
	struct boot_result *result;
	struct plan *plan;
	bool plan_changed;
	int lost_group; /* of the trials that the plan has lost; 0: none so far */
};

/* The release's digest that belongs to a folder, from the bytes kept beside it; its first 8 digits, from the folder's
 * name, where those are lost. False where the name is none of a release. */
bool boot_folder_digest(
	struct fs *fs, const struct versions *versions, const char *folder, char ret_digest[static SHA256_HEX_SIZE]);

/* Begins a delivery for a folder that the store does not know, in a state that is not over. ERROR_NOT_FOUND where the
 * name is none of a release. */
WARN_UNUSED int boot_adopt(struct boot *boot, struct versions *versions, const char *package, const char *folder,
	enum delivery_state state, struct delivery *ret_delivery, struct error *err);
/* PLANNED or FETCHING becomes STAGED: the plan named it, so its folder was complete. */
WARN_UNUSED int boot_bring_to_staged(struct boot *boot, struct delivery *delivery, struct error *err);
/* Records what is current now; FOLDER "" for nothing, and nothing is recorded for a name that is none of a release.
 */
WARN_UNUSED int boot_record_installed(struct boot *boot, struct versions *versions, const char *package,
	const char *folder, int64_t since_s, struct error *err);
WARN_UNUSED int boot_record(struct boot *boot, const char *operation, const char *package, const char *outcome,
	const char *detail, const struct history_moment *when, struct error *err);

#endif
