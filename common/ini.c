#include "common/ini.h"

#include <stdbool.h>
#include <string.h>

#include <ini.h>

#include "common/text.h"

/* inih hands over no line number, so the reader it draws lines from counts them. */
struct parsing {
	const char *name;
	ini_setting *setting;
	void *context;
	struct error *err;
	const char *rest; /* what is not read yet */
	int line;	  /* the one being parsed, from 1 */
	bool refused;
};

/* inih calls it for each line, as it would call fgets. */
static char *next_line(char *ret_line, int size, void *stream)
{
	struct parsing *parsing = stream;
	size_t len = strcspn(parsing->rest, "\n");

	if (!*parsing->rest || parsing->refused)
		return NULL;
	parsing->line++;
	if (len + 2 > (size_t)size) {
		parsing->refused = true;
		(void)error_set(parsing->err, ERROR_INPUT, "%s:%d: the line is longer than %d bytes", parsing->name,
			parsing->line, size - 2);
		return NULL;
	}
	len += parsing->rest[len] == '\n';
	memcpy(ret_line, parsing->rest, len);
	ret_line[len] = '\0';
	parsing->rest += len;
	return ret_line;
}

/* inih calls it for each setting; 0 means an error at this line. */
static int take_setting(void *user, const char *section, const char *key, const char *value)
{
	struct parsing *parsing = user;

	if (parsing->setting(parsing->context, section, key, value ? value : "", parsing->line, parsing->err) == 0)
		return 1;
	parsing->refused = true;
	(void)error_context(parsing->err, "%s:%d", parsing->name, parsing->line);
	return 0;
}

static int check_encoding(const char *name, const struct buf *text, struct error *err)
{
	const char *line = buf_text(text), *end = line + text->len;

	if (text->len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		return error_set(err, ERROR_INPUT,
			"%s:1: the file begins with a byte order mark; save it as UTF-8 without BOM", name);
	if (text->len >= 2 && (memcmp(line, "\xff\xfe", 2) == 0 || memcmp(line, "\xfe\xff", 2) == 0))
		return error_set(err, ERROR_INPUT, "%s:1: the file is UTF-16; save it as UTF-8 without BOM", name);
	for (int number = 1; line < end; number++) {
		const char *line_end = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((line_end ? line_end : end) - line);

		if (memchr(line, '\0', len))
			return error_set(
				err, ERROR_INPUT, "%s:%d: a NUL byte; save the file as plain text", name, number);
		if (!text_is_utf8(line, len))
			return error_set(err, ERROR_INPUT,
				"%s:%d: not UTF-8 (Shift-JIS?); save the file as UTF-8 without BOM", name, number);
		line = line_end ? line_end + 1 : end;
	}
	return 0;
}

int ini_parse_text(const char *name, const struct buf *text, ini_setting *setting, void *context, struct error *err)
{
	struct parsing parsing = {.name = name, .setting = setting, .context = context, .err = err};
	int wrong_line;

	if (check_encoding(name, text, err) < 0)
		return -1;
	parsing.rest = buf_text(text);
	wrong_line = ini_parse_stream(next_line, &parsing, take_setting, &parsing);
	if (wrong_line > 0 && (!parsing.refused || wrong_line < parsing.line))
		return error_set(err, ERROR_INPUT, "%s:%d: neither a [section] nor 'key = value'", name, wrong_line);
	if (wrong_line < 0)
		return error_set(err, ERROR_FAILED, "%s: no memory to read it", name);
	return parsing.refused ? -1 : 0;
}
