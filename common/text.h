/* UTF-8 text at the edges: validity, characters, and columns on a terminal. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* True if the bytes are well-formed UTF-8: no overlong form, no surrogate, nothing beyond U+10FFFF. */
bool text_is_utf8(const char *text, size_t len);

/* The bytes of the character that TEXT begins with; 1 for a byte that begins none; 0 at the end. */
size_t text_character_length(const char *text);

/* The first character of TEXT that acts instead of being shown: a control character other than the line feed, what turns the
 * direction of text, what cannot be seen, a byte that is not UTF-8. NULL where there is none. */
const char *text_find_acting(const char *text);

/* Columns that TEXT takes on a terminal: two for a full-width character, none for a combining one. */
int text_columns(const char *text);

/* Prints to RET_TEXT the form of TEXT in which nothing acts on a terminal or on those who read it: control characters, what
 * ends a line or turns its direction round, and bytes that are not UTF-8 become '?'. Cut at SIZE. */
void text_printable(const char *text, char *ret_text, size_t size);

/* TEXT with what Japanese keyboards make wide as the machine writes it: full-width letters, digits and signs, blanks, and every
 * kind of hyphen. Cut at SIZE. RET_TEXT may not be TEXT. */
void text_narrow(const char *text, char *ret_text, size_t size);

/* True if WORD is one of WORDS, which have blanks between them; no WORDS (NULL) hold none. */
bool text_holds_word(const char *words, const char *word);

/* TEXT within SIZE, cut at the end of a character. RET_TEXT may not be TEXT. */
void text_cut(const char *text, char *ret_text, size_t size);

/* Copies the text in the array FROM to the array TO; it is a mistake at compile time where TO is the shorter one. */
#define text_assign(to, from)                                                                                        \
	do {                                                                                                         \
		_Static_assert(!__builtin_types_compatible_p(__typeof__(from), __typeof__(&(from)[0])), "an array"); \
		_Static_assert(sizeof(to) >= sizeof(from), "the longest text fits");                                 \
		memcpy((to), (from), sizeof(from));                                                                  \
	} while (0)

#endif
