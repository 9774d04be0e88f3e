/* haishin code: what the eight characters say that somebody has read out. Needs no agent: it is for the other end of the telephone. */
#include <stdio.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/support_code.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

static void print_sentence(const char *head, const struct words_advice *words)
{
	output_line("%s: %s", head, words->sentence);
	output_line(_("Next step: %s"), words->next);
}

static void print_packages(const struct support_case *said)
{
	AUTO(table) struct table *table = table_new(3);

	for (size_t i = 0; i < SUPPORT_PACKAGES; i++)
		if (said->packages[i])
			table_add(
				table, (const char *[]){support_package_name(i), words_of_standing(said->packages[i]),
					       words_of_package(support_package_name(i))});
	table_print(table, true);
}

static void print_contact(int contact)
{
	if (contact == SUPPORT_CONTACT_UNKNOWN)
		output_line(_("Last contact with the server: never, or not known"));
	else if (contact == SUPPORT_CONTACT_LONG_AGO)
		output_line(_("Last contact with the server: 30 days ago or longer"));
	else if (contact == 1)
		output_line(_("Last contact with the server: within a day"));
	else
		output_line(ngettext("Last contact with the server: %d day ago",
				    "Last contact with the server: %d days ago", (unsigned long)contact - 1),
			contact - 1);
}

static void print_case(const struct support_case *said)
{
	struct words_advice words;

	if (said->finding) {
		words_of_finding(said->finding, &words);
		print_sentence(_("The doctor"), &words);
	} else {
		output_line(_("The doctor: was not asked, or found what this program does not know."));
	}
	if (said->reason) {
		words_of_reason(said->reason, &words);
		print_sentence(_("The verdict"), &words);
	} else {
		output_line(_("The verdict: no agent answered, or it gave one that this program does not know."));
	}
	print_packages(said);
	print_contact(said->contact);
}

static json_t *packages_json(const struct support_case *said)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SUPPORT_PACKAGES; i++)
		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("name", support_package_name(i)),
							  json_text_or_null("standing", said->packages[i]),
						  }));
	return list;
}

static int read_code(const struct cli *cli)
{
	struct support_case said;

	if (!support_code_read(cli->words[0], &said))
		return cli_fail_in_words(cli, ERROR_USAGE, "the checksum is wrong, or it has not eight characters",
			_("This is no code of haishin: a character is missing, wrong, or in another place."),
			_("Have it read out again, character by character."));
	if (!cli->json)
		print_case(&said);
	return cli_done(cli, JSON_OBJECT({
				     json_text_or_null("finding", said.finding),
				     json_text_or_null("reason", said.reason),
				     json_take("packages", packages_json(&said)),
				     json_number("contact", said.contact),
			     }));
}

const struct verb verb_code = {
	.name = "code",
	.words = "XXXX-XXXX",
	.words_least = 1,
	.words_most = 1,
	.meaning = N_("what the short code says that 'haishin doctor' or the window showed"),
	.run = read_code,
};
