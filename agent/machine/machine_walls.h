/* Which of the walls around programs of packages (docs/sandbox.md) this machine does not give: a program looks around in a
 * sandbox. What it found is kept, for who asks later. */
#ifndef AGENT_MACHINE_MACHINE_WALLS_H
#define AGENT_MACHINE_MACHINE_WALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/config/config.h"
#include "agent/store/store.h"
#include "common/env.h"

/* WALL(enumerator, name, words for support) */
/* clang-format off */
#define EACH_WALL(WALL) \
	WALL(NAMESPACES, "namespaces", "namespaces")                                                                         \
	WALL(CALLS, "calls", "a filter of system calls")                                                                     \
	WALL(UNIT, "unit", "a unit of their own (haishin-check@.service)")
/* clang-format on */

enum machine_wall {
#define WALL_ENUM(enumerator, name, words) WALL_##enumerator,
	EACH_WALL(WALL_ENUM)
#undef WALL_ENUM
	WALLS
};

struct machine_walls {
	int64_t looked_s; /* 0: never */
	bool is_missing[WALLS];
};

/* Where a look is taken. All is borrowed. */
struct machine_walls_place {
	const struct env *env;
	const struct config *config;
	int packages_dir_fd;
	struct store *store;
};

const char *machine_wall_name(enum machine_wall wall);
bool machine_walls_lack(const struct machine_walls *walls);
/* "programs of packages run without ..." */
void machine_walls_text(const struct machine_walls *walls, char *ret_text, size_t size);

/* Has a program of the first package that has a release look around, and keeps what it found. RET_PACKAGE: whose, "" where no
 * package has a release; nothing is known then. -1 where it could not look: what was kept stays. */
WARN_UNUSED int machine_walls_look(const struct machine_walls_place *place, const char **ret_package,
	struct machine_walls *ret_walls, struct error *err);

/* What was found last. */
WARN_UNUSED int machine_walls_find(struct store *store, struct machine_walls *ret_walls, struct error *err);

/* Looks where the last look was a week ago, or found something missing. */
WARN_UNUSED int machine_walls_keep_up(const struct machine_walls_place *place, struct error *err);

#endif
