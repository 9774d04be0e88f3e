#include "collector/store/report_row.h"

#include <stdio.h>
#include <string.h>

int report_row_add(struct database *database, const struct report_row *row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_REPORT_ADD, err);

	query_number(query, row->received_s);
	query_number(query, row->terminal);
	query_number(query, row->number);
	query_text(query, row->certificate);
	query_bytes(query, row->digest->bytes, sizeof(row->digest->bytes));
	query_number(query, row->size);
	query_bytes(query, row->packed, row->packed_len);
	return query_run_soon(query, err);
}

int report_row_exists(struct database *database, int64_t terminal, int64_t number, const struct sha256 *digest,
	bool *ret_exists, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_REPORT_FIND, err);
	int row;

	query_number(query, terminal);
	query_number(query, number);
	query_bytes(query, digest->bytes, sizeof(digest->bytes));
	if ((row = query_next(query, err)) < 0)
		return -1;
	*ret_exists = row && row_number(query, 0) > 0;
	return 0;
}

int report_row_newest(struct database *database, int64_t terminal, int64_t number, int64_t most,
	int (*each)(void *context, const struct report_row *row, struct error *err), void *context, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_REPORT_NEWEST_OF, err);
	struct report_row row = {.terminal = terminal};
	struct sha256 digest;
	char certificate[SHA256_HEX_SIZE];
	size_t len;
	int found;

	query_number(query, terminal);
	query_number(query, number);
	query_number(query, most);
	row.digest = &digest;
	row.certificate = certificate;
	while ((found = query_next(query, err)) > 0) {
		const void *bytes;

		row.received_s = row_number(query, 0);
		row.number = row_number(query, 1);
		row_copy(query, 2, certificate, sizeof(certificate));
		bytes = row_bytes(query, 3, &len);
		if (len != sizeof(digest.bytes))
			return error_set(err, ERROR_DAMAGED, "a report's digest has %zu bytes", len);
		memcpy(digest.bytes, bytes, len);
		row.size = row_number(query, 4);
		row.packed = row_bytes(query, 5, &row.packed_len);
		if (each(context, &row, err) < 0)
			return -1;
	}
	return found;
}

int installed_row_drop(struct database *database, int64_t terminal, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_INSTALLED_DROP, err);

	query_number(query, terminal);
	return query_run_soon(query, err);
}

int installed_row_add(struct database *database, const struct installed_row *row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_INSTALLED_ADD, err);

	query_number(query, row->terminal);
	query_text(query, row->package);
	query_text(query, row->version);
	query_text(query, row->state);
	query_text(query, row->staged);
	query_text(query, row->newest);
	return query_run_soon(query, err);
}

int64_t release_id_of(const char *package, const char *version, const char *digest)
{
	struct sha256 hash;
	char text[256];
	uint64_t id = 0;
	int len;

	len = snprintf(text, sizeof(text), "%s\n%s\n%s\n", package, version, digest);
	sha256_of(text, (size_t)len, &hash);
	for (int i = 0; i < 8; i++)
		id = id << 8 | hash.bytes[i];
	return (int64_t)(id >> 1);
}

int release_row_add(struct database *database, const char *package, const char *version, const char *digest,
	int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_RELEASE_ADD, err);

	query_number(query, release_id_of(package, version, digest));
	query_text(query, package);
	query_text(query, version);
	query_text(query, digest);
	query_number(query, now_s);
	return query_run_soon(query, err);
}

int delivery_row_put(struct database *database, const struct delivery_row *row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_DELIVERY_PUT, err);

	query_number(query, row->terminal);
	query_number(query, row->release);
	query_number(query, row->planned_s);
	query_text(query, row->state);
	query_number(query, row->campaign);
	query_number(query, row->changed_s);
	query_number(query, row->attempts);
	query_text(query, row->error);
	query_text(query, row->detail);
	query_number(query, row->report);
	return query_run_soon(query, err);
}

int certificate_row_put(struct database *database, const struct certificate_row *row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATE_PUT, err);

	query_text(query, row->fingerprint);
	query_text(query, row->subject);
	query_text(query, row->name);
	query_text(query, row->institution);
	query_text(query, row->serial);
	query_number(query, row->ends_s);
	query_number(query, row->first_s);
	query_text(query, row->text);
	return query_run_soon(query, err);
}

int certificate_row_last(struct database *database, const char *fingerprint, int64_t last_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATE_LAST, err);

	query_text(query, fingerprint);
	query_number(query, last_s);
	return query_run_soon(query, err);
}

int certificate_row_ring(struct database *database, int64_t terminal, const char *fingerprint, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINAL_RING, err);

	query_number(query, terminal);
	query_text(query, fingerprint);
	return query_run_soon(query, err);
}
