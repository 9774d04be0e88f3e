/* Stops a rollout by hand, on the machine of the collector. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/rollout/brake_statement.h"
#include "collector/rollout/rollout_watch.h"
#include "collector/store/schema.h"
#include "manifests/base/package.h"
#include "tools/collector/commands.h"

/* Whoever may read the key may stop; the account is what is recorded. */
static void name_account(char *ret_by, size_t size)
{
	const struct passwd *account = getpwuid(getuid());

	(void)snprintf(ret_by, size, "account %.60s on this machine", account ? account->pw_name : "without a name");
}

static int split(const char *word, char *ret_package, size_t size, const char **ret_version, struct error *err)
{
	const char *equals = strchr(word, '=');

	if (!equals || equals == word || (size_t)(equals - word) >= size || !equals[1])
		return error_set(err, ERROR_USAGE, "'%.80s' has not the form PACKAGE=VERSION", word);
	(void)snprintf(ret_package, size, "%.*s", (int)(equals - word), word);
	*ret_version = equals + 1;
	return 0;
}

/* So that the stop is out even where no collector runs at the moment. */
static int sign_and_publish(const struct config *config, struct database *database, int64_t now_s, struct error *err)
{
	char key_id[KEY_ID_SIZE];
	bool is_signed;

	if (brake_statement_key_id(config, key_id, err) < 0 || database_begin(database, err) < 0)
		return -1;
	if (brake_statement_renew(config, database, key_id, now_s, &is_signed, err) < 0) {
		database_undo(database);
		return -1;
	}
	return database_commit(database, err) < 0 ? -1 : brake_statement_publish(config, database, err);
}

int command_brake(const struct command_context *context, struct error *err)
{
	const struct config *config = context->config;
	AUTO(database) struct database *database = NULL;
	char package[PACKAGE_NAME_SIZE], by[128];
	int64_t now_s = context->clock->now_s(context->clock);
	const char *version, *why;
	bool is_stopped;

	if (!*config->brake_key)
		return error_set(err, ERROR_INPUT,
			"no statements are signed here: set [brake] key, with which the operator lets the collector stop rollouts");
	if (split(args_positional(context->args, 1), package, sizeof(package), &version, err) < 0 ||
		args_want(context->args, "why", &why, err) < 0 || database_open(config->store, &database, err) < 0 ||
		schema_update(database, err) < 0)
		return -1;
	name_account(by, sizeof(by));
	if (rollout_watch_stop(database, package, version, by, why, now_s, &is_stopped, err) < 0)
		return -1;
	if (sign_and_publish(config, database, now_s, err) < 0)
		return error_context(err, "it is stopped in the store, and no statement says so yet");
	return printf("%s %s %s. Terminals hear of it at their next contact; haishin-repo rollout resume lets it go on.\n",
		       package, version, is_stopped ? "is stopped" : "was stopped already") < 0
		       ? error_set(err, ERROR_FAILED, "cannot print")
		       : 0;
}
