#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/base/package.h"
#include "manifests/rollout/brake.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/keys/keyring.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/signing.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"add", "FILE", "a NAME.pub.json that may sign from now on; may be repeated"},
	{"remove", "KEY", "a key id (8 digits or more), or a NAME.pub.json, that may no longer; may be repeated"},
	{"threshold", "M", "how many keys must sign; unchanged by default"},
	OPTIONS_END,
};

static int add_keys(const struct tool *tool, json_t *body, const char *role, struct error *err)
{
	const char *path;

	for (size_t i = 0; (path = args_nth(tool->args, "add", i)); i++) {
		char id[KEY_ID_SIZE];
		AUTO(json) json_t *key = keyring_read_public(tool->fs, path, id, err);

		if (!key || roles_add_key(body, role, id, key, err) < 0)
			return -1;
	}
	return 0;
}

/* The full id of the key that TEXT names: a file, or the beginning of the id. */
static int find_id(const struct tool *tool, json_t *body, const char *role, const char *text,
	char ret_id[static KEY_ID_SIZE], struct error *err)
{
	AUTO(json) json_t *key = NULL;
	const json_t *id;
	json_t *keys;
	int found = 0;
	size_t i;

	if (strchr(text, '.') || strchr(text, '/'))
		return (key = keyring_read_public(tool->fs, text, ret_id, err)) ? 0 : -1;
	if (strlen(text) < 8)
		return error_set(err, ERROR_USAGE, "--remove '%s': give at least 8 digits of the key's id", text);
	json_array_foreach (json_object_get(roles_entry(body, role, &keys), "keyids"), i, id)
		if (strncmp(json_string_value(id), text, strlen(text)) == 0 &&
			strlen(json_string_value(id)) < KEY_ID_SIZE) {
			memcpy(ret_id, json_string_value(id), strlen(json_string_value(id)) + 1);
			found++;
		}
	if (found == 1)
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "%s key of role '%s' has an id that begins with '%.64s'",
		found ? "more than one" : "no", role, text);
}

static int remove_keys(const struct tool *tool, json_t *body, const char *role, struct error *err)
{
	const char *text;

	for (size_t i = 0; (text = args_nth(tool->args, "remove", i)); i++) {
		char id[KEY_ID_SIZE];

		if (find_id(tool, body, role, text, id, err) < 0 || roles_remove_key(body, role, id, err) < 0)
			return -1;
	}
	return 0;
}

static int change_role(const struct tool *tool, json_t *body, const char *role, struct error *err)
{
	json_t *keys;
	json_t *entry = roles_entry(body, role, &keys);
	int64_t threshold = json_integer_value(json_object_get(entry, "threshold"));

	if (!entry)
		return error_set(
			err, ERROR_NOT_FOUND, "there is no role '%s'; \"haishin-repo status\" lists them", role);
	if (add_keys(tool, body, role, err) < 0 || remove_keys(tool, body, role, err) < 0 ||
		args_integer(tool->args, "threshold", 1, 99, &threshold, err) < 0)
		return -1;
	return roles_set_threshold(body, role, threshold, err);
}

static bool has_a_document_of_its_own(const char *role)
{
	return strcmp(role, "root") != 0 && strcmp(role, "snapshot") != 0 && strcmp(role, "timestamp") != 0;
}

/* BODY, of the role BY that appoints ROLE, is about to be signed, and ROLE's own document with the keys that it names.
 */
static int open_keys(const struct workspace *workspace, const char *by, const json_t *body, const char *role,
	struct keyring *keyring, struct error *err)
{
	if (strcmp(by, "root") == 0) {
		AUTO(json) json_t *published = NULL;

		if (signing_open_keys(body, "root", keyring, err) < 0 ||
			documents_published(workspace, "root", &published, err) < 0 ||
			(published &&
				signing_open_keys(json_object_get(published, "signed"), "root", keyring, err) < 0))
			return -1;
	} else if (signing_open_keys_of(workspace, by, false, keyring, err) < 0) {
		return -1;
	}
	return has_a_document_of_its_own(role) ? signing_open_keys(body, role, keyring, err) : 0;
}

/* The role's own document must be signed by its new keys. Snapshot and timestamp are made anew at every publish. */
static int stage_role_itself(
	const struct workspace *workspace, const char *role, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *body = NULL;
	int64_t missing;

	if (!has_a_document_of_its_own(role))
		return 0;
	if (documents_edit(workspace, role, &body, err) < 0)
		return -1;
	if (!body)
		return 0;
	if (documents_stage(workspace, role, body, err) < 0 ||
		signing_staged(workspace, role, keyring, &missing, err) < 0)
		return -1;
	if (missing)
		(void)printf("'%s' must be signed by its new keys: %lld signatures are missing.\n", role,
			(long long)missing);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *body = NULL;
	char role[PACKAGE_NAME_SIZE];
	const char *by;
	int64_t missing;

	if (args_want_positional(tool->args, 1, 1, "the role", err) < 0)
		return -1;
	package_role(args_positional(tool->args, 0), role);
	if (workspace_open(&workspace, tool, err) < 0 || keyring_init(&keyring, tool->fs, tool->args, false, err) < 0)
		return -1;
	if (strcmp(role, BRAKE_ROLE) == 0)
		return error_set(err, ERROR_USAGE,
			"say \"haishin-repo rollout brake-key FILE\": from then on that key brakes, and no other");
	by = workspace_kind(role) == WORKSPACE_DELEGATED ? "targets" : "root";
	if (documents_edit(&workspace, by, &body, err) < 0 || change_role(tool, body, role, err) < 0 ||
		open_keys(&workspace, by, body, role, &keyring, err) < 0 ||
		documents_stage(&workspace, by, body, err) < 0 ||
		signing_staged(&workspace, by, &keyring, &missing, err) < 0)
		return -1;
	if (missing)
		(void)printf("'%s' lacks %lld signatures: sign it with export, sign and import.\n", by,
			(long long)missing);
	if (stage_role_itself(&workspace, role, &keyring, err) < 0)
		return -1;
	(void)puts("Staged. \"haishin-repo publish\" makes it so for the clients.");
	return 0;
}

const struct command command_rotate = {
	.name = "rotate",
	.arguments = "ROLE [--add FILE]... [--remove KEY]... [--threshold M] [--keys DIR]",
	.summary = "Change who may sign for a role: rotation and revocation",
	.help = "ROLE is root, targets, snapshot, timestamp, operator, or a package. Without --add and --remove it "
		"renews the\n"
		"document that appoints the role. A new root is signed by keys of the former root too. While former "
		"keys of\n"
		"snapshot and timestamp are at hand when publishing, they sign once more, so that no client is left "
		"out in\n"
		"between.\n",
	.options = options,
	.run = run,
};
