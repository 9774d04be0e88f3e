/* What a program of a package is handed. */
#ifndef ROLLBACK_SANDBOX_SURROUNDINGS_H
#define ROLLBACK_SANDBOX_SURROUNDINGS_H

#include <stdbool.h>

struct sandbox {
	const char *packages_path; /* /opt/haishin */
	const char *package;
	const char *folder;	  /* of the release, below the package's versions/ */
	const char *former;	  /* that of the release before it; "" where there was none */
	const char *data;	  /* the folder it may change, below the package's: "data", "data.work" */
	const char *user;	  /* whom it becomes where we are root; NULL: stay who we are */
	bool has_network;	  /* it is in the machine's network */
	const char *const *shown; /* what else it sees, to read only: absolute paths, NULL ends them; NULL: nothing */
};

#endif
