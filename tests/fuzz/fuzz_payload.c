/* A payload whose frames have the digests that the release says, and any content: of a vendor who lost a key. It is
 * staged whole and right, or not at all. */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"
#include "updater/stage/stage.h"
#include "updater/stage/stage_verify.h"

/* Tells the release that the bytes are its frames; the last takes what is left. */
static void sign(struct release *release, const uint8_t *data, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < release->frames_count; i++) {
		struct release_frame *frame = &release->frames[i];
		bool is_last = i + 1 == release->frames_count;

		frame->offset = at;
		if (is_last || frame->length > len - at)
			frame->length = len - at;
		sha256_of(data + at, frame->length, &frame->sha256);
		at += frame->length;
	}
	release->payload_length = len;
}

static void stage(const struct payload *payload, int versions_fd, int cache_fd)
{
	struct payload_server server;
	struct fs fs;
	struct env env = { .fs = &fs, .transport = &server.transport };
	struct stage_request request = { .release = payload->release, .release_json = payload->json.data,
		.release_json_len = payload->json.len, .folder = payload->folder, .versions_dir_fd = versions_fd,
		.cache_dir_fd = cache_fd, .payload_url = "http://localhost/payload" };
	struct error err = { 0 };

	fs_init(&fs);
	payload_server_init(&server, payload);
	if (stage_release(&env, &request, NULL, &err) == 0) {
		if (stage_verify(&env, versions_fd, payload->folder, payload->release, &err) < 0)
			abort();
	} else if (err.code != ERROR_REFUSED || fs_exists(&fs, versions_fd, payload->folder)) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(fd) int versions_fd = place_empty("versions");
	AUTO(fd) int cache_fd = place_empty("cache");
	struct payload payload = *place_payload(PLACE_NEW);
	AUTO(release) struct release *release = NULL;

	if (release_parse(payload.json.data, payload.json.len, &release, NULL) < 0)
		abort();
	if (len < release->frames_count)
		return 0;
	sign(release, data, len);
	payload.release = release;
	payload.bytes = (struct buf){ .data = (char *)data, .len = len, .limit = len };
	stage(&payload, versions_fd, cache_fd);
	return 0;
}
