/* From compressed frames to files, on all cores: the caller's thread receives and checks frames, one for each processor
 * (at most four) decompresses, by turns, and another one, confined to the release's folder, writes them in their order.
 * Queues between them are bounded, so memory does not grow. */
#ifndef UPDATER_STAGE_PIPELINE_H
#define UPDATER_STAGE_PIPELINE_H

#include "common/auto.h"
#include "common/error.h"
#include "updater/stage/ring.h"
#include "updater/stage/unpack.h"

struct pipeline;

/* UNPACK is borrowed and belongs to the writing thread until pipeline_end; so does all writing to disk. */
WARN_UNUSED int pipeline_begin(struct unpack *unpack, struct pipeline **ret_pipeline, struct error *err);

/* A buffer for the next compressed frame, the same one until pipeline_push; NULL where a later thread has failed. */
struct ring_slot *pipeline_buffer(struct pipeline *pipeline);
/* Hands it on: its length and frame are set and its digest was checked. */
void pipeline_push(struct pipeline *pipeline);

/* Waits until everything handed on is on its files; -1 with the error of the thread that failed. */
WARN_UNUSED int pipeline_end(struct pipeline *pipeline, struct error *err);
/* Frees; ends it first, throwing away what is under way, where pipeline_end was not called. */
void pipeline_free(struct pipeline *pipeline);
DEFINE_AUTO_PTR(pipeline, struct pipeline, pipeline_free);

#endif
