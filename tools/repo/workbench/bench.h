/* A terminal that stands on the publisher's machine, in a folder of its own, for as long as a release is tried in it. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_H
#define TOOLS_REPO_WORKBENCH_BENCH_H

#include <limits.h>

#include "common/auto.h"
#include "common/env.h"
#include "common/error.h"
#include "rollback/guard_options.h"
#include "tools/repo/workbench/bench_programs.h"

/* What the terminal's own settings say. */
struct bench_settings {
	const char *user;	      /* whom programs of packages become where this process is root */
	const char *network_packages; /* whose programs may have the network, with blanks between them */
	uint64_t reserve_bytes;	      /* that must stay free on the disk */
	int starts_max;		      /* more unconfirmed starts take a release back */
	/* What the service manager starts, the program's path below the release's folder first; NULL: nothing */
	const char *const *application;
	int64_t start_delay_s; /* so long it has to come up */
};

struct bench {
	struct env env; /* the machine's, with the four below in it */
	struct clock clock;
	struct bench_programs programs;
	struct transport transport; /* brings files of this machine */
	const struct bench_settings *settings;
	int boots;
	struct log log;		   /* of errors alone: what becomes of the release is told by its report */
	bool is_in_place;	   /* packages stand where they do on a terminal */
	struct error not_in_place; /* why not */
	char packages_path[PATH_MAX];
	bool has_data;		    /* what was given is in its folder BENCH_DATA */
	char name[FS_OWN_DIR_SIZE]; /* of its folder, in the one that WHERE_FD is */
	int where_fd, dir_fd, packages_fd, boot_fd, cache_fd;
};

#define BENCH_DATA "given"
#define BENCH_PACKAGES "packages"

struct bench_options {
	const struct clock *clock;
	struct fs *fs;
	const struct log *log;
	const struct bench_settings *settings;
	const char *where; /* it gets a folder of its own in that one */
	const char *data;  /* a folder that is copied to BENCH_DATA; NULL: none */
};

/* What OPTIONS say is borrowed. BENCH must stay where it is. ERROR_INPUT where nothing can be run in the folder that it gets. */
WARN_UNUSED int bench_open(struct bench *bench, const struct bench_options *options, struct error *err);
/* Removes all of it. */
void bench_clear(struct bench *bench);
DEFINE_AUTO(bench, struct bench, bench_clear);

#define BENCH_INIT                                                                                                   \
	{                                                                                                            \
		.where_fd = -1, .dir_fd = -1, .packages_fd = -1, .boot_fd = -1, .cache_fd = -1                       \
	}

/* What a run of the guard in it is given. */
void bench_guard_options(const struct bench *bench, struct guard_options *ret_options);

#endif
