#include "collector/page/base/words.h"

#include <string.h>

#include "common/words/status_reasons.h"
#include "common/words/status_words.h"

#define COUNTED(list) const size_t list##_count = ARRAY_SIZE(list)

const struct word words_verdicts[] = {
#define VERDICT_WORD(enumerator, name, words) {name, words},
	EACH_STATUS_VERDICT(VERDICT_WORD)
#undef VERDICT_WORD
};
COUNTED(words_verdicts);

const struct word words_deliveries[] = {
	{"confirmed", N_("confirmed")},
	{"activated", N_("being checked")},
	{"staged", N_("ready, restart")},
	{"fetching", N_("downloading")},
	{"planned", N_("planned")},
	{"rolled-back", N_("was taken back")},
	{"rejected", N_("was refused")},
	{"failed", N_("given up")},
};
COUNTED(words_deliveries);

/* In the order in which they are believed (collector/judge/last_words.h). */
const struct word words_causes[] = {
	{"disabled", N_("delivery disabled")},
	{"certificate", N_("client certificate")},
	{"not-running", N_("haishin not running")},
	{"server-untrusted", N_("server not trusted")},
	{"clock", N_("wrong clock")},
	{"no-space", N_("disk full")},
	{"activated", N_("silent since an update")},
	{"off", N_("terminal off")},
	{"network", N_("no network")},
	{"server", N_("server error")},
	{"rolled-back", N_("after an update was taken back")},
	{"unknown", N_("no hint")},
};
COUNTED(words_causes);

static const struct word against[] = {
	{"disabled", N_("Telephone: ask why delivery was disabled, and let it be enabled.")},
	{"certificate", N_("Issue new client certificates; the old ones have ended or are about to.")},
	{"not-running", N_("Telephone: let the terminal be restarted; then 'haishin doctor'.")},
	{"server-untrusted",
		N_("Check the server's certificate, and whether a proxy stands before these terminals.")},
	{"clock", N_("Telephone: let date and time be set.")},
	{"no-space", N_("Telephone: files that are not needed have to be removed.")},
	{"activated", N_("Look at the release first: if these terminals share one, stop it, then telephone.")},
	{"off", N_("Telephone: ask that the terminal stays on at night.")},
	{"network", N_("Telephone: cable and router; where many fell silent together, ask the provider.")},
	{"server", N_("Look at the distribution server: its answers were of no use to these terminals.")},
	{"rolled-back", N_("Telephone, and tell the vendor of the release.")},
	{"unknown", N_("Telephone: is the terminal on, and does it start?")},
};

static const struct word states[] = {
#define STATE_WORD(enumerator, name, words) {name, words},
	EACH_PACKAGE_STATE(STATE_WORD)
#undef STATE_WORD
};

static const struct word outcomes[] = {
	{"contacted", N_("contact")},
	{"off", N_("terminal off")},
	{"disabled", N_("delivery disabled")},
	{"network", N_("no network")},
	{"clock", N_("wrong clock")},
	{"server", N_("server error")},
	{"not-running", N_("haishin not running")},
};

static const struct word roles[] = {
	{"operator", N_("operator")},
	{"auditor", N_("auditor")},
	{"vendor", N_("vendor")},
	{"terminal", N_("terminal")},
};

static const struct {
	const char *name, *meaning, *next;
} reasons[] = {
#define REASON_SENTENCE(enumerator, name, meaning, next) {name, meaning, next},
	EACH_STATUS_REASON(REASON_SENTENCE)
#undef REASON_SENTENCE
};

static const char *find(const struct html *html, const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].name, name) == 0)
			return _(words[i].text);
	return name;
}

const char *words_of_verdict(const struct html *html, const char *verdict)
{
	return find(html, words_verdicts, ARRAY_SIZE(words_verdicts), verdict);
}

const char *words_of_state(const struct html *html, const char *state)
{
	return find(html, states, ARRAY_SIZE(states), state);
}

const char *words_of_delivery(const struct html *html, const char *state)
{
	return find(html, words_deliveries, ARRAY_SIZE(words_deliveries), state);
}

const char *words_of_outcome(const struct html *html, const char *outcome)
{
	return find(html, outcomes, ARRAY_SIZE(outcomes), outcome);
}

const char *words_of_cause(const struct html *html, const char *cause)
{
	return find(html, words_causes, ARRAY_SIZE(words_causes), cause);
}

const char *words_against(const struct html *html, const char *cause)
{
	return find(html, against, ARRAY_SIZE(against), cause);
}

const char *words_of_role(const struct html *html, const char *role)
{
	return find(html, roles, ARRAY_SIZE(roles), role);
}

const char *words_of_reason(const struct html *html, const char *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (strcmp(reasons[i].name, reason) == 0)
			return _(reasons[i].meaning);
	return "";
}

const char *words_of_next(const struct html *html, const char *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (strcmp(reasons[i].name, reason) == 0)
			return _(reasons[i].next);
	return "";
}
