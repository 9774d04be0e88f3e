#include "tools/window/window.h"

#include <stdlib.h>
#include <string.h>

#include "tools/haishin/ask/alone.h"
#include "tools/haishin/draw/output.h"
#include "tools/window/page/page.h"
#include "tools/window/page/view.h"

#define HISTORY_ROWS 500

static const char *finding_of(const struct window *window)
{
	return window->was_asked ? window->finding : NULL;
}

/* Where no agent answers, what may keep it from that is looked for here, as the command line does. */
static json_t *view_now(const struct window *window)
{
	AUTO(json) json_t *problems = window->status ? NULL : alone_problems(window->args);

	return view_status(window->status, problems, finding_of(window));
}

/* ---- What the agent tells ---- */

static void show(struct window *window)
{
	AUTO(json) json_t *view = view_now(window);

	if (!window->serve || json_equal(view, window->shown))
		return;
	serve_push(window->serve, "state", view);
	json_decref(window->shown);
	window->shown = take_ptr(&view);
}

static void take_status(void *context, const json_t *status)
{
	struct window *window = context;

	json_decref(window->status);
	window->status = status ? json_incref((json_t *)status) : NULL;
	show(window);
}

void window_look_again(struct window *window)
{
	if (!window->status)
		show(window);
}

static void note_hop(struct window *window, const json_t *hop)
{
	const char *outcome = output_text(hop, "outcome"), *worst = output_text(window->worst, "outcome");
	bool is_worse = strcmp(outcome, "failed") == 0 ? strcmp(worst, "failed") != 0
						       : strcmp(outcome, "warning") == 0 && !window->worst;

	if (!is_worse)
		return;
	json_decref(window->worst);
	window->worst = json_incref((json_t *)hop);
}

static void take_progress(void *context, const char *job, const json_t *progress)
{
	struct window *window = context;
	AUTO(json) json_t *view = view_progress(job, progress);

	if (strcmp(output_text(progress, "state"), "hop") == 0)
		note_hop(window, progress);
	else
		json_decref(take_ptr(&window->result));
	serve_push(window->serve, "progress", view);
}

static void conclude_walk(struct window *window)
{
	AUTO(json) json_t *view = NULL;

	window->was_asked = true;
	(void)snprintf(window->finding, sizeof(window->finding), "%s",
		window->worst ? output_text(window->worst, "finding") : "nothing");
	view = view_finding(window->worst, window->status);
	serve_push(window->serve, "finding", view);
	json_decref(take_ptr(&window->worst));
}

static void take_result(void *context, const char *job, const json_t *result)
{
	struct window *window = context;

	if (strcmp(job, "doctor") == 0) {
		conclude_walk(window);
		return;
	}
	json_decref(window->result);
	window->result = view_result(job, result);
	serve_push(window->serve, "result", window->result);
}

/* ---- What the page asks ---- */

/* The answer of METHOD as VIEW makes it, or why there is none. */
static void put_answer(struct window *window, const char *method, json_t *take_parameters,
	json_t *(*view)(const json_t *), struct serve_answer *answer)
{
	AUTO(client_answer) struct client_answer came = {0};

	if (link_ask(&window->link, method, take_parameters, &came) < 0)
		serve_put_json(answer, view_error(&came));
	else
		serve_put_json(answer, view(came.parameters));
}

static void put_page(struct window *window, struct serve_answer *answer)
{
	AUTO(json) json_t *state = view_now(window);

	answer->type = "text/html; charset=utf-8";
	if (page_write(state, &answer->body, NULL) < 0)
		answer->status = SERVE_FAILED;
}

static void collect_rows(void *context, const json_t *page)
{
	(void)json_array_extend(context, json_object_get(page, "rows"));
}

/* The newest rows that match; NULL, with the error in CAME, where there are none to be had. */
static json_t *ask_for_rows(struct window *window, const struct serve_request *request, struct client_answer *came)
{
	static const char *const names[] = {"package", "outcome", "since", "until"};
	json_t *parameters = JSON_OBJECT({json_number("limit", HISTORY_ROWS)}), *rows = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = serve_query(request, names[i]);

		if (value && *value)
			(void)json_object_set_new(parameters, names[i], json_string(value));
	}
	if (client_call(window->link.socket_path, "GetHistory", parameters, collect_rows, rows, came) == 0) {
		collect_rows(rows, came->parameters);
		return rows;
	}
	json_decref(rows);
	return NULL;
}

static void put_history(
	struct window *window, const struct serve_request *request, bool as_csv, struct serve_answer *answer)
{
	AUTO(client_answer) struct client_answer came = {0};
	AUTO(json) json_t *rows = ask_for_rows(window, request, &came);

	if (!rows) {
		serve_put_json(answer, view_error(&came));
	} else if (!as_csv) {
		serve_put_json(answer, view_history(rows));
	} else {
		answer->type = "text/csv; charset=utf-8";
		answer->file_name = "haishin-history.csv";
		if (view_history_csv(rows, &answer->body, NULL) < 0)
			answer->status = SERVE_FAILED;
	}
}

static void do_deed(struct window *window, const struct serve_request *request, struct serve_answer *answer)
{
	if (strcmp(output_text(request->body, "method"), "Doctor") == 0)
		json_decref(take_ptr(&window->worst));
	deeds_begin(&window->deeds, window->link.socket_path, request->body, request->number, answer);
}

static void forget_deed(void *context, uint64_t number)
{
	deeds_forget(&((struct window *)context)->deeds, number);
}

static void answer_request(void *context, const struct serve_request *request, struct serve_answer *answer)
{
	struct window *window = context;
	const char *text;

	if (request->body) {
		if (strcmp(request->path, "api/do") == 0)
			do_deed(window, request, answer);
		else
			answer->status = SERVE_NOT_FOUND;
	} else if (!*request->path) {
		put_page(window, answer);
	} else if (strcmp(request->path, "api/state") == 0) {
		serve_put_json(answer, view_now(window));
	} else if (strcmp(request->path, "api/history") == 0) {
		put_history(window, request, false, answer);
	} else if (strcmp(request->path, "api/history.csv") == 0) {
		put_history(window, request, true, answer);
	} else if (strcmp(request->path, "api/settings") == 0) {
		put_answer(window, "GetSettings", NULL, view_settings, answer);
	} else if (strcmp(request->path, "api/notes") == 0) {
		put_answer(window, "GetNotes",
			JSON_OBJECT({json_text_if("package", serve_query(request, "package")),
				json_text_if("version", serve_query(request, "version"))}),
			view_notes, answer);
	} else if (strcmp(request->path, "api/completion") == 0) {
		put_answer(window, "GetCompletion", NULL, view_completion, answer);
	} else if ((text = page_file(request->path, &answer->type))) {
		(void)!buf_append(&answer->body, text, strlen(text), NULL);
	} else {
		answer->status = SERVE_NOT_FOUND;
	}
}

static void greet(void *context, struct buf *ret_events)
{
	struct window *window = context;
	AUTO(json) json_t *view = view_now(window);

	serve_event(ret_events, "state", view);
	if (window->result)
		serve_event(ret_events, "result", window->result);
}

/* ---- The whole ---- */

int window_open(struct window *window, const struct args *args, const char *socket_path, struct error *err)
{
	const struct serve_handler handler = {.context = window, .answer = answer_request, .greet = greet, .gone = forget_deed};
	const struct link_news news = {
		.context = window, .status = take_status, .progress = take_progress, .result = take_result};

	*window = (struct window){.args = args, .link = LINK_INIT};
	deeds_init(&window->deeds);
	if (serve_start(&handler, &window->serve, err) < 0)
		return -1;
	link_open(&window->link, socket_path, &news);
	return 0;
}

void window_close(struct window *window)
{
	link_close(&window->link);
	serve_stop(window->serve);
	deeds_clear(&window->deeds);
	json_decref(window->status);
	json_decref(window->shown);
	json_decref(window->worst);
	json_decref(window->result);
	*window = (struct window){.link = LINK_INIT};
}
