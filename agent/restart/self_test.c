#include "agent/restart/self_test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/proof/forgery_check.h"
#include "agent/store/store.h"

static int try_store(const struct env *env, const char *folder, struct error *err)
{
	AUTO(store) struct store *store = NULL;
	uint8_t secret[32];
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/state.db", folder) >= (int)sizeof(path))
		return error_set(err, ERROR_FAILED, "path '%s' is too long", folder);
	if (store_open(path, env->clock, &store, err) < 0 || store_terminal_secret(store, secret, err) < 0 ||
		store_check(store, err) < 0)
		return error_context(err, "a new store");
	return 0;
}

int self_test_run(const struct env *env, struct error *err)
{
	const char *above = getenv("TMPDIR") ?: "/tmp";
	struct error ignored = {0};
	char folder[PATH_MAX];
	int ret;

	if (forgery_check(err) < 0)
		return -1;
	if (snprintf(folder, sizeof(folder), "%s/haishin-self-test.XXXXXX", above) >= (int)sizeof(folder) ||
		!mkdtemp(folder))
		return error_system(err, errno, "cannot make a folder below '%s'", above);
	ret = try_store(env, folder, err);
	(void)!fs_remove_tree(env->fs, AT_FDCWD, folder, &ignored);
	return ret;
}
