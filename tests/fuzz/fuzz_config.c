/* The configuration file of a terminal, as staff edit it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(config) struct config config = { 0 };
	char path[FOLDER_PATH_SIZE + 32];
	struct error err = { 0 };
	struct fs fs;

	fs_init(&fs);
	place_put("haishin.conf", data, len);
	(void)snprintf(path, sizeof(path), "%s/haishin.conf", place_folder()->path);
	if (config_load(&fs, path, NULL, &config, &err) < 0) {
		if ((err.code != ERROR_INPUT && err.code != ERROR_REFUSED) || !strstr(err.text, "haishin.conf"))
			abort();
		return 0;
	}
	if (config.server_urls.count == 0 || config.own.windows.count == 0 || !config.zone || config.state_path[0] != '/')
		abort();
	return 0;
}
