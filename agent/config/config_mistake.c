#include "agent/config/config_mistake.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "agent/config/config.h"
#include "common/text.h"

#define NAME_MOST 40 /* a longer name is not looked for */
#define SLIPS_MOST 2 /* so many slips of the finger make another name */
#define SHORT_NAME 4 /* of a name as short as this, one */
#define SHOWN_SIZE (NAME_MOST + 8)

/* ---- What may have been meant ---- */

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters were put in, left out, are others, or stand in each other's place. */
static size_t slips_between(const char *a, const char *b)
{
	size_t slips[NAME_MOST + 1][NAME_MOST + 1], a_len = strlen(a), b_len = strlen(b);

	if (a_len > NAME_MOST || b_len > NAME_MOST)
		return NAME_MOST;
	for (size_t i = 0; i <= a_len; i++)
		for (size_t j = 0; j <= b_len; j++) {
			if (i == 0 || j == 0) {
				slips[i][j] = i + j;
				continue;
			}
			slips[i][j] = lesser(lesser(slips[i - 1][j], slips[i][j - 1]) + 1,
				slips[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				slips[i][j] = lesser(slips[i][j], slips[i - 2][j - 2] + 1);
		}
	return slips[a_len][b_len];
}

static bool is_alike(const char *written, const char *known)
{
	size_t slips = slips_between(written, known);

	return slips == 0 || slips <= (strlen(known) <= SHORT_NAME ? 1 : SLIPS_MOST);
}

/* The nearest that there is: in this section or one that is called nearly so, or by its own name in another. */
static bool suggest(const struct config_unknown *unknown, struct config_setting *ret_setting)
{
	size_t nearest = 3 * SLIPS_MOST;
	struct config_setting setting;

	for (size_t i = 0; config_setting_at(i, &setting); i++) {
		bool section_is_alike = is_alike(unknown->section, setting.section);
		size_t slips = slips_between(unknown->key, setting.key) +
			       (section_is_alike ? slips_between(unknown->section, setting.section) : SLIPS_MOST + 1);

		if (slips >= nearest || !is_alike(unknown->key, setting.key) ||
			(!section_is_alike && strcmp(unknown->key, setting.key) != 0))
			continue;
		nearest = slips;
		*ret_setting = setting;
	}
	return nearest < 3 * SLIPS_MOST;
}

static bool suggest_for_environment(const struct config_unknown *unknown, const char **ret_key)
{
	size_t nearest = SLIPS_MOST + 1;
	struct environment_key known;

	for (size_t i = 0; environment_key(i, &known); i++) {
		size_t slips = slips_between(unknown->key, known.key);

		if (slips >= nearest || !is_alike(unknown->key, known.key))
			continue;
		nearest = slips;
		*ret_key = known.key;
	}
	return nearest <= SLIPS_MOST;
}

static void say_suggestion(const struct config_unknown *unknown, char *ret_text, size_t size)
{
	struct config_setting setting;
	const char *key;

	ret_text[0] = '\0';
	if (strncmp(unknown->section, ENVIRONMENT_SECTION, strlen(ENVIRONMENT_SECTION)) == 0) {
		if (suggest_for_environment(unknown, &key))
			(void)snprintf(ret_text, size, "; did you mean %s?", key);
	} else if (suggest(unknown, &setting)) {
		(void)snprintf(ret_text, size, "; did you mean [%s] %s?", setting.section, setting.key);
	}
}

/* ---- What is said of it ---- */

void config_mistake_text(const struct config_unknown *unknown, char ret_text[static CONFIG_MISTAKE_SIZE])
{
	char section[SHOWN_SIZE], key[SHOWN_SIZE], suggestion[2 * NAME_MOST + 32];
	char text[PATH_MAX + sizeof(section) + sizeof(key) + sizeof(suggestion) + 128];

	text_printable(unknown->section, section, sizeof(section));
	text_printable(unknown->key, key, sizeof(key));
	say_suggestion(unknown, suggestion, sizeof(suggestion));
	(void)snprintf(text, sizeof(text),
		"%s: [%s] %s is not known to haishind " HAISHIN_VERSION "; it has no effect%s", unknown->source,
		section, key, suggestion);
	text_cut(text, ret_text, CONFIG_MISTAKE_SIZE);
}

int config_mistake_refuse(const struct config_unknowns *unknowns, struct error *err)
{
	char text[CONFIG_MISTAKE_SIZE], others[48] = "";

	if (unknowns->count == 0)
		return 0;
	config_mistake_text(&unknowns->items[0], text);
	if (unknowns->count > 1)
		(void)snprintf(others, sizeof(others), " (and %zu more)", unknowns->count - 1);
	return error_set(err, ERROR_INPUT, "%s%s", text, others);
}
