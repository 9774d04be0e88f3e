/* A caller of the control socket that says anything, at once or in two parts, and goes. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/varlink/varlink.h"
#include "agent/varlink/varlink_address.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"

static void send_page(struct varlink_call *call, void *state)
{
	int *left = state;

	if ((*left)-- > 0)
		varlink_reply_part(call, NULL);
	else
		varlink_reply(call, NULL);
}

static void handle(void *context, struct varlink_call *call)
{
	const char *method = varlink_method(call);
	int *pages;

	(void)context;
	if (strcmp(method, "Echo") == 0) {
		varlink_reply(call, json_deep_copy(varlink_parameters(call)));
	} else if (strcmp(method, "Follow") == 0) {
		varlink_follow(call);
	} else if (strcmp(method, "Pages") == 0 && varlink_wants_more(call) && (pages = malloc(sizeof(*pages)))) {
		*pages = 3;
		varlink_reply_in_pages(call, send_page, pages, free);
	} else {
		varlink_method_not_found(call);
	}
}

static void tell(void *context, struct varlink_call *call)
{
	(void)context;
	varlink_reply(call, NULL);
}

/* No caller may keep the server busy without saying anything new. */
static void pump(struct varlink *server)
{
	struct pollfd ready = { .fd = varlink_fd(server), .events = POLLIN };

	for (int rounds = 0; poll(&ready, 1, 0) > 0; rounds++) {
		if (rounds > 200000)
			abort();
		varlink_dispatch(server);
	}
}

static int call_in(const char *path)
{
	int dir_fd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;

	if (fd < 0 || varlink_address(path, &address, &dir_fd, NULL) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		abort();
	fd_close(&dir_fd);
	return fd;
}

static int describe(struct buf *ret_text, struct error *err)
{
	return buf_printf(ret_text, err, "interface jp.haishin.Agent\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(varlink) struct varlink *server = NULL;
	char path[FOLDER_PATH_SIZE + 32], heard[4096];
	struct varlink_options options = { .path = path, .mode = 0600, .describe = describe,
		.handle = handle };
	size_t part = len ? data[0] % (len + 1) : 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/control.sock", place_folder()->path);
	if (varlink_open(&options, &server, NULL) < 0)
		abort();
	fd = call_in(path);
	(void)!send(fd, data, part, MSG_NOSIGNAL);
	pump(server);
	(void)!send(fd, data + part, len - part, MSG_NOSIGNAL);
	do
		pump(server);
	while (recv(fd, heard, sizeof(heard), 0) > 0);
	varlink_each_follower(server, tell, NULL, false);
	pump(server);
	(void)close(fd);
	pump(server);
	return 0;
}
