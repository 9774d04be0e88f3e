#include "rollback/program.h"

#include <limits.h>
#include <string.h>

#include "rollback/sandbox/sandbox.h"

#define MAX_ARGUMENTS 32
#define OUTPUT_LIMIT 4096

/* Cuts COMMAND at its blanks. */
static int split(char *command, const char *ret_argv[static MAX_ARGUMENTS + 1])
{
	size_t count = 0;

	for (char *word; (word = strsep(&command, " "));)
		if (*word && count < MAX_ARGUMENTS)
			ret_argv[count++] = word;
		else if (*word)
			return -1;
	ret_argv[count] = NULL;
	return count ? 0 : -1;
}

/* The program of the release; never one outside it. */
static int program_path(const struct sandbox *sandbox, const char *program, char ret_path[static PATH_MAX])
{
	size_t len = strlen(program);

	if (*program == '/' || strcmp(program, "..") == 0 || strncmp(program, "../", 3) == 0 ||
		strstr(program, "/../") || (len >= 3 && strcmp(program + len - 3, "/..") == 0))
		return -1;
	return snprintf(ret_path, PATH_MAX, "%s/%s/versions/%s/%s", sandbox->packages_path, sandbox->package,
		       sandbox->folder, program) < PATH_MAX
		       ? 0
		       : -1;
}

static int judge(
	const struct process_result *result, struct buf *output, const struct program *program, struct error *err)
{
	const char *said = process_last_line(output);

	if (result->timed_out)
		return error_set(err, ERROR_REFUSED, "%s did not end within %d s", program->name, program->timeout_s);
	if (result->exit_status)
		return error_set(err, ERROR_REFUSED, "%s ended with status %d%s%.120s", program->name,
			result->exit_status, *said ? ": " : "", said);
	return 0;
}

int program_run(const struct env *env, const char *packages_path, const char *user, const struct plan_entry *entry,
	const struct program *program, struct error *err)
{
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_LIMIT);
	char command[PLAN_COMMAND_SIZE], path[PATH_MAX];
	const char *argv[MAX_ARGUMENTS + 1];
	const struct sandbox sandbox = {.packages_path = packages_path,
		.package = entry->package,
		.folder = entry->folder,
		.former = entry->former,
		.data = program->data,
		.user = user,
		.has_network = program->has_network};
	struct process_request request = {
		.argv = argv, .timeout_ms = (int64_t)program->timeout_s * 1000, .output = &output};
	struct process_result result = {0};

	(void)snprintf(command, sizeof(command), "%s", program->command);
	if (split(command, argv) < 0 || program_path(&sandbox, argv[0], path) < 0)
		return error_set(err, ERROR_REFUSED, "%s '%.100s' is no program inside the release", program->name,
			program->command);
	argv[0] = path;
	if (sandbox_run(env, &sandbox, &request, &result, err) < 0)
		return error_context(err, "%s could not be run", program->name);
	return judge(&result, &output, program, err);
}
