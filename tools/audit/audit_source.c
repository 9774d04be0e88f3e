#include "tools/audit/audit_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define CURL "/usr/bin/curl"
#define STATUS_DIGITS 3 /* that curl writes behind the answer */
#define NOT_EXECUTED 127
#define TIMEOUT_MS 60000
#define ADDRESS_SIZE 2048
#define CURL_MOST_BYTES (512u << 20) /* of addresses, most of which its libraries take */

static int read_file(void *context, const char *path, struct buf *ret_bytes, struct error *err)
{
	struct audit_source *source = context;

	return fs_read_file(&source->fs, source->dir_fd, path, ret_bytes, err);
}

static int judge_curl(const struct process_result *result, const char *address, struct error *err)
{
	if (result->timed_out)
		return error_set(err, ERROR_NETWORK, "no answer within %d seconds: %s", TIMEOUT_MS / 1000, address);
	if (result->exit_status == NOT_EXECUTED)
		return error_set(err, ERROR_FAILED,
			"%s is needed to read a log at an address: install curl, or copy the "
			"log into a folder",
			CURL);
	if (result->exit_status)
		return error_set(
			err, ERROR_NETWORK, "cannot read %s (curl ended with %d)", address, result->exit_status);
	return 0;
}

/* Takes the status off the answer. What a server says that is overloaded, or broken, is no answer. */
static int judge_status(struct buf *answer, const char *address, struct error *err)
{
	const char *status = buf_text(answer) + (answer->len < STATUS_DIGITS ? 0 : answer->len - STATUS_DIGITS);

	if (strcmp(status, "200") == 0) {
		answer->len -= STATUS_DIGITS;
		return 0;
	}
	if (strcmp(status, "403") == 0 || strcmp(status, "404") == 0 || strcmp(status, "410") == 0)
		return error_set(err, ERROR_NOT_FOUND, "not there: %s", address);
	return error_set(err, ERROR_NETWORK, "the server answered %.3s: %s", status, address);
}

/* It keeps all headers and trailers that come, without a bound. */
static int bound_memory(const struct process_cell *cell, const struct process_request *request, struct error *err)
{
	const struct rlimit most = {.rlim_cur = CURL_MOST_BYTES, .rlim_max = CURL_MOST_BYTES};

	(void)cell;
	(void)request;
	return setrlimit(RLIMIT_AS, &most) < 0 ? error_system(err, errno, "cannot bound curl's memory") : 0;
}

/* Entries may come compressed even where nobody asked for it (c2sp.org/tlog-tiles); what they are then is bounded all the same.
 * One byte of room more than is allowed shows that an answer is too large, and curl is not heard to the end. */
static int ask(struct audit_source *source, const char *address, size_t room, struct buf *answer, struct error *err)
{
	const char *const argv[] = {CURL, "--silent", "--globoff", "--proto", "=http,https", "--compressed",
		"--header", "Accept-Encoding: gzip, identity", "--write-out", "%{http_code}", "--", address, NULL};
	struct process_cell cell = {.enter = bound_memory};
	const struct process_request request = {
		.argv = argv, .timeout_ms = TIMEOUT_MS, .output = answer, .ends_when_full = true, .cell = &cell};
	struct process_result result;

	if (source->processes.run(&source->processes, &request, &result, err) < 0)
		return -1;
	if (answer->len > room + STATUS_DIGITS)
		return error_set(err, ERROR_REFUSED, "more than %zu bytes: %s", room, address);
	return judge_curl(&result, address, err) < 0 ? -1 : judge_status(answer, address, err);
}

static int fetch(void *context, const char *path, struct buf *ret_bytes, struct error *err)
{
	struct audit_source *source = context;
	char address[ADDRESS_SIZE];
	size_t room = ret_bytes->limit - ret_bytes->len, slash = strlen(source->place);
	AUTO(buf) struct buf answer = BUF_INIT(room + 1 + STATUS_DIGITS);

	while (slash > 0 && source->place[slash - 1] == '/')
		slash--;
	if (snprintf(address, sizeof(address), "%.*s/%s", (int)slash, source->place, path) >= (int)sizeof(address))
		return error_set(err, ERROR_USAGE, "an address of more than %d bytes", ADDRESS_SIZE);
	if (ask(source, address, room, &answer, err) < 0)
		return -1;
	return buf_append(ret_bytes, buf_text(&answer), answer.len, err);
}

int audit_source_open(struct audit_source *source, const char *place, struct error *err)
{
	bool is_address = strncmp(place, "http://", 7) == 0 || strncmp(place, "https://", 8) == 0;

	*source = (struct audit_source){.place = place, .dir_fd = -1};
	source->store = (struct tile_store){.read = is_address ? fetch : read_file, .context = source};
	fs_init(&source->fs);
	processes_init(&source->processes);
	if (is_address)
		return 0;
	source->dir_fd = fs_open_dir(&source->fs, AT_FDCWD, place, err);
	return source->dir_fd < 0 ? -1 : 0;
}

void audit_source_close(struct audit_source *source)
{
	if (source->dir_fd >= 0)
		(void)close(source->dir_fd);
	source->dir_fd = -1;
}

int audit_source_checkpoint(struct audit_source *source, struct buf *ret_note, struct error *err)
{
	return source->store.read(source->store.context, "checkpoint", ret_note, err);
}
