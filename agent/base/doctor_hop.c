#include "agent/base/doctor_hop.h"

#include <stdarg.h>
#include <stdio.h>

const char *doctor_outcome_name(enum doctor_outcome outcome)
{
	static const char *const names[] = {[DOCTOR_OK] = "ok",
		[DOCTOR_WARNING] = "warning",
		[DOCTOR_FAILED] = "failed",
		[DOCTOR_SKIPPED] = "skipped"};

	return names[outcome];
}

void doctor_hop_begin(struct doctor_hop *ret_hop, const char *name, const char *fmt, ...)
{
	va_list args;

	*ret_hop = (struct doctor_hop){.name = name};
	va_start(args, fmt);
	(void)vsnprintf(ret_hop->subject, sizeof(ret_hop->subject), fmt, args);
	va_end(args);
}

void doctor_hop_find(
	struct doctor_hop *hop, enum doctor_outcome outcome, const char *finding, const struct error *why)
{
	hop->outcome = outcome;
	hop->finding = finding;
	hop->code = why ? why->code : ERROR_NONE;
	(void)snprintf(hop->detail, sizeof(hop->detail), "%s", why ? why->text : "");
}
