#include "tools/fleet/saying.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/json.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/terminal_certificate.h"

#define DAY_S INT64_C(86400)
#define WINDOW_S (9 * 3600)
/* 20:00 in Japan, in UTC. */
#define OPENS_S (11 * 3600)
#define CAMPAIGN 150

static const struct cause {
	const char *name, *reason, *problem, *outcome, *state;
} causes[SAYING_CAUSES] = {
#define CAUSE_ROW(enumerator, name, reason, problem, outcome, state) {name, reason, problem, outcome, state},
	EACH_SAYING_CAUSE(CAUSE_ROW)
#undef CAUSE_ROW
};

const char *saying_cause_name(enum saying_cause cause)
{
	return causes[cause].name;
}

/* ---- Fate ---- */

static uint64_t draw(const struct saying_options *options, uint32_t number, uint64_t purpose)
{
	uint64_t mixed = options->seed * UINT64_C(0xd6e8feb86659fd93) ^ (uint64_t)number << 20 ^ purpose;

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

static bool happens(const struct saying_options *options, uint32_t number, uint64_t purpose, uint32_t per_mille)
{
	return draw(options, number, purpose) % 1000 < per_mille;
}

void saying_fate_of(const struct saying_options *options, uint32_t number, struct saying_fate *ret_fate)
{
	*ret_fate = (struct saying_fate){
		.is_silent = happens(options, number, 1, options->silent),
		.cause = (enum saying_cause)(draw(options, number, 2) % SAYING_CAUSES),
		.has_twin = happens(options, number, 3, options->clones),
		.is_damaged = happens(options, number, 4, options->damaged),
		.is_hostile = happens(options, number, 5, options->hostile),
		.took_back = happens(options, number, 6, options->taken_back),
	};
	/* What it says of itself is one thing. */
	if (ret_fate->is_silent)
		ret_fate->has_twin = ret_fate->took_back = false;
}

/* ---- The report ---- */

static json_t *moment(int64_t time_s)
{
	char text[CLOCK_TEXT_SIZE];

	return time_s ? json_string(clock_text(time_s, text)) : json_null();
}

static json_t *package_json(const char *name, const char *version, const char *newest, const char *state)
{
	return JSON_OBJECT({
		json_text("name", name),
		json_text("version", version),
		json_text("newest", newest),
		json_text("state", state),
	});
}

static json_t *packages_json(const char *state, bool took_back)
{
	bool is_new = !took_back && strcmp(state, "current") == 0;

	return json_pack("[o, o, o, o]", package_json("distro-app", "2.4.1", "2.4.1", "current"),
		package_json("face-library", is_new ? "5.1.0" : "5.0.2", "5.1.0", took_back ? "rolled-back" : state),
		package_json("linkage-app", "1.9.0", "1.9.0", "current"),
		package_json("reader-app/acme", "1.4.2", "1.4.2", "current"));
}

static json_t *delivery_json(const struct saying_fate *fate, const char *state, int64_t now_s)
{
	const char *hostile = "<script>alert(1)</script>\xe2\x80\xae\"'",
		   *known = "health check: no answer within 20 s";
	struct sha256 digest;
	char hex[SHA256_HEX_SIZE];

	sha256_of("face-library 5.1.0", strlen("face-library 5.1.0"), &digest);
	return JSON_OBJECT({
		json_text("package", "face-library"),
		json_text("version", "5.1.0"),
		json_text("digest", sha256_hex(&digest, hex)),
		json_text("state", state),
		json_text("error", strcmp(state, "rolled-back") == 0 ? "failed" : "none"),
		json_text_if("detail", fate->is_hostile	 ? hostile
				       : fate->took_back ? known
							 : NULL),
		json_number("campaign", CAMPAIGN),
		json_take("planned", moment(now_s - 2 * DAY_S)),
		json_take("changed", moment(now_s - 3600)),
		json_number("attempts", 1),
	});
}

static json_t *window_json(int64_t now_s, const char *outcome)
{
	int64_t opens_s = (now_s - OPENS_S - WINDOW_S) / DAY_S * DAY_S + OPENS_S;
	bool made = strcmp(outcome, "contacted") == 0;
	char date[CLOCK_TEXT_SIZE];

	(void)clock_text(opens_s + WINDOW_S, date);
	date[10] = '\0';
	return JSON_OBJECT({
		json_text("date", date),
		json_take("opens", moment(opens_s)),
		json_take("closes", moment(opens_s + WINDOW_S)),
		json_text("outcome", outcome),
		json_take("contact", moment(made ? opens_s + 3600 : 0)),
		json_number("attempts", made),
		json_number("on_s", made ? WINDOW_S : 0),
	});
}

static json_t *history_json(const struct crowd_terminal *terminal, int64_t rows, bool is_twin, struct error *err)
{
	AUTO(buf) struct buf statement = BUF_INIT(256);
	AUTO(buf) struct buf signature = BUF_INIT(256);
	char text[128], head[SHA256_HEX_SIZE];
	struct sha256 digest;
	int len = snprintf(text, sizeof(text), "%s %" PRId64 " %d", signer_key_id(terminal->signer), rows, is_twin);

	sha256_of(text, (size_t)len, &digest);
	(void)sha256_hex(&digest, head);
	if (buf_printf(&statement, err, "haishin-history-head-1\n%" PRId64 "\n%s\n", rows, head) < 0 ||
		signer_sign(terminal->signer, statement.data, statement.len, &signature, err) < 0)
		return NULL;
	return JSON_OBJECT({
		json_blame(err),
		json_number("rows", rows),
		json_text("head", head),
		json_text("signature", buf_text(&signature)),
		json_take("key", signer_public_key(terminal->signer, err)),
	});
}

/* The copy of a disk runs on another machine. */
static json_t *machine_json(const struct crowd_terminal *terminal, bool is_twin)
{
	char text[128], hex[SHA256_HEX_SIZE];
	struct sha256 digest;
	int len = snprintf(text, sizeof(text), "machine %s %d", signer_key_id(terminal->signer), is_twin);

	sha256_of(text, (size_t)len, &digest);
	return json_string(sha256_hex(&digest, hex));
}

static json_t *certificate_json(const struct crowd_terminal *terminal, struct error *err)
{
	AUTO(buf) struct buf vouch = BUF_INIT(4096);

	if (terminal_certificate_vouch(&terminal->key, signer_key_id(terminal->signer), &vouch, err) < 0)
		return NULL;
	return JSON_OBJECT({
		json_blame(err),
		json_text("chain", buf_text(&terminal->certificate)),
		json_text("signature", buf_text(&vouch)),
	});
}

/* What is said that day: its last words, where it falls silent after them. */
static struct cause words_of(const struct saying_fate *fate)
{
	static const struct cause well = {"", "all-current", "", "contacted", "current"};

	if (fate->is_silent)
		return causes[fate->cause];
	return fate->took_back ? causes[SAYING_ROLLED_BACK] : well;
}

static const char *delivery_state(const struct cause *words)
{
	return strcmp(words->state, "current") == 0   ? "confirmed"
	       : strcmp(words->state, "waiting") == 0 ? "planned"
						      : words->state;
}

static json_t *problems_of(const struct cause *words)
{
	return *words->problem ? json_pack("[{s:s}]", "reason", words->problem) : json_array();
}

int saying_report(const struct crowd_terminal *terminal, const struct saying_fate *fate, int64_t night, int64_t now_s,
	bool is_twin, struct buf *ret_report, struct error *err)
{
	struct cause words = words_of(fate);
	bool is_well = strcmp(words.reason, "all-current") == 0, is_staged = strcmp(words.reason, "staged") == 0;
	AUTO(json)
	json_t *report = JSON_OBJECT({
		json_blame(err),
		json_text("form", SIGNED_REPORT_FORM),
		json_text("terminal", signer_key_id(terminal->signer)),
		json_number("number", night),
		json_take("made", moment(now_s)),
		json_take("machine", machine_json(terminal, is_twin)),
		json_text("agent", fate->is_hostile ? "<img src=x onerror=alert(2)>" : HAISHIN_VERSION),
		json_text("environment", "production"),
		json_text("verdict", is_well	 ? "up-to-date"
				     : is_staged ? "restart"
						 : "needs-attention"),
		json_text("reason", words.reason),
		json_take("problems", problems_of(&words)),
		json_take("packages", packages_json(words.state, fate->took_back)),
		json_take("deliveries", json_pack("[o]", delivery_json(fate, delivery_state(&words), now_s))),
		json_take("quarantine", json_array()),
		json_take("windows", json_pack("[o]", window_json(now_s, words.outcome))),
		json_take("history", history_json(terminal, night * 7, is_twin, err)),
		json_take("certificate", certificate_json(terminal, err)),
	});

	if (!report || signed_report_sign(report, terminal->signer, err) < 0)
		return -1;
	return json_write(report, ret_report, err);
}

/* ---- What is no report ---- */

int saying_damage(uint32_t number, const struct buf *report, struct buf *ret_body, struct error *err)
{
	static const char *const kinds[] = {"", "{}", "[[[[[[[[[[[[[[[[", "{\"form\": \"haishin-report-2\"}",
		"\xff\xfe\xfd", "{\"form\": \"haishin-report-9\", \"terminal\": \"../../etc/passwd\"}"};
	size_t kind = number % (ARRAY_SIZE(kinds) + 2);

	if (kind < ARRAY_SIZE(kinds))
		return buf_append(ret_body, kinds[kind], strlen(kinds[kind]), err);
	/* Cut; and with one digit changed, so that the signature does not hold. */
	if (kind == ARRAY_SIZE(kinds))
		return buf_append(ret_body, report->data, report->len / 2, err);
	if (buf_append(ret_body, report->data, report->len, err) < 0)
		return -1;
	for (char *at = strstr(ret_body->data, "\"number\":"); at && *at; at++)
		if (*at >= '1' && *at <= '8') {
			*at += 1;
			break;
		}
	return 0;
}
