#include "tools/repo/commands/publication/command_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/expiry.h"
#include "tools/repo/metadata/signing.h"
#include "tools/repo/metadata/state.h"

static const struct args_option options[] = {
	OPTION_REPO,
	OPTION_JSON,
	OPTIONS_END,
};

static json_t *describe_published(const struct workspace *workspace, const char *role, const json_t *body)
{
	const char *expires = json_string_value(json_object_get(body, "expires"));
	int64_t now_s = workspace->clock->now_s(workspace->clock);
	int64_t expires_s = 0;

	if (!expires || clock_parse(expires, &expires_s, NULL) < 0)
		expires = "";
	return JSON_OBJECT({
		json_text("role", role),
		json_share("version", json_object_get(body, "version")),
		json_text("expires", expires),
		json_number("days_left", ((expires_s - now_s) / 86400)),
		json_number("warning", expiry_level(expires_s, workspace_lifetime_s(workspace, role), now_s)),
	});
}

static json_t *list_published(const struct workspace *workspace, struct error *err)
{
	static const char *const names[] = {"root", "timestamp", "snapshot"};
	AUTO(json) json_t *state = NULL;
	AUTO(json) json_t *list = json_array();
	const char *role;
	json_t *body;
	bool failed = !list;

	if (state_load(workspace, &state, err) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((body = json_object_get(state, names[i])))
			failed |= json_array_append_new(list, describe_published(workspace, names[i], body)) < 0;
	json_object_foreach (json_object_get(state, "roles"), role, body)
		failed |= json_array_append_new(list, describe_published(workspace, role, body)) < 0;
	if (!failed)
		return take_ptr(&list);
	(void)error_set(err, ERROR_FAILED, "no memory for a list of roles");
	return NULL;
}

static json_t *list_staged(const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *roles = documents_staged_roles(workspace, err);
	AUTO(json) json_t *list = json_array();
	struct keyring nobody = {0};
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		AUTO(json) json_t *document = NULL;
		int64_t missing;

		if (documents_staged(workspace, json_string_value(role), &document, err) < 0 ||
			signing_complete(workspace, json_string_value(role), document, &nobody, &missing, err) < 0)
			return NULL;
		if (json_array_append_new(
			    list, JSON_OBJECT({
					  json_share("role", role),
					  json_share("version",
						  json_object_get(json_object_get(document, "signed"), "version")),
					  json_number("missing_signatures", missing),
				  })) < 0) {
			(void)error_set(err, ERROR_FAILED, "no memory for a list of roles");
			return NULL;
		}
	}
	return roles ? take_ptr(&list) : NULL;
}

static const char *warning_text(int level)
{
	return level < 0     ? "HAS EXPIRED"
	       : level == 7  ? "expires within 7 days"
	       : level == 30 ? "expires within 30 days"
	       : level == 90 ? "expires within 90 days"
			     : "";
}

int status_warn(const struct tool *tool, const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *list = list_published(workspace, err);
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry) {
		int level = (int)json_integer_value(json_object_get(entry, "warning"));

		if (level)
			log_line(tool->log, LOG_LEVEL_WARNING, "%s %lld %s (%s)",
				json_string_value(json_object_get(entry, "role")),
				(long long)json_integer_value(json_object_get(entry, "version")), warning_text(level),
				json_string_value(json_object_get(entry, "expires")));
	}
	return list ? 0 : -1;
}

static void print_lists(const json_t *published, const json_t *staged)
{
	const json_t *entry;
	size_t i;

	(void)printf("%-32s %8s  %-20s\n", "PUBLISHED", "VERSION", "EXPIRES");
	json_array_foreach (published, i, entry)
		(void)printf("%-32s %8lld  %-20s  %s\n", json_string_value(json_object_get(entry, "role")),
			(long long)json_integer_value(json_object_get(entry, "version")),
			json_string_value(json_object_get(entry, "expires")),
			warning_text((int)json_integer_value(json_object_get(entry, "warning"))));
	if (json_array_size(staged))
		(void)printf("\n%-32s %8s  SIGNATURES MISSING\n", "STAGED", "VERSION");
	json_array_foreach (staged, i, entry)
		(void)printf("%-32s %8lld  %lld\n", json_string_value(json_object_get(entry, "role")),
			(long long)json_integer_value(json_object_get(entry, "version")),
			(long long)json_integer_value(json_object_get(entry, "missing_signatures")));
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(json) json_t *published = NULL;
	AUTO(json) json_t *staged = NULL;
	AUTO(json) json_t *both = NULL;

	if (args_want_positional(tool->args, 0, 0, "", err) < 0 || workspace_open(&workspace, tool, err) < 0 ||
		!(published = list_published(&workspace, err)) || !(staged = list_staged(&workspace, err)))
		return -1;
	if (!tool->json) {
		print_lists(published, staged);
		return 0;
	}
	both = JSON_OBJECT({json_share("published", published), json_share("staged", staged)});
	return tool_print_json(both, err);
}

const struct command command_status = {
	.name = "status",
	.arguments = "[--repo DIR] [--json]",
	.summary = "Show every role with version and expiry, and what is staged",
	.help = "Metadata that expires within 90, 30 or 7 days is pointed out, as far as it was made to live that "
		"long.\n",
	.options = options,
	.run = run,
};
