#include "collector/api/page.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/csv/csv.h"
#include "common/digest.h"
#include "common/number.h"

#define LIMIT_USUAL 100
#define LIMIT_MOST 1000
#define LIMIT_MOST_CSV 4000

/* ---- Arguments ---- */

struct check {
	const char *const *names, *const *more;
	const char *wrong;
	const struct exchange *exchange;
};

static bool is_among(const char *const *names, const char *name)
{
	while (names && *names && strcmp(*names, name) != 0)
		names++;
	return names && *names;
}

static bool check_argument(void *context, const char *name, const char *value)
{
	struct check *check = context;

	if ((is_among(check->names, name) || is_among(check->more, name)) &&
		exchange_argument(check->exchange, name) == value)
		return true;
	check->wrong = name;
	return false;
}

static int check_arguments(
	const struct exchange *exchange, const char *const *names, const char *const *more, struct error *err)
{
	struct check check = {.names = names, .more = more, .exchange = exchange};

	exchange_each_argument(exchange, check_argument, &check);
	if (!check.wrong)
		return 0;
	return error_set(err, ERROR_INPUT, "there is no argument '%.64s' here, or it is given twice", check.wrong);
}

int page_yes(const struct exchange *exchange, const char *name, bool *ret_yes, struct error *err)
{
	const char *value = exchange_argument(exchange, name);

	*ret_yes = value && strcmp(value, "yes") == 0;
	if (value && !*ret_yes && strcmp(value, "no") != 0)
		return error_set(err, ERROR_INPUT, "'%s' is yes or no", name);
	return 0;
}

int page_after_number(const struct page *page, int64_t *ret_number, struct error *err)
{
	uint64_t number = 0;
	const char *rest = *page->after ? number_scan(page->after, &number) : "";

	if (!rest || *rest || number > INT64_MAX)
		return error_set(err, ERROR_INPUT, "'after' is not what a page before gave as its next");
	*ret_number = (int64_t)number;
	return 0;
}

static int read_limit(struct page *page, const char *text, struct error *err)
{
	int64_t most = page->is_csv ? LIMIT_MOST_CSV : LIMIT_MOST;

	if (number_parse(text, &number_plain, &page->limit, err) < 0 || page->limit < 1 || page->limit > most)
		return error_set(err, ERROR_INPUT, "'limit' is a number from 1 to %" PRId64, most);
	return 0;
}

int page_begin(struct page *page, struct exchange *exchange, const char *const *names, struct error *err)
{
	const char *format = exchange_argument(exchange, "format"), *accept = exchange_header(exchange, "Accept");
	const char *limit = exchange_argument(exchange, "limit"), *after = exchange_argument(exchange, "after");
	static const char *const usual[] = {"limit", "after", "format", NULL};

	*page = (struct page){.exchange = exchange, .limit = LIMIT_USUAL, .after = after ? after : ""};
	if (check_arguments(exchange, names, usual, err) < 0)
		return -1;
	if (format && strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
		return error_set(err, ERROR_INPUT, "'format' is json or csv");
	page->is_csv = format ? strcmp(format, "csv") == 0 : accept && strncmp(accept, "text/csv", 8) == 0;
	if (limit && read_limit(page, limit, err) < 0)
		return -1;
	if (!(page->items = json_array()))
		return error_set(err, ERROR_FAILED, "no memory for a list");
	return 0;
}

void page_clear(struct page *page)
{
	json_decref(page->items);
	page->items = NULL;
}

int page_add(struct page *page, json_t *take_item, const char *cursor, struct error *err)
{
	(void)snprintf(page->cursor, sizeof(page->cursor), "%s", cursor);
	return json_array_append_new(page->items, take_item) < 0
		       ? error_set(err, ERROR_FAILED, "no memory for a list")
		       : 0;
}

int page_add_number(struct page *page, json_t *take_item, int64_t cursor, struct error *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, cursor);
	return page_add(page, take_item, text, err);
}

/* ---- Addresses ---- */

struct address {
	char *text;
	size_t len, size;
};

static void put(struct address *address, const char *text, bool escape)
{
	for (; *text && address->len + 4 < address->size; text++) {
		unsigned char byte = (unsigned char)*text;

		if (!escape || isalnum(byte) || strchr("-._~/", byte))
			address->text[address->len++] = (char)byte;
		else
			address->len += (size_t)snprintf(address->text + address->len, 4, "%%%02X", byte);
	}
	address->text[address->len] = '\0';
}

static bool put_argument(void *context, const char *name, const char *value)
{
	struct address *address = context;

	if (strcmp(name, "after") == 0)
		return true;
	put(address, name, true);
	put(address, "=", false);
	put(address, value, true);
	put(address, "&", false);
	return true;
}

/* The address of the next page: the same question, behind the last item. */
void page_find_next(struct page *page)
{
	struct exchange *exchange = page->exchange;
	struct address address = {.text = exchange->next, .size = sizeof(exchange->next)};

	if (json_array_size(page->items) < (size_t)page->limit)
		return;
	put(&address, exchange->path, true);
	put(&address, "?", false);
	exchange_each_argument(exchange, put_argument, &address);
	put(&address, "after=", false);
	put(&address, page->cursor, true);
	if (address.len + 4 >= address.size) /* not whole: better no page than a wrong one */
		exchange->next[0] = '\0';
}

/* ---- Answers ---- */

static void set_etag(struct exchange *exchange)
{
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	sha256_of(exchange->answer.data, exchange->answer.len, &digest);
	(void)snprintf(exchange->etag, sizeof(exchange->etag), "\"%.32s\"", sha256_hex(&digest, hex));
}

static int write_value(struct buf *text, const json_t *value, struct error *err)
{
	if (json_is_string(value))
		return csv_write_field(text, json_string_value(value), err);
	if (json_is_integer(value))
		return buf_printf(text, err, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_boolean(value))
		return buf_printf(text, err, "%s", json_is_true(value) ? "yes" : "no");
	return 0;
}

/* Spreadsheets take the file for UTF-8 only if it begins with a byte order mark. */
static int write_csv(const struct page *page, const char *const *columns, struct buf *text, struct error *err)
{
	if (buf_printf(text, err, "\xef\xbb\xbf") < 0)
		return -1;
	for (const char *const *column = columns; *column; column++)
		if (buf_printf(text, err, "%s%s", *column, column[1] ? "," : "\r\n") < 0)
			return -1;
	for (size_t i = 0; i < json_array_size(page->items); i++)
		for (const char *const *column = columns; *column; column++)
			if (write_value(text, json_object_get(json_array_get(page->items, i), *column), err) < 0 ||
				buf_printf(text, err, "%s", column[1] ? "," : "\r\n") < 0)
				return -1;
	return 0;
}

static void answer_csv(struct page *page, const char *const *columns)
{
	AUTO(buf) struct buf text = BUF_INIT(EXCHANGE_ANSWER_MOST);
	struct error err = {0};

	if (write_csv(page, columns, &text, &err) < 0)
		exchange_answer_error(page->exchange, 0, &err);
	else
		exchange_answer_bytes(page->exchange, "text/csv; charset=utf-8; header=present", &text);
}

void page_answer(struct page *page, const char *const *columns)
{
	AUTO(json) json_t *answer = json_object();
	struct exchange *exchange = page->exchange;

	page_find_next(page);
	if (page->is_csv) {
		answer_csv(page, columns);
	} else {
		(void)json_object_set(answer, "items", page->items);
		(void)json_object_set_new(
			answer, "next", *exchange->next ? json_string(exchange->next) : json_null());
		exchange_answer_json(exchange, 200, answer);
	}
	if (exchange->status == 200)
		set_etag(exchange);
}

void page_answer_object(struct exchange *exchange, const char *const *names, const json_t *object)
{
	struct error err = {0};

	if (check_arguments(exchange, names, NULL, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		exchange_answer_json(exchange, 200, object);
	if (exchange->status == 200)
		set_etag(exchange);
}

json_t *page_moment(int64_t time_s)
{
	char text[CLOCK_TEXT_SIZE];

	return time_s ? json_string(clock_text(time_s, text)) : json_null();
}
