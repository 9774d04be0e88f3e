#include "updater/delta/delta.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/folder.h"
#include "tests/support/linked.h"
#include "tests/support/payload.h"
#include "tests/support/test.h"
#include "tests/support/zip.h"
#include "updater/delta/delta_format.h"
#include "updater/delta_make/delta_make.h"
#include "updater/stage/stage.h"
#include "updater/stage/stage_verify.h"
#include "updater/attempt/bytediff.h"

#define PACKAGE "linkage-app"
#define FRAME_BYTES 32768
#define BIG 100000

/* A terminal with the old release staged, and a server that holds payload and delta. */
struct site {
	struct folder folder;
	int versions_fd;
	int cache_fd;
	struct payload old;
	struct payload new;
	struct payload delta; /* only its bytes */
	struct payload_server payload_server;
	struct payload_server delta_server;
	struct transport transport; /* to both */
	struct fs fs;
	struct env env;
	struct stage_request request;
	struct stage_progress progress;
	struct error err;
	uint8_t *was;
	uint8_t *is;
	struct buf program_was, program_is; /* linked anew */
	struct buf archive_was, archive_is; /* with another member changed */
};

static int get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *context, struct transport_reply *ret_reply, struct error *err)
{
	struct site *site = transport->context;
	struct payload_server *server = strstr(request->url, ".delta") ? &site->delta_server : &site->payload_server;

	return server->transport.ask(&server->transport, request, sink, context, ret_reply, err);
}

/* As when a program is linked anew: a piece is put in, and the addresses behind it are all a little larger. */
static void relink(uint8_t *is, const uint8_t *was)
{
	for (size_t i = 0; i < BIG; i++)
		is[i] = i < 1000 ? was[i] : i < 1200 ? (uint8_t)i : was[i - 200];
	for (size_t i = 2000; i < BIG; i += 97)
		is[i] = (uint8_t)(is[i] + 16);
}

static void fill_archive(struct buf *archive, int changed)
{
	for (int i = 0; i < 40; i++) {
		AUTO(buf) struct buf text = BUF_INIT(65536);
		struct error err;

		for (int line = 0; line < 50; line++)
			assert_ok(buf_printf(&text, &err, "line %d of %d%s\n", line * i, i,
					  i == changed ? ", changed" : ""),
				&err);
		zip_add(archive,
			&(struct zip_member){.name = "a.class", .data = text.data, .len = text.len, .setting = 6});
	}
	zip_end(archive);
}

static void fill_entries(struct site *site)
{
	struct payload_entry old[] = {
		{.path = "app.jar", .data = site->archive_was.data, .size = site->archive_was.len},
		{.path = "lib/"},
		{.path = "lib/app-1.2.so", .data = site->was, .size = BIG},
		{.path = "lib/linked.so", .data = site->program_was.data, .size = site->program_was.len},
		{.path = "lib/same", .data = "same", .size = 4},
		{.path = "text", .data = "one", .size = 3},
	};
	struct payload_entry new[] = {
		{.path = "app.jar", .data = site->archive_is.data, .size = site->archive_is.len},
		{.path = "fresh", .data = "nothing like it before", .size = 22},
		{.path = "lib/"},
		{.path = "lib/app-1.3.so", .data = site->is, .size = BIG, .mode = 0755},
		{.path = "lib/linked.so", .data = site->program_is.data, .size = site->program_is.len, .mode = 0755},
		{.path = "lib/same", .data = "same", .size = 4},
		{.path = "text", .data = "two!", .size = 4},
	};

	payload_init(&site->old, PACKAGE, "1.2", old, sizeof(old) / sizeof(old[0]), FRAME_BYTES);
	payload_init(&site->new, PACKAGE, "1.3", new, sizeof(new) / sizeof(new[0]), FRAME_BYTES);
}

static struct stage_request request_of(const struct site *site, const struct payload *payload)
{
	return (struct stage_request){.release = payload->release,
		.release_json = payload->json.data,
		.release_json_len = payload->json.len,
		.folder = payload->folder,
		.versions_dir_fd = site->versions_fd,
		.cache_dir_fd = site->cache_fd,
		.payload_url = "http://localhost/payload"};
}

/* Stages PAYLOAD by itself in VERSIONS_FD and opens its folder. */
static int stage_alone(struct site *site, const struct payload *payload, int versions_fd)
{
	struct stage_request request = request_of(site, payload);
	struct payload_server server;
	struct env env = site->env;

	payload_server_init(&server, payload);
	env.transport = &server.transport;
	request.versions_dir_fd = versions_fd;
	assert_ok(stage_release(&env, &request, NULL, &site->err), &site->err);
	return openat(versions_fd, payload->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void make_delta(struct site *site, struct buf *ret_delta)
{
	struct delta_side from = {.release = site->old.release}, to = {.release = site->new.release};
	struct delta_options options = {0};
	int publisher_fd;

	assert_int_equal(mkdirat(site->folder.fd, "publisher", 0755), 0);
	publisher_fd = openat(site->folder.fd, "publisher", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	from.dir_fd = stage_alone(site, &site->old, publisher_fd);
	to.dir_fd = stage_alone(site, &site->new, publisher_fd);
	sha256_of(site->old.json.data, site->old.json.len, &from.id);
	sha256_of(site->new.json.data, site->new.json.len, &to.id);
	assert_ok(delta_make(&from, &to, &options, ret_delta, &site->err), &site->err);
	(void)close(from.dir_fd);
	(void)close(to.dir_fd);
	(void)close(publisher_fd);
	assert_ok(fs_remove_tree(&site->fs, site->folder.fd, "publisher", &site->err), &site->err);
}

/* Always the same (a test says so), so it is made once. */
static void take_delta(struct site *site)
{
	static struct buf made = BUF_INIT(64u << 20);

	if (!made.len)
		make_delta(site, &made);
	assert_ok(buf_append(&site->delta.bytes, made.data, made.len, &site->err), &site->err);
}

static struct site *site_new(void)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	assert_int_equal(mkdirat(site->folder.fd, "versions", 0755), 0);
	assert_int_equal(mkdirat(site->folder.fd, "cache", 0755), 0);
	site->versions_fd = openat(site->folder.fd, "versions", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	site->cache_fd = openat(site->folder.fd, "cache", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	site->was = payload_noise(7, BIG);
	site->is = malloc(BIG);
	relink(site->is, site->was);
	site->program_was.limit = site->program_is.limit = 1u << 20;
	site->archive_was.limit = site->archive_is.limit = 1u << 20;
	linked_make(&site->program_was, false, 0);
	linked_make(&site->program_is, false, 4160);
	fill_archive(&site->archive_was, 3);
	fill_archive(&site->archive_is, 9);
	fill_entries(site);
	fs_init(&site->fs);
	site->transport = (struct transport){.ask = get, .context = site};
	site->env = (struct env){.fs = &site->fs, .transport = &site->transport};
	site->delta.bytes = (struct buf)BUF_INIT(64u << 20);
	take_delta(site);
	payload_server_init(&site->payload_server, &site->new);
	payload_server_init(&site->delta_server, &site->delta);
	(void)close(stage_alone(site, &site->old, site->versions_fd));
	site->request = request_of(site, &site->new);
	site->request.current_folder = site->old.folder;
	site->request.delta_url = "http://localhost/1.3-from-1.2.delta";
	site->request.delta_length = site->delta.bytes.len;
	sha256_of(site->delta.bytes.data, site->delta.bytes.len, &site->request.delta_sha256);
	return site;
}

static void site_free(struct site *site)
{
	(void)close(site->versions_fd);
	(void)close(site->cache_fd);
	folder_clear(&site->folder);
	payload_clear(&site->old);
	payload_clear(&site->new);
	buf_clear(&site->delta.bytes);
	free(site->was);
	free(site->is);
	buf_clear(&site->program_was);
	buf_clear(&site->program_is);
	buf_clear(&site->archive_was);
	buf_clear(&site->archive_is);
	free(site);
}

static int stage(struct site *site)
{
	return stage_release(&site->env, &site->request, &site->progress, &site->err);
}

static void assert_staged(struct site *site)
{
	char rest[128];

	assert_ok(stage_verify(&site->env, site->versions_fd, site->new.folder, site->new.release, &site->err),
		&site->err);
	(void)snprintf(rest, sizeof(rest), "cache/%s.delta", site->new.folder);
	assert_false(fs_exists(&site->fs, site->folder.fd, rest));
}

/* Signs, so to say, whatever the delta's bytes are now. */
static void vouch(struct site *site)
{
	site->request.delta_length = site->delta.bytes.len;
	sha256_of(site->delta.bytes.data, site->delta.bytes.len, &site->request.delta_sha256);
}

TEST_CASE(test_makes_the_new_release_from_the_old_one_and_a_small_delta)
{
	struct site *site = site_new();

	assert_true(site->delta.bytes.len < site->new.bytes.len / 10);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_int_equal(site->payload_server.bytes, 0);
	assert_int_equal(site->progress.did_not_come_out, 0);
	assert_int_equal(site->delta_server.bytes, site->delta.bytes.len);
	assert_int_equal(site->progress.wire_bytes, site->delta.bytes.len);
	assert_int_equal(site->progress.saved_bytes, site->new.bytes.len - site->delta.bytes.len);
	assert_in_range(site->progress.saved_by_delta, 1, site->progress.saved_bytes);
	site_free(site);
}

TEST_CASE(test_the_same_releases_give_the_same_delta)
{
	struct site *site = site_new();
	AUTO(buf) struct buf again = BUF_INIT(64u << 20);

	make_delta(site, &again);
	assert_int_equal(again.len, site->delta.bytes.len);
	assert_memory_equal(again.data, site->delta.bytes.data, again.len);
	site_free(site);
}

TEST_CASE(test_a_delta_larger_than_the_frames_is_not_fetched)
{
	struct site *site = site_new();

	site->request.delta_length = site->new.bytes.len + 1;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_int_equal(site->delta_server.requests, 0);
	site_free(site);
}

TEST_CASE(test_frames_make_up_for_a_damaged_old_file)
{
	struct site *site = site_new();
	char path[256];

	(void)snprintf(path, sizeof(path), "versions/%s/lib/app-1.2.so", site->old.folder);
	folder_put(&site->folder, path, "short", 5);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_true(site->payload_server.bytes > 0);
	assert_int_equal(site->progress.did_not_come_out, 1);
	site_free(site);
}

/* A program and an archive whose old bytes are others: neither comes out, and both are counted. */
TEST_CASE(test_counts_what_does_not_come_out)
{
	struct site *site = site_new();
	char path[256];

	site->program_was.data[0x1800] ^= 1;
	(void)snprintf(path, sizeof(path), "versions/%s/lib/linked.so", site->old.folder);
	folder_put(&site->folder, path, site->program_was.data, site->program_was.len);
	(void)snprintf(path, sizeof(path), "versions/%s/app.jar", site->old.folder);
	folder_put(&site->folder, path, "no archive any more", 19);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_int_equal(site->progress.did_not_come_out, 2);
	site_free(site);
}

TEST_CASE(test_frames_make_up_for_a_delta_with_wrong_bytes)
{
	struct site *site = site_new();

	site->delta_server.corrupt_at = site->delta.bytes.len / 2;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_true(site->payload_server.bytes > 0);
	site_free(site);
}

/* Even one whose digest the metadata vouch for, whatever byte of it is wrong. */
TEST_CASE(test_frames_make_up_for_a_signed_delta_that_makes_no_sense)
{
	struct site *site = site_new();
	size_t len = site->delta.bytes.len;

	site_free(site);
	for (size_t at = 0; at < len; at += at < DELTA_HEAD_SIZE(DELTA_SECTIONS) ? 13 : len / 16) {
		site = site_new();
		site->delta.bytes.data[at] ^= 0x11;
		vouch(site);
		assert_ok(stage(site), &site->err);
		assert_staged(site);
		site_free(site);
	}
}

TEST_CASE(test_frames_make_up_for_a_signed_delta_that_is_too_short)
{
	struct site *site = site_new();
	size_t len = site->delta.bytes.len;

	site_free(site);
	for (size_t keep = 1; keep < len; keep += len / 6) {
		site = site_new();
		site->delta.bytes.len = keep;
		vouch(site);
		assert_ok(stage(site), &site->err);
		assert_staged(site);
		assert_true(site->payload_server.bytes > 0);
		site_free(site);
	}
}

TEST_CASE(test_frames_make_up_for_a_delta_that_is_not_there)
{
	struct site *site = site_new();

	site->delta_server.end_after = 100;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	site_free(site);
}

TEST_CASE(test_a_cut_delta_goes_on_where_it_was_cut)
{
	struct site *site = site_new();
	unsigned cuts = 0;

	site->delta_server.cut_after = site->delta.bytes.len / 5;
	while (stage(site) < 0) {
		assert_error(&site->err, ERROR_NETWORK, "cut");
		assert_true(++cuts < 10);
	}
	assert_in_range(cuts, 4, 6);
	assert_staged(site);
	assert_int_equal(site->delta_server.bytes, site->delta.bytes.len);
	assert_int_equal(site->payload_server.bytes, 0);
	site_free(site);
}

TEST_CASE(test_a_delta_spoilt_in_the_cache_is_fetched_again)
{
	struct site *site = site_new();
	char path[160];

	(void)snprintf(path, sizeof(path), "cache/%s.delta", site->new.folder);
	folder_put(&site->folder, path, "garbage", 7);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_int_equal(site->payload_server.bytes, 0);
	site_free(site);
}

static int end_at(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	if (number == *(const uint64_t *)fs->context)
		_exit(77);
	return 0;
}

/* The process ends at its nth change on disk; the next one completes the work. */
TEST_CASE(test_an_agent_killed_at_any_change_goes_on)
{
	for (uint64_t n = 1, fired = 1; fired; n++) {
		struct site *site = site_new();
		int status;
		pid_t pid;

		if ((pid = fork()) == 0) {
			site->fs = (struct fs){.before_change = end_at, .context = &n};
			_exit(stage(site) < 0 ? 1 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		fired = WEXITSTATUS(status) == 77;
		assert_true(fired || WEXITSTATUS(status) == 0);
		assert_ok(stage(site), &site->err);
		assert_staged(site);
		site_free(site);
	}
}

struct rebuilt {
	const uint8_t *old, *new;
	uint8_t out[4096];
	size_t len;
	size_t added;
};

static int rebuild(void *context, const struct bytediff_step *step, struct error *err)
{
	struct rebuilt *rebuilt = context;

	(void)err;
	assert_int_equal(step->new_at, rebuilt->len);
	for (size_t i = 0; i < step->copied; i++) {
		uint8_t difference = (uint8_t)(rebuilt->new[step->new_at + i] - rebuilt->old[step->old_at + i]);

		rebuilt->out[rebuilt->len++] = (uint8_t)(rebuilt->old[step->old_at + i] + difference);
	}
	memcpy(rebuilt->out + rebuilt->len, rebuilt->new + rebuilt->len, step->added);
	rebuilt->len += step->added;
	rebuilt->added += step->added;
	return 0;
}

TEST_CASE(test_steps_cover_a_new_file_whatever_the_old_one_holds)
{
	for (uint32_t seed = 1; seed < 400; seed++) {
		AUTO(free) uint8_t *old = payload_noise(seed, 2000);
		AUTO(free) uint8_t *new = payload_noise(seed % 5 ? seed : seed + 1, 2000);
		size_t old_len = seed * 37 % 2000, new_len = seed * 91 % 2000;
		struct rebuilt rebuilt = {.old = old, .new = new};
		struct error err;

		for (uint32_t i = 0; i < seed % 50; i++)
			new[i * 41 % 2000] = (uint8_t)i;
		memmove(new + seed % 300, new, 1500);
		assert_ok(bytediff_find(old, old_len, new, new_len, rebuild, &rebuilt, &err), &err);
		assert_int_equal(rebuilt.len, new_len);
		assert_memory_equal(rebuilt.out, new, new_len);
	}
}

TESTS(NULL, NULL)
