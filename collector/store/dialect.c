#include "collector/store/dialect.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct word {
	const char *word;
	const char *in[2]; /* SQLite, PostgreSQL */
} words[] = {
	{"@number", {"INTEGER", "BIGINT"}},
	{"@bytes", {"BLOB", "BYTEA"}},
	{"@id", {"INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"}},
	{"@strict", {"STRICT", ""}},
	{"@clustered", {"STRICT, WITHOUT ROWID", ""}},
	{"@monthly", {"STRICT", "PARTITION BY RANGE (received_s)"}},
	/* Keeps others from changing the rows until this transaction ends; SQLite has one writer anyway. */
	{"@locked", {"", "FOR UPDATE"}},
	/* SQLite would take the other index, having no statistics. */
	{"@bystate", {"INDEXED BY delivery_by_state", ""}},
	{"@byfilter", {"INDEXED BY terminal_by_filter", ""}},
	{"@byring", {"INDEXED BY terminal_by_ring", ""}},
	{"@byverdict", {"INDEXED BY terminal_by_verdict", ""}},
	/* The numbers of the JSON array $1 as a set. */
	{"@numbers", {"(SELECT value FROM json_each($1))",
			     "(SELECT value::bigint FROM json_array_elements_text($1::json))"}},
};

static const struct word *word_at(const char *text)
{
	size_t len = 1 + strspn(text + 1, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len && strncmp(words[i].word, text, len) == 0)
			return &words[i];
	return NULL;
}

int dialect_translate(enum dialect dialect, const char *sql, struct buf *ret_sql, struct error *err)
{
	const struct word *word;
	const char *at;

	for (; (at = strchr(sql, '@')); sql = at + strlen(word->word)) {
		if (at > sql && buf_append(ret_sql, sql, (size_t)(at - sql), err) < 0)
			return -1;
		word = word_at(at);
		assert(word);
		if (buf_append(ret_sql, word->in[dialect], strlen(word->in[dialect]), err) < 0)
			return -1;
	}
	return buf_append(ret_sql, sql, strlen(sql), err);
}
