#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/base/package.h"
#include "manifests/rollout/brake.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/keys/keyring.h"
#include "tools/repo/metadata/catalog_draft.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/signing.h"

static const struct args_option delegate_options[] = {
	OPTIONS_SIGNING,
	{"key", "FILE", "the vendor's NAME.pub.json; may be repeated"},
	{"new-key", NULL,
		"make the vendor's key in the last --keys folder, named after the package; without --key this is so"},
	{"unencrypted", NULL, "write the new key without a passphrase: for demonstrations"},
	{"threshold", "M", "how many of the vendor's keys must sign; default 1"},
	OPTIONS_END,
};

static const struct args_option undelegate_options[] = {
	OPTIONS_SIGNING,
	OPTIONS_END,
};

static bool wants_new_key(const struct tool *tool)
{
	return args_has(tool->args, "new-key") || !args_has(tool->args, "key");
}

/* A key's file is named after the package, with '-' for '/'. */
static int add_new_key(
	const struct tool *tool, struct keyring *keyring, json_t *targets, const char *package, struct error *err)
{
	char name[PACKAGE_NAME_SIZE];
	struct keyring_key *key;

	(void)snprintf(name, sizeof(name), "%s", package);
	if (strchr(name, '/'))
		*strchr(name, '/') = '-';
	if (!(key = keyring_by_name(keyring, name)) &&
		!(key = keyring_generate(keyring, name, KEY_ED25519, args_has(tool->args, "unencrypted"), err)))
		return -1;
	return roles_add_key(targets, package, key->id, key->public_key, err);
}

static int add_keys(
	const struct tool *tool, struct keyring *keyring, json_t *targets, const char *package, struct error *err)
{
	int64_t threshold = 1;
	const char *path;

	for (size_t i = 0; (path = args_nth(tool->args, "key", i)); i++) {
		char id[KEY_ID_SIZE];
		AUTO(json) json_t *key = keyring_read_public(tool->fs, path, id, err);

		if (!key || roles_add_key(targets, package, id, key, err) < 0)
			return -1;
	}
	if (wants_new_key(tool) && add_new_key(tool, keyring, targets, package, err) < 0)
		return -1;
	if (args_integer(tool->args, "threshold", 1, 99, &threshold, err) < 0)
		return -1;
	return roles_set_threshold(targets, package, threshold, err);
}

/* The vendor's role, empty, so that the repository is whole from the beginning. One that was published before keeps
 * what it lists, and must be signed by the new key. */
static int stage_vendor_role(const struct workspace *workspace, const char *role, struct keyring *keyring,
	int64_t *ret_missing, struct error *err)
{
	AUTO(json) json_t *body = NULL;

	if (documents_edit(workspace, role, &body, err) < 0)
		return -1;
	if (!body &&
		(!(body = documents_new_body("targets")) || json_object_set_new(body, "targets", json_object()) < 0))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	if (documents_stage(workspace, role, body, err) < 0)
		return -1;
	return signing_staged(workspace, role, keyring, ret_missing, err);
}

static int edit_targets(const struct workspace *workspace, json_t **ret_targets, struct error *err)
{
	if (documents_edit(workspace, "targets", ret_targets, err) < 0)
		return -1;
	return *ret_targets ? 0
			    : error_set(err, ERROR_DAMAGED,
				      "there is no targets role: the repository was never made whole");
}

static int run_delegate(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *targets = NULL;
	const char *package = args_positional(tool->args, 0);
	char pattern[PACKAGE_NAME_SIZE + 2], role[PACKAGE_NAME_SIZE], what[3 * PACKAGE_NAME_SIZE];
	int64_t missing_targets;
	int64_t missing_package;

	if (args_want_positional(tool->args, 1, 1, "the package", err) < 0 || package_check_name(package, err) < 0 ||
		workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, wants_new_key(tool), err) < 0 ||
		edit_targets(&workspace, &targets, err) < 0)
		return -1;
	package_role(package, role);
	if (workspace_kind(role) != WORKSPACE_DELEGATED || strcmp(role, CATALOG_ROLE) == 0 ||
		strcmp(role, BRAKE_ROLE) == 0)
		return error_set(err, ERROR_USAGE,
			"'%s' is the name of a role of the repository itself; a package needs another", role);
	(void)snprintf(pattern, sizeof(pattern), "%s/*", package);
	if (roles_add_delegation(targets, role, pattern, err) < 0 ||
		add_keys(tool, &keyring, targets, role, err) < 0 ||
		signing_open_keys_of(&workspace, "targets", false, &keyring, err) < 0 ||
		signing_open_keys(targets, role, &keyring, err) < 0 || keyring_keep(&keyring, err) < 0)
		return -1;
	if (documents_stage(&workspace, "targets", targets, err) < 0 ||
		signing_staged(&workspace, "targets", &keyring, &missing_targets, err) < 0 ||
		stage_vendor_role(&workspace, role, &keyring, &missing_package, err) < 0)
		return -1;
	(void)snprintf(what, sizeof(what), "%s, a role of its own for %s,", role, pattern);
	if (missing_targets)
		tool_tell_staged(what, "targets", missing_targets);
	if (missing_package || !missing_targets)
		tool_tell_staged(what, role, missing_package);
	return 0;
}

static int run_undelegate(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *targets = NULL;
	const char *package = args_positional(tool->args, 0);
	char role[PACKAGE_NAME_SIZE], what[2 * PACKAGE_NAME_SIZE];
	int64_t missing;

	if (args_want_positional(tool->args, 1, 1, "the package", err) < 0 || package_check_name(package, err) < 0)
		return -1;
	package_role(package, role);
	if (workspace_open(&workspace, tool, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0 ||
		edit_targets(&workspace, &targets, err) < 0 || roles_remove_delegation(targets, role, err) < 0 ||
		signing_open_keys_of(&workspace, "targets", false, &keyring, err) < 0 ||
		documents_stage(&workspace, "targets", targets, err) < 0 ||
		signing_staged(&workspace, "targets", &keyring, &missing, err) < 0 ||
		documents_drop_staged(&workspace, role, err) < 0)
		return -1;
	(void)snprintf(what, sizeof(what), "That %s is delegated no longer", package);
	tool_tell_staged(what, "targets", missing);
	return 0;
}

const struct command command_delegate = {
	.name = "delegate",
	.arguments = "PACKAGE [--key FILE]... [--keys DIR] [--repo DIR]",
	.summary = "Give a package's path to its vendor's key",
	.help = "From then on only that key can sign for PACKAGE/*, and it can sign for nothing else. Publish "
		"afterwards.\n",
	.options = delegate_options,
	.run = run_delegate,
};

const struct command command_undelegate = {
	.name = "undelegate",
	.arguments = "PACKAGE [--keys DIR] [--repo DIR]",
	.summary = "Take a package's path back from its vendor",
	.help = "Its releases are not trusted any more once this is published. Take it out of the catalog first.\n",
	.options = undelegate_options,
	.run = run_undelegate,
};
