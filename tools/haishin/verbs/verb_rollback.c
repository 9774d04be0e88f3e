/* haishin rollback PACKAGE: return to the former release; haishin release PACKAGE: take that back. */
#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/verbs/verbs.h"

/* A package that goes back because it needs the one that does. */
static void tell_others(const json_t *answer)
{
	const json_t *other;
	size_t i;

	json_array_foreach (json_object_get(answer, "with"), i, other)
		output_line(_("%s, which needs it, goes back from %s to %s together with it."),
			output_text(other, "package"), output_text(other, "from"), output_text(other, "to"));
}

static int go_back(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer = cli_ask(cli, "Rollback", JSON_OBJECT({json_text("package", cli->words[0])}), &exit_status);

	if (!answer)
		return exit_status;
	if (!cli->json && json_is_true(json_object_get(answer, "restart"))) {
		output_line(_("%s goes back from %s to %s with the next restart."), cli->words[0],
			output_text(answer, "from"), output_text(answer, "to"));
		tell_others(answer);
		output_line(_("Next step: %s"), _("Restart this terminal."));
		output_line(_("'haishin release %s' takes this back until then."), cli->words[0]);
	} else if (!cli->json && json_is_true(json_object_get(answer, "begun"))) {
		output_line(_("%s goes back from %s to %s now; its application is stopped and started."),
			cli->words[0], output_text(answer, "from"), output_text(answer, "to"));
		tell_others(answer);
	} else if (!cli->json) {
		output_line(_("%s %s was waiting for a restart, and no longer is."), cli->words[0],
			output_text(answer, "from"));
		output_line(_("It is quarantined, and does not come again by itself; 'haishin release %s' lets it come."),
			cli->words[0]);
	}
	return cli_done(cli, answer);
}

const struct verb verb_rollback = {
	.name = "rollback",
	.words = "PACKAGE",
	.words_least = 1,
	.words_most = 1,
	.meaning = N_("go back to the former version"),
	.run = go_back,
};

static int let_come_again(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer = cli_ask(cli, "Release", JSON_OBJECT({json_text("package", cli->words[0])}), &exit_status);

	if (!answer)
		return exit_status;
	if (!cli->json && json_is_true(json_object_get(answer, "stays")))
		output_line(_("%s stays as it is; it does not go back any more."), cli->words[0]);
	else if (!cli->json)
		output_line(_("%s may come again: in the next window, or with 'haishin download-now'."), cli->words[0]);
	return cli_done(cli, answer);
}

const struct verb verb_release = {
	.name = "release",
	.words = "PACKAGE",
	.words_least = 1,
	.words_most = 1,
	.meaning = N_("let a version come again that was taken back on request"),
	.run = let_come_again,
};
