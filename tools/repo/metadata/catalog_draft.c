#include "tools/repo/metadata/catalog_draft.h"

#include <stdio.h>
#include <string.h>

#include "manifests/base/package.h"
#include "manifests/catalog/catalog.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/signing.h"
#include "tools/repo/metadata/target_file.h"

int catalog_draft_read(const struct workspace *workspace, json_t **ret_catalog, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(json) json_t *body = NULL;
	struct sha256 digest;

	if (documents_edit(workspace, CATALOG_ROLE, &body, err) < 0)
		return -1;
	if (!body || !roles_target_digest(body, CATALOG_TARGET, &digest)) {
		*ret_catalog =
			JSON_OBJECT({json_take("packages", json_array()), json_take("campaigns", json_array())});
		return *ret_catalog ? 0 : error_set(err, ERROR_FAILED, "no memory for a catalog");
	}
	if (target_file_read(workspace, CATALOG_TARGET, &digest, &bytes, err) < 0 ||
		!(*ret_catalog = json_parse(bytes.data, bytes.len, err)))
		return error_context(err, "catalog");
	return 0;
}

/* Reads the draft as terminals will, and writes it in its one form. */
static int check_and_write(json_t *draft, struct buf *ret_bytes, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(catalog) struct catalog *catalog = NULL;

	if (json_write(draft, &text, err) < 0 || catalog_parse(text.data, text.len, &catalog, err) < 0)
		return -1;
	return catalog_write(catalog, ret_bytes, err);
}

/* A catalog that was staged and never published is nobody's any more. */
static int drop_former(const struct workspace *workspace, const json_t *body, struct error *err)
{
	struct sha256 digest;

	return roles_target_digest(body, CATALOG_TARGET, &digest)
		       ? target_file_drop_staged(workspace, CATALOG_TARGET, &digest, err)
		       : 0;
}

int catalog_draft_write(const struct workspace *workspace, json_t *catalog, struct keyring *keyring,
	int64_t *ret_missing, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(json) json_t *body = NULL;
	struct roles_target target = {.path = CATALOG_TARGET, .kind = "catalog"};
	char issued[CLOCK_TEXT_SIZE];

	if (json_object_set_new(catalog, "issued",
		    json_string(clock_text(workspace->clock->now_s(workspace->clock), issued))) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a catalog");
	if (check_and_write(catalog, &bytes, err) < 0 || documents_edit(workspace, CATALOG_ROLE, &body, err) < 0 ||
		signing_open_keys_of(workspace, CATALOG_ROLE, false, keyring, err) < 0)
		return -1;
	if (!body &&
		(!(body = documents_new_body("targets")) || json_object_set_new(body, "targets", json_object()) < 0))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	target.length = bytes.len;
	if (drop_former(workspace, body, err) < 0 ||
		target_file_stage_bytes(workspace, &bytes, CATALOG_TARGET, &target.sha256, err) < 0 ||
		roles_put_target(body, &target, err) < 0 || documents_stage(workspace, CATALOG_ROLE, body, err) < 0)
		return -1;
	return signing_staged(workspace, CATALOG_ROLE, keyring, ret_missing, err);
}

/* OFFERED is a catalog's package, or the candidate of it: both name a version and its release. */
static int check_offer(
	const struct workspace *workspace, const char *package, const json_t *offered, struct error *err)
{
	const char *version = json_string_value(json_object_get(offered, "version"));
	const char *release = json_string_value(json_object_get(offered, "release"));
	const char *pinned = json_string_value(json_object_get(offered, "digest"));
	char hex[SHA256_HEX_SIZE];
	AUTO(authority) struct authority authority = {0};
	AUTO(json) json_t *body = NULL;
	char role[PACKAGE_NAME_SIZE];
	struct sha256 digest;

	package_role(package, role);
	if (authority_find(&authority, workspace, role, false, err) < 0 ||
		documents_edit(workspace, role, &body, err) < 0) {
		if (err->code != ERROR_NOT_FOUND)
			return -1;
	} else if (body && roles_target_digest(body, release, &digest)) {
		if (!pinned || strcmp(sha256_hex(&digest, hex), pinned) == 0)
			return 0;
		return error_set(err, ERROR_INPUT,
			"the release %s of %s is not the one that the rollout began with: withdraw the rollout, and begin anew",
			version, package);
	}
	return error_set(err, ERROR_INPUT,
		"the catalog offers %s %s, which is not there: add the release, or change the catalog", package,
		version);
}

int catalog_draft_check_offers(const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *catalog = NULL;
	const json_t *entry;
	size_t i;

	if (catalog_draft_read(workspace, &catalog, err) < 0)
		return -1;
	json_array_foreach (json_object_get(catalog, "packages"), i, entry) {
		const char *package = json_string_value(json_object_get(entry, "package"));
		const json_t *candidate = json_object_get(entry, "candidate");

		if (check_offer(workspace, package, entry, err) < 0 ||
			(candidate && check_offer(workspace, package, candidate, err) < 0))
			return -1;
	}
	return 0;
}

const char *catalog_draft_packages_of(const json_t *campaign, char ret_text[static 256])
{
	const json_t *name;
	size_t i;
	int len = 0;

	(void)snprintf(ret_text, 256, "all packages");
	json_array_foreach (json_object_get(campaign, "packages"), i, name)
		if (len < 256)
			len += snprintf(
				ret_text + len, (size_t)(256 - len), "%s%s", i ? " " : "", json_string_value(name));
	return ret_text;
}
