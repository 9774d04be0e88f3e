/* haishin-permit ACTION PID UID: asks polkit whether the process at the other end of a call may have it done, and ends with the answer
 * (agent/rights/permission.h). Started by the agent, which neither waits for people nor links what speaks to the system's bus. The process
 * itself is open as PERMISSION_PROCESS_FD. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-bus.h>

#include "agent/rights/permission.h"

#define SERVICE "org.freedesktop.PolicyKit1"
#define PATH "/org/freedesktop/PolicyKit1/Authority"
#define INTERFACE SERVICE ".Authority"
#define ALLOW_USER_INTERACTION 1u

struct subject {
	uint32_t pid;
	int32_t uid;
};

static int read_number(const char *text, int64_t most, int64_t *ret_number)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || *end || end == text || number < 0 || number > most)
		return -1;
	*ret_number = number;
	return 0;
}

/* Newer polkits take the process itself, older ones its number: those look up for themselves when it began, and the agent sees to it
 * that it has not ended when they answer. */
static int append_subject(sd_bus_message *message, const struct subject *subject)
{
	return sd_bus_message_append(message, "(sa{sv})", "unix-process", 4, "pidfd", "h", PERMISSION_PROCESS_FD, "pid", "u",
		subject->pid, "start-time", "t", (uint64_t)0, "uid", "i", subject->uid);
}

/* Was the question put away by whoever was asked? */
static int read_dismissed(sd_bus_message *answer, bool *ret_dismissed)
{
	const char *name, *value;
	int sys = sd_bus_message_enter_container(answer, 'a', "{ss}");

	while (sys >= 0 && (sys = sd_bus_message_read(answer, "{ss}", &name, &value)) > 0)
		*ret_dismissed |= strcmp(name, "polkit.dismissed") == 0 && *value;
	return sys;
}

static int read_answer(sd_bus_message *answer)
{
	int is_authorized, is_challenge;
	bool is_dismissed = false;

	if (sd_bus_message_enter_container(answer, 'r', "bba{ss}") < 0 ||
		sd_bus_message_read(answer, "bb", &is_authorized, &is_challenge) < 0 ||
		read_dismissed(answer, &is_dismissed) < 0)
		return PERMISSION_NO_AUTHORITY;
	if (is_authorized)
		return PERMISSION_GRANTED;
	if (is_dismissed)
		return PERMISSION_DISMISSED;
	return is_challenge ? PERMISSION_NOBODY_ASKS : PERMISSION_REFUSED;
}

static int end_of_error(const sd_bus_error *error, int sys)
{
	if (sys == -ETIMEDOUT || sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY) ||
		sd_bus_error_has_name(error, SERVICE ".Error.Cancelled"))
		return PERMISSION_DISMISSED;
	(void)fprintf(stderr, "haishin-permit: polkit: %s\n", error->message ? error->message : strerror(-sys));
	return PERMISSION_NO_AUTHORITY;
}

static int ask(sd_bus *bus, const char *action, const struct subject *subject)
{
	sd_bus_message *message = NULL, *answer = NULL;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int end, sys = sd_bus_message_new_method_call(bus, &message, SERVICE, PATH, INTERFACE, "CheckAuthorization");

	if (sys >= 0)
		sys = append_subject(message, subject);
	if (sys >= 0)
		sys = sd_bus_message_append(message, "sa{ss}us", action, 0, ALLOW_USER_INTERACTION, "");
	if (sys >= 0)
		sys = sd_bus_call(bus, message, PERMISSION_WAIT_S * UINT64_C(1000000), &error, &answer);
	end = sys < 0 ? end_of_error(&error, sys) : read_answer(answer);
	sd_bus_error_free(&error);
	sd_bus_message_unref(message);
	sd_bus_message_unref(answer);
	return end;
}

int main(int argc, char **argv)
{
	int64_t pid, uid;
	struct subject subject;
	sd_bus *bus = NULL;
	int end, sys;

	if (argc != 4 || read_number(argv[2], INT32_MAX, &pid) < 0 || read_number(argv[3], INT32_MAX, &uid) < 0) {
		(void)fputs("usage: haishin-permit ACTION PID UID\nStarted by haishind.\n", stderr);
		return PERMISSION_NO_AUTHORITY;
	}
	if ((sys = sd_bus_open_system(&bus)) < 0) {
		(void)fprintf(stderr, "haishin-permit: the system's bus: %s\n", strerror(-sys));
		return PERMISSION_NO_AUTHORITY;
	}
	subject = (struct subject){.pid = (uint32_t)pid, .uid = (int32_t)uid};
	end = ask(bus, argv[1], &subject);
	(void)sd_bus_flush_close_unref(bus);
	return end;
}
