#include "tools/repo/workbench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "rollback/copy_tree.h"
#include "tools/repo/workbench/bench_place.h"
#include "updater/fetch/local.h"

/* ---- What is the bench's own of the outside world ---- */

static int boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	const struct bench *bench = clock->context;

	(void)err;
	(void)snprintf(ret_id, BOOT_ID_SIZE, "bench-%d", bench->boots);
	return 0;
}

static int ask(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	(void)transport;
	return local_get(request, sink, sink_context, ret_reply, err);
}

static void make_env(struct bench *bench, const struct bench_options *options)
{
	bench->clock = *options->clock;
	bench->clock.boot_id = boot_id;
	bench->clock.context = bench;
	bench_programs_init(&bench->programs, &bench->clock);
	bench->transport = (struct transport){.ask = ask};
	bench->log = *options->log;
	bench->log.level = LOG_LEVEL_ERROR;
	bench->env = (struct env){.clock = &bench->clock,
		.fs = options->fs,
		.processes = &bench->programs.watched,
		.transport = &bench->transport,
		.log = &bench->log};
}

/* ---- Its folders ---- */

static int make_folder(struct bench *bench, const char *name, int *ret_fd, struct error *err)
{
	if (fs_make_dirs(bench->env.fs, bench->dir_fd, name, 0755, err) < 0)
		return -1;
	return (*ret_fd = fs_open_dir(bench->env.fs, bench->dir_fd, name, err)) < 0 ? -1 : 0;
}

static int make_folders(struct bench *bench, const char *where, struct error *err)
{
	struct fs *fs = bench->env.fs;

	if ((bench->where_fd = fs_open_dir(fs, AT_FDCWD, where, err)) < 0 ||
		(bench->dir_fd = fs_make_own_dir(fs, bench->where_fd, ".haishin-try", bench->name, err)) < 0)
		return -1;
	/* Programs that become another user find their release below it; nobody can list it. */
	if (fs_set_mode(fs, bench->dir_fd, bench->name, 0711, err) < 0)
		return -1;
	return make_folder(bench, BENCH_PACKAGES, &bench->packages_fd, err) < 0 ||
			       make_folder(bench, "boot", &bench->boot_fd, err) < 0 ||
			       make_folder(bench, "cache", &bench->cache_fd, err) < 0
		       ? -1
		       : 0;
}

/* The absolute path of its packages, where nothing can be put at that of a terminal's. */
static int find_path(struct bench *bench, const char *where, struct error *err)
{
	AUTO(free) char *real = realpath(where, NULL);

	if (!real)
		return error_system(err, errno, "cannot find '%s'", where);
	if (snprintf(bench->packages_path, PATH_MAX, "%s/%s/" BENCH_PACKAGES, real, bench->name) >= PATH_MAX)
		return error_set(err, ERROR_INPUT, "the path of '%s' is too long", where);
	return 0;
}

static int put_in_place(struct bench *bench, struct error *err)
{
	if (bench_place_enter(bench->packages_path, &bench->not_in_place) < 0)
		return 0;
	bench->is_in_place = true;
	(void)strcpy(bench->packages_path, BENCH_PACKAGES_PATH);
	fd_close(&bench->packages_fd);
	return (bench->packages_fd = fs_open_dir(bench->env.fs, AT_FDCWD, BENCH_PACKAGES_PATH, err)) < 0 ? -1 : 0;
}

static int check_folder(const struct bench *bench, const char *where, struct error *err)
{
	struct statvfs st;

	if (fstatvfs(bench->where_fd, &st) == 0 && (st.f_flag & ST_NOEXEC))
		return error_set(err, ERROR_INPUT,
			"nothing can be run below '%s', which is mounted noexec; --work names another folder", where);
	return 0;
}

/* Its owner is the owner of all of it, as an application's own account is. */
static int copy_data(struct bench *bench, const char *data, struct error *err)
{
	struct copy_tree_owner owner = {0};
	AUTO(free) char *real = realpath(data, NULL);
	struct stat st;

	if (!real || stat(real, &st) < 0)
		return error_system(err, errno, "cannot open '%s'", data);
	owner.uid = st.st_uid;
	owner.gid = st.st_gid;
	if (copy_tree(bench->env.fs, bench->dir_fd, real, BENCH_DATA, &owner, err) < 0)
		return error_context(err, "copying %s", data);
	bench->has_data = true;
	return 0;
}

int bench_open(struct bench *bench, const struct bench_options *options, struct error *err)
{
	bench->settings = options->settings;
	make_env(bench, options);
	if (make_folders(bench, options->where, err) < 0 || check_folder(bench, options->where, err) < 0 ||
		(options->data && copy_data(bench, options->data, err) < 0) ||
		find_path(bench, options->where, err) < 0)
		return -1;
	return put_in_place(bench, err);
}

void bench_clear(struct bench *bench)
{
	struct error ignored;

	fd_close(&bench->packages_fd);
	fd_close(&bench->boot_fd);
	fd_close(&bench->cache_fd);
	fd_close(&bench->dir_fd);
	if (*bench->name)
		(void)!fs_remove_tree(bench->env.fs, bench->where_fd, bench->name, &ignored);
	fd_close(&bench->where_fd);
	bench->name[0] = '\0';
}

void bench_guard_options(const struct bench *bench, struct guard_options *ret_options)
{
	*ret_options = (struct guard_options){.boot_dir_fd = bench->boot_fd,
		.packages_dir_fd = bench->packages_fd,
		.packages_path = bench->packages_path,
		.network_packages = bench->settings->network_packages,
		.self_test_user = bench->settings->user};
}
