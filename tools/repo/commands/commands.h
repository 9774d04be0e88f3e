/* The subcommands of haishin-repo, each in a file of its name, in the folder of what it works on. */
#ifndef TOOLS_REPO_COMMANDS_COMMANDS_H
#define TOOLS_REPO_COMMANDS_COMMANDS_H

#include "tools/repo/base/command.h"

/* In the order of the help. */
#define EACH_COMMAND(COMMAND)                                                                                        \
	COMMAND(init)                                                                                                \
	COMMAND(key)                                                                                                 \
	COMMAND(pack)                                                                                                \
	COMMAND(try)                                                                                                 \
	COMMAND(delta)                                                                                               \
	COMMAND(delegate)                                                                                            \
	COMMAND(undelegate)                                                                                          \
	COMMAND(add)                                                                                                 \
	COMMAND(catalog)                                                                                             \
	COMMAND(rollout)                                                                                             \
	COMMAND(campaign)                                                                                            \
	COMMAND(service)                                                                                             \
	COMMAND(ledger)                                                                                              \
	COMMAND(publish)                                                                                             \
	COMMAND(refresh)                                                                                             \
	COMMAND(recover)                                                                                             \
	COMMAND(withdraw)                                                                                            \
	COMMAND(status)                                                                                              \
	COMMAND(rotate)                                                                                              \
	COMMAND(export)                                                                                              \
	COMMAND(sign)                                                                                                \
	COMMAND(import)                                                                                              \
	COMMAND(verify)                                                                                              \
	COMMAND(diff)                                                                                                \
	COMMAND(prune)

#define COMMAND_DECLARATION(name) extern const struct command command_##name;
EACH_COMMAND(COMMAND_DECLARATION)
#undef COMMAND_DECLARATION

#endif
