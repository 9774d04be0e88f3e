/* haishin settings: what the operator has left to staff; shows it, or changes one. */
#include <stdio.h>
#include <string.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

/* Which of them to show. */
struct choice {
	const char *name; /* NULL: all */
	size_t shown;
};

static void add_setting(struct table *table, const json_t *setting, struct choice *choice)
{
	const char *name = output_text(setting, "name");
	char source[OUTPUT_CELL_SIZE];

	if (choice->name && strcmp(choice->name, name) != 0)
		return;
	words_of_source(output_text(setting, "source"), source, sizeof(source));
	table_add(table, (const char *[]){json_is_true(json_object_get(setting, "may_set")) ? "*" : "", name,
				 output_text(setting, "value"), words_of_setting(name), source});
	choice->shown++;
}

static int show(const struct cli *cli)
{
	AUTO(table) struct table *table = table_new(5);
	struct choice choice = {.name = cli->words[0]};
	int exit_status = 0;
	AUTO(json) json_t *answer = cli_ask(cli, "GetSettings", NULL, &exit_status);
	const json_t *setting;
	size_t i;

	if (!answer)
		return exit_status;
	table_add(table, (const char *[]){"", _("Setting"), _("Value"), _("Name"), _("From")});
	json_array_foreach (json_object_get(answer, "settings"), i, setting)
		add_setting(table, setting, &choice);
	if (choice.name && choice.shown == 0)
		return cli_fail_with(cli, ERROR_NOT_FOUND, "no setting of that name may be left to staff");
	if (cli->json)
		return cli_done(cli, take_ptr(&answer));
	table_print(table, true);
	output_line(_("  * may be changed here, by those who may change things."));
	return 0;
}

static void tell_change(const json_t *answer)
{
	const char *name = output_text(answer, "name");

	if (json_is_string(json_object_get(answer, "value")))
		output_line(_("%s (%s) is now '%s'; it was '%s'."), words_of_setting(name), name,
			output_text(answer, "value"), output_text(answer, "former"));
	else
		output_line(_("%s (%s) is again what the operator's files say; it was '%s'."), words_of_setting(name),
			name, output_text(answer, "former"));
	if (json_is_true(json_object_get(answer, "after_job")))
		output_line(_("haishin is at work; it takes effect when that has ended."));
}

static int change(const struct cli *cli)
{
	json_t *parameters = JSON_OBJECT({json_text("name", cli->words[0])});
	int exit_status = 0;
	json_t *answer;

	cli_add_text(parameters, "value", cli->words[1]);
	if (!(answer = cli_ask(cli, "SetSetting", parameters, &exit_status)))
		return exit_status;
	if (!cli->json)
		tell_change(answer);
	return cli_done(cli, answer);
}

static int show_or_change(const struct cli *cli)
{
	bool resets = args_has(&cli->args, "reset");

	if (resets && cli->words_count != 1)
		return cli_usage(cli, N_("Write: haishin settings NAME --reset"));
	return resets || cli->words_count == 2 ? change(cli) : show(cli);
}

static const struct args_option settings_options[] = {
	{"reset", NULL, N_("what the operator's files say holds again")},
	{0},
};

const struct verb verb_settings = {
	.name = "settings",
	.words = "[NAME [VALUE]]",
	.words_most = 2,
	.options = settings_options,
	.meaning = N_("show the settings that staff may change, or change one"),
	.run = show_or_change,
};
