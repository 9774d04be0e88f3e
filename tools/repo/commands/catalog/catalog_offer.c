#include "tools/repo/commands/catalog/catalog_offer.h"

#include <string.h>

#include "common/auto.h"
#include "manifests/catalog/catalog_candidate.h"
#include "manifests/release/release.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/target_file.h"

/* The priorities of the field (F4); anything else comes after them. */
static int64_t usual_priority(const char *package)
{
	static const char *const known[] = {"distro-app", "face-library", "linkage-app", "reader-app"};
	size_t len = strcspn(package, "/");

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strlen(known[i]) == len && strncmp(known[i], package, len) == 0)
			return (int64_t)i + 1;
	return (int64_t)ARRAY_SIZE(known) + 1;
}

json_t *catalog_offer_find(const json_t *catalog, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(catalog, "packages"), i, entry)
		if (strcmp(json_string_value(json_object_get(entry, "package")), name) == 0)
			return entry;
	return NULL;
}

/* Reads the release that is to be offered; an unknown package or version ends here. */
static int read_release(const struct workspace *workspace, const char *package, const char *version,
	struct sha256 *ret_digest, struct release **ret_release, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(RELEASE_MAX_BYTES);
	AUTO(json) json_t *body = NULL;
	char role[PACKAGE_NAME_SIZE];
	char target[PACKAGE_TARGET_SIZE];
	package_release_target(package, version, target);
	package_role(package, role);
	if (documents_edit(workspace, role, &body, err) < 0)
		return -1;
	if (!body)
		return error_set(err, ERROR_NOT_FOUND,
			"there is no package '%s' in this repository; `haishin-repo status` lists what there is, "
			"`haishin-repo delegate %s` makes it one",
			package, package);
	if (!roles_target_digest(body, target, ret_digest))
		return error_set(err, ERROR_NOT_FOUND,
			"there is no release %s of '%s' in this repository; add it first", version, package);
	if (target_file_read(workspace, target, ret_digest, &bytes, err) < 0)
		return -1;
	return release_parse(bytes.data, bytes.len, ret_release, err);
}

int catalog_offer_digest(const struct workspace *workspace, const char *package, const char *version,
	char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(release) struct release *release = NULL;
	struct sha256 digest;

	if (read_release(workspace, package, version, &digest, &release, err) < 0)
		return -1;
	(void)sha256_hex(&digest, ret_digest);
	return 0;
}

/* A stable release takes the place of a candidate that was withdrawn and is no newer; one that is being tried has to be let go first. */
static int settle_candidate(json_t *entry, const char *package, const char *version, struct error *err)
{
	const json_t *candidate = json_object_get(entry, "candidate");
	const char *tried = json_string_value(json_object_get(candidate, "version"));
	const char *state = json_string_value(json_object_get(candidate, "state"));

	if (!tried || version_compare(tried, version) > 0)
		return 0;
	if (strcmp(state, candidate_state_name(CANDIDATE_WITHDRAWN)) != 0)
		return error_set(err, ERROR_USAGE,
			"%s %s is being tried (%s), and %s is no older: say \"haishin-repo rollout finish %s\" or \"withdraw\" "
			"first",
			package, tried, state, version, package);
	(void)json_object_del(entry, "candidate");
	return 0;
}

int catalog_offer(const struct tool *tool, const struct workspace *workspace, json_t *catalog, const char *text,
	struct error *err)
{
	const char *equals = strchr(text, '=');
	AUTO(free) char *package = equals ? strndup(text, (size_t)(equals - text)) : NULL;
	AUTO(release) struct release *release = NULL;
	char target[PACKAGE_TARGET_SIZE];
	struct sha256 digest;
	json_t *entry;
	const char *former;
	int64_t priority;
	int64_t rollout = 100;

	if (!package)
		return error_set(err, ERROR_USAGE, "'%.80s' is not PACKAGE=VERSION", text);
	if (package_check_name(package, err) < 0 || version_check(equals + 1, err) < 0 ||
		read_release(workspace, package, equals + 1, &digest, &release, err) < 0)
		return -1;
	entry = catalog_offer_find(catalog, package);
	former = json_string_value(json_object_get(entry, "version"));
	if (former && version_compare(equals + 1, former) < 0 && !args_has(tool->args, "back"))
		return error_set(err, ERROR_USAGE,
			"%s would go back from %s to %s; terminals that have %s keep it. Say --back if you mean it",
			package, former, equals + 1, former);
	if (settle_candidate(entry, package, equals + 1, err) < 0)
		return -1;
	priority = entry ? json_integer_value(json_object_get(entry, "priority")) : usual_priority(package);
	if (args_integer(tool->args, "priority", 1, 1000000, &priority, err) < 0 ||
		args_integer(tool->args, "rollout", 0, 100, &rollout, err) < 0)
		return -1;
	if (!entry) {
		entry = json_object();
		if (json_array_append_new(json_object_get(catalog, "packages"), entry) < 0)
			return error_set(err, ERROR_FAILED, "no memory for a catalog");
	}
	package_release_target(package, equals + 1, target);
	if (json_object_set_new(entry, "package", json_string(package)) < 0 ||
		json_object_set_new(entry, "version", json_string(equals + 1)) < 0 ||
		json_object_set_new(entry, "release", json_string(target)) < 0 ||
		json_object_set_new(entry, "priority", json_integer(priority)) < 0 ||
		json_object_set_new(entry, "rollout_percent", json_integer(rollout)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a catalog");
	return 0;
}

/* What a terminal that takes candidates may find: the newer of the two. */
static const char *newest_of(const json_t *entry)
{
	const char *candidate = json_string_value(json_object_get(json_object_get(entry, "candidate"), "version"));

	return candidate ? candidate : json_string_value(json_object_get(entry, "version"));
}

static int warn_of(const struct tool *tool, const struct workspace *workspace, const json_t *catalog,
	const char *package, const char *version, struct error *err)
{
	AUTO(release) struct release *release = NULL;
	struct sha256 digest;

	if (read_release(workspace, package, version, &digest, &release, err) < 0)
		return -1;
	for (size_t j = 0; j < release->requires_count; j++) {
		const struct release_requirement *wanted = &release->requires[j];
		const json_t *entry = catalog_offer_find(catalog, wanted->package);
		const char *offered = newest_of(entry);

		if (version_compare(offered, wanted->version) < 0)
			log_line(tool->log, LOG_LEVEL_WARNING,
				"%s %s requires %s %s, and the catalog offers %s: terminals without it will "
				"wait",
				package, version, wanted->package, wanted->version, offered ? offered : "none");
	}
	return 0;
}

/* A terminal never installs a release whose requirements the catalog cannot meet: better known before it is signed.
 */
int catalog_offer_warn(
	const struct tool *tool, const struct workspace *workspace, const json_t *catalog, struct error *err)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(catalog, "packages"), i, entry) {
		const char *package = json_string_value(json_object_get(entry, "package"));
		const char *stable = json_string_value(json_object_get(entry, "version")), *newest = newest_of(entry);

		if (warn_of(tool, workspace, catalog, package, stable, err) < 0 ||
			(newest != stable && warn_of(tool, workspace, catalog, package, newest, err) < 0))
			return -1;
	}
	return 0;
}
