#include "rollback/plan_programs.h"

#include <stdio.h>
#include <string.h>

static int join_arguments(const char *name, const struct release_check *check,
	char ret_text[static PLAN_COMMAND_SIZE], struct error *err)
{
	int len = 0;

	ret_text[0] = '\0';
	for (int i = 0; i < RELEASE_MAX_ARGUMENTS && check->argv[i]; i++) {
		int room = PLAN_COMMAND_SIZE - len;
		int more = snprintf(ret_text + len, (size_t)room, "%s%s", i > 0 ? " " : "", check->argv[i]);

		if (strchr(check->argv[i], ' ') || more < 0 || more >= room)
			return error_set(err, ERROR_REFUSED,
				"%s '%.80s': the guard takes %d bytes and no blank in an argument", name,
				check->argv[0], PLAN_COMMAND_SIZE - 1);
		len += more;
	}
	return 0;
}

int plan_programs_write(const struct release *release, struct plan_entry *entry, struct error *err)
{
	entry->self_test_timeout_s = (int)release->self_test.timeout_s;
	entry->network = release->wants_network;
	entry->migrate_timeout_s = (int)release->migrate.timeout_s;
	if (join_arguments("self-test", &release->self_test, entry->self_test, err) < 0)
		return -1;
	return join_arguments("migration", &release->migrate, entry->migrate, err);
}
