#include "collector/oversight/keeping.h"

#include "collector/store/logged_row.h"
#include "collector/store/months.h"

/* Of a month that ends later all reports are kept, and what proves their time with them. */
#define LONGEST_MONTH_S (31 * 86400)

static int forget_looks(struct database *database, int64_t before_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ACCESS_FORGET, err);

	query_number(query, before_s);
	return query_run(query, err);
}

int keeping_forget(struct database *database, int64_t before_s, struct error *err)
{
	bool more = true;

	if (forget_looks(database, before_s, err) < 0 ||
		cosigned_rows_forget(database, before_s - LONGEST_MONTH_S, err) < 0)
		return -1;
	while (more)
		if (months_forget(database, before_s, &more, err) < 0)
			return -1;
	return 0;
}
