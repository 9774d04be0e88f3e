#include "common/text.h"

#include <stdint.h>
#include <string.h>

#include "common/auto.h"

#define CHARACTER_MOST 4 /* bytes */

/* Decodes one character; returns its length in bytes, or 0 where it is malformed. */
static size_t decode(const unsigned char *bytes, size_t len, uint32_t *ret_character)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t need;
	uint32_t character;

	if (bytes[0] < 0x80)
		need = 1, character = bytes[0];
	else if ((bytes[0] & 0xe0) == 0xc0)
		need = 2, character = bytes[0] & 0x1fu;
	else if ((bytes[0] & 0xf0) == 0xe0)
		need = 3, character = bytes[0] & 0x0fu;
	else if ((bytes[0] & 0xf8) == 0xf0)
		need = 4, character = bytes[0] & 0x07u;
	else
		return 0;
	if (need > len)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (bytes[i] & 0x3fu);
	}
	if (character < lowest[need] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret_character = character;
	return need;
}

bool text_is_utf8(const char *text, size_t len)
{
	uint32_t character;

	for (size_t used; len; text += used, len -= used)
		if (!(used = decode((const unsigned char *)text, len, &character)))
			return false;
	return true;
}

/* Beside those below U+0020: C1, marks and overrides of direction, line and paragraph separators, invisible signs, a byte order
 * mark, annotations, language tags, and what is no character. */
static bool is_acting(uint32_t character)
{
	static const uint32_t ranges[][2] = {{0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200b},
		{0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff},
		{0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff}};

	if (character < ' ')
		return character != '\n';
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (character >= ranges[i][0] && character <= ranges[i][1])
			return true;
	return false;
}

const char *text_find_acting(const char *text)
{
	uint32_t character;
	size_t used;

	for (; *text; text += used) {
		used = decode((const unsigned char *)text, strnlen(text, CHARACTER_MOST), &character);
		if (!used || is_acting(character))
			return text;
	}
	return NULL;
}

size_t text_character_length(const char *text)
{
	uint32_t character;
	size_t used;

	if (!*text)
		return 0;
	used = decode((const unsigned char *)text, strnlen(text, CHARACTER_MOST), &character);
	return used ? used : 1;
}

struct range {
	uint32_t first;
	uint32_t last;
};

static bool is_in(uint32_t character, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	return false;
}

/* The blocks that Unicode's East Asian Width calls wide or full-width, as far as Japanese and its neighbours use
 * them. */
static int character_columns(uint32_t character)
{
	static const struct range combining[] = {
		{0x0300, 0x036f}, {0x200b, 0x200f}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}};
	static const struct range wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf},
		{0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe4f},
		{0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

	if (is_in(character, combining, ARRAY_SIZE(combining)))
		return 0;
	return is_in(character, wide, ARRAY_SIZE(wide)) ? 2 : 1;
}

int text_columns(const char *text)
{
	int columns = 0;

	for (size_t left = strlen(text), used; left; text += used, left -= used) {
		uint32_t character = '?';

		if (!(used = decode((const unsigned char *)text, left, &character)))
			used = 1;
		columns += character_columns(character);
	}
	return columns;
}

/* What ends a line, or turns round the direction in which the rest is read, too. */
static bool is_control(uint32_t character)
{
	return character < ' ' || (character >= 0x7f && character < 0xa0) || (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069) || character == 0xfeff;
}

void text_printable(const char *text, char *ret_text, size_t size)
{
	size_t out = 0;

	for (size_t left = strlen(text), used; left && out + 5 < size; text += used, left -= used) {
		uint32_t character = 0;

		used = decode((const unsigned char *)text, left, &character);
		if (!used || is_control(character)) {
			used = used ? used : 1;
			ret_text[out++] = '?';
			continue;
		}
		memcpy(ret_text + out, text, used);
		out += used;
	}
	ret_text[out] = '\0';
}

void text_cut(const char *text, char *ret_text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len == size) {
		len = size - 1;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(ret_text, text, len);
	ret_text[len] = '\0';
}

/* 0 for what stays as it is. */
static char narrow_of(uint32_t character)
{
	static const struct range hyphens[] = {{0x2010, 0x2015}, {0x2212, 0x2212}, {0x30fc, 0x30fc}, {0xff70, 0xff70}};

	if (character >= 0xff01 && character <= 0xff5e)
		return (char)(character - 0xff01 + '!');
	if (is_in(character, hyphens, ARRAY_SIZE(hyphens)))
		return '-';
	return character == 0x3000 ? ' ' : '\0';
}

void text_narrow(const char *text, char *ret_text, size_t size)
{
	size_t out = 0;

	while (*text && out + CHARACTER_MOST < size) {
		size_t used = text_character_length(text);
		uint32_t character = 0;
		char narrow;

		(void)decode((const unsigned char *)text, used, &character);
		if ((narrow = narrow_of(character))) {
			ret_text[out++] = narrow;
		} else {
			memcpy(ret_text + out, text, used);
			out += used;
		}
		text += used;
	}
	ret_text[out] = '\0';
}

bool text_holds_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; words && *(words += strspn(words, " \t")); words += strcspn(words, " \t"))
		if (strcspn(words, " \t") == len && strncmp(words, word, len) == 0)
			return true;
	return false;
}
