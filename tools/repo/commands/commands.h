/* The subcommands of haishin-repo, each in a file of its name. */
#ifndef TOOLS_REPO_COMMANDS_COMMANDS_H
#define TOOLS_REPO_COMMANDS_COMMANDS_H

#include "tools/repo/base/command.h"

extern const struct command command_add;
extern const struct command command_campaign;
extern const struct command command_catalog;
extern const struct command command_delegate;
extern const struct command command_delta;
extern const struct command command_diff;
extern const struct command command_export;
extern const struct command command_import;
extern const struct command command_init;
extern const struct command command_key;
extern const struct command command_pack;
extern const struct command command_prune;
extern const struct command command_publish;
extern const struct command command_refresh;
extern const struct command command_rotate;
extern const struct command command_service;
extern const struct command command_sign;
extern const struct command command_status;
extern const struct command command_undelegate;
extern const struct command command_verify;
extern const struct command command_withdraw;

#endif
