#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/target_walk.h"

static const struct args_option options[] = {
	OPTION_REPO,
	{"all", NULL, "everything that is staged"},
	OPTIONS_END,
};

/* The roles to withdraw, by their names or by those of their packages. A new reference. */
static json_t *roles_of(const struct tool *tool, const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *roles = NULL;
	const char *name;

	if (args_has(tool->args, "all"))
		return args_want_positional(tool->args, 0, 0, "", err) < 0 ? NULL
									   : documents_staged_roles(workspace, err);
	if (args_want_positional(tool->args, 1, 1000, "the package or role", err) < 0)
		return NULL;
	roles = json_array();
	for (size_t i = 0; (name = args_positional(tool->args, i)); i++) {
		AUTO(free) char *role = strdup(name);

		for (char *slash = role; slash && (slash = strchr(slash, '/'));)
			*slash = '-';
		if (!role || json_array_append_new(roles, json_string(role)) < 0) {
			(void)error_set(err, ERROR_FAILED, "no memory for a role's name, or it is not UTF-8");
			return NULL;
		}
	}
	return take_ptr(&roles);
}

static int check_staged(const struct workspace *workspace, const json_t *roles, struct error *err)
{
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		AUTO(json) json_t *document = NULL;

		if (documents_staged(workspace, json_string_value(role), &document, err) < 0)
			return -1;
		if (!document)
			return error_set(err, ERROR_NOT_FOUND,
				"nothing is staged for '%s'; \"haishin-repo status\" shows what is",
				json_string_value(role));
	}
	return 0;
}

static int drop_unnamed(void *context, const char *file, const struct stat *st, struct error *err)
{
	const struct workspace *workspace = context;
	char path[TARGET_WALK_PATH_SIZE];

	(void)st;
	(void)snprintf(path, sizeof(path), WORKSPACE_STAGED_TARGETS "/%s", file);
	return fs_remove(workspace->fs, workspace->dir_fd, path, err);
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(json) json_t *roles = NULL;
	AUTO(json) json_t *named = json_object();
	const json_t *role;
	size_t i;

	if (workspace_open(&workspace, tool, err) < 0 || !(roles = roles_of(tool, &workspace, err)) ||
		check_staged(&workspace, roles, err) < 0)
		return -1;
	json_array_foreach (roles, i, role)
		if (documents_drop_staged(&workspace, json_string_value(role), err) < 0)
			return -1;
	if (target_walk_name_staged(named, &workspace, err) < 0 ||
		target_walk_unnamed(&workspace, WORKSPACE_STAGED_TARGETS, named, drop_unnamed, &workspace, err) < 0)
		return -1;
	json_array_foreach (roles, i, role)
		(void)printf("What was staged for %s is withdrawn.\n", json_string_value(role));
	if (json_array_size(roles) == 0)
		(void)puts("Nothing was staged.");
	return 0;
}

const struct command command_withdraw = {
	.name = "withdraw",
	.arguments = "PACKAGE... | ROLE... | --all [--repo DIR]",
	.summary = "Take back what is staged and not published yet",
	.help = "The role is then as it was published. Clients see nothing of it; target files that nothing else "
		"staged needs go\n"
		"too.\n",
	.options = options,
	.run = run,
};
