#include "manifests/release/release_notes.h"

#include <string.h>

#include "common/buf.h"
#include "common/json.h"
#include "common/text.h"
#include "manifests/base/arena.h"

#define HEADLINE_SIZE 161 /* a longer first line is cut */
#define NOTES_MAX_BYTES (RELEASE_MAX_NOTES * (6 * RELEASE_NOTE_MAX_BYTES + 64))

/* ---- The rules ---- */

static bool is_language(const char *language)
{
	size_t first = strspn(language, "abcdefghijklmnopqrstuvwxyz");
	const char *rest = language + first;

	if (first < 2 || first > 3 || strlen(language) >= RELEASE_LANGUAGE_SIZE)
		return false;
	return !*rest || (*rest == '-' && rest[1] &&
				 rest[1 + strspn(rest + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] ==
					 '\0');
}

static size_t line_of(const char *text, const char *at)
{
	size_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static int check_note(const char *language, const char *text, struct error *err)
{
	const char *acting = text_find_acting(text);

	if (!is_language(language))
		return error_set(err, ERROR_INPUT, "'%.40s' is no language such as ja, en or pt-BR", language);
	if (strlen(text) > RELEASE_NOTE_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "%s: they have %zu bytes; at most %d are allowed", language, strlen(text),
			RELEASE_NOTE_MAX_BYTES);
	if (acting)
		return error_set(err, ERROR_INPUT,
			"%s: line %zu holds a character that acts instead of being shown (byte 0x%02x): notes are plain "
			"text in UTF-8",
			language, line_of(text, acting), (unsigned char)*acting);
	if (text[strspn(text, " \n")] == '\0')
		return error_set(err, ERROR_INPUT, "%s: they are empty", language);
	return 0;
}

int release_notes_check(const struct release *release, struct error *err)
{
	if (release->notes_count > RELEASE_MAX_NOTES)
		return error_set(err, ERROR_INPUT, "notes: at most %d languages are allowed", RELEASE_MAX_NOTES);
	for (size_t i = 0; i < release->notes_count; i++)
		if (check_note(release->notes[i].language, release->notes[i].text, err) < 0)
			return error_context(err, "notes");
	return 0;
}

/* ---- Making and reading ---- */

int release_notes_add(struct release *release, const char *language, const char *text, struct error *err)
{
	struct release_note note;
	size_t at = 0;

	if (release->notes_count == RELEASE_MAX_NOTES)
		return error_set(err, ERROR_INPUT, "notes: at most %d languages are allowed", RELEASE_MAX_NOTES);
	if (check_note(language, text, err) < 0)
		return error_context(err, "notes");
	while (at < release->notes_count && strcmp(release->notes[at].language, language) < 0)
		at++;
	if (at < release->notes_count && strcmp(release->notes[at].language, language) == 0)
		return error_set(err, ERROR_INPUT, "notes: %s stands there twice", language);
	if (arena_keep(release->memory, language, &note.language, err) < 0 ||
		arena_keep(release->memory, text, &note.text, err) < 0)
		return -1;
	memmove(&release->notes[at + 1], &release->notes[at], (release->notes_count - at) * sizeof(note));
	release->notes[at] = note;
	release->notes_count++;
	return 0;
}

int release_notes_read(const json_t *json, struct release *release, struct error *err)
{
	const json_t *notes = NULL;
	const char *language;
	const json_t *text;

	if (json_may_object(json, "notes", &notes, err) < 0)
		return -1;
	json_object_foreach ((json_t *)notes, language, text) {
		if (!json_is_string(text) || strlen(json_string_value(text)) != json_string_length(text))
			return error_set(err, ERROR_INPUT, "notes: '%.40s' is not a text", language);
		if (release_notes_add(release, language, json_string_value(text), err) < 0)
			return -1;
	}
	return 0;
}

json_t *release_notes_pack(const struct release *release)
{
	json_t *notes = json_object();

	for (size_t i = 0; i < release->notes_count; i++)
		if (json_object_set_new(notes, release->notes[i].language, json_string(release->notes[i].text)) < 0) {
			json_decref(notes);
			return NULL;
		}
	return notes;
}

/* ---- What is shown in short ---- */

static json_t *headline_of(const char *text)
{
	char line[HEADLINE_SIZE], whole[RELEASE_NOTE_MAX_BYTES + 1];

	text += strspn(text, " \n");
	(void)snprintf(whole, sizeof(whole), "%.*s", (int)strcspn(text, "\n"), text);
	text_cut(whole, line, sizeof(line));
	return json_string(line);
}

json_t *release_notes_headlines(const struct release *release)
{
	json_t *lines = json_object();

	for (size_t i = 0; i < release->notes_count; i++)
		if (json_object_set_new(lines, release->notes[i].language, headline_of(release->notes[i].text)) < 0) {
			json_decref(lines);
			return NULL;
		}
	return lines;
}

int release_notes_digest(const struct release *release, char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(json) json_t *notes = release_notes_pack(release);
	AUTO(buf) struct buf text = BUF_INIT(NOTES_MAX_BYTES);
	struct sha256 digest;

	if (!notes)
		return error_set(err, ERROR_FAILED, "no memory for notes");
	if (json_write(notes, &text, err) < 0)
		return -1;
	sha256_of(text.data, text.len, &digest);
	(void)sha256_hex(&digest, ret_digest);
	return 0;
}
