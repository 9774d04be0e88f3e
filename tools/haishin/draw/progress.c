#include "tools/haishin/draw/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/text.h"
#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"

#define MIB (1024.0 * 1024.0)
#define BAR_MOST 40
#define BAR_LEAST 6

void progress_init(struct progress *progress, bool is_silent)
{
	*progress = (struct progress){.is_silent = is_silent, .is_terminal = isatty(STDOUT_FILENO) != 0};
}

static int terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

void progress_describe(const json_t *step, char *ret_text, size_t size)
{
	const char *package = output_text(step, "package");
	char place[48] = "", line[256];

	if (output_number(step, "of"))
		(void)snprintf(place, sizeof(place), "[%lld/%lld] ", (long long)output_number(step, "number"),
			(long long)output_number(step, "of"));
	(void)snprintf(line, sizeof(line), "%s%s%s%s%s%s", *package ? place : "", package, *package ? " " : "",
		*package ? output_text(step, "version") : "", *package ? ": " : "",
		words_of_state(output_text(step, "state")));
	text_printable(line, ret_text, size);
}

static double mib(const json_t *step, const char *key)
{
	return (double)output_number(step, key) / MIB;
}

/* Of what is to be fetched, 0 to 1; 0 where nothing is. */
static double share_of(const json_t *step)
{
	double total = mib(step, "total"), bytes = mib(step, "bytes");

	return total > 0 ? (bytes < total ? bytes / total : 1) : 0;
}

/* "  0:23 left", "  1:02:03 left". */
static void describe_left(int64_t left_s, char *ret_text, size_t size)
{
	char time[32];

	if (left_s >= 3600)
		(void)snprintf(time, sizeof(time), "%d:%02d:%02d", (int)(left_s / 3600), (int)(left_s / 60 % 60),
			(int)(left_s % 60));
	else
		(void)snprintf(time, sizeof(time), "%d:%02d", (int)(left_s / 60), (int)(left_s % 60));
	(void)snprintf(ret_text, size, "  ");
	(void)snprintf(ret_text + 2, size - 2, _("%s left"), time);
}

static void describe_result(const json_t *step, char *ret_text, size_t size)
{
	char took[96], saved[160] = "";

	(void)snprintf(took, sizeof(took), _("%.1f MiB downloaded"), mib(step, "bytes"));
	if (output_number(step, "saved") > 0)
		(void)snprintf(saved, sizeof(saved), _("; %.1f MiB saved: %.1f by a delta, %.1f by going on"),
			mib(step, "saved"), mib(step, "saved_by_delta"), mib(step, "saved_by_resume"));
	(void)snprintf(ret_text, size, " (%s%s)", took, saved);
}

/* How far it is, from all that there is to say to the least; what does not fit COLUMNS gives way: speed, then the time
 * left, then bytes. The share never does. */
static void describe_share(const json_t *step, int columns, char *ret_text, size_t size)
{
	char bytes[64], speed[48] = "", left[48] = "";
	const char *const forms[][3] = {{bytes, speed, left}, {bytes, "", left}, {bytes, "", ""}, {"", "", ""}};

	(void)snprintf(bytes, sizeof(bytes), " %5.1f/%.1f MiB", mib(step, "bytes"), mib(step, "total"));
	if (output_number(step, "rate") > 0)
		(void)snprintf(speed, sizeof(speed), "  %.1f MiB/s", mib(step, "rate"));
	if (json_is_integer(json_object_get(step, "left_s")))
		describe_left(output_number(step, "left_s"), left, sizeof(left));
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		(void)snprintf(ret_text, size, "%s %3d%%%s%s", forms[i][0], (int)(share_of(step) * 100), forms[i][1],
			forms[i][2]);
		if (text_columns(ret_text) <= columns)
			return;
	}
}

void progress_amount(const json_t *step, int columns, char *ret_text, size_t size)
{
	ret_text[0] = '\0';
	if (strcmp(output_text(step, "state"), "staged") == 0)
		describe_result(step, ret_text, size);
	else if (output_number(step, "total") > 0)
		describe_share(step, columns, ret_text, size);
}

/* The description, the bar and the amount share the line. The amount is what matters: the bar is the first to go. */
static void draw(struct progress *progress, const json_t *step, const char *text)
{
	double share = share_of(step);
	int columns = terminal_columns() - 1, left, width;
	char amount[256];

	progress_amount(step, columns - text_columns(text), amount, sizeof(amount));
	left = columns - text_columns(text) - text_columns(amount) - 3;
	width = left > BAR_MOST ? BAR_MOST : left;
	(void)printf("\r\033[K%s", text);
	if (output_number(step, "total") > 0 && width >= BAR_LEAST) {
		(void)printf(" [");
		for (int i = 0; i < width; i++)
			(void)putchar(i < (int)(share * width) ? '#' : '.');
		(void)putchar(']');
	}
	(void)printf("%s", amount);
	(void)fflush(stdout);
	progress->is_drawn = true;
}

void progress_take(void *context, const json_t *parameters)
{
	struct progress *progress = context;
	const json_t *step = json_object_get(parameters, "progress");
	char text[256], amount[256];
	bool is_staged;

	if (progress->is_silent || !step)
		return;
	progress_describe(step, text, sizeof(text));
	is_staged = strcmp(output_text(step, "state"), "staged") == 0;
	if (progress->is_terminal && !is_staged) {
		draw(progress, step, text);
	} else if (strcmp(text, progress->last_step) != 0) {
		progress_end(progress);
		if (is_staged)
			progress_amount(step, PROGRESS_WHOLE, amount, sizeof(amount));
		(void)printf("%s%s\n", text, is_staged ? amount : "");
		(void)fflush(stdout);
		(void)strcpy(progress->last_step, text);
	}
}

void progress_end(struct progress *progress)
{
	if (progress->is_drawn)
		(void)printf("\r\033[K");
	progress->is_drawn = false;
}
