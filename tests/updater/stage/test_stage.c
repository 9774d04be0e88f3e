#include "updater/stage/stage.h"
#include "updater/stage/stage_verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/folder.h"
#include "tests/support/payload.h"
#include "tests/support/test.h"

#define PACKAGE "reader-app/acme"
#define FRAME_BYTES 32768

/* A terminal's folder for one package, a server with two generations of it, and what the disk is told to refuse. */
struct site {
	struct folder folder;
	int versions_fd;
	int cache_fd;
	struct payload old;
	struct payload new;
	struct payload_server server; /* of the new one */
	struct fs fs;
	struct env env;
	struct stage_request request;
	struct stage_progress progress;
	struct error err;
	uint64_t fail_at; /* the change that fails, or at which the process ends; 0: none */
	int fail_with;	  /* errno, or 0 to end the process */
	unsigned stop_at_frame;
	unsigned frames_seen;
	void *noise[4];
};

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

	payload_init(&site->old, PACKAGE, "1.0.0", old, sizeof(old) / sizeof(old[0]), FRAME_BYTES);
	payload_init(&site->new, PACKAGE, "2.0.0", new, sizeof(new) / sizeof(new[0]), FRAME_BYTES);
}

static struct site *site_new(void)
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

static void site_free(struct site *site)
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

static int stage(struct site *site)
{
	site->frames_seen = 0;
	site->server.bytes = 0;
	return stage_release(&site->env, &site->request, &site->progress, &site->err);
}

static void stage_old_as_current(struct site *site)
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

static const char *below(const char *folder, const char *path)
{
	static char text[512];

	(void)snprintf(text, sizeof(text), "versions/%s/%s", folder, path);
	return text;
}

static const char *partial(const struct site *site, const char *path)
{
	char name[128];

	(void)snprintf(name, sizeof(name), ".%s.partial", site->new.folder);
	return below(name, path);
}

static void assert_file_is(const struct site *site, const char *path, const void *data, size_t size)
{
	size_t len = 0;
	char *found = folder_get(&site->folder, path, &len);

	assert_non_null(found);
	assert_int_equal(len, size);
	assert_memory_equal(found, data, size);
	free(found);
}

/* The new release is there, whole, with its JSON, and nothing of the work is left over. */
static void assert_staged(struct site *site)
{
	char json[160];
	struct error err;

	assert_ok(stage_verify(&site->env, site->versions_fd, site->new.folder, site->new.release, &err), &err);
	(void)snprintf(json, sizeof(json), "versions/%s.json", site->new.folder);
	assert_file_is(site, json, site->new.json.data, site->new.json.len);
	assert_false(fs_exists(&site->fs, site->folder.fd, partial(site, "")));
}

static bool is_there(struct site *site)
{
	return fs_exists(&site->fs, site->versions_fd, site->new.folder);
}

static void test_stages_a_whole_release(void **state)
{
	struct site *site = site_new();

	(void)state;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_file_is(site, below(site->new.folder, "bin/reader"), site->noise[2], 90000);
	assert_file_is(site, below(site->new.folder, "latest"), site->noise[1], 200000);
	assert_true(site->server.bytes <= site->new.bytes.len);
	assert_int_equal(site->progress.wire_bytes, site->progress.wire_total);
	assert_int_equal(site->progress.unpacked_bytes, site->progress.unpacked_total);
	site_free(site);
}

static unsigned flushes;

static int count_flushes(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)fs;
	(void)number;
	(void)path;
	flushes += change == FS_SYNC;
	return 0;
}

static void test_needs_few_flushes(void **state)
{
	struct site *site = site_new();

	(void)state;
	flushes = 0;
	site->fs.before_change = count_flushes;
	assert_ok(stage(site), &site->err);
	assert_int_equal(flushes, 2); /* of the tree, and of the name */
	site_free(site);
}

static void test_fetches_nothing_where_the_release_is_there(void **state)
{
	struct site *site = site_new();

	(void)state;
	assert_ok(stage(site), &site->err);
	assert_ok(stage(site), &site->err);
	assert_int_equal(site->server.bytes, 0);
	assert_staged(site);
	site_free(site);
}

static void test_does_not_fetch_files_that_did_not_change(void **state)
{
	struct site *site = site_new();

	(void)state;
	stage_old_as_current(site);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_true(site->server.bytes < site->new.bytes.len * 65 / 100);
	assert_int_equal(site->progress.saved_bytes, site->new.bytes.len - site->server.bytes);
	site_free(site);
}

/* Another package's release that holds the same files. */
static void test_takes_from_other_packages_what_is_the_same_there(void **state)
{
	struct site *site = site_new();
	struct stage_neighbour neighbour = {.versions_dir_fd = site->versions_fd, .folder = site->old.folder};

	(void)state;
	stage_old_as_current(site);
	site->request.current_folder = NULL;
	site->request.neighbours = &neighbour;
	site->request.neighbours_count = 1;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_true(site->server.bytes < site->new.bytes.len * 65 / 100);
	assert_int_equal(site->progress.saved_bytes, site->new.bytes.len - site->server.bytes);
	site_free(site);
}

static void test_does_without_a_neighbour_that_is_damaged_or_gone(void **state)
{
	struct site *site = site_new();
	struct stage_neighbour neighbours[] = {
		{.versions_dir_fd = site->versions_fd, .folder = "gone"},
		{.versions_dir_fd = site->versions_fd, .folder = site->old.folder},
	};

	(void)state;
	stage_old_as_current(site);
	folder_put(&site->folder, below(site->old.folder, "lib/big.so"), "short", 5);
	site->request.current_folder = NULL;
	site->request.neighbours = neighbours;
	site->request.neighbours_count = 2;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_true(site->server.bytes > site->new.bytes.len * 95 / 100);
	site_free(site);
}

static void test_fetches_what_is_damaged_in_the_current_release(void **state)
{
	struct site *site = site_new();
	char *bytes;
	size_t len;

	(void)state;
	stage_old_as_current(site);
	bytes = folder_get(&site->folder, below(site->old.folder, "lib/big.so"), &len);
	bytes[100000] ^= 1;
	folder_put(&site->folder, below(site->old.folder, "lib/big.so"), bytes, len);
	free(bytes);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_true(site->server.bytes > site->new.bytes.len * 95 / 100);
	site_free(site);
}

static void test_fetches_everything_where_the_current_release_has_no_description(void **state)
{
	struct site *site = site_new();
	char json[160];

	(void)state;
	stage_old_as_current(site);
	(void)snprintf(json, sizeof(json), "versions/%s.json", site->old.folder);
	folder_put(&site->folder, json, "{ damaged", 9);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	site_free(site);
}

static void test_repairs_a_staged_release_that_is_damaged(void **state)
{
	struct site *site = site_new();

	(void)state;
	assert_ok(stage(site), &site->err);
	folder_put(&site->folder, below(site->new.folder, "share/note"), "nota", 4);
	folder_put(&site->folder, below(site->new.folder, "share/stray"), "x", 1);
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_true(site->server.bytes > 0 && site->server.bytes < site->new.bytes.len / 3);
	site_free(site);
}

static void test_verify_finds_every_kind_of_damage(void **state)
{
	static const struct {
		const char *command, *part;
	} cases[] = {
		{"rm share/note", "missing"},
		{"echo x >stray", "not part"},
		{"chmod 0777 share/note", "mode"},
		{"printf nota >share/note", "content"},
		{"printf note2 >share/note", "bytes"},
		{"ln -sfn bin latest", "points to"},
		{"rm share/note && mkdir share/note", "kind"},
		{"mv share elsewhere && ln -s elsewhere share", "kind"},
		{"chmod u+s bin/reader", "mode"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct site *site = site_new();
		char command[512];

		assert_ok(stage(site), &site->err);
		(void)snprintf(command, sizeof(command), "cd '%s/versions/%s' && %s", site->folder.path,
			site->new.folder, cases[i].command);
		assert_int_equal(system(command), 0);
		assert_int_equal(
			stage_verify(&site->env, site->versions_fd, site->new.folder, site->new.release, &site->err),
			-1);
		assert_error(&site->err, ERROR_DAMAGED, cases[i].part);
		site_free(site);
	}
}

static void test_a_transfer_cut_again_and_again_costs_no_bytes(void **state)
{
	struct site *site = site_new();
	uint64_t total = 0;
	unsigned cuts = 0;

	(void)state;
	site->server.cut_after = site->new.bytes.len / 21;
	while (stage(site) < 0) {
		assert_error(&site->err, ERROR_NETWORK, "cut");
		assert_false(is_there(site));
		total += site->server.bytes;
		assert_true(++cuts < 40);
	}
	total += site->server.bytes;
	assert_true(cuts >= 20);
	assert_staged(site);
	assert_true(total <= site->new.bytes.len * 101 / 100);
	site_free(site);
}

static void test_a_spoilt_beginning_of_a_frame_is_fetched_again(void **state)
{
	struct site *site = site_new();
	char rest[160];
	char *bytes;
	size_t len;

	(void)state;
	site->server.cut_after = site->new.bytes.len / 2;
	assert_int_equal(stage(site), -1);
	(void)snprintf(rest, sizeof(rest), "cache/%s.rest", site->new.folder);
	assert_non_null(bytes = folder_get(&site->folder, rest, &len));
	bytes[len - 1] ^= 1;
	folder_put(&site->folder, rest, bytes, len);
	free(bytes);
	site->server.cut_after = 0;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_false(fs_exists(&site->fs, site->folder.fd, rest));
	site_free(site);
}

static void test_goes_on_where_it_was_stopped_at_every_frame(void **state)
{
	struct site *site = site_new();
	unsigned frames = (unsigned)site->new.release->frames_count;

	(void)state;
	site_free(site);
	for (unsigned frame = 1; frame < frames; frame++) {
		uint64_t bytes;

		site = site_new();
		site->stop_at_frame = frame;
		assert_int_equal(stage(site), -1);
		assert_error(&site->err, ERROR_STOPPED, "window");
		bytes = site->server.bytes;
		site->stop_at_frame = 0;
		assert_ok(stage(site), &site->err);
		assert_staged(site);
		assert_true(bytes + site->server.bytes <= site->new.bytes.len + 1000 * 2);
		if (frame == frames - 1)
			assert_in_range(site->progress.saved_by_resume, 1, bytes);
		site_free(site);
	}
}

/* After a power cut a file may have its length and hold zeros. */
static void test_zeros_left_by_a_power_cut_are_found_and_fetched_again(void **state)
{
	static const char *const paths[] = {"bin/reader", "lib64/big.so", "lib64/small.so", "share/data"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct site *site = site_new();
		char *bytes;
		size_t len;

		site->stop_at_frame = (unsigned)site->new.release->frames_count - 3;
		assert_int_equal(stage(site), -1);
		bytes = folder_get(&site->folder, partial(site, paths[i]), &len);
		assert_non_null(bytes);
		folder_put(&site->folder, partial(site, paths[i]), memset(bytes, 0, len), len);
		free(bytes);
		site->stop_at_frame = 0;
		assert_ok(stage(site), &site->err);
		assert_staged(site);
		site_free(site);
	}
}

static void test_what_does_not_belong_into_a_partial_release_is_cleared(void **state)
{
	struct site *site = site_new();
	char command[2048];

	(void)state;
	site->stop_at_frame = 3;
	assert_int_equal(stage(site), -1);
	folder_put(&site->folder, "outside/note", "outside", 7);
	folder_put(&site->folder, partial(site, "stray/file"), "x", 1);
	folder_put(&site->folder, "versions/.1.5.0-deadbeef.partial/file", "x", 1);
	(void)snprintf(command, sizeof(command), "cd '%s' && rm -rf '%s' && ln -s ../../outside '%s'",
		site->folder.path, partial(site, "share"), partial(site, "share"));
	assert_int_equal(system(command), 0);
	site->stop_at_frame = 0;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	assert_file_is(site, "outside/note", "outside", 7);
	assert_false(fs_exists(&site->fs, site->folder.fd, "versions/.1.5.0-deadbeef.partial"));
	site_free(site);
}

static bool holds_content(const struct release *release, const struct release_frame *frame)
{
	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].tar_offset < frame->tar_offset + frame->tar_length &&
			release->files[i].tar_offset + release->files[i].size > frame->tar_offset)
			return true;
	return false;
}

static void test_refuses_a_wrong_byte_in_every_frame(void **state)
{
	struct site *site = site_new();
	size_t frames = site->new.release->frames_count;

	(void)state;
	site_free(site);
	for (size_t k = 0; k < frames; k++) {
		site = site_new();
		site->server.corrupt_at =
			1 + site->new.release->frames[k].offset + site->new.release->frames[k].length / 2;
		if (!holds_content(site->new.release, &site->new.release->frames[k])) {
			assert_ok(stage(site), &site->err); /* not fetched at all */
		} else {
			assert_int_equal(stage(site), -1);
			assert_error(&site->err, ERROR_ALTERED, "frame");
			assert_false(is_there(site));
			site->server.corrupt_at = 0;
			assert_ok(stage(site), &site->err);
		}
		assert_staged(site);
		site_free(site);
	}
}

static void test_refuses_a_file_that_is_not_what_the_release_says(void **state)
{
	struct site *site = site_new();

	(void)state;
	for (size_t i = 0; i < site->new.release->files_count; i++)
		if (strcmp(site->new.release->files[i].path, "share/note") == 0)
			site->new.release->files[i].sha256.bytes[0] ^= 1;
	assert_int_equal(stage(site), -1);
	assert_error(&site->err, ERROR_REFUSED, "share/note");
	assert_false(is_there(site));
	assert_false(fs_exists(&site->fs, site->folder.fd, partial(site, "")));
	site_free(site);
}

static void test_refuses_a_frame_that_unpacks_to_another_length(void **state)
{
	static const int64_t wrong_by[] = {-1, 1, -1000, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong_by) / sizeof(wrong_by[0]); i++) {
		struct site *site = site_new();

		site->new.release->frames[1].tar_length += (uint64_t)wrong_by[i];
		assert_int_equal(stage(site), -1);
		assert_error(&site->err, ERROR_REFUSED, "frame 1");
		assert_false(is_there(site));
		site_free(site);
	}
}

static void test_a_body_that_ends_too_early_is_not_the_releases_fault(void **state)
{
	struct site *site = site_new();

	(void)state;
	site->server.end_after = site->new.bytes.len / 2;
	assert_int_equal(stage(site), -1);
	assert_error(&site->err, ERROR_ALTERED, "too early");
	assert_false(is_there(site));
	site->server.end_after = 0;
	assert_ok(stage(site), &site->err);
	assert_staged(site);
	site_free(site);
}

static void test_refuses_a_body_that_is_longer_than_asked(void **state)
{
	struct site *site = site_new();

	(void)state;
	site->server.is_longer = true;
	assert_int_equal(stage(site), -1);
	assert_error(&site->err, ERROR_ALTERED, "more");
	assert_false(is_there(site));
	site_free(site);
}

static void test_too_little_space_is_said_before_the_first_byte(void **state)
{
	struct site *site = site_new();

	(void)state;
	site->request.reserve_bytes = UINT64_C(1) << 60;
	assert_int_equal(stage(site), -1);
	assert_error(&site->err, ERROR_NO_SPACE, "MiB more are needed");
	assert_int_equal(site->server.requests, 0);
	site_free(site);
}

static void test_a_disk_that_fails_at_any_change_leaves_nothing_half_installed(void **state)
{
	static const int faults[] = {ENOSPC, EIO};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (uint64_t n = 1, fired = 1; fired; n++) {
			struct site *site = site_new();
			int result;

			stage_old_as_current(site);
			site->fs.changes = 0;
			site->fail_at = n;
			site->fail_with = faults[i];
			result = stage(site);
			fired = site->fs.changes >= n;
			if (result < 0 && faults[i] == ENOSPC)
				assert_int_equal(site->err.code, ERROR_NO_SPACE);
			site->fail_at = 0;
			assert_ok(stage(site), &site->err);
			assert_staged(site);
			site_free(site);
		}
	}
}

/* The process ends at its nth change on disk; the next one completes the work. */
static void test_an_agent_killed_at_any_change_goes_on(void **state)
{
	(void)state;
	for (uint64_t n = 1, fired = 1; fired; n++) {
		struct site *site = site_new();
		int status;
		pid_t pid;

		stage_old_as_current(site);
		site->fs.changes = 0;
		if ((pid = fork()) == 0) {
			site->fail_at = n;
			_exit(stage(site) < 0 ? 1 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		fired = WEXITSTATUS(status) == 77;
		assert_true(fired || WEXITSTATUS(status) == 0);
		if (is_there(site)) /* who sees the name sees all of it */
			assert_ok(stage_verify(&site->env, site->versions_fd, site->new.folder, site->new.release,
					  &site->err),
				&site->err);
		assert_ok(stage(site), &site->err);
		assert_staged(site);
		site_free(site);
	}
}

static void test_paths_that_leave_the_folder_never_get_here(void **state)
{
	static const char *const paths[] = {"../evil", "/etc/evil", "bin/../../evil", "bin/./evil"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct site *site = site_new();
		AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);
		AUTO(release) struct release *release = NULL;
		const char *kept = site->new.release->files[1].path;

		site->new.release->files[1].path = paths[i];
		if (release_write(site->new.release, &json, &site->err) == 0)
			assert_int_equal(release_parse(json.data, json.len, &release, &site->err), -1);
		assert_error(&site->err, ERROR_INPUT, paths[i]);
		(void)!stage(site); /* and had one come here, it would have got nowhere */
		assert_false(fs_exists(&site->fs, AT_FDCWD, "/etc/evil"));
		assert_false(fs_exists(&site->fs, site->folder.fd, "versions/evil"));
		site->new.release->files[1].path = kept;
		site_free(site);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stages_a_whole_release),
		cmocka_unit_test(test_needs_few_flushes),
		cmocka_unit_test(test_fetches_nothing_where_the_release_is_there),
		cmocka_unit_test(test_does_not_fetch_files_that_did_not_change),
		cmocka_unit_test(test_takes_from_other_packages_what_is_the_same_there),
		cmocka_unit_test(test_does_without_a_neighbour_that_is_damaged_or_gone),
		cmocka_unit_test(test_fetches_what_is_damaged_in_the_current_release),
		cmocka_unit_test(test_fetches_everything_where_the_current_release_has_no_description),
		cmocka_unit_test(test_repairs_a_staged_release_that_is_damaged),
		cmocka_unit_test(test_verify_finds_every_kind_of_damage),
		cmocka_unit_test(test_a_transfer_cut_again_and_again_costs_no_bytes),
		cmocka_unit_test(test_a_spoilt_beginning_of_a_frame_is_fetched_again),
		cmocka_unit_test(test_goes_on_where_it_was_stopped_at_every_frame),
		cmocka_unit_test(test_zeros_left_by_a_power_cut_are_found_and_fetched_again),
		cmocka_unit_test(test_what_does_not_belong_into_a_partial_release_is_cleared),
		cmocka_unit_test(test_refuses_a_wrong_byte_in_every_frame),
		cmocka_unit_test(test_refuses_a_file_that_is_not_what_the_release_says),
		cmocka_unit_test(test_refuses_a_frame_that_unpacks_to_another_length),
		cmocka_unit_test(test_a_body_that_ends_too_early_is_not_the_releases_fault),
		cmocka_unit_test(test_refuses_a_body_that_is_longer_than_asked),
		cmocka_unit_test(test_too_little_space_is_said_before_the_first_byte),
		cmocka_unit_test(test_a_disk_that_fails_at_any_change_leaves_nothing_half_installed),
		cmocka_unit_test(test_an_agent_killed_at_any_change_goes_on),
		cmocka_unit_test(test_paths_that_leave_the_folder_never_get_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
