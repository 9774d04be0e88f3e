#include "tools/repo/commands/rollout/rollout_brake.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "manifests/rollout/brake.h"
#include "tools/repo/commands/catalog/catalog_offer.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/signing.h"

#define BY_HAND "operator"

/* ---- Who may ---- */

static int set_key(const struct tool *tool, json_t *targets, struct error *err)
{
	const char *path = args_positional(tool->args, 1);
	char id[KEY_ID_SIZE];
	AUTO(json) json_t *key = keyring_read_public(tool->fs, path, id, err);

	if (!key)
		return -1;
	return roles_add_delegation(targets, BRAKE_ROLE, BRAKE_PATH, err) < 0 ||
			       roles_add_key(targets, BRAKE_ROLE, id, key, err) < 0
		       ? -1
		       : roles_set_threshold(targets, BRAKE_ROLE, 1, err);
}

int rollout_brake_key(
	const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	bool drops = args_has(tool->args, "drop");
	AUTO(json) json_t *targets = NULL;
	json_t *keys;
	int64_t missing;

	if (args_want_positional(tool->args, drops ? 1 : 2, drops ? 1 : 2, "the brake's NAME.pub.json, or --drop", err) <
			0 ||
		documents_edit(workspace, "targets", &targets, err) < 0)
		return -1;
	if (!targets)
		return error_set(err, ERROR_DAMAGED, "there is no targets role: the repository was never made whole");
	if (drops && !roles_entry(targets, BRAKE_ROLE, &keys))
		return error_set(err, ERROR_NOT_FOUND, "nobody may brake: there is no key to take away");
	if ((roles_entry(targets, BRAKE_ROLE, &keys) && roles_remove_delegation(targets, BRAKE_ROLE, err) < 0) ||
		(!drops && set_key(tool, targets, err) < 0) ||
		signing_open_keys_of(workspace, "targets", false, keyring, err) < 0 ||
		documents_stage(workspace, "targets", targets, err) < 0 ||
		signing_staged(workspace, "targets", keyring, &missing, err) < 0)
		return -1;
	tool_tell_staged(drops ? "That nobody may brake" : "Who may brake, and nothing else,", "targets", missing);
	return 0;
}

/* ---- A statement by hand ---- */

int rollout_brake_read(const struct workspace *workspace, struct brake **ret_brake, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(BRAKE_MAX_BYTES);
	struct error why = {0};
	char path[64];

	*ret_brake = NULL;
	(void)snprintf(path, sizeof(path), "%s/metadata/" BRAKE_FILE, workspace->repository);
	if (fs_read_file(workspace->fs, workspace->dir_fd, path, &bytes, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.text);
	return brake_parse(buf_text(&bytes), bytes.len, ret_brake, err) < 0 ? error_context(err, "'%s'", path) : 0;
}

static struct signer *find_signer(const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(authority) struct authority authority = {0};
	const json_t *id;
	size_t i;

	if (authority_find(&authority, workspace, BRAKE_ROLE, false, err) < 0)
		return NULL;
	json_array_foreach (authority.signers.key_ids, i, id) {
		struct keyring_key *key = keyring_by_id(keyring, json_string_value(id));

		if (key && (key->has_private || key->signer))
			return keyring_signer(keyring, key, err);
	}
	(void)error_set(err, ERROR_NOT_FOUND, "the private key of the brake is not here: give its folder with --keys");
	return NULL;
}

static const json_t *candidate_of(const json_t *catalog, const char *package)
{
	return json_object_get(catalog_offer_find(catalog, package), "candidate");
}

/* A stop of what nobody tries any more, or of an attempt that was resumed, has done its work. */
static bool is_still_meant(const struct brake_stop *stop, const json_t *catalog)
{
	const json_t *candidate = candidate_of(catalog, stop->package);
	const char *digest = json_string_value(json_object_get(candidate, "digest"));

	return digest && strcmp(digest, stop->digest) == 0 &&
	       stop->attempt >= json_integer_value(json_object_get(candidate, "attempt"));
}

static void keep_stops(const struct brake *former, const json_t *catalog, struct brake *next)
{
	for (size_t i = 0; former && i < former->stops_count; i++)
		if (is_still_meant(&former->stops[i], catalog))
			next->stops[next->stops_count++] = former->stops[i];
}

static int add_stop(const struct tool *tool, const json_t *catalog, struct brake *next, struct error *err)
{
	const char *package = args_get(tool->args, "stop"), *why = args_get(tool->args, "why");
	const json_t *candidate = package ? candidate_of(catalog, package) : NULL;

	if (!package)
		return 0;
	if (!candidate)
		return error_set(err, ERROR_NOT_FOUND, "nothing of '%.80s' is being tried", package);
	if (!why || !*why)
		return error_set(err, ERROR_USAGE, "say with --why TEXT what is wrong: terminals show it");
	if (next->stops_count == BRAKE_MAX_STOPS)
		return error_set(err, ERROR_USAGE, "%d releases are stopped already", BRAKE_MAX_STOPS);
	next->stops[next->stops_count++] = (struct brake_stop){
		.package = package,
		.version = json_string_value(json_object_get(candidate, "version")),
		.digest = json_string_value(json_object_get(candidate, "digest")),
		.attempt = json_integer_value(json_object_get(candidate, "attempt")),
		.at_s = next->issued_s,
		.why = why,
		.by = BY_HAND,
	};
	return 0;
}

static int write_statement(
	const struct workspace *workspace, const struct brake *brake, const struct signer *signer, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/metadata/" BRAKE_FILE, workspace->repository);
	if (brake_sign(brake, signer, &text, err) < 0)
		return -1;
	return fs_write_file(workspace->fs, workspace->dir_fd, path, text.data, text.len, 0644, err);
}

int rollout_brake_sign(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring,
	const json_t *catalog, struct error *err)
{
	AUTO(brake) struct brake *former = NULL;
	struct brake_stop stops[BRAKE_MAX_STOPS];
	struct brake next = {.stops = stops, .issued_s = workspace->clock->now_s(workspace->clock)};
	char expires[CLOCK_TEXT_SIZE];
	struct signer *signer;

	if (args_want_positional(tool->args, 1, 1, "", err) < 0 || rollout_brake_read(workspace, &former, err) < 0 ||
		!(signer = find_signer(workspace, keyring, err)))
		return -1;
	next.version = former && former->version >= next.issued_s ? former->version + 1 : next.issued_s;
	next.expires_s = next.issued_s + BRAKE_LIFE_S;
	keep_stops(former, catalog, &next);
	if (add_stop(tool, catalog, &next, err) < 0 || write_statement(workspace, &next, signer, err) < 0)
		return -1;
	(void)printf("Signed: %zu stopped, good until %s. Terminals see it at their next contact.\n", next.stops_count,
		clock_text(next.expires_s, expires));
	return 0;
}
