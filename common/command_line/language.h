/* Which language people are spoken to in: Japanese or English, by the locale (gettext). */
#ifndef COMMON_COMMAND_LINE_LANGUAGE_H
#define COMMON_COMMAND_LINE_LANGUAGE_H

#include "common/words/catalogue.h"

#define _(text) gettext(text)

/* Chooses by LANGUAGE, LC_ALL, LC_MESSAGES and LANG, also where the locale they name is not installed on this
 * machine. DOMAIN is the name of the program's catalogue. To be called once, before anything is printed. */
void language_choose(const char *domain);

#endif
