#include "collector/page/base/html.h"

#include <ctype.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

#define ARGUMENTS_MOST 9
#define DOMAIN "haishin-collector"
#define REPLACEMENT "\xef\xbf\xbd"

void html_clear(struct html *html)
{
	buf_clear(&html->text);
}

static void append(struct html *html, const char *text, size_t len)
{
	if (len && buf_append(&html->text, text, len, NULL) < 0)
		html->is_cut = true;
}

/* ---- Text ---- */

static uint32_t code_point(const char *at, size_t len)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t point = (unsigned char)*at & first[len];

	for (size_t i = 1; i < len; i++)
		point = point << 6 | ((unsigned char)at[i] & 0x3f);
	return point;
}

/* Characters that act rather than are read: controls, directions of writing, lines of another kind, what takes no room,
 * tags, what no text interchanges. A line feed is space. */
static bool acts(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x09},
		{0x0b, 0x1f},
		{0x7f, 0x9f},
		{0xad, 0xad},
		{0x34f, 0x34f},
		{0x61c, 0x61c},
		{0x115f, 0x1160},
		{0x17b4, 0x17b5},
		{0x180b, 0x180f},
		{0x200b, 0x200f},
		{0x2028, 0x202e},
		{0x2060, 0x206f},
		{0x3164, 0x3164},
		{0xfdd0, 0xfdef},
		{0xfeff, 0xfeff},
		{0xfff0, 0xfffb},
		{0xfffe, 0xffff},
		{0xe0000, 0xe007f},
		{0xf0000, 0x10ffff},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

static const char *entity_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Most characters are. */
static bool is_plain(char byte)
{
	return byte >= ' ' && byte < 0x7f && !entity_of(byte);
}

static void append_text(struct html *html, const char *text)
{
	const char *plain = text, *replaced;

	for (size_t len; (len = text_character_length(text)) > 0; text += len) {
		if (is_plain(*text))
			continue;
		replaced = entity_of(*text);
		if (!replaced && (!text_is_utf8(text, len) || acts(code_point(text, len))))
			replaced = REPLACEMENT;
		if (!replaced)
			continue;
		append(html, plain, (size_t)(text - plain));
		append(html, replaced, strlen(replaced));
		plain = text + len;
	}
	append(html, plain, (size_t)(text - plain));
}

/* ---- Formats ---- */

struct spec {
	size_t place; /* of its argument, from 0 */
	char kind;    /* s, d, f, or % for itself */
	int longs;
	bool has_groups;
	size_t len;
};

/* Reads what follows a '%'; PLACE is that of the next argument where none is named, as %2$s does. */
static struct spec read_spec(const char *at, size_t place)
{
	struct spec spec = {.place = place};
	const char *from = at;

	if (isdigit((unsigned char)at[0]) && at[1] == '$') {
		spec.place = (size_t)(at[0] - '1');
		at += 2;
	}
	if (*at == '\'') {
		spec.has_groups = true;
		at++;
	}
	at += strspn(at, ".1");
	for (; *at == 'l'; at++)
		spec.longs++;
	spec.kind = *at;
	spec.len = (size_t)(at - from) + (*at != '\0');
	return spec;
}

union argument {
	const char *text;
	long long number;
	double share;
};

static void append_number(struct html *html, long long number, bool has_groups)
{
	char digits[24], text[32];
	size_t len, at = 0;

	(void)snprintf(digits, sizeof(digits), "%lld", number);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (has_groups && i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
			text[at++] = ',';
		text[at++] = digits[i];
	}
	append(html, text, at);
}

static void append_argument(struct html *html, const struct spec *spec, const union argument *argument)
{
	char text[32];

	switch (spec->kind) {
	case 's':
		append_text(html, argument->text ? argument->text : "");
		return;
	case 'd':
		append_number(html, argument->number, spec->has_groups);
		return;
	case 'f':
		(void)snprintf(text, sizeof(text), "%.1f", argument->share);
		append(html, text, strlen(text));
		return;
	default:
		append(html, "%", 1);
	}
}

/* The arguments stand in the call in the order of the original, whatever order a translation names them in. */
static void read_arguments(const char *fmt, va_list list, union argument *ret_arguments)
{
	struct spec specs[ARGUMENTS_MOST] = {{0}}, spec;
	size_t count = 0;

	for (; (fmt = strchr(fmt, '%')); fmt += 1 + spec.len) {
		spec = read_spec(fmt + 1, count);
		if (spec.kind == '%' || spec.place >= ARGUMENTS_MOST)
			continue;
		specs[spec.place] = spec;
		count = spec.place + 1 > count ? spec.place + 1 : count;
	}
	for (size_t i = 0; i < count; i++) {
		if (specs[i].kind == 's')
			ret_arguments[i].text = va_arg(list, const char *);
		else if (specs[i].kind == 'f')
			ret_arguments[i].share = va_arg(list, double);
		else if (specs[i].longs == 2)
			ret_arguments[i].number = va_arg(list, long long);
		else if (specs[i].longs == 1)
			ret_arguments[i].number = va_arg(list, long);
		else
			ret_arguments[i].number = va_arg(list, int);
	}
}

void html_put(struct html *html, const char *fmt, ...)
{
	union argument arguments[ARGUMENTS_MOST] = {{0}};
	size_t place = 0;
	struct spec spec;
	const char *next;
	va_list list;

	va_start(list, fmt);
	read_arguments(fmt, list, arguments);
	va_end(list);
	for (; (next = strchr(fmt, '%')); fmt = next + 1 + spec.len) {
		append(html, fmt, (size_t)(next - fmt));
		spec = read_spec(next + 1, place);
		if (spec.place >= ARGUMENTS_MOST)
			continue;
		append_argument(html, &spec, &arguments[spec.place]);
		place += spec.kind != '%';
	}
	append(html, fmt, strlen(fmt));
}

const char *html_address(const char *text, char ret_address[static HTML_ADDRESS_SIZE])
{
	size_t len = 0;

	for (; *text && len + 4 < HTML_ADDRESS_SIZE; text++) {
		unsigned char byte = (unsigned char)*text;

		if (isalnum(byte) || strchr("-._~/", byte))
			ret_address[len++] = (char)byte;
		else
			len += (size_t)snprintf(ret_address + len, 4, "%%%02X", byte);
	}
	ret_address[*text ? 0 : len] = '\0';
	return ret_address;
}

/* ---- Words ---- */

/* A locale that only the thread that asks for a word is in, so that nothing else of the program speaks Japanese. */
static locale_t speaking;

int html_find_words(struct error *err)
{
	(void)setenv("LANGUAGE", "ja", 1);
	catalogue_find(DOMAIN);
	speaking = newlocale(LC_MESSAGES_MASK | LC_CTYPE_MASK, CATALOGUE_LOCALE, (locale_t)0);
	return speaking ? 0
			: error_set(err, ERROR_FAILED, "no words for the page: this system has no locale C.UTF-8");
}

const char *html_word(const struct html *html, const char *text)
{
	const char *word;
	locale_t before;

	if (!html->is_japanese || !*text)
		return text;
	before = uselocale(speaking);
	word = dgettext(DOMAIN, text);
	(void)uselocale(before);
	return word;
}

const char *html_words(const struct html *html, const char *one, const char *many, int64_t count)
{
	const char *word;
	locale_t before;

	if (!html->is_japanese)
		return count == 1 ? one : many;
	before = uselocale(speaking);
	word = dngettext(DOMAIN, one, many, (unsigned long)count);
	(void)uselocale(before);
	return word;
}
