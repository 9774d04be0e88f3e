/* What people are told of a setting that haishind does not know, with the one that was probably meant. */
#ifndef AGENT_CONFIG_CONFIG_MISTAKE_H
#define AGENT_CONFIG_CONFIG_MISTAKE_H

#include "agent/config/config_unknown.h"
#include "common/error.h"

#define CONFIG_MISTAKE_SIZE 400

/* "FILE:LINE: [section] key is not known to haishind VERSION; it has no effect", and what may have been meant. */
void config_mistake_text(const struct config_unknown *unknown, char ret_text[static CONFIG_MISTAKE_SIZE]);

/* ERROR_INPUT names the first and says how many more there are; 0 where there is none. */
WARN_UNUSED int config_mistake_refuse(const struct config_unknowns *unknowns, struct error *err);

#endif
