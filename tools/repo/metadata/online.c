#include "tools/repo/metadata/online.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/signing.h"

void online_clear(struct online *online)
{
	json_decref(online->snapshot);
	json_decref(online->timestamp);
}

/* Lists a document by version, length and digest, so that no mirror can mix one state with another. */
static int list_document(json_t *meta, const char *role, const json_t *document, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(DOCUMENTS_MAX_BYTES);
	char member[DOCUMENTS_ROLE_FILE_SIZE];
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	if (json_write(document, &text, err) < 0)
		return -1;
	sha256_of(text.data, text.len, &digest);
	(void)snprintf(member, sizeof(member), "%s.json", role);
	if (json_object_set_new(meta, member,
		    JSON_OBJECT({
			    json_number("version", documents_version(document)),
			    json_number("length", text.len),
			    json_take("hashes", JSON_OBJECT({json_text("sha256", sha256_hex(&digest, hex))})),
		    })) < 0)
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return 0;
}

/* The published "signed" of snapshot or timestamp, or a new one, dated as its next version. */
static int next_online(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
{
	AUTO(json) json_t *published = NULL;
	json_t *body;

	if (documents_published(workspace, role, &published, err) < 0)
		return -1;
	body = published ? json_deep_copy(json_object_get(published, "signed")) : documents_new_body(role);
	if (body && !json_object_get(body, "meta"))
		(void)json_object_set_new(body, "meta", json_object());
	*ret_document = JSON_OBJECT({json_take("signatures", json_array()), json_take("signed", body)});
	if (!*ret_document)
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return documents_date(workspace, role, body, documents_version(published) + 1, err);
}

static int sign_online(const struct online *online, const struct workspace *workspace, const char *role,
	json_t *document, struct keyring *keyring, struct error *err)
{
	int64_t missing;

	if (signing_for(workspace, role, online->as_published, document, keyring, &missing, err) < 0)
		return -1;
	if (missing)
		return error_set(err, ERROR_INPUT,
			"'%s' lacks %lld signature%s: give the folder of its keys with --keys", role,
			(long long)missing, missing == 1 ? "" : "s");
	return online->as_published ? 0 : signing_for_former(workspace, role, document, keyring, &missing, err);
}

static json_t *meta_of(json_t *document)
{
	return json_object_get(json_object_get(document, "signed"), "meta");
}

int online_make_snapshot(struct online *online, const struct workspace *workspace, const json_t *roles,
	struct keyring *keyring, struct error *err)
{
	const json_t *role;
	size_t i;

	if (next_online(workspace, "snapshot", &online->snapshot, err) < 0)
		return -1;
	json_array_foreach (roles, i, role) {
		AUTO(json) json_t *document = NULL;

		if (strcmp(json_string_value(role), "root") == 0)
			continue;
		if (documents_staged(workspace, json_string_value(role), &document, err) < 0 ||
			list_document(meta_of(online->snapshot), json_string_value(role), document, err) < 0)
			return -1;
	}
	return sign_online(online, workspace, "snapshot", online->snapshot, keyring, err);
}

int online_make_timestamp(
	struct online *online, const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	if (next_online(workspace, "timestamp", &online->timestamp, err) < 0)
		return -1;
	if (online->snapshot && list_document(meta_of(online->timestamp), "snapshot", online->snapshot, err) < 0)
		return -1;
	return sign_online(online, workspace, "timestamp", online->timestamp, keyring, err);
}

int online_publish(const struct online *online, const struct workspace *workspace, struct error *err)
{
	if (online->snapshot && documents_publish(workspace, "snapshot", online->snapshot, err) < 0)
		return -1;
	return documents_publish(workspace, "timestamp", online->timestamp, err);
}

bool online_snapshot_is_due(const struct workspace *workspace, const json_t *snapshot)
{
	const char *expires = json_string_value(json_object_get(json_object_get(snapshot, "signed"), "expires"));
	int64_t now_s = workspace->clock->now_s(workspace->clock);
	int64_t expires_s;

	return !expires || clock_parse(expires, &expires_s, NULL) < 0 ||
	       expires_s - now_s < workspace_lifetime_s(workspace, "snapshot") / 2;
}
