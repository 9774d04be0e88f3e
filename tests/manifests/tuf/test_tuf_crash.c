/* A cut at any change on disk, an error at any change on disk, and two processes at once: the client can always
 * update later, and nothing untrusted is ever there. */
#include "tests/support/tuf_cut.h"
#include "tests/support/tuf_site_test.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every file of trusted metadata is one that the repository signed, whole. */
static void assert_only_whole_documents(struct tuf_site *site)
{
	DIR *dir = opendir(site->metadata.path);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		AUTO(json) json_t *document = NULL;
		AUTO(free) char *bytes = NULL;
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0)
			continue;
		bytes = folder_get(&site->metadata, entry->d_name, &len);
		assert_non_null(bytes);
		document = json_parse(bytes, len, &site->err);
		if (!document)
			fail_msg("%s: %s", entry->d_name, site->err.text);
	}
	(void)closedir(dir);
}

/* The client has seen high versions; then the keys change, all versions begin again, a role is delegated to. */
static void make_a_hard_update(struct tuf_site *site)
{
	tuf_repository_set_version(&site->repository, "snapshot", 900);
	tuf_repository_set_version(&site->repository, "timestamp", 800);
	tuf_repository_set_version(&site->repository, "targets", 700);
	tuf_repository_publish(&site->repository, "targets");
	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);

	tuf_repository_bump(&site->repository, "root");
	tuf_repository_rotate(&site->repository, "root", "snapshot");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_set_version(&site->repository, "snapshot", 1);
	tuf_repository_set_version(&site->repository, "timestamp", 1);
	tuf_repository_set_version(&site->repository, "targets", 1);
	tuf_repository_delegate(&site->repository, "targets", "vendor", "v/*", true);
	tuf_repository_add_target(&site->repository, "vendor", "v/file", "text");
	tuf_repository_publish(&site->repository, "vendor");
	tuf_repository_publish(&site->repository, "targets");
	tuf_repository_snapshot(&site->repository);
}

static void assert_finishes(struct tuf_site *site)
{
	AUTO(free) char *stored = NULL;

	assert_ok(tuf_site_download_one(site, "v/file"), &site->err);
	assert_versions(site, 4, 2, 2, 1);
	stored = tuf_site_target(site, "v%2Ffile");
	assert_string_equal(stored, "text");
}

TEST_CASE_WITH(test_a_process_killed_at_any_change_leaves_a_client_that_updates, NULL, NULL)
{
	bool fired = true;
	int cuts = 0;

	for (uint64_t n = 1; fired; n++) {
		struct tuf_site site;

		tuf_site_init(&site);
		make_a_hard_update(&site);
		fired = tuf_cut_download(&site, n, "v/file");
		cuts += fired;
		assert_only_whole_documents(&site);
		assert_finishes(&site);
		tuf_site_clear(&site);
	}
	assert_true(cuts > 40); /* the seam was there */
}

TEST_CASE(test_a_process_killed_again_and_again_gets_there_in_the_end)
{
	struct tuf_site *site = *state;
	int runs = 0;

	make_a_hard_update(site);
	/* Each run gets a little further than the one before. */
	while (tuf_cut_download(site, (uint64_t)(5 + runs), "v/file")) {
		assert_only_whole_documents(site);
		assert_true(++runs < 50);
	}
	assert_true(runs > 0);
	assert_finishes(site);
}

TEST_CASE_WITH(test_an_error_at_any_change_leaves_a_client_that_updates, NULL, NULL)
{
	static const int errors[] = {ENOSPC, EIO, EROFS};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (uint64_t n = 1;; n++) {
			struct tuf_cut cut = {.at = n, .sys = errors[i]};
			struct tuf_site site;
			bool fired;
			int ret;

			tuf_site_init(&site);
			make_a_hard_update(&site);
			site.fs.changes = 0;
			site.fs.before_change = tuf_cut_here;
			site.fs.context = &cut;
			ret = tuf_site_download_one(&site, "v/file");
			fired = site.fs.changes >= n;
			site.fs.before_change = NULL;
			assert_true(fired ? ret < 0 : ret == 0);
			assert_only_whole_documents(&site);
			assert_finishes(&site);
			tuf_site_clear(&site);
			if (!fired)
				break;
		}
}

TEST_CASE(test_a_cut_of_init_leaves_the_former_root_or_the_new)
{
	struct tuf_site *site = *state;
	AUTO(free) char *root = NULL;
	size_t len;

	assert_refreshes(site);
	tuf_repository_rotate(&site->repository, "root", "timestamp");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_timestamp(&site->repository);
	root = tuf_repository_bytes(&site->repository, "metadata/2.root.json", &len);
	for (uint64_t n = 1;; n++) {
		struct tuf_cut cut = {.at = n, .sys = EIO};
		int ret;

		site->fs.changes = 0;
		site->fs.before_change = tuf_cut_here;
		site->fs.context = &cut;
		ret = tuf_client_init(&site->fs, site->metadata.fd, root, len, &site->err);
		site->fs.before_change = NULL;
		assert_refreshes(site);
		if (ret == 0)
			break;
	}
	assert_int_equal(tuf_site_version(site, "root"), 2);
}

TEST_CASE(test_a_second_process_is_told_that_the_folder_is_busy)
{
	struct tuf_site *site = *state;
	struct tuf_client_options options = tuf_site_options(site);
	AUTO(tuf_client) struct tuf_client *client = NULL;

	assert_ok(tuf_client_open(&site->env, &options, &client, &site->err), &site->err);
	assert_int_equal(tuf_site_refresh(site), -1);
	assert_error(&site->err, ERROR_BUSY, "metadata folder");
	assert_requests(site, "");
}

TEST_CASE(test_a_second_process_may_wait_for_the_first)
{
	struct tuf_site *site = *state;
	struct tuf_client_options options = tuf_site_options(site);
	pid_t children[4];
	int status;

	options.wait_for_lock = true;
	tuf_repository_snapshot(&site->repository);
	(void)fflush(NULL);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			struct tuf_client *client = NULL;

			_exit(tuf_client_open(&site->env, &options, &client, NULL) < 0 ||
				tuf_client_refresh(client, NULL) < 0);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_versions(site, 1, 2, 2, 1);
}

TESTS(tuf_site_setup, tuf_site_teardown)
