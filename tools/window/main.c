/* haishin-window: what staff see of haishin, in the browser of their own desktop. Ends when its page is closed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/platform.h"
#include "common/command_line/args.h"
#include "common/command_line/language.h"
#include "tools/haishin/ask/place.h"
#include "tools/haishin/draw/details.h"
#include "tools/window/browser.h"
#include "tools/window/window.h"

#define OPEN_WITHIN_MS 120000 /* nobody opened the page, or it has not begun to listen */
#define CLOSED_FOR_MS 10000   /* nobody listens any more, and nobody asks: a page that is loaded again does by then */

static const struct args_option options[] = {
	{"print-address", NULL, N_("print the address instead of opening a browser")},
	{"socket", "PATH", N_("the control socket of the agent")},
	{"root", "DIR", N_("the terminal that lies below a folder")},
	{"config", "FILE", N_("a configuration that says where the socket is")},
	{"help", NULL, N_("this text")},
	{"version", NULL, N_("the version of this program")},
	{0},
};

static volatile sig_atomic_t asked_to_end;

static void end(int signal)
{
	(void)signal;
	asked_to_end = 1;
}

static void watch_signals(void)
{
	const struct sigaction ends = {.sa_handler = end}, ignored = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGTERM, &ends, NULL);
	(void)sigaction(SIGINT, &ends, NULL);
	(void)sigaction(SIGHUP, &ends, NULL);
	(void)sigaction(SIGPIPE, &ignored, NULL);
	(void)signal(SIGCHLD, SIG_IGN); /* the browser's beginning is no child to wait for */
}

/* ---- How long it stays ---- */

struct staying {
	struct clock clock;
	int64_t alone_since_ms;
	uint64_t requests; /* answered by then */
	bool was_heard;	   /* a page has listened */
};

/* How long it stays without anybody who listens; -1: somebody does. */
static int64_t left_ms(struct staying *staying, const struct serve *serve)
{
	int64_t now_ms = staying->clock.monotonic_ms(&staying->clock), left;
	bool is_heard = serve_listeners(serve) > 0;

	staying->was_heard |= is_heard;
	if (is_heard || serve_requests(serve) != staying->requests)
		staying->alone_since_ms = now_ms;
	staying->requests = serve_requests(serve);
	left = staying->alone_since_ms + (staying->was_heard ? CLOSED_FOR_MS : OPEN_WITHIN_MS) - now_ms;
	return is_heard ? -1 : left > 0 ? left : 0;
}

static int shorter(int a_ms, int64_t b_ms)
{
	return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? (int)b_ms : a_ms;
}

static void take_news(struct window *window, bool has_come)
{
	if (window->link.fd < 0) {
		link_retry(&window->link);
		window_look_again(window);
	} else if (has_come) {
		link_take(&window->link);
	}
}

static void wait_once(struct window *window, int64_t left)
{
	struct pollfd polls[1 + SERVE_POLLS + DEEDS] = {{.fd = window->link.fd, .events = POLLIN}};
	struct pollfd *of_serve = polls + 1, *of_deeds = of_serve + SERVE_POLLS;
	int timeout_ms = shorter(shorter(serve_timeout_ms(window->serve), left), deeds_timeout_ms(&window->deeds));

	if (window->link.fd < 0)
		timeout_ms = shorter(timeout_ms, LINK_RETRY_MS);
	serve_polls(window->serve, of_serve);
	deeds_polls(&window->deeds, of_deeds);
	if (poll(polls, ARRAY_SIZE(polls), timeout_ms) < 0)
		return;
	take_news(window, polls[0].revents);
	deeds_run(&window->deeds, window->serve, of_deeds);
	serve_run(window->serve, of_serve);
}

static void stay(struct window *window)
{
	struct staying staying = {0};
	int64_t left;

	clock_init(&staying.clock, "/proc/sys/kernel/random/boot_id");
	staying.alone_since_ms = staying.clock.monotonic_ms(&staying.clock);
	platform_rest();
	while (!asked_to_end && (left = left_ms(&staying, window->serve)) != 0)
		wait_once(window, left);
}

/* ---- Start ---- */

static int run(const struct args *args, struct error *err)
{
	AUTO(window) struct window window = {.link = LINK_INIT};
	struct browser browser = {0};
	char socket_path[PATH_MAX];
	bool prints = args_has(args, "print-address");

	if (place_find_socket(args, socket_path, err) < 0 || window_open(&window, args, socket_path, err) < 0)
		return -1;
	if (prints) {
		(void)printf("%s\n", serve_address(window.serve));
		(void)fflush(stdout);
	} else if (browser_open(&browser, serve_address(window.serve), err) < 0) {
		browser_close(&browser);
		return -1;
	}
	stay(&window);
	browser_close(&browser);
	return 0;
}

static int fail(const struct error *err)
{
	char detail[DETAILS_SIZE];

	if (err->code == ERROR_NOT_FOUND)
		(void)fprintf(stderr, "haishin-window: %s\n",
			_("There is no browser. 'haishin status' shows the same on a terminal; --print-address is "
			  "for a browser "
			  "that is started by hand."));
	(void)fprintf(stderr, _("  (for support: %s)\n"), details_text(err->text, detail));
	return error_exit_status(err->code);
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct args args;

	language_choose("haishin-window");
	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) < 0 ||
		args_want_positional(&args, 0, 0, "", &err) < 0)
		return fail(&err);
	if (args_has(&args, "help")) {
		(void)printf("%s haishin-window [--print-address] [--socket PATH | --root DIR | --config FILE]\n\n",
			_("usage:"));
		args_print_help(options);
		return EXIT_SUCCESS;
	}
	if (args_has(&args, "version"))
		return printf("haishin-window %s\n", HAISHIN_VERSION) < 0;
	watch_signals();
	return run(&args, &err) < 0 ? fail(&err) : EXIT_SUCCESS;
}
