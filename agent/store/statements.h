/* All SQL but the schema, as named constants; agent/store/statements.def has the texts. */
#ifndef AGENT_STORE_STATEMENTS_H
#define AGENT_STORE_STATEMENTS_H

enum statement {
#define STATEMENT(name, sql) STATEMENT_##name,
#include "agent/store/statements.def"
#undef STATEMENT
	STATEMENT_COUNT,
};

const char *statement_sql(enum statement statement);

#endif
