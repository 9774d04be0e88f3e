#include "agent/store/store_query.h"

struct query *store_query(struct store *store, enum statement statement, struct error *err)
{
	if (store->depth && !database_in_transaction(store->database)) {
		(void)error_set(err, ERROR_FAILED, "store: the transaction was given up after an error");
		return NULL;
	}
	return query_new(store->database, statement_sql(statement), err);
}

int64_t store_now_s(const struct store *store)
{
	return store->clock->now_s(store->clock);
}

void store_query_bind_row(struct query *query, const struct row_column *columns, size_t count, const void *row)
{
	char words[STORE_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		const void *member = (const char *)row + columns[i].offset;

		if (columns[i].size == 0) {
			query_bind_number(query, (int)i + 1, *(const int64_t *)member);
			continue;
		}
		if (columns[i].is_words)
			record_text(member, words, sizeof(words));
		query_bind_text(query, (int)i + 1, columns[i].is_words ? words : member);
	}
}

void store_query_read_row(struct query *query, const struct row_column *columns, size_t count, void *ret_row)
{
	for (size_t i = 0; i < count; i++) {
		void *member = (char *)ret_row + columns[i].offset;

		if (columns[i].size == 0)
			*(int64_t *)member = query_number(query, (int)i);
		else
			query_text(query, (int)i, member, columns[i].size);
	}
}
