/* What the judge of the machine is asked and what it answers, for it and its parts, one file each. */
#ifndef AGENT_MACHINE_MACHINE_FAULT_H
#define AGENT_MACHINE_MACHINE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/config/config.h"
#include "common/words/machine_faults.h"

struct machine_fault {
	enum machine_fault_kind kind;
	char place[256];    /* the folder, the file, or the package */
	char detail[512];   /* for support: the place, and what is wrong there */
	bool holds_packages; /* PLACE is the folder of the packages */
	bool stops_delivery; /* no release can be brought while it lasts */
	bool stops_restart;  /* nothing can be made current at a restart either, whatever is staged */
};

#define MACHINE_FAULTS_MOST 16
struct machine {
	struct machine_fault faults[MACHINE_FAULTS_MOST]; /* by their order in the list */
	size_t count;
};

struct machine_question {
	struct fs *fs;
	const struct config *config;
	bool has_agent; /* the agent asks: what it makes at its start is there */
	bool tries;	/* write a file to each disk too, and remove it */
};

const char *machine_fault_name(enum machine_fault_kind kind);

/* Adds a fault unless there are too many. The detail is "PLACE: " and what FMT says. */
struct machine_fault *machine_add(struct machine *machine, enum machine_fault_kind kind, const char *place, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* True if a file or folder of ST's owner and mode can be ours. */
struct stat;
bool machine_is_ours(const struct stat *st);

#endif
