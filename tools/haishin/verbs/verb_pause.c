/* haishin enable, disable, hold, unhold: stop and resume delivery of all packages or of one (F8). */
#include <stdio.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/verbs/verbs.h"

static const struct args_option pause_options[] = {
	{"until", "DATE", N_("ends by itself after this day")},
	{"why", "TEXT", N_("the reason, for those who come after")},
	{0},
};

static json_t *pause_parameters(const struct cli *cli)
{
	json_t *parameters = json_object();

	cli_add_text(parameters, "why", args_get(&cli->args, "why"));
	cli_add_text(parameters, "until", args_get(&cli->args, "until"));
	if (cli->words_count)
		cli_add_text(parameters, "package", cli->words[0]);
	return parameters;
}

static void print_end(const json_t *answer, const char *key, bool is_disabled)
{
	const char *until = output_text(json_object_get(answer, key), "until");
	char time[OUTPUT_TIME_SIZE];
	struct output_day day;

	output_set_zone(output_text(answer, "time_zone"));
	if (!*until)
		return;
	if (!output_last_day(until, &day))
		output_line(_("It ends by itself at %s."), output_time(until, time));
	else if (is_disabled)
		output_line(
			_("It stays disabled until the end of %d-%02d-%02d, and goes on by itself the day after."),
			day.year, day.month, day.day);
	else
		output_line(_("It is held until the end of %d-%02d-%02d, and delivered by itself the day after."),
			day.year, day.month, day.day);
}

static int disable(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer = cli_ask(cli, "Disable", pause_parameters(cli), &exit_status);

	if (!answer)
		return exit_status;
	if (!cli->json) {
		output_line(_("Delivery is disabled on this terminal; 'haishin enable' resumes it."));
		print_end(answer, "disabled", true);
	}
	return cli_done(cli, answer);
}

const struct verb verb_disable = {
	.name = "disable",
	.words = "",
	.options = pause_options,
	.meaning = N_("stop delivery on this terminal"),
	.run = disable,
};

static int enable(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer = cli_ask(cli, "Enable", NULL, &exit_status);

	if (!answer)
		return exit_status;
	if (!cli->json)
		output_line("%s", json_is_true(json_object_get(answer, "was_disabled"))
					  ? _("Delivery goes on.")
					  : _("Delivery was not disabled; nothing was changed."));
	return cli_done(cli, answer);
}

const struct verb verb_enable = {
	.name = "enable",
	.words = "",
	.meaning = N_("resume delivery"),
	.run = enable,
};

static int hold(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer = cli_ask(cli, "Hold", pause_parameters(cli), &exit_status);

	if (!answer)
		return exit_status;
	if (!cli->json) {
		output_line(
			_("%s stays at its version; 'haishin unhold %s' ends that."), cli->words[0], cli->words[0]);
		print_end(answer, "held", false);
	}
	return cli_done(cli, answer);
}

const struct verb verb_hold = {
	.name = "hold",
	.words = "PACKAGE",
	.words_least = 1,
	.words_most = 1,
	.options = pause_options,
	.meaning = N_("keep a package at its version"),
	.run = hold,
};

static int unhold(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer = cli_ask(cli, "Unhold", pause_parameters(cli), &exit_status);

	if (!answer)
		return exit_status;
	if (!cli->json && json_is_true(json_object_get(answer, "was_held")))
		output_line(_("%s is delivered again."), cli->words[0]);
	else if (!cli->json)
		output_line(_("%s was not held; nothing was changed."), cli->words[0]);
	return cli_done(cli, answer);
}

const struct verb verb_unhold = {
	.name = "unhold",
	.words = "PACKAGE",
	.words_least = 1,
	.words_most = 1,
	.meaning = N_("end that"),
	.run = unhold,
};
