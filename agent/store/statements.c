#include "agent/store/statements.h"

#include <assert.h>

static const char *const statements[STATEMENT_COUNT] = {
#define STATEMENT(name, sql) [STATEMENT_##name] = (sql),
#include "agent/store/statements.def"
#undef STATEMENT
};

const char *statement_sql(enum statement statement)
{
	assert(statement < STATEMENT_COUNT);
	return statements[statement];
}
