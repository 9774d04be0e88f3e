#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/command_line/language.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/progress.h"
#include "tools/haishin/draw/support_code.h"
#include "tools/haishin/draw/waking.h"
#include "tools/haishin/draw/words.h"
#include "tools/window/page/view.h"

#define TEXT_SIZE 512
#define WINDOWS_SHOWN 7

/* ---- Packages ---- */

static bool is_any_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* The version that comes next, "" where none does. */
static const char *next_version(const json_t *package)
{
	static const char *const coming[] = {"waiting", "fetching", "not-installed"};
	const char *state = output_text(package, "state"), *staged = output_text(package, "staged");

	if (strcmp(state, "condemned") == 0)
		return output_text(package, "previous");
	if (*staged)
		return staged;
	return is_any_of(state, coming, ARRAY_SIZE(coming)) ? output_text(package, "newest") : "";
}

static json_t *package_view(const json_t *package)
{
	const json_t *held = json_object_get(package, "held");
	char time[OUTPUT_TIME_SIZE];

	return JSON_OBJECT({
		json_text("name", output_text(package, "name")),
		json_text("title", words_of_package(output_text(package, "name"))),
		json_text("version", output_text(package, "version")),
		json_text("next", next_version(package)),
		json_text("newest", output_text(package, "newest")),
		json_text("state", words_of_state(output_text(package, "state"))),
		json_text("notes", words_in_language(json_object_get(package, "notes"))),
		json_text("notes_of", *output_text(package, "staged") ? output_text(package, "staged")
								    : output_text(package, "version")),
		json_text("since",
			*output_text(package, "changed") ? output_time(output_text(package, "changed"), time) : ""),
		json_flag("held", json_is_object(held)),
		json_text("held_by", output_text(held, "who")),
	});
}

static json_t *packages_view(const json_t *status)
{
	json_t *list = json_array();
	const json_t *package;
	size_t i;

	json_array_foreach (json_object_get(status, "packages"), i, package)
		(void)json_array_append_new(list, package_view(package));
	return list;
}

/* ---- What else needs attention ---- */

static json_t *problem_view(const json_t *problem)
{
	const char *package = output_text(problem, "package"), *version = output_text(problem, "version");
	bool is_disabled = strcmp(output_text(problem, "reason"), "disabled") == 0; /* who and why are told apart */
	char text[TEXT_SIZE], detail[DETAILS_SIZE];
	struct words_advice words;

	words_of_reason(output_text(problem, "reason"), &words);
	(void)snprintf(text, sizeof(text), "%s%s%s%s%s", package, *version ? " " : "", *package ? version : "",
		*package ? ": " : "", words.sentence);
	return JSON_OBJECT({
		json_text("text", text),
		json_text("detail", is_disabled ? "" : view_detail(output_text(problem, "detail"), detail)),
	});
}

static json_t *problems_view(const json_t *status)
{
	json_t *list = json_array();
	const json_t *problem;
	size_t i;

	json_array_foreach (json_object_get(status, "problems"), i, problem) {
		const char *reason = output_text(problem, "reason");
		bool is_verdict = strcmp(reason, output_text(status, "reason")) == 0;
		bool says_more = *output_text(problem, "detail") && strcmp(reason, "disabled") != 0;

		if (!is_verdict || says_more)
			(void)json_array_append_new(list, problem_view(problem));
	}
	return list;
}

/* ---- Facts ---- */

static void add_fact(json_t *facts, const char *fmt, ...) __attribute__((__format__(__printf__, 2, 3)));
static void add_fact(json_t *facts, const char *fmt, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)json_array_append_new(facts, json_string(text));
}

static void add_times(json_t *facts, const json_t *status)
{
	const json_t *window = json_object_get(status, "next_window");
	const char *contact = output_text(status, "last_contact");
	char time[OUTPUT_TIME_SIZE], closes[OUTPUT_TIME_SIZE], waking[TEXT_SIZE];

	if (*contact)
		add_fact(facts, _("Last contact with the server: %s"), output_time(contact, time));
	else
		add_fact(facts, "%s", _("Last contact with the server: never"));
	if (json_is_object(window))
		add_fact(facts, _("Next window: %s to %s"), output_time(output_text(window, "opens"), time),
			output_time(output_text(window, "closes"), closes));
	add_fact(facts, _("Hours of delivery: %s"), output_text(status, "window"));
	if (waking_text(status, waking, sizeof(waking)))
		add_fact(facts, "%s", waking);
	if (waking_count_text(status, waking, sizeof(waking)))
		add_fact(facts, "%s", waking);
}

static void add_certificate(json_t *facts, const json_t *certificate)
{
	long long days = output_number(certificate, "days_left");
	char time[OUTPUT_TIME_SIZE];

	if (!json_is_object(certificate) || output_number(certificate, "warning") == 0)
		return;
	(void)output_time(output_text(certificate, "expires"), time);
	if (output_number(certificate, "warning") < 0)
		add_fact(facts, _("Client certificate: expired on %s"), time);
	else
		add_fact(facts,
			ngettext("Client certificate: expires in %lld day, on %s; have it renewed",
				"Client certificate: expires in %lld days, on %s; have it renewed",
				(unsigned long)days),
			days, time);
}

static void add_windows(json_t *facts, const json_t *status)
{
	const json_t *windows = json_object_get(status, "windows");
	int shown = 0;

	for (size_t i = json_array_size(windows); i > 0 && shown < WINDOWS_SHOWN; i--) {
		const json_t *window = json_array_get(windows, i - 1);

		if (strcmp(output_text(window, "outcome"), "contacted") == 0)
			continue;
		add_fact(facts, _("Night of %s: %s"), output_text(window, "date"),
			words_of_window_outcome(output_text(window, "outcome")));
		shown++;
	}
}

static json_t *facts_view(const json_t *status)
{
	json_t *facts = json_array();

	add_times(facts, status);
	if (strcmp(output_text(status, "environment"), "production") != 0)
		add_fact(facts, _("Environment: %s"), words_of_environment(output_text(status, "environment")));
	add_windows(facts, status);
	add_certificate(facts, json_object_get(status, "certificate"));
	return facts;
}

/* ---- Pauses ---- */

static json_t *disabled_view(const json_t *status)
{
	const json_t *pause = json_object_get(status, "disabled");
	char text[TEXT_SIZE], since[OUTPUT_TIME_SIZE], until[OUTPUT_TIME_SIZE];

	if (!json_is_object(pause))
		return json_null();
	(void)output_time(output_text(pause, "since"), since);
	if (*output_text(pause, "until"))
		(void)snprintf(text, sizeof(text), _("%s since %s until %s, by %s. %s"), _("Delivery disabled"),
			since, output_time(output_text(pause, "until"), until), output_text(pause, "who"),
			output_text(pause, "why"));
	else
		(void)snprintf(text, sizeof(text), _("%s since %s, by %s. %s"), _("Delivery disabled"), since,
			output_text(pause, "who"), output_text(pause, "why"));
	return json_string(text);
}

/* ---- The verdict ---- */

/* The one thing to do that has a button: the name of a part of the page or of a method; "" where there is none. */
static const char *action_of(const json_t *status)
{
	static const char *const on_the_way[] = {
		"clock", "certificate", "server-untrusted", "no-contact", "stranger", "expired"};
	static const char *const waits_for_another[] = {"waits", "waits-here"};
	const char *reason = output_text(status, "reason"), *verdict = output_text(status, "verdict");

	if (is_any_of(reason, waits_for_another, ARRAY_SIZE(waits_for_another)))
		return "";
	if (strcmp(verdict, "restart") == 0)
		return "restart";
	if (strcmp(verdict, "update-waiting") == 0 || strcmp(reason, "file-replaced") == 0)
		return "download";
	if (strcmp(reason, "disabled") == 0)
		return "settings";
	return is_any_of(reason, on_the_way, ARRAY_SIZE(on_the_way)) ? "doctor" : "";
}

static json_t *job_view(const json_t *job)
{
	const char *kind = output_text(job, "kind");

	return json_is_object(job) ? view_progress(kind, json_object_get(job, "progress")) : json_null();
}

static json_t *without_agent(const json_t *alone, const char *finding)
{
	AUTO(json) json_t *found = JSON_OBJECT({json_share("problems", alone)});
	char code[SUPPORT_CODE_SIZE];
	struct words_advice words, first;

	words_of_error("no-agent", &words);
	if (json_array_size(alone)) { /* what keeps it from running is what is to be dealt with */
		words_of_reason(output_text(json_array_get(alone, 0), "reason"), &first);
		words.next = first.next;
	}
	support_code_make(NULL, finding, code);
	return JSON_OBJECT({
		json_flag("answers", false),
		json_text("verdict", "needs-attention"),
		json_text("word", words_of_verdict("needs-attention")),
		json_text("sentence", words.sentence),
		json_text("next", words.next),
		json_text("action", ""),
		json_flag("may_change", false),
		json_flag("asks_password", false),
		json_text("code", code),
		json_take("problems", problems_view(found)),
		json_take("packages", json_array()),
		json_take("facts", json_array()),
		json_take("disabled", json_null()),
		json_take("job", json_null()),
	});
}

json_t *view_status(const json_t *status, const json_t *alone, const char *finding)
{
	char code[SUPPORT_CODE_SIZE];
	struct words_advice words;

	if (!status)
		return without_agent(alone, finding);
	output_set_zone(output_text(status, "time_zone"));
	words_of_reason(output_text(status, "reason"), &words);
	support_code_make(status, finding, code);
	return JSON_OBJECT({
		json_flag("answers", true),
		json_text("verdict", output_text(status, "verdict")),
		json_text("word", words_of_verdict(output_text(status, "verdict"))),
		json_text("sentence", words.sentence),
		json_text("next", words.next),
		json_text("action", action_of(status)),
		json_flag("may_change", json_is_true(json_object_get(status, "may_change")) ||
						json_is_true(json_object_get(status, "may_ask"))),
		json_flag("asks_password", json_is_true(json_object_get(status, "may_ask"))),
		json_text("code", code),
		json_take("problems", problems_view(status)),
		json_take("packages", packages_view(status)),
		json_take("facts", facts_view(status)),
		json_take("disabled", disabled_view(status)),
		json_take("job", job_view(json_object_get(status, "job"))),
	});
}
