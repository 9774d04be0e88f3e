/* The collector's settings: the file, and what the command line says in its place. */
#ifndef TOOLS_COLLECTOR_SETTINGS_H
#define TOOLS_COLLECTOR_SETTINGS_H

#include "collector/config/config.h"
#include "common/command_line/args.h"

#define SETTINGS_FILE "/etc/haishin-collector/collector.conf"

/* Reads and checks them. */
WARN_UNUSED int settings_load(const struct args *args, struct config *ret_config, struct error *err);

#endif
