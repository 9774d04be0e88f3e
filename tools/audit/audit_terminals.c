#include "tools/audit/audit_terminals.h"

#include <stdlib.h>
#include <string.h>

#include "common/command_line/language.h"
#include "ledger/note/span.h"

#define FIRST_SLOTS 1024

/* Ids are digests: their first digits are as good a hash as any. */
static size_t hash_of(const char *terminal)
{
	char digits[17];

	(void)snprintf(digits, sizeof(digits), "%.16s", terminal);
	return (size_t)strtoull(digits, NULL, 16);
}

/* The terminal's slot, or the free one where it belongs. */
static struct ledger_entry *find(const struct terminals *terminals, const char *terminal)
{
	size_t mask = terminals->slot_count - 1, at = hash_of(terminal) & mask;

	while (*terminals->slots[at].terminal && strcmp(terminals->slots[at].terminal, terminal) != 0)
		at = (at + 1) & mask;
	return &terminals->slots[at];
}

/* Half of the slots stay free. */
static int make_room(struct terminals *terminals, struct error *err)
{
	struct terminals larger = {
		.slot_count = terminals->slot_count ? terminals->slot_count * 2 : FIRST_SLOTS,
		.count = terminals->count,
	};

	if (terminals->count * 2 < terminals->slot_count)
		return 0;
	if (!(larger.slots = calloc(larger.slot_count, sizeof(*larger.slots))))
		return error_set(err, ERROR_FAILED, "no memory for %zu terminals", terminals->count);
	for (size_t i = 0; i < terminals->slot_count; i++)
		if (*terminals->slots[i].terminal)
			*find(&larger, terminals->slots[i].terminal) = terminals->slots[i];
	free(terminals->slots);
	*terminals = larger;
	return 0;
}

void terminals_clear(struct terminals *terminals)
{
	free(terminals->slots);
	*terminals = (struct terminals){0};
}

static void compare(
	const struct ledger_entry *last, const struct ledger_entry *entry, uint64_t index, struct findings *findings)
{
	if (entry->report == last->report && sha256_equal(&entry->digest, &last->digest))
		return;
	if (entry->report <= last->report)
		findings_add(findings, FINDING_REPORT, (int64_t)index,
			_("terminal %.16s: report %lld after report %lld"), entry->terminal, (long long)entry->report,
			(long long)last->report);
	if (entry->rows < last->rows)
		findings_add(findings, FINDING_FEWER, (int64_t)index, _("terminal %.16s: %lld rows after %lld"),
			entry->terminal, (long long)entry->rows, (long long)last->rows);
	if (entry->rows == last->rows && !sha256_equal(&entry->head, &last->head))
		findings_add(findings, FINDING_ROW, (int64_t)index, _("terminal %.16s: row %lld has two heads"),
			entry->terminal, (long long)entry->rows);
}

int terminals_take(struct terminals *terminals, const struct ledger_entry *entry, uint64_t index,
	struct findings *findings, struct error *err)
{
	struct ledger_entry *last;

	if (make_room(terminals, err) < 0)
		return -1;
	last = find(terminals, entry->terminal);
	if (*last->terminal)
		compare(last, entry, index, findings);
	else
		terminals->count++;
	*last = *entry;
	return 0;
}

json_t *terminals_json(const struct terminals *terminals)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < terminals->slot_count; i++) {
		AUTO(buf) struct buf text = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);

		if (!*terminals->slots[i].terminal)
			continue;
		if (ledger_entry_write(&terminals->slots[i], &text, NULL) < 0 ||
			json_array_append_new(array, json_string(buf_text(&text))) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

int terminals_read(struct terminals *terminals, const json_t *array, struct error *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		struct findings none = {0};
		struct ledger_entry entry;

		if (!text)
			return error_set(err, ERROR_INPUT, "a terminal that is no text");
		if (ledger_entry_parse(SPAN(text), &entry, err) < 0 ||
			terminals_take(terminals, &entry, 0, &none, err) < 0)
			return -1;
		findings_clear(&none);
	}
	return 0;
}
