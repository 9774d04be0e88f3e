#include "collector/page/base/moment.h"

#include "common/clock.h"

const char *value_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int64_t value_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

int64_t value_moment_s(const json_t *object, const char *key)
{
	int64_t time_s = 0;

	return clock_parse(value_text(object, key), &time_s, NULL) < 0 ? 0 : time_s;
}

void moment_put(struct html *html, int64_t time_s)
{
	char utc[CLOCK_TEXT_SIZE], japan[CLOCK_TEXT_SIZE];

	if (time_s == 0) {
		html_put(html, "–");
		return;
	}
	(void)clock_text(time_s, utc);
	(void)clock_text(time_s + JAPAN_S, japan);
	japan[10] = japan[16] = '\0';
	html_put(html, "<time datetime=\"%s\">%s %s</time>", utc, japan, japan + 11);
}

void moment_put_date(struct html *html, int64_t time_s)
{
	char japan[CLOCK_TEXT_SIZE];

	(void)clock_text(time_s + JAPAN_S, japan);
	japan[10] = '\0';
	html_put(html, "%s", time_s ? japan : "–");
}

void moment_put_hour(struct html *html, int64_t time_s)
{
	char japan[CLOCK_TEXT_SIZE];

	(void)clock_text(time_s + JAPAN_S, japan);
	japan[16] = '\0';
	html_put(html, "%s", japan + 11);
}

double share_of(int64_t part, int64_t whole)
{
	return whole ? (double)part * 100 / (double)whole : 0;
}
