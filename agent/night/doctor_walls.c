#include "agent/night/doctor_walls.h"

#include "agent/machine/machine_walls.h"

void doctor_walk_walls(const struct doctor_walk *walk)
{
	const struct terminal *terminal = walk->terminal;
	const struct machine_walls_place place = {.env = terminal->env,
		.config = terminal->config,
		.packages_dir_fd = terminal->packages_dir_fd,
		.store = terminal->store};
	struct machine_walls walls = {0};
	char missing[STORE_TEXT_SIZE];
	const char *package = "";
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_WALLS, "%s", "");
	if (machine_walls_look(&place, &package, &walls, &why) < 0) {
		doctor_hop_blame(&hop, DOCTOR_WARNING, FINDING_WALLS_MISSING, &why);
	} else if (machine_walls_lack(&walls)) {
		machine_walls_text(&walls, missing, sizeof(missing));
		(void)error_set(&why, ERROR_FAILED, "%s", missing);
		doctor_hop_blame(&hop, DOCTOR_WARNING, FINDING_WALLS_MISSING, &why);
	} else if (!*package) {
		hop.outcome = DOCTOR_SKIPPED;
	}
	(void)snprintf(hop.subject, sizeof(hop.subject), "%s", package);
	walk->take(walk->context, &hop);
}
