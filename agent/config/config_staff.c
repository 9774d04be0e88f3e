#include "agent/config/config_staff.h"

#include <stdio.h>
#include <string.h>

#include "agent/config/staff_settings.h"
#include "common/auto.h"

static const char *const names[] = {
#define STAFF_NAME(name, word, form) name,
	EACH_STAFF_SETTING(STAFF_NAME)
#undef STAFF_NAME
};

const char *config_staff_name_at(size_t index)
{
	return index < ARRAY_SIZE(names) ? names[index] : NULL;
}

int config_staff_check(const char *name, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return 0;
	return error_set(err, ERROR_INPUT,
		"'%.60s' is no setting that may be left to staff; 'haishin settings' lists those that may", name);
}

void config_staff_split(const char *name, char ret_section[static CONFIG_STAFF_NAME_SIZE],
	char ret_key[static CONFIG_STAFF_NAME_SIZE])
{
	size_t len = strcspn(name, ".");

	(void)snprintf(ret_section, CONFIG_STAFF_NAME_SIZE, "%.*s", (int)len, name);
	(void)snprintf(ret_key, CONFIG_STAFF_NAME_SIZE, "%s", name[len] ? name + len + 1 : "");
}
