#include "tools/fleet/sender.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#define REPORT_MOST 65536
/* While the collector's store takes nothing, a report is sent again so often. */
#define AGAIN_MOST 60
#define AGAIN_S 1
#define PATIENCE_S 60L

struct sending {
	const struct sender_options *options;
	const struct crowd *crowd;
	int64_t now_s;
	struct timespec began;
	pthread_mutex_t lock; /* guards what follows */
	uint32_t next;
	struct sender_result result;
};

/* One terminal on its way. */
struct turn {
	struct sending *sending;
	CURL *curl;
	uint32_t number;
	struct saying_fate fate;
	struct crowd_terminal terminal;
};

/* ---- What became of it ---- */

static void note(struct sending *sending, uint64_t *counter)
{
	(void)pthread_mutex_lock(&sending->lock);
	++*counter;
	(void)pthread_mutex_unlock(&sending->lock);
}

static void note_wrong(struct sending *sending, uint32_t number, const char *what)
{
	(void)pthread_mutex_lock(&sending->lock);
	if (sending->result.wrong++ == 0)
		(void)snprintf(sending->result.first_wrong, sizeof(sending->result.first_wrong),
			"terminal %u: %.200s", number, what);
	(void)pthread_mutex_unlock(&sending->lock);
}

/* ---- One request ---- */

static size_t drop(char *data, size_t size, size_t count, void *context)
{
	(void)data, (void)context;
	return size * count;
}

static void set_up(struct turn *turn)
{
	struct curl_blob certificate = {
		.data = turn->terminal.certificate.data, .len = turn->terminal.certificate.len};
	struct curl_blob key = {.data = turn->terminal.key.data, .len = turn->terminal.key.len};
	CURL *curl = turn->curl;

	curl_easy_reset(curl);
	(void)curl_easy_setopt(curl, CURLOPT_URL, turn->sending->options->url);
	(void)curl_easy_setopt(curl, CURLOPT_CAINFO, turn->sending->options->server_ca_file);
	(void)curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &certificate);
	(void)curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &key);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, PATIENCE_S);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
}

/* The status; 0 where no answer came, and then what happened is noted. */
static long post(struct turn *turn, const struct buf *body)
{
	CURLcode code;
	long status = 0;

	(void)curl_easy_setopt(turn->curl, CURLOPT_POSTFIELDS, buf_text(body));
	(void)curl_easy_setopt(turn->curl, CURLOPT_POSTFIELDSIZE, (long)body->len);
	if ((code = curl_easy_perform(turn->curl)) != CURLE_OK)
		note_wrong(turn->sending, turn->number, curl_easy_strerror(code));
	else
		(void)curl_easy_getinfo(turn->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* A terminal comes again at its next contact; here it is told to in a moment. */
static long post_patiently(struct turn *turn, const struct buf *body)
{
	long status = post(turn, body);

	for (int again = 0; status == 503 && again < AGAIN_MOST; again++) {
		(void)sleep(AGAIN_S);
		status = post(turn, body);
	}
	return status;
}

static void send_report(struct turn *turn, const struct buf *report)
{
	long status = post_patiently(turn, report);
	char text[64];

	if (status == 200) {
		note(turn->sending, &turn->sending->result.taken);
	} else if (status != 0) {
		(void)snprintf(text, sizeof(text), "its report was answered with %ld", status);
		note_wrong(turn->sending, turn->number, text);
	}
}

static void send_damage(struct turn *turn, const struct buf *report)
{
	AUTO(buf) struct buf body = BUF_INIT(REPORT_MOST);
	struct error err = {0};
	long status;

	if (saying_damage(turn->number, report, &body, &err) < 0) {
		note_wrong(turn->sending, turn->number, err.text);
		return;
	}
	status = post(turn, &body);
	if (status >= 400 && status < 500)
		note(turn->sending, &turn->sending->result.refused);
	else if (status != 0)
		note_wrong(turn->sending, turn->number, "what was no report was not refused");
}

/* ---- One terminal ---- */

static int speak(struct turn *turn, struct error *err)
{
	const struct sending *sending = turn->sending;
	AUTO(buf) struct buf report = BUF_INIT(REPORT_MOST);
	AUTO(buf) struct buf twin = BUF_INIT(REPORT_MOST);

	if (saying_report(
		    &turn->terminal, &turn->fate, sending->options->night, sending->now_s, false, &report, err) < 0 ||
		(turn->fate.has_twin && saying_report(&turn->terminal, &turn->fate, sending->options->night,
						sending->now_s, true, &twin, err) < 0))
		return -1;
	set_up(turn);
	if (turn->fate.is_damaged)
		send_damage(turn, &report);
	send_report(turn, &report);
	if (turn->fate.has_twin)
		send_report(turn, &twin);
	return 0;
}

static void take_turn(struct turn *turn)
{
	struct sending *sending = turn->sending;
	struct error err = {0};

	saying_fate_of(&sending->options->saying, turn->number, &turn->fate);
	if (turn->fate.is_silent)
		note(sending, &sending->result.fall_silent[turn->fate.cause]);
	if (turn->fate.has_twin)
		note(sending, &sending->result.twins);
	if (turn->fate.is_silent && sending->options->night > 1) {
		note(sending, &sending->result.quiet);
		return;
	}
	if (crowd_make(sending->crowd, turn->number, turn->fate.is_silent && turn->fate.cause == SAYING_CERTIFICATE,
		    &turn->terminal, &err) < 0 ||
		speak(turn, &err) < 0)
		note_wrong(sending, turn->number, err.text);
	crowd_terminal_clear(&turn->terminal);
}

/* ---- All of them ---- */

/* Waits until the terminal's time has come, where a rate is asked for. */
static void wait_for(const struct sending *sending, uint32_t number)
{
	uint32_t rate = sending->options->per_second;
	struct timespec until = sending->began;

	if (rate == 0)
		return;
	until.tv_sec += number / rate;
	until.tv_nsec += (long)(number % rate) * (1000000000L / rate);
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
		;
}

static bool take_number(struct sending *sending, uint32_t *ret_number)
{
	bool is_one;

	(void)pthread_mutex_lock(&sending->lock);
	*ret_number = sending->next;
	if ((is_one = sending->next < sending->options->terminals))
		sending->next++;
	(void)pthread_mutex_unlock(&sending->lock);
	return is_one;
}

static void *work(void *context)
{
	struct sending *sending = context;
	struct turn turn = {.sending = sending, .curl = curl_easy_init()};

	while (turn.curl && take_number(sending, &turn.number)) {
		wait_for(sending, turn.number);
		take_turn(&turn);
	}
	curl_easy_cleanup(turn.curl);
	return NULL;
}

static double seconds_since(const struct timespec *began)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

int sender_send(const struct sender_options *options, const struct crowd *crowd, int64_t now_s,
	struct sender_result *ret_result, struct error *err)
{
	struct sending sending = {.options = options, .crowd = crowd, .now_s = now_s};
	pthread_t threads[SENDER_THREADS_MOST];
	uint32_t count = 0;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ERROR_FAILED, "libcurl does not start");
	(void)pthread_mutex_init(&sending.lock, NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &sending.began);
	while (count < options->threads && pthread_create(&threads[count], NULL, work, &sending) == 0)
		count++;
	for (uint32_t i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_mutex_destroy(&sending.lock);
	curl_global_cleanup();
	if (sending.next < options->terminals)
		return error_set(err, ERROR_FAILED, "no thread could send reports");
	sending.result.took_s = seconds_since(&sending.began);
	*ret_result = sending.result;
	return 0;
}
