/* Which language people are spoken to in: Japanese or English, by the locale (gettext). */
#ifndef COMMON_COMMAND_LINE_LANGUAGE_H
#define COMMON_COMMAND_LINE_LANGUAGE_H

#include "common/words/catalogue.h"

#define _(text) gettext(text)

/* Chooses by LANGUAGE, LC_ALL, LC_MESSAGES and LANG, also where the locale they name is not installed on this
 * machine. DOMAIN is the name of the program's catalogue. To be called once, before anything is printed. */
void language_choose(const char *domain);

/* The language that messages are in now, such as "ja". */
#define LANGUAGE_CODE_SIZE 16
void language_code(char ret_code[static LANGUAGE_CODE_SIZE]);

#endif
