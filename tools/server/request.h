/* One request and its answer. */
#ifndef TOOLS_SERVER_REQUEST_H
#define TOOLS_SERVER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

#include "common/buf.h"
#include "tools/server/reports.h"

struct request {
	int64_t began_ms;
	unsigned int status;
	uint64_t bytes;	   /* of the body, handed to the connection */
	uint64_t received; /* bytes of a body */
	bool too_large;	   /* more was sent than a report may have */
	struct buf body;   /* of a report */
	char method[16];   /* as sent, for the log; so the path */
	char path[1024];
};

/* What an answer is made from; borrowed. */
struct request_context {
	int root_fd;
	struct reports *reports; /* NULL: none are taken */
};

/* Each queues an answer and notes its status. MHD_NO where there is no memory: the connection ends. */
enum MHD_Result request_answer_file(struct request *request, const struct request_context *context,
	struct MHD_Connection *connection, const char *raw_path);
enum MHD_Result request_answer_report(struct request *request, const struct request_context *context,
	const struct reports_sender *sender, struct MHD_Connection *connection);
enum MHD_Result request_answer_text(
	struct request *request, struct MHD_Connection *connection, unsigned int status, const char *text);

#endif
