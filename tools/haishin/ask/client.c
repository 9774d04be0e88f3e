#include "tools/haishin/ask/client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/varlink/varlink.h"
#include "agent/varlink/varlink_address.h"
#include "common/buf.h"

#define EXIT_INTERRUPTED 130

void client_answer_clear(struct client_answer *answer)
{
	json_decref(answer->parameters);
	answer->parameters = NULL;
}

const char *client_words_code(const struct client_answer *answer)
{
	static const char *const more[][2] = {
		{"no_former", "no-former"},
		{"no_wish", "no-wish"},
		{"not_left_to_staff", "not-left-to-staff"},
		{"wrong_value", "wrong-value"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		if (json_is_true(json_object_get(answer->parameters, more[i][0])))
			return more[i][1];
	return answer->code;
}

static int fail(struct client_answer *answer, const char *code, int exit_status, const char *message)
{
	(void)snprintf(answer->code, sizeof(answer->code), "%s", code);
	(void)snprintf(answer->message, sizeof(answer->message), "%s", message);
	answer->exit_status = exit_status;
	return -1;
}

static int fail_as(struct client_answer *answer, enum error_code code, const char *message)
{
	return fail(answer, error_code_name(code), error_exit_status(code), message);
}

static int open_socket(const char *path, struct client_answer *answer)
{
	struct sockaddr_un address;
	struct error err = {0};
	AUTO(fd) int dir_fd = -1;
	AUTO(fd) int fd = -1;
	char message[1024];

	if (varlink_address(path, &address, &dir_fd, &err) == 0) {
		if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0 &&
			connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
			return take_fd(&fd);
		(void)error_system(&err, errno, "cannot reach '%s'", path);
	}
	(void)snprintf(message, sizeof(message), "no agent answers: %s", err.text);
	return fail(answer, "no-agent", error_exit_status(ERROR_FAILED), message);
}

static int send_call(int fd, const char *method, json_t *take_parameters, bool more, struct client_answer *answer)
{
	AUTO(json) json_t *parameters = take_parameters;
	AUTO(json)
	json_t *call = json_pack(
		"{s:s+, s:O*, s:b}", "method", VARLINK_INTERFACE ".", method, "parameters", parameters, "more", more);
	AUTO(buf) struct buf text = BUF_INIT(VARLINK_MAX_REQUEST_BYTES);
	struct error err = {0};

	if (json_write(call, &text, &err) < 0 || buf_append(&text, "", 1, &err) < 0)
		return fail_as(answer, ERROR_USAGE, "what was asked for is too long, or is not UTF-8");
	for (size_t sent = 0; sent < text.len;) {
		ssize_t now = send(fd, text.data + sent, text.len - sent, MSG_NOSIGNAL);

		if (now < 0 && errno != EINTR)
			return fail_as(answer, ERROR_FAILED, "the agent does not take the call");
		sent += now > 0 ? (size_t)now : 0;
	}
	return 0;
}

/* Waits until something is there. A caller that has SIGINT blocked is interrupted here and nowhere else, so that none
 * is missed. */
static int wait_for_bytes(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	sigset_t mask;

	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	(void)sigdelset(&mask, SIGINT);
	return ppoll(&ready, 1, NULL, &mask);
}

json_t *client_next(struct buf *input)
{
	char *end = input->len ? memchr(input->data, '\0', input->len) : NULL;
	json_t *object;

	if (!end)
		return NULL;
	object = json_parse(input->data, (size_t)(end - input->data), NULL);
	input->len -= (size_t)(end + 1 - input->data);
	memmove(input->data, end + 1, input->len);
	return object ? object : json_object();
}

int client_lost(struct client_answer *ret_answer)
{
	return fail_as(ret_answer, ERROR_FAILED, "the agent has gone away in the middle of its answer");
}

/* Reads the next object; what comes behind it stays in INPUT. */
static json_t *receive(int fd, struct buf *input, struct client_answer *answer)
{
	char bytes[16384];
	struct error err = {0};
	json_t *object;

	while (!(object = client_next(input))) {
		ssize_t got = wait_for_bytes(fd) < 0 ? -1 : recv(fd, bytes, sizeof(bytes), 0);

		if (got < 0 && errno == EINTR) {
			(void)fail(answer, "interrupted", EXIT_INTERRUPTED, "interrupted; the agent goes on");
			return NULL;
		}
		if (got <= 0) {
			(void)client_lost(answer);
			return NULL;
		}
		if (buf_append(input, bytes, (size_t)got, &err) < 0) {
			(void)fail_as(answer, ERROR_FAILED, "the answer is longer than the agent may send");
			return NULL;
		}
	}
	return object;
}

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

static int take_error(const char *name, const json_t *parameters, struct client_answer *answer)
{
	char message[512];

	if (strcmp(name, VARLINK_INTERFACE ".Failed") == 0)
		return fail(answer, text_of(parameters, "code", "failed"),
			(int)json_integer_value(json_object_get(parameters, "exit")),
			text_of(parameters, "message", name));
	if (strcmp(name, "org.varlink.service.InvalidParameter") == 0)
		(void)snprintf(message, sizeof(message), "the agent does not take '%s' like this",
			text_of(parameters, "parameter", "?"));
	else
		(void)snprintf(message, sizeof(message), "the agent does not know this: %s %s", name,
			text_of(parameters, "method", ""));
	return fail_as(answer, ERROR_USAGE, message);
}

int client_take(const json_t *object, const json_t **ret_part, struct client_answer *ret_answer)
{
	const char *error = json_string_value(json_object_get(object, "error"));
	json_t *parameters = json_object_get(object, "parameters");

	if (!error && json_is_true(json_object_get(object, "continues"))) {
		*ret_part = parameters;
		return 1;
	}
	ret_answer->parameters = json_incref(parameters);
	return error ? take_error(error, parameters, ret_answer) : 0;
}

int client_begin(
	const char *socket_path, const char *method, json_t *take_parameters, struct client_answer *ret_answer)
{
	AUTO(fd) int fd = -1;

	*ret_answer = (struct client_answer){0};
	if ((fd = open_socket(socket_path, ret_answer)) < 0) {
		json_decref(take_parameters);
		return -1;
	}
	return send_call(fd, method, take_parameters, true, ret_answer) < 0 ? -1 : take_fd(&fd);
}

int client_call(const char *socket_path, const char *method, json_t *take_parameters, client_part *part,
	void *context, struct client_answer *ret_answer)
{
	AUTO(buf) struct buf input = BUF_INIT(VARLINK_MAX_ANSWER_BYTES + 16384);
	AUTO(fd) int fd = -1;
	int ret = 1;

	*ret_answer = (struct client_answer){0};
	if ((fd = open_socket(socket_path, ret_answer)) < 0) {
		json_decref(take_parameters);
		return -1;
	}
	if (send_call(fd, method, take_parameters, part != NULL, ret_answer) < 0)
		return -1;
	while (ret == 1) {
		AUTO(json) json_t *object = receive(fd, &input, ret_answer);
		const json_t *came;

		if (!object)
			return -1;
		if ((ret = client_take(object, &came, ret_answer)) == 1 && part)
			part(context, came);
	}
	return ret;
}
