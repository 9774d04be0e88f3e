#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/base/package.h"
#include "scheduler/window.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/commands/catalog/campaign_nights.h"
#include "tools/repo/commands/catalog/catalog_offer.h"
#include "tools/repo/metadata/catalog_draft.h"
#include "tools/repo/metadata/documents.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"first", "DATE", "the first night, by the date on which it begins"},
	{"last", "DATE", "the last night"},
	{"window", "WINDOW",
		"hours of delivery, such as 20:00-05:00 or mon-fri,20:00-05:00; default: the terminal's own"},
	{"leave-out", "DATE", "a night without delivery; may be repeated"},
	{"afterwards", "HOW", "what holds after the last night: nightly (default), all-day or none"},
	{"package", "NAME", "a package that it delivers; may be repeated; default: all"},
	{"title", "TEXT", "for people"},
	OPTION_JSON,
	OPTIONS_END,
};

static int read_number(const char *text, int64_t *ret_number, struct error *err)
{
	char *end;
	long long number = strtoll(text, &end, 10);

	if (!*text || *end || number < 1 || number > 999999999)
		return error_set(err, ERROR_USAGE, "campaign number '%.40s' is not a number such as 150", text);
	*ret_number = number;
	return 0;
}

/* -1 where there is none. */
static int find_campaign(const json_t *campaigns, int64_t number)
{
	for (size_t i = 0; i < json_array_size(campaigns); i++)
		if (json_integer_value(json_object_get(json_array_get(campaigns, i), "number")) == number)
			return (int)i;
	return -1;
}

static json_t *list_of(const struct args *args, const char *option)
{
	json_t *list = json_array();
	const char *text;

	for (size_t i = 0; (text = args_nth(args, option, i)); i++)
		if (json_array_append_new(list, json_string(text)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* A name that nobody has would make a campaign that delivers nothing. */
static int check_packages(
	const struct tool *tool, const struct workspace *workspace, const json_t *catalog, struct error *err)
{
	const char *package;

	for (size_t i = 0; (package = args_nth(tool->args, "package", i)); i++) {
		AUTO(json) json_t *body = NULL;
		char role[PACKAGE_NAME_SIZE];

		if (package_check_name(package, err) < 0)
			return -1;
		package_role(package, role);
		if (documents_current(workspace, role, &body, err) < 0)
			return -1;
		if (!body)
			return error_set(err, ERROR_NOT_FOUND,
				"there is no package '%s' in this repository: \"haishin-repo status\" lists what "
				"there is",
				package);
		if (!catalog_offer_find(catalog, package))
			log_line(tool->log, LOG_LEVEL_WARNING,
				"the catalog does not offer %s yet: until \"haishin-repo catalog set %s=VERSION\" "
				"the campaign "
				"delivers nothing of it",
				package, package);
	}
	return 0;
}

static int add(const struct tool *tool, json_t *campaigns, int64_t number, struct error *err)
{
	const char *first;
	const char *last;
	const char *title = args_get(tool->args, "title");
	const char *afterwards = args_get(tool->args, "afterwards");
	const char *window = args_get(tool->args, "window");
	struct window_list windows;
	int at = find_campaign(campaigns, number);
	json_t *campaign;

	if (args_want(tool->args, "first", &first, err) < 0 || args_want(tool->args, "last", &last, err) < 0)
		return -1;
	if (window && window_list_parse(window, &windows, err) < 0)
		return error_context(err, "--window");
	campaign = JSON_OBJECT({
		json_number("number", number),
		json_text("title", title ? title : ""),
		json_take("packages", list_of(tool->args, "package")),
		json_text("first_night", first),
		json_text("last_night", last),
		json_text_if("window", window),
		json_take("left_out", list_of(tool->args, "leave-out")),
		json_text("afterwards", afterwards ? afterwards : "nightly"),
	});
	if (!campaign || (at < 0 ? json_array_append_new(campaigns, campaign)
				 : json_array_set_new(campaigns, (size_t)at, campaign)) < 0)
		return error_set(err, ERROR_INPUT,
			"cannot make campaign %lld: a text is not UTF-8, or there is no memory", (long long)number);
	return 0;
}

static int drop(json_t *campaigns, int64_t number, struct error *err)
{
	int at = find_campaign(campaigns, number);

	if (at < 0)
		return error_set(err, ERROR_NOT_FOUND,
			"there is no campaign %lld; \"haishin-repo campaign list\" shows them", (long long)number);
	(void)json_array_remove(campaigns, (size_t)at);
	return 0;
}

static int list(const struct tool *tool, const json_t *campaigns, struct error *err)
{
	const json_t *entry;
	size_t i;

	if (tool->json)
		return tool_print_json(campaigns, err);
	(void)printf("%8s  %-10s  %-10s  %-11s  %-8s  %-24s  %s\n", "NUMBER", "FIRST", "LAST", "WINDOW", "THEN",
		"PACKAGES", "TITLE");
	json_array_foreach (campaigns, i, entry) {
		const char *window = json_string_value(json_object_get(entry, "window"));
		char packages[256];

		(void)printf("%8lld  %-10s  %-10s  %-11s  %-8s  %-24s  %s\n",
			(long long)json_integer_value(json_object_get(entry, "number")),
			json_string_value(json_object_get(entry, "first_night")),
			json_string_value(json_object_get(entry, "last_night")), window ? window : "usual",
			json_string_value(json_object_get(entry, "afterwards")),
			catalog_draft_packages_of(entry, packages),
			json_string_value(json_object_get(entry, "title")));
	}
	return 0;
}

/* *RET_NUMBER: the campaign that is meant; one that was dropped is in CATALOG no more. */
static int change(const struct tool *tool, const struct workspace *workspace, const char *action, json_t *catalog,
	int64_t *ret_number, struct error *err)
{
	json_t *campaigns = json_object_get(catalog, "campaigns");

	if (args_want_positional(tool->args, 2, 2, "the campaign's number", err) < 0 ||
		read_number(args_positional(tool->args, 1), ret_number, err) < 0)
		return -1;
	if (strcmp(action, "drop") == 0)
		return drop(campaigns, *ret_number, err);
	return check_packages(tool, workspace, catalog, err) < 0 ? -1 : add(tool, campaigns, *ret_number, err);
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *catalog = NULL;
	const char *action = args_positional(tool->args, 0);
	int64_t missing, number;

	if (!action || (strcmp(action, "add") != 0 && strcmp(action, "drop") != 0 && strcmp(action, "list") != 0))
		return error_set(err, ERROR_USAGE, "campaign: say \"add NUMBER\", \"drop NUMBER\" or \"list\"");
	if (workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		catalog_draft_read(&workspace, &catalog, err) < 0)
		return -1;
	if (strcmp(action, "list") == 0)
		return list(tool, json_object_get(catalog, "campaigns"), err);
	if (change(tool, &workspace, action, catalog, &number, err) < 0 ||
		catalog_draft_write(&workspace, catalog, &keyring, &missing, err) < 0)
		return -1;
	campaign_nights_warn(tool, catalog, number);
	tool_tell_staged("The catalog", CATALOG_ROLE, missing);
	return 0;
}

const struct command command_campaign = {
	.name = "campaign",
	.arguments = "add NUMBER --first DATE --last DATE | drop NUMBER | list",
	.summary = "Say on which nights packages are delivered",
	.help = "A night belongs to the date on which it begins. \"add\" replaces a campaign of the same number.\n",
	.options = options,
	.run = run,
};
