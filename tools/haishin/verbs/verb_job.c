/* haishin check, haishin download-now: start a job of the agent, watch it, and say what is next. */
#include "tools/haishin/verbs/verb_job.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/progress.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

/* Nothing to do: that a call was interrupted is what ends the watching. */
static void notice_interrupt(int number)
{
	(void)number;
}

static void watch_for_interrupt(void)
{
	struct sigaction action = {.sa_handler = notice_interrupt};
	sigset_t interrupt;

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigemptyset(&interrupt);
	(void)sigaddset(&interrupt, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &interrupt, NULL); /* the call unblocks it while it waits */
}

/* False where the turn of this terminal has come with every package. */
static bool print_not_its_turn(const json_t *result)
{
	long long packages = output_number(result, "not_its_turn");

	if (packages > 0)
		output_line(
			ngettext("%lld newer version is being introduced step by step; the turn of this terminal has "
				 "not come.",
				"%lld newer versions are being introduced step by step; the turn of this terminal has "
				"not come.",
				(unsigned long)packages),
			packages);
	return packages > 0;
}

void job_print_result(const json_t *result)
{
	long long staged = output_number(result, "staged"), available = output_number(result, "available");

	if (staged > 0)
		output_line(
			ngettext("%lld package is ready. Restart this terminal to use it.",
				"%lld packages are ready. Restart this terminal to use them.", (unsigned long)staged),
			staged);
	if (available > 0)
		output_line(ngettext("%lld package could not be brought now; 'haishin explain' says why.",
				    "%lld packages could not be brought now; 'haishin explain' says why.",
				    (unsigned long)available),
			available);
	if (!print_not_its_turn(result) && staged <= 0 && available <= 0)
		output_line(_("There is nothing new to download."));
}

int job_watch(const struct cli *cli, const char *method, json_t *take_parameters, json_t **ret_answer)
{
	AUTO(client_answer) struct client_answer answer = {0};
	struct progress progress;
	int ret;

	watch_for_interrupt();
	progress_init(&progress, cli->json);
	ret = client_call(cli->socket_path, method, take_parameters, progress_take, &progress, &answer);
	progress_end(&progress);
	if (ret < 0) {
		if (!cli->json && output_number(json_object_get(answer.parameters, "result"), "staged") > 0)
			job_print_result(json_object_get(answer.parameters, "result"));
		return cli_fail(cli, &answer);
	}
	*ret_answer = take_ptr(&answer.parameters);
	return 0;
}

static int check(const struct cli *cli)
{
	json_t *answer = NULL;
	int status = job_watch(cli, "Check", NULL, &answer);
	long long available = output_number(json_object_get(answer, "result"), "available");

	if (!answer)
		return status;
	if (!cli->json && available > 0)
		output_line(ngettext("%lld package has a newer version. It comes in the next window, or with "
				     "'haishin download-now'.",
				    "%lld packages have newer versions. They come in the next window, or with "
				    "'haishin download-now'.",
				    (unsigned long)available),
			available);
	if (!cli->json && !print_not_its_turn(json_object_get(answer, "result")) && available <= 0)
		output_line(_("The server was asked. There is nothing new."));
	return cli_done(cli, answer);
}

const struct verb verb_check = {
	.name = "check",
	.words = "",
	.meaning = N_("ask the server what is new; download nothing"),
	.run = check,
};

/* Each package that did not come, with what keeps it and who can change that. */
static void tell_gates(const struct cli *cli)
{
	AUTO(client_answer) struct client_answer answer = {0};
	const json_t *package;
	size_t i;

	if (client_call(cli->socket_path, "Explain", NULL, NULL, NULL, &answer) < 0)
		return;
	json_array_foreach (json_object_get(answer.parameters, "packages"), i, package) {
		const char *decides = output_text(package, "decides");

		if (*decides && strcmp(decides, "newer") != 0 && strcmp(decides, "restart") != 0)
			output_line(_("! %s: \"%s\" is not so. %s"), output_text(package, "package"),
				words_of_gate(decides), words_of_opening(decides));
	}
}

static int download_now(const struct cli *cli)
{
	json_t *answer = NULL;
	int status = job_watch(cli, "DownloadNow", NULL, &answer);

	if (!answer)
		return status;
	if (!cli->json)
		job_print_result(json_object_get(answer, "result"));
	if (!cli->json && output_number(json_object_get(answer, "result"), "available") > 0)
		tell_gates(cli);
	return cli_done(cli, answer);
}

const struct verb verb_download_now = {
	.name = "download-now",
	.words = "",
	.meaning = N_("download what is new now"),
	.run = download_now,
};
