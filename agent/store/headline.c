#include "agent/store/headline.h"

#include <stdio.h>

#include "agent/store/store.h"

#define SETTING "headline." /* and the package's name */
#define VALUE_MAX_BYTES 16384

static int read_all(struct store *store, const char *package, json_t **ret_all, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(VALUE_MAX_BYTES);
	char name[sizeof(SETTING) + PACKAGE_NAME_SIZE];

	(void)snprintf(name, sizeof(name), SETTING "%s", package);
	if (store_setting(store, name, &text, err) < 0)
		return -1;
	*ret_all = text.len ? json_parse(text.data, text.len, NULL) : NULL;
	return 0;
}

int headline_put(struct store *store, const char *package, const char *folder, const char *folder_too,
	const json_t *lines, const char *digest, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(VALUE_MAX_BYTES);
	AUTO(json) json_t *before = NULL;
	AUTO(json) json_t *after = json_object();
	char name[sizeof(SETTING) + PACKAGE_NAME_SIZE];

	if (read_all(store, package, &before, err) < 0)
		return -1;
	if (json_object_get(before, folder_too))
		(void)json_object_set(after, folder_too, json_object_get(before, folder_too));
	if (json_object_size(lines) && json_object_set_new(after, folder,
					       JSON_OBJECT({
						       json_text("digest", digest),
						       json_share("lines", lines),
					       })) < 0)
		return error_set(err, ERROR_FAILED, "out of memory");
	(void)snprintf(name, sizeof(name), SETTING "%s", package);
	return json_write(after, &text, err) < 0 ? -1 : store_set_setting(store, name, buf_text(&text), err);
}

int headline_find(struct store *store, const char *package, const char *folder, json_t **ret, struct error *err)
{
	AUTO(json) json_t *all = NULL;

	if (read_all(store, package, &all, err) < 0)
		return -1;
	*ret = json_incref(json_object_get(all, folder));
	return 0;
}

const char *headline_text(const json_t *headline)
{
	const json_t *lines = json_object_get(headline, "lines");
	const char *text = json_string_value(json_object_get(lines, "ja"));

	if (!text)
		text = json_string_value(json_object_get(lines, "en"));
	if (!text)
		text = json_string_value(json_object_iter_value(json_object_iter((json_t *)lines)));
	return text ? text : "";
}
