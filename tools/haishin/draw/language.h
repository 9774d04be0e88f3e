/* Which language people are spoken to in: Japanese or English, by the locale (gettext). */
#ifndef TOOLS_HAISHIN_DRAW_LANGUAGE_H
#define TOOLS_HAISHIN_DRAW_LANGUAGE_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text /* translated where it is used */

/* Chooses by LANGUAGE, LC_ALL, LC_MESSAGES and LANG, also where the locale they name is not installed on this
 * machine. To be called once, before anything is printed. */
void language_choose(void);

#endif
