/* Why a terminal would fall silent, by what it said last: the likely cause, for the list from which people
 * telephone. */
#ifndef COLLECTOR_OVERSIGHT_LAST_WORDS_H
#define COLLECTOR_OVERSIGHT_LAST_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CAUSE(enumerator, name, a few words, what helps against it), in the order in which they are believed: what explains the silence for
 * certain before what only may. In front of each: what was said. The name stands in answers and in the store; the texts are for the
 * fleet's operator, in English, and have their Japanese in po/ja.po. Which words of a report say so is in last_words.c. */
/* clang-format off */
#define EACH_SILENCE_CAUSE(CAUSE) \
	/* delivery was disabled there, so it makes no contact */ \
	CAUSE(DISABLED, "disabled", N_("delivery disabled"), \
		N_("Telephone: ask why delivery was disabled, and let it be enabled.")) \
	/* its client certificate was missing or about to end */ \
	CAUSE(CERTIFICATE, "certificate", N_("client certificate"), \
		N_("Issue new client certificates; the old ones have ended or are about to.")) \
	/* the machine was on, the agent was not */ \
	CAUSE(NOT_RUNNING, "not-running", N_("haishin not running"), \
		N_("Telephone: let the terminal be restarted; then 'haishin doctor'.")) \
	/* the server's certificate was not trusted */ \
	CAUSE(SERVER_UNTRUSTED, "server-untrusted", N_("server not trusted"), \
		N_("Check the server's certificate, and whether a proxy stands before these terminals.")) \
	/* its clock was wrong */ \
	CAUSE(CLOCK, "clock", N_("wrong clock"), \
		N_("Telephone: let date and time be set.")) \
	/* its disk was full */ \
	CAUSE(NO_SPACE, "no-space", N_("disk full"), \
		N_("Telephone: files that are not needed have to be removed.")) \
	/* a release was staged or had just become current, and was never confirmed */ \
	CAUSE(ACTIVATED, "activated", N_("silent since an update"), \
		N_("Look at the release first: if these terminals share one, stop it, then telephone.")) \
	/* it was off in its last windows */ \
	CAUSE(OFF, "off", N_("terminal off"), \
		N_("Telephone: ask that the terminal stays on at night.")) \
	/* it had no contact in a window before */ \
	CAUSE(NETWORK, "network", N_("no network"), \
		N_("Telephone: cable and router; where many fell silent together, ask the provider.")) \
	/* the server's answers were of no use to it */ \
	CAUSE(SERVER, "server", N_("server error"), \
		N_("Look at the distribution server: its answers were of no use to these terminals.")) \
	/* a release had been taken back */ \
	CAUSE(ROLLED_BACK, "rolled-back", N_("after an update was taken back"), \
		N_("Telephone, and tell the vendor of the release.")) \
	/* it said nothing that would explain it */ \
	CAUSE(NONE, "unknown", N_("no hint"), \
		N_("Telephone: is the terminal on, and does it start?"))
/* clang-format on */

enum last_words {
#define WORDS_ENUMERATOR(enumerator, name, words, against) WORDS_##enumerator,
	EACH_SILENCE_CAUSE(WORDS_ENUMERATOR)
#undef WORDS_ENUMERATOR
};

const char *last_words_name(enum last_words words);
/* What a word of a report's problems, or of a window's outcome, says; WORDS_NONE: nothing about silence. */
enum last_words last_words_of(const char *word);
/* The one that is believed first. */
enum last_words last_words_stronger(enum last_words a, enum last_words b);

#endif
