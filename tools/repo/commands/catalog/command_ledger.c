#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "ledger/proof/policy.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/catalog_draft.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/signing.h"
#include "tools/repo/metadata/target_file.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	OPTIONS_END,
};

/* A repository that was made before there was a ledger delegates nothing but the catalog to the operator. */
static int delegate(const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *targets = NULL;
	int64_t missing;
	int added;

	if (documents_edit(workspace, "targets", &targets, err) < 0)
		return -1;
	if ((added = roles_add_path(targets, CATALOG_ROLE, POLICY_TARGET, err)) <= 0)
		return added;
	if (signing_open_keys_of(workspace, "targets", false, keyring, err) < 0 ||
		documents_stage(workspace, "targets", targets, err) < 0 ||
		signing_staged(workspace, "targets", keyring, &missing, err) < 0)
		return -1;
	if (missing)
		tool_tell_staged("That the policy is the operator's to sign", "targets", missing);
	return 0;
}

static int drop_former(const struct workspace *workspace, json_t *body, struct error *err)
{
	struct sha256 digest;

	if (!roles_target_digest(body, POLICY_TARGET, &digest))
		return 0;
	(void)json_object_del(json_object_get(body, "targets"), POLICY_TARGET);
	return target_file_drop_staged(workspace, POLICY_TARGET, &digest, err);
}

/* The operator's role without a policy, to be changed, with its keys at hand. */
static int begin(const struct workspace *workspace, struct keyring *keyring, json_t **ret_body, struct error *err)
{
	if (documents_edit(workspace, CATALOG_ROLE, ret_body, err) < 0 ||
		signing_open_keys_of(workspace, CATALOG_ROLE, false, keyring, err) < 0)
		return -1;
	if (!*ret_body && (!(*ret_body = documents_new_body("targets")) ||
				  json_object_set_new(*ret_body, "targets", json_object()) < 0))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return drop_former(workspace, *ret_body, err);
}

static int finish(const struct workspace *workspace, struct keyring *keyring, json_t *body, struct error *err)
{
	int64_t missing;

	if (documents_stage(workspace, CATALOG_ROLE, body, err) < 0 ||
		signing_staged(workspace, CATALOG_ROLE, keyring, &missing, err) < 0)
		return -1;
	tool_tell_staged("The policy", CATALOG_ROLE, missing);
	return 0;
}

static int set(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	struct roles_target target = {.path = POLICY_TARGET, .kind = "policy"};
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	AUTO(policy) struct policy *policy = NULL;
	AUTO(json) json_t *body = NULL;

	if (args_want_positional(tool->args, 2, 2, "the policy's file", err) < 0 ||
		fs_read_given(tool->fs, args_positional(tool->args, 1), &text, err) < 0)
		return -1;
	if (!(policy = policy_parse((struct span){buf_text(&text), text.len}, err)))
		return error_context(err, "'%s'", args_positional(tool->args, 1));
	if (policy->log_count == 0)
		return error_set(err, ERROR_INPUT, "'%s' names no log: terminals could believe no receipt",
			args_positional(tool->args, 1));
	target.length = text.len;
	if (delegate(workspace, keyring, err) < 0 || begin(workspace, keyring, &body, err) < 0 ||
		target_file_stage_bytes(workspace, &text, POLICY_TARGET, &target.sha256, err) < 0 ||
		roles_put_target(body, &target, err) < 0)
		return -1;
	return finish(workspace, keyring, body, err);
}

static int drop(
	const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *body = NULL;

	if (args_want_positional(tool->args, 1, 1, "", err) < 0 || begin(workspace, keyring, &body, err) < 0)
		return -1;
	return finish(workspace, keyring, body, err);
}

static int show(const struct workspace *workspace, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	AUTO(json) json_t *body = NULL;
	struct sha256 digest;

	if (documents_edit(workspace, CATALOG_ROLE, &body, err) < 0)
		return -1;
	if (!body || !roles_target_digest(body, POLICY_TARGET, &digest))
		return error_set(err, ERROR_NOT_FOUND, "there is no policy: terminals ask for no receipts");
	if (target_file_read(workspace, POLICY_TARGET, &digest, &text, err) < 0)
		return -1;
	(void)fputs(buf_text(&text), stdout);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = {0};
	AUTO(keyring) struct keyring keyring = {0};
	const char *action = args_positional(tool->args, 0);

	if (!action || (strcmp(action, "set") != 0 && strcmp(action, "drop") != 0 && strcmp(action, "show") != 0))
		return error_set(err, ERROR_USAGE, "ledger: say \"set FILE\", \"drop\" or \"show\"");
	if (workspace_open(&workspace, tool, err) < 0 || keyring_init(&keyring, tool->fs, tool->args, false, err) < 0)
		return -1;
	if (strcmp(action, "show") == 0)
		return show(&workspace, err);
	return strcmp(action, "set") == 0 ? set(tool, &workspace, &keyring, err)
					  : drop(tool, &workspace, &keyring, err);
}

const struct command command_ledger = {
	.name = "ledger",
	.arguments = "set FILE | drop | show",
	.summary = "Say which ledger and witnesses terminals believe",
	.help = "FILE is a policy (c2sp.org/tlog-policy): the ledger's key, and which witnesses must have cosigned. "
		"It is "
		"signed by\n"
		"the operator's key, so that no collector chooses its own judges. The first time, the key of targets "
		"says "
		"that it is\n"
		"the operator's to sign.\n",
	.options = options,
	.run = run,
};
