/* What the collector asks of witnesses, answered by a server that means harm: every answer ends at its bound. */
#include <string.h>
#include <sys/resource.h>

#include "collector/ledger/requests.h"
#include "tests/support/bad_server.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define LIMIT_MS 120000 /* so that nothing here ends by it */
#define MOST_KIB 300000 /* of memory, sanitizers included */

static enum request_verdict take(void *context, struct request *request)
{
	(void)context;
	(void)request;
	return REQUEST_DONE;
}

TEST_CASE(test_an_answer_without_end_costs_neither_memory_nor_time)
{
	static const struct {
		enum bad_fault fault;
		const char *trouble;
	} rows[] = {
		{BAD_HEADERS, "more headers or trailers"},
		{BAD_EARLY, "more headers or trailers"},
		{BAD_TRAILERS, "more headers or trailers"},
		{BAD_ENDLESS, "Failed writing received data"},
		{BAD_NOTHING, ""},
	};
	const struct request_care care = {.limit_ms = LIMIT_MS, .done = take};
	AUTO(requests) struct requests *requests = NULL;
	struct error err = {0};
	struct bad_server *server;
	struct folder folder;
	struct rusage used;
	struct clock clock;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	folder_init(&folder);
	folder_put(&folder, "checkpoint", "text\n", 5);
	server = bad_server_start(&(struct bad_server_options){.folder = folder.path});
	assert_ok(requests_open(&clock, &requests, &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct request request = {.answer = BUF_INIT(65536), .body = BUF_INIT(65536)};

		(void)snprintf(request.url, sizeof(request.url), "%s/checkpoint", bad_server_url(server));
		bad_server_queue(server, rows[i].fault, 0);
		assert_ok(requests_send(requests, &request, 1, &care, &err), &err);
		if (!strstr(request.trouble, rows[i].trouble) || (!*rows[i].trouble && request.status != 200))
			fail_msg("row %zu: %ld '%s'", i, request.status, request.trouble);
		buf_clear(&request.answer);
		buf_clear(&request.body);
	}
	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
	assert_in_range(used.ru_maxrss, 1, MOST_KIB);
	bad_server_stop(server);
	folder_clear(&folder);
}

TESTS(NULL, NULL)
