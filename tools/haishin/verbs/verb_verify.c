/* haishin verify [PACKAGE]: is what is installed still what was delivered, file by file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/progress.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"
#include "updater/inspect/inspect_kinds.h"

struct verifying {
	const struct cli *cli;
	struct progress progress;
	json_t *packages; /* what came of each */
	json_t *findings; /* of the one at work */
};

static const char *const kinds[INSPECT_KINDS] = {
#define KIND_NAME(enumerator, name, word) name,
	EACH_INSPECT_KIND(KIND_NAME)
#undef KIND_NAME
};

static int64_t count_of(const json_t *package)
{
	int64_t count = 0;

	for (size_t i = 0; i < INSPECT_KINDS; i++)
		count += output_number(package, kinds[i]);
	return count;
}

static void print_finding(struct verifying *verifying, const json_t *finding)
{
	progress_end(&verifying->progress);
	output_line("  %s: %s", words_of_inspection(output_text(finding, "kind")), output_text(finding, "path"));
}

static void print_package(struct verifying *verifying, const json_t *package)
{
	const json_t *sound = json_object_get(package, "sound");
	int64_t told = (int64_t)json_array_size(verifying->findings);

	progress_end(&verifying->progress);
	if (count_of(package) > told)
		output_line(_("  ... and %lld more"), (long long)(count_of(package) - told));
	if (json_is_null(sound))
		output_line(_("%s: not installed"), output_text(package, "package"));
	else if (json_is_true(sound))
		output_line(_("%s %s: all %lld files are as they were delivered"), output_text(package, "package"),
			output_text(package, "version"), (long long)output_number(package, "files"));
	else if (*output_text(package, "list_fault"))
		output_line(_("%s %s: the list of its files is missing or was changed; it comes with the next contact"),
			output_text(package, "package"), output_text(package, "version"));
	else
		output_line(_("%s %s: %lld files are not as they were delivered"), output_text(package, "package"),
			output_text(package, "version"), (long long)count_of(package));
	(void)fflush(stdout);
}

static json_t *without_state(const json_t *step)
{
	json_t *copy = json_copy((json_t *)step);

	(void)json_object_del(copy, "state");
	return copy;
}

static void take_package(struct verifying *verifying, const json_t *step)
{
	json_t *package = without_state(step);

	if (!verifying->cli->json)
		print_package(verifying, package);
	(void)json_object_set(package, "findings", verifying->findings);
	(void)json_array_append_new(verifying->packages, package);
	json_decref(verifying->findings);
	verifying->findings = json_array();
}

static void take_part(void *context, const json_t *parameters)
{
	struct verifying *verifying = context;
	const json_t *step = json_object_get(parameters, "progress");
	const char *state = output_text(step, "state");

	if (strcmp(state, "finding") == 0) {
		if (!verifying->cli->json)
			print_finding(verifying, step);
		(void)json_array_append_new(verifying->findings, without_state(step));
	} else if (strcmp(state, "verified") == 0) {
		take_package(verifying, step);
	} else {
		progress_take(&verifying->progress, parameters);
	}
}

/* Damage is the answer to what was asked, and still no success for a script. */
static int conclude(const struct verifying *verifying, const json_t *result)
{
	int64_t damaged = output_number(result, "damaged");
	int exit_status = damaged ? error_exit_status(ERROR_DAMAGED) : 0;

	if (verifying->cli->json) {
		AUTO(json)
		json_t *answer = JSON_OBJECT({
			json_flag("sound", !damaged),
			json_number("damaged", damaged),
			json_share("packages", verifying->packages),
		});

		output_json(answer, exit_status);
	} else if (damaged) {
		output_line(_("Next step: %s"),
			_("Leave the terminal on tonight, or run 'haishin download-now', then restart; only what is "
			  "missing is downloaded."));
	}
	return exit_status;
}

static int verify(const struct cli *cli)
{
	AUTO(client_answer) struct client_answer answer = {0};
	AUTO(json) json_t *packages = json_array();
	struct verifying verifying = {.cli = cli, .packages = packages, .findings = json_array()};
	json_t *parameters = json_object();
	int ret;

	progress_init(&verifying.progress, cli->json);
	cli_add_text(parameters, "package", cli->words_count ? cli->words[0] : NULL);
	ret = client_call(cli->socket_path, "Verify", parameters, take_part, &verifying, &answer);
	progress_end(&verifying.progress);
	json_decref(verifying.findings);
	if (ret < 0)
		return cli_fail(cli, &answer);
	return conclude(&verifying, json_object_get(answer.parameters, "result"));
}

const struct verb verb_verify = {
	.name = "verify",
	.words = "[PACKAGE]",
	.words_most = 1,
	.meaning = N_("compare every installed file with what was delivered"),
	.run = verify,
};
