#include "collector/page/base/words.h"

#include <string.h>

#include "collector/oversight/last_words.h"
#include "collector/store/departures.h"
#include "common/words/contact_outcomes.h"
#include "common/words/status_reasons.h"
#include "common/words/status_words.h"

#define COUNTED(list) const size_t list##_count = ARRAY_SIZE(list)

const struct word words_verdicts[] = {
#define VERDICT_WORD(enumerator, name, words) {name, words},
	EACH_STATUS_VERDICT(VERDICT_WORD)
#undef VERDICT_WORD
#define DEPARTURE_WORD(name, words, meaning, next) {name, words},
	EACH_DEPARTURE(DEPARTURE_WORD)
#undef DEPARTURE_WORD
};
COUNTED(words_verdicts);

enum delivery {
#define DELIVERY_AT(enumerator, name, words) AT_##enumerator,
	EACH_DELIVERY_STATE(DELIVERY_AT)
#undef DELIVERY_AT
};

/* The list goes from what is planned to what is confirmed, then what went wrong; here what is confirmed comes first. */
#define DELIVERY_PLACE(at) ((at) <= AT_CONFIRMED ? AT_CONFIRMED - (at) : (at))

const struct word words_deliveries[] = {
#define DELIVERY_WORD(enumerator, name, words) [DELIVERY_PLACE(AT_##enumerator)] = {name, words},
	EACH_DELIVERY_STATE(DELIVERY_WORD)
#undef DELIVERY_WORD
};
COUNTED(words_deliveries);

const struct word words_causes[] = {
#define CAUSE_WORD(enumerator, name, words, against) {name, words},
	EACH_SILENCE_CAUSE(CAUSE_WORD)
#undef CAUSE_WORD
};
COUNTED(words_causes);

static const struct word against[] = {
#define CAUSE_AGAINST(enumerator, name, words, against) {name, against},
	EACH_SILENCE_CAUSE(CAUSE_AGAINST)
#undef CAUSE_AGAINST
};

static const struct word states[] = {
#define STATE_WORD(enumerator, name, standing, words) {name, words},
	EACH_PACKAGE_STATE(STATE_WORD)
#undef STATE_WORD
};

static const struct word outcomes[] = {
#define OUTCOME_WORD(name, words) {name, words},
	EACH_CONTACT_OUTCOME(OUTCOME_WORD)
#undef OUTCOME_WORD
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
#define REASON_SENTENCE(enumerator, name, number, meaning, next) {name, meaning, next},
	EACH_STATUS_REASON(REASON_SENTENCE)
#undef REASON_SENTENCE
#define DEPARTURE_SENTENCE(name, words, meaning, next) {name, meaning, next},
	EACH_DEPARTURE(DEPARTURE_SENTENCE)
#undef DEPARTURE_SENTENCE
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
