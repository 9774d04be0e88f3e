#include "collector/store/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

extern const char collector_schema_step_1[], collector_schema_step_2[], collector_schema_step_3[],
	collector_schema_step_4[], collector_schema_step_5[], collector_schema_step_6[], collector_schema_step_7[],
	collector_schema_step_8[];

static const char *const steps[SCHEMA_NEWEST] = {
	collector_schema_step_1, collector_schema_step_2, collector_schema_step_3, collector_schema_step_4, collector_schema_step_5,
	collector_schema_step_6, collector_schema_step_7, collector_schema_step_8};

/* The number of the last step; before the first there is no table to ask, so this one stands beside them. */
#define SCHEMA_TABLE "CREATE TABLE IF NOT EXISTS haishin_schema (step @number NOT NULL)"

static int read_step(struct database *database, int64_t *ret_step, struct error *err)
{
	return database_number(database, STATEMENT_SCHEMA_STEP, 0, ret_step, err);
}

/* Another program may take the same step at this moment: whoever comes second waits, and finds it taken. */
static int take_steps(struct database *database, struct error *err)
{
	char mark[80];
	int64_t step;

	if (database_dialect(database) == DIALECT_POSTGRES &&
		database_run(database, "LOCK TABLE haishin_schema IN EXCLUSIVE MODE", err) < 0)
		return -1;
	if (read_step(database, &step, err) < 0)
		return -1;
	for (; step < SCHEMA_NEWEST; step++) {
		(void)snprintf(
			mark, sizeof(mark), "INSERT INTO haishin_schema (step) VALUES (%" PRId64 ")", step + 1);
		if (database_run(database, steps[step], err) < 0 || database_run(database, mark, err) < 0)
			return error_context(err, "step %" PRId64 " of the tables", step + 1);
	}
	return 0;
}

int schema_update(struct database *database, struct error *err)
{
	int64_t step;

	if (database_run(database, SCHEMA_TABLE, err) < 0 || read_step(database, &step, err) < 0)
		return -1;
	if (step > SCHEMA_NEWEST)
		return error_set(err, ERROR_INPUT,
			"the store was made by a newer haishin-collector (its tables are at step %" PRId64
			", this one knows %d); nothing was changed; install the newer one again",
			step, SCHEMA_NEWEST);
	if (step == SCHEMA_NEWEST)
		return 0;
	if (database_begin(database, err) < 0)
		return -1;
	if (take_steps(database, err) < 0) {
		database_undo(database);
		return -1;
	}
	return database_commit(database, err);
}
