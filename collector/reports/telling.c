#include "collector/reports/telling.h"

#include <stdio.h>
#include <string.h>

#include "collector/oversight/last_words.h"
#include "collector/reports/report_parts.h"

#define DAY_S 86400
/* 20:00 to 05:00 in Japan, which is 11:00 to 20:00 in UTC. */
#define USUAL_OPENS_S (11 * 3600)
#define USUAL_LENGTH_S (9 * 3600)
/* A certificate that ends so soon may be why nothing comes any more. */
#define CERTIFICATE_SOON_S (3 * DAY_S)
/* A window that is farther away is not believed: the terminal's clock may be ahead. */
#define FARTHEST_S (35 * DAY_S)
/* So long nothing contradicted, and there is one terminal again. */
#define TWIN_KEPT_S (14 * DAY_S)

/* True where the report cannot be of the same terminal as what ROW knows: another machine, a number that was passed
 * already, fewer rows, or another digest for the same row. Then two machines have one key (a cloned disk), or the
 * terminal's store was made anew. */
static bool contradicts(const struct report *report, const struct terminal_row *row)
{
	if (row->form == 0)
		return false;
	if (*report->machine && *row->machine && strcmp(report->machine, row->machine) != 0)
		return true;
	return report->number < row->number || report->rows < row->rows ||
	       (report->rows == row->rows && strcmp(report->head, row->head) != 0);
}

/* ---- The next window ---- */

/* The next window of the terminal after RECEIVED_S: as the report says; else a day after those it told of; else the
 * night's hours that hold where nothing else is said (20:00 to 05:00 in Japan). */
static void find_next_window(const struct report *report, int64_t received_s, int64_t *ret_opens_s, int64_t *ret_closes_s)
{
	int64_t opens_s = USUAL_OPENS_S, closes_s = USUAL_OPENS_S + USUAL_LENGTH_S, days;
	size_t count = json_array_size(report->windows);
	struct report_window window;

	if (report->opens_s > received_s && report->closes_s > report->opens_s &&
		report->closes_s < received_s + FARTHEST_S) {
		*ret_opens_s = report->opens_s;
		*ret_closes_s = report->closes_s;
		return;
	}
	if (count > 0 && report_window_read(json_array_get(report->windows, count - 1), &window, NULL) == 0 &&
		window.closes_s > window.opens_s && window.closes_s - window.opens_s <= DAY_S &&
		window.opens_s <= received_s) {
		opens_s = window.opens_s;
		closes_s = window.closes_s;
	}
	days = (received_s - opens_s) / DAY_S + 1;
	*ret_opens_s = opens_s + days * DAY_S;
	*ret_closes_s = closes_s + days * DAY_S;
}

/* ---- Last words ---- */

static enum last_words words_of(const struct report *report, const struct client *client, int64_t received_s)
{
	size_t windows = json_array_size(report->windows);
	enum last_words words = last_words_of(report->reason);
	struct report_problem problem;
	struct report_package package;
	struct report_window window;

	if (client->ends_s < received_s + CERTIFICATE_SOON_S)
		words = last_words_stronger(words, WORDS_CERTIFICATE);
	for (size_t i = 0; i < json_array_size(report->problems); i++)
		if (report_problem_read(json_array_get(report->problems, i), &problem, NULL) == 0)
			words = last_words_stronger(words, last_words_of(problem.reason));
	for (size_t i = 0; i < json_array_size(report->packages); i++)
		if (report_package_read(json_array_get(report->packages, i), &package, NULL) == 0)
			words = last_words_stronger(words, last_words_of(package.state));
	if (windows > 0 && report_window_read(json_array_get(report->windows, windows - 1), &window, NULL) == 0)
		words = last_words_stronger(words, last_words_of(window.outcome));
	return words;
}

/* ---- The row ---- */

static int write_list(const char *what, const json_t *list, struct buf *ret_text, struct error *err)
{
	if (json_write(list, ret_text, err) < 0)
		return error_set(err, ERROR_INPUT, "'%s' is longer than %zu bytes", what, ret_text->limit);
	return 0;
}

static void put(char *ret_text, size_t size, const char *text)
{
	(void)snprintf(ret_text, size, "%s", text);
}

/* A report of form 1 is bound to its sender by nothing: whoever has read one of the terminal could write the next. Who has sent
 * form 2 is known by its certificate's names from then on, and an agent that was taken back says form 1 under these only. */
static int check_sender(
	const struct report *report, const struct client *client, const struct terminal_row *row, struct error *err)
{
	if (report->form >= row->form ||
		(strcmp(row->name, client->name) == 0 && strcmp(row->institution, client->institution) == 0))
		return 0;
	return error_set(err, ERROR_REFUSED,
		"this terminal signs its reports whole, as '%s'; one of form 1 from '%s' does not speak for it",
		row->name, client->name);
}

int telling_check(const struct report *report, struct error *err)
{
	AUTO(buf) struct buf packages = BUF_INIT(TERMINAL_ROW_LIST_SIZE - 1);
	AUTO(buf) struct buf problems = BUF_INIT(TERMINAL_ROW_LIST_SIZE - 1);

	return write_list("packages", report->packages, &packages, err) < 0
		       ? -1
		       : write_list("problems", report->problems, &problems, err);
}

int telling_apply(const struct report *report, const struct client *client, int64_t received_s,
	struct terminal_row *row, struct error *err)
{
	AUTO(buf) struct buf packages = BUF_INIT(sizeof(row->packages) - 1);
	AUTO(buf) struct buf problems = BUF_INIT(sizeof(row->problems) - 1);

	if (check_sender(report, client, row, err) < 0 ||
		write_list("packages", report->packages, &packages, err) < 0 ||
		write_list("problems", report->problems, &problems, err) < 0)
		return -1;
	put(row->packages, sizeof(row->packages), buf_text(&packages));
	put(row->problems, sizeof(row->problems), buf_text(&problems));
	if (contradicts(report, row))
		row->twin_s = received_s;
	else if (received_s - row->twin_s > TWIN_KEPT_S)
		row->twin_s = 0;
	if (*report->machine)
		put(row->machine, sizeof(row->machine), report->machine);
	put(row->key, sizeof(row->key), report->terminal);
	put(row->name, sizeof(row->name), client->name);
	put(row->institution, sizeof(row->institution), client->institution);
	put(row->certificate, sizeof(row->certificate), client->fingerprint);
	row->certificate_ends_s = client->ends_s;
	row->form = report->form > row->form ? report->form : row->form;
	put(row->agent, sizeof(row->agent), report->agent);
	put(row->environment, sizeof(row->environment), report->environment);
	put(row->verdict, sizeof(row->verdict), report->verdict);
	put(row->reason, sizeof(row->reason), report->reason);
	put(row->words, sizeof(row->words), last_words_name(words_of(report, client, received_s)));
	row->number = report->number;
	(void)sha256_hex(&report->digest, row->digest);
	row->rows = report->rows;
	put(row->head, sizeof(row->head), report->head);
	row->made_s = report->made_s;
	row->received_s = received_s;
	find_next_window(report, received_s, &row->opens_s, &row->closes_s);
	row->silent_s = 0;
	row->cause[0] = '\0';
	return 0;
}
