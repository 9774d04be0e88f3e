/* haishin version: of this program, and of the agent where one answers. */
#include <stdio.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/verbs/verbs.h"

static int print_versions(const struct cli *cli)
{
	AUTO(client_answer) struct client_answer answer = {0};
	bool has_agent = client_call(cli->socket_path, "GetVersion", NULL, NULL, NULL, &answer) == 0;
	const char *agent = has_agent ? output_text(answer.parameters, "version") : NULL;

	if (!cli->json) {
		output_line("haishin %s", HAISHIN_VERSION);
		output_line("haishind %s", agent ? agent : _("(not running)"));
	}
	return cli_done(
		cli, JSON_OBJECT({json_text("haishin", HAISHIN_VERSION), json_text_or_null("haishind", agent)}));
}

const struct verb verb_version = {
	.name = "version",
	.words = "",
	.meaning = N_("print the versions"),
	.run = print_versions,
};
