#include "tools/notify/bus.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-bus.h>

#define OWN_NAME "jp.haishin.Notify"
#define SERVICE "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define NEVER_EXPIRES 0
#define URGENCY_NORMAL 1
#define URGENCY_CRITICAL 2
#define SENDER_SIZE 256 /* the longest name on a bus, and its end */
#define DRIVER "org.freedesktop.DBus"

struct bus {
	sd_bus *session;
	struct bus_listener listener;
	uint32_t shown; /* the number of the notice; 0: none */
	char shower[SENDER_SIZE]; /* the connection that shows it */
	const char *offered[BUS_ACTIONS_MOST]; /* the buttons of it, static; NULL behind the last */
	bool is_lost;	/* one was to be shown, and what shows it is gone, or not there yet */
};

static int fail(struct error *err, int sys, const char *what)
{
	return error_system(err, -sys, "the desktop's notifications: %s", what);
}

/* ---- What the desktop tells ---- */

/* The bus passes on what any program of the session sends to us by our own name, whatever we listen for. */
static bool is_from(sd_bus_message *message, const char *sender)
{
	const char *actual = sd_bus_message_get_sender(message);

	return actual && strcmp(actual, sender) == 0;
}

static bool is_about_ours(const struct bus *bus, sd_bus_message *message, uint32_t number)
{
	return number && number == bus->shown && is_from(message, bus->shower);
}

/* Our own word for the button; NULL where the notice has none such. */
static const char *find_offered(const struct bus *bus, const char *key)
{
	for (size_t i = 0; i < BUS_ACTIONS_MOST && bus->offered[i]; i++)
		if (strcmp(bus->offered[i], key) == 0)
			return bus->offered[i];
	return NULL;
}

static int on_action(sd_bus_message *message, void *context, sd_bus_error *error)
{
	struct bus *bus = context;
	uint32_t number;
	const char *key;

	(void)error;
	if (sd_bus_message_read(message, "us", &number, &key) < 0 || !is_about_ours(bus, message, number) ||
		!(key = find_offered(bus, key)))
		return 0;
	bus_hide(bus); /* some desktops do that by themselves, some do not */
	bus->listener.action(bus->listener.context, key);
	return 0;
}

static int on_closed(sd_bus_message *message, void *context, sd_bus_error *error)
{
	struct bus *bus = context;
	uint32_t number, reason;

	(void)error;
	if (sd_bus_message_read(message, "uu", &number, &reason) < 0 || !is_about_ours(bus, message, number))
		return 0;
	bus->shown = 0;
	bus->listener.closed(bus->listener.context);
	return 0;
}

/* A daemon that has gone has taken the notice along; whoever comes in its place is asked to show it. */
static int on_owner(sd_bus_message *message, void *context, sd_bus_error *error)
{
	struct bus *bus = context;
	const char *name, *before, *now;

	(void)error;
	if (!is_from(message, DRIVER) || sd_bus_message_read(message, "sss", &name, &before, &now) < 0 ||
		strcmp(name, SERVICE) != 0)
		return 0;
	if (*before) {
		bus->is_lost |= bus->shown != 0;
		bus->shown = 0;
	}
	if (*now && bus->is_lost) {
		bus->is_lost = false;
		bus->listener.lost(bus->listener.context);
	}
	return 0;
}

/* ---- Start and end ---- */

int bus_open(const struct bus_listener *listener, struct bus **ret_bus, struct error *err)
{
	AUTO(bus) struct bus *bus = calloc(1, sizeof(*bus));
	int sys;

	if (!bus)
		return error_set(err, ERROR_FAILED, "no memory for the notices");
	bus->listener = *listener;
	if ((sys = sd_bus_open_user(&bus->session)) < 0)
		return fail(err, sys, "there is no session bus");
	sys = sd_bus_request_name(bus->session, OWN_NAME, 0);
	if (sys == -EEXIST || sys == -EALREADY)
		return error_set(err, ERROR_BUSY, "another haishin-notify runs in this session already");
	if (sys < 0)
		return fail(err, sys, "the session bus gives no name");
	if ((sys = sd_bus_match_signal(bus->session, NULL, SERVICE, PATH, SERVICE, "ActionInvoked", on_action, bus)) <
			0 ||
		(sys = sd_bus_match_signal(
			 bus->session, NULL, SERVICE, PATH, SERVICE, "NotificationClosed", on_closed, bus)) < 0)
		return fail(err, sys, "their signals cannot be heard");
	sys = sd_bus_add_match(bus->session, NULL,
		"type='signal',sender='" DRIVER "',interface='" DRIVER "',member='NameOwnerChanged',"
		"arg0='" SERVICE "'",
		on_owner, bus);
	if (sys < 0)
		return fail(err, sys, "who shows them cannot be heard");
	*ret_bus = take_ptr(&bus);
	return 0;
}

void bus_close(struct bus *bus)
{
	if (!bus)
		return;
	bus_hide(bus);
	(void)sd_bus_flush_close_unref(bus->session);
	free(bus);
}

/* ---- The notice ---- */

static int append_actions(sd_bus_message *message, const struct bus_action *actions)
{
	int sys = sd_bus_message_open_container(message, 'a', "s");

	for (int i = 0; sys >= 0 && i < BUS_ACTIONS_MOST && actions[i].key; i++)
		sys = sd_bus_message_append(message, "ss", actions[i].key, actions[i].label);
	return sys < 0 ? sys : sd_bus_message_close_container(message);
}

static int fill(const struct bus *bus, sd_bus_message *message, const struct bus_notice *notice)
{
	int urgency = notice->is_urgent ? URGENCY_CRITICAL : URGENCY_NORMAL;
	int sys = sd_bus_message_append(
		message, "susss", "haishin", bus->shown, "haishin", notice->summary, notice->body);

	if (sys >= 0)
		sys = append_actions(message, notice->actions);
	if (sys >= 0)
		sys = sd_bus_message_append(message, "a{sv}i", 2, "urgency", "y", urgency, "desktop-entry", "s",
			"haishin-window", NEVER_EXPIRES);
	return sys;
}

/* Who answers is who shows it; of nobody else is a button taken. */
static int note_shown(struct bus *bus, sd_bus_message *answer, const struct bus_notice *notice)
{
	const char *sender = sd_bus_message_get_sender(answer);
	uint32_t number;
	int sys = sd_bus_message_read(answer, "u", &number);

	if (sys < 0)
		return sys;
	if (!sender || strlen(sender) >= sizeof(bus->shower))
		return -EBADMSG;
	(void)strcpy(bus->shower, sender);
	for (size_t i = 0; i < BUS_ACTIONS_MOST; i++)
		bus->offered[i] = notice->actions[i].key;
	bus->shown = number;
	return 0;
}

int bus_show(struct bus *bus, const struct bus_notice *notice, struct error *err)
{
	sd_bus_message *message = NULL, *answer = NULL;
	int sys = sd_bus_message_new_method_call(bus->session, &message, SERVICE, PATH, SERVICE, "Notify");

	if (sys >= 0)
		sys = fill(bus, message, notice);
	if (sys >= 0)
		sys = sd_bus_call(bus->session, message, 0, NULL, &answer);
	if (sys >= 0)
		sys = note_shown(bus, answer, notice);
	(void)sd_bus_message_unref(message);
	(void)sd_bus_message_unref(answer);
	bus->is_lost = sys < 0;
	return sys < 0 ? fail(err, sys, "nobody shows them") : 0;
}

void bus_hide(struct bus *bus)
{
	if (bus->shown)
		(void)sd_bus_call_method(
			bus->session, SERVICE, PATH, SERVICE, "CloseNotification", NULL, NULL, "u", bus->shown);
	bus->shown = 0;
	bus->is_lost = false;
}

/* ---- Waiting ---- */

int bus_fd(const struct bus *bus)
{
	return sd_bus_get_fd(bus->session);
}

short bus_events(const struct bus *bus)
{
	int events = sd_bus_get_events(bus->session);

	return (short)(events < 0 ? POLLIN : events);
}

int bus_timeout_ms(const struct bus *bus)
{
	uint64_t until_us;
	struct timespec now;
	int64_t left_ms;

	if (sd_bus_get_timeout(bus->session, &until_us) < 0 || until_us == UINT64_MAX)
		return -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	left_ms = (int64_t)(until_us / 1000) - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	return left_ms < 0 ? 0 : left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

int bus_run(struct bus *bus, struct error *err)
{
	int sys;

	while ((sys = sd_bus_process(bus->session, NULL)) > 0)
		;
	return sys < 0 ? fail(err, sys, "the session has ended") : 0;
}
