/* haishin-tuf-client from outside: its command line, its exit status, its files, and what a real server sees. */
#include "tests/support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/bad_server.h"
#include "tests/support/program.h"
#include "tests/support/tuf_repository.h"

/* The base of all URLs holds escapes, as a folder of this very name: who decodes them finds nothing. */
#define PREFIX "a%5Bb%2Fc%5D"
#define ARGUMENTS_MAX 32

struct stage {
	struct tuf_repository repository;
	struct folder served;
	struct folder client; /* holds metadata/ and targets/ */
	struct bad_server *server;
	char metadata_url[256];
	char targets_url[256];
	char metadata_dir[FOLDER_PATH_SIZE + 16];
	char target_dir[FOLDER_PATH_SIZE + 16];
	char root[FOLDER_PATH_SIZE + 16];
	char said[8192];       /* on stderr by the last run */
	const char *fake_time; /* NULL: the machine's */
};

static void export(struct stage *stage)
{
	tuf_repository_export(&stage->repository, &stage->served, PREFIX);
}

static int setup(void **state)
{
	static const char *const roles[] = {"root", "targets", "snapshot", "timestamp"};
	struct stage *stage = calloc(1, sizeof(*stage));
	AUTO(free) char *root = NULL;
	size_t len;

	if (!stage)
		return -1;
	tuf_repository_init(&stage->repository);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		tuf_repository_set_expires(&stage->repository, roles[i], "2199-01-01T00:00:00Z");
		tuf_repository_publish(&stage->repository, roles[i]);
	}
	folder_init(&stage->served);
	folder_init(&stage->client);
	folder_put(&stage->client, "metadata/.keep", "", 0);
	folder_put(&stage->client, "targets/.keep", "", 0);
	root = tuf_repository_bytes(&stage->repository, "metadata/1.root.json", &len);
	folder_put(&stage->client, "trusted.json", root, len);
	export(stage);
	stage->server = bad_server_start(&(struct bad_server_options){.folder = stage->served.path});
	(void)snprintf(stage->metadata_url, sizeof(stage->metadata_url), "%s/%s/metadata",
		bad_server_url(stage->server), PREFIX);
	(void)snprintf(stage->targets_url, sizeof(stage->targets_url), "%s/%s/targets/",
		bad_server_url(stage->server), PREFIX);
	(void)snprintf(stage->metadata_dir, sizeof(stage->metadata_dir), "%s/metadata", stage->client.path);
	(void)snprintf(stage->target_dir, sizeof(stage->target_dir), "%s/targets", stage->client.path);
	(void)snprintf(stage->root, sizeof(stage->root), "%s/trusted.json", stage->client.path);
	*state = stage;
	return 0;
}

static int teardown(void **state)
{
	struct stage *stage = *state;

	bad_server_stop(stage->server);
	tuf_repository_clear(&stage->repository);
	folder_clear(&stage->served);
	folder_clear(&stage->client);
	free(stage);
	return 0;
}

/* Runs the program to its end; returns its exit status. */
static int run(struct stage *stage, const char *const *arguments)
{
	/* libfaketime is loaded before the sanitizers' library. */
	const char *argv[ARGUMENTS_MAX + 8] = {"env", "ASAN_OPTIONS=verify_asan_link_order=0"};
	struct program program;
	char faked[64];
	size_t count = 2;

	if (stage->fake_time) {
		(void)snprintf(faked, sizeof(faked), "FAKETIME=%s", stage->fake_time);
		argv[count++] = "LD_PRELOAD=" FAKETIME_LIBRARY;
		argv[count++] = "FAKETIME_DONT_FAKE_MONOTONIC=1";
		argv[count++] = faked;
	}
	argv[count++] = TUF_CLIENT;
	while (*arguments)
		argv[count++] = *arguments++;
	program_start(&program, argv, -1);
	return program_wait(&program, stage->said, sizeof(stage->said));
}

#define RUN(stage, ...) run(stage, (const char *const[]){__VA_ARGS__, NULL})

static int init(struct stage *stage)
{
	return RUN(stage, "--metadata-dir", stage->metadata_dir, "init", stage->root);
}

static int refresh(struct stage *stage)
{
	return RUN(stage, "--metadata-url", stage->metadata_url, "--metadata-dir", stage->metadata_dir, "refresh");
}

static int download(struct stage *stage, const char *name)
{
	return RUN(stage, "--metadata-url", stage->metadata_url, "--metadata-dir", stage->metadata_dir,
		"--target-name", name, "--target-dir", stage->target_dir, "--target-base-url", stage->targets_url,
		"download");
}

static void assert_exits(struct stage *stage, int status, int expected)
{
	if (status != expected)
		fail_msg("exit status %d: %s", status, stage->said);
}

static void assert_same_bytes(struct stage *stage, const char *file, const char *served)
{
	AUTO(free) char *here = NULL;
	AUTO(free) char *there = NULL;
	size_t here_len, there_len;

	here = folder_get(&stage->client, file, &here_len);
	there = tuf_repository_bytes(&stage->repository, served, &there_len);
	assert_non_null(here);
	assert_non_null(there);
	assert_int_equal(here_len, there_len);
	assert_memory_equal(here, there, here_len);
}

/* The client begun with its root, which most want. */
static int setup_begun(void **state)
{
	if (setup(state) < 0)
		return -1;
	assert_exits(*state, init(*state), 0);
	return 0;
}

TEST_CASE(test_init_puts_the_root_in_place_without_a_network)
{
	struct stage *stage = *state;

	assert_same_bytes(stage, "metadata/root.json", "metadata/1.root.json");
	assert_int_equal(bad_server_requests(stage->server), 0);
}

TEST_CASE(test_refresh_asks_for_each_file_once_and_keeps_exact_bytes)
{
	struct stage *stage = *state;

	assert_exits(stage, refresh(stage), 0);
	assert_int_equal(bad_server_requests(stage->server), 4);
	assert_same_bytes(stage, "metadata/timestamp.json", "metadata/timestamp.json");
	assert_same_bytes(stage, "metadata/snapshot.json", "metadata/1.snapshot.json");
	assert_same_bytes(stage, "metadata/targets.json", "metadata/1.targets.json");
	assert_exits(stage, refresh(stage), 0);
	assert_int_equal(bad_server_requests(stage->server), 6);
}

/* Requests of a refresh without news stay below two requests and 2 KiB of bodies. */
TEST_CASE(test_a_refresh_without_news_moves_less_than_2_kib)
{
	struct stage *stage = *state;
	uint64_t before;

	assert_exits(stage, refresh(stage), 0);
	before = bad_server_bytes(stage->server);
	assert_exits(stage, refresh(stage), 0);
	assert_true(bad_server_bytes(stage->server) - before < 2048);
}

static void add_targets(struct stage *stage)
{
	tuf_repository_add_target(&stage->repository, "targets", "dir/one", "first");
	tuf_repository_add_target(&stage->repository, "targets", "two", "second");
	tuf_repository_bump_targets(&stage->repository);
	export(stage);
}

static void assert_target(struct stage *stage, const char *file, const char *text)
{
	AUTO(free) char *stored = folder_get(&stage->client, file, NULL);

	assert_non_null(stored);
	assert_string_equal(stored, text);
}

TEST_CASE(test_download_refreshes_searches_and_stores)
{
	struct stage *stage = *state;

	add_targets(stage);
	assert_exits(stage, download(stage, "dir/one"), 0);
	assert_target(stage, "targets/dir%2Fone", "first");
	assert_int_equal(bad_server_requests(stage->server), 5);
	assert_exits(stage, download(stage, "dir/one"), 0);
	assert_int_equal(bad_server_requests(stage->server), 7);
}

TEST_CASE(test_several_targets_share_one_refresh_and_stop_at_the_first_failure)
{
	struct stage *stage = *state;

	add_targets(stage);
	assert_exits(stage,
		RUN(stage, "download", "--target-name", "two", "--target-name", "missing", "--target-name=dir/one",
			"--metadata-url", stage->metadata_url, "--target-dir", stage->target_dir, "--metadata-dir",
			stage->metadata_dir, "--target-base-url", stage->targets_url),
		1);
	assert_target(stage, "targets/two", "second");
	assert_null(folder_get(&stage->client, "targets/dir%2Fone", NULL));
	assert_non_null(strstr(stage->said, "missing"));
	assert_int_equal(bad_server_requests(stage->server), 5);
}

TEST_CASE(test_escapes_in_base_urls_pass_byte_for_byte)
{
	struct stage *stage = *state;
	char request[512];

	tuf_repository_delegate(&stage->repository, "targets", "reader-app/acme", "*", false);
	tuf_repository_set_expires(&stage->repository, "reader-app/acme", "2199-01-01T00:00:00Z");
	tuf_repository_publish(&stage->repository, "reader-app/acme");
	add_targets(stage);
	assert_exits(stage, download(stage, "elsewhere"), 1);
	bad_server_last_request(stage->server, request, sizeof(request));
	assert_non_null(strstr(request, "GET /" PREFIX "/metadata/1.reader-app%2Facme.json HTTP/"));
	assert_same_bytes(stage, "metadata/reader-app%2Facme.json", "metadata/1.reader-app%2Facme.json");
}

TEST_CASE(test_dot_segments_of_a_base_url_stay)
{
	struct stage *stage = *state;
	char request[512];

	(void)snprintf(stage->metadata_url, sizeof(stage->metadata_url), "%s/x/../%s/./metadata/",
		bad_server_url(stage->server), PREFIX);
	(void)refresh(stage);
	bad_server_last_request(stage->server, request, sizeof(request));
	assert_non_null(strstr(request, "GET /x/../" PREFIX "/./metadata/"));
}

TEST_CASE(test_an_http_1_0_server_that_closes_is_good_enough)
{
	struct stage *stage = *state;

	bad_server_queue(stage->server, BAD_NOTHING, 0);
	bad_server_queue(stage->server, BAD_HTTP10, 0);
	bad_server_queue(stage->server, BAD_HTTP10, 0);
	bad_server_queue(stage->server, BAD_HTTP10, 0);
	assert_exits(stage, refresh(stage), 0);
	assert_same_bytes(stage, "metadata/targets.json", "metadata/1.targets.json");
}

TEST_CASE(test_a_server_that_closes_without_an_answer_is_an_error)
{
	struct stage *stage = *state;

	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < i; j++)
			bad_server_queue(stage->server, BAD_NOTHING, 0);
		bad_server_queue(stage->server, BAD_CLOSE, 0);
		assert_exits(stage, refresh(stage), 1);
		/* Metadata accepted so far is kept; begin anew. */
		folder_put(&stage->client, "metadata/timestamp.json", "", 0);
		folder_put(&stage->client, "metadata/snapshot.json", "", 0);
	}
	assert_exits(stage, refresh(stage), 0);
}

TEST_CASE(test_only_403_and_404_end_the_root_chain)
{
	static const struct {
		int status;
		int exit_status;
	} rows[] = {{403, 0}, {404, 0}, {400, 1}, {401, 1}, {410, 1}, {429, 1}, {500, 1}, {503, 1}};
	struct stage *stage = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bad_server_queue(stage->server, BAD_STATUS, (uint64_t)rows[i].status);
		assert_exits(stage, refresh(stage), rows[i].exit_status);
	}
}

TEST_CASE(test_a_body_cut_short_is_an_error)
{
	static const enum bad_fault faults[] = {BAD_CUT, BAD_RESET, BAD_CHUNKED_CUT, BAD_GARBAGE};
	struct stage *stage = *state;

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		bad_server_queue(stage->server, BAD_NOTHING, 0);
		bad_server_queue(stage->server, faults[i], 20);
		assert_exits(stage, refresh(stage), 1);
		assert_null(folder_get(&stage->client, "metadata/timestamp.json", NULL));
	}
}

TEST_CASE(test_an_endless_body_is_refused)
{
	struct stage *stage = *state;

	bad_server_queue(stage->server, BAD_NOTHING, 0);
	bad_server_queue(stage->server, BAD_ENDLESS, 0);
	assert_exits(stage, refresh(stage), 1);
	assert_non_null(strstr(stage->said, "endless data attack"));
}

/* Nothing tells their length, so that they would be read for ever. */
TEST_CASE(test_headers_trailers_and_chunks_without_end_are_refused)
{
	static const enum bad_fault faults[] = {BAD_HEADERS, BAD_EARLY, BAD_TRAILERS, BAD_EXTENSION};
	struct stage *stage = *state;

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		bad_server_queue(stage->server, BAD_NOTHING, 0);
		bad_server_queue(stage->server, faults[i], 0);
		assert_exits(stage, refresh(stage), 1);
		assert_null(folder_get(&stage->client, "metadata/timestamp.json", NULL));
	}
	assert_exits(stage, refresh(stage), 0);
}

/* Somebody kept what was served with version 2, and serves it again when a root lists one more key. */
TEST_CASE(test_a_root_that_adds_a_key_brings_nothing_back)
{
	struct stage *stage = *state;
	AUTO(json) json_t *kept = NULL;

	add_targets(stage);
	kept = json_deep_copy(stage->repository.files);
	tuf_repository_add_target(&stage->repository, "targets", "two", "another second");
	tuf_repository_bump_targets(&stage->repository);
	export(stage);
	assert_exits(stage, download(stage, "two"), 0);
	(void)tuf_repository_add_key(&stage->repository, "root", "timestamp");
	(void)tuf_repository_add_key(&stage->repository, "root", "snapshot");
	tuf_repository_bump(&stage->repository, "root");
	json_object_update(stage->repository.files, kept);
	export(stage);
	for (int again = 0; again < 2; again++) {
		assert_exits(stage, download(stage, "two"), 1);
		assert_non_null(strstr(stage->said, "rollback attack"));
		assert_target(stage, "targets/two", "another second");
	}
}

TEST_CASE_WITH(test_bad_usage_ends_with_1_and_says_how_it_goes, setup, teardown)
{
	struct stage *stage = *state;
	const struct {
		const char *says;
		const char *words[8];
	} rows[] = {
		{"the command is init, refresh or download", {NULL}},
		{"the command is init, refresh or download", {"frobnicate", NULL}},
		{"--metadata-dir is missing", {"refresh", NULL}},
		{"the trusted root is missing", {"init", NULL}},
		{"--metadata-dir needs a value", {"--metadata-dir", NULL}},
		{"the trusted root is missing", {"--metadata-dir", stage->metadata_dir, "init", NULL}},
		{"'more' is one argument too many",
			{"--metadata-dir", stage->metadata_dir, "init", stage->root, "more", NULL}},
		{"there is no option '--frobnicate'",
			{"--metadata-dir", stage->metadata_dir, "--frobnicate", "init", stage->root, NULL}},
		{"--metadata-url is missing", {"--metadata-dir", stage->metadata_dir, "refresh", NULL}},
		{"--target-name is missing",
			{"--metadata-dir", stage->metadata_dir, "--metadata-url", "http://h/", "download", NULL}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_exits(stage, run(stage, rows[i].words), 1);
		if (!strstr(stage->said, rows[i].says))
			fail_msg("'%s' does not say '%s'", stage->said, rows[i].says);
	}
}

TEST_CASE_WITH(test_missing_folders_and_roots_end_with_1, setup, teardown)
{
	struct stage *stage = *state;

	assert_exits(stage, refresh(stage), 1);
	assert_non_null(strstr(stage->said, "root"));
	assert_exits(stage, RUN(stage, "--metadata-dir", "/nonexistent", "init", stage->root), 1);
	assert_exits(stage, RUN(stage, "--metadata-dir", stage->metadata_dir, "init", "/nonexistent"), 1);
	assert_int_equal(bad_server_requests(stage->server), 0);
}

TEST_CASE_WITH(test_an_unusable_root_makes_refresh_fail_before_any_request, setup, teardown)
{
	struct stage *stage = *state;
	AUTO(json) json_t *document = tuf_repository_document(&stage->repository, "root");
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);
	struct error err;

	json_object_del(json_object_get(document, "signed"), "version");
	assert_ok(json_write(document, &text, &err), &err);
	folder_put(&stage->client, "trusted.json", text.data, text.len);
	(void)init(stage);
	assert_exits(stage, refresh(stage), 1);
	assert_int_equal(bad_server_requests(stage->server), 0);
}

TEST_CASE(test_a_refusal_names_role_version_and_check)
{
	struct stage *stage = *state;

	tuf_repository_set_expires(&stage->repository, "snapshot", "2020-01-01T00:00:00Z");
	tuf_repository_snapshot(&stage->repository);
	export(stage);
	assert_exits(stage, refresh(stage), 1);
	assert_non_null(strstr(stage->said, "freeze attack: snapshot 2 expired at 2020-01-01T00:00:00Z"));
}

TEST_CASE(test_a_shifted_clock_decides_about_expiry)
{
	struct stage *stage = *state;

	assert_exits(stage, refresh(stage), 0);
	stage->fake_time = "@2199-01-02 00:00:00";
	assert_exits(stage, refresh(stage), 1);
	assert_non_null(strstr(stage->said, "freeze attack: root 1"));
	stage->fake_time = "@2040-01-02 00:00:00";
	assert_exits(stage, refresh(stage), 0);
	stage->fake_time = "@1971-01-02 00:00:00";
	assert_exits(stage, refresh(stage), 0);
}

TEST_CASE(test_several_at_once_all_succeed)
{
	struct stage *stage = *state;
	pid_t children[3];
	int status;

	add_targets(stage);
	(void)fflush(NULL);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		if ((children[i] = fork()) == 0)
			_exit(download(stage, i % 2 ? "dir/one" : "two"));
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_target(stage, "targets/dir%2Fone", "first");
	assert_target(stage, "targets/two", "second");
	/* 5 for the first; then root and timestamp, and each target once. */
	assert_int_equal(bad_server_requests(stage->server), 5 + 2 + 2 + 1);
}

TEST_CASE(test_the_folder_holds_no_other_json)
{
	struct stage *stage = *state;
	struct dirent *entry;
	int documents = 0;
	DIR *dir;

	assert_exits(stage, refresh(stage), 0);
	assert_non_null(dir = opendir(stage->metadata_dir));
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		documents += len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
	}
	(void)closedir(dir);
	assert_int_equal(documents, 4);
}

TESTS(setup_begun, teardown)
