#include "common/auto.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/commands/publication/command_status.h"
#include "tools/repo/metadata/publication.h"

static const struct args_option publish_options[] = {
	OPTIONS_SIGNING,
	OPTION_JSON,
	OPTIONS_END,
};

static const struct args_option refresh_options[] = {
	OPTIONS_SIGNING,
	{"snapshot", NULL, "sign snapshot too, even if half of its life is not over"},
	OPTION_JSON,
	OPTIONS_END,
};

static int run_publish(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};

	if (args_want_positional(tool->args, 0, 0, "", err) < 0 || workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		publication_publish(tool, &workspace, &keyring, err) < 0)
		return -1;
	return status_warn(tool, &workspace, err);
}

static int run_refresh(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};

	if (args_want_positional(tool->args, 0, 0, "", err) < 0 || workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		publication_refresh(tool, &workspace, &keyring, args_has(tool->args, "snapshot"), err) < 0)
		return -1;
	return status_warn(tool, &workspace, err);
}

const struct command command_publish = {
	.name = "publish",
	.arguments = "--keys DIR [--repo DIR] [--json]",
	.summary = "Sign what is staged and put it before the clients",
	.help = "Target files go first, then the metadata that names them, timestamp and a new root last: a client "
		"sees the\n"
		"former state or the new one. If it is cut off, run it again. Prints what changed in words.\n",
	.options = publish_options,
	.run = run_publish,
};

const struct command command_refresh = {
	.name = "refresh",
	.arguments = "--keys DIR [--repo DIR] [--snapshot] [--json]",
	.summary = "Sign timestamp anew, and snapshot when due: for a daily job",
	.help = "Changes nothing that is offered, and leaves alone what is staged. Warns of roles that expire "
		"soon.\n",
	.options = refresh_options,
	.run = run_refresh,
};
