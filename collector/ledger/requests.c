#include "collector/ledger/requests.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

#define CONNECTIONS_KEPT 64L
#define POLL_MOST_MS 1000
#define HEADERS_MOST_BYTES 65536

struct requests {
	const struct clock *clock;
	CURLM *multi;
	struct curl_slist *headers;
};

int requests_open(const struct clock *clock, struct requests **ret_requests, struct error *err)
{
	AUTO(requests) struct requests *requests = calloc(1, sizeof(*requests));

	if (!requests || !(requests->multi = curl_multi_init()) ||
		!(requests->headers = curl_slist_append(NULL, "Expect:")))
		return error_set(err, ERROR_FAILED, "no memory for requests");
	(void)curl_multi_setopt(requests->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
	requests->clock = clock;
	*ret_requests = take_ptr(&requests);
	return 0;
}

void requests_close(struct requests *requests)
{
	if (!requests)
		return;
	(void)curl_multi_cleanup(requests->multi);
	curl_slist_free_all(requests->headers);
	free(requests);
}

static size_t take_piece(char *data, size_t size, size_t count, void *context)
{
	struct request *request = context;

	return buf_append(&request->answer, data, size * count, NULL) < 0 ? 0 : size * count;
}

/* Headers, early answers and trailers alike: libcurl keeps all of them, and has no bound for trailers. */
static size_t take_header(char *data, size_t size, size_t count, void *context)
{
	struct request *request = context;

	(void)data;
	request->headers_len += size * count;
	if (request->headers_len <= HEADERS_MOST_BYTES)
		return size * count;
	(void)snprintf(request->trouble, sizeof(request->trouble), "more headers or trailers than any answer has");
	return 0;
}

static void set_up(const struct requests *requests, struct request *request)
{
	CURL *easy = request->handle;

	(void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* A little document each: of HTTP/2, frames that are no answer would keep curl reading, and all others waiting. */
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "haishin-collector/" HAISHIN_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_piece);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	if (request->body.len == 0) {
		(void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		return;
	}
	(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.data);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, requests->headers);
}

static void end(struct requests *requests, struct request *request)
{
	if (!request->handle)
		return;
	(void)curl_multi_remove_handle(requests->multi, request->handle);
	curl_easy_cleanup(request->handle);
	request->handle = NULL;
}

static int begin(struct requests *requests, struct request *request, struct error *err)
{
	request->status = 0;
	request->trouble[0] = '\0';
	request->headers_len = 0;
	buf_empty(&request->answer);
	if (!(request->handle = curl_easy_init()))
		return error_set(err, ERROR_FAILED, "no memory for a request");
	set_up(requests, request);
	if (curl_multi_add_handle(requests->multi, request->handle) == CURLM_OK)
		return 0;
	curl_easy_cleanup(request->handle);
	request->handle = NULL;
	return error_set(err, ERROR_FAILED, "cannot begin a request");
}

/* The next that has ended, with its answer taken over; NULL: none has. */
static struct request *next_ended(struct requests *requests)
{
	struct request *request = NULL;
	CURLMsg *message;
	int left;

	do
		if (!(message = curl_multi_info_read(requests->multi, &left)))
			return NULL;
	while (message->msg != CURLMSG_DONE);
	(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
	if (message->data.result == CURLE_OK)
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &request->status);
	else if (!*request->trouble)
		(void)snprintf(
			request->trouble, sizeof(request->trouble), "%s", curl_easy_strerror(message->data.result));
	end(requests, request);
	return request;
}

/* What is under way. */
struct sending {
	const struct request_care *care;
	size_t open; /* without their answers */
	int64_t until_ms;
	bool has_enough;
};

static int take_ended(struct requests *requests, struct sending *sending, int64_t now_ms, struct error *err)
{
	struct request *request;

	while ((request = next_ended(requests))) {
		enum request_verdict verdict = sending->care->done(sending->care->context, request);

		if (verdict == REQUEST_AGAIN) {
			if (begin(requests, request, err) < 0)
				return -1;
			continue;
		}
		sending->open--;
		if (verdict == REQUEST_ENOUGH && !sending->has_enough &&
			now_ms + sending->care->grace_ms < sending->until_ms)
			sending->until_ms = now_ms + sending->care->grace_ms;
		sending->has_enough |= verdict == REQUEST_ENOUGH;
	}
	return 0;
}

static int go_on(struct requests *requests, struct sending *sending, struct error *err)
{
	int running;

	while (sending->open > 0) {
		int64_t now_ms = requests->clock->monotonic_ms(requests->clock), left_ms;

		if (curl_multi_perform(requests->multi, &running) != CURLM_OK)
			return error_set(err, ERROR_FAILED, "requests cannot be sent");
		if (take_ended(requests, sending, now_ms, err) < 0)
			return -1;
		if ((left_ms = sending->until_ms - now_ms) <= 0)
			return 0;
		if (sending->open > 0)
			(void)curl_multi_poll(requests->multi, NULL, 0,
				(int)(left_ms < POLL_MOST_MS ? left_ms : POLL_MOST_MS), NULL);
	}
	return 0;
}

int requests_send(struct requests *requests, struct request *list, size_t count, const struct request_care *care,
	struct error *err)
{
	struct sending sending = {
		.care = care,
		.open = count,
		.until_ms = requests->clock->monotonic_ms(requests->clock) + care->limit_ms,
	};
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		result = begin(requests, &list[i], err);
	if (result == 0)
		result = go_on(requests, &sending, err);
	for (size_t i = 0; i < count; i++) {
		if (list[i].handle)
			(void)snprintf(list[i].trouble, sizeof(list[i].trouble), "no answer in time");
		end(requests, &list[i]);
	}
	return result;
}
