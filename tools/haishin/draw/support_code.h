/* Eight characters that staff read out to the call centre, and that stand for what the doctor found, the verdict, and how each package
 * stands to its newest version. docs/support-code.md describes the bits; codes of form 0 are understood for good. */
#ifndef TOOLS_HAISHIN_DRAW_SUPPORT_CODE_H
#define TOOLS_HAISHIN_DRAW_SUPPORT_CODE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"

#define SUPPORT_CODE_SIZE 10 /* "K7QM-2X9D" and a NUL */
#define SUPPORT_PACKAGES 4
#define SUPPORT_CONTACT_UNKNOWN 0
#define SUPPORT_CONTACT_LONG_AGO 31 /* 30 days or more */

/* What a code says. */
struct support_case {
	const char *finding; /* NULL: the doctor was not asked, or found what this program does not know */
	const char *
		reason; /* of the verdict; NULL: no agent answered, or one with a reason that this program does not know */
	const char *packages[SUPPORT_PACKAGES]; /* a standing below, by support_package_name(); NULL: not told */
	int contact; /* 0: unknown or never, 1: within the last day, ... 31: 30 days ago or longer */
};

/* "distro-app" and so on; the readers of all vendors count as one. NULL beyond the last. */
const char *support_package_name(size_t index);

/* From an answer of GetStatus (NULL: none came) and a finding of the doctor (NULL: it was not asked). */
void support_code_make(const json_t *status, const char *finding, char ret_code[static SUPPORT_CODE_SIZE]);

/* From what a person typed: small letters, blanks and hyphens anywhere, O for 0, I and L for 1. False where a character is wrong or
 * two were swapped: no such code was ever shown. */
bool support_code_read(const char *text, struct support_case *ret_case);

#endif
