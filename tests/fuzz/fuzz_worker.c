/* Two programs: the agent's side of fetching, and a worker in the hands of somebody else, which says anything. No byte more than was
 * asked for comes through, no error but those that a transfer ends with, and it ends. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"
#include "updater/fetch/fetch.h"

#define ASKED_FOR 1000

static int count(void *context, const void *data, size_t len, struct error *err)
{
	(void)data, (void)err;
	*(size_t *)context += len;
	return 0;
}

static bool may_end_with(enum error_code code)
{
	switch (code) {
	case ERROR_NETWORK:
	case ERROR_SERVER:
	case ERROR_NOT_FOUND:
	case ERROR_REFUSED:
	case ERROR_CERTIFICATE:
	case ERROR_USAGE:
	case ERROR_FAILED:
		return true;
	default:
		return false;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char path[FOLDER_PATH_SIZE + 32];
	const struct fetch_options options = {
		.program = WORKER_SAYS, .http = {.stop_fd = -1, .stall_timeout_s = 1}, .answer_timeout_s = 5};
	const struct transport_request request = {.url = "https://localhost/file", .length = ASKED_FOR, .limit = ASKED_FOR};
	AUTO(fetch) struct fetch *fetch = NULL;
	struct transport_reply reply;
	struct error err = {0};
	size_t bytes = 0;

	place_put("said", data, len);
	(void)snprintf(path, sizeof(path), "%s/said", place_folder()->path);
	if (setenv("WORKER_SAYS", path, 1) < 0 || fetch_open(&options, &fetch, &err) < 0)
		abort();
	if (fetch_transport(fetch)->ask(fetch_transport(fetch), &request, count, &bytes, &reply, &err) == 0) {
		if (bytes != ASKED_FOR || reply.bytes != ASKED_FOR)
			abort();
	} else if (bytes > ASKED_FOR || !may_end_with(err.code)) {
		(void)fprintf(stderr, "%zu bytes, %s: %s\n", bytes, error_code_name(err.code), err.text);
		abort();
	}
	return 0;
}
