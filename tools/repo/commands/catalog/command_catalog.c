#include "manifests/catalog/catalog.h"

#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/commands/catalog/catalog_offer.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/catalog_draft.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"priority", "N", "of the packages that are set: 1 is delivered first"},
	{"rollout", "PERCENT", "share of the terminals that take the packages that are set; default 100"},
	{"back", NULL, "let a package go back to an older version"},
	{"longest-disable-days", "N", "a longer disable ends by itself; 0: no limit"},
	OPTION_JSON,
	OPTIONS_END,
};

static int write_draft(const struct tool *tool, const struct workspace *workspace, json_t *catalog,
	struct keyring *keyring, struct error *err)
{
	int64_t missing;

	if (catalog_draft_write(workspace, catalog, keyring, &missing, err) < 0 ||
		catalog_offer_warn(tool, workspace, catalog, err) < 0)
		return -1;
	tool_tell_staged("The catalog", CATALOG_ROLE, missing);
	return 0;
}

static int set(const struct tool *tool, const struct workspace *workspace, json_t *catalog, struct error *err)
{
	int64_t days = -1;
	const char *text;

	if (args_integer(tool->args, "longest-disable-days", 0, 36500, &days, err) < 0)
		return -1;
	if (days < 0 && args_want_positional(tool->args, 2, 1000, "PACKAGE=VERSION", err) < 0)
		return -1;
	for (size_t i = 1; (text = args_positional(tool->args, i)); i++)
		if (catalog_offer(tool, workspace, catalog, text, err) < 0)
			return -1;
	if (days >= 0 && json_object_set_new(catalog, "longest_disable_days", json_integer(days)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a catalog");
	return 0;
}

static int drop(const struct tool *tool, json_t *catalog, struct error *err)
{
	json_t *packages = json_object_get(catalog, "packages");
	const char *name;

	if (args_want_positional(tool->args, 2, 1000, "the package", err) < 0)
		return -1;
	for (size_t i = 1; (name = args_positional(tool->args, i)); i++) {
		const json_t *entry = catalog_offer_find(catalog, name);

		if (!entry)
			return error_set(err, ERROR_NOT_FOUND, "the catalog does not offer '%s'", name);
		for (size_t at = 0; at < json_array_size(packages); at++)
			if (json_array_get(packages, at) == entry) {
				(void)json_array_remove(packages, at);
				break;
			}
	}
	return 0;
}

static int show(const struct tool *tool, const json_t *catalog, struct error *err)
{
	const json_t *entry;
	size_t i;

	if (tool->json)
		return tool_print_json(catalog, err);
	(void)printf("%-8s  %-32s  %-16s  %s\n", "PRIORITY", "PACKAGE", "VERSION", "TERMINALS");
	json_array_foreach (json_object_get(catalog, "packages"), i, entry)
		(void)printf("%8lld  %-32s  %-16s  %lld %%\n",
			(long long)json_integer_value(json_object_get(entry, "priority")),
			json_string_value(json_object_get(entry, "package")),
			json_string_value(json_object_get(entry, "version")),
			(long long)json_integer_value(json_object_get(entry, "rollout_percent")));
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *catalog = NULL;
	const char *action = args_positional(tool->args, 0);

	if (!action || (strcmp(action, "set") != 0 && strcmp(action, "drop") != 0 && strcmp(action, "show") != 0))
		return error_set(
			err, ERROR_USAGE, "catalog: say \"set PACKAGE=VERSION...\", \"drop PACKAGE...\" or \"show\"");
	if (workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		catalog_draft_read(&workspace, &catalog, err) < 0)
		return -1;
	if (strcmp(action, "show") == 0)
		return show(tool, catalog, err);
	if (strcmp(action, "set") == 0 ? set(tool, &workspace, catalog, err) < 0 : drop(tool, catalog, err) < 0)
		return -1;
	return write_draft(tool, &workspace, catalog, &keyring, err);
}

const struct command command_catalog = {
	.name = "catalog",
	.arguments = "set PACKAGE=VERSION... | drop PACKAGE... | show",
	.summary = "Say which release of each package terminals should run",
	.help = "The catalog is signed by the operator's key, not by the vendors'. Priorities are those of the field "
		"unless\n"
		"--priority says otherwise: distro-app 1, face-library 2, linkage-app 3, reader-app 4.\n",
	.options = options,
	.run = run,
};
