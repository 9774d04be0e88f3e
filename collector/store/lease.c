#include "collector/store/lease.h"

#include <stdio.h>
#include <unistd.h>

void lease_name_holder(const struct database *database, char ret_holder[static LEASE_HOLDER_SIZE])
{
	int number = database_dialect(database) == DIALECT_SQLITE ? 0 : (int)getpid();
	char host[33] = "";

	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(ret_holder, LEASE_HOLDER_SIZE, "%s:%d", host, number);
}

int lease_take(struct database *database, const char *name, const char *holder, int64_t now_s, int64_t length_s,
	bool *ret_taken, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_LEASE_TAKE, err);

	query_text(query, name);
	query_text(query, holder);
	query_number(query, now_s + length_s);
	query_number(query, now_s);
	if (query_run(query, err) < 0)
		return -1;
	*ret_taken = database_changed(database) > 0;
	return 0;
}

void lease_give_back(struct database *database, const char *name, const char *holder)
{
	struct error ignored;
	bool taken;

	if (lease_take(database, name, holder, 0, 0, &taken, &ignored) < 0)
		return; /* it runs out by itself */
}
