/* Which settings may ever be left to staff, by their names such as "delivery.window". staff_settings.h lists them. */
#ifndef AGENT_CONFIG_CONFIG_STAFF_H
#define AGENT_CONFIG_CONFIG_STAFF_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define CONFIG_STAFF_NAME_SIZE 64

/* In the order of the list; NULL beyond the last. */
const char *config_staff_name_at(size_t index);

/* ERROR_INPUT where NAME is none of them. */
WARN_UNUSED int config_staff_check(const char *name, struct error *err);

/* The parts of NAME, one of the list: its section, and its key. */
void config_staff_split(const char *name, char ret_section[static CONFIG_STAFF_NAME_SIZE],
	char ret_key[static CONFIG_STAFF_NAME_SIZE]);

#endif
