#include "agent/base/doctor_hop.h"

#include <stdarg.h>
#include <stdio.h>

#define NAME_OF_WORD(enumerator, name, word) name,
#define NAME_OF_FINDING(enumerator, name, number, meaning, next) name,

const char *doctor_hop_kind_name(enum doctor_hop_kind kind)
{
	static const char *const names[] = {EACH_DOCTOR_HOP(NAME_OF_WORD)};

	return names[kind];
}

const char *doctor_outcome_name(enum doctor_outcome outcome)
{
	static const char *const names[] = {EACH_DOCTOR_OUTCOME(NAME_OF_WORD)};

	return names[outcome];
}

const char *doctor_finding_name(enum doctor_finding finding)
{
	static const char *const names[] = {EACH_DOCTOR_FINDING(NAME_OF_FINDING)};

	return names[finding];
}

void doctor_hop_begin(struct doctor_hop *ret_hop, enum doctor_hop_kind at, const char *fmt, ...)
{
	va_list args;

	*ret_hop = (struct doctor_hop){.at = at};
	va_start(args, fmt);
	(void)vsnprintf(ret_hop->subject, sizeof(ret_hop->subject), fmt, args);
	va_end(args);
}

void doctor_hop_blame(
	struct doctor_hop *hop, enum doctor_outcome outcome, enum doctor_finding finding, const struct error *why)
{
	hop->outcome = outcome;
	hop->finding = finding;
	hop->code = why ? why->code : ERROR_NONE;
	(void)snprintf(hop->detail, sizeof(hop->detail), "%s", why ? why->text : "");
}
