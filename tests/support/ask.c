#include "tests/support/ask.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define ANSWER_MOST (64u << 20)

struct ask {
	CURL *curl;
	struct curl_slist *headers;
	char base[300];
};

static struct curl_blob blob(const char *text)
{
	return (struct curl_blob){.data = (void *)(uintptr_t)text, .len = strlen(text), .flags = CURL_BLOB_COPY};
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
	return buf_append(context, data, size * count, NULL) < 0 ? 0 : size * count;
}

struct ask *ask_new(const char *base, const char *ca_pem, const struct pki_pair *pair)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	if (!ask || !(ask->curl = curl_easy_init()))
		abort();
	(void)snprintf(ask->base, sizeof(ask->base), "%s", base);
	if (strncmp(base, "unix:", 5) == 0) {
		(void)curl_easy_setopt(ask->curl, CURLOPT_UNIX_SOCKET_PATH, base + 5);
		(void)snprintf(ask->base, sizeof(ask->base), "http://localhost");
	}
	if (ca_pem) {
		struct curl_blob ca = blob(ca_pem);

		(void)curl_easy_setopt(ask->curl, CURLOPT_CAINFO_BLOB, &ca);
	}
	if (pair) {
		struct curl_blob pem = blob(pair->pem), key = blob(pair->key_pem);

		(void)curl_easy_setopt(ask->curl, CURLOPT_SSLCERT_BLOB, &pem);
		(void)curl_easy_setopt(ask->curl, CURLOPT_SSLKEY_BLOB, &key);
	}
	(void)curl_easy_setopt(ask->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(ask->curl, CURLOPT_TIMEOUT, 60L);
	(void)curl_easy_setopt(ask->curl, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(ask->curl, CURLOPT_HEADERFUNCTION, take);
	ask_add_header(ask, "Expect:");
	return ask;
}

void ask_free(struct ask *ask)
{
	if (!ask)
		return;
	curl_easy_cleanup(ask->curl);
	curl_slist_free_all(ask->headers);
	free(ask);
}

void ask_add_header(struct ask *ask, const char *line)
{
	if (!(ask->headers = curl_slist_append(ask->headers, line)))
		abort();
	(void)curl_easy_setopt(ask->curl, CURLOPT_HTTPHEADER, ask->headers);
}

long ask_for(struct ask *ask, const char *path, const void *body, size_t len, struct ask_answer *ret_answer)
{
	char url[2048];

	(void)snprintf(url, sizeof(url), "%s%s", ask->base, path);
	ask_answer_clear(ret_answer);
	ret_answer->head.limit = ret_answer->body.limit = ANSWER_MOST;
	(void)curl_easy_setopt(ask->curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(ask->curl, CURLOPT_WRITEDATA, &ret_answer->body);
	(void)curl_easy_setopt(ask->curl, CURLOPT_HEADERDATA, &ret_answer->head);
	if (body) {
		(void)curl_easy_setopt(ask->curl, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(ask->curl, CURLOPT_POSTFIELDS, body);
		(void)curl_easy_setopt(ask->curl, CURLOPT_POSTFIELDSIZE, (long)len);
	} else {
		(void)curl_easy_setopt(ask->curl, CURLOPT_HTTPGET, 1L);
	}
	if (curl_easy_perform(ask->curl) != CURLE_OK)
		return 0;
	(void)curl_easy_getinfo(ask->curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
	return ret_answer->status;
}

void ask_answer_clear(struct ask_answer *answer)
{
	buf_clear(&answer->head);
	buf_clear(&answer->body);
	answer->status = 0;
}

const char *ask_header(const struct ask_answer *answer, const char *name, char *ret_value, size_t size)
{
	size_t len = strlen(name);

	ret_value[0] = '\0';
	for (const char *line = buf_text(&answer->head); *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
			line += len + 1 + strspn(line + len + 1, " ");
			(void)snprintf(ret_value, size, "%.*s", (int)strcspn(line, "\r\n"), line);
			break;
		}
	return ret_value;
}
