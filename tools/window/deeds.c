#include "tools/window/deeds.h"

#include <string.h>

#include "tools/haishin/draw/output.h"
#include "tools/window/page/view.h"

/* What a page may have done, and whether the first word is enough. */
static const struct {
	const char *method;
	bool is_job;
} methods[] = {
	{"Check", true},
	{"DownloadNow", true},
	{"Doctor", true},
	{"Restart", true},
	{"Disable", false},
	{"Enable", false},
	{"Hold", false},
	{"Unhold", false},
	{"SetSetting", false},
};

static int64_t now_ms(const struct deeds *deeds)
{
	return deeds->clock.monotonic_ms(&deeds->clock);
}

void deeds_init(struct deeds *deeds)
{
	*deeds = (struct deeds){0};
	clock_init(&deeds->clock, "/proc/sys/kernel/random/boot_id");
}

static void end(struct deed *deed)
{
	if (deed->is_asked)
		link_call_clear(&deed->call);
	deed->is_asked = false;
}

void deeds_clear(struct deeds *deeds)
{
	for (size_t i = 0; i < DEEDS; i++)
		end(&deeds->asked[i]);
}

static struct deed *find_free(struct deeds *deeds)
{
	for (size_t i = 0; i < DEEDS; i++)
		if (!deeds->asked[i].is_asked)
			return &deeds->asked[i];
	return NULL;
}

/* As many may wait as requests may be put off. */
static void ask(struct deeds *deeds, const char *socket_path, const char *method, bool is_job, json_t *take_parameters,
	uint64_t number, struct serve_answer *answer)
{
	AUTO(client_answer) struct client_answer came = {0};
	struct deed *deed = find_free(deeds);

	if (!deed) {
		json_decref(take_parameters);
		answer->status = SERVE_BUSY;
		return;
	}
	if (link_call_begin(&deed->call, socket_path, method, is_job, take_parameters, &came) < 0) {
		serve_put_json(answer, view_error(&came));
		return;
	}
	deed->is_asked = true;
	deed->number = number;
	deed->until_ms = is_job ? now_ms(deeds) + LINK_FIRST_WORD_MS : 0;
	answer->is_later = true;
}

void deeds_begin(struct deeds *deeds, const char *socket_path, const json_t *body, uint64_t number, struct serve_answer *answer)
{
	const char *method = output_text(body, "method");
	json_t *parameters = json_object_get(body, "parameters");

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (strcmp(methods[i].method, method) == 0 &&
			strlen(method) == json_string_length(json_object_get(body, "method"))) {
			ask(deeds, socket_path, method, methods[i].is_job,
				json_is_object(parameters) ? json_incref(parameters) : NULL, number, answer);
			return;
		}
	answer->status = SERVE_NOT_FOUND;
}

void deeds_forget(struct deeds *deeds, uint64_t number)
{
	for (size_t i = 0; i < DEEDS; i++)
		if (deeds->asked[i].number == number)
			end(&deeds->asked[i]);
}

void deeds_polls(const struct deeds *deeds, struct pollfd ret_polls[static DEEDS])
{
	for (size_t i = 0; i < DEEDS; i++) {
		const struct deed *deed = &deeds->asked[i];

		ret_polls[i] = (struct pollfd){.fd = deed->is_asked ? deed->call.fd : -1, .events = POLLIN};
	}
}

static bool is_limited(const struct deed *deed)
{
	return deed->is_asked && deed->until_ms && !deed->call.asks_password;
}

int deeds_timeout_ms(const struct deeds *deeds)
{
	int64_t least_ms = -1;

	for (size_t i = 0; i < DEEDS; i++) {
		int64_t left_ms = deeds->asked[i].until_ms - now_ms(deeds);

		if (is_limited(&deeds->asked[i]) && (least_ms < 0 || left_ms < least_ms))
			least_ms = left_ms > 0 ? left_ms : 0;
	}
	return (int)least_ms;
}

static void finish(struct deed *deed, struct serve *serve, json_t *take_view)
{
	struct serve_answer answer = {.status = SERVE_OK, .body = BUF_INIT(SERVE_ANSWER_MAX_BYTES)};

	serve_put_json(&answer, take_view);
	end(deed);
	serve_finish(serve, deed->number, &answer);
}

static void run(struct deeds *deeds, struct deed *deed, struct serve *serve, bool has_come)
{
	AUTO(client_answer) struct client_answer came = {0};
	int ret = has_come ? link_call_take(&deed->call, &came) : 1;

	if (ret == 1 && is_limited(deed) && now_ms(deeds) >= deed->until_ms)
		ret = 0; /* it is at work: the one that watches is told */
	if (ret == 0)
		finish(deed, serve, JSON_OBJECT({json_flag("ok", true)}));
	else if (ret < 0)
		finish(deed, serve, view_error(&came));
}

void deeds_run(struct deeds *deeds, struct serve *serve, const struct pollfd polls[static DEEDS])
{
	for (size_t i = 0; i < DEEDS; i++)
		if (deeds->asked[i].is_asked)
			run(deeds, &deeds->asked[i], serve, polls[i].fd == deeds->asked[i].call.fd && polls[i].revents);
}
