/* The nightly look at all current releases. */
#ifndef AGENT_SOUND_SOUND_NIGHT_H
#define AGENT_SOUND_SOUND_NIGHT_H

#include "agent/base/terminal.h"

/* A quick look at each package's files; with IS_SHARE tonight's share of their contents, too. Ends at CLOSES_S (0: never). What
 * cannot be looked at is in the log, and keeps nothing from its delivery. */
void sound_night(struct terminal *terminal, bool is_share, int64_t closes_s);

#endif
