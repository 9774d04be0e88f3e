#include "rollback/sandbox/sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/disk/disk.h"
#include "common/platform.h"
#include "rollback/sandbox/keeper.h"
#include "rollback/sandbox/rights.h"
#include "rollback/sandbox/service.h"

static int run_in_cell(const struct env *env, const struct keeper *keeper, unsigned long namespaces,
	struct process_request *request, struct process_result *ret_result, bool *ret_missing, struct error *err)
{
	struct process_cell cell = {.namespaces = namespaces,
		.enter = keeper_enter,
		.ends_when_asked = namespaces == 0,
		.context = (void *)keeper};
	int ret;

	request->cell = &cell;
	ret = env->processes->run(env->processes, request, ret_result, err);
	request->cell = NULL;
	*ret_missing = cell.is_missing;
	return ret;
}

/* "5.1.0-0a1b2c3d" is version 5.1.0. */
static int version_length(const char *folder)
{
	const char *dash = strrchr(folder, '-');

	return (int)(dash ? (size_t)(dash - folder) : strlen(folder));
}

/* The texts that its program is handed. */
struct handed {
	char folder[PATH_MAX];
	char package[NAME_MAX + 32], version[NAME_MAX + 32], former[NAME_MAX + 32];
	char data[PATH_MAX + 64];
	const char *environment[5];
};

static int hand_over(
	const struct sandbox *sandbox, struct handed *handed, struct process_request *request, struct error *err)
{
	if (snprintf(handed->folder, sizeof(handed->folder), "%s/%s/versions/%s", sandbox->packages_path,
		    sandbox->package, sandbox->folder) >= (int)sizeof(handed->folder))
		return error_set(err, ERROR_FAILED, "path '%.80s' is too long", handed->folder);
	(void)snprintf(handed->package, sizeof(handed->package), "HAISHIN_PACKAGE=%s", sandbox->package);
	(void)snprintf(handed->version, sizeof(handed->version), "HAISHIN_VERSION=%.*s",
		version_length(sandbox->folder), sandbox->folder);
	(void)snprintf(handed->former, sizeof(handed->former), "HAISHIN_FORMER_VERSION=%.*s",
		version_length(sandbox->former), sandbox->former);
	(void)snprintf(handed->data, sizeof(handed->data), "HAISHIN_DATA=%s/%s/%s", sandbox->packages_path,
		sandbox->package, sandbox->data);
	handed->environment[0] = handed->package;
	handed->environment[1] = handed->version;
	handed->environment[2] = handed->former;
	handed->environment[3] = handed->data;
	request->folder = handed->folder;
	request->user = sandbox->user;
	request->environment = handed->environment;
	return 0;
}

/* Where no program may start, none of this release has failed. */
static int check_mount(const struct env *env, const struct handed *handed, struct error *err)
{
	struct disk disk;

	if (disk_look_at_mount(env->fs, AT_FDCWD, handed->folder, &disk, NULL) < 0 || !disk.is_noexec)
		return 0;
	return error_set(err, ERROR_MACHINE, "the disk of '%.200s' is mounted noexec", handed->folder);
}

int sandbox_run(const struct env *env, const struct sandbox *sandbox, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct keeper keeper = {.sandbox = sandbox};
	struct process_request inside = *request;
	struct handed handed = {0};
	struct error failed = {0};
	const char *checks = getenv(SERVICE_FOLDER_VARIABLE);
	bool is_missing, began;

	inside.keeps_end = true;
	if (hand_over(sandbox, &handed, &inside, err) < 0 || check_mount(env, &handed, err) < 0)
		return -1;
	if (checks && *checks && geteuid() == 0) {
		if (service_run(env, checks, sandbox, request, ret_result, &began, &failed) == 0)
			return 0;
		if (began)
			return error_set(err, failed.code, "%s", failed.text);
		log_line(env->log, LOG_LEVEL_WARNING, "%s: the service manager does not run its programs: %s",
			sandbox->package, failed.text);
	}
	if (platform_user_ids(sandbox->user, &keeper.uid, &keeper.gid, err) < 0)
		return -1;
	if (run_in_cell(env, &keeper, keeper_namespaces(sandbox), &inside, ret_result, &is_missing, &failed) == 0)
		return 0;
	/* Whatever else keeps the walls from being built, such as a folder that is not there, is a fault to be told: no program runs
	 * without walls for it. */
	if (!is_missing || !rights_has_no_namespaces(failed.sys))
		return error_set(err, failed.code, "%s", failed.text);
	log_line(env->log, LOG_LEVEL_WARNING,
		"%s: its programs run without namespaces, which keep them from what others have: %s",
		sandbox->package, failed.text);
	return run_in_cell(env, &keeper, 0, &inside, ret_result, &is_missing, err);
}
