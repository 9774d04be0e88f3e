#include "tools/repo/metadata/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/repo/metadata/catalog_draft.h"

/* Gathers sentences; a failure is kept until the end. */
struct sentences {
	json_t *list;
	bool failed;
};

static void PRINTF_LIKE(2, 3) say(struct sentences *sentences, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sentences->failed |= json_array_append_new(sentences->list, json_string(text)) < 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static bool lists(const json_t *texts, const char *text)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (texts, i, entry)
		if (strcmp(json_string_value(entry), text) == 0)
			return true;
	return false;
}

/* Who may sign for a role, before and after. */
static void compare_signers(struct sentences *sentences, const char *role, const json_t *before, const json_t *after)
{
	const json_t *old_ids = json_object_get(before, "keyids");
	const json_t *new_ids = json_object_get(after, "keyids");
	const json_t *id;
	size_t i;

	json_array_foreach (new_ids, i, id)
		if (!lists(old_ids, json_string_value(id)))
			say(sentences, "Key %.8s may now sign for %s.", json_string_value(id), role);
	json_array_foreach (old_ids, i, id)
		if (!lists(new_ids, json_string_value(id)))
			say(sentences, "Key %.8s may no longer sign for %s.", json_string_value(id), role);
	if (before && number_of(before, "threshold") != number_of(after, "threshold"))
		say(sentences, "%s needs %lld signatures instead of %lld.", role, number_of(after, "threshold"),
			number_of(before, "threshold"));
}

static void compare_root(struct sentences *sentences, const json_t *before, const json_t *after)
{
	const char *role;
	const json_t *entry;

	if (!before && after)
		say(sentences, "The repository is new: root %lld, valid until %s.", number_of(after, "version"),
			text_of(after, "expires"));
	else if (number_of(before, "version") != number_of(after, "version"))
		say(sentences, "Root went from %lld to %lld, valid until %s.", number_of(before, "version"),
			number_of(after, "version"), text_of(after, "expires"));
	json_object_foreach (json_object_get(after, "roles"), role, entry)
		if (before)
			compare_signers(
				sentences, role, json_object_get(json_object_get(before, "roles"), role), entry);
}

static const json_t *find_named(const json_t *list, const char *member, const char *name)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry)
		if (strcmp(text_of(entry, member), name) == 0)
			return entry;
	return NULL;
}

static void compare_delegations(struct sentences *sentences, const json_t *before, const json_t *after)
{
	const json_t *old_roles = json_object_get(json_object_get(before, "delegations"), "roles");
	const json_t *new_roles = json_object_get(json_object_get(after, "delegations"), "roles");
	const json_t *entry;
	size_t i;

	json_array_foreach (new_roles, i, entry) {
		const char *name = text_of(entry, "name");
		const json_t *old_entry = find_named(old_roles, "name", name);

		if (!old_entry)
			say(sentences, "%s is delegated to a role of its own.", name);
		compare_signers(sentences, name, old_entry, entry);
	}
	json_array_foreach (old_roles, i, entry)
		if (!find_named(new_roles, "name", text_of(entry, "name")))
			say(sentences, "%s is no longer delegated.", text_of(entry, "name"));
}

static const char *digest_of(const json_t *target)
{
	return text_of(json_object_get(target, "hashes"), "sha256");
}

static void compare_target_files(
	struct sentences *sentences, const char *role, const json_t *before, const json_t *after)
{
	const json_t *old_targets = json_object_get(before, "targets");
	const json_t *new_targets = json_object_get(after, "targets");
	const char *path;
	const json_t *target;

	json_object_foreach ((json_t *)new_targets, path, target) {
		const json_t *old_target = json_object_get(old_targets, path);

		if (!old_target)
			say(sentences, "%s is new: %lld bytes, digest %.8s, signed by %s.", path,
				number_of(target, "length"), digest_of(target), role);
		else if (strcmp(digest_of(old_target), digest_of(target)) != 0)
			say(sentences, "%s changed: digest %.8s became %.8s.", path, digest_of(old_target),
				digest_of(target));
	}
	json_object_foreach ((json_t *)old_targets, path, target)
		if (!json_object_get(new_targets, path))
			say(sentences, "%s is gone.", path);
}

static void compare_roles(struct sentences *sentences, const json_t *before, const json_t *after)
{
	const char *role;
	const json_t *body;

	json_object_foreach ((json_t *)after, role, body) {
		const json_t *old_body = json_object_get(before, role);

		if (strcmp(role, "targets") == 0)
			compare_delegations(sentences, old_body, body);
		if (old_body && number_of(old_body, "version") != number_of(body, "version"))
			say(sentences, "Role %s went from %lld to %lld, valid until %s.", role,
				number_of(old_body, "version"), number_of(body, "version"), text_of(body, "expires"));
		compare_target_files(sentences, role, old_body, body);
	}
}

/* Which terminals take it, where these are not all. */
static const char *share_of(const json_t *entry, char ret_text[static 64])
{
	long long percent = number_of(entry, "rollout_percent");

	ret_text[0] = '\0';
	if (percent != 100)
		(void)snprintf(ret_text, 64, ", to %lld %% of the terminals", percent);
	return ret_text;
}

static const char *state_of(const json_t *candidate)
{
	return text_of(candidate, "state");
}

/* One sentence for what an operator did; what else differs of a candidate comes as its own. */
static void compare_candidates(struct sentences *sentences, const char *name, const json_t *before, const json_t *after)
{
	const char *version = text_of(after, "version"), *why = text_of(after, "why");

	if (!after || json_equal(before, after)) {
		if (before && !after)
			say(sentences, "%s %s is being tried no longer.", name, text_of(before, "version"));
		return;
	}
	if (!before || strcmp(text_of(before, "digest"), text_of(after, "digest")) != 0)
		say(sentences, "%s %s is being tried from the night of %s on, in %zu stages%s.", name, version,
			text_of(json_array_get(json_object_get(after, "stages"), 0), "night"),
			json_array_size(json_object_get(after, "stages")),
			json_is_false(json_object_get(after, "brake")) ? ", WITHOUT A BRAKE" : "");
	else if (strcmp(state_of(before), state_of(after)) != 0 && strcmp(state_of(after), "running") != 0)
		say(sentences, "The rollout of %s %s is %s%s: %s", name, version, state_of(after),
			json_is_true(json_object_get(after, "recall")) ? ", and recalled" : "", why);
	else if (number_of(before, "attempt") != number_of(after, "attempt"))
		say(sentences, "The rollout of %s %s goes on, attempt %lld.", name, version, number_of(after, "attempt"));
	else
		say(sentences, "The rollout of %s %s is changed: %s%s.", name, version, state_of(after),
			json_is_true(json_object_get(after, "recall")) ? ", and recalled" : "");
}

static bool differs_otherwise(const json_t *before, const json_t *after)
{
	return number_of(before, "priority") != number_of(after, "priority") ||
	       number_of(before, "rollout_percent") != number_of(after, "rollout_percent");
}

static void compare_catalog_packages(struct sentences *sentences, const json_t *before, const json_t *after)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (after, i, entry) {
		const char *name = text_of(entry, "package");
		const json_t *old_entry = find_named(before, "package", name);
		char share[64];

		if (!old_entry)
			say(sentences, "The catalog now offers %s %s (priority %lld)%s.", name,
				text_of(entry, "version"), number_of(entry, "priority"), share_of(entry, share));
		else if (strcmp(text_of(old_entry, "version"), text_of(entry, "version")) != 0)
			say(sentences, "The catalog offers %s %s instead of %s%s.", name, text_of(entry, "version"),
				text_of(old_entry, "version"), share_of(entry, share));
		else if (differs_otherwise(old_entry, entry))
			say(sentences, "The catalog offers %s %s with priority %lld to %lld %% of the terminals.",
				name, text_of(entry, "version"), number_of(entry, "priority"),
				number_of(entry, "rollout_percent"));
		compare_candidates(sentences, name, json_object_get(old_entry, "candidate"),
			json_object_get(entry, "candidate"));
	}
	json_array_foreach (before, i, entry)
		if (!find_named(after, "package", text_of(entry, "package")))
			say(sentences, "The catalog no longer offers %s.", text_of(entry, "package"));
}

static const json_t *find_campaign(const json_t *list, long long number)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry)
		if (number_of(entry, "number") == number)
			return entry;
	return NULL;
}

static void compare_campaigns(struct sentences *sentences, const json_t *before, const json_t *after)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (after, i, entry) {
		const json_t *old_entry = find_campaign(before, number_of(entry, "number"));

		char packages[256];

		if (!old_entry || !json_equal(old_entry, entry))
			say(sentences, "Campaign %lld %s: from %s to %s, %s.", number_of(entry, "number"),
				old_entry ? "changed" : "is new", text_of(entry, "first_night"),
				text_of(entry, "last_night"), catalog_draft_packages_of(entry, packages));
	}
	json_array_foreach (before, i, entry)
		if (!find_campaign(after, number_of(entry, "number")))
			say(sentences, "Campaign %lld is gone.", number_of(entry, "number"));
}

static const json_t *find_service(const json_t *list, const char *name)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry)
		if (strcmp(text_of(entry, "service"), name) == 0)
			return entry;
	return NULL;
}

static void compare_services(struct sentences *sentences, const json_t *before, const json_t *after)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (after, i, entry) {
		const json_t *old_entry = find_service(before, text_of(entry, "service"));

		if (!old_entry || !json_equal(old_entry, entry))
			say(sentences, "Service %s %s.", text_of(entry, "service"),
				old_entry ? "asks for other versions" : "is new");
	}
	json_array_foreach (before, i, entry)
		if (!find_service(after, text_of(entry, "service")))
			say(sentences, "Service %s is gone.", text_of(entry, "service"));
}

static void compare_online(struct sentences *sentences, const char *role, const json_t *before, const json_t *after)
{
	if (after && number_of(before, "version") != number_of(after, "version"))
		say(sentences, "%s %lld is valid until %s.", role, number_of(after, "version"),
			text_of(after, "expires"));
}

json_t *state_compare(const json_t *before, const json_t *after, struct error *err)
{
	struct sentences sentences = {.list = json_array()};
	const json_t *old_catalog = json_object_get(before, "catalog");
	const json_t *new_catalog = json_object_get(after, "catalog");

	compare_root(&sentences, json_object_get(before, "root"), json_object_get(after, "root"));
	compare_roles(&sentences, json_object_get(before, "roles"), json_object_get(after, "roles"));
	compare_catalog_packages(
		&sentences, json_object_get(old_catalog, "packages"), json_object_get(new_catalog, "packages"));
	compare_campaigns(
		&sentences, json_object_get(old_catalog, "campaigns"), json_object_get(new_catalog, "campaigns"));
	compare_services(
		&sentences, json_object_get(old_catalog, "services"), json_object_get(new_catalog, "services"));
	compare_online(
		&sentences, "Snapshot", json_object_get(before, "snapshot"), json_object_get(after, "snapshot"));
	compare_online(
		&sentences, "Timestamp", json_object_get(before, "timestamp"), json_object_get(after, "timestamp"));
	if (!sentences.failed && sentences.list)
		return sentences.list;
	json_decref(sentences.list);
	(void)error_set(err, ERROR_FAILED, "no memory to compare");
	return NULL;
}
