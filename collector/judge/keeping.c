#include "collector/judge/keeping.h"

#include "collector/store/months.h"

int keeping_forget(struct database *database, int64_t before_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ACCESS_FORGET, err);
	bool more = true;

	query_number(query, before_s);
	if (query_run(query, err) < 0)
		return -1;
	while (more)
		if (months_forget(database, before_s, &more, err) < 0)
			return -1;
	return 0;
}
