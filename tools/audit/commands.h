/* What haishin-audit does; each prints its verdict and returns 0 where all holds, 1 where not, -1 with ERR where it could
 * not be found out. */
#ifndef TOOLS_AUDIT_COMMANDS_H
#define TOOLS_AUDIT_COMMANDS_H

#include "common/error.h"
#include "common/command_line/args.h"

int audit_delivery_command(const struct args *args, struct error *err);
int audit_log_command(const struct args *args, struct error *err);
int audit_history_command(const struct args *args, struct error *err);

#endif
