/* What is not as the release says is not staged. */
#include <fcntl.h>

#include "tests/updater/stage/stage_site.h"

static bool holds_content(const struct release *release, const struct release_frame *frame)
{
	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].tar_offset < frame->tar_offset + frame->tar_length &&
			release->files[i].tar_offset + release->files[i].size > frame->tar_offset)
			return true;
	return false;
}

TEST_CASE(test_refuses_a_wrong_byte_in_every_frame)
{
	const struct site *any = *state;

	for (size_t k = 0; k < any->new.release->frames_count; k++) {
		struct site *site = site_new();

		site->server.corrupt_at =
			1 + site->new.release->frames[k].offset + site->new.release->frames[k].length / 2;
		if (holds_content(site->new.release, &site->new.release->frames[k])) {
			site_refuses(site, ERROR_ALTERED, "frame");
			site->server.corrupt_at = 0;
		} /* or else it is not fetched at all */
		site_stages(site);
		site_free(site);
	}
}

TEST_CASE(test_refuses_a_file_that_is_not_what_the_release_says)
{
	struct site *site = *state;

	for (size_t i = 0; i < site->new.release->files_count; i++)
		if (strcmp(site->new.release->files[i].path, "share/note") == 0)
			site->new.release->files[i].sha256.bytes[0] ^= 1;
	site_refuses(site, ERROR_REFUSED, "share/note");
	assert_false(fs_exists(&site->fs, site->folder.fd, site_partial(site, "")));
}

TEST_CASE_WITH(test_refuses_a_frame_that_unpacks_to_another_length, NULL, NULL)
{
	static const int64_t wrong_by[] = {-1, 1, -1000, 1000};

	for (size_t i = 0; i < ARRAY_SIZE(wrong_by); i++) {
		struct site *site = site_new();

		site->new.release->frames[1].tar_length += (uint64_t)wrong_by[i];
		site_refuses(site, ERROR_REFUSED, "frame 1");
		site_free(site);
	}
}

TEST_CASE(test_a_body_that_ends_too_early_is_not_the_releases_fault)
{
	struct site *site = *state;

	site->server.end_after = site->new.bytes.len / 2;
	site_refuses(site, ERROR_ALTERED, "too early");
	site->server.end_after = 0;
	site_stages(site);
}

TEST_CASE(test_refuses_a_body_that_is_longer_than_asked)
{
	struct site *site = *state;

	site->server.is_longer = true;
	site_refuses(site, ERROR_ALTERED, "more");
}

TEST_CASE(test_too_little_space_is_said_before_the_first_byte)
{
	struct site *site = *state;

	site->request.reserve_bytes = UINT64_C(1) << 60;
	site_refuses(site, ERROR_NO_SPACE, "MiB more are needed");
	assert_int_equal(site->server.requests, 0);
}

TEST_CASE_WITH(test_paths_that_leave_the_folder_never_get_here, NULL, NULL)
{
	static const char *const paths[] = {"../evil", "/etc/evil", "bin/../../evil", "bin/./evil"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct site *site = site_new();
		AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);
		AUTO(release) struct release *release = NULL;
		const char *kept = site->new.release->files[1].path;

		site->new.release->files[1].path = paths[i];
		if (release_write(site->new.release, &json, &site->err) == 0)
			assert_int_equal(release_parse(json.data, json.len, &release, &site->err), -1);
		assert_error(&site->err, ERROR_INPUT, paths[i]);
		(void)!site_stage(site); /* and had one come here, it would have got nowhere */
		assert_false(fs_exists(&site->fs, AT_FDCWD, "/etc/evil"));
		assert_false(fs_exists(&site->fs, site->folder.fd, "versions/evil"));
		site->new.release->files[1].path = kept;
		site_free(site);
	}
}

TESTS(site_setup, site_teardown)
