/* haishin-notify: tells whoever is signed in of what needs a person, by the desktop's own notices. Waits, and wakes up for nothing but
 * the agent's word, a button, and a count-down. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/command_line/args.h"
#include "common/command_line/language.h"
#include "common/platform.h"
#include "tools/haishin/ask/place.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/notify/bus.h"
#include "tools/window/link/link.h"

#define COUNT_MS 30000	   /* from the button to the restart: time to stop it */
#define COUNT_STEP_MS 5000 /* how often it is told how much is left */
/* An agent that is gone is looked for again: soon, as it may only start over, and ever later. */
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 60000
#define KEY_SIZE 128

#define ACTION_RESTART "restart"
#define ACTION_TONIGHT "tonight"
#define ACTION_STOP "stop"
#define ACTION_OPEN "open"

extern char **environ;

struct notifier {
	struct link link;
	struct bus *bus;
	struct clock clock;
	char told[KEY_SIZE]; /* verdict and reason that were told in this session; "" for none */
	char verdict[KEY_SIZE], reason[KEY_SIZE]; /* the same */
	bool may_change;
	json_t *missed;	    /* what the agent said while it counted; NULL: nothing */
	int64_t restart_ms; /* when the count-down ends; 0: none */
	int64_t next_ms;    /* when what is left is told next */
	int retry_ms;	    /* until the agent is looked for again, where it is gone */
};

static const struct args_option options[] = {
	{"socket", "PATH", N_("the control socket of the agent")},
	{"root", "DIR", N_("the terminal that lies below a folder")},
	{"config", "FILE", N_("a configuration that says where the socket is")},
	{"help", NULL, N_("this text")},
	{"version", NULL, N_("the version of this program")},
	{0},
};

static void show(struct notifier *notifier, const struct bus_notice *notice)
{
	struct error err = {0};

	if (bus_show(notifier->bus, notice, &err) < 0)
		(void)fprintf(stderr, "haishin-notify: %s\n", err.text);
}

static void show_words(struct notifier *notifier, const struct words_advice *words)
{
	show(notifier, &(struct bus_notice){.summary = words->sentence, .body = words->next});
}

/* ---- What the agent says ---- */

static bool needs_person(const char *verdict)
{
	return strcmp(verdict, "restart") == 0 || strcmp(verdict, "needs-attention") == 0;
}

static void tell_verdict(struct notifier *notifier, const char *verdict, const char *reason)
{
	struct words_advice words;
	char body[1024];
	struct bus_notice notice = {.summary = words_of_verdict(verdict), .body = body};

	words_of_reason(reason, &words);
	(void)snprintf(body, sizeof(body), "%s\n%s", words.sentence, words.next);
	if (strcmp(verdict, "restart") != 0) {
		notice.actions[0] = (struct bus_action){ACTION_OPEN, _("Open")};
	} else if (notifier->may_change) {
		(void)snprintf(
			body, sizeof(body), "%s\n%s", words.sentence, _("Please restart before the first patient."));
		notice.actions[0] = (struct bus_action){ACTION_RESTART, _("Restart now")};
		notice.actions[1] = (struct bus_action){ACTION_TONIGHT, _("Tonight")};
	}
	show(notifier, &notice);
}

/* Each is told once: who has put it away has read it. It comes back with the next sign-in. */
static void take_status(void *context, const json_t *status)
{
	struct notifier *notifier = context;
	const char *verdict = output_text(status, "verdict"), *reason = output_text(status, "reason");
	char key[KEY_SIZE];

	if (!status)
		return; /* an agent that starts over says the same again */
	if (notifier->restart_ms) {
		json_decref(notifier->missed);
		notifier->missed = json_incref((json_t *)status);
		return;
	}
	notifier->may_change = json_is_true(json_object_get(status, "may_change")) ||
			       json_is_true(json_object_get(status, "may_ask"));
	(void)snprintf(key, sizeof(key), "%.40s %.60s", verdict, reason);
	if (!needs_person(verdict)) {
		bus_hide(notifier->bus);
		*notifier->told = '\0';
	} else if (strcmp(key, notifier->told) != 0) {
		(void)strcpy(notifier->told, key);
		(void)snprintf(notifier->verdict, sizeof(notifier->verdict), "%s", verdict);
		(void)snprintf(notifier->reason, sizeof(notifier->reason), "%s", reason);
		tell_verdict(notifier, verdict, reason);
	}
}

/* ---- Buttons ---- */

static int64_t now_ms(const struct notifier *notifier)
{
	return notifier->clock.monotonic_ms(&notifier->clock);
}

static void tell_count(struct notifier *notifier)
{
	int64_t left_ms = notifier->restart_ms - now_ms(notifier);
	char summary[256];
	struct bus_notice notice = {.summary = summary,
		.body = _("Save your work."),
		.actions = {{ACTION_STOP, _("Stop")}},
		.is_urgent = true};

	(void)snprintf(summary, sizeof(summary), _("This terminal restarts in %lld seconds"),
		(long long)(left_ms + 999) / 1000);
	show(notifier, &notice);
	notifier->next_ms = now_ms(notifier) + COUNT_STEP_MS;
}

static void tell_failure(struct notifier *notifier, const struct client_answer *answer)
{
	struct words_advice words;

	words_of_error(client_words_code(answer), &words);
	show_words(notifier, &words);
}

/* What has come up while the count-down had the notice for itself is told when it is over. */
static void end_count(struct notifier *notifier)
{
	AUTO(json) json_t *missed = take_ptr(&notifier->missed);

	notifier->restart_ms = 0;
	bus_hide(notifier->bus);
	take_status(notifier, missed);
}

static void restart_now(struct notifier *notifier)
{
	AUTO(client_answer) struct client_answer answer = {0};
	AUTO(link_call) struct link_call call = LINK_CALL_INIT;

	end_count(notifier);
	if (link_call_begin(&call, notifier->link.socket_path, "Restart", true, NULL, &answer) < 0 ||
		link_call_wait(&call, &answer) < 0)
		tell_failure(notifier, &answer);
}

static void restart_tonight(struct notifier *notifier)
{
	AUTO(client_answer) struct client_answer answer = {0};
	char time[OUTPUT_TIME_SIZE], summary[256];

	if (link_ask(&notifier->link, "Restart", JSON_OBJECT({json_text("when", "tonight")}), &answer) < 0) {
		tell_failure(notifier, &answer);
		return;
	}
	output_set_zone(output_text(answer.parameters, "time_zone"));
	(void)snprintf(summary, sizeof(summary), _("This terminal restarts at %s"),
		output_time(output_text(answer.parameters, "at"), time));
	show(notifier, &(struct bus_notice){.summary = summary, .body = _("Leave it on, and sign out when you go.")});
}

/* The unit of the desktop's user: what it forbids, the network above all, the window and its browser would inherit. */
static bool runs_as_unit(void)
{
	const char *pid = getenv("SYSTEMD_EXEC_PID");

	return pid && strtol(pid, NULL, 10) == (long)getpid();
}

static void open_window(void)
{
	const char *const in_unit[] = {"systemd-run", "--user", "--collect", "--quiet", "haishin-window", NULL};
	const char *const *argv = runs_as_unit() ? in_unit : &in_unit[4];
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ) != 0)
		(void)fprintf(stderr, "haishin-notify: there is no %s\n", argv[0]);
}

static void take_action(void *context, const char *key)
{
	struct notifier *notifier = context;

	if (strcmp(key, ACTION_RESTART) == 0) {
		notifier->restart_ms = now_ms(notifier) + COUNT_MS;
		tell_count(notifier);
	} else if (strcmp(key, ACTION_STOP) == 0) {
		end_count(notifier);
	} else if (strcmp(key, ACTION_TONIGHT) == 0) {
		restart_tonight(notifier);
	} else if (strcmp(key, ACTION_OPEN) == 0) {
		open_window();
	}
}

/* Desktops close a notice when one of its buttons is pressed: it comes again with the next step of the count-down. */
static void take_close(void *context)
{
	(void)context;
}

/* Nobody has put it away: it went with the desktop's daemon, or that was not there yet. */
static void take_loss(void *context)
{
	struct notifier *notifier = context;

	if (*notifier->told && !notifier->restart_ms)
		tell_verdict(notifier, notifier->verdict, notifier->reason);
}

/* ---- Waiting ---- */

static int shorter(int a_ms, int64_t b_ms)
{
	return a_ms < 0 || b_ms < a_ms ? (int)(b_ms < 0 ? 0 : b_ms) : a_ms;
}

static void retry(struct notifier *notifier)
{
	link_retry(&notifier->link);
	if (notifier->link.fd >= 0)
		notifier->retry_ms = RETRY_FIRST_MS;
	else
		notifier->retry_ms = notifier->retry_ms < RETRY_MOST_MS / 2 ? notifier->retry_ms * 2 : RETRY_MOST_MS;
}

static int wait_once(struct notifier *notifier, struct error *err)
{
	struct pollfd polls[] = {
		{.fd = bus_fd(notifier->bus), .events = bus_events(notifier->bus)},
		{.fd = notifier->link.fd, .events = POLLIN},
	};
	int timeout_ms = bus_timeout_ms(notifier->bus);

	if (notifier->link.fd < 0)
		timeout_ms = shorter(timeout_ms, notifier->retry_ms);
	if (notifier->restart_ms)
		timeout_ms = shorter(timeout_ms, notifier->next_ms - now_ms(notifier));
	if (poll(polls, ARRAY_SIZE(polls), timeout_ms) < 0 && errno != EINTR)
		return error_system(err, errno, "cannot wait");
	if (notifier->link.fd < 0)
		retry(notifier);
	else if (polls[1].revents)
		link_take(&notifier->link);
	if (bus_run(notifier->bus, err) < 0)
		return -1;
	if (notifier->restart_ms && now_ms(notifier) >= notifier->restart_ms)
		restart_now(notifier);
	else if (notifier->restart_ms && now_ms(notifier) >= notifier->next_ms)
		tell_count(notifier);
	return 0;
}

static int run(const struct args *args, struct error *err)
{
	struct notifier notifier = {.link = LINK_INIT, .retry_ms = RETRY_FIRST_MS};
	const struct bus_listener listener = {.context = &notifier, .action = take_action, .closed = take_close, .lost = take_loss};
	const struct link_news news = {.context = &notifier, .status = take_status};
	char socket_path[PATH_MAX];
	int ret = 0;

	clock_init(&notifier.clock, "/proc/sys/kernel/random/boot_id");
	if (place_find_socket(args, socket_path, err) < 0 || bus_open(&listener, &notifier.bus, err) < 0)
		return -1;
	link_open(&notifier.link, socket_path, &news);
	platform_rest();
	while (ret == 0)
		ret = wait_once(&notifier, err);
	link_close(&notifier.link);
	json_decref(notifier.missed);
	bus_close(notifier.bus);
	return ret;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct args args;

	language_choose("haishin-notify");
	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) < 0 ||
		args_want_positional(&args, 0, 0, "", &err) < 0) {
		(void)fprintf(stderr, "haishin-notify: %s\n", err.text);
		return error_exit_status(err.code);
	}
	if (args_has(&args, "help")) {
		(void)printf("%s haishin-notify [--socket PATH | --root DIR | --config FILE]\n\n", _("usage:"));
		args_print_help(options);
		return EXIT_SUCCESS;
	}
	if (args_has(&args, "version"))
		return printf("haishin-notify %s\n", HAISHIN_VERSION) < 0;
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	if (run(&args, &err) == 0 || err.code == ERROR_BUSY)
		return EXIT_SUCCESS; /* another one tells already */
	(void)fprintf(stderr, "haishin-notify: %s\n", err.text);
	return error_exit_status(err.code);
}
