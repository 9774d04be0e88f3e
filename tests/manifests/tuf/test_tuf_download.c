/* TUF 5.7: target files. */
#include "tests/support/tuf_site_test.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

static void publish_target(struct tuf_site *site, const char *path, const char *text)
{
	tuf_repository_add_target(&site->repository, "targets", path, text);
	tuf_repository_bump_targets(&site->repository);
}

static int files_in(const struct folder *folder)
{
	DIR *dir = opendir(folder->path);
	int count = -2; /* "." and ".." */

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

static void assert_stored(struct tuf_site *site, const char *file, const char *text)
{
	AUTO(free) char *stored = tuf_site_target(site, file);

	assert_non_null(stored);
	assert_string_equal(stored, text);
}

/* The served bytes of a target, whatever metadata says. */
static void serve_instead(struct tuf_site *site, const char *path, const char *text)
{
	AUTO(buf) struct buf name = BUF_INIT(4096);
	struct error err;
	const char *key;
	json_t *bytes;
	void *next;

	json_object_foreach_safe(
		site->repository.files, next, key, bytes) if (strncmp(key, "targets/", 8) == 0 && strstr(key, path))
	{
		buf_empty(&name);
		assert_ok(buf_printf(&name, &err, "%s", key), &err);
		tuf_repository_put(&site->repository, name.data, text, strlen(text));
	}
}

TEST_CASE(test_stores_a_target_under_its_one_name)
{
	struct tuf_site *site = *state;

	publish_target(site, "dir/file", "text");
	assert_ok(tuf_site_download_one(site, "dir/file"), &site->err);
	assert_stored(site, "dir%2Ffile", "text");
	assert_int_equal(files_in(&site->targets), 1);
}

TEST_CASE(test_fails_where_no_metadata_lists_the_target)
{
	struct tuf_site *site = *state;

	assert_int_equal(tuf_site_download_one(site, "nothing"), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, "no trusted role lists target 'nothing'");
	assert_int_equal(files_in(&site->targets), 0);
}

TEST_CASE(test_stops_at_the_first_target_that_fails_and_keeps_those_before)
{
	struct tuf_site *site = *state;

	publish_target(site, "first", "1");
	publish_target(site, "third", "3");
	assert_int_equal(tuf_site_download(site, (const char *const[]){"first", "second", "third", NULL}), -1);
	assert_stored(site, "first", "1");
	assert_int_equal(files_in(&site->targets), 1);
}

TEST_CASE(test_a_target_that_already_matches_is_left_alone)
{
	struct tuf_site *site = *state;
	struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct stat st;

	publish_target(site, "file", "text");
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	assert_int_equal(utimensat(site->targets.fd, "file", past, 0), 0);
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	assert_requests(site, "metadata/2.root.json metadata/timestamp.json ");
	assert_int_equal(fstatat(site->targets.fd, "file", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1000);
}

TEST_CASE(test_a_target_that_changed_on_disk_is_fetched_again)
{
	struct tuf_site *site = *state;

	publish_target(site, "file", "text");
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	folder_put(&site->targets, "file", "tesT", 4);
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	assert_stored(site, "file", "text");
}

static void assert_refused_and_former_kept(struct tuf_site *site, const char *served, const char *why)
{
	publish_target(site, "file", "former");
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	publish_target(site, "file", "newest");
	serve_instead(site, "file", served);
	assert_int_equal(tuf_site_download_one(site, "file"), -1);
	assert_error(&site->err, ERROR_REFUSED, why);
	assert_stored(site, "file", "former");
	assert_int_equal(files_in(&site->targets), 1);
}

TEST_CASE(test_refuses_other_bytes_of_the_same_length)
{
	assert_refused_and_former_kept(*state, "attack", "arbitrary software attack: target 'file': the SHA-256");
}

TEST_CASE(test_refuses_a_target_shorter_than_listed)
{
	assert_refused_and_former_kept(
		*state, "new", "arbitrary software attack: target 'file': 3 bytes where 6 are listed");
}

TEST_CASE(test_reads_no_more_than_the_listed_length)
{
	assert_refused_and_former_kept(*state, "newest and endless", "endless data attack: target 'file'");
}

static json_t *target_entry(struct tuf_site *site, const char *path)
{
	return json_object_get(tuf_repository_member(&site->repository, "targets", "targets"), path);
}

static void publish_with_hashes(struct tuf_site *site, json_t *take_hashes)
{
	tuf_repository_add_target(&site->repository, "targets", "file", "text");
	json_object_set_new(target_entry(site, "file"), "hashes", take_hashes);
	tuf_repository_bump_targets(&site->repository);
}

/* SHA-512 and SHA-256 of "text". */
static const char sha512_of_text[] = "eaf2c12742cb8c161bcbd84b032b9bb98999a23282542672ca01cc6edd268f7d"
				     "ce9987ad6b2bc79305634f89d90b90102bcd59a57e7135b8e3ceb93c0597117b";
static const char sha256_of_text[] = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1";

TEST_CASE(test_a_target_listed_by_sha512_alone_is_fetched_by_it)
{
	struct tuf_site *site = *state;
	char name[256];

	publish_with_hashes(site, json_pack("{s:s}", "sha512", sha512_of_text));
	(void)snprintf(name, sizeof(name), "targets/%s.file", sha512_of_text);
	tuf_repository_put(&site->repository, name, "text", 4);
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	assert_stored(site, "file", "text");
}

TEST_CASE(test_every_listed_hash_must_hold)
{
	struct tuf_site *site = *state;
	char wrong[sizeof(sha512_of_text)];

	memcpy(wrong, sha512_of_text, sizeof(wrong));
	wrong[0] = '0';
	publish_with_hashes(site, json_pack("{s:s, s:s}", "sha256", sha256_of_text, "sha512", wrong));
	assert_int_equal(tuf_site_download_one(site, "file"), -1);
	assert_error(&site->err, ERROR_REFUSED, "the SHA-512");
}

TEST_CASE(test_unknown_hashes_are_ignored_beside_a_known_one)
{
	struct tuf_site *site = *state;

	publish_with_hashes(site, json_pack("{s:s, s:s}", "sha256", sha256_of_text, "blake2b", "zz"));
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
}

TEST_CASE(test_refuses_a_target_of_which_only_unknown_hashes_are_listed)
{
	struct tuf_site *site = *state;

	publish_with_hashes(site, json_pack("{s:s}", "md5", "1cb251ec0d568de6a929b520c4aed8d1"));
	assert_int_equal(tuf_site_download_one(site, "file"), -1);
	assert_error(&site->err, ERROR_REFUSED, "none of the hashes");
}

TEST_CASE(test_refuses_targets_that_lack_length_or_hashes)
{
	static const char *const members[] = {"length", "hashes"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		tuf_repository_add_target(&site->repository, "targets", "file", "text");
		json_object_del(target_entry(site, "file"), members[i]);
		tuf_repository_bump_targets(&site->repository);
		assert_refresh_refused(site, members[i]);
	}
}

TEST_CASE(test_an_empty_target_is_a_target)
{
	struct tuf_site *site = *state;

	publish_target(site, "empty", "");
	assert_ok(tuf_site_download_one(site, "empty"), &site->err);
	assert_stored(site, "empty", "");
}

TEST_CASE(test_no_path_leaves_the_folder)
{
	static const char *const paths[] = {
		"../outside", "/outside", "a/../../outside", "..", "./outside", "//outside"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		publish_target(site, paths[i], paths[i]);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_ok(tuf_site_download_one(site, paths[i]), &site->err);
	assert_int_equal(files_in(&site->targets), (int)ARRAY_SIZE(paths));
}

TEST_CASE(test_what_a_cut_left_behind_does_not_matter)
{
	struct tuf_site *site = *state;

	publish_target(site, "file", "text");
	folder_put(&site->targets, ".file.tmp", "half", 4);
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	assert_stored(site, "file", "text");
	assert_int_equal(files_in(&site->targets), 1);
}

TEST_CASE(test_a_link_in_place_of_a_target_is_not_followed)
{
	struct tuf_site *site = *state;

	publish_target(site, "file", "text");
	folder_put(&site->metadata, "elsewhere", "text", 4);
	assert_int_equal(symlinkat("../elsewhere", site->targets.fd, "file"), 0);
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	assert_stored(site, "file", "text");
	assert_int_equal(readlinkat(site->targets.fd, "file", (char[8]){0}, 8), -1);
}

TEST_CASE(test_fetches_a_target_into_memory_and_checks_it)
{
	struct tuf_site *site = *state;
	struct tuf_client_options options = tuf_site_options(site);
	AUTO(tuf_client) struct tuf_client *client = NULL;
	AUTO(tuf_target) struct tuf_target target = {0};
	AUTO(buf) struct buf bytes = BUF_INIT(100);
	AUTO(buf) struct buf small = BUF_INIT(3);

	tuf_repository_add_target(&site->repository, "targets", "catalog.json", "text");
	json_object_set_new(target_entry(site, "catalog.json"), "custom",
		json_pack("{s:{s:s, s:s, s:i}}", "haishin", "package", "distro-app", "version", "1.2.3", "kind", 5));
	tuf_repository_bump_targets(&site->repository);
	assert_ok(tuf_client_open(&site->env, &options, &client, &site->err), &site->err);
	assert_ok(tuf_client_refresh(client, &site->err), &site->err);
	assert_ok(tuf_client_find(client, "catalog.json", &target, &site->err), &site->err);
	assert_string_equal(target.package, "distro-app");
	assert_string_equal(target.version, "1.2.3");
	assert_null(target.kind);
	assert_string_equal(target.role, "targets");
	assert_int_equal(tuf_client_fetch(client, TUF_TARGETS_URL, &target, &small, &site->err), -1);
	assert_ok(tuf_client_fetch(client, TUF_TARGETS_URL, &target, &bytes, &site->err), &site->err);
	assert_string_equal(bytes.data, "text");
	serve_instead(site, "catalog.json", "TEXT");
	assert_int_equal(tuf_client_fetch(client, TUF_TARGETS_URL, &target, &bytes, &site->err), -1);
	assert_error(&site->err, ERROR_REFUSED, "arbitrary software attack");
	assert_string_equal(bytes.data, "text");
}

TESTS(tuf_site_setup, tuf_site_teardown)
