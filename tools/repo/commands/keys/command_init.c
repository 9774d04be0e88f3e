#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "ledger/proof/policy.h"
#include "manifests/catalog/catalog.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/keys/keyring.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/publication.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/signing.h"

#define OPERATOR "operator"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"unencrypted", NULL, "write new private keys without a passphrase: for demonstrations"},
	{"root-keys", "N", "how many root keys there are; default 3"},
	{"root-threshold", "M", "how many of them must sign; default 2"},
	OPTIONS_END,
};

static struct keyring_key *take_or_make_key(
	const struct tool *tool, struct keyring *keyring, const char *name, struct error *err)
{
	struct keyring_key *key = keyring_by_name(keyring, name);

	return key ? key : keyring_generate(keyring, name, KEY_ED25519, args_has(tool->args, "unencrypted"), err);
}

static int appoint(const struct tool *tool, struct keyring *keyring, json_t *body, const char *role, const char *name,
	struct error *err)
{
	struct keyring_key *key = take_or_make_key(tool, keyring, name, err);

	return key ? roles_add_key(body, role, key->id, key->public_key, err) : -1;
}

static int add_root_role(const struct tool *tool, struct keyring *keyring, json_t *body, struct error *err)
{
	int64_t count = 3;
	int64_t threshold = 2;

	if (args_integer(tool->args, "root-keys", 1, 99, &count, err) < 0)
		return -1;
	threshold = count < threshold ? count : threshold;
	if (args_integer(tool->args, "root-threshold", 1, 99, &threshold, err) < 0 ||
		roles_add_top_level(body, "root", err) < 0)
		return -1;
	for (int64_t i = 1; i <= count; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "root-%lld", (long long)i);
		if (appoint(tool, keyring, body, "root", name, err) < 0)
			return -1;
	}
	return roles_set_threshold(body, "root", threshold, err);
}

/* The first "signed" of root; NULL on failure. */
static json_t *new_root(const struct tool *tool, struct keyring *keyring, struct error *err)
{
	static const char *const roles[] = {"targets", "snapshot", "timestamp"};
	AUTO(json) json_t *body = documents_new_body("root");

	if (!body || json_object_set_new(body, "consistent_snapshot", json_true()) < 0 ||
		json_object_set_new(body, "keys", json_object()) < 0 ||
		json_object_set_new(body, "roles", json_object()) < 0) {
		(void)error_set(err, ERROR_FAILED, "no memory for metadata");
		return NULL;
	}
	if (add_root_role(tool, keyring, body, err) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles_add_top_level(body, roles[i], err) < 0 ||
			appoint(tool, keyring, body, roles[i], roles[i], err) < 0)
			return NULL;
	return take_ptr(&body);
}

static json_t *new_targets(const struct tool *tool, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *body = documents_new_body("targets");

	if (!body || json_object_set_new(body, "targets", json_object()) < 0) {
		(void)error_set(err, ERROR_FAILED, "no memory for metadata");
		return NULL;
	}
	if (roles_add_delegation(body, OPERATOR, CATALOG_TARGET, err) < 0 ||
		roles_add_path(body, OPERATOR, POLICY_TARGET, err) < 0 ||
		appoint(tool, keyring, body, OPERATOR, OPERATOR, err) < 0)
		return NULL;
	return take_ptr(&body);
}

/* Those that sign the first publication. */
static int open_keys(const json_t *root, struct keyring *keyring, struct error *err)
{
	static const char *const roles[] = {"root", "targets", "snapshot", "timestamp"};

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (signing_open_keys(root, roles[i], keyring, err) < 0)
			return -1;
	return 0;
}

/* Signs what can be signed here; tells what must be signed elsewhere. */
static int sign_and_publish(
	const struct tool *tool, struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	int64_t missing_root;
	int64_t missing_targets;

	if (signing_staged(workspace, "root", keyring, &missing_root, err) < 0 ||
		signing_staged(workspace, "targets", keyring, &missing_targets, err) < 0)
		return -1;
	if (missing_root == 0 && missing_targets == 0)
		return publication_publish(tool, workspace, keyring, err);
	(void)printf("The repository is staged, not published: root lacks %lld signatures, targets %lld.\n"
		     "Sign with \"haishin-repo export\", \"sign\" and \"import\", then \"haishin-repo publish\".\n",
		(long long)missing_root, (long long)missing_targets);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *root = NULL;
	AUTO(json) json_t *targets = NULL;
	const char *folder;

	/* All that can be refused is refused before anything is on disk. */
	if (args_want_positional(tool->args, 0, 0, "", err) < 0 || args_want(tool->args, "keys", &folder, err) < 0 ||
		workspace_may_begin(tool, err) < 0 || keyring_init(&keyring, tool->fs, tool->args, true, err) < 0 ||
		!(root = new_root(tool, &keyring, err)) || !(targets = new_targets(tool, &keyring, err)) ||
		open_keys(root, &keyring, err) < 0 || workspace_create(&workspace, tool, err) < 0)
		return -1;
	if (keyring_keep(&keyring, err) < 0) {
		workspace_abandon(&workspace);
		return -1;
	}
	if (workspace_make_folders(&workspace, err) < 0 || documents_stage(&workspace, "root", root, err) < 0 ||
		documents_stage(&workspace, "targets", targets, err) < 0 ||
		workspace_save_settings(&workspace, err) < 0)
		return -1;
	return sign_and_publish(tool, &workspace, &keyring, err);
}

const struct command command_init = {
	.name = "init",
	.arguments = "--keys DIR [--repo DIR]",
	.summary = "Make a new repository, with the keys that are missing",
	.help = "Keys are taken from DIR by name: root-1 to root-N, targets, snapshot, timestamp and operator. Those "
		"that are not\n"
		"there are made. Where only the public half NAME.pub.json is there, as for root keys kept elsewhere, "
		"the repository\n"
		"is staged until the signatures are imported; otherwise it is published at once.\n",
	.options = options,
	.run = run,
};
