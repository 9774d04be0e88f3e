#include "agent/proof/announce.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/message_ids.h"
#include "common/auto.h"

static const struct message {
	const char *id;
	enum log_level level;
	const char *operation; /* "": any; NULL: not of the history */
	const char *outcome;   /* "": any */
} messages[] = {
#define MESSAGE_ROW(name, id, level, operation, outcome) {id, level, operation, outcome},
	MESSAGE_IDS(MESSAGE_ROW)
#undef MESSAGE_ROW
};

static bool fits(const char *pattern, const char *word)
{
	return !*pattern || strcmp(pattern, word) == 0;
}

static const struct message *find_message(const struct history_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (messages[i].operation && fits(messages[i].operation, row->operation) &&
			fits(messages[i].outcome, row->outcome))
			return &messages[i];
	return NULL;
}

static int note_number(void *context, const struct history_row *row, struct error *err)
{
	struct announce *announce = context;

	(void)err;
	announce->told = row->number;
	return 0;
}

struct telling {
	struct announce *announce;
	const struct log *log;
};

static int tell(void *context, const struct history_row *row, struct error *err)
{
	const struct telling *telling = context;
	const struct message *message = find_message(row);
	const struct log_field fields[] = {
		{"HAISHIN_OPERATION", row->operation},
		{"HAISHIN_OUTCOME", row->outcome},
		{"HAISHIN_PACKAGE", row->package},
		{"HAISHIN_VERSION", row->version},
		{"HAISHIN_ERROR", row->error},
		{"HAISHIN_DETAIL", row->detail},
	};
	char text[2 * STORE_TEXT_SIZE];

	(void)err;
	telling->announce->told = row->number;
	if (!message)
		return 0;
	(void)snprintf(text, sizeof(text), "%s%s%s%s%s: %s%s%s", row->package, *row->version ? " " : "", row->version,
		*row->package ? ": " : "", row->operation, row->outcome, *row->detail ? ": " : "", row->detail);
	log_message(telling->log, message->level, message->id, fields, ARRAY_SIZE(fields), text);
	return 0;
}

int announce_begin(struct store *store, struct announce *announce, struct error *err)
{
	const struct history_filter newest = {.newest = 1};

	return history_each(store, &newest, note_number, announce, err);
}

void announce_news(struct store *store, struct announce *announce, const struct log *log)
{
	const struct history_filter news = {.after = announce->told};
	struct telling telling = {announce, log};
	struct error err = {0};

	if (history_each(store, &news, tell, &telling, &err) < 0)
		log_line(log, LOG_LEVEL_ERROR, "cannot tell what is new in the history: %s", err.text);
}
