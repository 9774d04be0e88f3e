#include "tools/window/page/page.h"

#include <string.h>

#include "common/auto.h"
#include "common/command_line/language.h"
#include "tools/haishin/draw/words.h"
#include "tools/window/page/page_words.h"

#define NAME_SIZE 40

extern const char page_index_html[], page_window_css[], page_window_js[], page_icon_svg[];

static const struct {
	const char *name;
	const char *text;
} words[] = {
#define PAGE_WORD(name, text) {name, text},
	EACH_PAGE_WORD(PAGE_WORD)
#undef PAGE_WORD
};

const char *page_file(const char *name, const char **ret_type)
{
	const struct {
		const char *name, *type, *text;
	} files[] = {
		{"window.css", "text/css; charset=utf-8", page_window_css},
		{"window.js", "text/javascript; charset=utf-8", page_window_js},
		{"icon.svg", "image/svg+xml", page_icon_svg},
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (strcmp(files[i].name, name) == 0) {
			*ret_type = files[i].type;
			return files[i].text;
		}
	return NULL;
}

/* As text between tags and in attributes. */
static int write_escaped(const char *text, size_t len, struct buf *html, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		const char *entity = text[i] == '<'   ? "&lt;"
				     : text[i] == '>' ? "&gt;"
				     : text[i] == '&' ? "&amp;"
				     : text[i] == '"' ? "&quot;"
						      : NULL;

		if ((entity ? buf_append(html, entity, strlen(entity), err) : buf_append(html, &text[i], 1, err)) < 0)
			return -1;
	}
	return 0;
}

/* JSON in a <script> that is data: no "<" of a text may end it. */
static int write_data(const json_t *data, struct buf *html, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(html->limit);

	if (json_write(data, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if ((text.data[i] == '<' ? buf_append(html, "\\u003c", 6, err)
					 : buf_append(html, &text.data[i], 1, err)) < 0)
			return -1;
	return 0;
}

static json_t *words_json(void)
{
	json_t *json = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		(void)json_object_set_new(json, words[i].name, json_string(_(words[i].text)));
	return json;
}

static json_t *outcomes_json(void)
{
	static const char *const outcomes[] = {"done", "begun", "refused", "failed", "stopped"};
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("name", outcomes[i]),
							  json_text("word", words_of_history_outcome(outcomes[i])),
						  }));
	return list;
}

static bool is_translated(void)
{
	return strcmp(_(words[0].text), words[0].text) != 0;
}

static int write_slot(const char *name, const json_t *state, struct buf *html, struct error *err)
{
	AUTO(json) json_t *texts = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return write_escaped(_(words[i].text), strlen(_(words[i].text)), html, err);
	if (strcmp(name, "LANG") == 0)
		return buf_printf(html, err, "%s", is_translated() ? "ja" : "en");
	if (strcmp(name, "STATE") == 0)
		return write_data(state, html, err);
	if (strcmp(name, "OUTCOMES") == 0)
		return write_data(texts = outcomes_json(), html, err);
	if (strcmp(name, "WORDS") == 0)
		return write_data(texts = words_json(), html, err);
	return error_set(err, ERROR_FAILED, "the page asks for a word '%s' that there is not", name);
}

int page_write(const json_t *state, struct buf *ret_html, struct error *err)
{
	const char *at = page_index_html, *slot;

	while ((slot = strstr(at, "{{"))) {
		size_t len = strcspn(slot + 2, "}");
		char name[NAME_SIZE] = "";

		if (len < sizeof(name))
			memcpy(name, slot + 2, len);
		if (buf_append(ret_html, at, (size_t)(slot - at), err) < 0 ||
			write_slot(name, state, ret_html, err) < 0)
			return -1;
		at = slot + 2 + len + 2;
	}
	return buf_append(ret_html, at, strlen(at), err);
}
