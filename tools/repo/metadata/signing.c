#include "tools/repo/metadata/signing.h"

#include <string.h>

#include "manifests/keys/canonical_json.h"
#include "tools/repo/metadata/documents.h"

void authority_clear(struct authority *authority)
{
	json_decref(authority->document);
	*authority = (struct authority){0};
}

static const json_t *find_delegation(const json_t *delegations, const char *role)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(delegations, "roles"), i, entry) {
		const char *name = json_string_value(json_object_get(entry, "name"));

		if (name && strcmp(name, role) == 0)
			return entry;
	}
	return NULL;
}

static int read_signers(const json_t *body, const char *role, struct metadata_signers *ret_signers, struct error *err)
{
	bool delegated = workspace_kind(role) == WORKSPACE_DELEGATED;
	const json_t *delegations = json_object_get(body, "delegations");
	const json_t *entry = delegated ? find_delegation(delegations, role)
					: json_object_get(json_object_get(body, "roles"), role);

	if (!entry)
		return error_set(
			err, ERROR_NOT_FOUND, "there is no role '%s'; \"haishin-repo status\" lists them", role);
	return metadata_signers_parse(
		json_object_get(delegated ? delegations : body, "keys"), entry, ret_signers, err);
}

int authority_find(struct authority *authority, const struct workspace *workspace, const char *role, bool published,
	struct error *err)
{
	const char *by = workspace_kind(role) == WORKSPACE_DELEGATED ? "targets" : "root";

	if (published ? documents_published(workspace, by, &authority->document, err) < 0
		      : documents_current(workspace, by, &authority->document, err) < 0)
		return -1;
	return read_signers(json_object_get(authority->document, "signed"), role, &authority->signers, err);
}

static int canonical_body(const json_t *document, struct buf *ret_bytes, struct error *err)
{
	return canonical_json_write(json_object_get(document, "signed"), ret_bytes, err);
}

/* Key id -> signature, so that each id is looked up once however many signed; NULL where there is no memory. */
static json_t *signatures_by_id(const json_t *document)
{
	AUTO(json) json_t *found = json_object();
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(document, "signatures"), i, entry) {
		const char *id = json_string_value(json_object_get(entry, "keyid"));

		if (id && !json_object_get(found, id) &&
			json_object_set(found, id, json_object_get(entry, "sig")) < 0)
			return NULL;
	}
	return take_ptr(&found);
}

static bool holds(
	const struct buf *bytes, const json_t *signatures, const struct authority *authority, const char *id)
{
	const char *signature = json_string_value(json_object_get(signatures, id));
	AUTO(key) struct key *key = signature ? key_parse(json_object_get(authority->signers.keys, id), NULL) : NULL;

	return key && key_verify(key, bytes->data, bytes->len, signature);
}

/* Valid signatures by different keys of AUTHORITY that DOCUMENT lacks; 0 when it has enough. */
static int count_missing(
	const json_t *document, const struct authority *authority, int64_t *ret_missing, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(DOCUMENTS_MAX_BYTES);
	AUTO(json) json_t *signatures = signatures_by_id(document);
	int64_t missing = authority->signers.threshold;
	const json_t *id;
	size_t i;

	if (!signatures)
		return error_set(err, ERROR_FAILED, "no memory for signatures");
	if (canonical_body(document, &bytes, err) < 0)
		return -1;
	json_array_foreach (authority->signers.key_ids, i, id)
		missing -= holds(&bytes, signatures, authority, json_string_value(id));
	*ret_missing = missing > 0 ? missing : 0;
	return 0;
}

static void drop_signature(json_t *document, const char *id)
{
	json_t *signatures = json_object_get(document, "signatures");

	for (size_t i = json_array_size(signatures); i > 0; i--) {
		const char *key_id = json_string_value(json_object_get(json_array_get(signatures, i - 1), "keyid"));

		if (key_id && strcmp(key_id, id) == 0)
			(void)json_array_remove(signatures, i - 1);
	}
}

static int sign_with(json_t *document, const struct buf *bytes, const struct signer *signer, struct error *err)
{
	AUTO(buf) struct buf hex = BUF_INIT(4096);

	if (signer_sign(signer, bytes->data, bytes->len, &hex, err) < 0)
		return -1;
	drop_signature(document, signer_key_id(signer));
	if (json_array_append_new(json_object_get(document, "signatures"),
		    JSON_OBJECT({json_text("keyid", signer_key_id(signer)), json_text("sig", buf_text(&hex))})) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a signature");
	return 0;
}

int signing_add(json_t *document, const struct authority *authority, struct keyring *keyring, size_t *ret_added,
	struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(DOCUMENTS_MAX_BYTES);
	AUTO(json) json_t *signatures = signatures_by_id(document);
	const json_t *id;
	int64_t missing;
	size_t i;

	*ret_added = 0;
	if (!signatures)
		return error_set(err, ERROR_FAILED, "no memory for signatures");
	if (canonical_body(document, &bytes, err) < 0 || count_missing(document, authority, &missing, err) < 0)
		return -1;
	json_array_foreach (authority->signers.key_ids, i, id) {
		struct keyring_key *key = keyring_by_id(keyring, json_string_value(id));
		struct signer *signer;

		if (missing <= 0 || !key || !key->has_private ||
			holds(&bytes, signatures, authority, json_string_value(id)))
			continue;
		if (!(signer = keyring_signer(keyring, key, err)) || sign_with(document, &bytes, signer, err) < 0)
			return -1;
		missing--;
		(*ret_added)++;
	}
	return 0;
}

/* As many as SIGNERS ask for, in their order, as signing_add() takes them. */
static int open_keys(const struct metadata_signers *signers, struct keyring *keyring, struct error *err)
{
	int64_t missing = signers->threshold;
	const json_t *id;
	size_t i;

	json_array_foreach (signers->key_ids, i, id) {
		struct keyring_key *key = keyring_by_id(keyring, json_string_value(id));

		if (missing <= 0 || !key || !key->has_private)
			continue;
		if (!keyring_signer(keyring, key, err))
			return -1;
		missing--;
	}
	return 0;
}

int signing_open_keys(const json_t *body, const char *role, struct keyring *keyring, struct error *err)
{
	struct metadata_signers signers = {0};

	if (read_signers(body, role, &signers, err) < 0 || open_keys(&signers, keyring, err) < 0)
		return error_context(err, "%s", role);
	return 0;
}

int signing_open_keys_of(const struct workspace *workspace, const char *role, bool published, struct keyring *keyring,
	struct error *err)
{
	AUTO(authority) struct authority authority = {0};

	if (authority_find(&authority, workspace, role, published, err) < 0)
		return -1;
	if (open_keys(&authority.signers, keyring, err) < 0)
		return error_context(err, "%s", role);
	return 0;
}

int signing_for(const struct workspace *workspace, const char *role, bool published, json_t *document,
	struct keyring *keyring, int64_t *ret_missing, struct error *err)
{
	AUTO(authority) struct authority authority = {0};
	size_t added;

	if (authority_find(&authority, workspace, role, published, err) < 0 ||
		signing_add(document, &authority, keyring, &added, err) < 0)
		return -1;
	return count_missing(document, &authority, ret_missing, err);
}

int signing_for_former(const struct workspace *workspace, const char *role, json_t *document, struct keyring *keyring,
	int64_t *ret_missing, struct error *err)
{
	AUTO(json) json_t *root = NULL;

	*ret_missing = 0;
	if (documents_published(workspace, "root", &root, err) < 0)
		return -1;
	return root ? signing_for(workspace, role, true, document, keyring, ret_missing, err) : 0;
}

int signing_complete(const struct workspace *workspace, const char *role, json_t *document, struct keyring *keyring,
	int64_t *ret_missing, struct error *err)
{
	int64_t missing;

	if (signing_for(workspace, role, false, document, keyring, ret_missing, err) < 0)
		return error_context(err, "%s", role);
	if (strcmp(role, "root") != 0)
		return 0;
	if (signing_for_former(workspace, role, document, keyring, &missing, err) < 0)
		return -1;
	*ret_missing = missing > *ret_missing ? missing : *ret_missing;
	return 0;
}

int signing_staged(const struct workspace *workspace, const char *role, struct keyring *keyring, int64_t *ret_missing,
	struct error *err)
{
	AUTO(json) json_t *document = NULL;

	if (documents_staged(workspace, role, &document, err) < 0)
		return -1;
	if (!document)
		return error_set(err, ERROR_NOT_FOUND, "nothing is staged for '%s'", role);
	if (signing_complete(workspace, role, document, keyring, ret_missing, err) < 0)
		return -1;
	return documents_put_staged(workspace, role, document, err);
}
