/* The row of a terminal: what its last report told. */
#ifndef COLLECTOR_STORE_TERMINAL_ROW_H
#define COLLECTOR_STORE_TERMINAL_ROW_H

#include "collector/store/database.h"
#include "common/digest.h"

#define TERMINAL_ROW_LIST_SIZE 8192

struct terminal_row {
	int64_t id;
	char key[SHA256_HEX_SIZE];
	char name[128];
	char institution[11];
	char ring[64];
	char certificate[SHA256_HEX_SIZE];
	int64_t certificate_ends_s;
	int64_t form; /* 0: reserved, and no report yet */
	char agent[64];
	char environment[64];
	char verdict[32];
	char reason[32];
	char words[32];
	char packages[TERMINAL_ROW_LIST_SIZE]; /* JSON */
	char problems[TERMINAL_ROW_LIST_SIZE]; /* JSON */
	int64_t number;
	char digest[SHA256_HEX_SIZE];
	int64_t rows;
	char head[SHA256_HEX_SIZE];
	int64_t first_s, made_s, received_s;
	int64_t opens_s, closes_s;
	int64_t silent_s;
	char cause[32];
	int64_t twin_s;
	char machine[SHA256_HEX_SIZE];
};

/* The id that stands for KEY (64 digits) everywhere: its first 63 bits. */
int64_t terminal_id_of(const char *key);

/* Reads the row that a statement with the columns of terminal has at hand. */
void terminal_row_read(struct query *query, struct terminal_row *ret_row);

/* ERROR_NOT_FOUND where there is none. */
WARN_UNUSED int terminal_row_find(
	struct database *database, int64_t id, struct terminal_row *ret_row, struct error *err);

/* Within a transaction: hands over the rows of these ids in their order, and keeps others from changing them until
 * its end. IDS is a JSON array of numbers. */
WARN_UNUSED int terminal_row_lock(struct database *database, const char *ids,
	void (*each)(void *context, const struct terminal_row *row), void *context, struct error *err);

/* Makes an empty row for KEY where there is none. */
WARN_UNUSED int terminal_row_reserve(struct database *database, const char *key, int64_t now_s, struct error *err);
/* Writes all that a report may change. */
WARN_UNUSED int terminal_row_change(struct database *database, const struct terminal_row *row, struct error *err);

#endif
