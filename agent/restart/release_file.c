#include "agent/restart/release_file.h"

#include <stdio.h>

#include "rollback/versions.h"

int release_file_read(const struct terminal *terminal, const char *package, const char *folder,
	struct release **ret_release, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);
	char name[VERSIONS_FOLDER_SIZE + sizeof(".json")];

	(void)snprintf(name, sizeof(name), "%s.json", folder);
	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, package, &versions, err) < 0 ||
		fs_read_file(terminal->env->fs, versions_dir_fd(versions), name, &json, err) < 0)
		return -1;
	return release_parse(buf_text(&json), json.len, ret_release, err);
}
