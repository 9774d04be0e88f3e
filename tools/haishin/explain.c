/* haishin explain [PACKAGE]: every gate between a package and its newest release, what stands there and where that
 * comes from, and the gate that decides. */
#include <stdio.h>
#include <string.h>

#include "tools/haishin/cli.h"
#include "tools/haishin/language.h"
#include "tools/haishin/output.h"
#include "tools/haishin/words.h"

/* "5.0.2 -> 5.1.0 (catalog 12)"; an error in the words of staff in its place. */
static void describe(const json_t *gate, char *ret_text, size_t size)
{
	const char *value = output_text(gate, "value"), *code = output_text(gate, "code");
	char source[OUTPUT_CELL_SIZE];
	struct words_error words;

	if (*code) {
		words_of_error(code, &words);
		value = words.sentence;
	}
	words_of_source(output_text(gate, "source"), source, sizeof(source));
	if (*value && *source)
		(void)snprintf(ret_text, size, "%s (%s)", value, source);
	else
		(void)snprintf(ret_text, size, "%s%s", value, source);
}

static void add_gate(struct table *table, const json_t *gate, bool decides)
{
	const char *detail = output_text(gate, "detail");
	bool open = json_is_true(json_object_get(gate, "open"));
	char text[2 * OUTPUT_CELL_SIZE], note[OUTPUT_CELL_SIZE + 64];

	describe(gate, text, sizeof(text));
	table_add(table, (const char *[]){decides ? "=>" : "", words_of_gate(output_text(gate, "gate")),
				 open ? _("yes") : _("no"), text});
	if (!*detail)
		return;
	(void)snprintf(note, sizeof(note), _("(for support: %s)"), detail);
	table_add_note(table, note);
}

static void print_explanation(const json_t *explanation)
{
	AUTO(table) struct table *table = table_new(4);
	const char *decides = output_text(explanation, "decides"), *newest = output_text(explanation, "newest");
	const json_t *gate;
	size_t i;

	output_line("%s %s%s%s: %s", output_text(explanation, "package"), output_text(explanation, "version"),
		*newest ? " -> " : "", newest, words_of_state(output_text(explanation, "state")));
	json_array_foreach (json_object_get(explanation, "gates"), i, gate)
		add_gate(table, gate, strcmp(output_text(gate, "gate"), decides) == 0);
	table_print(table, false);
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
