#include "collector/store/secret.h"

#include <string.h>

#include <openssl/rand.h>

#include "common/hex.h"

static int add(struct database *database, const char *name, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_SETTING_ADD, err);
	unsigned char bytes[(SECRET_SIZE - 1) / 2];
	char text[SECRET_SIZE];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return error_set(err, ERROR_FAILED, "no random bytes for a secret");
	hex_encode(bytes, sizeof(bytes), text);
	query_text(query, name);
	query_text(query, text);
	return query_run(query, err);
}

int secret_load(struct database *database, const char *name, char ret_secret[static SECRET_SIZE], struct error *err)
{
	AUTO(query) struct query *query = NULL;
	int found;

	if (add(database, name, err) < 0)
		return -1;
	query = query_new(database, STATEMENT_SETTING_GET, err);
	query_text(query, name);
	if ((found = query_next(query, err)) < 0)
		return -1;
	if (!found || strlen(row_text(query, 0)) != SECRET_SIZE - 1)
		return error_set(err, ERROR_DAMAGED, "the store's secret '%s' is missing or cut", name);
	row_copy(query, 0, ret_secret, SECRET_SIZE);
	return 0;
}
