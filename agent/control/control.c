#include "agent/control/control.h"

#include <limits.h>
#include <string.h>

#include "agent/control/methods.h"
#include "agent/control/methods_watch.h"
#include "agent/rights/permission.h"
#include "agent/varlink/varlink.h"

struct control {
	struct varlink *server;
	struct resident *resident;
	struct watch watch;
};

/* ---- The job at work. ---- */

struct job_news {
	const char *kind;
	json_t *progress; /* or its last word */
};

static void tell_progress(void *context, struct varlink_call *call)
{
	const struct job_news *news = context;

	if (methods_watch_is(call))
		methods_watch_tell_job(call, news->kind, news->progress, false);
	else if (varlink_wants_more(call))
		varlink_reply_part(call, JSON_OBJECT({json_share("progress", news->progress)}));
}

static void tell_result(void *context, struct varlink_call *call)
{
	const struct job_news *news = context;
	json_t *result = news->progress;
	const char *message = json_string_value(json_object_get(result, "message"));
	struct error why = {.code = error_code_of_name(json_string_value(json_object_get(result, "error")))};

	if (methods_watch_is(call)) {
		methods_watch_tell_job(call, news->kind, result, true);
		return;
	}
	if (why.code == ERROR_NONE) {
		varlink_reply(call, JSON_OBJECT({json_share("result", result)}));
		return;
	}
	(void)error_set(&why, why.code, "%s", message ? message : "the work ended without a result");
	varlink_fail(call, &why, result ? JSON_OBJECT({json_share("result", result)}) : NULL);
}

static void tell_followers(void *context, json_t *progress, bool is_last)
{
	struct control *control = context;
	struct job_news news = {job_kind_name(control->resident->job.kind), progress};

	varlink_each_follower(control->server, is_last ? tell_result : tell_progress, &news, !is_last);
}

static void tell_changed(void *context)
{
	struct control *control = context;

	methods_watch_changed(&control->watch, control->server, control->resident);
}

static void take_waiting(void *context)
{
	struct control *control = context;

	varlink_handle_waiting(control->server);
}

static void take_permissions(void *context)
{
	struct control *control = context;

	if (permissions_take(control->resident->permissions))
		varlink_handle_waiting(control->server);
}

/* ---- The socket. ---- */

static void dispatch(void *context)
{
	struct control *control = context;

	varlink_dispatch(control->server);
}

static bool are_busy(void *context)
{
	const struct control *control = context;

	return varlink_is_busy(control->server);
}

int control_open(struct resident *resident, struct control **ret_control, struct error *err)
{
	char path[PATH_MAX];
	struct varlink_options options = {
		.path = path,
		.mode = 0666,
		.describe = methods_describe,
		.handle = methods_handle,
		.context = resident,
	};
	AUTO(control) struct control *control = calloc(1, sizeof(*control));
	int len = snprintf(path, sizeof(path), "%s/" CONTROL_SOCKET_NAME, resident->terminal->config->run_path);

	if (!control || len < 0 || (size_t)len >= sizeof(path))
		return error_set(err, ERROR_FAILED, "no room for the control socket");
	if (varlink_open(&options, &control->server, err) < 0 || permissions_new(&resident->permissions, err) < 0)
		return -1;
	control->resident = resident;
	resident->callers = (struct resident_callers){
		.context = control,
		.fd = varlink_fd(control->server),
		.dispatch = dispatch,
		.are_busy = are_busy,
		.tell = tell_followers,
		.changed = tell_changed,
		.child_ended = take_permissions,
		.job_ended = take_waiting,
	};
	*ret_control = take_ptr(&control);
	return 0;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	varlink_close(control->server);
	methods_watch_clear(&control->watch);
	if (control->resident) {
		control->resident->callers = RESIDENT_NO_CALLERS;
		permissions_free(take_ptr(&control->resident->permissions));
		verification_free(take_ptr(&control->resident->verification));
	}
	free(control);
}
