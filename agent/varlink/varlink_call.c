#include "agent/varlink/varlink_call.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/auto.h"

void varlink_call_init(struct varlink_call *call)
{
	*call = (struct varlink_call){
		.fd = -1,
		.input = BUF_INIT(VARLINK_MAX_REQUEST_BYTES + 1),
		.output = BUF_INIT(VARLINK_MAX_ANSWER_BYTES),
	};
}

void varlink_call_begin(struct varlink_call *call, int take_fd, const struct platform_peer *peer)
{
	varlink_call_init(call);
	call->fd = take_fd;
	call->peer = *peer;
}

/* The call at work is answered. */
static void finish(struct varlink_call *call)
{
	if (call->page_release)
		call->page_release(call->page_state);
	if (call->attached_release)
		call->attached_release(call->attached);
	if (call->request && call->parameters != json_object_get(call->request, "parameters"))
		json_decref(call->parameters);
	json_decref(call->request);
	call->request = NULL;
	call->parameters = NULL;
	call->method = NULL;
	call->follows = false;
	call->waits = false;
	call->is_resumed = false;
	call->page = NULL;
	call->page_state = NULL;
	call->page_release = NULL;
	varlink_detach(call);
}

void varlink_call_end(struct varlink_call *call)
{
	finish(call);
	fd_close(&call->fd);
	buf_clear(&call->input);
	buf_clear(&call->output);
	varlink_call_init(call);
}

/* Nothing that the caller sends or waits for matters any more; what is in the output still goes out. */
static void break_off(struct varlink_call *call)
{
	call->broken = true;
	call->at_end = true;
	buf_clear(&call->input);
}

void varlink_call_receive(struct varlink_call *call)
{
	char bytes[4096];
	ssize_t got;

	while (!call->at_end && call->input.len < VARLINK_MAX_REQUEST_BYTES + 1) {
		size_t room = VARLINK_MAX_REQUEST_BYTES + 1 - call->input.len;

		got = recv(call->fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes), MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0)
			call->at_end = true;
		else if (buf_append(&call->input, bytes, (size_t)got, NULL) < 0)
			break_off(call);
	}
}

bool varlink_call_has_next(const struct varlink_call *call)
{
	return call->input.len && memchr(call->input.data, '\0', call->input.len);
}

static bool flag(const json_t *request, const char *key)
{
	return json_is_true(json_object_get(request, key));
}

static int take_request(struct varlink_call *call, json_t *request)
{
	const char *method = json_string_value(json_object_get(request, "method"));
	json_t *parameters = json_object_get(request, "parameters");

	call->request = request;
	call->method = method;
	call->more = flag(request, "more");
	call->oneway = flag(request, "oneway");
	call->parameters = json_is_object(parameters) ? parameters : json_object();
	if (method && (!parameters || json_is_null(parameters) || json_is_object(parameters)))
		return 0;
	return -1;
}

bool varlink_call_next(struct varlink_call *call)
{
	struct error why = {0};
	json_t *request;
	size_t len;

	if (call->request || call->broken)
		return false;
	if (!varlink_call_has_next(call)) {
		if (call->input.len > VARLINK_MAX_REQUEST_BYTES) {
			(void)error_set(
				&why, ERROR_USAGE, "a request has at most %u bytes", VARLINK_MAX_REQUEST_BYTES);
			varlink_fail(call, &why, NULL);
			break_off(call);
		}
		return false;
	}
	len = strlen(call->input.data);
	request = json_parse(call->input.data, len, &why);
	memmove(call->input.data, call->input.data + len + 1, call->input.len - len - 1);
	call->input.len -= len + 1;
	if (request && take_request(call, request) == 0)
		return true;
	if (request)
		(void)error_set(&why, ERROR_USAGE, "not a call: 'method' is a text and 'parameters' an object");
	call->oneway = false;
	why.code = ERROR_USAGE;
	varlink_fail(call, &why, NULL);
	break_off(call);
	return false;
}

bool varlink_call_has_output(const struct varlink_call *call)
{
	return call->sent < call->output.len;
}

void varlink_call_flush(struct varlink_call *call)
{
	while (varlink_call_has_output(call)) {
		ssize_t sent = send(call->fd, call->output.data + call->sent, call->output.len - call->sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0) {
			break_off(call);
			break;
		}
		call->sent += (size_t)sent;
	}
	buf_clear(&call->output);
	call->sent = 0;
}

bool varlink_call_is_over(const struct varlink_call *call)
{
	if (varlink_call_has_output(call))
		return false;
	return call->broken || (call->at_end && !call->request && !varlink_call_has_next(call));
}

/* Puts one object into the output. A caller that cannot be given a whole answer is given none. */
static void send_object(struct varlink_call *call, json_t *take_object)
{
	AUTO(json) json_t *object = take_object;

	if (call->oneway)
		return;
	if (json_write(object, &call->output, NULL) < 0 || buf_append(&call->output, "", 1, NULL) < 0) {
		buf_empty(&call->output);
		call->sent = 0;
		break_off(call);
	}
}

static json_t *or_empty(json_t *parameters)
{
	return parameters ? parameters : json_object();
}

void varlink_reply(struct varlink_call *call, json_t *take_parameters)
{
	send_object(call, JSON_OBJECT({json_take("parameters", or_empty(take_parameters))}));
	finish(call);
}

void varlink_reply_part(struct varlink_call *call, json_t *take_parameters)
{
	send_object(call,
		JSON_OBJECT({json_take("parameters", or_empty(take_parameters)), json_flag("continues", true)}));
}

void varlink_call_error(struct varlink_call *call, const char *name, json_t *take_parameters)
{
	send_object(
		call, JSON_OBJECT({json_text("error", name), json_take("parameters", or_empty(take_parameters))}));
	finish(call);
}

void varlink_fail(struct varlink_call *call, const struct error *why, json_t *take_extra)
{
	json_t *parameters = JSON_OBJECT({
		json_text("code", error_code_name(why->code)),
		json_number("exit", error_exit_status(why->code)),
		json_take("message", json_stringn(why->text, strlen(why->text))),
	});

	if (!parameters) /* the sentence was cut within a character */
		parameters = JSON_OBJECT({
			json_text("code", error_code_name(why->code)),
			json_number("exit", error_exit_status(why->code)),
			json_text("message", "(no text)"),
		});
	if (take_extra)
		(void)json_object_update(parameters, take_extra);
	json_decref(take_extra);
	varlink_call_error(call, VARLINK_INTERFACE ".Failed", parameters);
}

void varlink_invalid_parameter(struct varlink_call *call, const char *parameter)
{
	varlink_call_error(
		call, "org.varlink.service.InvalidParameter", JSON_OBJECT({json_text("parameter", parameter)}));
}

void varlink_method_not_found(struct varlink_call *call)
{
	varlink_call_error(
		call, "org.varlink.service.MethodNotFound", JSON_OBJECT({json_text("method", call->method)}));
}

const char *varlink_method(const struct varlink_call *call)
{
	return call->method + sizeof(VARLINK_INTERFACE);
}

const json_t *varlink_parameters(const struct varlink_call *call)
{
	return call->parameters;
}

const struct platform_peer *varlink_peer(const struct varlink_call *call)
{
	return &call->peer;
}

bool varlink_wants_more(const struct varlink_call *call)
{
	return call->more;
}

void varlink_follow(struct varlink_call *call)
{
	call->follows = true;
}

void varlink_wait(struct varlink_call *call)
{
	call->waits = true;
}

bool varlink_is_resumed(const struct varlink_call *call)
{
	return call->is_resumed;
}

void varlink_attach(struct varlink_call *call, void *take_state, void (*release)(void *state))
{
	call->attached = take_state;
	call->attached_release = release;
}

void varlink_detach(struct varlink_call *call)
{
	call->attached = NULL;
	call->attached_release = NULL;
}

void *varlink_attached(const struct varlink_call *call)
{
	return call->attached;
}

int varlink_open_process(const struct varlink_call *call, struct error *err)
{
	return platform_open_peer(call->fd, &call->peer, err);
}

void varlink_reply_in_pages(struct varlink_call *call, varlink_page *page, void *take_state, void (*release)(void *))
{
	call->page = page;
	call->page_state = take_state;
	call->page_release = release;
}
