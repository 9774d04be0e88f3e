/* What is done for the store while collectors run. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "collector/oversight/keeping.h"
#include "collector/store/schema.h"
#include "tools/collector/commands.h"

int command_backup(const struct command_context *context, struct error *err)
{
	AUTO(database) struct database *database = NULL;
	const char *file = args_positional(context->args, 1);
	char path[PATH_MAX] = "", folder[PATH_MAX] = "";

	if (*file != '/' && !getcwd(folder, sizeof(folder)))
		return error_system(err, errno, "cannot tell the current folder");
	if (snprintf(path, sizeof(path), "%s%s%s", folder, *folder ? "/" : "", file) >= (int)sizeof(path))
		return error_set(err, ERROR_USAGE, "the backup's path is too long");
	if (database_open(context->config->store, &database, err) < 0 || database_backup(database, path, err) < 0)
		return -1;
	return printf("%s holds all that was answered before now.%s\n", path,
		       *context->config->ledger_folder ? " Copy the ledger's folder after it." : "") < 0;
}

int command_forget(const struct command_context *context, struct error *err)
{
	AUTO(database) struct database *database = NULL;
	int64_t before_s = context->clock->now_s(context->clock) - context->config->keep_days * INT64_C(86400);

	if (database_open(context->config->store, &database, err) < 0 || schema_update(database, err) < 0 ||
		keeping_forget(database, before_s, err) < 0)
		return -1;
	return printf("Dropped: months that ended more than %lld days ago.\n", (long long)context->config->keep_days) < 0;
}
