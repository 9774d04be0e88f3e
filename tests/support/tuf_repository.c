#include "tests/support/tuf_repository.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/digest.h"
#include "common/hex.h"
#include "manifests/keys/canonical_json.h"
#include "manifests/tuf/tuf_path.h"

#define BYTES_MAX (64u << 20)

static void give_up(const char *what, const char *name)
{
	(void)fprintf(stderr, "test repository: cannot %s '%s'\n", what, name);
	abort();
}

static void must(int ret, const char *what, const char *name)
{
	if (ret < 0)
		give_up(what, name);
}

/* Strings of JSON cannot hold every byte, so bytes are kept as hex. */
void tuf_repository_put(struct tuf_repository *repository, const char *name, const void *data, size_t len)
{
	AUTO(free) char *hex = malloc(2 * len + 1);

	if (!hex)
		give_up("keep", name);
	hex_encode(data, len, hex);
	must(json_object_set_new(repository->files, name, json_string(hex)), "keep", name);
}

char *tuf_repository_bytes(struct tuf_repository *repository, const char *name, size_t *ret_len)
{
	const char *hex = json_string_value(json_object_get(repository->files, name));
	size_t len = hex ? strlen(hex) / 2 : 0;
	char *bytes;

	if (!hex || !(bytes = malloc(len + 1)))
		return NULL;
	must(hex_decode(hex, bytes, len, NULL), "read", name);
	bytes[len] = '\0';
	*ret_len = len;
	return bytes;
}

void tuf_repository_remove(struct tuf_repository *repository, const char *name)
{
	(void)json_object_del(repository->files, name);
}

void tuf_repository_put_json(struct tuf_repository *repository, const char *name, const json_t *document)
{
	AUTO(buf) struct buf text = BUF_INIT(BYTES_MAX);

	must(json_write_pretty(document, &text, NULL), "write", name);
	tuf_repository_put(repository, name, text.data, text.len);
}

static int answer(struct tuf_repository *repository, const char *name, const struct transport_request *request,
	transport_sink *sink, void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	AUTO(free) char *bytes = NULL;
	size_t len = 0;

	if (repository->fault_name && strcmp(repository->fault_name, name) == 0) {
		ret_reply->http_status = repository->fault_status;
		return error_set(err,
			repository->fault_status == 403 || repository->fault_status == 404 ||
					repository->fault_status == 410
				? ERROR_NOT_FOUND
				: ERROR_NETWORK,
			"the server answers %d", repository->fault_status);
	}
	if (!(bytes = tuf_repository_bytes(repository, name, &len))) {
		ret_reply->http_status = 404;
		return error_set(err, ERROR_NOT_FOUND, "the server has no '%s'", name);
	}
	ret_reply->http_status = 200;
	if (len > request->limit)
		return error_set(
			err, ERROR_REFUSED, "more than the %" PRIu64 " bytes that are allowed", request->limit);
	ret_reply->bytes = len;
	return sink(sink_context, bytes, len, err);
}

static int get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	static const char base[] = "http://repository.test/";
	struct tuf_repository *repository = transport->context;
	size_t used = strlen(repository->requests);
	const char *name = request->url + strlen(base);

	if (strncmp(request->url, base, strlen(base)) != 0)
		give_up("serve", request->url);
	if (snprintf(repository->requests + used, sizeof(repository->requests) - used, "%s ", name) >=
		(int)(sizeof(repository->requests) - used))
		give_up("record", name);
	return answer(repository, name, request, sink, sink_context, ret_reply, err);
}

void tuf_repository_forget_requests(struct tuf_repository *repository)
{
	repository->requests[0] = '\0';
}

json_t *tuf_repository_body(struct tuf_repository *repository, const char *role)
{
	json_t *body = json_object_get(repository->bodies, role);

	if (!body)
		give_up("find role", role);
	return body;
}

json_t *tuf_repository_member(struct tuf_repository *repository, const char *role, const char *member)
{
	json_t *value = json_object_get(tuf_repository_body(repository, role), member);

	if (!json_is_object(value))
		give_up("find member", member);
	return value;
}

void tuf_repository_set_version(struct tuf_repository *repository, const char *role, int64_t version)
{
	must(json_object_set_new(tuf_repository_body(repository, role), "version", json_integer(version)), "change",
		role);
}

int64_t tuf_repository_version(struct tuf_repository *repository, const char *role)
{
	return json_integer_value(json_object_get(tuf_repository_body(repository, role), "version"));
}

void tuf_repository_set_expires(struct tuf_repository *repository, const char *role, const char *date)
{
	must(json_object_set_new(tuf_repository_body(repository, role), "expires", json_string(date)), "change",
		role);
}

static struct signer *find_key(struct tuf_repository *repository, const char *id)
{
	for (size_t i = 0; i < repository->keys_count; i++)
		if (strcmp(signer_key_id(repository->keys[i]), id) == 0)
			return repository->keys[i];
	give_up("find key", id);
	return NULL;
}

json_t *tuf_repository_document(struct tuf_repository *repository, const char *role)
{
	json_t *body = tuf_repository_body(repository, role);
	json_t *key_ids = json_object_get(repository->signers, role);
	AUTO(buf) struct buf canonical = BUF_INIT(BYTES_MAX);
	json_t *signatures = json_array();

	must(canonical_json_write(body, &canonical, NULL), "canonicalize", role);
	for (size_t i = 0; i < json_array_size(key_ids); i++) {
		const char *id = json_string_value(json_array_get(key_ids, i));
		AUTO(buf) struct buf hex = BUF_INIT(65536);

		must(signer_sign(find_key(repository, id), canonical.data, canonical.len, &hex, NULL), "sign", role);
		must(json_array_append_new(signatures, json_pack("{s:s, s:s}", "keyid", id, "sig", buf_text(&hex))),
			"sign", role);
	}
	return json_pack("{s:o, s:O}", "signatures", signatures, "signed", body);
}

void tuf_repository_publish(struct tuf_repository *repository, const char *role)
{
	AUTO(json) json_t *document = tuf_repository_document(repository, role);
	AUTO(buf) struct buf encoded = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	must(tuf_role_encode(role, &encoded, NULL), "name", role);
	must(buf_printf(&name, NULL, "metadata/%" PRId64 ".%s.json", tuf_repository_version(repository, role),
		     encoded.data),
		"name", role);
	tuf_repository_put_json(repository, name.data, document);
	buf_empty(&name);
	must(buf_printf(&name, NULL, "metadata/%s.json", encoded.data), "name", role);
	tuf_repository_put_json(repository, name.data, document);
}

void tuf_repository_bump(struct tuf_repository *repository, const char *role)
{
	tuf_repository_set_version(repository, role, tuf_repository_version(repository, role) + 1);
	tuf_repository_publish(repository, role);
}

static json_t *listed(struct tuf_repository *repository, const char *role)
{
	json_t *entry = json_pack("{s:I}", "version", (json_int_t)tuf_repository_version(repository, role));
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(free) char *bytes = NULL;
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;
	size_t len;

	if (!repository->list_contents)
		return entry;
	must(buf_append(&name, "metadata/", strlen("metadata/"), NULL), "name", role);
	must(tuf_role_encode(role, &name, NULL), "name", role);
	must(buf_append(&name, ".json", strlen(".json"), NULL), "name", role);
	if (!(bytes = tuf_repository_bytes(repository, name.data, &len)))
		give_up("list", role);
	sha256_of(bytes, len, &digest);
	must(json_object_set_new(entry, "length", json_integer((json_int_t)len)), "list", role);
	must(json_object_set_new(entry, "hashes", json_pack("{s:s}", "sha256", sha256_hex(&digest, hex))), "list",
		role);
	return entry;
}

static void list_in(struct tuf_repository *repository, const char *listing, const char *role)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	must(buf_printf(&name, NULL, "%s.json", role), "name", role);
	must(json_object_set_new(
		     tuf_repository_member(repository, listing, "meta"), name.data, listed(repository, role)),
		"list", role);
}

void tuf_repository_timestamp(struct tuf_repository *repository)
{
	list_in(repository, "timestamp", "snapshot");
	tuf_repository_bump(repository, "timestamp");
}

void tuf_repository_snapshot(struct tuf_repository *repository)
{
	const char *role;
	json_t *body;

	json_object_foreach (repository->bodies, role, body)
		if (strcmp(json_string_value(json_object_get(body, "_type")), "targets") == 0)
			list_in(repository, "snapshot", role);
	tuf_repository_bump(repository, "snapshot");
	tuf_repository_timestamp(repository);
}

void tuf_repository_bump_targets(struct tuf_repository *repository)
{
	tuf_repository_bump(repository, "targets");
	tuf_repository_snapshot(repository);
}

void tuf_repository_alter(struct tuf_repository *repository, const char *role)
{
	tuf_repository_set_expires(repository, role, "2031-01-01T00:00:00Z");
	tuf_repository_publish(repository, role);
}

void tuf_repository_disguise(struct tuf_repository *repository, const char *role, int64_t version)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(json) json_t *document = NULL;

	must(buf_printf(&name, NULL, "metadata/%" PRId64 ".%s.json", tuf_repository_version(repository, role), role),
		"name", role);
	tuf_repository_set_version(repository, role, version);
	document = tuf_repository_document(repository, role);
	tuf_repository_put_json(repository, buf_text(&name), document);
}

struct signer *tuf_repository_key(struct tuf_repository *repository)
{
	struct signer **keys = realloc(repository->keys, (repository->keys_count + 1) * sizeof(*keys));
	struct signer *signer = signer_generate(repository->kind, NULL);

	if (!keys || !signer)
		give_up("make", "key");
	repository->keys = keys;
	repository->keys[repository->keys_count++] = signer;
	return signer;
}

static bool is_root(const char *by)
{
	return strcmp(by, "root") == 0;
}

static json_t *keys_of(struct tuf_repository *repository, const char *by)
{
	if (is_root(by))
		return tuf_repository_member(repository, by, "keys");
	return json_object_get(tuf_repository_member(repository, by, "delegations"), "keys");
}

json_t *tuf_repository_appointment(struct tuf_repository *repository, const char *by, const char *role)
{
	json_t *roles, *entry;
	size_t i;

	if (is_root(by))
		return json_object_get(tuf_repository_member(repository, by, "roles"), role);
	roles = json_object_get(tuf_repository_member(repository, by, "delegations"), "roles");
	json_array_foreach (roles, i, entry)
		if (strcmp(json_string_value(json_object_get(entry, "name")), role) == 0)
			return entry;
	give_up("find delegation to", role);
	return NULL;
}

static json_t *signers_of(struct tuf_repository *repository, const char *role)
{
	json_t *key_ids = json_object_get(repository->signers, role);

	if (key_ids)
		return key_ids;
	must(json_object_set_new(repository->signers, role, json_array()), "sign", role);
	return json_object_get(repository->signers, role);
}

static void appoint(struct tuf_repository *repository, const char *by, const char *role, struct signer *signer)
{
	const char *id = signer_key_id(signer);

	must(json_object_set_new(keys_of(repository, by), id, signer_public_key(signer, NULL)), "list key", id);
	must(json_array_append_new(
		     json_object_get(tuf_repository_appointment(repository, by, role), "keyids"), json_string(id)),
		"list key", id);
}

const char *tuf_repository_add_key(struct tuf_repository *repository, const char *by, const char *role)
{
	struct signer *signer = tuf_repository_key(repository);

	appoint(repository, by, role, signer);
	must(json_array_append_new(signers_of(repository, role), json_string(signer_key_id(signer))), "sign", role);
	return signer_key_id(signer);
}

void tuf_repository_rotate(struct tuf_repository *repository, const char *by, const char *role)
{
	json_t *appointment = tuf_repository_appointment(repository, by, role);

	must(json_array_clear(json_object_get(appointment, "keyids")), "rotate", role);
	must(json_array_clear(signers_of(repository, role)), "rotate", role);
	(void)tuf_repository_add_key(repository, by, role);
}

void tuf_repository_set_threshold(struct tuf_repository *repository, const char *by, const char *role, int threshold)
{
	must(json_object_set_new(
		     tuf_repository_appointment(repository, by, role), "threshold", json_integer(threshold)),
		"change", role);
}

void tuf_repository_add_target(
	struct tuf_repository *repository, const char *role, const char *path, const char *text)
{
	AUTO(buf) struct buf url = BUF_INIT(TUF_PATH_MAX_BYTES);
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	sha256_of(text, strlen(text), &digest);
	(void)sha256_hex(&digest, hex);
	must(json_object_set_new(tuf_repository_member(repository, role, "targets"), path,
		     json_pack("{s:I, s:{s:s}}", "length", (json_int_t)strlen(text), "hashes", "sha256", hex)),
		"list", path);
	must(buf_printf(&url, NULL, "targets/"), "name", path);
	must(tuf_target_url(path, hex, &url, NULL), "name", path);
	tuf_repository_put(repository, url.data, text, strlen(text));
	buf_empty(&url);
	must(buf_printf(&url, NULL, "targets/"), "name", path);
	must(tuf_target_url(path, NULL, &url, NULL), "name", path);
	tuf_repository_put(repository, url.data, text, strlen(text));
}

static void add_body(
	struct tuf_repository *repository, const char *role, const char *type, const char *member, json_t *take_value)
{
	json_t *body = json_pack("{s:s, s:s, s:i, s:s, s:o}", "_type", type, "spec_version", "1.0.31", "version", 1,
		"expires", TUF_EXPIRES, member, take_value);

	must(body ? json_object_set_new(repository->bodies, role, body) : -1, "make", role);
}

void tuf_repository_delegate(
	struct tuf_repository *repository, const char *by, const char *role, const char *pattern, bool terminating)
{
	json_t *delegations = json_object_get(tuf_repository_body(repository, by), "delegations");
	json_t *entry = json_pack("{s:s, s:[], s:i, s:b, s:[s]}", "name", role, "keyids", "threshold", 1,
		"terminating", terminating, "paths", pattern);

	if (!delegations) {
		delegations = json_pack("{s:{}, s:[]}", "keys", "roles");
		must(json_object_set_new(tuf_repository_body(repository, by), "delegations", delegations), "delegate",
			role);
	}
	must(json_array_append_new(json_object_get(delegations, "roles"), entry), "delegate", role);
	if (!json_object_get(repository->bodies, role)) {
		add_body(repository, role, "targets", "targets", json_object());
		(void)tuf_repository_add_key(repository, by, role);
		return;
	}
	for (size_t i = 0; i < json_array_size(signers_of(repository, role)); i++)
		appoint(repository, by, role,
			find_key(repository, json_string_value(json_array_get(signers_of(repository, role), i))));
}

void tuf_repository_init(struct tuf_repository *repository)
{
	static const char *const roles[] = {"root", "timestamp", "snapshot", "targets"};

	*repository = (struct tuf_repository){.kind = KEY_ED25519};
	repository->transport = (struct transport){.ask = get, .context = repository};
	repository->bodies = json_object();
	repository->files = json_object();
	repository->signers = json_object();
	add_body(repository, "root", "root", "roles", json_object());
	add_body(repository, "timestamp", "timestamp", "meta", json_object());
	add_body(repository, "snapshot", "snapshot", "meta", json_object());
	add_body(repository, "targets", "targets", "targets", json_object());
	must(json_object_set_new(tuf_repository_body(repository, "root"), "keys", json_object()), "make", "root");
	must(json_object_set_new(tuf_repository_body(repository, "root"), "consistent_snapshot", json_true()), "make",
		"root");
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		must(json_object_set_new(tuf_repository_member(repository, "root", "roles"), roles[i],
			     json_pack("{s:[], s:i}", "keyids", "threshold", 1)),
			"make", roles[i]);
		(void)tuf_repository_add_key(repository, "root", roles[i]);
	}
	tuf_repository_publish(repository, "root");
	tuf_repository_publish(repository, "targets");
	list_in(repository, "snapshot", "targets");
	tuf_repository_publish(repository, "snapshot");
	list_in(repository, "timestamp", "snapshot");
	tuf_repository_publish(repository, "timestamp");
}

void tuf_repository_clear(struct tuf_repository *repository)
{
	json_decref(repository->bodies);
	json_decref(repository->files);
	json_decref(repository->signers);
	for (size_t i = 0; i < repository->keys_count; i++)
		signer_free(repository->keys[i]);
	free(repository->keys);
}

void tuf_repository_export(struct tuf_repository *repository, const struct folder *folder, const char *prefix)
{
	const char *name;
	json_t *hex;

	json_object_foreach (repository->files, name, hex) {
		AUTO(buf) struct buf path = BUF_INIT(TUF_PATH_MAX_BYTES);
		AUTO(free) char *bytes = NULL;
		size_t len;

		must(buf_printf(&path, NULL, "%s/%s", prefix, name), "export", name);
		if (!(bytes = tuf_repository_bytes(repository, name, &len)))
			give_up("export", name);
		folder_put(folder, path.data, bytes, len);
	}
}
