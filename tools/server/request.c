#include "tools/server/request.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/web/path.h"
#include "common/web/range.h"

/* Memory that one answer holds while it is sent. */
#define BLOCK_SIZE 32768

DEFINE_AUTO_PTR(response, struct MHD_Response, MHD_destroy_response);

/* A part of a file on its way out. */
struct part {
	int fd;
	uint64_t first;
	struct request *request;
};

static ssize_t read_part(void *context, uint64_t position, char *ret_bytes, size_t most)
{
	struct part *part = context;
	ssize_t got = pread(part->fd, ret_bytes, most, (off_t)(part->first + position));

	if (got <= 0) /* the file became shorter, or the disk fails: the client must see a cut, not an end */
		return MHD_CONTENT_READER_END_WITH_ERROR;
	part->request->bytes += (uint64_t)got;
	return got;
}

static void free_part(void *context)
{
	struct part *part = context;

	(void)close(part->fd);
	free(part);
}

static struct MHD_Response *response_from_part(
	struct request *request, int *take_file_fd, uint64_t first, uint64_t length)
{
	struct part *part;
	struct MHD_Response *response;

	if (length == 0)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (!(part = malloc(sizeof(*part))))
		return NULL;
	*part = (struct part){.fd = take_fd(take_file_fd), .first = first, .request = request};
	if (!(response = MHD_create_response_from_callback(length, BLOCK_SIZE, read_part, part, free_part)))
		free_part(part);
	return response;
}

static enum MHD_Result queue(struct request *request, struct MHD_Connection *connection, unsigned int status,
	struct MHD_Response *response)
{
	request->status = status;
	return MHD_queue_response(connection, status, response);
}

enum MHD_Result request_answer_text(
	struct request *request, struct MHD_Connection *connection, unsigned int status, const char *text)
{
	AUTO(response)
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);

	if (!response ||
		!MHD_add_response_header(response, "Content-Type", *text == '{' ? "application/json" : "text/plain"))
		return MHD_NO;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED && !MHD_add_response_header(response, "Allow", "GET, HEAD"))
		return MHD_NO;
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE && !MHD_add_response_header(response, "Retry-After", "600"))
		return MHD_NO;
	request->bytes += strlen(text);
	return queue(request, connection, status, response);
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool ends_in(const char *path, const char *end)
{
	size_t len = strlen(path), end_len = strlen(end);

	return len >= end_len && strcmp(path + len - end_len, end) == 0;
}

static enum MHD_Result answer_outside(struct request *request, struct MHD_Connection *connection, uint64_t size)
{
	AUTO(response)
	struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	char range[64];

	(void)snprintf(range, sizeof(range), "bytes */%" PRIu64, size);
	if (!response || !MHD_add_response_header(response, "Content-Range", range))
		return MHD_NO;
	return queue(request, connection, MHD_HTTP_RANGE_NOT_SATISFIABLE, response);
}

static enum MHD_Result answer_not_modified(
	struct request *request, struct MHD_Connection *connection, const char *etag)
{
	AUTO(response)
	struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	if (!response || !MHD_add_response_header(response, "ETag", etag))
		return MHD_NO;
	return queue(request, connection, MHD_HTTP_NOT_MODIFIED, response);
}

enum MHD_Result request_answer_file(struct request *request, const struct request_context *context,
	struct MHD_Connection *connection, const char *raw_path)
{
	AUTO(response) struct MHD_Response *response = NULL;
	uint64_t size, first = 0, length;
	char path[PATH_MAX], etag[64], range[80];
	const char *known, *if_range;
	AUTO(fd) int fd = -1;
	enum range_kind kind;
	struct stat st;

	if (!path_decode(raw_path, path, sizeof(path)) || (fd = path_open(context->root_fd, path)) < 0 ||
		fstat(fd, &st) < 0)
		return request_answer_text(request, connection, MHD_HTTP_NOT_FOUND, "There is no such file.\n");
	length = size = (uint64_t)st.st_size;
	(void)snprintf(etag, sizeof(etag), "\"%" PRIx64 "-%" PRIx64 "-%lx\"", size, (uint64_t)st.st_mtim.tv_sec,
		(unsigned long)st.st_mtim.tv_nsec);
	if ((known = header(connection, "If-None-Match")) && strcmp(known, etag) == 0)
		return answer_not_modified(request, connection, etag);
	if_range = header(connection, "If-Range");
	kind = range_parse(
		if_range && strcmp(if_range, etag) != 0 ? NULL : header(connection, "Range"), size, &first, &length);
	if (kind == RANGE_OUTSIDE)
		return answer_outside(request, connection, size);
	(void)snprintf(
		range, sizeof(range), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first, first + length - 1, size);
	if (!(response = response_from_part(request, &fd, first, length)) ||
		(kind == RANGE_PART && !MHD_add_response_header(response, "Content-Range", range)) ||
		!MHD_add_response_header(response, "ETag", etag) ||
		!MHD_add_response_header(response, "Accept-Ranges", "bytes") ||
		!MHD_add_response_header(response, "Content-Type",
			ends_in(path, ".json") ? "application/json" : "application/octet-stream"))
		return MHD_NO;
	return queue(request, connection, kind == RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, response);
}

enum MHD_Result request_answer_report(struct request *request, const struct request_context *context,
	const struct reports_sender *sender, struct MHD_Connection *connection)
{
	AUTO(buf) struct buf receipt = BUF_INIT(256);
	struct error err = {0};

	if (request->too_large)
		return request_answer_text(
			request, connection, MHD_HTTP_CONTENT_TOO_LARGE, "A report has at most 65536 bytes.\n");
	if (reports_store(context->reports, sender, buf_text(&request->body), request->body.len, &receipt, &err) == 0)
		return request_answer_text(request, connection, MHD_HTTP_OK, buf_text(&receipt));
	if (err.code == ERROR_INPUT)
		return request_answer_text(
			request, connection, MHD_HTTP_BAD_REQUEST, "A report is one JSON object.\n");
	return request_answer_text(
		request, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "Reports cannot be kept at the moment.\n");
}
