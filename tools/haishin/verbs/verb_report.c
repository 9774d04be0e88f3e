/* haishin report: the completion report of a campaign (F24), filled in from what the agent knows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

static const struct args_option options[] = {
	{"campaign", "NUMBER", N_("of this campaign; without it, of the newest that has begun")},
	{"name", "TEXT", N_("the name of the institution")},
	{"telephone", "NUMBER", N_("its telephone number")},
	{"csv", NULL, N_("as comma-separated values")},
	{0},
};

/* "2026-01-19" as the report wants it: "20260119". */
static const char *plain_date(const char *date, char ret_text[static 9])
{
	(void)snprintf(ret_text, 9, "%.4s%.2s%.2s", date, date + 5, date + 8);
	return ret_text;
}

static void print_fields(const json_t *answer)
{
	char date[9];

	output_line(_("Identification number: %lld"), (long long)output_number(answer, "campaign"));
	output_line(_("Date of completion: %s"), plain_date(output_text(answer, "completed"), date));
	output_line(_("Name of the institution: %s"), output_text(answer, "institution_name"));
	output_line(_("Telephone: %s"), output_text(answer, "telephone"));
}

static void print_csv(const json_t *answer)
{
	char date[9];

	(void)printf("campaign,completed,institution_name,telephone\r\n%lld,%s,",
		(long long)output_number(answer, "campaign"), plain_date(output_text(answer, "completed"), date));
	output_csv_field(output_text(answer, "institution_name"));
	(void)putchar(',');
	output_csv_field(output_text(answer, "telephone"));
	(void)printf("\r\n");
}

/* What is missing, package by package. */
static int tell_incomplete(const struct cli *cli, json_t *answer)
{
	int exit_status = error_exit_status(ERROR_NOT_FOUND);
	const json_t *package;
	size_t i;

	if (cli->json) {
		output_json(answer, exit_status);
		return exit_status;
	}
	output_line(_("Campaign %lld is not complete on this terminal yet."),
		(long long)output_number(answer, "campaign"));
	json_array_foreach (json_object_get(answer, "packages"), i, package)
		if (!json_is_true(json_object_get(package, "done")))
			output_line("  %s: %s -> %s", output_text(package, "name"), output_text(package, "version"),
				output_text(package, "wanted"));
	output_line(_("Next step: %s"), _("'haishin status' says what to do."));
	return exit_status;
}

static int read_campaign(const char *text, json_int_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	return errno || *end || end == text || *ret_number <= 0 ? -1 : 0;
}

static int fill_in_report(const struct cli *cli)
{
	AUTO(json) json_t *answer = NULL;
	json_t *parameters = json_object();
	const char *campaign = args_get(&cli->args, "campaign");
	json_int_t number = 0;
	int exit_status = 0;

	cli_add_text(parameters, "institution_name", args_get(&cli->args, "name"));
	cli_add_text(parameters, "telephone", args_get(&cli->args, "telephone"));
	if (campaign && read_campaign(campaign, &number) < 0) {
		json_decref(parameters);
		return cli_usage(cli, N_("--campaign takes a number such as 150."));
	}
	if (number)
		(void)json_object_set_new(parameters, "campaign", json_integer(number));
	answer = cli_ask_for(cli, "GetCompletion", parameters,
		&(struct words_advice){_("There is no campaign to report on."),
			_("A report is due once a campaign has begun; its number is given by --campaign.")},
		&exit_status);
	if (!answer)
		return exit_status;
	if (!json_is_true(json_object_get(answer, "complete")))
		return tell_incomplete(cli, answer);
	if (!*output_text(answer, "institution_name") || !*output_text(answer, "telephone"))
		return cli_usage(cli, N_("The report lacks the institution's name or telephone: give --name and "
					 "--telephone, or set [terminal] institution_name and telephone."));
	if (args_has(&cli->args, "csv"))
		print_csv(answer);
	else if (!cli->json)
		print_fields(answer);
	return cli_done(cli, take_ptr(&answer));
}

const struct verb verb_report = {
	.name = "report",
	.words = "",
	.options = options,
	.meaning = N_("the completion report of a campaign, filled in"),
	.run = fill_in_report,
};
