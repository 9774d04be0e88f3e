#include "agent/machine/machine_walls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rollback/sandbox/sandbox.h"
#include "rollback/versions.h"

#define TIMEOUT_MS 30000
#define OUTPUT_MAX_BYTES 4096
#define SETTING "walls" /* when they were looked at, in seconds, and the names of those that are missing */
#define VALUE_MAX_BYTES 256
#define LOOK_EVERY_S (7 * 86400)

static const struct {
	const char *name, *words;
} kinds[WALLS] = {
#define WALL_ROW(enumerator, name, words) {name, words},
	EACH_WALL(WALL_ROW)
#undef WALL_ROW
};

const char *machine_wall_name(enum machine_wall wall)
{
	return kinds[wall].name;
}

bool machine_walls_lack(const struct machine_walls *walls)
{
	for (size_t i = 0; i < WALLS; i++)
		if (walls->is_missing[i])
			return true;
	return false;
}

void machine_walls_text(const struct machine_walls *walls, char *ret_text, size_t size)
{
	const char *between = " ";
	size_t len = (size_t)snprintf(ret_text, size, "programs of packages run without");

	for (size_t i = 0; i < WALLS && len < size; i++)
		if (walls->is_missing[i]) {
			len += (size_t)snprintf(ret_text + len, size - len, "%s%s", between, kinds[i].words);
			between = ", ";
		}
}

/* ---- Looking ---- */

/* What it finds: its namespace of processes, if its calls are filtered (2), its cgroup. */
static const char *const looks_around[] = {"/bin/sh", "-c",
	"readlink /proc/self/ns/pid; sed -n 's/^Seccomp:[^0-9]*/calls /p' /proc/self/status; cat /proc/self/cgroup",
	NULL};

/* The release that is current of the first package that has one; "" where there is none. */
static int find_release(const struct machine_walls_place *place, const char **ret_package,
	char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	const struct config_list *packages = &place->config->packages;

	*ret_folder = '\0';
	*ret_package = "";
	for (size_t i = 0; i < packages->count && !*ret_folder; i++) {
		AUTO(versions) struct versions *versions = NULL;

		if (!fs_exists(place->env->fs, place->packages_dir_fd, packages->items[i]))
			continue;
		if (versions_open(place->env->fs, place->packages_dir_fd, packages->items[i], &versions, err) < 0 ||
			versions_current(versions, ret_folder, err) < 0)
			return -1;
		*ret_package = *ret_folder ? packages->items[i] : "";
	}
	return 0;
}

static int look_around(const struct machine_walls_place *place, const char *package, const char *folder,
	struct buf *ret_output, struct error *err)
{
	const struct sandbox sandbox = {
		.packages_path = place->config->packages_path,
		.package = package,
		.folder = folder,
		.former = "",
		.data = "data",
		.user = geteuid() == 0 ? place->config->self_test_user : NULL,
	};
	const struct process_request request = {.argv = looks_around, .timeout_ms = TIMEOUT_MS, .output = ret_output};
	struct process_result result = {0};

	if (sandbox_run(place->env, &sandbox, &request, &result, err) < 0)
		return -1;
	return result.exit_status == 0 ? 0
				       : error_set(err, ERROR_FAILED, "a program that looks around ended with %d: %s",
						 result.exit_status, buf_text(ret_output));
}

/* Below a root of its own there is no service manager to have a unit from. */
static void judge(const struct machine_walls_place *place, const char *seen, struct machine_walls *ret_walls)
{
	char own[64] = "";

	(void)!readlink("/proc/self/ns/pid", own, sizeof(own) - 1);
	ret_walls->is_missing[WALL_NAMESPACES] = strstr(seen, own) != NULL;
	ret_walls->is_missing[WALL_CALLS] = !strstr(seen, "calls 2\n");
	ret_walls->is_missing[WALL_UNIT] = !*place->config->root && !strstr(seen, "haishin-check@");
}

/* ---- Keeping ---- */

static int keep(struct store *store, const struct machine_walls *walls, struct error *err)
{
	char value[VALUE_MAX_BYTES];
	size_t len = (size_t)snprintf(value, sizeof(value), "%" PRId64, walls->looked_s);

	for (size_t i = 0; i < WALLS; i++)
		if (walls->is_missing[i])
			len += (size_t)snprintf(value + len, sizeof(value) - len, " %s", kinds[i].name);
	return store_set_setting(store, SETTING, value, err);
}

int machine_walls_find(struct store *store, struct machine_walls *ret_walls, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(VALUE_MAX_BYTES);

	if (store_setting(store, SETTING, &text, err) < 0)
		return -1;
	*ret_walls = (struct machine_walls){.looked_s = strtoll(buf_text(&text), NULL, 10)};
	for (size_t i = 0; i < WALLS; i++)
		ret_walls->is_missing[i] = strstr(buf_text(&text), kinds[i].name) != NULL;
	return 0;
}

int machine_walls_look(const struct machine_walls_place *place, const char **ret_package,
	struct machine_walls *ret_walls, struct error *err)
{
	AUTO(buf) struct buf seen = BUF_INIT(OUTPUT_MAX_BYTES);
	struct machine_walls walls = {.looked_s = place->env->clock->now_s(place->env->clock)};
	char folder[VERSIONS_FOLDER_SIZE];

	if (find_release(place, ret_package, folder, err) < 0)
		return -1;
	if (*folder) {
		if (look_around(place, *ret_package, folder, &seen, err) < 0)
			return -1;
		judge(place, buf_text(&seen), &walls);
		if (keep(place->store, &walls, err) < 0)
			return -1;
	}
	*ret_walls = walls;
	return 0;
}

int machine_walls_keep_up(const struct machine_walls_place *place, struct error *err)
{
	int64_t now_s = place->env->clock->now_s(place->env->clock);
	struct machine_walls walls;
	const char *package;

	if (machine_walls_find(place->store, &walls, err) < 0)
		return -1;
	if (walls.looked_s && walls.looked_s <= now_s && walls.looked_s > now_s - LOOK_EVERY_S &&
		!machine_walls_lack(&walls))
		return 0;
	return machine_walls_look(place, &package, &walls, err);
}
