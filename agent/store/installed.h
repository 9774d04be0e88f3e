/* What the store knows to be current, package by package. The disk is the truth: agent/restart/boot.c makes this agree with
 * it. */
#ifndef AGENT_STORE_INSTALLED_H
#define AGENT_STORE_INSTALLED_H

#include "agent/store/record.h"

struct installed_row {
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	char digest[SHA256_HEX_SIZE]; /* of its release; its first 8 digits where no more is known */
	char folder[PACKAGE_FOLDER_SIZE];
	int64_t since_s; /* when it became current, as far as known */
};
WARN_UNUSED int installed_find(
	struct store *store, const char *package, struct installed_row *ret_row, bool *ret_found, struct error *err);
WARN_UNUSED int installed_put(struct store *store, const struct installed_row *row, struct error *err);
WARN_UNUSED int installed_drop(struct store *store, const char *package, struct error *err);
#endif
