#include "collector/store/months.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define AT_ONCE 1000
/* Whoever wants to write meanwhile waits behind the one that drops, which waits for all who read: not for long. */
#define DROP_WAIT_MS 500

int64_t months_begin(int64_t time_s, int more)
{
	time_t time = time_s;
	struct tm parts;

	(void)gmtime_r(&time, &parts);
	parts = (struct tm){.tm_year = parts.tm_year, .tm_mon = parts.tm_mon + more, .tm_mday = 1};
	return timegm(&parts);
}

/* Made beside the others and then put among them: so it waits for nobody who reads them, as a backup does for hours. */
static int make_part(struct database *database, int64_t begin_s, struct error *err)
{
	time_t begin = begin_s;
	char name[32], sql[512];
	struct tm parts;

	(void)gmtime_r(&begin, &parts);
	(void)snprintf(name, sizeof(name), "report_%04d_%02d", parts.tm_year + 1900, parts.tm_mon + 1);
	(void)snprintf(sql, sizeof(sql),
		"DO $$ BEGIN IF to_regclass('%s') IS NULL THEN CREATE TABLE %s (LIKE report); "
		"ALTER TABLE report ATTACH PARTITION %s FOR VALUES FROM (%" PRId64 ") TO (%" PRId64 "); END IF; END $$",
		name, name, name, begin_s, months_begin(begin_s, 1));
	return database_run(database, sql, err);
}

int months_prepare(struct database *database, int64_t now_s, struct error *err)
{
	if (database_dialect(database) == DIALECT_SQLITE)
		return 0;
	if (database_run(database, "LOCK TABLE haishin_schema IN EXCLUSIVE MODE", err) < 0 ||
		make_part(database, months_begin(now_s, 0), err) < 0 ||
		make_part(database, months_begin(now_s, 1), err) < 0)
		return error_context(err, "room for this month's reports");
	return 0;
}

static int forget_rows(struct database *database, int64_t before_s, bool *ret_more, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_REPORT_FORGET, err);

	query_number(query, before_s);
	query_number(query, AT_ONCE);
	if (query_run(query, err) < 0)
		return -1;
	*ret_more = database_changed(database) == AT_ONCE;
	return 0;
}

/* Parts are named by their months, so the oldest is found by name. */
static int forget_part(struct database *database, int64_t before_s, bool *ret_more, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_REPORT_OLDEST_PART, err);
	time_t before = months_begin(before_s, 0);
	char first_kept[32], sql[160], name[64];
	struct tm parts;
	int row;

	(void)gmtime_r(&before, &parts);
	(void)snprintf(first_kept, sizeof(first_kept), "report_%04d_%02d", parts.tm_year + 1900, parts.tm_mon + 1);
	query_text(query, first_kept);
	if ((row = query_next(query, err)) <= 0) {
		*ret_more = false;
		return row;
	}
	row_copy(query, 0, name, sizeof(name));
	*ret_more = true;
	(void)snprintf(sql, sizeof(sql), "SET lock_timeout = %d; DROP TABLE %s; SET lock_timeout = %d", DROP_WAIT_MS, name,
		DIALECT_LOCK_WAIT_MS);
	return database_run(database, sql, err);
}

int months_forget(struct database *database, int64_t before_s, bool *ret_more, struct error *err)
{
	before_s = months_begin(before_s, 0);
	return database_dialect(database) == DIALECT_SQLITE ? forget_rows(database, before_s, ret_more, err)
							    : forget_part(database, before_s, ret_more, err);
}
