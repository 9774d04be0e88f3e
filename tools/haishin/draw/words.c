#include "tools/haishin/draw/words.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/doctor_lists.h"
#include "agent/status/explain_gates.h"
#include "common/auto.h"
#include "common/error_codes.h"
#include "tools/haishin/draw/language.h"

struct word {
	const char *name;
	const char *text;
};

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
	{"no-former", N_("There is no former version on this terminal to go back to."),
		N_("'haishin status' shows what is on this terminal.")},
};

static void find_sentence(
	const struct sentence *sentences, size_t count, const char *name, struct words_error *ret_words)
{
	size_t at = 0;

	while (at < count && strcmp(sentences[at].name, name) != 0)
		at++;
	ret_words->sentence = _(sentences[at % count].sentence);
	ret_words->next = _(sentences[at % count].next);
}

void words_of_error(const char *code, struct words_error *ret_words)
{
	find_sentence(errors, ARRAY_SIZE(errors), code, ret_words);
}

/* ---- The verdict. ---- */

static const struct sentence reasons[] = {
	{"", N_("haishin says something this program does not know."), N_("Use the 'haishin' of the same version.")},
	{"all-current", N_("All packages are at their newest version."), N_("Nothing to do.")},
	{"staged", N_("New versions are ready and start working with the next restart."),
		N_("Restart this terminal.")},
	{"condemned", N_("The former version comes back with the next restart."), N_("Restart this terminal.")},
	{"not-installed", N_("A package is not installed properly (version 0.0.0)."),
		N_("Run 'haishin download-now', then restart; the newest version repairs it.")},
	{"disabled", N_("Delivery is disabled on this terminal, so it gets no updates."),
		N_("'haishin enable' resumes it when the reason is gone.")},
	{"certificate", N_("The client certificate is not installed, or it has expired or been revoked."),
		N_("Install a valid client certificate, then run 'haishin check'.")},
	{"clock", N_("This terminal's clock is wrong."), N_("Set the date and the time, then run 'haishin check'.")},
	{"server-untrusted", N_("The server that answers cannot prove that it is the distribution server."),
		N_("Check the date of this terminal and the server's name in the settings; then tell the call "
		   "centre: "
		   "0800-080-4583.")},
	{"not-running", N_("haishin did not run although the terminal was on."),
		N_("Restart the terminal; 'haishin doctor' says what keeps it from starting.")},
	{"off", N_("The terminal was off in the last nights, so it got no updates."),
		N_("Leave the terminal on tonight, or run 'haishin download-now'.")},
	{"certificate-ends", N_("The client certificate expires in a few days."),
		N_("Have it renewed and installed before that day.")},
	{"no-contact", N_("The distribution server has not been reached for some time."),
		N_("Check the network cable and the router, leave the terminal on at night, or run 'haishin "
		   "check'.")},
	{"no-space", N_("There is not enough space on the disk for an update."),
		N_("Remove files that are not needed, then run 'haishin download-now'.")},
	{"rolled-back", N_("A new version was taken back; the former version is in use."),
		N_("Keep using the terminal. If something does not work, call the call centre: 0800-080-4583.")},
	{"refused", N_("An update cannot be trusted and was refused; the former version is in use."),
		N_("Keep using the terminal as it is, and tell the call centre: 0800-080-4583.")},
	{"store-set-aside", N_("haishin's records were damaged and have been begun anew."),
		N_("Updates go on. Tell whoever looks after this terminal.")},
	{"newer-release", N_("A newer version waits to be downloaded."),
		N_("Leave the terminal on tonight, or run 'haishin download-now'.")},
	{"not-checked", N_("The distribution server has not been asked yet."),
		N_("Leave the terminal on tonight, or run 'haishin check'.")},
};

void words_of_reason(const char *reason, struct words_error *ret_words)
{
	find_sentence(reasons, ARRAY_SIZE(reasons), reason, ret_words);
}

/* ---- What the doctor finds. ---- */

static const struct sentence findings[] = {
	{"", N_("haishin says something this program does not know."), N_("Use the 'haishin' of the same version.")},
#define FINDING_SENTENCE(enumerator, name, meaning, next) {name, meaning, next},
	EACH_DOCTOR_FINDING(FINDING_SENTENCE)
#undef FINDING_SENTENCE
};

void words_of_finding(const char *finding, struct words_error *ret_words)
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
		{"up-to-date", N_("Up to date")},
		{"restart", N_("Please restart")},
		{"update-waiting", N_("Update waiting")},
		{"needs-attention", N_("Needs attention")},
	};

	return find_word(words, ARRAY_SIZE(words), verdict);
}

const char *words_of_state(const char *state)
{
	static const struct word words[] = {
		{"current", N_("newest")},
		{"staged", N_("ready, restart")},
		{"trial", N_("being checked")},
		{"condemned", N_("goes back, restart")},
		{"fetching", N_("downloading")},
		{"waiting", N_("update waiting")},
		{"held", N_("held")},
		{"rolled-back", N_("was taken back")},
		{"refused", N_("was refused")},
		{"not-installed", N_("not installed")},
		{"checking", N_("asking the server")},
		{"confirming", N_("checking health")},
	};

	return find_word(words, ARRAY_SIZE(words), state);
}

const char *words_of_operation(const char *operation)
{
	static const struct word words[] = {
		{"check", N_("check")},
		{"plan", N_("plan")},
		{"fetch", N_("download")},
		{"stage", N_("make ready")},
		{"activate", N_("switch over")},
		{"confirm", N_("confirm")},
		{"roll-back", N_("roll back")},
		{"quarantine", N_("quarantine")},
		{"disable", N_("disable")},
		{"enable", N_("enable")},
		{"hold", N_("hold")},
		{"let-go", N_("unhold")},
		{"download-now", N_("download now")},
		{"install", N_("installation by hand")},
		{"health-check", N_("health check")},
		{"reject", N_("reject")},
		{"pass-over", N_("ask another server")},
		{"give-up", N_("give up")},
		{"adopt", N_("found on disk")},
		{"repair", N_("repair")},
		{"restart", N_("restart")},
		{"store-rebuilt", N_("new records")},
		{"window", N_("window missed")},
		{"archive", N_("archive")},
		{"chapter", N_("new chapter")},
		{"environment", N_("switch environment")},
		{"archive-drop", N_("archive removed")},
	};

	return find_word(words, ARRAY_SIZE(words), operation);
}

const char *words_of_outcome(const char *outcome)
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

const char *words_of_window(const char *outcome)
{
	static const struct word words[] = {
		{"contacted", N_("contact")},
		{"off", N_("terminal off")},
		{"disabled", N_("delivery disabled")},
		{"network", N_("no network")},
		{"clock", N_("wrong clock")},
		{"server", N_("server error")},
		{"not-running", N_("haishin not running")},
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

const char *words_of_job(const char *kind)
{
	static const struct word words[] = {
		{"night", N_("nightly delivery")},
		{"button", N_("download now")},
		{"install", N_("installation by hand")},
		{"check", N_("check")},
		{"doctor", N_("the doctor")},
		{"restart", N_("restart")},
		{"confirm", N_("health check")},
	};

	return find_word(words, ARRAY_SIZE(words), kind);
}

const char *words_of_gate(const char *gate)
{
	static const struct word words[] = {
#define GATE_WORD(enumerator, question, name, open) {name, open},
		EXPLAIN_EACH_GATE(GATE_WORD)
#undef GATE_WORD
	};

	return find_word(words, ARRAY_SIZE(words), gate);
}

#define WORD(enumerator, name, word) {name, word},
static const struct word hops[] = {EACH_DOCTOR_HOP(WORD)};
static const struct word hop_outcomes[] = {EACH_DOCTOR_OUTCOME(WORD)};
#undef WORD

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

void words_of_source(const char *source, char *ret_text, size_t size)
{
	static const struct word words[] = {
		{"default", N_("default setting")},
		{"catalog", N_("catalog")},
		{"history", N_("history")},
		{"disk", N_("disk")},
		{"clock", N_("this terminal's clock")},
	};
	char kind[16];
	size_t len = strcspn(source, " ");

	(void)snprintf(kind, sizeof(kind), "%.*s", (int)len, len < sizeof(kind) ? source : "");
	(void)snprintf(ret_text, size, "%s%s", *kind ? find_word(words, ARRAY_SIZE(words), kind) : "",
		*kind ? source + len : source);
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
