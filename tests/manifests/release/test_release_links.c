/* Where the paths of a release lead by way of its own links. */
#include "tests/support/test.h"

#include "manifests/release/release_links.h"

static struct release_file files[] = {
	{.path = "bin", .type = RELEASE_FOLDER, .mode = 0755},
	{.path = "bin/agent", .type = RELEASE_LINK, .mode = 0777, .link = "../lib/agent-1.0"},
	{.path = "bin/around", .type = RELEASE_LINK, .mode = 0777, .link = "around-2"},
	{.path = "bin/around-2", .type = RELEASE_LINK, .mode = 0777, .link = "around"},
	{.path = "bin/by-folder", .type = RELEASE_LINK, .mode = 0777, .link = "../newest/agent-1.0"},
	{.path = "bin/dangling", .type = RELEASE_LINK, .mode = 0777, .link = "nowhere"},
	{.path = "bin/dotted", .type = RELEASE_LINK, .mode = 0777, .link = "./.././lib/./agent-1.0"},
	{.path = "bin/folder", .type = RELEASE_LINK, .mode = 0777, .link = "../lib"},
	{.path = "bin/out", .type = RELEASE_LINK, .mode = 0777, .link = "../../passwd"},
	{.path = "bin/twice", .type = RELEASE_LINK, .mode = 0777, .link = "agent"},
	{.path = "lib", .type = RELEASE_FOLDER, .mode = 0755},
	{.path = "lib/agent-1.0", .type = RELEASE_FILE, .mode = 0755},
	{.path = "newest", .type = RELEASE_LINK, .mode = 0777, .link = "lib"},
	{.path = "top", .type = RELEASE_LINK, .mode = 0777, .link = "bin/agent"},
};

static void test_paths_lead_where_a_kernel_would_go(void **state)
{
	static const struct {
		const char *path, *leads_to; /* NULL: to nothing */
	} rows[] = {
		{"lib/agent-1.0", "lib/agent-1.0"},
		{"bin/agent", "lib/agent-1.0"},
		{"bin/twice", "lib/agent-1.0"},
		{"bin/by-folder", "lib/agent-1.0"},
		{"bin/dotted", "lib/agent-1.0"},
		{"bin/folder/agent-1.0", "lib/agent-1.0"},
		{"newest/agent-1.0", "lib/agent-1.0"},
		{"top", "lib/agent-1.0"},
		{"newest", "lib"},
		{"bin/folder", "lib"},
		{"bin/dangling", NULL},
		{"bin/around", NULL},
		{"bin/out", NULL},
		{"bin/none", NULL},
		{"lib/agent", NULL},
		{"lib/agent-1.0/deeper", NULL},
		{"", NULL},
	};
	const struct release release = {.files = files, .files_count = ARRAY_SIZE(files)};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct release_file *file = release_links_find(&release, rows[i].path);

		if (!rows[i].leads_to)
			assert_null(file);
		else if (!file || strcmp(file->path, rows[i].leads_to) != 0)
			fail_msg("%s leads to %s", rows[i].path, file ? file->path : "nothing");
	}
}

static void test_a_chain_of_links_may_be_as_long_as_a_kernel_follows(void **state)
{
	static struct release_file chain[42];
	static char names[42][24], links[42][24];
	const struct release release = {.files = chain, .files_count = ARRAY_SIZE(chain)};

	(void)state;
	for (int i = 0; i < 42; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "link-%d", i);
		(void)snprintf(links[i], sizeof(links[i]), "link-%d", i + 1);
		chain[i] = (struct release_file){.path = names[i], .link = links[i], .type = i < 41 ? RELEASE_LINK : RELEASE_FILE};
	}
	assert_ptr_equal(release_links_find(&release, "link-1"), &chain[41]);
	assert_null(release_links_find(&release, "link-0"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_lead_where_a_kernel_would_go),
		cmocka_unit_test(test_a_chain_of_links_may_be_as_long_as_a_kernel_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
