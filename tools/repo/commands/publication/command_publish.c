#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/commands/catalog/catalog_offer.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/commands/publication/command_status.h"
#include "tools/repo/commands/release/release_add.h"
#include "tools/repo/metadata/catalog_draft.h"
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

/* As "add" and "catalog set" one after the other. */
static int add_and_offer(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring,
	json_t *catalog, const char *path, struct error *err)
{
	char offer[PACKAGE_NAME_SIZE + VERSION_TEXT_SIZE + 1];
	struct release_added added;
	const char *offered;

	if (release_add(tool, workspace, keyring, path, &added, err) < 0)
		return -1;
	if (added.missing)
		return error_set(err, ERROR_INPUT,
			"%s %s lacks %lld signatures: give --keys the folder of its vendor's key", added.package,
			added.version, (long long)added.missing);
	offered = json_string_value(json_object_get(catalog_offer_find(catalog, added.package), "version"));
	if (offered && strcmp(offered, added.version) == 0)
		return 0; /* its share stays */
	(void)snprintf(offer, sizeof(offer), "%s=%s", added.package, added.version);
	return catalog_offer(tool, workspace, catalog, offer, err);
}

/* The releases that are named are added and offered first. */
static int add_releases(
	const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *catalog = NULL;
	const char *path;
	int64_t missing;

	if (!args_positional(tool->args, 0))
		return 0;
	if (catalog_draft_read(workspace, &catalog, err) < 0)
		return -1;
	for (size_t i = 0; (path = args_positional(tool->args, i)); i++)
		if (add_and_offer(tool, workspace, keyring, catalog, path, err) < 0)
			return -1;
	if (catalog_draft_write(workspace, catalog, keyring, &missing, err) < 0 ||
		catalog_offer_warn(tool, workspace, catalog, err) < 0)
		return -1;
	return missing ? error_set(err, ERROR_INPUT,
				 "the catalog lacks %lld signatures: give --keys the folder of the operator's key",
				 (long long)missing)
		       : 0;
}

static int run_publish(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};

	if (args_want_positional(tool->args, 0, 1000, "a release", err) < 0 ||
		workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		add_releases(tool, &workspace, &keyring, err) < 0 ||
		publication_publish(tool, &workspace, &keyring, err) < 0)
		return -1;
	if (args_positional(tool->args, 0) && !tool->json)
		(void)puts("Next: whatever serves repository/ offers it. Terminals fetch it in their next window; at one of them: "
			   "haishin download-now");
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
	.arguments = "[STEM-VERSION.json...] --keys DIR [--repo DIR] [--json]",
	.summary = "Sign what is staged and put it before the clients",
	.help = "Releases that are named, as \"pack\" wrote them, are added and offered to all terminals first, as "
		"by \"add\" "
		"and\n"
		"\"catalog set\". "
		"Target files go first, then the metadata that names them, timestamp and a new root last: a client "
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
