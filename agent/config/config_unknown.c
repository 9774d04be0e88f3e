#include "agent/config/config_unknown.h"

#include <stdlib.h>
#include <string.h>

int config_unknown_note(
	struct config_unknowns *unknowns, const char *section, const char *key, const char *source, struct error *err)
{
	struct config_unknown *unknown = &unknowns->items[unknowns->kept];

	unknowns->count++;
	if (unknowns->kept == CONFIG_UNKNOWN_KEPT)
		return 0;
	unknowns->kept++;
	if (!(unknown->section = strdup(section)) || !(unknown->key = strdup(key)) ||
		!(unknown->source = strdup(source)))
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	return 0;
}

void config_unknown_clear(struct config_unknowns *unknowns)
{
	for (size_t i = 0; i < unknowns->kept; i++) {
		free(unknowns->items[i].section);
		free(unknowns->items[i].key);
		free(unknowns->items[i].source);
	}
	*unknowns = (struct config_unknowns){0};
}
