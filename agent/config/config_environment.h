/* Environments to connect to (F17): production is what the other sections say; [environment NAME] says what is another
 * way in that one. Which is in force stands in a file of the state folder, so that it outlives the store. */
#ifndef AGENT_CONFIG_CONFIG_ENVIRONMENT_H
#define AGENT_CONFIG_CONFIG_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "common/fs.h"

#define ENVIRONMENT_PRODUCTION "production"
#define ENVIRONMENT_SECTION "environment " /* and its name */
#define ENVIRONMENT_NAME_SIZE 32
#define ENVIRONMENTS_MAX 8
#define ENVIRONMENT_KEYS_MAX 8

/* A setting that has another value there. */
struct environment_setting {
	char *value;  /* NULL: as in production */
	char *source; /* "FILE:LINE" */
};

struct environment {
	char name[ENVIRONMENT_NAME_SIZE];
	struct environment_setting settings[ENVIRONMENT_KEYS_MAX]; /* by environment_key() */
};

struct environments {
	struct environment items[ENVIRONMENTS_MAX];
	size_t count;
};

/* The keys of such a section, and the setting that each stands for. False beyond the last. */
struct environment_key {
	const char *key;
	const char *section, *setting;
	bool is_required;
	const char *meaning;
};
bool environment_key(size_t index, struct environment_key *ret_key);
/* False where there is none of that name. */
bool environment_key_find(const char *key, struct environment_key *ret_key);

/* Takes one setting of the section that is called SECTION. ERROR_INPUT: no such key, a name that is none, too many. */
WARN_UNUSED int environment_take(struct environments *environments, const char *section, const char *key,
	const char *value, const char *source, struct error *err);
/* ERROR_INPUT names the first that lacks what it must have. */
WARN_UNUSED int environments_check(const struct environments *environments, struct error *err);
/* NULL where there is none of that name; production is none of them. */
const struct environment *environment_find(const struct environments *environments, const char *name);
void environments_clear(struct environments *environments);

/* The name that is in force; production where nothing else was chosen, or where this process may not look. */
WARN_UNUSED int environment_read_chosen(
	struct fs *fs, const char *state_path, char ret_name[static ENVIRONMENT_NAME_SIZE], struct error *err);
/* Whether TEXT is what the file may hold: one name, with or without a line's end. */
bool environment_text_is_name(const char *text, size_t len);
/* The file is there, is a plain one, and holds no name: as a disk that lost its power leaves it. A name without a line's end that is none of
 * ENVIRONMENTS is the beginning of one. */
bool environment_is_lost(struct fs *fs, const char *state_path, const struct environments *environments);
/* Chooses another one, durably. */
WARN_UNUSED int environment_choose(struct fs *fs, const char *state_path, const char *name, struct error *err);

#endif
