#include "agent/restart/application_unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/platform.h"

#define ASK_TIMEOUT_MS 30000
#define OUTPUT_LIMIT (PATH_MAX + 256)
#define FRAGMENT "FragmentPath="

/* The unit of "PACKAGE=UNIT" in the settings. */
static bool find_bound(const char *units, const char *package, char ret_unit[static APPLICATION_UNIT_SIZE])
{
	size_t len = strlen(package);

	for (units += strspn(units, " \t"); *units; units += strspn(units, " \t")) {
		size_t word = strcspn(units, " \t");

		if (strncmp(units, package, len) == 0 && units[len] == '=')
			return snprintf(ret_unit, APPLICATION_UNIT_SIZE, "%.*s", (int)(word - len - 1),
				       units + len + 1) < APPLICATION_UNIT_SIZE;
		units += word;
	}
	return false;
}

/* The file that the service manager has UNIT from, links followed. */
static int find_file(struct terminal *terminal, const char *unit, char ret_path[static PATH_MAX], struct error *err)
{
	const char *const argv[] = {PLATFORM_SERVICE_CONTROL, "show", "--property=FragmentPath", "--", unit, NULL};
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_LIMIT);
	struct process_request request = {.argv = argv, .timeout_ms = ASK_TIMEOUT_MS, .output = &output};
	struct processes *processes = terminal->env->processes;
	struct process_result result = {0};
	char *line;

	if (processes->run(processes, &request, &result, err) < 0)
		return error_context(err, "where the unit %s comes from", unit);
	line = output.len ? strstr(output.data, FRAGMENT) : NULL;
	if (line)
		line[strcspn(line, "\n")] = '\0';
	if (!line || !realpath(line + strlen(FRAGMENT), ret_path))
		return error_set(err, ERROR_NOT_FOUND, "the service manager knows no file of the unit %s", unit);
	return 0;
}

static bool is_below(const struct terminal *terminal, const char *package, const char *file)
{
	char folder[PATH_MAX], whole[PATH_MAX];
	size_t len;

	if (snprintf(folder, sizeof(folder), "%s/%s/versions", terminal->config->packages_path, package) >=
			(int)sizeof(folder) ||
		!realpath(folder, whole))
		return false;
	len = strlen(whole);
	return strncmp(file, whole, len) == 0 && file[len] == '/';
}

int application_unit_find(struct terminal *terminal, const char *package, const char *named,
	char ret_unit[static APPLICATION_UNIT_SIZE], struct error *err)
{
	char file[PATH_MAX];

	if (find_bound(terminal->config->units, package, ret_unit))
		return 0;
	if (!*named)
		return error_set(err, ERROR_NOT_FOUND,
			"nothing here can stop and start the application of %s: [install] units names no unit for "
			"it, and applications_command is empty",
			package);
	if (find_file(terminal, named, file, err) < 0)
		return -1;
	if (!is_below(terminal, package, file))
		return error_set(err, ERROR_NOT_FOUND,
			"the release of %s names the unit %s, which is not its own; if it is, say so: [install] "
			"units = %s=%s",
			package, named, package, named);
	(void)snprintf(ret_unit, APPLICATION_UNIT_SIZE, "%s", named);
	return 0;
}
