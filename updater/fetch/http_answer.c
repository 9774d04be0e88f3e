#include "updater/fetch/http_answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "common/number.h"
#include "updater/fetch/http_options.h"
#include "updater/fetch/http_setup.h"

/* Of the page that comes with a refusal: its beginning is kept, the rest dropped, and beyond this the connection. */
#define ERROR_PAGE_MOST 65536

void http_answer_begin(struct http_answer *answer)
{
	answer->seen.detail[0] = answer->seen.page[0] = '\0';
	answer->page_len = answer->headers_len = 0;
	answer->checked = answer->tls_began = false;
	answer->begins.len = 0;
	buf_empty(answer->gathered);
}

bool http_answer_give_up(struct http_answer *answer, const char *why)
{
	(void)error_set(answer->err, ERROR_NETWORK, "%s", why);
	answer->ended_by_us = true;
	return false;
}

/* ---- The headers ---- */

bool http_answer_take_header(struct http_answer *answer, size_t len)
{
	answer->headers_len += len;
	return answer->headers_len <= HTTP_HEADERS_MOST ||
	       http_answer_give_up(answer, "the server sends more headers or trailers than any answer has");
}

/* Content-Range must name the very bytes that were asked for: a server or a cache that sends others would waste the
 * night. */
static int check_content_range(struct http_answer *answer)
{
	const struct transport_request *request = answer->request;
	struct curl_header *header;
	uint64_t first, last;
	char end;

	if (curl_easy_header(answer->easy, "Content-Range", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return error_set(answer->err, ERROR_SERVER, "the server sent a part without saying which");
	if (sscanf(header->value, "bytes %" SCNu64 "-%" SCNu64 "%c", &first, &last, &end) != 3 || end != '/' ||
		first != request->offset || last < first || (request->length && last - first + 1 != request->length))
		return error_set(answer->err, ERROR_SERVER, "the server sent another part than was asked for");
	return 0;
}

static int check_answer(struct http_answer *answer, long status)
{
	curl_off_t announced = -1;

	if (answer->checked)
		return 0;
	answer->checked = true;
	(void)curl_easy_getinfo(answer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (http_setup_is_part(answer->request) && status != 206)
		return error_set(answer->err, ERROR_SERVER,
			"the server sent the whole file where a part was asked for: it must support ranges");
	if (!http_setup_is_part(answer->request) && status == 206)
		return error_set(
			answer->err, ERROR_SERVER, "the server sent a part where the whole file was asked for");
	if (status == 206 && check_content_range(answer) < 0)
		return -1;
	if (announced >= 0 && (uint64_t)announced > answer->request->limit)
		return error_set(answer->err, ERROR_REFUSED,
			"the server announces %" PRId64 " bytes, more than the %" PRIu64 " that are allowed",
			(int64_t)announced, answer->request->limit);
	return 0;
}

/* ---- The body ---- */

/* Keeps the beginning of the page that comes with a refusal. */
static bool take_error_page(struct http_answer *answer, const void *data, size_t len)
{
	size_t used = answer->page_len < sizeof(answer->seen.page) - 1 ? (size_t)answer->page_len
								       : sizeof(answer->seen.page) - 1;
	size_t more = len < sizeof(answer->seen.page) - 1 - used ? len : sizeof(answer->seen.page) - 1 - used;

	memcpy(answer->seen.page + used, data, more);
	answer->page_len += len;
	return answer->page_len <= ERROR_PAGE_MOST;
}

static int pass_on(struct http_answer *answer)
{
	struct buf *gathered = answer->gathered;
	int result = 0;

	answer->reply->bytes += gathered->len;
	if (gathered->len)
		result = answer->sink(answer->sink_context, gathered->data, gathered->len, answer->err);
	buf_empty(gathered);
	return result;
}

static int take_body(struct http_answer *answer, const void *data, size_t len, long status)
{
	const struct transport_request *request = answer->request;
	uint64_t bytes = answer->reply->bytes + answer->gathered->len;

	if (check_answer(answer, status) < 0)
		return -1;
	if (len > request->limit - bytes)
		return error_set(answer->err, ERROR_REFUSED,
			"more than the %" PRIu64 " bytes that are allowed arrived", request->limit);
	if (request->length && len > request->length - bytes)
		return error_set(answer->err, ERROR_SERVER, "the server sent more bytes than were asked for");
	if (len > answer->gathered->limit - answer->gathered->len && pass_on(answer) < 0)
		return -1;
	return buf_append(answer->gathered, data, len, answer->err);
}

/* A page is longer than what it stands for, or whole where a part was asked for: that is no attack, and no fault of the server. */
static void blame_page(struct http_answer *answer)
{
	struct error *err = answer->err;

	if (err && (err->code == ERROR_REFUSED || err->code == ERROR_SERVER) &&
		transport_is_strange(answer->begins.bytes, answer->begins.len)) {
		err->code = ERROR_STRANGER;
		(void)error_context(err, "a page answers in place of the file");
	}
}

bool http_answer_take(struct http_answer *answer, long status, const void *data, size_t len)
{
	if (status < 200 || status >= 300)
		return take_error_page(answer, data, len);
	transport_begins_add(&answer->begins, data, len);
	if (take_body(answer, data, len, status) == 0)
		return true;
	blame_page(answer);
	answer->ended_by_us = true;
	return false;
}

bool http_answer_pass_on(struct http_answer *answer)
{
	if (!answer->ended_by_us && pass_on(answer) < 0)
		answer->ended_by_us = true;
	return !answer->ended_by_us;
}

/* ---- The end ---- */

const char *http_answer_points_to(const struct http_answer *answer, int curl_code)
{
	const char *url = NULL;
	long status = 0;

	(void)curl_easy_getinfo(answer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (curl_code == CURLE_OK && status >= 300 && status < 400)
		(void)curl_easy_getinfo(answer->easy, CURLINFO_REDIRECT_URL, &url);
	return url;
}

/* What the server asked us to wait, within bounds: seconds as they stand there, since newer curl takes more than six hours
 * for six; a date as curl reads it. */
static int64_t retry_after_s(const struct http_answer *answer)
{
	struct curl_header *header;
	curl_off_t until_s = 0;
	uint64_t wait_s;

	(void)curl_easy_getinfo(answer->easy, CURLINFO_RETRY_AFTER, &until_s);
	if (curl_easy_header(answer->easy, "Retry-After", 0, CURLH_HEADER, -1, &header) != CURLHE_OK ||
		!number_scan(header->value, &wait_s))
		wait_s = (uint64_t)until_s;
	return wait_s < HTTP_RETRY_AFTER_MOST_S ? (int64_t)wait_s : HTTP_RETRY_AFTER_MOST_S;
}

/* The server took the connection and no TLS came about: what waits there speaks something else. */
static bool waited_for_tls(const struct http_answer *answer, int curl_code)
{
	curl_off_t tls_us = 0;

	(void)curl_easy_getinfo(answer->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	return curl_code == CURLE_OPERATION_TIMEDOUT && answer->tls_began && tls_us == 0;
}

int http_answer_judge(struct http_answer *answer, int curl_code)
{
	const struct transport_request *request = answer->request;
	long status = 0, proxy_status = 0;

	(void)curl_easy_getinfo(answer->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(answer->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	answer->reply->http_status = (int)status;
	if (answer->ended_by_us)
		return error_context(answer->err, "%s", answer->seen.name);
	if (curl_code != CURLE_OK && proxy_status >= 300)
		return http_judge_proxy(&answer->seen, (int)proxy_status, answer->err);
	if (status >= 400 || (curl_code == CURLE_OK && status >= 300)) {
		(void)http_judge_status(&answer->seen, (int)status, answer->err);
		if (answer->err)
			answer->err->retry_after_s = retry_after_s(answer);
		return -1;
	}
	if (curl_code != CURLE_OK)
		return http_judge_failure(&answer->seen,
			waited_for_tls(answer, curl_code) ? CURLE_SSL_CONNECT_ERROR : curl_code, answer->err);
	if (check_answer(answer, status) < 0)
		return error_context(answer->err, "%s", answer->seen.name);
	if (request->length && answer->reply->bytes != request->length)
		return error_set(answer->err, ERROR_NETWORK, "%s: %" PRIu64 " of %" PRIu64 " bytes arrived",
			answer->seen.name, answer->reply->bytes, request->length);
	return 0;
}
