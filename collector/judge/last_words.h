/* Why a terminal would fall silent, by what it said last: the likely cause, for the list from which people
 * telephone. */
#ifndef COLLECTOR_JUDGE_LAST_WORDS_H
#define COLLECTOR_JUDGE_LAST_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which they are believed: what explains the silence for certain before what only may. */
enum last_words {
	WORDS_DISABLED,		/* delivery was disabled there, so it makes no contact */
	WORDS_CERTIFICATE,	/* its client certificate was missing or about to end */
	WORDS_NOT_RUNNING,	/* the machine was on, the agent was not */
	WORDS_SERVER_UNTRUSTED, /* the server's certificate was not trusted */
	WORDS_CLOCK,		/* its clock was wrong */
	WORDS_NO_SPACE,		/* its disk was full */
	WORDS_ACTIVATED,	/* a release was staged or had just become current, and was never confirmed */
	WORDS_OFF,		/* it was off in its last windows */
	WORDS_NETWORK,		/* it had no contact in a window before */
	WORDS_SERVER,		/* the server's answers were of no use to it */
	WORDS_ROLLED_BACK,	/* a release had been taken back */
	WORDS_NONE,		/* it said nothing that would explain it */
};

const char *last_words_name(enum last_words words);
/* What a word of a report's problems, or of a window's outcome, says; WORDS_NONE: nothing about silence. */
enum last_words last_words_of(const char *word);
/* The one that is believed first. */
enum last_words last_words_stronger(enum last_words a, enum last_words b);

#endif
