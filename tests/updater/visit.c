#include "tests/updater/visit.h"

#include <stdlib.h>
#include <sys/eventfd.h>

int visit_setup(void **state)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	assert_non_null(visit);
	faults_init(&visit->faults);
	visit->options.http = faults_options();
	visit->body = (struct buf)BUF_INIT(FAULTS_FILE_SIZE);
	*state = visit;
	return 0;
}

int visit_teardown(void **state)
{
	struct visit *visit = *state;

	visit_close(visit);
	faults_clear(&visit->faults);
	buf_clear(&visit->body);
	free(visit);
	return 0;
}

void visit_close(struct visit *visit)
{
	if (visit->fetch)
		fetch_free(take_ptr(&visit->fetch));
	else
		http_close(visit->transport);
	visit->transport = NULL;
}

void visit_open_http(struct visit *visit)
{
	visit_close(visit);
	assert_ok(http_open(&visit->options.http, &visit->transport, &visit->err), &visit->err);
}

void visit_open_worker(struct visit *visit)
{
	visit_close(visit);
	assert_ok(fetch_open(&visit->options, &visit->fetch, &visit->err), &visit->err);
	visit->transport = fetch_transport(visit->fetch);
}

int visit_get(struct visit *visit)
{
	return visit_get_url(visit, visit->faults.url);
}

int visit_get_url(struct visit *visit, const char *url)
{
	return visit_get_part(visit, url, 0, 0);
}

int visit_get_part(struct visit *visit, const char *url, uint64_t offset, uint64_t length)
{
	visit->err = (struct error){0};
	return faults_get(visit->transport, url, offset, length, &visit->body, &visit->reply, &visit->err);
}

int visit_get_into(struct visit *visit, const struct transport_request *request, transport_sink *sink, void *context)
{
	visit->err = (struct error){0};
	return visit->transport->ask(visit->transport, request, sink, context, &visit->reply, &visit->err);
}

void visit_check_stop(struct visit *visit, void (*open_client)(struct visit *visit))
{
	AUTO(fd) int stop_fd = eventfd(1, EFD_CLOEXEC);

	visit->options.http.stop_fd = stop_fd;
	visit->options.http.stall_timeout_s = 1000;
	open_client(visit);
	bad_server_queue(visit->faults.server, BAD_STALL, 100);
	assert_int_equal(visit_get(visit), -1);
	assert_error(&visit->err, ERROR_STOPPED, "stop");
	visit_close(visit);
}

static int refuse(void *context, const void *data, size_t len, struct error *err)
{
	(void)context, (void)data, (void)len;
	return error_set(err, ERROR_NO_SPACE, "the sink is full");
}

void visit_check_sink_that_fails(struct visit *visit, void (*open_client)(struct visit *visit))
{
	struct transport_request request = {.url = visit->faults.url, .limit = UINT64_MAX};

	open_client(visit);
	assert_int_equal(visit_get_into(visit, &request, refuse, NULL), -1);
	assert_error(&visit->err, ERROR_NO_SPACE, "the sink is full");
	assert_gets_file(visit);
}
