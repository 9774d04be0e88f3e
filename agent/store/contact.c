#include "agent/store/contact.h"

#include <assert.h>
#include <string.h>

#include "agent/store/store_query.h"

static const struct row_column columns[] = {
	ROW_NUMBER(struct contact_row, opens_s),
	ROW_NUMBER(struct contact_row, closes_s),
	ROW_TEXT(struct contact_row, date),
	ROW_NUMBER(struct contact_row, first_try_s),
	ROW_NUMBER(struct contact_row, contact_s),
	ROW_NUMBER(struct contact_row, attempts),
	ROW_NUMBER(struct contact_row, on_s),
	ROW_NUMBER(struct contact_row, on_for_s),
	ROW_TEXT(struct contact_row, outcome),
	ROW_WORDS(struct contact_row, detail),
	ROW_NUMBER(struct contact_row, woken),
};

static void read_row(struct query *query, struct contact_row *ret_row)
{
	store_query_read_row(query, columns, ARRAY_SIZE(columns), ret_row);
}

DEFINE_FIND_ROW(struct contact_row, read_row);
DEFINE_EACH_ROW(struct contact_row, read_row);

int contact_find(
	struct store *store, int64_t opens_s, struct contact_row *ret_row, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_CONTACT_FIND, err);

	query_bind_number(query, 1, opens_s);
	return find_row(query, ret_row, ret_found, err);
}

static bool is_listed(const char *outcome)
{
	static const char *const outcomes[] = {
#define OUTCOME_NAME(outcome, word) outcome,
		EACH_CONTACT_OUTCOME(OUTCOME_NAME)
#undef OUTCOME_NAME
	};

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (strcmp(outcomes[i], outcome) == 0)
			return true;
	return !*outcome; /* not over yet */
}

int contact_put(struct store *store, const struct contact_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_CONTACT_PUT, err);

	assert(is_listed(row->outcome));
	store_query_bind_row(query, columns, ARRAY_SIZE(columns), row);
	return query_run(query, err) < 0 ? error_context(err, "window of '%s'", row->date) : 0;
}

int contact_each(struct store *store, int64_t from_s,
	int (*each)(void *context, const struct contact_row *row, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_CONTACT_LIST, err);

	query_bind_number(query, 1, from_s);
	return each_row(query, each, context, err);
}

int contact_forget_after(struct store *store, int64_t time_s, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_CONTACT_FORGET_AFTER, err);

	query_bind_number(query, 1, time_s);
	return query_run(query, err);
}
