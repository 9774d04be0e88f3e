#include "agent/store/postponed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The setting "postponed.PACKAGE" holds digest, version, the two times and the sentence, with blanks between them. */
#define NAME_SIZE (PACKAGE_NAME_SIZE + sizeof("postponed."))
#define VALUE_SIZE (SHA256_HEX_SIZE + 80 + STORE_TEXT_SIZE)

/* Longer than a window, shorter than from one to the next. */
#define NIGHT_S (14 * 3600)

static const char *name_of(const char *package, char ret_name[static NAME_SIZE])
{
	(void)snprintf(ret_name, NAME_SIZE, "postponed.%s", package);
	return ret_name;
}

int postponed_put(struct store *store, const char *package, const struct postponed *postponed, struct error *err)
{
	char name[NAME_SIZE], value[VALUE_SIZE];

	(void)snprintf(value, sizeof(value), "%s %" PRId64 " %" PRId64 " %" PRId64 " %s", postponed->digest,
		postponed->metadata_version, postponed->since_s, postponed->last_s, postponed->why);
	return store_set_setting(store, name_of(package, name), value, err);
}

bool postponed_is_due(const struct postponed *postponed, int64_t now_s)
{
	return now_s - postponed->since_s < NIGHT_S || now_s - postponed->last_s >= NIGHT_S ||
	       now_s < postponed->last_s; /* the clock was set back */
}

int postponed_find(struct store *store, const char *package, const char *digest, int64_t metadata_version,
	struct postponed *ret_postponed, bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf value = BUF_INIT(VALUE_SIZE);
	struct postponed postponed = {0};
	char name[NAME_SIZE];
	int sentence = 0;

	*ret_found = false;
	if (store_setting(store, name_of(package, name), &value, err) < 0)
		return -1;
	if (sscanf(buf_text(&value), "%64s %" SCNd64 " %" SCNd64 " %" SCNd64 " %n", postponed.digest,
		    &postponed.metadata_version, &postponed.since_s, &postponed.last_s, &sentence) != 4 ||
		strcmp(postponed.digest, digest) != 0 || postponed.metadata_version != metadata_version)
		return 0;
	record_text(buf_text(&value) + sentence, postponed.why, sizeof(postponed.why));
	*ret_postponed = postponed;
	*ret_found = true;
	return 0;
}
