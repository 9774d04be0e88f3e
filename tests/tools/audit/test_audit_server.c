/* haishin-audit of a log whose server means harm: it ends, with bounded memory, and says that the log could not be read. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "ledger/note/vkey.h"
#include "tests/support/bad_server.h"
#include "tests/support/folder.h"
#include "tests/support/program.h"
#include "tests/support/test.h"

#define MOST_KIB (600 << 10) /* of curl, which keeps what it gets, and of the sanitizers */

static void put_policy(const struct folder *folder)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, NULL);
	AUTO(buf) struct buf text = BUF_INIT(1024);
	struct error err = {0};
	struct vkey key;

	assert_ok(vkey_of_signer(signer, "log.example/1", VKEY_NOTE, &key, &err), &err);
	assert_ok(buf_append(&text, "log ", 4, &err), &err);
	assert_ok(vkey_write(&key, &text, &err), &err);
	assert_ok(buf_append(&text, "\nquorum none\n", 13, &err), &err);
	folder_put(folder, "policy", text.data, text.len);
}

TEST_CASE(test_a_server_without_end_is_no_log)
{
	static const enum bad_fault faults[] = {
		BAD_HEADERS, BAD_EARLY, BAD_TRAILERS, BAD_ENDLESS, BAD_GARBAGE, BAD_REDIRECT_LOOP, BAD_STATUS};
	char address[300], policy[300], output[4096];
	const char *argv[] = {HAISHIN_AUDIT, "log", address, "--policy", policy, NULL};
	struct bad_server *server;
	struct program program;
	struct folder folder;
	struct rusage used;

	folder_init(&folder);
	folder_put(&folder, "checkpoint", "text\n", 5);
	put_policy(&folder);
	server = bad_server_start(&(struct bad_server_options){.folder = folder.path});
	(void)snprintf(address, sizeof(address), "%s/", bad_server_url(server));
	(void)snprintf(policy, sizeof(policy), "%s/policy", folder.path);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		int status;

		bad_server_queue(server, faults[i], 500);
		program_start(&program, argv, -1);
		status = program_wait(&program, output, sizeof(output));
		if (status == 0 || status > 128)
			fail_msg("fault %zu: ended with %d: %s", i, status, output);
	}
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
	assert_in_range(used.ru_maxrss, 1, MOST_KIB);
	bad_server_stop(server);
	folder_clear(&folder);
}

TESTS(NULL, NULL)
