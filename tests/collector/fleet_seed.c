#include "tests/collector/fleet_seed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/figures.h"
#include "collector/store/logged_row.h"
#include "collector/store/months.h"
#include "collector/store/night.h"
#include "collector/store/packing.h"
#include "collector/store/report_row.h"
#include "collector/store/schema.h"
#include "collector/store/terminal_row.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/text.h"
#include "tests/collector/fleet_fate.h"

#define DAY_S INT64_C(86400)
/* 20:00 to 05:00 in Japan: 8 hours after the noon at which a night begins. */
#define OPENS_S (8 * 3600)
#define WINDOW_S FLEET_WINDOW_S
#define TEMPLATE_NIGHTS 14
#define TEMPLATE_KINDS 8
#define TEMPLATES (TEMPLATE_NIGHTS * TEMPLATE_KINDS)
#define CAMPAIGN 150
/* Terminals whose reports are in a ledger. */
#define LOGGED 200

struct seeding {
	const struct fleet_seed *seed;
	struct database *database;
	struct packing *packing;
	int64_t night; /* the last one whose window has closed by NOW_S */
	struct buf bodies[TEMPLATES];
	int64_t sizes[TEMPLATES];
	int64_t *
		order; /* the numbers of all terminals by their ids: as the tables are sorted, so they are quickly filled */
	struct error err;
};

static void need(const struct seeding *seeding, bool true_value)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "seed: %s\n", seeding->err.text);
	abort();
}

/* ---- Rows ---- */

static void write_packages(struct seeding *seeding, const struct terminal *terminal, char *ret_text, size_t size)
{
	struct package packages[4];
	size_t count = fate_packages(terminal, packages), len = 0;

	len += (size_t)snprintf(ret_text, size, "[");
	for (size_t i = 0; i < count; i++) {
		const struct package *package = &packages[i];
		const struct installed_row row = {
			terminal->id, package->name, package->version, package->state, "", package->newest};

		need(seeding, installed_row_add(seeding->database, &row, &seeding->err) == 0);
		len += (size_t)snprintf(ret_text + len, size - len,
			"%s{\"name\":\"%s\",\"version\":\"%s\",\"state\":\"%s\",\"staged\":\"\",\"newest\":\"%s\"}",
			i ? "," : "", package->name, package->version, package->state, package->newest);
	}
	(void)snprintf(ret_text + len, size - len, "]");
}

/* The last night in which it came. */
static int64_t last_night(const struct seeding *seeding, const struct terminal *terminal)
{
	return seeding->night - (*terminal->cause ? 1 + fate(terminal->number, FATE_DAYS) % 9 : 0);
}

static int64_t contact_s(const struct terminal *terminal, int64_t night)
{
	return night_begin_s(night) + OPENS_S +
	       (terminal->slot_s + fate(terminal->number, night) * 60 / 10000) % WINDOW_S;
}

static void write_terminal(struct seeding *seeding, const struct terminal *terminal)
{
	int64_t night = last_night(seeding, terminal);
	struct terminal_row row = {.id = terminal->id, .form = 2, .agent = "0.1.0", .environment = "production"};
	struct sha256 head;

	text_assign(row.key, terminal->key);
	text_assign(row.certificate, terminal->certificate);
	(void)strcpy(row.name, terminal->name);
	(void)snprintf(row.institution, sizeof(row.institution), "%.10s", terminal->institution);
	(void)strcpy(row.verdict, strcmp(terminal->state, "rolled-back") == 0
					  ? "needs-attention"
					  : fate_choose(fate_verdicts, fate(terminal->number, FATE_VERDICT)));
	(void)strcpy(row.reason, "all-current");
	if (strcmp(row.verdict, "restart") == 0)
		(void)strcpy(row.reason, "staged");
	if (strcmp(row.verdict, "update-waiting") == 0)
		(void)strcpy(row.reason, "newer-release");
	if (strcmp(row.verdict, "needs-attention") == 0)
		(void)strcpy(row.reason, strcmp(terminal->state, "rolled-back") == 0
						 ? "rolled-back"
						 : fate_choose(fate_reasons, fate(terminal->number, FATE_CAUSE)));
	(void)snprintf(row.problems, sizeof(row.problems),
		strcmp(row.verdict, "needs-attention") == 0 ? "[{\"reason\":\"%s\"}]" : "[]", row.reason);
	(void)strcpy(row.words, *terminal->cause ? terminal->cause : "unknown");
	(void)strcpy(row.cause, terminal->cause);
	write_packages(seeding, terminal, row.packages, sizeof(row.packages));
	row.number = seeding->seed->nights - (seeding->night - night);
	row.rows = row.number * 7;
	fate_hash("head", terminal->number, &head);
	(void)sha256_hex(&head, row.head);
	(void)sha256_hex(&head, row.digest);
	row.received_s = row.made_s = contact_s(terminal, night);
	row.opens_s = night_begin_s(night + 1) + OPENS_S;
	row.closes_s = row.opens_s + WINDOW_S;
	row.silent_s = *terminal->cause ? row.closes_s : 0;
	row.certificate_ends_s =
		seeding->seed->now_s + (strcmp(terminal->cause, "certificate") == 0 ? -2 : 300) * DAY_S;
	need(seeding, terminal_row_reserve(seeding->database, row.key,
			      night_begin_s(seeding->night - seeding->seed->nights), &seeding->err) == 0 &&
			      terminal_row_change(seeding->database, &row, &seeding->err) == 0);
}

/* As long as a certificate of a small authority. */
static void write_certificate(struct seeding *seeding, const struct terminal *terminal)
{
	char subject[64], text[13 * (SHA256_HEX_SIZE - 1) + 1];
	const struct certificate_row row = {
		.fingerprint = terminal->certificate,
		.subject = subject,
		.name = terminal->name,
		.institution = terminal->institution,
		.serial = terminal->key,
		.ends_s = seeding->seed->now_s + 300 * DAY_S,
		.first_s = night_begin_s(seeding->night - seeding->seed->nights),
		.text = text,
	};

	(void)snprintf(subject, sizeof(subject), "CN=%s", terminal->name);
	for (size_t at = 0; at + 1 < sizeof(text); at += SHA256_HEX_SIZE - 1)
		memcpy(text + at, terminal->key, SHA256_HEX_SIZE);
	need(seeding, certificate_row_put(seeding->database, &row, &seeding->err) == 0);
}

static void write_delivery(struct seeding *seeding, const struct terminal *terminal, const char *package,
	const char *version, const char *state, int64_t campaign, int64_t planned_s, int64_t days)
{
	bool is_bad =
		strcmp(state, "rolled-back") == 0 || strcmp(state, "rejected") == 0 || strcmp(state, "failed") == 0;
	const char *detail = strcmp(state, "rolled-back") == 0 ? fate_choose(fate_details, fate(terminal->number, FATE_VENDOR))
			     : strcmp(state, "failed") == 0    ? "no space for it: 212 MB are missing"
			     : strcmp(state, "rejected") == 0  ? "frame 17 has another digest than the release says"
							       : "";
	struct sha256 digest;
	char hex[SHA256_HEX_SIZE], what[96];
	struct delivery_row row = {.terminal = terminal->id,
		.planned_s = planned_s,
		.state = state,
		.campaign = campaign,
		.changed_s = planned_s + days * DAY_S + 7200,
		.attempts = 1 + days,
		.error = is_bad ? "failed" : "none",
		.detail = detail,
		.report = seeding->seed->nights - 3};

	(void)snprintf(what, sizeof(what), "%s %s", package, version);
	fate_hash(what, 0, &digest);
	(void)sha256_hex(&digest, hex);
	row.release = release_id_of(package, version, hex);
	need(seeding, release_row_add(seeding->database, package, version, hex, planned_s, &seeding->err) == 0 &&
			      delivery_row_put(seeding->database, &row, &seeding->err) == 0);
}

/* Speed: most within the first nights, some only when they are on again. */
static int64_t days_of(const struct terminal *terminal)
{
	int64_t number = fate(terminal->number, FATE_DAYS);

	return number < 5200 ? 1 : number < 7700 ? 2 : number < 8800 ? 3 : number < 9400 ? 4 : 5 + number % 6;
}

static void write_deliveries(struct seeding *seeding, const struct terminal *terminal)
{
	int64_t began_s = night_begin_s(seeding->night - 12) + OPENS_S + terminal->slot_s;
	struct package packages[4];

	(void)fate_packages(terminal, packages);
	write_delivery(
		seeding, terminal, "face-library", "5.1.0", terminal->state, CAMPAIGN, began_s, days_of(terminal));
	write_delivery(seeding, terminal, "face-library", "5.0.2", "confirmed", CAMPAIGN - 1, began_s - 40 * DAY_S,
		days_of(terminal));
	write_delivery(seeding, terminal, packages[3].name, packages[3].version, "confirmed", CAMPAIGN - 1,
		began_s - 39 * DAY_S, days_of(terminal));
	if (strcmp(packages[0].version, "2.4.1") == 0)
		write_delivery(seeding, terminal, "distro-app", "2.4.1", "confirmed", CAMPAIGN - 2,
			began_s - 45 * DAY_S, days_of(terminal));
	else
		write_delivery(
			seeding, terminal, "distro-app", "2.4.1", "failed", CAMPAIGN - 2, began_s - 45 * DAY_S, 9);
}

/* ---- Reports ---- */

static json_t *moment(int64_t time_s)
{
	char text[CLOCK_TEXT_SIZE];

	return json_string(clock_text(time_s, text));
}

/* A report's body, of the size that a terminal's has; of a few that all take theirs from. */
static void make_template(struct seeding *seeding, int number)
{
	static const char *const outcomes[] = {
		"contacted", "contacted", "contacted", "contacted", "contacted", "contacted", "contacted", "off"};
	const char *outcome = outcomes[number % TEMPLATE_KINDS];
	bool made = strcmp(outcome, "contacted") == 0;
	int64_t opens_s = night_begin_s(seeding->night - number / TEMPLATE_KINDS) + OPENS_S;
	AUTO(buf) struct buf body = BUF_INIT(PACKING_BODY_MOST);
	char date[CLOCK_TEXT_SIZE], signature[129], key[65];
	AUTO(json) json_t *report = NULL;

	(void)clock_text(opens_s + 9 * 3600, date);
	date[10] = '\0';
	fate_key(number, key);
	(void)snprintf(signature, sizeof(signature), "%s%s", key, key);
	report = json_pack("{s:s, s:s, s:i, s:o, s:s, s:s, s:s, s:s, s:[], s:[], s:[], s:[], s:[{s:s, s:o, s:o, s:s, "
			   "s:o, s:i, s:i}], s:{s:i, s:s, s:s, s:s}}",
		"form", "haishin-report-1", "terminal", key, "number", number + 1, "made", moment(opens_s + 7000),
		"agent", "0.1.0", "environment", "production", "verdict", "up-to-date", "reason", "all-current",
		"problems", "packages", "deliveries", "quarantine", "windows", "date", date, "opens", moment(opens_s),
		"closes", moment(opens_s + WINDOW_S), "outcome", outcome, "contact",
		made ? moment(opens_s + 7000) : json_null(), "attempts", (int)made, "on_s", made ? WINDOW_S : 0,
		"history", "rows", 70, "head", key, "signature", signature, "key", key);
	need(seeding, report && json_write(report, &body, &seeding->err) == 0 &&
			      packing_pack(seeding->packing, "", body.data, body.len, &seeding->bodies[number],
				      &seeding->err) == 0);
	seeding->sizes[number] = (int64_t)body.len;
}

/* So that a collector that keeps a ledger has something to log. */
static void write_unlogged(struct seeding *seeding, const struct terminal *terminal, const struct report_row *report)
{
	struct unlogged_row row = {.digest = *report->digest,
		.terminal = terminal->key,
		.number = report->number,
		.rows = report->number * 7,
		.head = terminal->certificate};

	need(seeding, unlogged_row_add(seeding->database, &row, report->received_s, &seeding->err) == 0);
}

static void write_report(struct seeding *seeding, const struct terminal *terminal, int64_t night)
{
	int kind = (int)(fate(terminal->number, night * 7) % TEMPLATE_KINDS);
	int template = (int)((seeding->night - night) % TEMPLATE_NIGHTS) * TEMPLATE_KINDS + kind;
	struct sha256 digest;
	struct report_row row = {.received_s = contact_s(terminal, night),
		.terminal = terminal->id,
		.number = seeding->seed->nights - (seeding->night - night),
		.certificate = terminal->certificate,
		.digest = &digest,
		.size = seeding->sizes[template],
		.packed = seeding->bodies[template].data,
		.packed_len = seeding->bodies[template].len};

	fate_hash(terminal->key, row.number, &digest);
	need(seeding, report_row_add(seeding->database, &row, &seeding->err) == 0);
	if (terminal->number < LOGGED)
		write_unlogged(seeding, terminal, &row);
}

static void write_night(struct seeding *seeding, int64_t night)
{
	struct terminal terminal;

	need(seeding, database_begin(seeding->database, &seeding->err) == 0);
	need(seeding, months_prepare(seeding->database, night_begin_s(night), &seeding->err) == 0 &&
			      months_prepare(seeding->database, night_begin_s(night + 1), &seeding->err) == 0);
	for (int64_t i = 0; i < seeding->seed->terminals; i++) {
		fate_of_terminal(seeding->order[i], &terminal);
		if (night <= last_night(seeding, &terminal))
			write_report(seeding, &terminal, night);
	}
	need(seeding, database_commit(seeding->database, &seeding->err) == 0);
}

/* ---- Figures of the nights before ---- */

static void put_figure(struct seeding *seeding, int64_t night, const char *kind, const char *name, int64_t figure)
{
	AUTO(query) struct query *query = query_new(seeding->database, STATEMENT_FIGURE_PUT, &seeding->err);

	query_number(query, night);
	query_text(query, kind);
	query_text(query, name);
	query_number(query, figure);
	need(seeding, query_run_soon(query, &seeding->err) == 0);
}

static int64_t part_of(const struct seeding *seeding, int64_t of_10000, int64_t night, int64_t purpose)
{
	return seeding->seed->terminals * (of_10000 * 100 + fate(night, purpose) % (of_10000 * 12 + 1)) / 1000000;
}

static void write_curve(struct seeding *seeding, int64_t night, int64_t reached)
{
	char name[8];

	for (int quarter = 32; quarter < 68; quarter++) {
		(void)snprintf(name, sizeof(name), "%02d", quarter);
		put_figure(seeding, night, "expected", name, seeding->seed->terminals / 36);
		put_figure(seeding, night, "contact", name, reached * (9700 + fate(night, quarter) % 600) / 360000);
	}
}

static void write_past_night(struct seeding *seeding, int64_t night)
{
	int64_t terminals = seeding->seed->terminals - (seeding->night - night) * seeding->seed->terminals / 4000;
	int64_t silent = 0, before = 0, reached;

	for (size_t i = 0; i < ARRAY_SIZE(fate_causes); before = fate_causes[i++].below) {
		int64_t figure = part_of(seeding, (fate_causes[i].below - before) * 225 / 10000 + 1, night, (int64_t)i);

		silent += figure;
		put_figure(seeding, night, "silent", fate_causes[i].name, figure);
	}
	before = 0;
	for (size_t i = 1; i < ARRAY_SIZE(fate_verdicts); before += fate_verdicts[i].below - fate_verdicts[i - 1].below, i++)
		put_figure(seeding, night, "verdict", fate_verdicts[i].name,
			part_of(seeding, fate_verdicts[i].below - fate_verdicts[i - 1].below, night, 20 + (int64_t)i));
	put_figure(seeding, night, "verdict", "up-to-date", terminals * 913 / 1000);
	reached = terminals - silent - part_of(seeding, 60, night, 40);
	write_curve(seeding, night, reached);
	put_figure(seeding, night, "fleet", "terminals", terminals);
	put_figure(seeding, night, "fleet", "silent", silent);
	put_figure(seeding, night, "fleet", "reached", reached);
	put_figure(seeding, night, "fleet", "twins", 3);
	put_figure(seeding, night, "fleet", "as-of", night_begin_s(night + 1) - 60);
}

/* ---- All of it ---- */

static void write_terminals(struct seeding *seeding)
{
	struct terminal terminal;

	need(seeding, database_begin(seeding->database, &seeding->err) == 0);
	for (int64_t i = 0; i < seeding->seed->terminals; i++) {
		fate_of_terminal(seeding->order[i], &terminal);
		write_terminal(seeding, &terminal);
		write_certificate(seeding, &terminal);
		write_deliveries(seeding, &terminal);
	}
	for (int64_t night = seeding->night - seeding->seed->nights + 1; night < night_of(seeding->seed->now_s);
		night++)
		write_past_night(seeding, night);
	need(seeding, database_run(seeding->database, "UPDATE terminal SET ring = 'pilot' WHERE id % 97 = 0",
			      &seeding->err) == 0);
	need(seeding, database_run(seeding->database, "UPDATE terminal SET twin_s = received_s WHERE id % 4001 = 0",
			      &seeding->err) == 0);
	need(seeding, database_commit(seeding->database, &seeding->err) == 0);
}

static int compare(const void *left, const void *right)
{
	const struct terminal *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void sort_terminals(struct seeding *seeding)
{
	size_t count = (size_t)seeding->seed->terminals;
	AUTO(free) struct terminal *terminals = calloc(count, sizeof(*terminals));

	seeding->order = calloc(count, sizeof(*seeding->order));
	need(seeding, terminals && seeding->order);
	for (size_t i = 0; i < count; i++)
		fate_of_terminal((int64_t)i, &terminals[i]);
	qsort(terminals, count, sizeof(*terminals), compare);
	for (size_t i = 0; i < count; i++)
		seeding->order[i] = terminals[i].number;
}

/* Nobody's reports are lost if this ends too early. */
static void be_quick(struct seeding *seeding)
{
	if (database_dialect(seeding->database) == DIALECT_SQLITE)
		need(seeding, database_run(seeding->database, "PRAGMA cache_size = -400000; PRAGMA synchronous = OFF",
				      &seeding->err) == 0);
}

void fleet_seed(const struct fleet_seed *seed)
{
	struct seeding seeding = {.seed = seed, .night = night_of(seed->now_s - OPENS_S - WINDOW_S)};

	need(&seeding, database_open(seed->store, &seeding.database, &seeding.err) == 0 &&
			       schema_update(seeding.database, &seeding.err) == 0 &&
			       packing_open(&seeding.packing, &seeding.err) == 0);
	for (int i = 0; i < TEMPLATES; i++) {
		seeding.bodies[i].limit = PACKING_BODY_MOST;
		make_template(&seeding, i);
	}
	be_quick(&seeding);
	sort_terminals(&seeding);
	write_terminals(&seeding);
	for (int64_t night = seeding.night - seed->report_nights + 1; night <= seeding.night; night++)
		write_night(&seeding, night);
	for (int i = 0; i < TEMPLATES; i++)
		buf_clear(&seeding.bodies[i]);
	free(seeding.order);
	packing_close(seeding.packing);
	database_close(seeding.database);
}
