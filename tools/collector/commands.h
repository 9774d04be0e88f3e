/* What haishin-collector does, one row each. */
#ifndef TOOLS_COLLECTOR_COMMANDS_H
#define TOOLS_COLLECTOR_COMMANDS_H

#include "collector/config/config.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/command_line/args.h"

/* What each is given: the command line, the settings with what it says instead, and the time. */
struct command_context {
	const struct args *args;
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
};

/* COMMAND(name, words behind it, how many of them at least and at most, what it does) */
/* clang-format off */
#define EACH_COMMAND(COMMAND) \
	COMMAND(serve, "", 0, 0, "take reports and answer questions until told to end; the same without a command")        \
	COMMAND(enrol, "NAME", 1, 1, "print a one-time code by which a terminal gets its certificate")                     \
	COMMAND(certificates, "", 0, 0, "list the certificates that were issued or shown")                                 \
	COMMAND(revoke, "[NAME]", 0, 1, "let nobody in any more with the certificates of NAME, or with --serial")          \
	COMMAND(certificate, "", 0, 0, "write the delivery certificate of a --release of a --package on a --terminal")    \
	COMMAND(brake, "PACKAGE=VERSION", 1, 1, "stop the rollout of this candidate, with the reason in --why")               \
	COMMAND(backup, "FILE", 1, 1, "copy the store as it is now, while collectors run")                                 \
	COMMAND(forget, "", 0, 0, "drop what is older than the settings or --keep say, now instead of tonight")
/* clang-format on */

#define COMMAND_DECLARATION(name, words, least, most, meaning)                                                       \
	int command_##name(const struct command_context *context, struct error *err);
EACH_COMMAND(COMMAND_DECLARATION)
#undef COMMAND_DECLARATION

/* Options that stand for a command. */
int command_check(const struct command_context *context, struct error *err);
int command_begin_ledger(const struct command_context *context, struct error *err);
int command_begin_authority(const struct command_context *context, struct error *err);

#endif
