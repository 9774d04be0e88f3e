#include "tests/updater/stage/stage_site.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "updater/stage/stage_verify.h"

#define PACKAGE "reader-app/acme"
#define FRAME_BYTES 32768

static int before_change(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	const struct site *site = fs->context;

	(void)change;
	(void)path;
	if (number != site->fail_at)
		return 0;
	if (!site->fail_with)
		_exit(77);
	return site->fail_with;
}

static int on_progress(void *context, const struct stage_progress *progress, struct error *err)
{
	struct site *site = context;

	site->progress = *progress;
	if (site->stop_at_frame && ++site->frames_seen == site->stop_at_frame)
		return error_set(err, ERROR_STOPPED, "the window has ended");
	return 0;
}

static void make_payloads(struct site *site)
{
	struct payload_entry old[] = {
		{.path = "bin/"},
		{.path = "bin/reader", .data = site->noise[0], .size = 50000, .mode = 0755},
		{.path = "empty"},
		{.path = "lib/"},
		{.path = "lib/big.so", .data = site->noise[1], .size = 200000},
		{.path = "lib/small.so", .data = "one", .size = 3},
	};
	struct payload_entry new[] = {
		{.path = "bin/"},
		{.path = "bin/reader", .data = site->noise[2], .size = 90000, .mode = 0755},
		{.path = "empty"},
		{.path = "latest", .link = "lib64/big.so"},
		{.path = "lib64/", .mode = 0555},
		{.path = "lib64/big.so",
			.data = site->noise[1],
			.size = 200000,
			.mode = 0444}, /* moved, not changed */
		{.path = "lib64/small.so", .data = "two", .size = 3},
		{.path = "share/"},
		{.path = "share/data", .data = site->noise[3], .size = 150000},
		{.path = "share/note", .data = "note", .size = 4},
	};

	payload_init(&site->old, PACKAGE, "1.0.0", old, ARRAY_SIZE(old), FRAME_BYTES);
	payload_init(&site->new, PACKAGE, "2.0.0", new, ARRAY_SIZE(new), FRAME_BYTES);
}

struct site *site_new(void)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	assert_int_equal(mkdirat(site->folder.fd, "versions", 0755), 0);
	assert_int_equal(mkdirat(site->folder.fd, "cache", 0755), 0);
	site->versions_fd = openat(site->folder.fd, "versions", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	site->cache_fd = openat(site->folder.fd, "cache", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (uint32_t i = 0; i < 4; i++)
		site->noise[i] = payload_noise(i + 1, 200000);
	make_payloads(site);
	fs_init(&site->fs);
	site->fs.before_change = before_change;
	site->fs.context = site;
	payload_server_init(&site->server, &site->new);
	site->env = (struct env){.fs = &site->fs, .transport = &site->server.transport};
	site->request = (struct stage_request){.release = site->new.release,
		.release_json = site->new.json.data,
		.release_json_len = site->new.json.len,
		.folder = site->new.folder,
		.versions_dir_fd = site->versions_fd,
		.cache_dir_fd = site->cache_fd,
		.payload_url = "http://localhost/payload",
		.progress = on_progress,
		.context = site};
	return site;
}

void site_free(struct site *site)
{
	(void)close(site->versions_fd);
	(void)close(site->cache_fd);
	folder_clear(&site->folder);
	payload_clear(&site->old);
	payload_clear(&site->new);
	for (int i = 0; i < 4; i++)
		free(site->noise[i]);
	free(site);
}

int site_stage(struct site *site)
{
	site->frames_seen = 0;
	site->server.bytes = 0;
	return stage_release(&site->env, &site->request, &site->progress, &site->err);
}

void site_stage_old(struct site *site)
{
	struct stage_request request = site->request;
	struct payload_server server;

	payload_server_init(&server, &site->old);
	request.release = site->old.release;
	request.release_json = site->old.json.data;
	request.release_json_len = site->old.json.len;
	request.folder = site->old.folder;
	site->env.transport = &server.transport;
	assert_ok(stage_release(&site->env, &request, NULL, &site->err), &site->err);
	site->env.transport = &site->server.transport;
	site->request.current_folder = site->old.folder;
}

const char *site_path(const char *folder, const char *path)
{
	static char text[512];

	(void)snprintf(text, sizeof(text), "versions/%s/%s", folder, path);
	return text;
}

const char *site_partial(const struct site *site, const char *path)
{
	char name[128];

	(void)snprintf(name, sizeof(name), ".%s.partial", site->new.folder);
	return site_path(name, path);
}

void site_assert_file(const struct site *site, const char *path, const void *data, size_t size)
{
	size_t len = 0;
	char *found = folder_get(&site->folder, path, &len);

	assert_non_null(found);
	assert_int_equal(len, size);
	assert_memory_equal(found, data, size);
	free(found);
}

int site_verify(struct site *site)
{
	return stage_verify(&site->env, site->versions_fd, site->new.folder, site->new.release, &site->err);
}

void site_stages(struct site *site)
{
	char json[160];

	assert_ok(site_stage(site), &site->err);
	assert_ok(site_verify(site), &site->err);
	(void)snprintf(json, sizeof(json), "versions/%s.json", site->new.folder);
	site_assert_file(site, json, site->new.json.data, site->new.json.len);
	assert_false(fs_exists(&site->fs, site->folder.fd, site_partial(site, "")));
}

void site_refuses(struct site *site, enum error_code code, const char *part)
{
	assert_int_equal(site_stage(site), -1);
	assert_error(&site->err, code, part);
	assert_false(site_is_staged(site));
}

bool site_is_staged(struct site *site)
{
	return fs_exists(&site->fs, site->versions_fd, site->new.folder);
}

void site_run(const struct site *site, const char *command, ...)
{
	char text[4096];
	int len = snprintf(text, sizeof(text), "cd '%s' && ", site->folder.path);
	va_list args;

	va_start(args, command);
	(void)vsnprintf(text + len, sizeof(text) - (size_t)len, command, args);
	va_end(args);
	assert_int_equal(system(text), 0);
}

void site_spoil(const struct site *site, const char *path, size_t at)
{
	size_t len;
	char *bytes = folder_get(&site->folder, path, &len);

	assert_non_null(bytes);
	assert_true(at < len);
	bytes[at] ^= 1;
	folder_put(&site->folder, path, bytes, len);
	free(bytes);
}

int site_setup(void **state)
{
	*state = site_new();
	return 0;
}

int site_teardown(void **state)
{
	site_free(*state);
	return 0;
}
