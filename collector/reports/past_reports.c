#include "collector/reports/past_reports.h"

#include <string.h>

#include "collector/identity/client.h"
#include "collector/store/packing.h"

struct reading {
	struct database *database;
	struct packing *packing;
	struct buf told, plain; /* the texts that CERTIFICATE_OF stands for */
	char certificate_of[SHA256_HEX_SIZE];
	int (*each)(void *context, const struct report_row *row, const struct buf *body, struct error *err);
	void *context;
};

static int find_certificate(struct reading *reading, const char *fingerprint, struct error *err)
{
	AUTO(query) struct query *query = NULL;
	int found;

	if (strcmp(reading->certificate_of, fingerprint) == 0)
		return 0;
	buf_empty(&reading->told);
	buf_empty(&reading->plain);
	query = query_new(reading->database, STATEMENT_CERTIFICATE_TEXT, err);
	query_text(query, fingerprint);
	if ((found = query_next(query, err)) < 0)
		return -1;
	(void)strcpy(reading->certificate_of, fingerprint);
	if (!found)
		return 0;
	return buf_printf(&reading->told, err, "%s", row_text(query, 0)) < 0
		       ? -1
		       : client_write_plain_of(buf_text(&reading->told), &reading->plain, err);
}

static int read_report(void *context, const struct report_row *row, struct error *err)
{
	AUTO(buf) struct buf body = BUF_INIT(PACKING_BODY_MOST);
	struct reading *reading = context;
	const struct buf *certificate = packing_is_plain(row->packed, row->packed_len) ? &reading->plain : &reading->told;
	bool is_read;

	if (find_certificate(reading, row->certificate, err) < 0)
		return -1;
	is_read = packing_unpack(reading->packing, buf_text(certificate), row->packed, row->packed_len, &body, NULL) == 0;
	return reading->each(reading->context, row, is_read ? &body : NULL, err);
}

int past_reports_each_body(struct database *database, int64_t terminal, int64_t most,
	int (*each)(void *context, const struct report_row *row, const struct buf *body, struct error *err),
	void *context, struct error *err)
{
	AUTO(packing) struct packing *packing = NULL;
	struct reading reading = {.database = database, .each = each, .context = context};
	int result;

	if (packing_open(&packing, err) < 0)
		return -1;
	reading.packing = packing;
	reading.told.limit = PACKING_BODY_MOST;
	reading.plain.limit = CLIENT_PLAIN_MOST;
	result = report_row_newest(database, terminal, INT64_MAX, most, read_report, &reading, err);
	buf_clear(&reading.told);
	buf_clear(&reading.plain);
	return result;
}

struct parsing {
	int (*each)(void *context, const struct report_row *row, const json_t *report, struct error *err);
	void *context;
};

static int parse(void *context, const struct report_row *row, const struct buf *body, struct error *err)
{
	AUTO(json) json_t *report = body ? json_parse(body->data, body->len, NULL) : NULL;
	const struct parsing *parsing = context;

	return parsing->each(parsing->context, row, report, err);
}

int past_reports_each(struct database *database, int64_t terminal, int64_t most,
	int (*each)(void *context, const struct report_row *row, const json_t *report, struct error *err),
	void *context, struct error *err)
{
	struct parsing parsing = {each, context};

	return past_reports_each_body(database, terminal, most, parse, &parsing, err);
}
