#include "tools/haishin/ask/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/command_line/language.h"
#include "tools/haishin/ask/alone.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"

void cli_add_text(json_t *object, const char *key, const char *text)
{
	if (text)
		(void)json_object_set_new(object, key, json_string(text));
}

json_t *cli_ask(const struct cli *cli, const char *method, json_t *take_parameters, int *ret_status)
{
	return cli_ask_for(cli, method, take_parameters, NULL, ret_status);
}

static void print_for_support(const char *detail)
{
	char text[DETAILS_SIZE];

	(void)fprintf(stderr, _("  (for support: %s)\n"), details_text(detail, text));
}

static int fail_as_json(const struct client_answer *answer, const struct words_advice *words)
{
	AUTO(json)
	json_t *error = JSON_OBJECT({
		json_text("error", answer->code),
		json_text_if(
			"message", text_is_utf8(answer->message, strlen(answer->message)) ? answer->message : NULL),
		json_text("sentence", words->sentence),
		json_text("next", words->next),
	});

	if (json_is_object(answer->parameters))
		(void)json_object_update_missing(error, answer->parameters);
	output_json(error, answer->exit_status);
	return answer->exit_status;
}

/* What somebody has typed does not act on the terminal. */
static void __attribute__((__format__(__printf__, 1, 2))) tell(const char *fmt, ...)
{
	char line[512], printable[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	text_printable(line, printable, sizeof(printable));
	(void)fprintf(stderr, "%s\n", printable);
}

static void tell_who_disabled(const json_t *pause)
{
	tell(_("  Disabled by %s."), output_text(pause, "who"));
	if (*output_text(pause, "why"))
		tell(_("  Reason: %s"), output_text(pause, "why"));
}

static int fail_with_words(const struct cli *cli, const struct client_answer *answer, const struct words_advice *words)
{
	const json_t *pause = json_object_get(answer->parameters, "disabled");

	if (cli->json)
		return fail_as_json(answer, words);
	(void)fflush(stdout);
	(void)fprintf(stderr, "haishin: %s\n", words->sentence);
	if (json_is_object(pause))
		tell_who_disabled(pause);
	if (strcmp(answer->code, "throttled") == 0)
		(void)fprintf(stderr, _("  Try again in %lld seconds.\n"),
			(long long)output_number(answer->parameters, "seconds_left"));
	else
		(void)fprintf(stderr, "  %s\n", words->next);
	if (*answer->message && strcmp(answer->code, "interrupted") != 0)
		print_for_support(answer->message);
	return answer->exit_status;
}

/* No agent runs: what may keep it from that is told with it. */
static int fail_alone(const struct cli *cli, const struct client_answer *answer, const struct words_advice *words)
{
	AUTO(json) json_t *problems = alone_problems(&cli->args);
	AUTO(json) json_t *parameters = JSON_OBJECT({json_share("problems", problems)});
	struct client_answer with_problems = *answer;
	const json_t *problem;
	size_t i;

	with_problems.parameters = parameters;
	if (!cli->json && json_array_size(problems)) {
		struct words_advice cause = *words, first;

		words_of_reason(output_text(json_array_get(problems, 0), "reason"), &first);
		cause.next = first.next;
		(void)fail_with_words(cli, answer, &cause);
	} else {
		(void)fail_with_words(cli, &with_problems, words);
	}
	if (!cli->json)
		json_array_foreach (problems, i, problem) {
			struct words_advice cause;

			words_of_reason(output_text(problem, "reason"), &cause);
			(void)fprintf(stderr, "! %s\n", cause.sentence);
			print_for_support(output_text(problem, "detail"));
		}
	return answer->exit_status;
}

int cli_fail(const struct cli *cli, const struct client_answer *answer)
{
	struct words_advice words;

	words_of_error(client_words_code(answer), &words);
	if (strcmp(answer->code, "no-agent") == 0)
		return fail_alone(cli, answer, &words);
	return fail_with_words(cli, answer, &words);
}

json_t *cli_ask_for(const struct cli *cli, const char *method, json_t *take_parameters,
	const struct words_advice *not_found, int *ret_status)
{
	AUTO(client_answer) struct client_answer answer = {0};

	if (client_call(cli->socket_path, method, take_parameters, NULL, NULL, &answer) == 0)
		return take_ptr(&answer.parameters);
	if (not_found && strcmp(answer.code, error_code_name(ERROR_NOT_FOUND)) == 0)
		*ret_status = fail_with_words(cli, &answer, not_found);
	else
		*ret_status = cli_fail(cli, &answer);
	return NULL;
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	struct client_answer answer = {.code = "usage", .exit_status = error_exit_status(ERROR_USAGE)};
	struct words_advice words;
	char sentence[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), _(fmt), args);
	va_end(args);
	va_start(args, fmt);
	if (cli->json)
		(void)vsnprintf(answer.message, sizeof(answer.message), fmt, args);
	va_end(args);
	words_of_error(answer.code, &words);
	words.sentence = sentence;
	return fail_with_words(cli, &answer, &words);
}

int cli_fail_with(const struct cli *cli, enum error_code code, const char *message)
{
	struct words_advice words;

	words_of_error(error_code_name(code), &words);
	return cli_fail_in_words(cli, code, message, words.sentence, words.next);
}

int cli_fail_in_words(
	const struct cli *cli, enum error_code code, const char *message, const char *sentence, const char *next)
{
	const struct words_advice words = {.sentence = sentence, .next = next};
	struct client_answer answer = {.exit_status = error_exit_status(code)};

	(void)snprintf(answer.code, sizeof(answer.code), "%s", error_code_name(code));
	(void)snprintf(answer.message, sizeof(answer.message), "%s", message);
	return fail_with_words(cli, &answer, &words);
}

int cli_done(const struct cli *cli, json_t *take_answer)
{
	AUTO(json) json_t *answer = take_answer;

	if (cli->json)
		output_json(answer, 0);
	return 0;
}
