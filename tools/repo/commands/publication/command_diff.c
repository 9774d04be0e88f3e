#include <stdio.h>

#include "common/auto.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/state.h"

static const struct args_option options[] = {
	OPTION_JSON,
	OPTIONS_END,
};

static int load(const struct tool *tool, const char *path, json_t **ret_state, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;

	if (workspace_look(&workspace, tool, path, err) < 0 || state_load(&workspace, ret_state, err) < 0)
		return error_context(err, "%s", path);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(json) json_t *before = NULL;
	AUTO(json) json_t *after = NULL;
	AUTO(json) json_t *sentences = NULL;
	const json_t *sentence;
	size_t i;

	if (args_want_positional(tool->args, 2, 2, "one of the two repositories", err) < 0 ||
		load(tool, args_positional(tool->args, 0), &before, err) < 0 ||
		load(tool, args_positional(tool->args, 1), &after, err) < 0 ||
		!(sentences = state_compare(before, after, err)))
		return -1;
	if (tool->json)
		return tool_print_json(sentences, err);
	json_array_foreach (sentences, i, sentence)
		(void)puts(json_string_value(sentence));
	if (json_array_size(sentences) == 0)
		(void)puts("Both say the same.");
	return 0;
}

const struct command command_diff = {
	.name = "diff",
	.arguments = "FORMER LATTER [--json]",
	.summary = "Say in words how two states of a repository differ",
	.help = "Both are folders with metadata/ and targets/, or publishers' folders. Nothing is verified; see "
		"\"verify\".\n",
	.options = options,
	.run = run,
};
