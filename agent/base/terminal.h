/* One terminal: its configuration and what is open of it. Everything in agent/ works on this. */
#ifndef AGENT_BASE_TERMINAL_H
#define AGENT_BASE_TERMINAL_H

#include "agent/config/config.h"
#include "agent/store/store.h"
#include "common/env.h"
#include "rollback/versions.h"

struct terminal {
	const struct env *env;	     /* borrowed */
	const struct config *config; /* borrowed */
	const char *program;	     /* the file that this agent was started from; NULL: none that is of a release */
	struct store *store;
	bool store_set_aside; /* the store was damaged and has been made anew at this start */
	int boot_dir_fd;      /* plan and journal */
	int packages_dir_fd;
	int cache_dir_fd;
	int metadata_dir_fd; /* trusted TUF metadata */
};

#define TERMINAL_INIT                                                                                                \
	{                                                                                                            \
		.boot_dir_fd = -1, .packages_dir_fd = -1, .cache_dir_fd = -1, .metadata_dir_fd = -1                  \
	}

/* Makes missing folders and opens all of it; the trusted root as shipped becomes the trusted root where there is none, or
 * where the one that is kept is damaged: the chain of roots then leads on from the shipped one. A folder that
 * stands where a file of the state belongs is set aside. */
WARN_UNUSED int terminal_open(
	const struct env *env, const struct config *config, struct terminal *ret_terminal, struct error *err);
/* What the terminal's clock shows. */
int64_t terminal_now_s(const struct terminal *terminal);

/* Where the link PACKAGE/LINK ("current", "previous") points, as a folder's name; "" where there is none, where it dangles, or where
 * something else stands there, as the judge of the machine tells. Makes nothing, other than versions_open(). */
void terminal_read_link(const struct terminal *terminal, const char *package, const char *link,
	char ret_folder[static VERSIONS_FOLDER_SIZE]);

/* Accepts TERMINAL_INIT and leaves it. */
void terminal_close(struct terminal *terminal);
DEFINE_AUTO(terminal, struct terminal, terminal_close);

#endif
