#include "tools/repo/release/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

#define SENTENCE_SIZE sizeof(((struct error *)0)->text)
#define SENTENCES_BYTES (PROBLEMS_MOST * (SENTENCE_SIZE + 1))

void problems_init(struct problems *problems)
{
	*problems = (struct problems){
		.errors.sentences = BUF_INIT(SENTENCES_BYTES), .warnings.sentences = BUF_INIT(SENTENCES_BYTES)};
}

void problems_clear(struct problems *problems)
{
	buf_clear(&problems->errors.sentences);
	buf_clear(&problems->warnings.sentences);
}

/* One line, whatever stands in the names that it quotes. Without memory for a sentence it is counted all the same. */
static void add(struct problems_list *list, const char *sentence)
{
	char line[SENTENCE_SIZE];
	int failed = 0;

	text_printable(sentence, line, sizeof(line));
	if (list->count++ < PROBLEMS_MOST)
		failed = buf_printf(&list->sentences, NULL, "%s\n", line);
	(void)failed;
}

int problems_take(struct problems *problems, struct error *why)
{
	if (why->code != ERROR_INPUT)
		return -1;
	add(&problems->errors, why->text);
	*why = (struct error){0};
	return 0;
}

void problems_warn(struct problems *problems, const char *fmt, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	add(&problems->warnings, sentence);
}

static void print_list(const struct problems_list *list, const char *program, const char *input, const char *kind)
{
	const char *sentence = buf_text(&list->sentences), *end;

	for (; (end = strchr(sentence, '\n')); sentence = end + 1)
		(void)fprintf(stderr, "%s: %s%s: %.*s\n", program, kind, input, (int)(end - sentence), sentence);
	if (list->count > PROBLEMS_MOST)
		(void)fprintf(stderr, "%s: %s%s: and %zu more\n", program, kind, input, list->count - PROBLEMS_MOST);
}

void problems_print(const struct problems *problems, const char *program, const char *input)
{
	/* The only one is the error that the program ends with. */
	if (problems->errors.count > 1)
		print_list(&problems->errors, program, input, "");
	print_list(&problems->warnings, program, input, "warning: ");
}

int problems_judge(const struct problems *problems, struct error *err)
{
	const char *first = buf_text(&problems->errors.sentences);

	if (problems->errors.count == 0)
		return 0;
	if (problems->errors.count == 1)
		return error_set(err, ERROR_INPUT, "%.*s", (int)strcspn(first, "\n"), first);
	return error_set(err, ERROR_INPUT, "%zu things in it cannot be delivered; each is named above",
		problems->errors.count);
}

json_t *problems_warnings(const struct problems *problems)
{
	AUTO(json) json_t *texts = json_array();
	const char *sentence = buf_text(&problems->warnings.sentences), *end;

	for (; texts && (end = strchr(sentence, '\n')); sentence = end + 1)
		if (json_array_append_new(texts, json_stringn(sentence, (size_t)(end - sentence))) < 0)
			return NULL;
	return take_ptr(&texts);
}
