#include "manifests/catalog/catalog.h"

#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/release/release.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/catalog_draft.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/target_file.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"priority", "N", "of the packages that are set: 1 is delivered first"},
	{"rollout", "PERCENT", "share of the terminals that take the packages that are set; default 100"},
	{"back", NULL, "let a package go back to an older version"},
	{"longest-disable-days", "N", "a longer disable ends by itself; 0: no limit"},
	OPTION_JSON,
	OPTIONS_END,
};

/* The priorities of the field (F4); anything else comes after them. */
static int64_t usual_priority(const char *package)
{
	static const char *const known[] = {"distro-app", "face-library", "linkage-app", "reader-app"};
	size_t len = strcspn(package, "/");

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strlen(known[i]) == len && strncmp(known[i], package, len) == 0)
			return (int64_t)i + 1;
	return (int64_t)ARRAY_SIZE(known) + 1;
}

static json_t *find_package(const json_t *catalog, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(catalog, "packages"), i, entry)
		if (strcmp(json_string_value(json_object_get(entry, "package")), name) == 0)
			return entry;
	return NULL;
}

/* Reads the release that is to be offered; an unknown package or version ends here. */
static int read_release(const struct workspace *workspace, const char *package, const char *version,
	struct release **ret_release, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(RELEASE_MAX_BYTES);
	AUTO(json) json_t *body = NULL;
	char role[PACKAGE_NAME_SIZE];
	char target[PACKAGE_TARGET_SIZE];
	struct sha256 digest;

	package_release_target(package, version, target);
	package_role(package, role);
	if (documents_edit(workspace, role, &body, err) < 0)
		return -1;
	if (!body)
		return error_set(err, ERROR_NOT_FOUND,
			"there is no package '%s' in this repository; `haishin-repo status` lists what there is, "
			"`haishin-repo delegate %s` makes it one",
			package, package);
	if (!roles_target_digest(body, target, &digest))
		return error_set(err, ERROR_NOT_FOUND,
			"there is no release %s of '%s' in this repository; add it first", version, package);
	if (target_file_read(workspace, target, &digest, &bytes, err) < 0)
		return -1;
	return release_parse(bytes.data, bytes.len, ret_release, err);
}

static int set_package(const struct tool *tool, const struct workspace *workspace, json_t *catalog, const char *text,
	struct error *err)
{
	const char *equals = strchr(text, '=');
	AUTO(free) char *package = equals ? strndup(text, (size_t)(equals - text)) : NULL;
	AUTO(release) struct release *release = NULL;
	char target[PACKAGE_TARGET_SIZE];
	json_t *entry;
	const char *former;
	int64_t priority;
	int64_t rollout = 100;

	if (!package)
		return error_set(err, ERROR_USAGE, "'%.80s' is not PACKAGE=VERSION", text);
	if (package_check_name(package, err) < 0 || version_check(equals + 1, err) < 0 ||
		read_release(workspace, package, equals + 1, &release, err) < 0)
		return -1;
	entry = find_package(catalog, package);
	former = json_string_value(json_object_get(entry, "version"));
	if (former && version_compare(equals + 1, former) < 0 && !args_has(tool->args, "back"))
		return error_set(err, ERROR_USAGE,
			"%s would go back from %s to %s; terminals that have %s keep it. Say --back if you mean it",
			package, former, equals + 1, former);
	priority = entry ? json_integer_value(json_object_get(entry, "priority")) : usual_priority(package);
	if (args_integer(tool->args, "priority", 1, 1000000, &priority, err) < 0 ||
		args_integer(tool->args, "rollout", 0, 100, &rollout, err) < 0)
		return -1;
	if (!entry) {
		entry = json_object();
		if (json_array_append_new(json_object_get(catalog, "packages"), entry) < 0)
			return error_set(err, ERROR_FAILED, "no memory for a catalog");
	}
	package_release_target(package, equals + 1, target);
	if (json_object_set_new(entry, "package", json_string(package)) < 0 ||
		json_object_set_new(entry, "version", json_string(equals + 1)) < 0 ||
		json_object_set_new(entry, "release", json_string(target)) < 0 ||
		json_object_set_new(entry, "priority", json_integer(priority)) < 0 ||
		json_object_set_new(entry, "rollout_percent", json_integer(rollout)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a catalog");
	return 0;
}

/* A terminal never installs a release whose requirements the catalog cannot meet: better known before it is signed.
 */
static int warn_of_requirements(
	const struct tool *tool, const struct workspace *workspace, const json_t *catalog, struct error *err)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(catalog, "packages"), i, entry) {
		const char *package = json_string_value(json_object_get(entry, "package"));
		const char *version = json_string_value(json_object_get(entry, "version"));
		AUTO(release) struct release *release = NULL;

		if (read_release(workspace, package, version, &release, err) < 0)
			return -1;
		for (size_t j = 0; j < release->requires_count; j++) {
			const struct release_requirement *wanted = &release->requires[j];
			const char *offered =
				json_string_value(json_object_get(find_package(catalog, wanted->package), "version"));

			if (version_compare(offered, wanted->version) < 0)
				log_line(tool->log, LOG_LEVEL_WARNING,
					"%s %s requires %s %s, and the catalog offers %s: terminals without it will "
					"wait",
					package, version, wanted->package, wanted->version,
					offered ? offered : "none");
		}
	}
	return 0;
}

static int write_draft(const struct tool *tool, const struct workspace *workspace, json_t *catalog,
	struct keyring *keyring, struct error *err)
{
	int64_t missing;

	if (catalog_draft_write(workspace, catalog, keyring, &missing, err) < 0 ||
		warn_of_requirements(tool, workspace, catalog, err) < 0)
		return -1;
	if (missing)
		(void)printf(
			"The catalog is staged; '" CATALOG_ROLE "' lacks %lld signatures.\n", (long long)missing);
	else
		(void)puts("The catalog is staged.");
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
		if (set_package(tool, workspace, catalog, text, err) < 0)
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
		const json_t *entry = find_package(catalog, name);

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
