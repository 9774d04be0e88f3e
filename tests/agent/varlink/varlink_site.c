#include "tests/agent/varlink/varlink_site.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/varlink/varlink_address.h"

struct pages {
	struct site *site;
	int next;
};

static void send_page(struct varlink_call *call, void *state)
{
	struct pages *pages = state;
	json_t *page = json_pack("{s:i}", "page", ++pages->next);

	if (pages->next < PAGES)
		varlink_reply_part(call, page);
	else
		varlink_reply(call, page);
}

static void release_pages(void *state)
{
	struct pages *pages = state;

	pages->site->released++;
	free(pages);
}

static void handle(void *context, struct varlink_call *call)
{
	struct site *site = context;
	const char *method = varlink_method(call);
	struct error refused = {0};

	site->calls++;
	if (strcmp(method, "Echo") == 0) {
		varlink_reply(call, json_deep_copy(varlink_parameters(call)));
	} else if (strcmp(method, "Fail") == 0) {
		(void)error_set(&refused, ERROR_REFUSED, "the signature is wrong");
		varlink_fail(call, &refused, json_pack("{s:i}", "extra", 5));
	} else if (strcmp(method, "Pages") == 0) {
		struct pages *pages = calloc(1, sizeof(*pages));

		pages->site = site;
		varlink_reply_in_pages(call, send_page, pages, release_pages);
	} else if (strcmp(method, "Follow") == 0) {
		varlink_follow(call);
	} else if (strcmp(method, "Huge") == 0) {
		char *text = malloc(VARLINK_MAX_ANSWER_BYTES + 1);

		memset(text, 'x', VARLINK_MAX_ANSWER_BYTES);
		text[VARLINK_MAX_ANSWER_BYTES] = '\0';
		varlink_reply(call, json_pack("{s:s}", "text", text));
		free(text);
	} else {
		varlink_method_not_found(call);
	}
}

static struct site *of_strangers;

static int fake_peer(int socket_fd, struct platform_peer *ret_peer, struct error *err)
{
	(void)socket_fd;
	(void)err;
	if (of_strangers->crowd > 0) {
		of_strangers->crowd--;
		(void)close(varlink_site_connect(of_strangers));
	}
	*ret_peer = (struct platform_peer){.uid = 4711, .gid = 4711, .pid = 1};
	return 0;
}

static int describe(struct buf *ret_text, struct error *err)
{
	return buf_printf(ret_text, err, "interface jp.haishin.Agent\n");
}

void varlink_site_open(struct site *site, bool as_stranger)
{
	struct varlink_options options = {.path = site->path,
		.mode = 0666,
		.describe = describe,
		.handle = handle,
		.context = site,
		.peer = as_stranger ? fake_peer : NULL};
	struct error err = {0};

	of_strangers = site;
	assert_ok(varlink_open(&options, &site->server, &err), &err);
}

int varlink_site_set_up(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	(void)snprintf(site->path, sizeof(site->path), "%s/control.sock", site->folder.path);
	varlink_site_open(site, false);
	*state = site;
	return 0;
}

int varlink_site_tear_down(void **state)
{
	struct site *site = *state;

	varlink_close(site->server);
	folder_clear(&site->folder);
	free(site);
	return 0;
}

/* ---- A caller. ---- */

void varlink_site_pump(struct site *site)
{
	struct pollfd ready = {.fd = varlink_fd(site->server), .events = POLLIN};

	while (poll(&ready, 1, 0) > 0)
		varlink_dispatch(site->server);
}

int varlink_site_connect(struct site *site)
{
	struct sockaddr_un address;
	struct error err = {0};
	int dir_fd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_ok(varlink_address(site->path, &address, &dir_fd, &err), &err);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (dir_fd >= 0)
		close(dir_fd);
	return fd;
}

int varlink_site_call_in(struct site *site)
{
	int fd = varlink_site_connect(site);

	varlink_site_pump(site);
	return fd;
}

void varlink_site_say(struct site *site, int fd, const char *text, size_t len)
{
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
	varlink_site_pump(site);
}

ssize_t varlink_site_hear(int fd, char *bytes, size_t size)
{
	ssize_t got = recv(fd, bytes, size - 1, MSG_DONTWAIT);

	bytes[got > 0 ? got : 0] = '\0';
	return got;
}

void assert_hears(int fd, const char *expected)
{
	char bytes[4096];

	assert_true(varlink_site_hear(fd, bytes, sizeof(bytes)) > 0);
	assert_string_equal(bytes, expected);
}

void assert_hung_up(int fd)
{
	char bytes[4096];
	ssize_t got;

	while ((got = varlink_site_hear(fd, bytes, sizeof(bytes))) > 0)
		;
	assert_int_equal(got == 0 || (got < 0 && errno == ECONNRESET), 1);
}
