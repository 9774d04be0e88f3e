/* Stages and bounds as people write them. */
#ifndef TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_WORDS_H
#define TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_WORDS_H

#include "common/error.h"
#include "common/json.h"

/* "2026-12-01=ring:pilot", "2026-12-02=1", "2026-12-02=ring:pilot,5 %": a stage as the catalog has it, a new reference; NULL with
 * ERROR_USAGE where it is written otherwise. */
json_t *rollout_stage(const char *text, struct error *err);

/* "rolled-back=2%", "silent=0.5%": puts it into BOUNDS, an object. ERROR_USAGE. */
WARN_UNUSED int rollout_bound(const char *text, json_t *bounds, struct error *err);

#define ROLLOUT_TEXT_SIZE 512
/* "ring pilot, ring b", "10 %", "ring pilot and 10 %": whom a stage is for. */
const char *rollout_stage_text(const json_t *stage, char ret_text[static ROLLOUT_TEXT_SIZE]);

/* Says so where the candidate of a catalog entry needs no brake: every command does, each time. */
void rollout_tell_no_brake(const json_t *entry);

#endif
