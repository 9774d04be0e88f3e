/* The collector's settings: the file, and what the command line says in its place. */
#ifndef TOOLS_COLLECTOR_SETTINGS_H
#define TOOLS_COLLECTOR_SETTINGS_H

#include "collector/authority/authority.h"
#include "collector/config/config.h"
#include "common/clock.h"
#include "common/command_line/args.h"

#define SETTINGS_FILE "/etc/haishin-collector/collector.conf"

/* Reads and checks them. */
WARN_UNUSED int settings_load(const struct args *args, struct config *ret_config, struct error *err);

/* Where its key is. */
struct private_key_place settings_authority_key(const struct config *config);

/* The authority of the settings, open to issue. ERROR_INPUT where none is set; else as authority_open(). */
WARN_UNUSED int settings_open_authority(
	const struct config *config, const struct clock *clock, struct authority **ret_authority, struct error *err);

#endif
