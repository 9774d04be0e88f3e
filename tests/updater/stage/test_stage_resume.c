/* Staging that was cut, stopped or killed goes on, and loses little. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/updater/stage/stage_site.h"

TEST_CASE(test_a_transfer_cut_again_and_again_costs_no_bytes)
{
	struct site *site = *state;
	uint64_t total = 0;
	unsigned cuts = 0;

	site->server.cut_after = site->new.bytes.len / 21;
	while (site_stage(site) < 0) {
		assert_error(&site->err, ERROR_NETWORK, "cut");
		assert_false(site_is_staged(site));
		total += site->server.bytes;
		assert_true(++cuts < 40);
	}
	total += site->server.bytes;
	assert_true(cuts >= 20);
	site_stages(site);
	assert_true(total <= site->new.bytes.len * 101 / 100);
}

TEST_CASE(test_a_spoilt_beginning_of_a_frame_is_fetched_again)
{
	struct site *site = *state;
	char rest[160];

	site->server.cut_after = site->new.bytes.len / 2;
	assert_int_equal(site_stage(site), -1);
	(void)snprintf(rest, sizeof(rest), "cache/%s.rest", site->new.folder);
	site_spoil(site, rest, 0);
	site->server.cut_after = 0;
	site_stages(site);
	assert_false(fs_exists(&site->fs, site->folder.fd, rest));
}

TEST_CASE(test_goes_on_where_it_was_stopped_at_every_frame)
{
	const struct site *any = *state;
	unsigned frames = (unsigned)any->new.release->frames_count;

	for (unsigned frame = 1; frame < frames; frame++) {
		struct site *site = site_new();
		uint64_t bytes;

		site->stop_at_frame = frame;
		site_refuses(site, ERROR_STOPPED, "window");
		bytes = site->server.bytes;
		site->stop_at_frame = 0;
		site_stages(site);
		assert_true(bytes + site->server.bytes <= site->new.bytes.len + 1000 * 2);
		if (frame == frames - 1)
			assert_in_range(site->progress.saved_by_resume, 1, bytes);
		site_free(site);
	}
}

/* After a power cut a file may have its length and hold zeros. */
TEST_CASE_WITH(test_zeros_left_by_a_power_cut_are_found_and_fetched_again, NULL, NULL)
{
	static const char *const paths[] = {"bin/reader", "lib64/big.so", "lib64/small.so", "share/data"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct site *site = site_new();
		char *bytes;
		size_t len;

		site->stop_at_frame = (unsigned)site->new.release->frames_count - 3;
		assert_int_equal(site_stage(site), -1);
		bytes = folder_get(&site->folder, site_partial(site, paths[i]), &len);
		assert_non_null(bytes);
		folder_put(&site->folder, site_partial(site, paths[i]), memset(bytes, 0, len), len);
		free(bytes);
		site->stop_at_frame = 0;
		site_stages(site);
		site_free(site);
	}
}

TEST_CASE(test_what_does_not_belong_into_a_partial_release_is_cleared)
{
	struct site *site = *state;

	site->stop_at_frame = 3;
	assert_int_equal(site_stage(site), -1);
	folder_put(&site->folder, "outside/note", "outside", 7);
	folder_put(&site->folder, site_partial(site, "stray/file"), "x", 1);
	folder_put(&site->folder, "versions/.1.5.0-deadbeef.partial/file", "x", 1);
	site_run(site, "rm -rf '%1$s' && ln -s ../../outside '%1$s'", site_partial(site, "share"));
	site->stop_at_frame = 0;
	site_stages(site);
	site_assert_file(site, "outside/note", "outside", 7);
	assert_false(fs_exists(&site->fs, site->folder.fd, "versions/.1.5.0-deadbeef.partial"));
}

TEST_CASE_WITH(test_a_disk_that_fails_at_any_change_leaves_nothing_half_installed, NULL, NULL)
{
	static const int faults[] = {ENOSPC, EIO};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		for (uint64_t n = 1, fired = 1; fired; n++) {
			struct site *site = site_new();
			int result;

			site_stage_old(site);
			site->fs.changes = 0;
			site->fail_at = n;
			site->fail_with = faults[i];
			result = site_stage(site);
			fired = site->fs.changes >= n;
			if (result < 0 && faults[i] == ENOSPC)
				assert_int_equal(site->err.code, ERROR_NO_SPACE);
			site->fail_at = 0;
			site_stages(site);
			site_free(site);
		}
	}
}

/* The process ends at its nth change on disk; the next one completes the work. */
TEST_CASE_WITH(test_an_agent_killed_at_any_change_goes_on, NULL, NULL)
{
	for (uint64_t n = 1, fired = 1; fired; n++) {
		struct site *site = site_new();
		int status;
		pid_t pid;

		site_stage_old(site);
		site->fs.changes = 0;
		if ((pid = fork()) == 0) {
			site->fail_at = n;
			_exit(site_stage(site) < 0 ? 1 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		fired = WEXITSTATUS(status) == 77;
		assert_true(fired || WEXITSTATUS(status) == 0);
		if (site_is_staged(site)) /* who sees the name sees all of it */
			assert_ok(site_verify(site), &site->err);
		site_stages(site);
		site_free(site);
	}
}

TESTS(site_setup, site_teardown)
