#include "tools/haishin/draw/words.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/doctor_lists.h"
#include "agent/base/job_kind.h"
#include "agent/config/staff_settings.h"
#include "agent/status/explain_gates.h"
#include "agent/store/contact.h"
#include "agent/store/history_operations.h"
#include "common/auto.h"
#include "common/command_line/language.h"
#include "common/error_codes.h"
#include "common/words/identity_changes.h"
#include "common/words/status_reasons.h"
#include "common/words/status_words.h"
#include "updater/inspect/inspect_kinds.h"

struct word {
	const char *name;
	const char *text;
};

/* A row of a list that has nothing but an enumerator besides. */
#define WORD(enumerator, name, word) {name, word},

struct sentence {
	const char *name;
	const char *sentence;
	const char *next;
};

const char *words_call_centre(void)
{
	return _("If it goes wrong again, restart the terminal. If that does not help, call the call centre: "
		 "0800-080-4583.");
}

/* ---- Sentences. The first row of each table stands for whatever is not in it. ---- */

static const struct sentence errors[] = {
#define ERROR_SENTENCE(enumerator, name, exit_status, meaning, next) {name, meaning, next},
	EACH_ERROR_CODE(ERROR_SENTENCE)
#undef ERROR_SENTENCE
	/* What only this program meets. */
	{"no-agent", N_("haishin is not running on this terminal."),
		N_("Restart the terminal. If that does not help, call the call centre: 0800-080-4583.")},
	{"interrupted", N_("You stopped watching; haishin goes on working."),
		N_("'haishin status' shows how far it is.")},
	{"not-left-to-staff", N_("This setting may not be changed here."),
		N_("Whoever set up this terminal decides which settings may; 'haishin settings' shows them.")},
	{"wrong-value", N_("This value does not do for this setting. Nothing was changed."),
		N_("'haishin settings' shows the value in force, written as it must be.")},
	{"no-former", N_("There is no former version on this terminal to go back to."),
		N_("'haishin status' shows what is on this terminal.")},
	{"no-wish", N_("No version of it was taken back because somebody here asked for it."),
		N_("What haishin took back by itself did not work; it comes when there is another version.")},
};

static void find_sentence(
	const struct sentence *sentences, size_t count, const char *name, struct words_advice *ret_words)
{
	size_t at = 0;

	while (at < count && strcmp(sentences[at].name, name) != 0)
		at++;
	ret_words->sentence = _(sentences[at % count].sentence);
	ret_words->next = _(sentences[at % count].next);
}

void words_of_error(const char *code, struct words_advice *ret_words)
{
	find_sentence(errors, ARRAY_SIZE(errors), code, ret_words);
}

/* ---- The verdict. ---- */

static const struct sentence reasons[] = {
	{"", N_("haishin says something this program does not know."), N_("Use the 'haishin' of the same version.")},
#define REASON_SENTENCE(enumerator, name, number, meaning, next) {name, meaning, next},
	EACH_STATUS_REASON(REASON_SENTENCE)
#undef REASON_SENTENCE
};

void words_of_reason(const char *reason, struct words_advice *ret_words)
{
	find_sentence(reasons, ARRAY_SIZE(reasons), reason, ret_words);
}

/* ---- Another key. ---- */

static const struct sentence identity_changes[] = {
	{"", N_("haishin says something this program does not know."), N_("Use the 'haishin' of the same version.")},
#define IDENTITY_SENTENCE(enumerator, name, record, meaning, next) {name, meaning, next},
	EACH_IDENTITY_CHANGE(IDENTITY_SENTENCE)
#undef IDENTITY_SENTENCE
};

void words_of_identity(const char *change, struct words_advice *ret_words)
{
	find_sentence(identity_changes, ARRAY_SIZE(identity_changes), change, ret_words);
}

/* ---- What the doctor finds. ---- */

static const struct sentence findings[] = {
	{"", N_("haishin says something this program does not know."), N_("Use the 'haishin' of the same version.")},
#define FINDING_SENTENCE(enumerator, name, number, meaning, next) {name, meaning, next},
	EACH_DOCTOR_FINDING(FINDING_SENTENCE)
#undef FINDING_SENTENCE
};

void words_of_finding(const char *finding, struct words_advice *ret_words)
{
	find_sentence(findings, ARRAY_SIZE(findings), finding, ret_words);
}

/* ---- Words. ---- */

static const char *find_word(const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].name, name) == 0)
			return _(words[i].text);
	return name;
}

const char *words_of_verdict(const char *verdict)
{
	static const struct word words[] = {
#define VERDICT_WORD(enumerator, name, words) {name, words},
		EACH_STATUS_VERDICT(VERDICT_WORD)
#undef VERDICT_WORD
	};

	return find_word(words, ARRAY_SIZE(words), verdict);
}

const char *words_of_state(const char *state)
{
	static const struct word words[] = {
#define STATE_WORD(enumerator, name, standing, words) {name, words},
		EACH_PACKAGE_STATE(STATE_WORD)
#undef STATE_WORD
			{"checking", N_("asking the server")},
		{"confirming", N_("checking health")},
		{"verifying", N_("reading files")},
	};

	return find_word(words, ARRAY_SIZE(words), state);
}

const char *words_of_operation(const char *operation)
{
	static const struct word words[] = {
#define OPERATION_WORD(name, tells_why, word) {name, word},
		EACH_HISTORY_OPERATION(OPERATION_WORD)
#undef OPERATION_WORD
	};

	return find_word(words, ARRAY_SIZE(words), operation);
}

bool words_tell_why(const char *operation, const char *outcome)
{
	static const char *const operations[] = {
#define OPERATION_THAT_TELLS(name, tells_why, word) (tells_why) ? (name) : "",
		EACH_HISTORY_OPERATION(OPERATION_THAT_TELLS)
#undef OPERATION_THAT_TELLS
	};

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		if (strcmp(operations[i], operation) == 0)
			return true;
	return strcmp(outcome, "done") != 0 && strcmp(outcome, "begun") != 0;
}

const char *words_of_history_outcome(const char *outcome)
{
	static const struct word words[] = {
		{"done", N_("done")},
		{"begun", N_("begun")},
		{"refused", N_("refused")},
		{"failed", N_("failed")},
		{"stopped", N_("stopped")},
	};

	return find_word(words, ARRAY_SIZE(words), outcome);
}

const char *words_of_window_outcome(const char *outcome)
{
	static const struct word words[] = {
#define WINDOW_WORD(outcome, word) {outcome, word},
		EACH_CONTACT_OUTCOME(WINDOW_WORD)
#undef WINDOW_WORD
	};

	return find_word(words, ARRAY_SIZE(words), outcome);
}

const char *words_of_environment(const char *name)
{
	static const struct word words[] = {
		{"production", N_("production environment")},
		{"verification", N_("connection verification environment")},
	};

	return find_word(words, ARRAY_SIZE(words), name);
}

const char *words_of_inspection(const char *kind)
{
	static const struct word words[] = {EACH_INSPECT_KIND(WORD)};

	return find_word(words, ARRAY_SIZE(words), kind);
}

const char *words_of_job(const char *kind)
{
	static const struct word words[] = {EACH_JOB_KIND(WORD)};

	return find_word(words, ARRAY_SIZE(words), kind);
}

const char *words_of_gate(const char *gate)
{
	static const struct word words[] = {
#define GATE_WORD(enumerator, question, name, repair, telling, open, who) {name, open},
		EXPLAIN_EACH_GATE(GATE_WORD)
#undef GATE_WORD
	};

	return find_word(words, ARRAY_SIZE(words), gate);
}

const char *words_of_opening(const char *gate)
{
	static const struct word words[] = {
#define GATE_OPENING(enumerator, question, name, repair, telling, open, who) {name, who},
		EXPLAIN_EACH_GATE(GATE_OPENING)
#undef GATE_OPENING
	};

	return find_word(words, ARRAY_SIZE(words), gate);
}

bool words_gate_is_told(const char *gate)
{
	static const struct {
		const char *name;
		enum explain_telling telling;
	} gates[] = {
#define GATE_TELLING(enumerator, question, name, repair, telling, open, who) {name, telling},
		EXPLAIN_EACH_GATE(GATE_TELLING)
#undef GATE_TELLING
	};

	for (size_t i = 0; i < ARRAY_SIZE(gates); i++)
		if (strcmp(gates[i].name, gate) == 0)
			return gates[i].telling == TOLD_OF_PACKAGE;
	return false;
}

static const struct word hops[] = {EACH_DOCTOR_HOP(WORD)};
static const struct word hop_outcomes[] = {EACH_DOCTOR_OUTCOME(WORD)};

const char *words_of_hop(const char *hop)
{
	return find_word(hops, ARRAY_SIZE(hops), hop);
}

const char *words_hop_at(size_t at)
{
	return at < ARRAY_SIZE(hops) ? _(hops[at].text) : NULL;
}

const char *words_of_hop_outcome(const char *outcome)
{
	return find_word(hop_outcomes, ARRAY_SIZE(hop_outcomes), outcome);
}

const char *words_hop_outcome_at(size_t at)
{
	return at < ARRAY_SIZE(hop_outcomes) ? _(hop_outcomes[at].text) : NULL;
}

const char *words_of_standing(const char *standing)
{
	static const struct word words[] = {
		{"not-run", N_("not on this terminal")},
		{"newest", N_("newest")},
		{"staged", N_("newer one ready or on trial")},
		{"held", N_("held")},
		{"older", N_("older than the newest")},
		{"taken-back", N_("taken back or refused")},
		{"not-installed", N_("not installed")},
	};

	return find_word(words, ARRAY_SIZE(words), standing);
}

void words_of_source(const char *source, char *ret_text, size_t size)
{
	static const struct word words[] = {
		{"default", N_("default setting")},
		{"catalog", N_("catalog")},
		{"history", N_("history")},
		{"disk", N_("disk")},
		{"brake", N_("word of the brake")},
		{"clock", N_("this terminal's clock")},
	};
	char kind[16];
	size_t len = strcspn(source, " ");

	(void)snprintf(kind, sizeof(kind), "%.*s", (int)len, len < sizeof(kind) ? source : "");
	(void)snprintf(ret_text, size, "%s%s", *kind ? find_word(words, ARRAY_SIZE(words), kind) : "",
		*kind ? source + len : source);
}

struct setting_words {
	const char *name;
	const char *word;
	const char *form;
};

static const struct setting_words settings[] = {
#define SETTING_WORDS(name, word, form) {name, word, form},
	EACH_STAFF_SETTING(SETTING_WORDS)
#undef SETTING_WORDS
};

const char *words_of_setting(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return _(settings[i].word);
	return "";
}

const char *words_of_setting_form(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return _(settings[i].form);
	return "";
}

const char *words_of_package(const char *name)
{
	static const struct word words[] = {
		{"distro-app", N_("Distribution application")},
		{"face-library", N_("Face authentication library")},
		{"linkage-app", N_("Linkage application")},
		{"reader-app", N_("Card reader application")},
	};
	size_t len = strcspn(name, "/");

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i].name) == len && strncmp(words[i].name, name, len) == 0)
			return _(words[i].text);
	return "";
}

const char *words_in_language(const json_t *texts)
{
	char code[LANGUAGE_CODE_SIZE];
	const char *text;

	language_code(code);
	if (!(text = json_string_value(json_object_get(texts, code))))
		text = json_string_value(json_object_get(texts, "en"));
	if (!text)
		text = json_string_value(json_object_iter_value(json_object_iter((json_t *)texts)));
	return text ? text : "";
}
