#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/publication.h"
#include "tools/repo/metadata/signing.h"

/* Years of daily signing. */
#define AHEAD_USUAL 1000
#define AHEAD_MOST 1000000

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"ahead", "N", "how many versions clients may have seen that this folder knows nothing of; default 1000"},
	OPTION_JSON,
	OPTIONS_END,
};

static int check_nothing_is_staged(const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *staged = documents_staged_roles(workspace, err);

	if (!staged)
		return -1;
	return json_array_size(staged)
		       ? error_set(err, ERROR_INPUT,
				 "'%s' is staged: \"haishin-repo publish\" or \"withdraw --all\" first",
				 json_string_value(json_array_get(staged, 0)))
		       : 0;
}

/* A vendor's document, whose key is elsewhere, stays as it is: then it is as new as it was in the backup. */
static int sign_anew(const struct tool *tool, const struct workspace *workspace, const char *role,
	struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *body = NULL;
	int64_t missing;

	if (documents_edit(workspace, role, &body, err) < 0)
		return -1;
	if (!body || documents_stage(workspace, role, body, err) < 0 ||
		signing_staged(workspace, role, keyring, &missing, err) < 0)
		return body ? -1 : error_set(err, ERROR_DAMAGED, "metadata of '%s' are missing", role);
	if (!missing)
		return 0;
	log_line(tool->log, LOG_LEVEL_WARNING,
		"'%s' stays as it was in the backup, as its keys are not here: where something of it was published "
		"since "
		"then, clients refuse all until its vendor has run this command, too",
		role);
	return documents_drop_staged(workspace, role, err);
}

/* All roles that the snapshot lists, root excepted: its versions have no gaps. */
static int sign_all_anew(
	const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *snapshot = NULL;
	const char *member;
	const json_t *listed;

	if (documents_published(workspace, "snapshot", &snapshot, err) < 0)
		return -1;
	if (!snapshot)
		return error_set(err, ERROR_NOT_FOUND, "nothing is published here: there is nothing to sign anew");
	json_object_foreach (json_object_get(json_object_get(snapshot, "signed"), "meta"), member, listed) {
		char role[DOCUMENTS_ROLE_FILE_SIZE];

		(void)listed;
		(void)snprintf(role, sizeof(role), "%.*s", (int)(strlen(member) - strlen(".json")), member);
		if (sign_anew(tool, workspace, role, keyring, err) < 0)
			return error_context(err, "%s", role);
	}
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	int64_t ahead = AHEAD_USUAL;

	if (args_want_positional(tool->args, 0, 0, "", err) < 0 ||
		args_integer(tool->args, "ahead", 1, AHEAD_MOST, &ahead, err) < 0 ||
		workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		check_nothing_is_staged(&workspace, err) < 0)
		return -1;
	workspace.ahead = ahead;
	if (sign_all_anew(tool, &workspace, &keyring, err) < 0)
		return -1;
	return publication_publish(tool, &workspace, &keyring, err);
}

const struct command command_recover = {
	.name = "recover",
	.arguments = "--keys DIR... [--repo DIR] [--ahead N]",
	.summary = "After a backup was put back: sign all anew, ahead of what clients saw",
	.help = "Clients take no metadata that is older than what they had. A publisher's folder that was put back "
		"from a "
		"backup\n"
		"knows nothing of what was signed since then: this leaves out so many versions, and publishes. It "
		"takes the\n"
		"keys of all roles but root. What was published after the backup is to be published once more.\n",
	.options = options,
	.run = run,
};
