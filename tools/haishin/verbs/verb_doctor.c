/* haishin doctor: the way from this terminal's settings to the server's signed words, hop by hop; what is wrong, and
 * what to do. Where no agent runs it looks at what may keep it from running. */
#include <stdio.h>
#include <string.h>

#include "agent/machine/machine.h"
#include "agent/machine/machine_files.h"
#include "agent/base/doctor_machine.h"
#include "agent/config/config.h"
#include "agent/config/config_mistake.h"
#include "common/platform.h"
#include "common/process.h"
#include "common/text.h"
#include "common/command_line/language.h"
#include "tools/haishin/ask/alone.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/support_code.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

#define SERVICE "haishind.service"

struct walk {
	const struct cli *cli;
	json_t *hops;
	const json_t *worst; /* the first that failed, or else the first with a warning; borrowed */
};

/* ---- Hops. ---- */

static int widest(const char *(*word_at)(size_t at))
{
	int width = 0;

	for (size_t i = 0; word_at(i); i++)
		if (text_columns(word_at(i)) > width)
			width = text_columns(word_at(i));
	return width;
}

static void print_hop(const json_t *hop)
{
	const char *name = words_of_hop(output_text(hop, "hop"));
	const char *outcome = words_of_hop_outcome(output_text(hop, "outcome"));
	char subject[512], detail[DETAILS_SIZE], words_of_detail[DETAILS_SIZE];
	struct words_advice words;

	output_line("  %s%*s  %s%*s  %s", outcome, widest(words_hop_outcome_at) - text_columns(outcome), "", name,
		widest(words_hop_at) - text_columns(name), "",
		output_times(output_text(hop, "subject"), subject, sizeof(subject)));
	if (*output_text(hop, "finding")) {
		words_of_finding(output_text(hop, "finding"), &words);
		output_line("      %s", words.sentence);
	}
	if (*output_text(hop, "detail"))
		output_line(_("      (for support: %s)"),
			output_times(details_text(output_text(hop, "detail"), words_of_detail), detail, sizeof(detail)));
	(void)fflush(stdout);
}

static void take_hop(struct walk *walk, json_t *take_hop)
{
	const char *outcome = output_text(take_hop, "outcome");
	const char *worst = output_text(walk->worst, "outcome");

	(void)json_object_del(take_hop, "state");
	if (strcmp(outcome, "failed") == 0 ? strcmp(worst, "failed") != 0
					   : strcmp(outcome, "warning") == 0 && !walk->worst)
		walk->worst = take_hop;
	if (!walk->cli->json)
		print_hop(take_hop);
	(void)json_array_append_new(walk->hops, take_hop);
}

static void take_progress(void *context, const json_t *parameters)
{
	const json_t *progress = json_object_get(parameters, "progress");

	if (strcmp(output_text(progress, "state"), "hop") == 0)
		take_hop(context, json_copy((json_t *)progress));
}

static void add_hop(struct walk *walk, enum doctor_hop_kind at, enum doctor_outcome outcome, enum doctor_finding finding,
	const char *subject, const struct error *why)
{
	take_hop(walk, JSON_OBJECT({
			       json_text("hop", doctor_hop_kind_name(at)),
			       json_text("outcome", doctor_outcome_name(outcome)),
			       json_text_if("finding", finding ? doctor_finding_name(finding) : NULL),
			       json_text("subject", subject),
			       json_text_if("code", why ? error_code_name(why->code) : NULL),
			       json_number("exit", outcome == DOCTOR_FAILED ? error_exit_status(why->code) : 0),
			       json_text_if("detail", why ? why->text : NULL),
		       }));
}

/* ---- Without an agent. ---- */

/* As the agent tells them. */
static void take_machine_hop(void *context, const struct doctor_hop *hop)
{
	struct error why = {.code = hop->code};

	(void)snprintf(why.text, sizeof(why.text), "%s", hop->detail);
	add_hop(context, hop->at, hop->outcome, hop->finding, hop->subject, hop->outcome == DOCTOR_OK ? NULL : &why);
}

static void walk_configuration(struct walk *walk)
{
	AUTO(config) struct config config = {0};
	struct machine machine = {0};
	struct error why = {0};

	if (alone_look(&walk->cli->args, &config, &machine, &why) < 0) {
		add_hop(walk, DOCTOR_HOP_CONFIGURATION, DOCTOR_FAILED,
			doctor_machine_finding(machine_settings_fault(&why)), "", &why);
		return;
	}
	if (config_mistake_refuse(&config.unknowns, &why) < 0)
		add_hop(walk, DOCTOR_HOP_CONFIGURATION, DOCTOR_WARNING, FINDING_SETTING_UNKNOWN,
			config.server_urls.items[0], &why);
	else
		add_hop(walk, DOCTOR_HOP_CONFIGURATION, DOCTOR_OK, FINDING_NOTHING, config.server_urls.items[0], NULL);
	doctor_machine_tell(&config, &machine, take_machine_hop, walk);
}

static void walk_service(struct walk *walk)
{
	struct processes processes;
	struct error why = {0};

	if (args_has(&walk->cli->args, "root") || args_has(&walk->cli->args, "config"))
		return;
	processes_init(&processes);
	(void)error_set(&why, ERROR_FAILED, "systemctl says that %s is not enabled", SERVICE);
	if (platform_service(&processes, SERVICE) == PLATFORM_SERVICE_DISABLED)
		add_hop(walk, DOCTOR_HOP_SERVICE, DOCTOR_FAILED, FINDING_SERVICE_DISABLED, SERVICE, &why);
}

static void walk_without_agent(struct walk *walk, const struct client_answer *answer)
{
	struct error why = {0};

	walk_configuration(walk);
	walk_service(walk);
	(void)error_set(&why, ERROR_FAILED, "%s", answer->message);
	add_hop(walk, DOCTOR_HOP_AGENT, DOCTOR_FAILED,
		args_has(&walk->cli->args, "root") ? FINDING_AGENT_STOPPED_BELOW_ROOT : FINDING_AGENT_STOPPED,
		walk->cli->socket_path, &why);
}

/* ---- The verdict. ---- */

/* The status is another question; where nobody answers it, the code does without. */
static void make_code(const struct walk *walk, const char *finding, char ret_code[static SUPPORT_CODE_SIZE])
{
	AUTO(client_answer) struct client_answer answer = {0};
	bool is_told = client_call(walk->cli->socket_path, "GetStatus", NULL, NULL, NULL, &answer) == 0;

	support_code_make(is_told ? answer.parameters : NULL, finding, ret_code);
}

static int conclude(const struct walk *walk)
{
	const char *finding = output_text(walk->worst, "finding");
	int exit_status = (int)output_number(walk->worst, "exit");
	char code[SUPPORT_CODE_SIZE];
	struct words_advice words;

	words_of_finding(*finding ? finding : doctor_finding_name(FINDING_NOTHING), &words);
	make_code(walk, *finding ? finding : doctor_finding_name(FINDING_NOTHING), code);
	if (walk->cli->json) {
		AUTO(json)
		json_t *answer = JSON_OBJECT({
			json_text_or_null("finding", *finding ? finding : NULL),
			json_text("sentence", words.sentence),
			json_text("next", words.next),
			json_text("support_code", code),
			json_share("hops", walk->hops),
		});

		output_json(answer, exit_status);
	} else {
		(void)putchar('\n');
		output_line("%s", words.sentence);
		output_line(_("Next step: %s"), words.next);
		output_line(_("Code for the call centre: %s"), code);
	}
	return exit_status;
}

/* The terminal's own where its settings can be read; else the machine's. */
static void choose_zone(const struct cli *cli)
{
	AUTO(config) struct config config = {0};
	struct fs fs;

	fs_init(&fs);
	if (config_load(&fs, args_get(&cli->args, "config"), args_get(&cli->args, "root"), &config, NULL) == 0)
		output_set_zone(config.zone_name);
}

static int consult_doctor(const struct cli *cli)
{
	AUTO(client_answer) struct client_answer answer = {0};
	AUTO(json) json_t *hops = json_array();
	struct walk walk = {.cli = cli, .hops = hops};

	choose_zone(cli);
	if (client_call(cli->socket_path, "Doctor", NULL, take_progress, &walk, &answer) < 0) {
		if (strcmp(answer.code, "no-agent") != 0)
			return cli_fail(cli, &answer);
		walk_without_agent(&walk, &answer);
	}
	return conclude(&walk);
}

const struct verb verb_doctor = {
	.name = "doctor",
	.words = "",
	.meaning = N_("walk the way to the server and say what is wrong"),
	.run = consult_doctor,
};
