/* haishin env: which environments there are, and which one this terminal is connected to; switches to another. */
#include <stdio.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

static void print_environments(const json_t *answer)
{
	AUTO(table) struct table *table = table_new(4);
	const json_t *environment;
	size_t i;

	table_add(table, (const char *[]){"", _("Environment"), _("Name"), _("Server")});
	json_array_foreach (json_object_get(answer, "environments"), i, environment)
		table_add(table, (const char *[]){json_is_true(json_object_get(environment, "current")) ? "*" : "",
					 output_text(environment, "name"),
					 words_of_environment(output_text(environment, "name")),
					 output_text(environment, "url")});
	table_print(table, false);
}

static int show(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer = cli_ask(cli, "GetEnvironment", NULL, &exit_status);

	if (!answer)
		return exit_status;
	if (!cli->json)
		print_environments(answer);
	return cli_done(cli, answer);
}

static int show_or_switch(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer;

	if (cli->words_count == 0)
		return show(cli);
	answer = cli_ask_for(cli, "SetEnvironment", JSON_OBJECT({json_text("environment", cli->words[0])}),
		&(struct words_advice){_("There is no environment of that name."), _("'haishin env' lists them.")},
		&exit_status);
	if (!answer)
		return exit_status;
	if (!cli->json && json_is_true(json_object_get(answer, "changed")))
		output_line(_("This terminal was switched from %s to %s."), output_text(answer, "former"),
			output_text(answer, "environment"));
	else if (!cli->json)
		output_line(_("This terminal is connected to %s already."), output_text(answer, "environment"));
	return cli_done(cli, answer);
}

const struct verb verb_env = {
	.name = "env",
	.words = "[NAME]",
	.words_most = 1,
	.meaning = N_("show the environment to connect to, or switch it"),
	.run = show_or_switch,
};
