/* haishin status: one line that a receptionist can act on, the next step, and then the details. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/progress.h"
#include "tools/haishin/draw/waking.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

#define WINDOWS_SHOWN 7

static const struct args_option options[] = {
	{"check", NULL,
		N_("one line for monitoring; exit status 0 up to date, 1 a restart or update waits, 2 needs "
		   "attention, 3 unknown")},
	{0},
};

static void print_verdict(const json_t *status)
{
	struct words_advice words;

	words_of_reason(output_text(status, "reason"), &words);
	output_line("%s: %s", words_of_verdict(output_text(status, "verdict")), words.sentence);
	output_line(_("Next step: %s"), words.next);
}

static void print_versions(const json_t *package, char *ret_text, size_t size)
{
	const char *version = output_text(package, "version"), *next = output_text(package, "staged");

	if (!*next && (strcmp(output_text(package, "state"), "waiting") == 0 ||
			      strcmp(output_text(package, "state"), "fetching") == 0 ||
			      version[strspn(version, "0.")] == '\0'))
		next = output_text(package, "newest");
	if (strcmp(output_text(package, "state"), "condemned") == 0)
		next = output_text(package, "previous");
	(void)snprintf(ret_text, size, "%s%s%s", version, *next && strcmp(next, version) != 0 ? " -> " : "",
		strcmp(next, version) != 0 ? next : "");
}

static void print_packages(const json_t *packages)
{
	AUTO(table) struct table *table = table_new(4);
	const json_t *package;
	size_t i;

	table_add(table, (const char *[]){_("Package"), _("Version"), _("State"), _("Name")});
	json_array_foreach (packages, i, package) {
		char versions[96];

		print_versions(package, versions, sizeof(versions));
		table_add(table, (const char *[]){output_text(package, "name"), versions,
					 words_of_state(output_text(package, "state")),
					 words_of_package(output_text(package, "name"))});
	}
	(void)putchar('\n');
	table_print(table, true);
	(void)putchar('\n');
}

/* The reason of the verdict stands above already, and the table says of which packages. */
static void print_problems(const json_t *status)
{
	const json_t *problem;
	size_t i;

	json_array_foreach (json_object_get(status, "problems"), i, problem) {
		const char *package = output_text(problem, "package"), *detail = output_text(problem, "detail");
		struct words_advice words;
		char text[DETAILS_SIZE];

		if (strcmp(output_text(problem, "reason"), "disabled") == 0)
			detail = ""; /* who and why stand below */
		if (!*detail && strcmp(output_text(problem, "reason"), output_text(status, "reason")) == 0)
			continue;
		words_of_reason(output_text(problem, "reason"), &words);
		output_line("! %s%s%s%s%s", package, *package && *output_text(problem, "version") ? " " : "",
			*package ? output_text(problem, "version") : "", *package ? ": " : "", words.sentence);
		if (*detail)
			output_line(_("  (for support: %s)"), details_text(detail, text));
	}
}

/* Until a midnight: the last day, as it was typed. */
static const char *write_end(const char *until, char ret_text[static OUTPUT_TIME_SIZE])
{
	struct output_day day;

	if (!output_last_day(until, &day))
		return output_time(until, ret_text);
	(void)snprintf(
		ret_text, OUTPUT_TIME_SIZE, "%04d-%02d-%02d", day.year % 10000, day.month % 100, day.day % 100);
	return ret_text;
}

/* What is new, in one line for each package whose vendor says so. */
static void print_notes(const json_t *packages)
{
	const json_t *package;
	size_t i;

	json_array_foreach (packages, i, package) {
		const char *text = words_in_language(json_object_get(package, "notes"));
		const char *staged = output_text(package, "staged");

		if (*text)
			output_line("* %s %s: %s", output_text(package, "name"),
				*staged ? staged : output_text(package, "version"), text);
	}
}

/* What keeps a package that waits, or is not there, from coming, where the verdict does not say so. */
static void print_gates(const json_t *packages)
{
	const json_t *package;
	size_t p;

	json_array_foreach (packages, p, package) {
		const char *gate = output_text(package, "gate");

		if (strcmp(output_text(package, "state"), "current") != 0 && words_gate_is_told(gate))
			output_line(_("! %s: \"%s\" is not so. %s"), output_text(package, "name"), words_of_gate(gate),
				words_of_opening(gate));
	}
}

static void print_pause(const char *name, const json_t *pause)
{
	char since[OUTPUT_TIME_SIZE], until[OUTPUT_TIME_SIZE];

	if (!json_is_object(pause))
		return;
	(void)output_time(output_text(pause, "since"), since);
	if (json_is_string(json_object_get(pause, "until")))
		output_line(_("%s since %s until %s, by %s."), name, since,
			write_end(output_text(pause, "until"), until), output_text(pause, "who"));
	else
		output_line(_("%s since %s, by %s."), name, since, output_text(pause, "who"));
	if (*output_text(pause, "why"))
		output_line(_("  Reason: %s"), output_text(pause, "why"));
}

static void print_pauses(const json_t *status)
{
	long long days = output_number(status, "longest_disable_days");
	const json_t *package;
	size_t i;

	print_pause(_("Delivery disabled"), json_object_get(status, "disabled"));
	if (json_is_object(json_object_get(status, "disabled")) && days)
		output_line(ngettext("The operator allows at most %lld day.",
				    "The operator allows at most %lld days.", (unsigned long)days),
			days);
	json_array_foreach (json_object_get(status, "packages"), i, package) {
		char name[128];

		(void)snprintf(name, sizeof(name), _("%s held"), output_text(package, "name"));
		print_pause(name, json_object_get(package, "held"));
	}
}

static void print_job(const json_t *job)
{
	const json_t *progress = json_object_get(job, "progress");
	char step[256], amount[256];

	if (!json_is_object(job))
		return;
	if (*output_text(progress, "package")) {
		progress_describe(progress, step, sizeof(step));
		progress_amount(progress, PROGRESS_WHOLE, amount, sizeof(amount));
		output_line(_("At work: %s: %s"), words_of_job(output_text(job, "kind")), step);
		if (*amount)
			output_line("        %s", amount);
	} else {
		output_line(_("At work: %s"), words_of_job(output_text(job, "kind")));
	}
}

/* Services that this terminal is too old for (F22). */
static void print_services(const json_t *services)
{
	const json_t *service;
	size_t i;

	json_array_foreach (services, i, service) {
		const char *title = output_text(service, "title");

		if (!json_is_true(json_object_get(service, "met")))
			output_line(_("! %s needs %s %s or later; here it is %s"),
				*title ? title : output_text(service, "name"), output_text(service, "package"),
				output_text(service, "needed"), output_text(service, "version"));
	}
}

/* The last windows without contact, the newest first. */
static void print_windows(const json_t *status)
{
	const json_t *windows = json_object_get(status, "windows");
	int printed = 0;

	for (size_t i = json_array_size(windows); i > 0 && printed < WINDOWS_SHOWN; i--) {
		const json_t *window = json_array_get(windows, i - 1);

		if (strcmp(output_text(window, "outcome"), "contacted") == 0)
			continue;
		output_line(_("Night of %s: %s"), output_text(window, "date"),
			words_of_window_outcome(output_text(window, "outcome")));
		printed++;
	}
}

static void print_certificate(const json_t *certificate)
{
	char time[OUTPUT_TIME_SIZE];

	if (!json_is_object(certificate) || output_number(certificate, "warning") == 0)
		return;
	(void)output_time(output_text(certificate, "expires"), time);
	if (output_number(certificate, "warning") < 0)
		output_line(_("Client certificate: expired on %s"), time);
	else
		output_line(ngettext("Client certificate: expires in %lld day, on %s; have it renewed",
				    "Client certificate: expires in %lld days, on %s; have it renewed",
				    (unsigned long)output_number(certificate, "days_left")),
			(long long)output_number(certificate, "days_left"), time);
}

/* That it failed is told from the first time on; whether it matters yet, the verdict says. */
static void print_check(const json_t *check)
{
	char time[OUTPUT_TIME_SIZE];
	struct words_advice words;

	if (!json_is_object(check) || strcmp(output_text(check, "outcome"), "done") == 0)
		return;
	words_of_error(output_text(check, "error"), &words);
	output_line(_("Last try, %s: %s"), output_time(output_text(check, "time"), time), words.sentence);
}

static void print_times(const json_t *status)
{
	const json_t *next = json_object_get(status, "next");
	const json_t *window = json_object_get(status, "next_window");
	const char *contact = output_text(status, "last_contact");
	char time[OUTPUT_TIME_SIZE], closes[OUTPUT_TIME_SIZE], waking[512];

	if (*contact)
		output_line(_("Last contact with the server: %s"), output_time(contact, time));
	else
		output_line(_("Last contact with the server: never"));
	print_check(json_object_get(status, "last_check"));
	if (json_is_object(next))
		output_line(_("Next: %s (%s)"), output_time(output_text(next, "time"), time),
			words_of_job(output_text(next, "job")));
	if (json_is_object(window))
		output_line(_("Next window: %s to %s"), output_time(output_text(window, "opens"), time),
			output_time(output_text(window, "closes"), closes));
	output_line(_("Hours of delivery: %s"), output_text(status, "window"));
	if (waking_text(status, waking, sizeof(waking)))
		output_line("%s", waking);
	if (waking_count_text(status, waking, sizeof(waking)))
		output_line("%s", waking);
}

/* Nothing for staff to do either: whoever runs the server misses it, and finds here why. */
static void print_report(const json_t *report)
{
	char time[OUTPUT_TIME_SIZE], text[DETAILS_SIZE];

	if (!json_is_object(report) || json_is_true(json_object_get(report, "taken")))
		return;
	if (*output_text(report, "last_taken"))
		output_line(_("The server has taken no report since %s; it is sent again at the next contact"),
			output_time(output_text(report, "last_taken"), time));
	else
		output_line(_("The server has taken no report yet; it is sent again at the next contact"));
	output_line(_("  (for support: %s)"), details_text(output_text(report, "detail"), text));
}

/* A matter between the operator and who runs the ledger; whoever else looks has nothing to do with it. */
static void print_receipt(const json_t *receipt)
{
	char time[OUTPUT_TIME_SIZE], text[DETAILS_SIZE];

	if (!json_is_object(receipt) || json_is_true(json_object_get(receipt, "holds")) || geteuid() != 0)
		return;
	output_line(_("The receipt of the ledger of %s does not hold and was refused; tell the operator's auditor"),
		output_time(output_text(receipt, "time"), time));
	output_line(_("  (for support: %s)"), details_text(output_text(receipt, "detail"), text));
}

/* Nothing for staff to do: whoever looks after the terminal should know that it is another one than before. */
static void print_identity(const json_t *identity)
{
	char time[OUTPUT_TIME_SIZE];
	struct words_advice words;

	if (!json_is_object(identity))
		return;
	words_of_identity(output_text(identity, "change"), &words);
	output_line("%s: %s", output_time(output_text(identity, "since"), time), words.sentence);
	output_line("  %s", words.next);
}

/* For whoever set up the terminal: packages work all the same. */
static void print_walls(const json_t *walls)
{
	char time[OUTPUT_TIME_SIZE];

	if (json_array_size(json_object_get(walls, "missing")) == 0 || geteuid() != 0)
		return;
	output_line(_("Programs of packages were checked on %s with fewer walls around them than there should be; "
		      "'haishin doctor' says which"),
		output_time(output_text(walls, "looked"), time));
}

/* Nothing for staff to do, so it is no problem: what was delivered works. */
static void print_unknown_settings(const json_t *settings)
{
	size_t count = json_array_size(settings);

	if (count)
		output_line(ngettext("%zu setting has no effect; 'haishin doctor' names it",
				    "%zu settings have no effect; 'haishin doctor' names the first", count),
			count);
}

/* After an upgrade by hand: what was delivered goes before what is installed, and somebody should know. */
static void print_installed(const json_t *status)
{
	const char *installed = output_text(status, "installed_newer");

	if (*installed)
		output_line(_("haishin %s is installed, but %s runs, which the server delivered; 'haishin doctor' "
			      "says who can change "
			      "that"),
			installed, output_text(status, "version"));
}

/* True if the next step does already. */
static bool names_call_centre(const json_t *status)
{
	struct words_advice words;

	words_of_reason(output_text(status, "reason"), &words);
	return strstr(words.next, "0800-") != NULL;
}

/* ---- For monitoring: one line and the exit status that its plugins have. ---- */

enum check_state { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

static enum check_state check_state_of(const char *verdict)
{
	if (strcmp(verdict, "up-to-date") == 0)
		return CHECK_OK;
	return strcmp(verdict, "restart") == 0 || strcmp(verdict, "update-waiting") == 0 ? CHECK_WARNING
	       : strcmp(verdict, "needs-attention") == 0				 ? CHECK_CRITICAL
											 : CHECK_UNKNOWN;
}

static int check_status(const struct cli *cli)
{
	static const char *const states[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
	AUTO(client_answer) struct client_answer answer = {0};
	enum check_state state = CHECK_UNKNOWN;
	struct words_advice words;

	if (client_call(cli->socket_path, "GetStatus", NULL, NULL, NULL, &answer) < 0) {
		words_of_error(answer.code, &words);
	} else {
		state = check_state_of(output_text(answer.parameters, "verdict"));
		words_of_reason(output_text(answer.parameters, "reason"), &words);
	}
	output_line("HAISHIN %s: %s %s", states[state], words.sentence, words.next);
	return state;
}

static int tell_status(const struct cli *cli)
{
	int exit_status = 0;
	json_t *status;

	if (args_has(&cli->args, "check"))
		return check_status(cli);
	if (!(status = cli_ask(cli, "GetStatus", NULL, &exit_status)))
		return exit_status;
	if (!cli->json) {
		output_set_zone(output_text(status, "time_zone"));
		print_verdict(status);
		print_packages(json_object_get(status, "packages"));
		print_problems(status);
		print_notes(json_object_get(status, "packages"));
		print_gates(json_object_get(status, "packages"));
		print_services(json_object_get(status, "services"));
		print_pauses(status);
		print_job(json_object_get(status, "job"));
		print_times(status);
		if (strcmp(output_text(status, "environment"), "production") != 0)
			output_line(_("Environment: %s"), words_of_environment(output_text(status, "environment")));
		print_windows(status);
		print_certificate(json_object_get(status, "certificate"));
		print_report(json_object_get(status, "report"));
		print_receipt(json_object_get(status, "receipt"));
		print_walls(json_object_get(status, "walls"));
		print_identity(json_object_get(status, "identity"));
		print_unknown_settings(json_object_get(status, "unknown_settings"));
		print_installed(status);
		if (strcmp(output_text(status, "verdict"), "needs-attention") == 0 && !names_call_centre(status))
			output_line("%s", words_call_centre());
	}
	return cli_done(cli, status);
}

const struct verb verb_status = {
	.name = "status",
	.words = "",
	.options = options,
	.meaning = N_("what is the case, and what to do"),
	.run = tell_status,
};
