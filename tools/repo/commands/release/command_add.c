#include <stdio.h>

#include "tools/repo/commands/commands.h"
#include "tools/repo/commands/release/release_add.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	OPTIONS_END,
};

static int add(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, const char *path,
	struct error *err)
{
	struct release_added added;
	char role[PACKAGE_NAME_SIZE];
	char what[PACKAGE_NAME_SIZE + VERSION_TEXT_SIZE + 1];

	if (release_add(tool, workspace, keyring, path, &added, err) < 0)
		return -1;
	package_role(added.package, role);
	(void)snprintf(what, sizeof(what), "%s %s", added.package, added.version);
	if (added.missing)
		tool_tell_staged(what, role, added.missing);
	else
		(void)printf("%s is staged. Next: haishin-repo catalog set %s=%s, which offers it to terminals\n",
			what, added.package, added.version);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	const char *path;

	if (args_want_positional(tool->args, 1, 1000, "the release, such as face-library-5.1.0.json,", err) < 0 ||
		workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0)
		return -1;
	for (size_t i = 0; (path = args_positional(tool->args, i)); i++)
		if (add(tool, &workspace, &keyring, path, err) < 0)
			return -1;
	return 0;
}

const struct command command_add = {
	.name = "add",
	.arguments = "STEM-VERSION.json... [--keys DIR] [--repo DIR]",
	.summary = "Put packed releases into the repository, signed by their vendor",
	.help = "Payload and deltas are taken from the same folder, and read as a terminal would read them. A "
		"version that is\n"
		"there already is refused where its content differs.\n",
	.options = options,
	.run = run,
};
