#include "tools/repo/base/work_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define MIB (1u << 20)
#define SILENT_MS 1000
#define BETWEEN_MS 200

void work_progress_begin(
	struct work_progress *progress, const struct clock *clock, const char *name, uint64_t total_bytes)
{
	*progress = (struct work_progress){.clock = clock,
		.name = name,
		.total_bytes = total_bytes,
		.begun_ms = clock->monotonic_ms(clock),
		.is_terminal = isatty(STDERR_FILENO) != 0};
}

static void draw(struct work_progress *progress, uint64_t bytes, int64_t now_ms)
{
	int64_t left_s = bytes ? (int64_t)((double)(now_ms - progress->begun_ms) / 1000 *
					   (double)(progress->total_bytes - bytes) / (double)bytes)
			       : 0;

	(void)fprintf(stderr, "%s%s: %" PRIu64 " of %" PRIu64 " MiB, %d%%, %" PRId64 ":%02d left%s",
		progress->is_terminal ? "\r\033[K" : "", progress->name, bytes / MIB, progress->total_bytes / MIB,
		(int)(bytes * 100 / progress->total_bytes), left_s / 60, (int)(left_s % 60),
		progress->is_terminal ? "" : "\n");
}

void work_progress_take(void *context, uint64_t bytes)
{
	struct work_progress *progress = context;
	int64_t now_ms = progress->clock->monotonic_ms(progress->clock);
	int tenths;

	if (!progress->total_bytes || bytes > progress->total_bytes || now_ms - progress->begun_ms < SILENT_MS)
		return;
	tenths = (int)(bytes * 10 / progress->total_bytes);
	if (progress->is_terminal ? now_ms - progress->drawn_ms < BETWEEN_MS : tenths == progress->told_tenths)
		return;
	progress->drawn_ms = now_ms;
	progress->told_tenths = tenths;
	draw(progress, bytes, now_ms);
}

void work_progress_end(struct work_progress *progress)
{
	if (progress->is_terminal && progress->drawn_ms)
		(void)fputs("\r\033[K", stderr);
	progress->drawn_ms = 0;
}
