#include "tools/window/link/link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/varlink/varlink_answer.h"

#define INPUT_BYTES (VARLINK_MAX_ANSWER_BYTES + 65536)

static void lose(struct link *link)
{
	fd_close(&link->fd);
	buf_clear(&link->input);
}

static bool connect_to_agent(struct link *link)
{
	AUTO(client_answer) struct client_answer answer = {0};

	link->input = (struct buf)BUF_INIT(INPUT_BYTES);
	link->fd = client_begin(link->socket_path, "Watch",
		JSON_OBJECT({json_text_if("with", link->news.progress ? "progress" : NULL)}), &answer);
	return link->fd >= 0;
}

void link_open(struct link *link, const char *socket_path, const struct link_news *news)
{
	(void)snprintf(link->socket_path, sizeof(link->socket_path), "%s", socket_path);
	link->news = *news;
	if (connect_to_agent(link))
		link_take(link);
	else
		news->status(news->context, NULL);
}

void link_close(struct link *link)
{
	lose(link);
}

void link_retry(struct link *link)
{
	if (link->fd < 0 && connect_to_agent(link))
		link_take(link);
}

static void tell(struct link *link, const json_t *part)
{
	const char *job = json_string_value(json_object_get(part, "job"));
	const json_t *status = json_object_get(part, "status");
	const json_t *progress = json_object_get(part, "progress"), *result = json_object_get(part, "result");

	if (status)
		link->news.status(link->news.context, status);
	if (job && progress && link->news.progress)
		link->news.progress(link->news.context, job, progress);
	if (job && result && link->news.result)
		link->news.result(link->news.context, job, result);
}

/* False where the agent has gone, or does not know how to be watched. */
static bool receive(struct link *link)
{
	char bytes[16384];
	ssize_t got;

	while ((got = recv(link->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		if (buf_append(&link->input, bytes, (size_t)got, NULL) < 0)
			return false;
	return got < 0 && (errno == EAGAIN || errno == EINTR);
}

void link_take(struct link *link)
{
	bool is_there = receive(link);
	json_t *object;

	while ((object = client_next(&link->input))) {
		AUTO(client_answer) struct client_answer answer = {0};
		const json_t *part;

		if (client_take(object, &part, &answer) == 1)
			tell(link, part);
		else
			is_there = false;
		json_decref(object);
	}
	if (is_there)
		return;
	lose(link);
	link->news.status(link->news.context, NULL);
}

int link_ask(const struct link *link, const char *method, json_t *take_parameters, struct client_answer *ret_answer)
{
	return client_call(link->socket_path, method, take_parameters, NULL, NULL, ret_answer);
}

/* ---- For who does not wait ---- */

int link_call_begin(struct link_call *call, const char *socket_path, const char *method, bool is_job,
	json_t *take_parameters, struct client_answer *ret_answer)
{
	*call = LINK_CALL_INIT;
	call->input = (struct buf)BUF_INIT(INPUT_BYTES);
	call->is_job = is_job;
	call->fd = client_begin(socket_path, method, take_parameters, ret_answer);
	return call->fd < 0 ? -1 : 0;
}

/* What of the answer is there. */
static int take_words(struct link_call *call, struct client_answer *answer)
{
	json_t *object;
	int ret = 1;

	while (ret == 1 && (object = client_next(&call->input))) {
		const json_t *part = NULL;

		ret = client_take(object, &part, answer);
		call->asks_password = ret == 1 && json_is_true(json_object_get(part, "asks_password"));
		if (ret == 1 && !call->asks_password && call->is_job)
			ret = 0;
		json_decref(object);
	}
	return ret;
}

int link_call_take(struct link_call *call, struct client_answer *ret_answer)
{
	char bytes[4096];
	ssize_t got = recv(call->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (got <= 0 || buf_append(&call->input, bytes, (size_t)got, NULL) < 0)
		return call->is_job ? 0 : client_lost(ret_answer);
	return take_words(call, ret_answer);
}

int link_call_wait(struct link_call *call, struct client_answer *ret_answer)
{
	struct pollfd ready = {.fd = call->fd, .events = POLLIN};
	int ret = 1;

	while (ret == 1) {
		int came = poll(&ready, 1, call->is_job && !call->asks_password ? LINK_FIRST_WORD_MS : -1);

		if (came == 0)
			return 0;
		if (came > 0)
			ret = link_call_take(call, ret_answer);
	}
	return ret;
}

void link_call_clear(struct link_call *call)
{
	fd_close(&call->fd);
	buf_clear(&call->input);
	*call = LINK_CALL_INIT;
}
