/* The desktop's notifications: org.freedesktop.Notifications on the session's bus. One notice of ours is shown at a time. */
#ifndef TOOLS_NOTIFY_BUS_H
#define TOOLS_NOTIFY_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

#define BUS_ACTIONS_MOST 2

struct bus_notice {
	const char *summary, *body;
	struct bus_action {
		const char *key, *label;
	} actions[BUS_ACTIONS_MOST]; /* key NULL ends them */
	bool is_urgent;
};

struct bus_listener {
	void *context;
	void (*action)(void *context, const char *key);
	void (*closed)(void *context); /* by the person, or by the desktop */
	/* What shows notices has started, or started anew, and what was to be shown is not: it is to be shown again. */
	void (*lost)(void *context);
};

struct bus;
/* ERROR_BUSY where another one of ours runs in this session; ERROR_FAILED where there is no bus. */
WARN_UNUSED int bus_open(const struct bus_listener *listener, struct bus **ret_bus, struct error *err);
void bus_close(struct bus *bus);
DEFINE_AUTO_PTR(bus, struct bus, bus_close);

/* In place of the one that is shown, if one is. ERROR_FAILED where nobody shows it now: lost() is told once somebody does. */
WARN_UNUSED int bus_show(struct bus *bus, const struct bus_notice *notice, struct error *err);
void bus_hide(struct bus *bus);

/* What to wait for: the events of the descriptor, and the milliseconds (-1: any time) after which bus_run() is due all the same. */
int bus_fd(const struct bus *bus);
short bus_events(const struct bus *bus);
int bus_timeout_ms(const struct bus *bus);
/* -1 where the session has ended. */
WARN_UNUSED int bus_run(struct bus *bus, struct error *err);

#endif
