/* Which language people are spoken to in: Japanese or English, by the locale (gettext). */
#ifndef TOOLS_BASE_LANGUAGE_H
#define TOOLS_BASE_LANGUAGE_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text /* translated where it is used */

/* Chooses by LANGUAGE, LC_ALL, LC_MESSAGES and LANG, also where the locale they name is not installed on this
 * machine. DOMAIN is the name of the program's catalogue. To be called once, before anything is printed. */
void language_choose(const char *domain);

#endif
