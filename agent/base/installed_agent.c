#include "agent/base/installed_agent.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

bool installed_agent_is_newer(struct fs *fs, const struct config *config, char ret_version[static VERSION_TEXT_SIZE])
{
	AUTO(buf) struct buf text = BUF_INIT(VERSION_TEXT_SIZE);
	char path[PATH_MAX], version[VERSION_TEXT_SIZE];
	struct error ignored;

	if (snprintf(path, sizeof(path), "%s/version", config->programs_path) >= (int)sizeof(path) ||
		fs_read_file(fs, AT_FDCWD, path, &text, &ignored) < 0)
		return false;
	(void)snprintf(version, sizeof(version), "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	if (version_check(version, &ignored) < 0 || version_compare(version, HAISHIN_VERSION) <= 0)
		return false;
	(void)strcpy(ret_version, version);
	return true;
}
