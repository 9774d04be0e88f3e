/* One release being staged: what the steps of it share. Part of updater/stage. */
#ifndef UPDATER_STAGE_STAGE_WORK_H
#define UPDATER_STAGE_STAGE_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/env.h"
#include "common/error.h"
#include "updater/stage/partial.h"
#include "updater/stage/stage_request.h"
#include "updater/stage/unpack.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

struct stage_work {
	const struct env *env; /* borrowed, as the request */
	const struct stage_request *request;
	struct stage_progress progress;
	char partial[PARTIAL_NAME_SIZE]; /* the folder in which it is built */
	char json[PARTIAL_NAME_SIZE];	 /* where the release's own bytes are kept */
	int partial_fd;
	struct tree tree; /* of that folder */
	struct needs needs;
	bool repairs;		     /* the release's folder is there, but damaged */
	const struct unpack *unpack; /* under way, or NULL */
	uint64_t wire_before;	     /* came before the frames that are being fetched */
	uint64_t done_before;	     /* bytes of files that were there before them */
};

void stage_work_clear(struct stage_work *work);
DEFINE_AUTO(stage_work, struct stage_work, stage_work_clear);

/* Tells the request's owner how far it is; -1 with ERR set where it is to end. */
WARN_UNUSED int stage_work_tell(struct stage_work *work, struct error *err);

/* What of ALL is saved where REST is still to come. */
uint64_t stage_work_saved(uint64_t all, uint64_t rest);

#endif
