#include "agent/sound/sound_repair.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "manifests/base/package.h"

#define SETTING "way-back." /* and the package's name: a folder's */

static void print_name(const char *package, char *ret_name, size_t size)
{
	(void)snprintf(ret_name, size, SETTING "%s", package);
}

bool sound_repair_is_one(const struct plan_entry *entry)
{
	return package_folder_is_same_release(entry->folder, entry->former);
}

int sound_repair_note(struct terminal *terminal, const char *package, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	char name[sizeof(SETTING) + PACKAGE_NAME_SIZE], previous[VERSIONS_FOLDER_SIZE];

	print_name(package, name, sizeof(name));
	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, package, &versions, err) < 0 ||
		versions_previous(versions, previous, err) < 0)
		return -1;
	return store_set_setting(terminal->store, name, previous, err);
}

int sound_repair_way_back(
	struct store *store, const char *package, char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	AUTO(buf) struct buf folder = BUF_INIT(VERSIONS_FOLDER_SIZE);
	char name[sizeof(SETTING) + PACKAGE_NAME_SIZE];

	print_name(package, name, sizeof(name));
	if (store_setting(store, name, &folder, err) < 0)
		return -1;
	text_cut(buf_text(&folder), ret_folder, VERSIONS_FOLDER_SIZE);
	return 0;
}

int sound_repair_restore(struct store *store, const char *package, struct versions *versions, struct error *err)
{
	char way_back[VERSIONS_FOLDER_SIZE];

	if (sound_repair_way_back(store, package, way_back, err) < 0)
		return -1;
	return versions_set_previous(versions, versions_has(versions, way_back) ? way_back : "", err);
}

int sound_repair_conclude(struct terminal *terminal, const char *package, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;

	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, package, &versions, err) < 0)
		return -1;
	return sound_repair_restore(terminal->store, package, versions, err);
}
