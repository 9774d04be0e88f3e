/* The values of settings: from what a person wrote to what programs use. Only config.c uses it. */
#ifndef AGENT_CONFIG_CONFIG_VALUE_H
#define AGENT_CONFIG_CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* Words of a setting that takes several, in the order given. */
struct config_list {
	char **items;
	size_t count;
};

enum config_kind {
	CONFIG_PATH, /* char *: absolute, without characters that break installers (F14) */
	CONFIG_PATH_OR_NONE,
	CONFIG_PROXY_OR_NONE,	 /* char *: an address without user and password, which everybody could read here */
	CONFIG_TEXT_OR_NONE,	 /* char *: one line, at most HIGHEST bytes */
	CONFIG_TELEPHONE_OR_NONE, /* char *: LOWEST to HIGHEST digits, which may be written with hyphens, brackets, or full-width */
	CONFIG_DIGITS_OR_NONE,	 /* char *: LOWEST to HIGHEST of them */
	CONFIG_RING_OR_NONE,	 /* char *: the name of a ring of rollouts */
	CONFIG_URL_OR_NONE,	 /* char *: https: or http: */
	CONFIG_URLS,		 /* struct config_list */
	CONFIG_PACKAGES,	 /* struct config_list */
	CONFIG_PACKAGES_OR_NONE, /* char *: names with blanks between them, or none */
	CONFIG_STAFF_OR_NONE,	 /* char *: names of settings with blanks between them, or none */
	CONFIG_UNITS,		 /* char *: PACKAGE=NAME.service with blanks between them, or none */
	CONFIG_HOUR_OR_NONE,	 /* char *: 00:00 to 23:59 */
	CONFIG_USER,		 /* char *: the name of an account or group */
	CONFIG_USER_OR_NONE,
	CONFIG_USERS,	 /* char *: names with blanks between them, or none */
	CONFIG_ZONE,	 /* char * */
	CONFIG_WINDOWS,	 /* char * */
	CONFIG_RATES,	 /* char *: hours with speeds, or none */
	CONFIG_CHOICE,	 /* an enum that counts as CHOICES do */
	CONFIG_INTEGER,	 /* int64_t */
	CONFIG_DURATION, /* int64_t: seconds, from 30, 30s, 5m, 2h */
	CONFIG_SIZE,	 /* uint64_t: bytes, from 4096, 256M; K, M, G count by 1024 */
	CONFIG_RATE,	 /* int64_t: bytes each second, written as a size; 0, or LOWEST at least */
};

struct config_limits {
	int64_t lowest, highest;
	const char *choices; /* with blanks between them */
};

/* Sets the member that MEMBER points to, whose former value it releases. ERROR_INPUT says what is wrong with VALUE;
 * the member is then as it was. */
WARN_UNUSED int config_value_set(enum config_kind kind, const struct config_limits *limits, const char *value,
	void *member, struct error *err);

/* Releases what config_value_set made. */
void config_value_clear(enum config_kind kind, void *member);

#endif
