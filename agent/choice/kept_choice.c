#include "agent/choice/kept_choice.h"

#include <string.h>

#include "common/json.h"

#define SETTING_PACKAGE "finding." /* and the package's name */
#define KEPT_CHOICE_MAX_BYTES 2048

static void list_requirements(const struct release *release, char ret_text[static STORE_TEXT_SIZE])
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; release && i < release->requires_count; i++) {
		const struct release_requirement *requirement = &release->requires[i];
		int added = snprintf(ret_text + len, STORE_TEXT_SIZE - len, "%s%s=%s", i ? " " : "",
			requirement->package, requirement->version);

		if (added < 0 || (size_t)added >= STORE_TEXT_SIZE - len) {
			ret_text[len] = '\0'; /* whole words only */
			return;
		}
		len += (size_t)added;
	}
}

static int64_t size_of(const struct release *release)
{
	uint64_t size = 0;

	for (size_t i = 0; release && i < release->files_count; i++)
		size += release->files[i].size;
	return size > INT64_MAX ? INT64_MAX : (int64_t)size;
}

static int note_choice(
	const struct distribution *distribution, const struct wanted *wanted, const char *version, struct error *err)
{
	const struct clock *clock = distribution->env.clock;
	AUTO(buf) struct buf text = BUF_INIT(KEPT_CHOICE_MAX_BYTES);
	char name[sizeof(SETTING_PACKAGE) + PACKAGE_NAME_SIZE], requirements[STORE_TEXT_SIZE],
		reason[STORE_TEXT_SIZE];
	AUTO(json) json_t *json = NULL;

	const struct release *release = wanted->repairs ? NULL : wanted->offer.release; /* that the catalog names */

	list_requirements(release, requirements);
	record_text(wanted->reason, reason, sizeof(reason));
	(void)snprintf(name, sizeof(name), SETTING_PACKAGE "%s", wanted->package);
	if (!(json = JSON_OBJECT({
		      json_number("at_s", clock->now_s(clock)),
		      json_text("version", version),
		      json_text("digest", wanted->digest),
		      json_text("gate", wanted_outcome_name(wanted->repairs ? wanted->newest_outcome : wanted->outcome)),
		      json_text("error", error_code_name(wanted->why.code)),
		      json_text("reason", reason),
		      json_text("requirements", requirements),
		      json_number("size", size_of(release)),
	      })))
		return error_set(err, ERROR_FAILED, "out of memory");
	return json_write(json, &text, err) < 0
		       ? -1
		       : store_set_setting(distribution->terminal->store, name, buf_text(&text), err);
}

static int note_all(const struct distribution *distribution, const struct wanted_list *list, struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct wanted *wanted = &list->items[i];
		const struct catalog_package *named = catalog_find(distribution->catalog, wanted->package);

		if (named && note_choice(distribution, wanted, named->version, err) < 0)
			return error_context(err, "%s", wanted->package);
	}
	return 0;
}

int kept_choice_note_all(const struct distribution *distribution, const struct wanted_list *list, struct error *err)
{
	struct store *store = distribution->terminal->store;

	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, note_all(distribution, list, err), err);
}

/* What a former version of this program left may lack a member: it is then as if it were empty. */
static void take_text(const json_t *json, const char *key, char *ret_text, size_t size)
{
	record_text(json_string_value(json_object_get(json, key)), ret_text, size);
}

int kept_choice_of_package(
	struct store *store, const char *package, struct kept_choice *ret_kept, bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(KEPT_CHOICE_MAX_BYTES);
	char name[sizeof(SETTING_PACKAGE) + PACKAGE_NAME_SIZE];
	AUTO(json) json_t *json = NULL;

	*ret_kept = (struct kept_choice){.error = "none"};
	(void)snprintf(name, sizeof(name), SETTING_PACKAGE "%s", package);
	if (store_setting(store, name, &text, err) < 0)
		return -1;
	*ret_found = text.len && (json = json_parse(text.data, text.len, NULL));
	if (!*ret_found)
		return 0;
	ret_kept->at_s = json_integer_value(json_object_get(json, "at_s"));
	ret_kept->size = json_integer_value(json_object_get(json, "size"));
	take_text(json, "version", ret_kept->version, sizeof(ret_kept->version));
	take_text(json, "digest", ret_kept->digest, sizeof(ret_kept->digest));
	take_text(json, "gate", ret_kept->outcome, sizeof(ret_kept->outcome));
	take_text(json, "error", ret_kept->error, sizeof(ret_kept->error));
	take_text(json, "reason", ret_kept->reason, sizeof(ret_kept->reason));
	take_text(json, "requirements", ret_kept->requirements, sizeof(ret_kept->requirements));
	return 0;
}

/* The gates behind that of the rollout: where one of them decided, that one was passed. */
static bool was_let_through(const struct kept_choice *kept)
{
	for (int outcome = 0; outcome < WANTED_OUTCOMES; outcome++)
		if (strcmp(kept->outcome, wanted_outcome_name((enum wanted_outcome)outcome)) == 0)
			return wanted_outcome_has_come((enum wanted_outcome)outcome);
	return false;
}

bool kept_choice_is_not_its_turn(const struct kept_choice *kept, const struct catalog_package *named,
	const uint8_t secret[static SLOT_SECRET_SIZE], const char *version_here)
{
	if (version_is_broken(version_here) || version_compare(named->version, version_here) <= 0)
		return false;
	if (!*kept->digest || strcmp(kept->version, named->version) != 0)
		return named->rollout_percent == 0;
	return !was_let_through(kept) && wanted_rollout_place(secret, kept->digest) >= named->rollout_percent;
}
