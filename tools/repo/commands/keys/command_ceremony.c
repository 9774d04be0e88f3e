/* Signing on separate machines: export what is to be signed, sign it where the key is, import the signatures. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/keys/canonical_json.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/keys/keyring.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/signing.h"

static const struct args_option export_options[] = {
	OPTION_REPO,
	{"output", "FILE", "where to write; default: ROLE-VERSION.to-sign.json"},
	OPTIONS_END,
};

static const struct args_option sign_options[] = {
	OPTION_KEYS,
	OPTION_PASSPHRASE_FILE,
	OPTION_PASSPHRASE_FD,
	OPTION_PIN_FILE,
	OPTION_PIN_FD,
	OPTIONS_END,
};

static const struct args_option import_options[] = {
	OPTION_REPO,
	OPTIONS_END,
};

/* The exported file: the document, the role it is for, and who may sign it. */
static int pack_export(
	const struct workspace *workspace, const char *role, json_t *document, json_t **ret_file, struct error *err)
{
	AUTO(json) json_t *keys = json_object();
	AUTO(json) json_t *published = NULL;

	if (documents_published(workspace, "root", &published, err) < 0)
		return -1;
	for (int former = 0; former < 2; former++) {
		AUTO(authority) struct authority authority = {0};
		const json_t *id;
		size_t i;

		if (former && (strcmp(role, "root") != 0 || !published))
			continue;
		if (authority_find(&authority, workspace, role, former, err) < 0)
			return -1;
		json_array_foreach (authority.signers.key_ids, i, id)
			(void)json_object_set(keys, json_string_value(id),
				json_object_get(authority.signers.keys, json_string_value(id)));
	}
	*ret_file = JSON_OBJECT({
		json_blame(err),
		json_text("role", role),
		json_share("keys", keys),
		json_share("document", document),
	});
	return *ret_file ? 0 : error_context(err, "export");
}

static int write_export(struct tool *tool, const char *path, const json_t *file, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(DOCUMENTS_MAX_BYTES);

	if (json_write_pretty(file, &text, err) < 0 || buf_append(&text, "\n", 1, err) < 0)
		return -1;
	return fs_write_file(tool->fs, AT_FDCWD, path, text.data, text.len, 0644, err);
}

static int run_export(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(json) json_t *document = NULL;
	AUTO(json) json_t *file = NULL;
	const char *role = args_positional(tool->args, 0);
	const char *output = args_get(tool->args, "output");
	char name[DOCUMENTS_ROLE_FILE_SIZE];
	char usual[DOCUMENTS_ROLE_FILE_SIZE + 64];

	if (args_want_positional(tool->args, 1, 1, "the role", err) < 0 ||
		workspace_open(&workspace, tool, err) < 0 || documents_role_file(role, name, err) < 0 ||
		documents_staged(&workspace, role, &document, err) < 0)
		return -1;
	if (!document)
		return error_set(err, ERROR_NOT_FOUND,
			"nothing is staged for '%s'; \"haishin-repo status\" shows what is", role);
	(void)snprintf(usual, sizeof(usual), "%s-%lld.to-sign.json", name, (long long)documents_version(document));
	if (pack_export(&workspace, role, document, &file, err) < 0 ||
		write_export(tool, output ? output : usual, file, err) < 0)
		return -1;
	(void)printf("%s holds %s to be signed with \"haishin-repo sign %s --keys DIR\".\n", output ? output : usual,
		role, output ? output : usual);
	return 0;
}

static int read_export(struct tool *tool, const char *path, json_t **ret_file, const char **ret_role,
	json_t **ret_document, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(DOCUMENTS_MAX_BYTES);
	const json_t *part;

	if (fs_read_given(tool->fs, path, &bytes, err) < 0)
		return -1;
	if (!(*ret_file = json_parse(bytes.data, bytes.len, err)) ||
		json_want_string(*ret_file, "role", ret_role, err) < 0 ||
		json_want_object(*ret_file, "keys", &part, err) < 0 ||
		json_want_object(*ret_file, "document", &part, err) < 0 ||
		json_want_object(json_object_get(*ret_file, "document"), "signed", &part, err) < 0 ||
		json_want_array(json_object_get(*ret_file, "document"), "signatures", &part, err) < 0)
		return error_context(err, "'%s' is not an export", path);
	*ret_document = json_object_get(*ret_file, "document");
	return 0;
}

/* Whoever signs shall read what it is. */
static void describe(const char *role, const json_t *document)
{
	const json_t *body = json_object_get(document, "signed");
	const char *path;
	const char *name;
	const json_t *entry;

	(void)printf("%s %lld, valid until %s\n", role,
		(long long)json_integer_value(json_object_get(body, "version")),
		json_string_value(json_object_get(body, "expires")));
	json_object_foreach (json_object_get(body, "roles"), name, entry)
		(void)printf("  %s: %lld of %zu keys\n", name,
			(long long)json_integer_value(json_object_get(entry, "threshold")),
			json_array_size(json_object_get(entry, "keyids")));
	json_object_foreach (json_object_get(body, "targets"), path, entry)
		(void)printf(
			"  %s, %lld bytes\n", path, (long long)json_integer_value(json_object_get(entry, "length")));
}

/* Signs with every key in the keyring that the export lists. */
static int sign_export(json_t *file, json_t *document, struct keyring *keyring, size_t *ret_added, struct error *err)
{
	struct authority authority = {.signers = {.keys = json_object_get(file, "keys")}};
	AUTO(json) json_t *key_ids = json_array();
	const char *id;
	const json_t *key;

	json_object_foreach (json_object_get(file, "keys"), id, key) {
		(void)key;
		if (json_array_append_new(key_ids, json_string(id)) < 0)
			return error_set(err, ERROR_FAILED, "no memory for keys");
	}
	authority.signers.key_ids = key_ids;
	authority.signers.threshold = (int64_t)json_array_size(key_ids);
	return signing_add(document, &authority, keyring, ret_added, err);
}

static int run_sign(struct tool *tool, struct error *err)
{
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *file = NULL;
	const char *path = args_positional(tool->args, 0);
	const char *folder;
	const char *role;
	json_t *document;
	size_t added;

	if (args_want_positional(tool->args, 1, 1, "the exported file", err) < 0 ||
		args_want(tool->args, "keys", &folder, err) < 0 ||
		read_export(tool, path, &file, &role, &document, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0)
		return -1;
	describe(role, document);
	if (sign_export(file, document, &keyring, &added, err) < 0)
		return -1;
	if (!added)
		return error_set(err, ERROR_NOT_FOUND,
			"no key here can sign this, or all have signed; \"haishin-repo key list\" shows what is "
			"here");
	if (write_export(tool, path, file, err) < 0)
		return -1;
	(void)printf("Signed with %zu key%s. Next, where the repository is: haishin-repo import %s\n", added,
		added == 1 ? "" : "s", args_positional(tool->args, 0));
	return 0;
}

/* The signed part must be what is staged, to the byte; then signatures are taken over where there is none by that
 * key. */
static int merge(const json_t *from, json_t *into, struct error *err)
{
	AUTO(buf) struct buf theirs = BUF_INIT(DOCUMENTS_MAX_BYTES);
	AUTO(buf) struct buf ours = BUF_INIT(DOCUMENTS_MAX_BYTES);
	json_t *signatures = json_object_get(into, "signatures");
	json_t *entry;
	size_t i;

	if (canonical_json_write(json_object_get(from, "signed"), &theirs, err) < 0 ||
		canonical_json_write(json_object_get(into, "signed"), &ours, err) < 0)
		return -1;
	if (ours.len != theirs.len || memcmp(ours.data, theirs.data, ours.len) != 0)
		return error_set(
			err, ERROR_REFUSED, "what was signed is not what is staged; export and sign it again");
	if (json_array_size(json_object_get(from, "signatures")) + json_array_size(signatures) >
		METADATA_SIGNATURES_MAX)
		return error_set(err, ERROR_REFUSED,
			"the file brings %zu signatures; a document may carry %d; export and sign it again",
			json_array_size(json_object_get(from, "signatures")), METADATA_SIGNATURES_MAX);
	json_array_foreach (json_object_get(from, "signatures"), i, entry) {
		const char *id = json_string_value(json_object_get(entry, "keyid"));
		bool there = false;

		for (size_t j = 0; id && j < json_array_size(signatures); j++)
			there |= strcmp(json_string_value(json_object_get(json_array_get(signatures, j), "keyid")),
					 id) == 0;
		if (id && !there && json_array_append(signatures, entry) < 0)
			return error_set(err, ERROR_FAILED, "no memory for signatures");
	}
	return 0;
}

static int run_import(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(json) json_t *file = NULL;
	AUTO(json) json_t *staged = NULL;
	struct keyring nobody = {0};
	const char *role;
	json_t *document;
	int64_t before;
	int64_t missing;

	if (args_want_positional(tool->args, 1, 1, "the signed file", err) < 0 ||
		read_export(tool, args_positional(tool->args, 0), &file, &role, &document, err) < 0 ||
		workspace_open(&workspace, tool, err) < 0 || documents_staged(&workspace, role, &staged, err) < 0)
		return -1;
	if (!staged)
		return error_set(err, ERROR_NOT_FOUND, "nothing is staged for '%.64s'", role);
	if (signing_complete(&workspace, role, staged, &nobody, &before, err) < 0 ||
		merge(document, staged, err) < 0 ||
		signing_complete(&workspace, role, staged, &nobody, &missing, err) < 0)
		return -1;
	if (before && missing == before)
		return error_set(err, ERROR_REFUSED, "the file holds no new valid signature for '%s'", role);
	if (documents_put_staged(&workspace, role, staged, err) < 0)
		return -1;
	if (missing)
		(void)printf("Imported; '%s' lacks %lld signature%s still\n", role, (long long)missing,
			missing == 1 ? "" : "s");
	else
		(void)printf("Imported; '%s' lacks 0 signatures. Next: haishin-repo publish\n", role);
	return 0;
}

const struct command command_export = {
	.name = "export",
	.arguments = "ROLE [--output FILE] [--repo DIR]",
	.summary = "Write a staged role to a file, to be signed on another machine",
	.help = "",
	.options = export_options,
	.run = run_export,
};

const struct command command_sign = {
	.name = "sign",
	.arguments = "FILE --keys DIR",
	.summary = "Sign an exported file with the keys that are here",
	.help = "Needs no repository. Says what it signs, and adds the signatures to the file.\n",
	.options = sign_options,
	.run = run_sign,
};

const struct command command_import = {
	.name = "import",
	.arguments = "FILE [--repo DIR]",
	.summary = "Take the signatures of a signed file into what is staged",
	.help = "Refused where what was signed is not what is staged. Several people may sign copies of the same "
		"export.\n",
	.options = import_options,
	.run = run_import,
};
