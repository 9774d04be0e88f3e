#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/catalog_draft.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"title", "TEXT", "for people"},
	OPTION_JSON,
	OPTIONS_END,
};

/* -1 where there is none. */
static int find_service(const json_t *services, const char *name)
{
	for (size_t i = 0; i < json_array_size(services); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(services, i), "service")), name) == 0)
			return (int)i;
	return -1;
}

/* The words behind the service's name: PACKAGE=VERSION. */
static int read_requirements(const struct tool *tool, json_t *list, struct error *err)
{
	const char *word;

	for (size_t i = 2; (word = args_positional(tool->args, i)); i++) {
		const char *equals = strchr(word, '=');

		if (!equals)
			return error_set(err, ERROR_USAGE, "'%.80s' is not PACKAGE=VERSION", word);
		if (json_array_append_new(
			    list, JSON_OBJECT({
					  json_take("package", json_stringn(word, (size_t)(equals - word))),
					  json_text("version", equals + 1),
				  })) < 0)
			return error_set(err, ERROR_INPUT, "'%.80s' is not UTF-8, or there is no memory", word);
	}
	return 0;
}

static int set(const struct tool *tool, json_t *services, struct error *err)
{
	const char *title = args_get(tool->args, "title");
	AUTO(json) json_t *list = json_array();
	const char *name;
	json_t *service;
	int at;

	if (args_want_positional(tool->args, 3, 100, "the service and PACKAGE=VERSION", err) < 0 ||
		read_requirements(tool, list, err) < 0)
		return -1;
	name = args_positional(tool->args, 1);
	at = find_service(services, name);
	service = JSON_OBJECT({
		json_text("service", name),
		json_text("title", title ? title : ""),
		json_share("requires", list),
	});
	if (!service || (at < 0 ? json_array_append_new(services, service)
				: json_array_set_new(services, (size_t)at, service)) < 0)
		return error_set(
			err, ERROR_INPUT, "cannot make service '%.80s': a text is not UTF-8, or no memory", name);
	return 0;
}

static int drop(const struct tool *tool, json_t *services, struct error *err)
{
	int at;

	if (args_want_positional(tool->args, 2, 2, "the service", err) < 0)
		return -1;
	if ((at = find_service(services, args_positional(tool->args, 1))) < 0)
		return error_set(err, ERROR_NOT_FOUND,
			"there is no service '%.80s'; \"haishin-repo service list\" shows them",
			args_positional(tool->args, 1));
	(void)json_array_remove(services, (size_t)at);
	return 0;
}

static int list(const struct tool *tool, const json_t *services, struct error *err)
{
	const json_t *service, *requirement;
	size_t i, k;

	if (tool->json)
		return tool_print_json(services, err);
	(void)printf("%-20s  %-40s  %s\n", "SERVICE", "TITLE", "REQUIRES");
	json_array_foreach (services, i, service) {
		(void)printf("%-20s  %-40s ", json_string_value(json_object_get(service, "service")),
			json_string_value(json_object_get(service, "title")));
		json_array_foreach (json_object_get(service, "requires"), k, requirement)
			(void)printf(" %s=%s", json_string_value(json_object_get(requirement, "package")),
				json_string_value(json_object_get(requirement, "version")));
		(void)putchar('\n');
	}
	return 0;
}

static int change(const struct tool *tool, const struct workspace *workspace, json_t *catalog,
	struct keyring *keyring, const char *action, struct error *err)
{
	json_t *services = json_object_get(catalog, "services");
	int64_t missing;

	if (strcmp(action, "set") == 0 ? set(tool, services, err) < 0 : drop(tool, services, err) < 0)
		return -1;
	if (catalog_draft_write(workspace, catalog, keyring, &missing, err) < 0)
		return -1;
	tool_tell_staged("The catalog", CATALOG_ROLE, missing);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *catalog = NULL;
	const char *action = args_positional(tool->args, 0);

	if (!action || (strcmp(action, "set") != 0 && strcmp(action, "drop") != 0 && strcmp(action, "list") != 0))
		return error_set(err, ERROR_USAGE,
			"service: say \"set SERVICE PACKAGE=VERSION...\", \"drop SERVICE\" or \"list\"");
	if (workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		catalog_draft_read(&workspace, &catalog, err) < 0)
		return -1;
	if (!json_object_get(catalog, "services") && json_object_set_new(catalog, "services", json_array()) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a catalog");
	if (strcmp(action, "list") == 0)
		return list(tool, json_object_get(catalog, "services"), err);
	return change(tool, &workspace, catalog, &keyring, action, err);
}

const struct command command_service = {
	.name = "service",
	.arguments = "set SERVICE PACKAGE=VERSION... | drop SERVICE | list",
	.summary = "Say which versions a service asks for at least",
	.help = "Terminals show which services they are too old for. \"set\" replaces a service of the same name.\n",
	.options = options,
	.run = run,
};
