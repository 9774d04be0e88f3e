/* haishin explain [PACKAGE]: every gate between a package and its newest release, what stands there and where that
 * comes from, and the gate that decides. */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/command_line/language.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

/* What stands at the gate: an error in the words of staff, or the value. */
static const char *value_of(const json_t *gate)
{
	const char *code = output_text(gate, "code");
	struct words_advice words;

	if (!*code)
		return output_text(gate, "value");
	words_of_error(code, &words);
	return words.sentence;
}

/* "5.0.2 -> 5.1.0 (catalog 12)" in one cell of ROOM columns where it fits, else the source on a line of its own. */
static void describe(const json_t *gate, int room, char *ret_text, char *ret_note, size_t size)
{
	const char *value = value_of(gate);
	char source[OUTPUT_CELL_SIZE];

	words_of_source(output_text(gate, "source"), source, sizeof(source));
	ret_note[0] = '\0';
	if (!*value || !*source)
		(void)snprintf(ret_text, size, "%s%s", value, source);
	else
		(void)snprintf(ret_text, size, "%s (%s)", value, source);
	if (!*value || !*source || text_columns(ret_text) <= room)
		return;
	(void)snprintf(ret_text, size, "%s", value);
	(void)snprintf(ret_note, size, "(%s)", source);
}

static void add_gate(struct table *table, const json_t *gate, int room, bool decides)
{
	const char *detail = output_text(gate, "detail");
	bool open = json_is_true(json_object_get(gate, "open"));
	char text[2 * OUTPUT_CELL_SIZE], note[2 * OUTPUT_CELL_SIZE], words[DETAILS_SIZE];

	describe(gate, room, text, note, sizeof(text));
	table_add(table, (const char *[]){decides ? "=>" : "", words_of_gate(output_text(gate, "gate")),
				 open ? _("met") : _("not met"), text});
	if (*note)
		table_add_note(table, note);
	if (!*detail)
		return;
	(void)snprintf(note, sizeof(note), _("(for support: %s)"), details_text(detail, words));
	table_add_note(table, note);
}

/* Columns that are left for the last cell. */
static int room_for_values(const json_t *gates)
{
	int widest = 0, answer = text_columns(_("met")) > text_columns(_("not met")) ? text_columns(_("met"))
										     : text_columns(_("not met"));
	const json_t *gate;
	size_t i;

	json_array_foreach (gates, i, gate) {
		int columns = text_columns(words_of_gate(output_text(gate, "gate")));

		widest = columns > widest ? columns : widest;
	}
	return OUTPUT_WIDTH - (2 + 2 + 2 + widest + 2 + answer + 2);
}

static void print_explanation(const json_t *explanation)
{
	AUTO(table) struct table *table = table_new(4);
	const char *decides = output_text(explanation, "decides"), *newest = output_text(explanation, "newest");
	const json_t *gates = json_object_get(explanation, "gates");
	const json_t *gate;
	size_t i;

	output_line("%s %s%s%s: %s", output_text(explanation, "package"), output_text(explanation, "version"),
		*newest ? " -> " : "", newest, words_of_state(output_text(explanation, "state")));
	json_array_foreach (gates, i, gate)
		add_gate(table, gate, room_for_values(gates), strcmp(output_text(gate, "gate"), decides) == 0);
	table_print(table, false);
	if (strcmp(decides, "newer") == 0)
		output_line("%s", _("It is at its newest version: there is nothing to deliver."));
	else if (*decides)
		output_line(_("It is not delivered now. What decides: \"%s\" is not so."), words_of_gate(decides));
	if (*decides)
		output_line(_("Next step: %s"), words_of_opening(decides));
	else
		output_line(_("It may be delivered now."));
	(void)putchar('\n');
}

static int explain(const struct cli *cli)
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

const struct verb verb_explain = {
	.name = "explain",
	.words = "[PACKAGE]",
	.words_most = 1,
	.meaning = N_("why a package is, or is not, delivered now"),
	.run = explain,
};
