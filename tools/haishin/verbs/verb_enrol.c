/* haishin enrol ADDRESS [CODE]: this terminal's certificate, for a one-time code. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/verbs/verb_job.h"
#include "tools/haishin/verbs/verbs.h"

#define CODE_SIZE 256

/* One line of the standard input; where that is a terminal, it is asked for first, and not shown. */
static bool read_code(char ret_code[static CODE_SIZE])
{
	struct termios before, silent;
	bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0, has_line;

	if (is_terminal) {
		(void)fputs(_("Code: "), stderr);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	has_line = fgets(ret_code, CODE_SIZE, stdin) != NULL;
	if (is_terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		(void)fputc('\n', stderr);
	}
	if (has_line)
		ret_code[strcspn(ret_code, "\r\n")] = '\0';
	return has_line && *ret_code;
}

static int enrol(const struct cli *cli)
{
	char code[CODE_SIZE] = "";
	json_t *answer = NULL;
	int status;

	if (!cli->words[1] && !read_code(code))
		return cli_usage(cli, N_("There is no code: give it behind the address, or on the standard input."));
	status = job_watch(cli, "Enrol",
		JSON_OBJECT({json_text("url", cli->words[0]), json_text("code", cli->words[1] ? cli->words[1] : code)}),
		&answer);
	explicit_bzero(code, sizeof(code));
	if (!answer)
		return status;
	if (!cli->json)
		output_line(_("This terminal has its certificate. Next: haishin check"));
	return cli_done(cli, answer);
}

const struct verb verb_enrol = {
	.name = "enrol",
	.words = "ADDRESS [CODE]",
	.words_least = 1,
	.words_most = 2,
	.meaning = N_("get this terminal's certificate for a one-time code"),
	.run = enrol,
};
