/* The words of people: English as it stands in the sources, Japanese from a program's catalogue (gettext, po/). */
#ifndef COMMON_WORDS_CATALOGUE_H
#define COMMON_WORDS_CATALOGUE_H

#include <libintl.h>

#define N_(text) text /* translated where it is used */

/* gettext looks at LANGUAGE in every locale but "C" and, from Debian 13 on, "C.UTF-8", which is all that a small
 * installation has. For a territory that is nobody's the C library takes the locale without one (glibc manual, "Locale
 * Names"): this is C.UTF-8 by a name in which gettext does look. */
#define CATALOGUE_LOCALE "C_ZZ.UTF-8"

/* Where the catalogue of DOMAIN stands: beside the program, as PREFIX/bin/haishin and PREFIX/share/locale. Its words
 * come as UTF-8. To be called once, before any other thread runs. */
void catalogue_find(const char *domain);

#endif
