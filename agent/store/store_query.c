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
