#include "collector/oversight/last_words.h"

#include <string.h>

#include "common/auto.h"

static const char *const names[] = {
#define WORDS_NAME(enumerator, name, words, against) (name),
	EACH_SILENCE_CAUSE(WORDS_NAME)
#undef WORDS_NAME
};

/* Reasons of docs/control-protocol.md, outcomes of docs/store.md, states of packages and deliveries. */
static const struct {
	const char *word;
	enum last_words words;
} meanings[] = {
	{"disabled", WORDS_DISABLED},
	{"certificate", WORDS_CERTIFICATE},
	{"certificate-ends", WORDS_CERTIFICATE},
	{"not-running", WORDS_NOT_RUNNING},
	{"server-untrusted", WORDS_SERVER_UNTRUSTED},
	{"clock", WORDS_CLOCK},
	{"no-space", WORDS_NO_SPACE},
	{"activated", WORDS_ACTIVATED},
	{"trial", WORDS_ACTIVATED},
	{"staged", WORDS_ACTIVATED},
	{"off", WORDS_OFF},
	{"network", WORDS_NETWORK},
	{"no-contact", WORDS_NETWORK},
	{"server", WORDS_SERVER},
	{"rolled-back", WORDS_ROLLED_BACK},
	{"condemned", WORDS_ROLLED_BACK},
};

const char *last_words_name(enum last_words words)
{
	return names[words];
}

enum last_words last_words_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (strcmp(meanings[i].word, word) == 0)
			return meanings[i].words;
	return WORDS_NONE;
}

enum last_words last_words_stronger(enum last_words a, enum last_words b)
{
	return a < b ? a : b;
}
