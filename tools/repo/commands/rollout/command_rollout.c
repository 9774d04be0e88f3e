#include <stdio.h>
#include <string.h>

#include "tools/repo/commands/catalog/catalog_offer.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/commands/rollout/rollout_begin.h"
#include "tools/repo/commands/rollout/rollout_brake.h"
#include "tools/repo/commands/rollout/rollout_change.h"
#include "tools/repo/commands/rollout/rollout_show.h"
#include "tools/repo/commands/rollout/rollout_words.h"
#include "tools/repo/metadata/catalog_draft.h"

static const struct args_option options[] = {
	OPTIONS_SIGNING,
	{"stage", "NIGHT=WHOM", "begin: from that night on, ring:NAME or a share in percent; may be repeated"},
	{"stop-at", "KIND=SHARE",
		"begin: rolled-back=2% or silent=3%, beyond which the collector stops it; may be repeated; default: both"},
	{"least", "N", "begin: terminals that must have taken it before it is judged; default 20"},
	{"no-brake", NULL, "begin: stages open by their dates alone, though nobody watches"},
	{"why", "TEXT", "stop, withdraw, brake-sign --stop: the reason; terminals show it"},
	{"recall", NULL, "stop, withdraw: terminals that run it go back to the release they had before"},
	{"early", NULL, "finish: although its last stage has not come"},
	{"drop", NULL, "brake-key: take the key away, nobody may brake"},
	{"stop", "PACKAGE", "brake-sign: stop its candidate"},
	OPTION_JSON,
	OPTIONS_END,
};

/* Everything that an action may need, and the catalog as it is staged or published. */
struct rollout {
	const struct tool *tool;
	struct workspace workspace;
	struct keyring keyring;
	json_t *catalog;
};

static void rollout_clear(struct rollout *rollout)
{
	json_decref(rollout->catalog);
	keyring_clear(&rollout->keyring);
	workspace_close(&rollout->workspace);
}
DEFINE_AUTO(rollout, struct rollout, rollout_clear);

static int begin(struct rollout *rollout, struct error *err)
{
	return rollout_begin(rollout->tool, &rollout->workspace, rollout->catalog, err);
}

static int stop(struct rollout *rollout, struct error *err)
{
	return rollout_stop(rollout->tool, rollout->catalog, err);
}

static int resume(struct rollout *rollout, struct error *err)
{
	return rollout_resume(rollout->tool, rollout->catalog, err);
}

static int finish(struct rollout *rollout, struct error *err)
{
	return rollout_finish(rollout->tool, rollout->catalog, err);
}

static int withdraw(struct rollout *rollout, struct error *err)
{
	return rollout_withdraw(rollout->tool, rollout->catalog, err);
}

static int show(struct rollout *rollout, struct error *err)
{
	return rollout_show(rollout->tool, &rollout->workspace, rollout->catalog, err);
}

static int brake_key(struct rollout *rollout, struct error *err)
{
	return rollout_brake_key(rollout->tool, &rollout->workspace, &rollout->keyring, err);
}

static int brake_sign_by_hand(struct rollout *rollout, struct error *err)
{
	return rollout_brake_sign(rollout->tool, &rollout->workspace, &rollout->keyring, rollout->catalog, err);
}

static const struct action {
	const char *name;
	int (*run)(struct rollout *rollout, struct error *err);
	bool changes_catalog;
	int (*warn)(const struct tool *tool, const struct workspace *workspace, struct error *err); /* once it is done; or NULL */
} actions[] = {
	{"begin", begin, true, rollout_begin_warn},
	{"show", show, false, NULL},
	{"stop", stop, true, NULL},
	{"resume", resume, true, NULL},
	{"finish", finish, true, NULL},
	{"withdraw", withdraw, true, NULL},
	{"brake-key", brake_key, false, NULL},
	{"brake-sign", brake_sign_by_hand, false, NULL},
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static int write_catalog(struct rollout *rollout, const struct action *action, struct error *err)
{
	const json_t *entry;
	int64_t missing;
	size_t i;

	if (catalog_draft_write(&rollout->workspace, rollout->catalog, &rollout->keyring, &missing, err) < 0 ||
		(action->warn && action->warn(rollout->tool, &rollout->workspace, err) < 0) ||
		catalog_offer_warn(rollout->tool, &rollout->workspace, rollout->catalog, err) < 0)
		return -1;
	json_array_foreach (json_object_get(rollout->catalog, "packages"), i, entry)
		rollout_tell_no_brake(entry);
	tool_tell_staged("The catalog", CATALOG_ROLE, missing);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(rollout) struct rollout rollout = {.tool = tool, .workspace = WORKSPACE_INIT};
	const struct action *action = find_action(args_positional(tool->args, 0));

	if (!action)
		return error_set(err, ERROR_USAGE,
			"rollout: say \"begin PACKAGE=VERSION\", \"show\", \"stop PACKAGE\", \"resume PACKAGE\", \"finish "
			"PACKAGE\", \"withdraw PACKAGE\", \"brake-key FILE\" or \"brake-sign\"");
	if (workspace_open(&rollout.workspace, tool, err) < 0 ||
		keyring_init(&rollout.keyring, tool->fs, tool->args, false, err) < 0 ||
		catalog_draft_read(&rollout.workspace, &rollout.catalog, err) < 0 || action->run(&rollout, err) < 0)
		return -1;
	return action->changes_catalog ? write_catalog(&rollout, action, err) : 0;
}

const struct command command_rollout = {
	.name = "rollout",
	.arguments = "begin PACKAGE=VERSION... | show | stop PACKAGE... | resume PACKAGE... | finish PACKAGE... | withdraw "
		     "PACKAGE... | brake-key FILE | brake-sign",
	.summary = "Try a release on a growing part of the fleet, and stop it",
	.help = "The release becomes the candidate of its package: terminals take it as its stages come, all others go on with "
		"the stable\n"
		"one. All stages are signed once, by the operator's key. A stage opens only while whoever holds the brake's key "
		"says that\n"
		"somebody watches, and does not stop it; what was stopped goes on with \"resume\" alone. brake-key says whose key "
		"that is.\n",
	.options = options,
	.run = run,
};
