#include "tools/haishin/draw/details.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/command_line/language.h"
#include "common/words/support_details.h"

#define HOLE "%s"
#define HOLES_MOST 8
#define DEPTH_MOST 8 /* sentences within sentences */

static const char *const sentences[] = {
#define DETAIL_SENTENCE(sentence) sentence,
	EACH_SUPPORT_DETAIL(DETAIL_SENTENCE)
#undef DETAIL_SENTENCE
};

/* A part of a text. */
struct part {
	const char *text;
	size_t len;
};

static bool begins(struct part part, const char *text, size_t len)
{
	return part.len >= len && memcmp(part.text, text, len) == 0;
}

static struct part behind(struct part part, size_t len)
{
	return (struct part){part.text + len, part.len - len};
}

/* Whether PART is SENTENCE, and what fills its holes; a hole takes as little as it can, and something. */
static bool fits(const char *sentence, struct part part, struct part *ret_holes, size_t count)
{
	const char *hole = strstr(sentence, HOLE);
	size_t len = hole ? (size_t)(hole - sentence) : strlen(sentence);

	if (!begins(part, sentence, len))
		return false;
	part = behind(part, len);
	if (!hole)
		return part.len == 0;
	if (count == HOLES_MOST)
		return false;
	for (size_t taken = 1; taken <= part.len; taken++) {
		ret_holes[count] = (struct part){part.text, taken};
		if (fits(hole + strlen(HOLE), behind(part, taken), ret_holes, count + 1))
			return true;
	}
	return false;
}

struct writing {
	char *text;
	size_t len;
};

static void put(struct writing *writing, const char *text, size_t len)
{
	if (len > DETAILS_SIZE - 1 - writing->len)
		len = DETAILS_SIZE - 1 - writing->len;
	memcpy(writing->text + writing->len, text, len);
	writing->len += len;
	writing->text[writing->len] = '\0';
}

static bool translate(struct writing *writing, struct part part, int depth);

/* The holes of WORDS in their order, or by number, as "%2$s". */
static void fill_in(struct writing *writing, const char *words, const struct part *holes, int depth)
{
	size_t next = 0, at;
	const char *hole;

	for (; (hole = strchr(words, '%')); words = hole) {
		put(writing, words, (size_t)(hole - words));
		at = hole[1] >= '1' && hole[1] <= '9' && hole[2] == '$' ? (size_t)(hole[1] - '1') : next++;
		hole += hole[1] == 's' ? 2 : 4;
		(void)translate(writing, holes[at], depth);
	}
	put(writing, words, strlen(words));
}

static bool translate_sentence(struct writing *writing, struct part part, int depth)
{
	struct part holes[HOLES_MOST];

	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++)
		if (fits(sentences[i], part, holes, 0)) {
			fill_in(writing, _(sentences[i]), holes, depth + 1);
			return true;
		}
	return false;
}

/* What is said of what: either may be ours. Nothing is written where neither is. */
static bool translate_both_sides(struct writing *writing, struct part part, int depth)
{
	static const char colon[] = ": ";
	const char *found = memmem(part.text, part.len, colon, strlen(colon));
	size_t before = writing->len, len = found ? (size_t)(found - part.text) : 0;
	bool is_ours;

	if (!found)
		return false;
	is_ours = translate(writing, (struct part){part.text, len}, depth + 1);
	put(writing, colon, strlen(colon));
	is_ours |= translate(writing, behind(part, len + strlen(colon)), depth + 1);
	if (!is_ours)
		writing->text[writing->len = before] = '\0';
	return is_ours;
}

/* False where nothing in it is ours; it is written as it is then. */
static bool translate(struct writing *writing, struct part part, int depth)
{
	if (depth < DEPTH_MOST &&
		(translate_sentence(writing, part, depth) || translate_both_sides(writing, part, depth)))
		return true;
	put(writing, part.text, part.len);
	return false;
}

const char *details_text(const char *detail, char ret_text[static DETAILS_SIZE])
{
	struct writing writing = {.text = ret_text};

	*ret_text = '\0';
	(void)translate(&writing, (struct part){detail, strlen(detail)}, 0);
	return ret_text;
}
