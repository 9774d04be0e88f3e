#include "collector/api/api_terminals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/api_releases.h"
#include "collector/api/page.h"
#include "collector/reports/past_reports.h"
#include "collector/store/logged_row.h"

#define REPORTS_SHOWN 60
#define DELIVERIES_SHOWN 100
#define LOOKS_SHOWN 50

/* ---- The list ---- */

static json_t *list_of(const char *text)
{
	json_t *list = json_loads(text, 0, NULL);

	return list ? list : json_array();
}

/* What the list shows of a terminal. */
static json_t *terminal_json(const struct terminal_row *row)
{
	json_t *item = json_object();

	(void)json_object_set_new(item, "terminal", json_string(row->key));
	(void)json_object_set_new(item, "name", json_string(row->name));
	(void)json_object_set_new(item, "institution", json_string(row->institution));
	(void)json_object_set_new(item, "ring", json_string(row->ring));
	(void)json_object_set_new(item, "verdict", json_string(row->verdict));
	(void)json_object_set_new(item, "reason", json_string(row->reason));
	(void)json_object_set_new(item, "silent_since", page_moment(row->silent_s));
	(void)json_object_set_new(item, "cause", *row->cause ? json_string(row->cause) : json_null());
	(void)json_object_set_new(item, "twin_seen", page_moment(row->twin_s));
	(void)json_object_set_new(item, "received", page_moment(row->received_s));
	(void)json_object_set_new(item, "next_window_opens", page_moment(row->opens_s));
	(void)json_object_set_new(item, "next_window_closes", page_moment(row->closes_s));
	(void)json_object_set_new(item, "agent", json_string(row->agent));
	(void)json_object_set_new(item, "environment", json_string(row->environment));
	(void)json_object_set_new(item, "certificate_ends", page_moment(row->certificate_ends_s));
	return item;
}

/* What tables have no column for. */
static void add_lists(json_t *item, const struct terminal_row *row)
{
	(void)json_object_set_new(item, "packages", list_of(row->packages));
	(void)json_object_set_new(item, "problems", list_of(row->problems));
}

struct terminal_page {
	struct page *page;
	bool is_by_name;
};

static int take_terminal(void *context, const struct terminal_row *row, struct error *err)
{
	struct terminal_page *list = context;
	char cursor[sizeof(row->name) + 24];
	json_t *item = terminal_json(row);

	if (!list->page->is_csv)
		add_lists(item, row);
	(void)snprintf(cursor, sizeof(cursor), list->is_by_name ? "%" PRId64 "~%s" : "%" PRId64, row->id, row->name);
	return page_add(list->page, item, cursor, err);
}

static int read_filter(const struct exchange *exchange, struct fleet_filter *ret_filter, struct error *err)
{
	*ret_filter = (struct fleet_filter){
		.verdict = exchange_argument(exchange, "verdict"),
		.cause = exchange_argument(exchange, "cause"),
		.institution = exchange_argument(exchange, "institution"),
		.ring = exchange_argument(exchange, "ring"),
		.package = exchange_argument(exchange, "package"),
		.version = exchange_argument(exchange, "version"),
		.state = exchange_argument(exchange, "state"),
		.name = exchange_argument(exchange, "name"),
		.key = exchange_argument(exchange, "key"),
	};
	if (page_yes(exchange, "silent", &ret_filter->is_silent, err) < 0 ||
		page_yes(exchange, "twin", &ret_filter->is_twin, err) < 0)
		return -1;
	if (!ret_filter->package != !ret_filter->version || (ret_filter->state && !ret_filter->package))
		return error_set(err, ERROR_INPUT, "'package', 'version' and perhaps 'state' belong together");
	if (ret_filter->key && (strlen(ret_filter->key) > 64 ||
				       strspn(ret_filter->key, "0123456789abcdef") != strlen(ret_filter->key)))
		return error_set(
			err, ERROR_INPUT, "'key' is the beginning of a key: hexadecimal digits in small letters");
	if ((ret_filter->name || ret_filter->key) && fleet_filter_narrows(ret_filter))
		return error_set(err, ERROR_INPUT, "'name' and 'key' stand alone");
	return 0;
}

/* The cursor is an id, and behind "~" the name where names lead. */
static int read_cursor(const char *text, int64_t *ret_id, char *ret_name, size_t size, struct error *err)
{
	int used = 0;

	*ret_id = 0;
	ret_name[0] = '\0';
	if (!*text)
		return 0;
	if (sscanf(text, "%" SCNd64 "%n", ret_id, &used) != 1 || (text[used] && text[used] != '~') ||
		strlen(text + used) > size)
		return error_set(err, ERROR_INPUT, "'after' is not what a page before gave as its next");
	if (text[used])
		(void)snprintf(ret_name, size, "%s", text + used + 1);
	return 0;
}

int api_terminals_fill(
	struct database *database, const struct fleet_filter *filter, struct page *page, struct error *err)
{
	struct terminal_page list = {page, filter->name && *filter->name};
	char after_name[128];
	int64_t after;

	if (read_cursor(page->after, &after, after_name, sizeof(after_name), err) < 0)
		return -1;
	return fleet_each_terminal(database, filter, after, after_name, page->limit, take_terminal, &list, err);
}

void api_terminals_list(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const names[] = {"verdict", "cause", "institution", "ring", "package", "version", "state",
		"name", "key", "silent", "twin", NULL};
	static const char *const columns[] = {"institution", "name", "terminal", "ring", "verdict", "reason",
		"silent_since", "cause", "received", "next_window_closes", "agent", "environment", "certificate_ends",
		NULL};
	AUTO(page) struct page page = {0};
	struct fleet_filter filter;
	struct error err = {0};

	(void)api;
	if (page_begin(&page, exchange, names, &err) < 0 || read_filter(exchange, &filter, &err) < 0 ||
		api_terminals_fill(database, &filter, &page, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer(&page, columns);
}

/* ---- One terminal ---- */

struct past {
	struct database *database;
	json_t *reports, *windows;
};

/* A report that is in the ledger has its place there. */
static json_t *report_json(struct database *database, const struct report_row *row, struct error *err)
{
	char hex[SHA256_HEX_SIZE];
	uint64_t position;
	bool is_logged;

	if (logged_row_find(database, row->digest, &position, &is_logged, err) < 0)
		return NULL;
	return JSON_OBJECT({
		json_blame(err),
		json_number("number", row->number),
		json_take("received", page_moment(row->received_s)),
		json_text("sha256", sha256_hex(row->digest, hex)),
		json_take("entry", is_logged ? json_integer((json_int_t)position) : json_null()),
	});
}

static int take_report(void *context, const struct report_row *row, const json_t *report, struct error *err)
{
	const json_t *windows = json_object_get(report, "windows");
	struct past *past = context;
	json_t *item = report_json(past->database, row, err);

	if (!item || json_array_append_new(past->reports, item) < 0)
		return -1;
	for (size_t i = json_array_size(windows); i > 0; i--)
		(void)json_array_append(past->windows, json_array_get(windows, i - 1));
	return 0;
}

static int take_delivery(void *context, const struct fleet_delivery *delivery, struct error *err)
{
	json_t *list = context, *item = json_object();

	api_releases_put_delivery(delivery, item);
	return json_array_append_new(list, item) < 0 ? error_set(err, ERROR_FAILED, "no memory for deliveries") : 0;
}

int api_terminals_note_look(
	struct api *api, struct database *database, const struct client *client, int64_t terminal, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ACCESS_ADD, err);

	query_number(query, api->clock->now_s(api->clock));
	query_text(query, client->subject);
	query_text(query, role_kind_name(client->role));
	query_number(query, terminal);
	return query_run(query, err);
}

static int add_looks(struct database *database, int64_t terminal, json_t *answer, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ACCESS_LIST, err);
	json_t *looks = json_array();
	int found;

	(void)json_object_set_new(answer, "looks", looks);
	query_number(query, terminal);
	query_number(query, LOOKS_SHOWN);
	while ((found = query_next(query, err)) > 0)
		(void)json_array_append_new(looks, JSON_OBJECT({
							   json_take("at", page_moment(row_number(query, 0))),
							   json_text("subject", row_text(query, 1)),
							   json_text("role", row_text(query, 2)),
						   }));
	return found;
}

static json_t *whole_terminal_json(struct database *database, const struct terminal_row *row, struct error *err)
{
	AUTO(json) json_t *answer = terminal_json(row);
	struct past past = {database, json_array(), json_array()};
	json_t *deliveries = json_array();

	add_lists(answer, row);
	(void)json_object_set_new(answer, "report", json_integer(row->number));
	(void)json_object_set_new(answer, "history_rows", json_integer(row->rows));
	(void)json_object_set_new(answer, "history_head", json_string(row->head));
	(void)json_object_set_new(answer, "first_seen", page_moment(row->first_s));
	(void)json_object_set_new(answer, "certificate", json_string(row->certificate));
	(void)json_object_set_new(answer, "windows", past.windows);
	(void)json_object_set_new(answer, "reports", past.reports);
	(void)json_object_set_new(answer, "deliveries", deliveries);
	if (past_reports_each(database, row->id, REPORTS_SHOWN, take_report, &past, err) < 0 ||
		fleet_each_delivery_of_terminal(database, row->id, DELIVERIES_SHOWN, take_delivery, deliveries, err) <
			0)
		return NULL;
	return take_ptr(&answer);
}

/* A terminal sees itself alone, and of others not even whether they exist. */
static int find_terminal(struct database *database, const struct client *client, const char *key,
	struct terminal_row *ret_row, struct error *err)
{
	if (strlen(key) != SHA256_HEX_SIZE - 1)
		return error_set(err, ERROR_NOT_FOUND, "there is no such terminal");
	if (terminal_row_find(database, terminal_id_of(key), ret_row, err) < 0)
		return -1;
	if (strcmp(ret_row->key, key) != 0 ||
		(client->role == ROLE_TERMINAL && strcmp(ret_row->certificate, client->fingerprint) != 0))
		return error_set(err, ERROR_NOT_FOUND, "there is no such terminal");
	return 0;
}

json_t *api_terminals_tell(
	struct api *api, struct database *database, const struct client *client, const char *key, struct error *err)
{
	AUTO(json) json_t *answer = NULL;
	struct terminal_row row;

	if (find_terminal(database, client, key, &row, err) < 0 ||
		(client->role != ROLE_TERMINAL && api_terminals_note_look(api, database, client, row.id, err) < 0) ||
		!(answer = whole_terminal_json(database, &row, err)) ||
		(client->role == ROLE_OPERATOR && add_looks(database, row.id, answer, err) < 0))
		return NULL;
	return take_ptr(&answer);
}

void api_terminals_one(struct api *api, struct database *database, struct exchange *exchange)
{
	const char *key = strrchr(exchange->path, '/') + 1;
	struct error err = {0};
	AUTO(json) json_t *answer = api_terminals_tell(api, database, exchange->client, key, &err);

	if (answer)
		page_answer_object(exchange, NULL, answer);
	else
		exchange_answer_error(exchange, 0, &err);
}
