#include "agent/proof/environment_heal.h"

#include <string.h>

#include "agent/proof/chapter.h"
#include "agent/store/history.h"

int environment_heal(struct terminal *terminal, bool *ret_other, struct error *err)
{
	const struct config *config = terminal->config;
	struct fs *fs = terminal->env->fs;
	char name[ENVIRONMENT_NAME_SIZE];
	struct history_entry entry = {.operation = "repair",
		.outcome = "done",
		.detail = "the file that says which environment is chosen was damaged; that of the last chapter holds"};

	*ret_other = false;
	if (!environment_is_lost(fs, config->state_path, &config->environments))
		return 0;
	if (chapter_environment(terminal, name, err) < 0 || history_add(terminal->store, &entry, err) < 0 ||
		environment_choose(fs, config->state_path, name, err) < 0)
		return error_context(err, "which environment is chosen");
	log_line(terminal->env->log, LOG_LEVEL_ERROR,
		"the file %s/environment was damaged: %s holds, as the history's last chapter says", config->state_path, name);
	*ret_other = strcmp(name, config->environment) != 0 && environment_find(&config->environments, name) != NULL;
	return 0;
}
