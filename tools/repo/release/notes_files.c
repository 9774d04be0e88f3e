#include "tools/repo/release/notes_files.h"

#include <fcntl.h>
#include <string.h>

#include "common/buf.h"
#include "common/text.h"
#include "manifests/release/release_notes.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define FILE_MAX_BYTES (4 * RELEASE_NOTE_MAX_BYTES)

/* One line without what editors leave at its end; a tab becomes a blank. */
static int take_line(struct buf *text, const char *line, size_t len, struct error *err)
{
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++)
		if (buf_append(text, line[i] == '\t' ? " " : &line[i], 1, err) < 0)
			return -1;
	return buf_append(text, "\n", 1, err);
}

static int tidy(const struct buf *file, struct buf *ret_text, struct error *err)
{
	const char *at = buf_text(file), *end = at + file->len;

	if (strlen(at) != file->len)
		return error_set(err, ERROR_INPUT, "it holds a NUL byte: notes are plain text in UTF-8");
	if (strncmp(at, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		at += strlen(BYTE_ORDER_MARK);
	while (at < end) {
		size_t len = strcspn(at, "\n");

		if (take_line(ret_text, at, len, err) < 0)
			return -1;
		at += len + (at[len] == '\n');
	}
	while (ret_text->len > 1 && ret_text->data[ret_text->len - 1] == '\n' &&
		ret_text->data[ret_text->len - 2] == '\n')
		ret_text->data[--ret_text->len] = '\0';
	return 0;
}

static int read_one(struct fs *fs, const char *word, struct release *release, struct error *err)
{
	AUTO(buf) struct buf file = BUF_INIT(FILE_MAX_BYTES);
	AUTO(buf) struct buf text = BUF_INIT(FILE_MAX_BYTES + 1);
	const char *equals = strchr(word, '=');
	char language[RELEASE_LANGUAGE_SIZE] = "";

	if (!equals || (size_t)(equals - word) >= sizeof(language))
		return error_set(err, ERROR_USAGE, "--notes '%.80s' is not LANGUAGE=FILE, such as ja=notes.ja.txt", word);
	memcpy(language, word, (size_t)(equals - word));
	if (fs_read_given(fs, equals + 1, &file, err) < 0) {
		if (err->code == ERROR_REFUSED)
			err->code = ERROR_INPUT; /* longer than any notes may be */
		return error_context(err, "--notes %s", word);
	}
	if (tidy(&file, &text, err) < 0 || release_notes_add(release, language, buf_text(&text), err) < 0)
		return error_context(err, "%s", equals + 1);
	return 0;
}

int notes_files_read(struct fs *fs, const struct args *args, struct release *release, struct problems *problems,
	struct error *err)
{
	const char *word;

	for (size_t i = 0; (word = args_nth(args, "notes", i)); i++) {
		struct error why = {0};

		if (read_one(fs, word, release, &why) == 0 || problems_take(problems, &why) == 0)
			continue;
		*err = why;
		return -1;
	}
	return 0;
}
