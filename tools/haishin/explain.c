/* haishin explain [PACKAGE]: every gate between a package and its newest release, and the one that decides. */
#include <stdio.h>
#include <string.h>

#include "tools/haishin/cli.h"
#include "tools/haishin/language.h"
#include "tools/haishin/output.h"
#include "tools/haishin/words.h"

static void print_gates(const json_t *explanation)
{
	AUTO(table) struct table *table = table_new(4);
	const char *decides = output_text(explanation, "decides");
	const json_t *gate;
	size_t i;

	json_array_foreach (json_object_get(explanation, "gates"), i, gate) {
		const char *name = output_text(gate, "gate");
		bool open = json_is_true(json_object_get(gate, "open"));

		table_add(table, (const char *[]){strcmp(name, decides) == 0 ? "=>" : "", words_of_gate(name),
					 open ? _("yes") : _("no"), output_text(gate, "value")});
	}
	table_print(table, false);
}

static void print_explanation(const json_t *explanation)
{
	const char *decides = output_text(explanation, "decides");

	output_line("%s: %s", output_text(explanation, "package"), words_of_state(output_text(explanation, "state")));
	print_gates(explanation);
	if (*decides)
		output_line(_("It is not delivered now. What decides: \"%s\" is not so."), words_of_gate(decides));
	else
		output_line(_("It may be delivered now."));
	(void)putchar('\n');
}

int verb_explain(const struct cli *cli)
{
	int exit_status = 0;
	json_t *parameters = json_object(), *answer;
	const json_t *explanation;
	size_t i;

	cli_add_text(parameters, "package", cli->words_count ? cli->words[0] : NULL);
	if (!(answer = cli_ask(cli, "Explain", parameters, &exit_status)))
		return exit_status;
	if (!cli->json)
		json_array_foreach (json_object_get(answer, "packages"), i, explanation)
			print_explanation(explanation);
	return cli_done(cli, answer);
}
