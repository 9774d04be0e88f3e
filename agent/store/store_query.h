/* The open store, and statements at work on it: what the files of this room share, and few others see. */
#ifndef AGENT_STORE_STORE_QUERY_H
#define AGENT_STORE_STORE_QUERY_H

#include <stddef.h>

#include "agent/store/database.h"
#include "agent/store/record.h"
#include "agent/store/statements.h"
#include "common/clock.h"

struct store {
	struct database *database;
	const struct clock *clock; /* borrowed */
	int lock_fd;		   /* shared by all who have the file open; whoever sets it aside wants it alone */
	int depth;		   /* transactions inside each other */
};

/* A statement at work; NULL on failure, and inside a transaction that SQLite has given up. */
struct query *store_query(struct store *store, enum statement statement, struct error *err);
int64_t store_now_s(const struct store *store);

/* The columns of a table whose rows are written and read whole, in the order of its statements: what each is in the row's
 * struct. Numbers are int64_t; texts are arrays of char; words are texts that came from elsewhere, and are kept as
 * record_text() leaves them. */
struct row_column {
	size_t offset;
	size_t size; /* of a text; 0: a number */
	bool is_words;
};
#define ROW_NUMBER(type, member)                                                                                     \
	{                                                                                                            \
		offsetof(type, member), 0, false                                                                     \
	}
#define ROW_TEXT(type, member)                                                                                       \
	{                                                                                                            \
		offsetof(type, member), sizeof(((type *)NULL)->member), false                                        \
	}
#define ROW_WORDS(type, member)                                                                                      \
	{                                                                                                            \
		offsetof(type, member), sizeof(((type *)NULL)->member), true                                         \
	}

void store_query_bind_row(struct query *query, const struct row_column *columns, size_t count, const void *row);
void store_query_read_row(struct query *query, const struct row_column *columns, size_t count, void *ret_row);

/* Reading rows as structs. A file that has READ_ROW(query, TYPE *row), which fills in ROW from the row that QUERY is at,
 * gets with these, for its own use:
 *
 * find_row() - goes to the next row; *RET_FOUND tells if there is one, and *RET_ROW is set where there is.
 * each_row() - hands over the rows that are left, in the order of the statement, for as long as EACH returns 0. */
#define DEFINE_FIND_ROW(type, read_row)                                                                              \
	static int find_row(struct query *query, type *ret_row, bool *ret_found, struct error *err)                  \
	{                                                                                                            \
		if (query_step(query, ret_found, err) < 0)                                                           \
			return -1;                                                                                   \
		if (*ret_found)                                                                                      \
			read_row(query, ret_row);                                                                    \
		return 0;                                                                                            \
	}                                                                                                            \
	struct find_row_semicolon

#define DEFINE_EACH_ROW(type, read_row)                                                                              \
	static int each_row(struct query *query, int (*each)(void *context, const type *row, struct error *err),     \
		void *context, struct error *err)                                                                    \
	{                                                                                                            \
		type row;                                                                                            \
		int more, told = 0;                                                                                  \
                                                                                                                     \
		while (told == 0 && (more = query_next(query, err)) > 0) {                                           \
			read_row(query, &row);                                                                       \
			told = each(context, &row, err);                                                             \
		}                                                                                                    \
		return told == 0 ? more : told == EACH_ENOUGH ? 0 : -1;                                              \
	}                                                                                                            \
	struct each_row_semicolon

#endif
