#include "agent/store/soundness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/store/store.h"
#include "common/json.h"

#define SETTING "soundness." /* and the package's name */
#define VALUE_MAX_BYTES 4096

static const char *const kinds[INSPECT_KINDS] = {
#define KIND_NAME(enumerator, name, word) name,
	EACH_INSPECT_KIND(KIND_NAME)
#undef KIND_NAME
};

static void print_name(const char *package, char *ret_name, size_t size)
{
	(void)snprintf(ret_name, size, SETTING "%s", package);
}

/* What a former version of this program left may lack a member: it is then as if it were empty. */
static void take_text(const json_t *json, const char *key, char *ret_text, size_t size)
{
	record_text(json_string_value(json_object_get(json, key)), ret_text, size);
}

static int64_t number_of(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static void take(const json_t *json, struct soundness *ret)
{
	const json_t *counts = json_object_get(json, "counts");

	ret->looked_s = number_of(json, "looked_s");
	ret->read_s = number_of(json, "read_s");
	ret->cycle_s = number_of(json, "cycle_s");
	ret->share_s = number_of(json, "share_s");
	ret->next = number_of(json, "next");
	ret->damaged_s = number_of(json, "damaged_s");
	for (size_t i = 0; i < INSPECT_KINDS; i++)
		ret->counts[i] = number_of(counts, kinds[i]);
	take_text(json, "example", ret->example, sizeof(ret->example));
	take_text(json, "list_fault", ret->list_fault, sizeof(ret->list_fault));
	take_text(json, "obstacle", ret->obstacle, sizeof(ret->obstacle));
}

int soundness_find(struct store *store, const char *package, const char *folder, struct soundness *ret_soundness,
	struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(VALUE_MAX_BYTES);
	char name[sizeof(SETTING) + PACKAGE_NAME_SIZE], of_folder[PACKAGE_FOLDER_SIZE];
	AUTO(json) json_t *json = NULL;

	print_name(package, name, sizeof(name));
	if (store_setting(store, name, &text, err) < 0)
		return -1;
	*ret_soundness = (struct soundness){0};
	record_text(folder, ret_soundness->folder, sizeof(ret_soundness->folder));
	json = text.len ? json_parse(text.data, text.len, NULL) : NULL;
	take_text(json, "folder", of_folder, sizeof(of_folder));
	if (json && strcmp(of_folder, ret_soundness->folder) == 0)
		take(json, ret_soundness);
	return 0;
}

static json_t *counts_json(const struct soundness *soundness)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < INSPECT_KINDS; i++)
		(void)json_object_set_new(counts, kinds[i], json_integer((json_int_t)soundness->counts[i]));
	return counts;
}

int soundness_put(struct store *store, const char *package, const struct soundness *soundness, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(VALUE_MAX_BYTES);
	char name[sizeof(SETTING) + PACKAGE_NAME_SIZE];
	AUTO(json) json_t *json = JSON_OBJECT({
		json_blame(err),
		json_text("folder", soundness->folder),
		json_number("looked_s", soundness->looked_s),
		json_number("read_s", soundness->read_s),
		json_number("cycle_s", soundness->cycle_s),
		json_number("share_s", soundness->share_s),
		json_number("next", soundness->next),
		json_number("damaged_s", soundness->damaged_s),
		json_take("counts", counts_json(soundness)),
		json_text("example", soundness->example),
		json_text("list_fault", soundness->list_fault),
		json_text("obstacle", soundness->obstacle),
	});

	print_name(package, name, sizeof(name));
	if (!json || json_write(json, &text, err) < 0)
		return -1;
	return store_set_setting(store, name, buf_text(&text), err);
}

bool soundness_is_damaged(const struct soundness *soundness)
{
	return soundness->damaged_s != 0;
}

void soundness_text(const struct soundness *soundness, char ret_text[static SOUNDNESS_TEXT_SIZE])
{
	size_t len = 0;

	*ret_text = '\0';
	for (size_t i = 0; i < INSPECT_KINDS && len < SOUNDNESS_TEXT_SIZE; i++)
		if (soundness->counts[i])
			len += (size_t)snprintf(ret_text + len, SOUNDNESS_TEXT_SIZE - len, "%s%" PRId64 " %s",
				len ? ", " : "", soundness->counts[i], kinds[i]);
}
