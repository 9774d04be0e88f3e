/* Something that shows notices, and says what the test has it say: of a desktop that is broken, or that somebody has put in its place.
 *
 *   false_daemon [zero | text]     notices have the numbers from 1 on; or all have 0; or a text is answered
 *
 * Each notice is a line on standard output: its number, its buttons, its summary. A line on standard input is a signal:
 *   press NUMBER KEY     times TIMES NUMBER KEY     close NUMBER     odd SIGNATURE (an ActionInvoked of that type)     large NUMBER */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-bus.h>

#define SERVICE "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define LARGE 60000

static const char *manner = "";

static int take_notice(sd_bus_message *message, void *context, sd_bus_error *error)
{
	static uint32_t last;
	const char *name, *icon, *summary, *body, *key, *label;
	uint32_t replaces;

	(void)context, (void)error;
	if (sd_bus_message_read(message, "susss", &name, &replaces, &icon, &summary, &body) < 0 ||
		sd_bus_message_enter_container(message, 'a', "s") < 0)
		return -1;
	last = strcmp(manner, "zero") == 0 ? 0 : replaces ? replaces : last + 1;
	(void)printf("%u", last);
	while (sd_bus_message_read(message, "ss", &key, &label) > 0)
		(void)printf(" %s", key);
	(void)printf(": %s\n", summary);
	if (strcmp(manner, "text") == 0)
		return sd_bus_reply_method_return(message, "s", "1");
	return sd_bus_reply_method_return(message, "u", last);
}

static int take_closing(sd_bus_message *message, void *context, sd_bus_error *error)
{
	uint32_t number;

	(void)context, (void)error;
	if (sd_bus_message_read(message, "u", &number) < 0)
		return -1;
	(void)printf("%u is hidden\n", number);
	return sd_bus_reply_method_return(message, "");
}

#define METHODS(answer)                                                                                              \
	{                                                                                                            \
		SD_BUS_VTABLE_START(0),                                                                              \
			SD_BUS_METHOD("Notify", "susssasa{sv}i", answer, take_notice, SD_BUS_VTABLE_UNPRIVILEGED),   \
			SD_BUS_METHOD("CloseNotification", "u", "", take_closing, SD_BUS_VTABLE_UNPRIVILEGED),       \
			SD_BUS_VTABLE_END,                                                                           \
	}
static const sd_bus_vtable methods[] = METHODS("u"), methods_of_text[] = METHODS("s");

static void press(sd_bus *bus, uint32_t number, const char *key)
{
	(void)sd_bus_emit_signal(bus, PATH, SERVICE, "ActionInvoked", "us", number, key);
}

static void press_large(sd_bus *bus, uint32_t number)
{
	char *key = malloc(LARGE + 1);

	if (!key)
		abort();
	memset(key, 'r', LARGE);
	key[LARGE] = '\0';
	press(bus, number, key);
	free(key);
}

static void say_odd(sd_bus *bus, const char *signature)
{
	if (strcmp(signature, "s") == 0)
		(void)sd_bus_emit_signal(bus, PATH, SERVICE, "ActionInvoked", "s", "restart");
	else if (strcmp(signature, "su") == 0)
		(void)sd_bus_emit_signal(bus, PATH, SERVICE, "ActionInvoked", "su", "restart", 1u);
	else if (strcmp(signature, "xs") == 0)
		(void)sd_bus_emit_signal(bus, PATH, SERVICE, "ActionInvoked", "xs", INT64_C(1), "restart");
	else
		(void)sd_bus_emit_signal(bus, PATH, SERVICE, "ActionInvoked", "");
}

static void obey(sd_bus *bus, const char *line)
{
	char key[64] = "";
	unsigned int number, times;

	if (sscanf(line, "press %u %63s", &number, key) >= 1)
		press(bus, number, key);
	else if (sscanf(line, "times %u %u %63s", &times, &number, key) == 3)
		while (times--)
			press(bus, number, key);
	else if (sscanf(line, "close %u", &number) == 1)
		(void)sd_bus_emit_signal(bus, PATH, SERVICE, "NotificationClosed", "uu", number, 2u);
	else if (sscanf(line, "odd %63s", key) == 1)
		say_odd(bus, key);
	else if (sscanf(line, "large %u", &number) == 1)
		press_large(bus, number);
	(void)sd_bus_flush(bus);
	(void)printf("said: %s", line);
}

int main(int argc, char **argv)
{
	sd_bus *bus = NULL;
	char line[256];

	if (argc > 1)
		manner = argv[1];
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)setvbuf(stdin, NULL, _IONBF, 0);
	if (sd_bus_open_user(&bus) < 0 || sd_bus_add_object_vtable(bus, NULL, PATH, SERVICE, strcmp(manner, "text") == 0 ? methods_of_text : methods, NULL) < 0 ||
		sd_bus_request_name(bus, SERVICE, 0) < 0)
		return EXIT_FAILURE;
	for (;;) {
		struct pollfd polls[] = {{.fd = 0, .events = POLLIN}, {.fd = sd_bus_get_fd(bus), .events = POLLIN}};
		int done;

		while ((done = sd_bus_process(bus, NULL)) > 0)
			;
		if (done < 0 || poll(polls, 2, -1) < 0)
			return EXIT_FAILURE;
		if (polls[0].revents && !fgets(line, sizeof(line), stdin))
			return EXIT_SUCCESS;
		if (polls[0].revents)
			obey(bus, line);
	}
}
