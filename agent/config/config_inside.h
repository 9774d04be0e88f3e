/* What the parts of agent/config*.c share: the one table of settings, and what its rows can do. */
#ifndef AGENT_CONFIG_CONFIG_INSIDE_H
#define AGENT_CONFIG_CONFIG_INSIDE_H

#include "agent/config/config.h"
#include "agent/config/config_value.h"

#define CONFIG_ROWS_MAX 64

/* One row for each key. */
struct config_row {
	struct config_setting setting;
	enum config_kind kind;
	size_t at; /* of the member in struct config */
	int64_t lowest, highest;
	const char *choices; /* of a choice, in the order of its enum, with blanks between them */
};

/* NULL beyond the last. */
const struct config_row *config_row_at(size_t index);
/* The index of that setting; false where there is none of that name. */
bool config_row_find(const char *section, const char *key, size_t *ret_index);

void *config_row_member(const struct config_row *row, struct config *config);
/* Sets its member, and what is made of it. ERROR_INPUT says what is wrong with VALUE. */
WARN_UNUSED int config_row_set(
	const struct config_row *row, struct fs *fs, const char *value, struct config *config, struct error *err);
/* Would VALUE do? */
WARN_UNUSED int config_row_check(const struct config_row *row, const char *value, struct error *err);

#endif
