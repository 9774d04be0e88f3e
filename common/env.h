/* The outside world, handed in at start so that a test can hand in another. */
#ifndef COMMON_ENV_H
#define COMMON_ENV_H

#include "common/clock.h"
#include "common/fs.h"
#include "common/log.h"
#include "common/process.h"
#include "common/transport.h"

struct env {
	const struct clock *clock;
	struct fs *fs;
	struct processes *processes;
	struct transport *transport; /* NULL: the agent makes its own, the worker haishin-fetch */
	const struct log *log;
};

#endif
