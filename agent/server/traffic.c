#include "agent/server/traffic.h"

#include <inttypes.h>
#include <stdio.h>

#define LOOK_EVERY_MS 500
#define SETTING_SPENT "window.spent" /* when the window opened, bytes, milliseconds */

/* One transfer, with what stands behind it. */
struct passage {
	struct traffic *traffic;
	transport_sink *sink;
	void *sink_context;
	int64_t counted_ms; /* the time until then is in the budget */
};

static int64_t monotonic_ms(const struct traffic *traffic)
{
	return traffic->options.clock->monotonic_ms(traffic->options.clock);
}

static void set_rate(struct traffic *traffic, int64_t now_s)
{
	int64_t rate = rate_at(&traffic->options.rate, now_s);

	if (traffic->has_rate && traffic->rate == rate)
		return;
	traffic->has_rate = true;
	traffic->rate = rate;
	if (traffic->options.set_rate)
		traffic->options.set_rate(traffic->options.rate_context, rate);
}

static int check_limits(const struct traffic *traffic, int64_t now_s, struct error *err)
{
	const struct traffic_options *options = &traffic->options;

	if (options->closes_s && now_s >= options->closes_s)
		return error_set(err, ERROR_STOPPED, "the window has ended; it goes on next night");
	if (options->budget && traffic->spent.bytes >= options->budget)
		return error_set(err, ERROR_STOPPED,
			"the %" PRIu64 " bytes of this night's budget are used up; it goes on next night",
			options->budget);
	if (options->budget_s && traffic->spent.busy_ms / 1000 >= options->budget_s)
		return error_set(err, ERROR_STOPPED,
			"the %" PRId64 " seconds of this night's budget are used up; it goes on next night",
			options->budget_s);
	return 0;
}

static int look(struct traffic *traffic, int64_t monotonic, struct error *err)
{
	int64_t now_s = traffic->options.clock->now_s(traffic->options.clock);

	traffic->looked_ms = monotonic;
	set_rate(traffic, now_s);
	return check_limits(traffic, now_s, err);
}

static void count_time(struct passage *passage, int64_t monotonic)
{
	passage->traffic->spent.busy_ms += monotonic - passage->counted_ms;
	passage->counted_ms = monotonic;
}

static int take_bytes(void *context, const void *data, size_t len, struct error *err)
{
	struct passage *passage = context;
	struct traffic *traffic = passage->traffic;
	const struct traffic_options *options = &traffic->options;
	int64_t monotonic = monotonic_ms(traffic);
	bool is_over = options->budget && len >= options->budget - traffic->spent.bytes;
	size_t allowed = is_over ? (size_t)(options->budget - traffic->spent.bytes) : len;

	count_time(passage, monotonic);
	traffic->bytes += allowed;
	traffic->spent.bytes += allowed;
	if (allowed && passage->sink(passage->sink_context, data, allowed, err) < 0)
		return -1;
	if (allowed < len)
		return check_limits(traffic, options->clock->now_s(options->clock), err);
	if (monotonic - traffic->looked_ms < LOOK_EVERY_MS)
		return 0;
	if (look(traffic, monotonic, err) < 0)
		return -1;
	if (options->arrived)
		options->arrived(options->arrived_context);
	return 0;
}

static int traffic_get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	struct traffic *traffic = transport->context;
	struct passage passage = {
		.traffic = traffic, .sink = sink, .sink_context = sink_context, .counted_ms = monotonic_ms(traffic)};
	int result;

	*ret_reply = (struct transport_reply){0};
	if (look(traffic, passage.counted_ms, err) < 0)
		return -1;
	result = traffic->inner->ask(traffic->inner, request, take_bytes, &passage, ret_reply, err);
	count_time(&passage, monotonic_ms(traffic));
	return result;
}

void traffic_init(struct traffic *traffic, struct transport *inner, const struct traffic_options *options)
{
	*traffic = (struct traffic){.inner = inner, .options = *options, .spent = options->spent};
	traffic->transport = (struct transport){.ask = traffic_get, .context = traffic};
}

int traffic_read_spent(struct store *store, int64_t opens_s, struct traffic_spent *ret_spent, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(128);
	struct traffic_spent spent;
	int64_t opened_s;

	*ret_spent = (struct traffic_spent){0};
	if (store_setting(store, SETTING_SPENT, &text, err) < 0)
		return -1;
	if (sscanf(buf_text(&text), "%" SCNd64 " %" SCNu64 " %" SCNd64, &opened_s, &spent.bytes, &spent.busy_ms) ==
			3 &&
		opened_s == opens_s)
		*ret_spent = spent;
	return 0;
}

int traffic_keep_spent(struct store *store, int64_t opens_s, const struct traffic_spent *spent, struct error *err)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%" PRId64 " %" PRIu64 " %" PRId64, opens_s, spent->bytes, spent->busy_ms);
	return store_set_setting(store, SETTING_SPENT, text, err);
}
