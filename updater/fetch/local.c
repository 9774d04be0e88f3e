#include "updater/fetch/local.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/hex.h"

#define SCHEME "file://"

bool local_is_url(const char *url)
{
	return strncasecmp(url, "file:", strlen("file:")) == 0;
}

/* The path that URL names, with %XX decoded. */
static int path_of_url(const char *url, char *ret_path, size_t size, struct error *err)
{
	const char *from = url + strlen(SCHEME);
	size_t len = 0;

	if (strncasecmp(url, SCHEME "/", strlen(SCHEME "/")) != 0)
		return error_set(err, ERROR_INPUT, "'%s' must have the form file:///folder/file", url);
	while (*from) {
		char byte = *from++;

		if (byte == '%') {
			char digits[3] = {from[0], from[0] ? from[1] : '\0', '\0'};

			if (hex_decode(digits, &byte, 1, err) < 0 || !byte)
				return error_set(
					err, ERROR_INPUT, "'%s' holds a '%%' without two digits behind it", url);
			from += 2;
		}
		if (len + 1 >= size)
			return error_set(err, ERROR_INPUT, "the path is longer than %zu bytes", size - 1);
		ret_path[len++] = byte;
	}
	ret_path[len] = '\0';
	return 0;
}

static int open_plain_file(const char *path, uint64_t *ret_size, struct error *err)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return error_system(err, errno, "cannot open '%s'", path);
	if (fstat(fd, &st) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_NOT_FOUND, "'%s' is no plain file", path);
	*ret_size = (uint64_t)st.st_size;
	return take_fd(&fd);
}

static int pass_bytes(int fd, const struct transport_request *request, uint64_t length, transport_sink *sink,
	void *sink_context, struct transport_reply *reply, struct error *err)
{
	char bytes[65536];

	while (reply->bytes < length) {
		uint64_t left = length - reply->bytes;
		size_t want = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);
		ssize_t got = pread(fd, bytes, want, (off_t)(request->offset + reply->bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, ERROR_NETWORK, "cannot read: %s", strerrordesc_np(errno));
		if (got == 0)
			return error_set(err, ERROR_NETWORK, "the file became shorter while it was read");
		reply->bytes += (uint64_t)got;
		if (sink(sink_context, bytes, (size_t)got, err) < 0)
			return -1;
	}
	return 0;
}

int local_get(const struct transport_request *request, transport_sink *sink, void *sink_context,
	struct transport_reply *ret_reply, struct error *err)
{
	char path[PATH_MAX];
	AUTO(fd) int fd = -1;
	uint64_t size = 0, length;

	if (request->body)
		return error_set(err, ERROR_SERVER, "%s: nothing can be sent to a file", request->url);
	if (path_of_url(request->url, path, sizeof(path), err) < 0 || (fd = open_plain_file(path, &size, err)) < 0)
		return -1;
	if (request->offset > size || request->length > size - request->offset)
		return error_set(err, ERROR_SERVER, "'%s' ends at byte %llu, before the part that was asked for",
			path, (unsigned long long)size);
	length = request->length ? request->length : size - request->offset;
	if (length > request->limit)
		return error_set(err, ERROR_REFUSED, "'%s' has more than the %llu bytes that are allowed", path,
			(unsigned long long)request->limit);
	if (pass_bytes(fd, request, length, sink, sink_context, ret_reply, err) < 0)
		return error_context(err, "%s", path);
	return 0;
}
