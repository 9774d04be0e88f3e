#include "agent/night/doctor_walls.h"

#include <string.h>

#include "rollback/sandbox/sandbox.h"
#include "rollback/versions.h"

#define TIMEOUT_MS 30000
#define OUTPUT_MAX_BYTES 4096

/* What it finds: its namespace of processes, if its calls are filtered (2), its cgroup. */
static const char *const looks_around[] = {"/bin/sh", "-c",
	"readlink /proc/self/ns/pid; sed -n 's/^Seccomp:[^0-9]*/calls /p' /proc/self/status; cat /proc/self/cgroup",
	NULL};

/* The release that is current of the first package that has one; "" where there is none. */
static int find_release(const struct terminal *terminal, const char **ret_package,
	char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	const struct config_list *packages = &terminal->config->packages;

	*ret_folder = '\0';
	for (size_t i = 0; i < packages->count && !*ret_folder; i++) {
		AUTO(versions) struct versions *versions = NULL;

		*ret_package = packages->items[i];
		if (!fs_exists(terminal->env->fs, terminal->packages_dir_fd, *ret_package))
			continue;
		if (versions_open(terminal->env->fs, terminal->packages_dir_fd, *ret_package, &versions, err) < 0 ||
			versions_current(versions, ret_folder, err) < 0)
			return -1;
	}
	return 0;
}

static int look_around(const struct terminal *terminal, const char *package, const char *folder,
	struct buf *ret_output, struct error *err)
{
	const struct sandbox sandbox = {
		.packages_path = terminal->config->packages_path,
		.package = package,
		.folder = folder,
		.former = "",
		.data = "data",
		.user = geteuid() == 0 ? terminal->config->self_test_user : NULL,
	};
	const struct process_request request = {.argv = looks_around, .timeout_ms = TIMEOUT_MS, .output = ret_output};
	struct process_result result = {0};

	if (sandbox_run(terminal->env, &sandbox, &request, &result, err) < 0)
		return -1;
	return result.exit_status == 0 ? 0
				       : error_set(err, ERROR_FAILED, "a program that looks around ended with %d: %s",
						 result.exit_status, buf_text(ret_output));
}

/* Below a root of its own there is no service manager to have a unit from. */
static int judge(const struct terminal *terminal, const char *seen, struct error *err)
{
	char own[64] = "";
	bool has_namespaces, is_filtered, has_unit;

	(void)!readlink("/proc/self/ns/pid", own, sizeof(own) - 1);
	has_namespaces = !strstr(seen, own);
	is_filtered = strstr(seen, "calls 2\n");
	has_unit = *terminal->config->root || strstr(seen, "haishin-check@");
	if (has_namespaces && is_filtered && has_unit)
		return 0;
	return error_set(err, ERROR_FAILED, "programs of packages run without%s%s%s",
		has_namespaces ? "" : " namespaces", is_filtered ? "" : " a filter of system calls",
		has_unit ? "" : " a unit of their own (haishin-check@.service)");
}

void doctor_walk_walls(const struct walk *walk)
{
	struct terminal *terminal = walk->terminal;
	AUTO(buf) struct buf seen = BUF_INIT(OUTPUT_MAX_BYTES);
	char folder[VERSIONS_FOLDER_SIZE];
	const char *package = "";
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_AT_WALLS, "%s", "");
	if (find_release(terminal, &package, folder, &why) == 0 && !*folder)
		hop.outcome = DOCTOR_SKIPPED;
	else if (why.code || look_around(terminal, package, folder, &seen, &why) < 0 ||
		 judge(terminal, buf_text(&seen), &why) < 0)
		doctor_hop_find(&hop, DOCTOR_WARNING, FINDING_WALLS_MISSING, &why);
	(void)snprintf(hop.subject, sizeof(hop.subject), "%s", package);
	walk->take(walk->context, &hop);
}
