/* What can be said of this terminal where no agent runs: the judge of the machine, asked by this program itself. It sees what its
 * account may see. */
#ifndef TOOLS_HAISHIN_ASK_ALONE_H
#define TOOLS_HAISHIN_ASK_ALONE_H

#include "common/json.h"
#include "common/command_line/args.h"

struct config;
struct machine;

/* Reads the settings that ARGS name (--config, --root) and looks at the machine. -1 where the settings cannot be read: ERR says
 * why. RET_CONFIG is the caller's. */
WARN_UNUSED int alone_look(
	const struct args *args, struct config *ret_config, struct machine *ret_machine, struct error *err);

/* [{"reason": ..., "detail": ...}], the settings that cannot be read among them; as the problems of the status. */
json_t *alone_problems(const struct args *args);

#endif
