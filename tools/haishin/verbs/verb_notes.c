/* haishin notes PACKAGE [VERSION]: what a release changes, in its vendor's words. */
#include <string.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

static void print_lines(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		output_line("%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static int tell_notes(const struct cli *cli)
{
	json_t *parameters = json_object(), *answer;
	int exit_status = 0;

	cli_add_text(parameters, "package", cli->words[0]);
	cli_add_text(parameters, "version", cli->words_count > 1 ? cli->words[1] : NULL);
	if (!(answer = cli_ask(cli, "GetNotes", parameters, &exit_status)))
		return exit_status;
	if (!cli->json) {
		output_line("%s %s", output_text(answer, "package"), output_text(answer, "version"));
		print_lines(words_in_language(json_object_get(answer, "notes")));
	}
	return cli_done(cli, answer);
}

const struct verb verb_notes = {
	.name = "notes",
	.words = "PACKAGE [VERSION]",
	.words_least = 1,
	.words_most = 2,
	.meaning = N_("what a version changes, as its vendor says"),
	.run = tell_notes,
};
