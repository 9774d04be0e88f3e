/* Exports of the history, each checked with the key that it names itself: what is sound is one chain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/proof/history_file.h"
#include "agent/store/history.h"
#include "tests/fuzz/fuzz.h"

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	if (row->number != ++*(int64_t *)context)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *end = len ? memchr(data, '\n', len) : NULL;
	AUTO(json) json_t *head = end ? json_parse(data, (size_t)(end - data), NULL) : NULL;
	AUTO(key) struct key *key = head ? key_parse(json_object_get(head, "key"), NULL) : NULL;
	AUTO(file) FILE *file = key ? fmemopen((void *)(uintptr_t)data, len, "re") : NULL;
	struct history_file_facts facts;
	struct error err = {0};
	int64_t number;

	if (!file)
		return 0;
	number = json_integer_value(json_object_get(head, "first")) - 1;
	if (history_file_verify(file, &(struct history_file_trust){.key = key}, count_row, &number, &facts, &err) ==
			0 &&
		facts.last.number != number)
		abort();
	return 0;
}
