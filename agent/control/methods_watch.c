#include "agent/control/methods_watch.h"

#include <stdlib.h>
#include <string.h>

#include "agent/control/method.h"
#include "agent/control/methods_status.h"

#define METHOD_NAME "Watch"
#define WITH_PROGRESS "progress"

bool methods_watch_is(const struct varlink_call *call)
{
	return strcmp(varlink_method(call), METHOD_NAME) == 0;
}

void methods_watch_tell_job(struct varlink_call *call, const char *kind, const json_t *progress, bool is_last)
{
	const char *with = method_text(call, "with");

	if (!with || strcmp(with, WITH_PROGRESS) != 0)
		return;
	varlink_reply_part(call, JSON_OBJECT({
					 json_text("job", kind),
					 json_share(is_last ? "result" : "progress", progress),
				 }));
}

/* ---- What is the case ---- */

struct telling {
	const struct resident *resident;
	const json_t *status;
};

static void count(void *context, struct varlink_call *call)
{
	*(int *)context += methods_watch_is(call);
}

/* All but the time, which is another one each time. */
static char *text_of(json_t *status)
{
	AUTO(json) json_t *copy = json_copy(status);

	(void)json_object_del(copy, "time");
	return json_dumps(copy, JSON_COMPACT);
}

static void send_status(const struct resident *resident, struct varlink_call *call, const json_t *status)
{
	json_t *copy = json_copy((json_t *)status);

	methods_status_add_rights(copy, resident, call);
	varlink_reply_part(call, JSON_OBJECT({json_take("status", copy)}));
}

static void tell(void *context, struct varlink_call *call)
{
	const struct telling *telling = context;

	if (methods_watch_is(call))
		send_status(telling->resident, call, telling->status);
}

void methods_watch_changed(struct watch *watch, struct varlink *server, struct resident *resident)
{
	AUTO(json) json_t *status = NULL;
	struct error err = {0};
	char *text;
	int watchers = 0;

	varlink_each_follower(server, count, &watchers, false);
	if (watchers == 0) {
		methods_watch_clear(watch);
		return;
	}
	if (methods_status_make(resident, &status, &err) < 0) {
		log_line(resident->terminal->env->log, LOG_LEVEL_ERROR, "cannot tell those who watch: %s", err.text);
		return;
	}
	text = text_of(status);
	if (text && watch->last && strcmp(text, watch->last) == 0) {
		free(text);
		return;
	}
	methods_watch_clear(watch);
	watch->last = text;
	varlink_each_follower(server, tell, &(struct telling){resident, status}, false);
}

void methods_watch_clear(struct watch *watch)
{
	free(watch->last);
	watch->last = NULL;
}

/* ---- The method ---- */

static int begin(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(json) json_t *status = NULL;
	const char *with = method_text(call, "with");

	if (!varlink_wants_more(call) || (with && strcmp(with, WITH_PROGRESS) != 0))
		return error_set(err, ERROR_USAGE,
			"who watches asks for \"more\", and may ask for it with \"" WITH_PROGRESS "\"");
	if (methods_status_make(resident, &status, err) < 0)
		return -1;
	send_status(resident, call, status);
	varlink_follow(call);
	return 0;
}

const struct method method_watch = {
	.name = METHOD_NAME,
	.parameters = {{"with", JSON_STRING, false}},
	.meaning = "What GetStatus answers, now and whenever it has changed; with \"progress\", what jobs tell too. "
		   "Only with "
		   "\"more\"; ends with the connection.",
	.result = "status: ?object, job: ?string, progress: ?object, result: ?object",
	.answer = begin,
};
