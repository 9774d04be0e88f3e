#include "agent/sound/sound_job.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "agent/sound/sound_check.h"
#include "common/text.h"

#define FINDINGS_MOST 50 /* of each package are told one by one; all are counted */
#define PATH_SIZE 1024

struct telling {
	struct job_lines *lines;
	int stop_fd;
	int64_t found;
};

static int tell_finding(void *context, enum inspect_kind kind, const char *path, struct error *err)
{
	struct telling *telling = context;
	char printable[PATH_SIZE];

	(void)err;
	if (telling->found++ >= FINDINGS_MOST)
		return 0;
	text_printable(path, printable, sizeof(printable));
	job_lines_damage(telling->lines, kind, printable);
	return 0;
}

static int tell_progress(void *context, uint64_t bytes, uint64_t total, struct error *err)
{
	const struct telling *telling = context;
	struct job_progress progress = {.bytes = bytes, .total = total, .left_s = -1};
	struct pollfd stop = {.fd = telling->stop_fd, .events = POLLIN};

	job_lines_progress(telling->lines, "verifying", &progress);
	if (telling->stop_fd >= 0 && poll(&stop, 1, 0) > 0)
		return error_set(err, ERROR_STOPPED, "stopped before all files were read");
	return 0;
}

static int verify_one(struct terminal *terminal, const char *package, struct telling *telling,
	struct job_result *result, struct error *err)
{
	const struct sound_watch watch = {.found = tell_finding, .went_on = tell_progress, .context = telling};
	struct sound_result sound;
	struct job_verified verified;

	telling->found = 0;
	telling->lines->number++;
	telling->lines->package = package;
	telling->lines->version = NULL;
	if (sound_check(terminal, package, SOUND_WHOLE, &watch, &sound, err) < 0)
		return -1;
	verified = (struct job_verified){
		.is_installed = *sound.soundness.folder != '\0',
		.soundness = &sound.soundness,
		.files = sound.files,
		.bytes = sound.bytes,
	};
	telling->lines->version = sound.version;
	job_lines_verified(telling->lines, &verified);
	result->damaged += soundness_is_damaged(&sound.soundness);
	return 0;
}

int sound_job(struct terminal *terminal, const char *package, int stop_fd, struct job_lines *lines,
	struct job_result *ret_result, struct error *err)
{
	const struct config_list *packages = &terminal->config->packages;
	struct telling telling = {.lines = lines, .stop_fd = stop_fd};
	struct error first = {0};

	if (package && !config_runs(terminal->config, package))
		return error_set(err, ERROR_NOT_FOUND, "this terminal does not run '%.64s'", package);
	lines->packages = package ? 1 : (int64_t)packages->count;
	for (size_t i = 0; i < packages->count && first.code != ERROR_STOPPED; i++) {
		struct error why = {0};

		if ((!package || strcmp(packages->items[i], package) == 0) &&
			verify_one(terminal, packages->items[i], &telling, ret_result, &why) < 0 &&
			(!first.code || why.code == ERROR_STOPPED))
			first = why;
	}
	if (!first.code)
		return 0;
	*err = first;
	return -1;
}
