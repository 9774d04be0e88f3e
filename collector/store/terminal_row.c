#include "collector/store/terminal_row.h"

#include <stdlib.h>
#include <string.h>

int64_t terminal_id_of(const char *key)
{
	char digits[17] = {0};

	memcpy(digits, key, sizeof(digits) - 1);
	return (int64_t)(strtoull(digits, NULL, 16) >> 1);
}

void terminal_row_read(struct query *query, struct terminal_row *ret_row)
{
	struct terminal_row *row = ret_row;
	int at = 0;

	row->id = row_number(query, at++);
	row_copy(query, at++, row->key, sizeof(row->key));
	row_copy(query, at++, row->name, sizeof(row->name));
	row_copy(query, at++, row->institution, sizeof(row->institution));
	row_copy(query, at++, row->ring, sizeof(row->ring));
	row_copy(query, at++, row->certificate, sizeof(row->certificate));
	row->certificate_ends_s = row_number(query, at++);
	row->form = row_number(query, at++);
	row_copy(query, at++, row->agent, sizeof(row->agent));
	row_copy(query, at++, row->environment, sizeof(row->environment));
	row_copy(query, at++, row->verdict, sizeof(row->verdict));
	row_copy(query, at++, row->reason, sizeof(row->reason));
	row_copy(query, at++, row->words, sizeof(row->words));
	row_copy(query, at++, row->packages, sizeof(row->packages));
	row_copy(query, at++, row->problems, sizeof(row->problems));
	row->number = row_number(query, at++);
	row_copy(query, at++, row->digest, sizeof(row->digest));
	row->rows = row_number(query, at++);
	row_copy(query, at++, row->head, sizeof(row->head));
	row->first_s = row_number(query, at++);
	row->made_s = row_number(query, at++);
	row->received_s = row_number(query, at++);
	row->opens_s = row_number(query, at++);
	row->closes_s = row_number(query, at++);
	row->silent_s = row_number(query, at++);
	row_copy(query, at++, row->cause, sizeof(row->cause));
	row->twin_s = row_number(query, at++);
	row_copy(query, at, row->machine, sizeof(row->machine));
}

int terminal_row_find(struct database *database, int64_t id, struct terminal_row *ret_row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINAL_FIND, err);
	int row;

	query_number(query, id);
	if ((row = query_next(query, err)) < 0)
		return -1;
	if (row == 0)
		return error_set(err, ERROR_NOT_FOUND, "there is no such terminal");
	terminal_row_read(query, ret_row);
	return 0;
}

int terminal_row_lock(struct database *database, const char *ids,
	void (*each)(void *context, const struct terminal_row *row), void *context, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINAL_LOCK_THESE, err);
	struct terminal_row row;
	int found;

	query_text(query, ids);
	while ((found = query_next(query, err)) > 0) {
		terminal_row_read(query, &row);
		each(context, &row);
	}
	return found;
}

int terminal_row_reserve(struct database *database, const char *key, int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINAL_RESERVE, err);

	query_number(query, terminal_id_of(key));
	query_text(query, key);
	query_number(query, now_s);
	return query_run_soon(query, err);
}

int terminal_row_change(struct database *database, const struct terminal_row *row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINAL_CHANGE, err);

	query_number(query, row->id);
	query_text(query, row->name);
	query_text(query, row->institution);
	query_text(query, row->certificate);
	query_number(query, row->certificate_ends_s);
	query_number(query, row->form);
	query_text(query, row->agent);
	query_text(query, row->environment);
	query_text(query, row->verdict);
	query_text(query, row->reason);
	query_text(query, row->words);
	query_text(query, row->packages);
	query_text(query, row->problems);
	query_number(query, row->number);
	query_text(query, row->digest);
	query_number(query, row->rows);
	query_text(query, row->head);
	query_number(query, row->made_s);
	query_number(query, row->received_s);
	query_number(query, row->opens_s);
	query_number(query, row->closes_s);
	query_number(query, row->silent_s);
	query_text(query, row->cause);
	query_number(query, row->twin_s);
	query_text(query, row->machine);
	return query_run_soon(query, err);
}
