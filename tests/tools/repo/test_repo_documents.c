#include "tests/support/test.h"

#include <stdio.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/folder.h"
#include "tools/repo/metadata/documents.h"

struct publisher {
	struct folder folder;
	struct fs fs;
	struct workspace workspace;
};

static int set_up(void **state)
{
	static struct publisher publisher; /* one test at a time */

	publisher = (struct publisher){0};
	folder_init(&publisher.folder);
	fs_init(&publisher.fs);
	publisher.workspace = (struct workspace){.fs = &publisher.fs, .dir_fd = publisher.folder.fd};
	*state = &publisher;
	return 0;
}

static int tear_down(void **state)
{
	struct publisher *publisher = *state;

	folder_clear(&publisher->folder);
	return 0;
}

TEST_CASE(test_lists_the_staged_roles_in_order_however_many_they_are)
{
	struct publisher *publisher = *state;
	AUTO(json) json_t *roles = NULL;
	struct error err = {0};
	char text[64];

	folder_put(&publisher->folder, "staged/targets/face-library/file", "", 0);
	folder_put(&publisher->folder, "staged/.vendor-0000.json.tmp", "", 0);
	for (int i = 1499; i >= 0; i--) {
		(void)snprintf(text, sizeof(text), "staged/vendor%%20%04d.json", i);
		assert_int_equal(symlinkat("nowhere", publisher->folder.fd, text), 0);
	}
	if (!(roles = documents_staged_roles(&publisher->workspace, &err)))
		fail_msg("%s", err.text);
	assert_int_equal(json_array_size(roles), 1500);
	for (int i = 0; i < 1500; i++) {
		(void)snprintf(text, sizeof(text), "vendor %04d", i);
		assert_string_equal(json_string_value(json_array_get(roles, (size_t)i)), text);
	}
}

TEST_CASE(test_says_why_the_staged_roles_cannot_be_listed)
{
	struct publisher *publisher = *state;
	struct error err = {0};

	assert_null(documents_staged_roles(&publisher->workspace, &err));
	assert_error(&err, ERROR_NOT_FOUND, "'staged'");
}

TESTS(set_up, tear_down)
