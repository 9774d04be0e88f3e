#include "tests/collector/hostile_bodies.h"

#include <stdlib.h>
#include <string.h>

#include "common/auto.h"

/* No report from the first byte on. */
static const char *const texts[] = {"", "{", "[]", "null", "{}{}", "\xff\xfe\xfd", "{\"form\": {\"form\": {}}}",
	"{\"form\": \"haishin-report-2\"}", "\"haishin-report-1\"", "{\"form\": \"haishin-report-1\", \"form\": 2}",
	"\xef\xbb\xbf{}", "{\"form\": \"haishin-report-1\",}", "{'form': 'haishin-report-1'}", "{\"form\": NaN}", "{\"form\": 0x1}",
	"/**/{}", "{\"\\u0000\": 1}", "{\"form\": \"\\udc00\\ud800\"}", "{\"form\": \"\xc0\xaf\"}", "{\"form\": \"\xed\xa0\x80\"}",
	"<?xml version=\"1.0\"?><report/>", "form=haishin-report-1&terminal=1", "{\"form\": \"\\ud800\"}"};

/* A good report but for one member. */
static const struct {
	const char *member, *value;
} changes[] = {
	{"form", "\"haishin-report-9\""},
	{"number", "-1"},
	{"number", "9223372036854775808"},
	{"number", "1e999"},
	{"made", "\"9999-99-99T99:99:99Z\""},
	{"verdict", "\"fine'; DROP TABLE terminal; --\""},
	{"terminal", "\"../../../etc/passwd\""},
	{"terminal", "\"0000000000000000000000000000000000000000000000000000000000000000\""},
	{"packages", "[{\"name\": \"../etc\", \"version\": \"1\", \"state\": \"current\"}]"},
	{"deliveries", "[[[]]]"},
	{"windows", "[7]"},
	{"history", "{}"},
	{"history", "{\"rows\": 1, \"head\": \"\", \"signature\": \"\", \"key\": {}}"},
	{"machine", "\"<script>\""},
	{"number", "true"},
	{"number", "-0"},
	{"number", "1.0"},
	{"number", "1e2"},
	{"agent", "\"\\u0000\""},
	{"agent", "null"},
	{"windows", "[{\"date\": \"2026-12-01\", \"date\": \"2026-12-02\"}]"},
	{"problems", "[{\"reason\": \"a\\u0000b\"}]"},
	{"next_window", "{\"opens\": \"2026-12-01T11:00:00+09:00\", \"closes\": 1}"},
};

/* Too much of something. */
static const struct {
	const char *unit;
	size_t times;
} floods[] = {{"[", 65000}, {"{\"a\":", 12000}, {"9", 65536}, {"x", 100000}, {"{\"a\": 1} ", 90000}, {"[[[[]]]],", 7000}};

static void put(struct buf *body, const void *data, size_t len)
{
	if (buf_append(body, data, len, NULL) < 0)
		abort();
}

static void put_changed(const char *member, const char *value, struct report_maker *maker, struct buf *body)
{
	AUTO(json) json_t *report = NULL;
	json_error_t ignored;

	report_maker_make(maker, body);
	report = json_loads(buf_text(body), 0, &ignored);
	buf_empty(body);
	/* What is no JSON that can be held is written into the text itself. */
	if (json_object_set_new(report, member, json_string("HERE")) < 0 || json_write(report, body, NULL) < 0)
		abort();
	for (char *at = strstr(body->data, "\"HERE\""); at;) {
		AUTO(buf) struct buf whole = BUF_INIT(1u << 20);

		put(&whole, body->data, (size_t)(at - body->data));
		put(&whole, value, strlen(value));
		put(&whole, at + strlen("\"HERE\""), strlen(at) - strlen("\"HERE\""));
		buf_empty(body);
		put(body, whole.data, whole.len);
		break;
	}
}

/* Cut in its middle; one digit of the head of its history changed; with bytes behind it. */
static void put_damaged(size_t number, struct report_maker *maker, struct buf *body)
{
	report_maker_make(maker, body);
	if (number == 0) {
		body->len /= 2;
	} else if (number == 1) {
		char *at = strstr(body->data, "\"head\"") + strlen("\"head\":\"");

		*at = *at == '0' ? '1' : '0';
	} else {
		put(body, "\0\0\0", 3);
	}
}

void hostile_body(size_t number, struct report_maker *maker, struct buf *ret_body)
{
	_Static_assert(ARRAY_SIZE(texts) + ARRAY_SIZE(changes) + ARRAY_SIZE(floods) + 3 == HOSTILE_BODIES,
		"each number has its body");

	buf_empty(ret_body);
	if (number < ARRAY_SIZE(texts)) {
		put(ret_body, texts[number], strlen(texts[number]));
		return;
	}
	number -= ARRAY_SIZE(texts);
	if (number < ARRAY_SIZE(changes)) {
		put_changed(changes[number].member, changes[number].value, maker, ret_body);
		return;
	}
	number -= ARRAY_SIZE(changes);
	if (number >= ARRAY_SIZE(floods)) {
		put_damaged(number - ARRAY_SIZE(floods), maker, ret_body);
		return;
	}
	for (size_t i = 0; i < floods[number].times; i++)
		put(ret_body, floods[number].unit, strlen(floods[number].unit));
}
