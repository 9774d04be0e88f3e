/* Versions of packages: numbers with dots between them, compared number by number (F10, F22). */
#ifndef MANIFESTS_BASE_VERSION_H
#define MANIFESTS_BASE_VERSION_H

#include <stdbool.h>

#include "common/error.h"

#define VERSION_COMPONENTS 4
#define VERSION_TEXT_SIZE 44
#define VERSION_BROKEN "0.0.0" /* what a package that was not installed properly shows (F13) */

/* 1 to 4 components from 0 to 999999999 without needless zeros in front; ERROR_INPUT says what is wrong. */
WARN_UNUSED int version_check(const char *text, struct error *err);

/* Below, equal or above 0 as A is older than, the same as, or newer than B. A missing component counts as 0, so "5.1"
 * is "5.1.0"; a version that is no version (or NULL) counts as 0.0.0. */
int version_compare(const char *a, const char *b);

/* True for 0.0.0 in any spelling, for NULL, and for what is no version. */
bool version_is_broken(const char *text);

#endif
