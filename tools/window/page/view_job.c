#include <string.h>

#include "common/auto.h"
#include "common/command_line/language.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/progress.h"
#include "tools/haishin/draw/support_code.h"
#include "tools/haishin/draw/words.h"
#include "tools/window/page/view.h"

#define TEXT_SIZE 512

/* Of all packages together, 0 to 100: those that are there, and a share of the one at work; -1 where it cannot be told. */
static int64_t share_of(const json_t *step)
{
	int64_t of = output_number(step, "of"), number = output_number(step, "number");
	int64_t bytes = output_number(step, "bytes"), total = output_number(step, "total");
	double here = total > 0 ? (double)(bytes < total ? bytes : total) / (double)total : 0;

	if (of <= 0 || number <= 0 || number > of)
		return -1;
	if (strcmp(output_text(step, "state"), "staged") == 0)
		here = 1;
	return (int64_t)(((double)(number - 1) + here) / (double)of * 100);
}

json_t *view_progress(const char *job, const json_t *progress)
{
	char text[TEXT_SIZE] = "", amount[TEXT_SIZE] = "";

	if (strcmp(output_text(progress, "state"), "hop") == 0)
		return JSON_OBJECT({json_text("job", job), json_text("word", words_of_job(job)),
			json_take("hop", view_hop(progress))});
	if (*output_text(progress, "state"))
		progress_describe(progress, text, sizeof(text));
	progress_amount(progress, PROGRESS_WHOLE, amount, sizeof(amount));
	return JSON_OBJECT({
		json_text("job", job),
		json_text("word", words_of_job(job)),
		json_text("text", text),
		json_text("amount", amount),
		json_number("share", share_of(progress)),
	});
}

json_t *view_result(const char *job, const json_t *result)
{
	const char *code = output_text(result, "error");
	bool is_well = strcmp(code, error_code_name(ERROR_NONE)) == 0;
	struct words_advice words = {.sentence = "", .next = ""};
	char detail[DETAILS_SIZE];

	if (!is_well)
		words_of_error(code, &words);
	return JSON_OBJECT({
		json_text("job", job),
		json_flag("ok", is_well),
		json_number("staged", output_number(result, "staged")),
		json_number("available", output_number(result, "available")),
		json_text("sentence", words.sentence),
		json_text("next", words.next),
		json_text("detail", view_detail(output_text(result, "message"), detail)),
	});
}

const char *view_detail(const char *detail, char ret_text[static DETAILS_SIZE])
{
	char words[DETAILS_SIZE];

	return output_times(details_text(detail, words), ret_text, DETAILS_SIZE);
}

/* ---- The doctor ---- */

/* Where on the picture of the way a hop is. */
static const char *place_of(const char *hop)
{
	static const char *const places[][2] = {{"link", "lan"}, {"proxy", "proxy"}, {"name", "lan"}, {"address", "lan"},
		{"tls", "server"}, {"server", "server"}, {"trust", "server"}};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (strcmp(places[i][0], hop) == 0)
			return places[i][1];
	return "terminal";
}

json_t *view_hop(const json_t *hop)
{
	const char *finding = output_text(hop, "finding");
	struct words_advice words = {.sentence = "", .next = ""};
	char subject[DETAILS_SIZE], detail[DETAILS_SIZE];

	if (*finding)
		words_of_finding(finding, &words);
	return JSON_OBJECT({
		json_text("place", place_of(output_text(hop, "hop"))),
		json_text("word", words_of_hop(output_text(hop, "hop"))),
		json_text("outcome", output_text(hop, "outcome")),
		json_text("outcome_word", words_of_hop_outcome(output_text(hop, "outcome"))),
		json_text("subject", output_times(output_text(hop, "subject"), subject, sizeof(subject))),
		json_text("sentence", words.sentence),
		json_text("detail", view_detail(output_text(hop, "detail"), detail)),
	});
}

json_t *view_finding(const json_t *worst, const json_t *status)
{
	const char *finding = worst ? output_text(worst, "finding") : "nothing";
	char code[SUPPORT_CODE_SIZE];
	struct words_advice words;

	words_of_finding(finding, &words);
	support_code_make(status, finding, code);
	return JSON_OBJECT({
		json_text("place", worst ? place_of(output_text(worst, "hop")) : ""),
		json_text("outcome", worst ? output_text(worst, "outcome") : "ok"),
		json_text("sentence", words.sentence),
		json_text("next", words.next),
		json_text("code", code),
	});
}

/* ---- What could not be done ---- */

json_t *view_error(const struct client_answer *answer)
{
	struct words_advice words;
	char detail[DETAILS_SIZE];

	words_of_error(client_words_code(answer), &words);
	return JSON_OBJECT({
		json_flag("ok", false),
		json_text("code", answer->code),
		json_text("sentence", words.sentence),
		json_text("next", words.next),
		json_text("detail", view_detail(answer->message, detail)),
		json_number("seconds_left", output_number(answer->parameters, "seconds_left")),
	});
}
