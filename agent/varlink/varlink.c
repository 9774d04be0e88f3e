#include "agent/varlink/varlink.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "agent/varlink/varlink_address.h"
#include "agent/varlink/varlink_call.h"
#include "common/auto.h"

#define SERVICE "org.varlink.service"

struct varlink {
	struct varlink_options options;
	char *path;
	int listen_fd;
	int epoll_fd;
	uint64_t touches;
	uint64_t turns;
	struct varlink_call callers[VARLINK_MAX_CALLERS];
};

/* ---- The socket. ---- */

/* True if somebody answers at the address. */
static bool is_answered(const struct sockaddr_un *address)
{
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return true;
	return errno != ECONNREFUSED && errno != ENOENT;
}

static int bind_socket(const struct varlink_options *options, int *ret_fd, struct error *err)
{
	struct sockaddr_un address;
	AUTO(fd) int dir_fd = -1;
	AUTO(fd) int fd = -1;

	if (varlink_address(options->path, &address, &dir_fd, err) < 0)
		return -1;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return error_system(err, errno, "cannot make a socket");
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno != EADDRINUSE)
			return error_system(err, errno, "cannot bind '%s'", options->path);
		if (is_answered(&address))
			return error_set(err, ERROR_BUSY, "another agent answers at '%s'", options->path);
		if (unlink(options->path) < 0 && errno != ENOENT)
			return error_system(err, errno, "cannot remove the left-over socket '%s'", options->path);
		if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
			return error_system(err, errno, "cannot bind '%s'", options->path);
	}
	if (chmod(options->path, options->mode) < 0 || listen(fd, VARLINK_MAX_CALLERS) < 0)
		return error_system(err, errno, "cannot listen at '%s'", options->path);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* The listening socket is watched by edges: where no descriptor is left for a caller, that must not keep us awake. */
static int watch_socket(struct varlink *server, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};

	if ((server->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
		epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &event) < 0)
		return error_system(err, errno, "cannot watch '%s'", server->path);
	return 0;
}

int varlink_open(const struct varlink_options *options, struct varlink **ret_server, struct error *err)
{
	AUTO(varlink) struct varlink *server = calloc(1, sizeof(*server));

	if (!server)
		return error_set(err, ERROR_FAILED, "out of memory");
	server->options = *options;
	server->listen_fd = -1;
	server->epoll_fd = -1;
	for (size_t i = 0; i < VARLINK_MAX_CALLERS; i++)
		varlink_call_init(&server->callers[i]);
	if (bind_socket(options, &server->listen_fd, err) < 0)
		return error_context(err, "control socket");
	if (!(server->path = strdup(options->path)))
		return error_set(err, ERROR_FAILED, "out of memory");
	if (watch_socket(server, err) < 0)
		return error_context(err, "control socket");
	if (!server->options.peer)
		server->options.peer = platform_peer;
	*ret_server = take_ptr(&server);
	return 0;
}

void varlink_close(struct varlink *server)
{
	if (!server)
		return;
	for (size_t i = 0; i < VARLINK_MAX_CALLERS; i++)
		varlink_call_end(&server->callers[i]);
	if (server->listen_fd >= 0) {
		if (server->path)
			(void)unlink(server->path);
		(void)close(server->listen_fd);
	}
	fd_close(&server->epoll_fd);
	free(server->path);
	free(server);
}

int varlink_fd(const struct varlink *server)
{
	return server->epoll_fd;
}

/* ---- Callers. ---- */

static struct varlink_call *quietest(struct varlink *server)
{
	struct varlink_call *found = &server->callers[0];

	for (size_t i = 1; i < VARLINK_MAX_CALLERS; i++)
		if (server->callers[i].touched < found->touched)
			found = &server->callers[i];
	return found;
}

/* A free place; where there is none, that of the caller who has been quiet longest. */
static struct varlink_call *make_place(struct varlink *server)
{
	for (size_t i = 0; i < VARLINK_MAX_CALLERS; i++)
		if (server->callers[i].fd < 0)
			return &server->callers[i];
	varlink_call_end(quietest(server));
	return make_place(server);
}

/* Root and the agent's own user could do without the socket all that it keeps others from. */
static bool is_bounded(uid_t uid)
{
	return uid != 0 && uid != geteuid();
}

static bool user_has_too_many(const struct varlink *server, uid_t uid)
{
	int count = 0;

	for (size_t i = 0; i < VARLINK_MAX_CALLERS; i++)
		if (server->callers[i].fd >= 0 && server->callers[i].peer.uid == uid)
			count++;
	return is_bounded(uid) && count >= VARLINK_MAX_CALLERS_PER_USER;
}

static void accept_caller(struct varlink *server, int new_fd)
{
	AUTO(fd) int fd = new_fd;
	struct epoll_event event = {.events = EPOLLIN};
	struct platform_peer peer;
	struct varlink_call *call;

	if (server->options.peer(fd, &peer, NULL) < 0 || user_has_too_many(server, peer.uid))
		return;
	call = make_place(server);
	event.data.ptr = call;
	if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return;
	varlink_call_begin(call, take_fd(&fd), &peer);
	call->touched = ++server->touches;
}

/* As many as there are places, lest who calls in without end keep those waiting who are in; false where more may wait. */
static bool accept_some(struct varlink *server)
{
	for (int i = 0; i < VARLINK_MAX_CALLERS; i++) {
		int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			accept_caller(server, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			return true;
	}
	return false;
}

static void accept_callers(struct varlink *server)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};

	/* Else the edge that told of them has passed. */
	if (!accept_some(server))
		(void)epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, server->listen_fd, &event);
}

/* ---- Requests. ---- */

static void get_info(struct varlink_call *call)
{
	varlink_reply(call, JSON_OBJECT({
				    json_text("vendor", "haishin"),
				    json_text("product", "haishin"),
				    json_text("version", HAISHIN_VERSION),
				    json_text("url", ""),
				    json_take("interfaces", json_pack("[s, s]", SERVICE, VARLINK_INTERFACE)),
			    }));
}

static int describe_service(struct buf *ret_text, struct error *err)
{
	static const char text[] = "# What every varlink service answers.\n"
				   "interface org.varlink.service\n\n"
				   "method GetInfo() -> (vendor: string, product: string, version: string, url: "
				   "string, interfaces: []string)\n"
				   "method GetInterfaceDescription(interface: string) -> (description: string)\n\n"
				   "error InterfaceNotFound (interface: string)\n"
				   "error MethodNotFound (method: string)\n"
				   "error MethodNotImplemented (method: string)\n"
				   "error InvalidParameter (parameter: string)\n";

	return buf_printf(ret_text, err, "%s", text);
}

static void get_description(struct varlink *server, struct varlink_call *call)
{
	const char *name = json_string_value(json_object_get(call->parameters, "interface"));
	AUTO(buf) struct buf text = BUF_INIT(VARLINK_DESCRIPTION_MAX_BYTES);
	struct error err = {0};

	if (!name) {
		varlink_invalid_parameter(call, "interface");
		return;
	}
	if (strcmp(name, SERVICE) != 0 && strcmp(name, VARLINK_INTERFACE) != 0)
		varlink_call_error(call, SERVICE ".InterfaceNotFound", JSON_OBJECT({json_text("interface", name)}));
	else if ((strcmp(name, SERVICE) == 0 ? describe_service(&text, &err)
					     : server->options.describe(&text, &err)) < 0)
		varlink_fail(call, &err, NULL);
	else
		varlink_reply(call, JSON_OBJECT({json_text("description", buf_text(&text))}));
}

static void handle_request(struct varlink *server, struct varlink_call *call)
{
	static const char prefix[] = VARLINK_INTERFACE ".";

	if (strcmp(call->method, SERVICE ".GetInfo") == 0) {
		get_info(call);
	} else if (strcmp(call->method, SERVICE ".GetInterfaceDescription") == 0) {
		get_description(server, call);
	} else if (strncmp(call->method, prefix, sizeof(prefix) - 1) == 0) {
		server->options.handle(server->options.context, call);
		assert(!call->request || call->follows || call->page || call->waits);
	} else {
		varlink_method_not_found(call);
	}
}

/* Watches for what the caller can be served with next. */
static void watch(struct varlink *server, struct varlink_call *call)
{
	struct epoll_event event = {.data.ptr = call};

	if (!call->at_end && !call->request && !varlink_call_has_next(call))
		event.events |= EPOLLIN;
	if (varlink_call_has_output(call) || call->page || (!call->request && varlink_call_has_next(call)))
		event.events |= EPOLLOUT;
	if (epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, call->fd, &event) < 0)
		varlink_call_end(call);
}

/* Does one step for the caller: one request, or one page. */
static void serve(struct varlink *server, struct varlink_call *call, uint32_t events)
{
	call->served = ++server->turns;
	if (events & EPOLLIN)
		varlink_call_receive(call);
	varlink_call_flush(call);
	if (!varlink_call_has_output(call)) {
		if (call->page) {
			call->page(call, call->page_state);
		} else if (varlink_call_next(call)) {
			call->touched = ++server->touches;
			handle_request(server, call);
		}
		varlink_call_flush(call);
	}
	if ((events & (EPOLLHUP | EPOLLERR)) || varlink_call_is_over(call))
		varlink_call_end(call);
	else
		watch(server, call);
}

/* Of a user's connections that have something to do, the one that has waited longest: many are worth no more than one. */
static bool has_its_turn(const struct epoll_event *events, int count, const struct varlink_call *call)
{
	for (int i = 0; i < count && is_bounded(call->peer.uid); i++) {
		const struct varlink_call *other = events[i].data.ptr;

		if (other && other->peer.uid == call->peer.uid &&
			(other->served < call->served || (other->served == call->served && other < call)))
			return false;
	}
	return true;
}

void varlink_dispatch(struct varlink *server)
{
	struct epoll_event events[VARLINK_MAX_CALLERS + 1], turns[VARLINK_MAX_CALLERS];
	int count = epoll_wait(server->epoll_fd, events, (int)ARRAY_SIZE(events), 0), turns_count = 0;
	bool callers_wait = false;

	for (int i = 0; i < count; i++)
		if (!events[i].data.ptr)
			callers_wait = true;
		else if (has_its_turn(events, count, events[i].data.ptr))
			turns[turns_count++] = events[i];
	for (int i = 0; i < turns_count; i++)
		serve(server, turns[i].data.ptr, turns[i].events);
	if (callers_wait) /* last: it may give away places that events above speak of */
		accept_callers(server);
}

bool varlink_is_busy(const struct varlink *server)
{
	for (size_t i = 0; i < VARLINK_MAX_CALLERS; i++)
		if (server->callers[i].fd >= 0 && !server->callers[i].follows)
			return true;
	return false;
}

/* What the caller was sent without having been asked for it at this moment. */
static void settle(struct varlink *server, struct varlink_call *call)
{
	call->touched = ++server->touches;
	varlink_call_flush(call);
	if (varlink_call_is_over(call))
		varlink_call_end(call);
	else
		watch(server, call);
}

void varlink_each_follower(struct varlink *server, varlink_handler *tell, void *context, bool may_pass_over)
{
	for (size_t i = 0; server && i < VARLINK_MAX_CALLERS; i++) {
		struct varlink_call *call = &server->callers[i];

		if (call->fd < 0 || !call->follows ||
			(may_pass_over && call->output.len - call->sent > VARLINK_BACKLOG_BYTES))
			continue;
		tell(context, call);
		settle(server, call);
	}
}

void varlink_handle_waiting(struct varlink *server)
{
	for (size_t i = 0; server && i < VARLINK_MAX_CALLERS; i++) {
		struct varlink_call *call = &server->callers[i];

		if (call->fd < 0 || !call->waits)
			continue;
		call->waits = false;
		call->is_resumed = true;
		handle_request(server, call);
		settle(server, call);
	}
}
