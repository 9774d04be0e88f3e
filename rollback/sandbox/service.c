#include "rollback/sandbox/service.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/platform.h"

#define UNIT "haishin-check@%s.service"
#define REQUEST_MOST 65536
#define ANSWER_MOST 65536
#define OUTPUT_MOST 4096
#define WORDS_MOST 64
#define TIMEOUT_MOST_MS (3600 * 1000)
/* What the service manager may take beyond the check itself. */
#define MARGIN_MS 90000

/* ---- The request ---- */

static int put(struct buf *text, const char *key, const char *value, struct error *err)
{
	return buf_printf(text, err, "%s=%s", key, value) < 0 ? -1 : buf_append(text, "", 1, err);
}

static int put_all(struct buf *text, const char *key, const char *const *values, struct error *err)
{
	for (; values && *values; values++)
		if (put(text, key, *values, err) < 0)
			return -1;
	return 0;
}

static int write_request(
	const struct sandbox *sandbox, const struct process_request *request, struct buf *text, struct error *err)
{
	char timeout[32];

	(void)snprintf(timeout, sizeof(timeout), "%lld", (long long)request->timeout_ms);
	if (put(text, "packages", sandbox->packages_path, err) < 0 ||
		put(text, "package", sandbox->package, err) < 0 || put(text, "folder", sandbox->folder, err) < 0 ||
		put(text, "former", sandbox->former, err) < 0 || put(text, "data", sandbox->data, err) < 0 ||
		put(text, "user", sandbox->user, err) < 0 ||
		put(text, "network", sandbox->has_network ? "yes" : "no", err) < 0 ||
		put(text, "timeout_ms", timeout, err) < 0 || put_all(text, "shown", sandbox->shown, err) < 0)
		return -1;
	return put_all(text, "argument", request->argv, err);
}

/* What a request says; its texts are those of the bytes it was read from. */
struct asked {
	struct sandbox sandbox;
	const char *network, *timeout;
	const char *shown[WORDS_MOST + 1], *argv[WORDS_MOST + 1];
	size_t shown_count, argv_count;
};

static int take_word(const char **words, size_t *count, const char *word)
{
	if (*count == WORDS_MOST)
		return -1;
	words[(*count)++] = word;
	return 0;
}

static int take(struct asked *asked, const char *key, const char *value)
{
	const struct {
		const char *key;
		const char **value;
	} known[] = {{"packages", &asked->sandbox.packages_path}, {"package", &asked->sandbox.package},
		{"folder", &asked->sandbox.folder}, {"former", &asked->sandbox.former},
		{"data", &asked->sandbox.data}, {"user", &asked->sandbox.user}, {"network", &asked->network},
		{"timeout_ms", &asked->timeout}};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].key, key) == 0) {
			*known[i].value = value;
			return 0;
		}
	if (strcmp(key, "shown") == 0)
		return take_word(asked->shown, &asked->shown_count, value);
	return strcmp(key, "argument") == 0 ? take_word(asked->argv, &asked->argv_count, value) : -1;
}

static int read_request(struct buf *text, struct asked *asked, struct error *err)
{
	char *end = text->data + text->len;

	if (text->len == 0 || end[-1] != '\0')
		return error_set(err, ERROR_INPUT, "the request is cut");
	for (char *at = text->data, *value; at < end; at = value + strlen(value) + 1) {
		if (!(value = strchr(at, '=')))
			return error_set(err, ERROR_INPUT, "the request holds '%.40s'", at);
		*value++ = '\0';
		if (take(asked, at, value) < 0)
			return error_set(err, ERROR_INPUT, "the request has a key '%.40s' that is not known", at);
	}
	if (!asked->sandbox.packages_path || !asked->sandbox.package || !asked->sandbox.folder ||
		!asked->sandbox.former || !asked->sandbox.data || !asked->sandbox.user || !asked->network ||
		!asked->timeout || asked->argv_count == 0 || atoll(asked->timeout) <= 0 ||
		atoll(asked->timeout) > TIMEOUT_MOST_MS)
		return error_set(err, ERROR_INPUT, "the request says too little");
	asked->sandbox.has_network = strcmp(asked->network, "yes") == 0;
	asked->sandbox.shown = asked->shown;
	return 0;
}

/* ---- The unit's side ---- */

int service_answer(
	const struct env *env, const char *folder, const char *name, service_runner *runner, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(REQUEST_MOST);
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_MOST);
	AUTO(buf) struct buf answer = BUF_INIT(ANSWER_MOST);
	struct process_result result = {0};
	struct asked asked = {0};
	struct process_request request = {.argv = asked.argv, .output = &output};
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s.request", folder, name);
	if (fs_read_file(env->fs, AT_FDCWD, path, &text, err) < 0 || read_request(&text, &asked, err) < 0 ||
		fs_remove(env->fs, AT_FDCWD, path, err) < 0)
		return -1;
	request.timeout_ms = atoll(asked.timeout);
	if (runner(env, &asked.sandbox, &request, &result, err) < 0 ||
		buf_printf(&answer, err, "timed-out %s\nstatus %d\n", result.timed_out ? "yes" : "no",
			result.exit_status) < 0 ||
		buf_append(&answer, buf_text(&output), output.len, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/%s.answer", folder, name);
	return fs_write_file(env->fs, AT_FDCWD, path, answer.data, answer.len, 0600, err);
}

/* ---- The side of who asks ---- */

static int control(const struct env *env, const char *verb, const char *unit, int64_t timeout_ms, struct error *err)
{
	const char *const argv[] = {PLATFORM_SERVICE_CONTROL, verb, "--", unit, NULL};
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_MOST);
	struct process_request request = {.argv = argv, .timeout_ms = timeout_ms, .output = &output};
	struct process_result result = {0};

	if (env->processes->run(env->processes, &request, &result, err) < 0)
		return -1;
	if (result.timed_out || result.exit_status)
		return error_set(err, ERROR_FAILED, "'%s %s' %s: %.120s", verb, unit,
			result.timed_out ? "did not end" : "failed", process_last_line(&output));
	return 0;
}

static int read_answer(const struct env *env, const char *path, struct buf *output, struct process_result *ret_result,
	struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(ANSWER_MOST);
	struct process_result result = {0};
	char timed_out[4];
	int begin = 0;

	if (fs_read_file(env->fs, AT_FDCWD, path, &text, err) < 0)
		return error_context(err, "the unit gave no answer");
	if (sscanf(buf_text(&text), "timed-out %3s status %d%n", timed_out, &result.exit_status, &begin) != 2 ||
		(size_t)begin >= text.len)
		return error_set(err, ERROR_DAMAGED, "the answer '%s' is not well formed", path);
	result.timed_out = strcmp(timed_out, "yes") == 0;
	begin++; /* the line break */
	if (output && text.len - (size_t)begin <= output->limit - output->len &&
		buf_append(output, text.data + begin, text.len - (size_t)begin, err) < 0)
		return -1;
	*ret_result = result;
	return 0;
}

static int ask(const struct env *env, const char *name, const char *answer, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct error ignored;
	char unit[128];

	(void)snprintf(unit, sizeof(unit), UNIT, name);
	if (control(env, "start", unit, request->timeout_ms + MARGIN_MS, err) < 0) {
		(void)!control(env, "stop", unit, MARGIN_MS, &ignored);
		return -1;
	}
	return read_answer(env, answer, request->output, ret_result, err);
}

int service_run(const struct env *env, const char *folder, const struct sandbox *sandbox,
	const struct process_request *request, struct process_result *ret_result, bool *ret_began, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(REQUEST_MOST);
	char name[64], asked[PATH_MAX], answer[PATH_MAX];
	struct error ignored;
	int ret;

	*ret_began = false;
	(void)snprintf(name, sizeof(name), "%d-%lld", (int)getpid(), (long long)env->clock->monotonic_ms(env->clock));
	if (snprintf(asked, sizeof(asked), "%s/%s.request", folder, name) >= (int)sizeof(asked) ||
		snprintf(answer, sizeof(answer), "%s/%s.answer", folder, name) >= (int)sizeof(answer))
		return error_set(err, ERROR_FAILED, "path '%.80s' is too long", folder);
	if (fs_make_dirs(env->fs, AT_FDCWD, folder, 0700, err) < 0 ||
		write_request(sandbox, request, &text, err) < 0 ||
		fs_write_file(env->fs, AT_FDCWD, asked, text.data, text.len, 0600, err) < 0)
		return -1;
	ret = ask(env, name, answer, request, ret_result, err);
	*ret_began = !fs_exists(env->fs, AT_FDCWD, asked);
	(void)!fs_remove(env->fs, AT_FDCWD, asked, &ignored);
	(void)!fs_remove(env->fs, AT_FDCWD, answer, &ignored);
	return ret;
}
