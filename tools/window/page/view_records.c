#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/command_line/language.h"
#include "common/csv/csv.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/window/page/view.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* ---- History ---- */

static json_t *row_view(const json_t *row)
{
	bool tells_why = words_tell_why(output_text(row, "operation"), output_text(row, "outcome"));
	char time[OUTPUT_TIME_SIZE], detail[DETAILS_SIZE];

	return JSON_OBJECT({
		json_number("number", output_number(row, "number")),
		json_text("time", output_time(output_text(row, "time"), time)),
		json_text("operation", words_of_operation(output_text(row, "operation"))),
		json_text("package", output_text(row, "package")),
		json_text("version", output_text(row, "version")),
		json_text("outcome", words_of_history_outcome(output_text(row, "outcome"))),
		json_text("detail", tells_why ? view_detail(output_text(row, "detail"), detail) : ""),
	});
}

/* The newest first. */
json_t *view_history(const json_t *rows)
{
	json_t *list = json_array();

	for (size_t i = json_array_size(rows); i > 0; i--)
		(void)json_array_append_new(list, row_view(json_array_get(rows, i - 1)));
	return JSON_OBJECT({json_take("rows", list)});
}

static int write_line(const char *const *cells, size_t count, struct buf *csv, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if ((i && buf_printf(csv, err, ",") < 0) || csv_write_field(csv, cells[i], err) < 0)
			return -1;
	return buf_printf(csv, err, "\r\n");
}

int view_history_csv(const json_t *rows, struct buf *ret_text, struct error *err)
{
	const char *const head[] = {
		"No.", _("Time"), _("What was done"), _("Package"), _("Version"), _("How it ended"), _("Details")};
	const json_t *row;
	size_t i;

	if (buf_printf(ret_text, err, BYTE_ORDER_MARK) < 0 || write_line(head, ARRAY_SIZE(head), ret_text, err) < 0)
		return -1;
	json_array_foreach (rows, i, row) {
		char number[24], time[OUTPUT_TIME_SIZE], detail[DETAILS_SIZE];
		const char *const cells[] = {number, output_time(output_text(row, "time"), time),
			words_of_operation(output_text(row, "operation")), output_text(row, "package"),
			output_text(row, "version"), words_of_history_outcome(output_text(row, "outcome")),
			view_detail(output_text(row, "detail"), detail)};

		(void)snprintf(number, sizeof(number), "%lld", (long long)output_number(row, "number"));
		if (write_line(cells, ARRAY_SIZE(cells), ret_text, err) < 0)
			return -1;
	}
	return 0;
}

json_t *view_notes(const json_t *answer)
{
	return JSON_OBJECT({json_text("text", words_in_language(json_object_get(answer, "notes")))});
}

/* ---- Settings ---- */

json_t *view_settings(const json_t *answer)
{
	json_t *list = json_array();
	const json_t *setting;
	size_t i;

	json_array_foreach (json_object_get(answer, "settings"), i, setting) {
		const char *name = output_text(setting, "name");

		(void)json_array_append_new(
			list, JSON_OBJECT({
				      json_text("name", name),
				      json_text("word", words_of_setting(name)),
				      json_text("form", words_of_setting_form(name)),
				      json_text("value", output_text(setting, "value")),
				      json_flag("may_set", json_is_true(json_object_get(setting, "may_set"))),
				      json_flag("by_staff", json_is_true(json_object_get(setting, "by_staff"))),
			      }));
	}
	return JSON_OBJECT({json_take("settings", list)});
}

/* ---- The completion report ---- */

/* Numbers are given out in groups that the first digits tell of, where they do: Tokyo and Osaka, numbers that are free or of no place.
 * Else as most are written. */
static void hyphenate(const char *digits, char ret_text[static 16])
{
	static const struct {
		const char *begins;
		int first, second;
	} forms[] = {{"0800", 4, 3}, {"0120", 4, 3}, {"0570", 4, 3}, {"03", 2, 4}, {"06", 2, 4}};
	int len = (int)strlen(digits), first = 3, second = len == 11 ? 4 : 3;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (strncmp(digits, forms[i].begins, strlen(forms[i].begins)) == 0 && (len == 10 || i == 0)) {
			first = forms[i].first;
			second = forms[i].second;
			break;
		}
	ret_text[0] = '\0';
	if (len == 10 || len == 11)
		(void)snprintf(
			ret_text, 16, "%.*s-%.*s-%s", first, digits, second, digits + first, digits + first + second);
}

static json_t *missing_view(const json_t *answer)
{
	json_t *list = json_array();
	const json_t *package;
	size_t i;

	json_array_foreach (json_object_get(answer, "packages"), i, package) {
		char text[256];

		if (json_is_true(json_object_get(package, "done")))
			continue;
		(void)snprintf(text, sizeof(text), "%s: %s -> %s", output_text(package, "name"),
			output_text(package, "version"), output_text(package, "wanted"));
		(void)json_array_append_new(list, json_string(text));
	}
	return list;
}

json_t *view_completion(const json_t *answer)
{
	const char *date = output_text(answer, "completed");
	char number[24], plain[9] = "", hyphens[16];

	(void)snprintf(number, sizeof(number), "%lld", (long long)output_number(answer, "campaign"));
	if (strlen(date) == 10)
		(void)snprintf(plain, sizeof(plain), "%.4s%.2s%.2s", date, date + 5, date + 8);
	hyphenate(output_text(answer, "telephone"), hyphens);
	return JSON_OBJECT({
		json_text("campaign", number),
		json_text("title", output_text(answer, "title")),
		json_flag("complete", json_is_true(json_object_get(answer, "complete"))),
		json_text("completed", plain),
		json_text("institution", output_text(answer, "institution_name")),
		json_text("telephone", output_text(answer, "telephone")),
		json_text("telephone_hyphens", hyphens),
		json_take("missing", missing_view(answer)),
	});
}
