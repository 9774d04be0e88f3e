/* The page as it is served: what each role is shown, in which language, and that nothing a terminal says is more than text
 * there. What it looks like in a browser is tested by test_page_browser. */
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

#define SCRIPT "<script>alert(1)</script>"
#define BIDI "\xe2\x80\xae"

struct site {
	struct collector collector;
	struct report_maker quiet, hostile;
	struct pki_pair partner_pair;
	struct askers askers;
	struct ask *partner; /* a vendor who is shown terminals */
};

static void report(struct site *site, struct report_maker *maker, const char *name)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct pki_pair pair;
	struct ask *ask;

	pki_issue_client(&site->collector.pki, &pair, name, pki_yesterday(), pki_next_year());
	ask = collector_client(&site->collector, &pair);
	report_maker_make(maker, &body);
	if (ask_for(ask, "/reports", buf_text(&body), body.len, &site->askers.answer) != 200)
		fail_msg("%s", buf_text(&site->askers.answer.body));
	ask_free(ask);
	pki_pair_clear(&pair);
}

/* One terminal as they are, and one that says whatever its maker thought would hurt. */
static void make_terminals(struct site *site)
{
	char *sentence = malloc(256);
	json_t *delivery;

	report_maker_init(&site->quiet, collector_now_s());
	report_maker_add_window(&site->quiet, collector_now_s() - 2 * 86400, "contacted");
	report_maker_add_delivery(&site->quiet, "face-library", "5.1.0", "confirmed", collector_now_s() - 86400,
		collector_now_s() - 3600);
	report(site, &site->quiet, "1312345678");

	report_maker_init(&site->hostile, collector_now_s());
	site->hostile.agent = SCRIPT;
	site->hostile.environment = BIDI "\"><img src=x onerror=alert(2)>";
	site->hostile.verdict = "needs-attention";
	site->hostile.reason = "no-such-reason";
	report_maker_add_problem(&site->hostile, "no-such-problem", "face-library");
	report_maker_add_window(&site->hostile, collector_now_s() - 2 * 86400, "contacted");
	(void)json_object_set_new(json_array_get(site->hostile.windows, 0), "date", json_string("<b>9999</b"));
	report_maker_add_delivery(&site->hostile, "reader-app/acme", "1.4.0", "rolled-back",
		collector_now_s() - 86400, collector_now_s() - 3600);
	delivery = json_array_get(site->hostile.deliveries, 0);
	memset(sentence, 'w', 255);
	sentence[255] = '\0';
	memcpy(sentence, SCRIPT, strlen(SCRIPT));
	(void)json_object_set_new(delivery, "detail", json_string(sentence));
	(void)json_object_set_new(delivery, "campaign", json_integer(150));
	free(sentence);
	report(site, &site->hostile, SCRIPT BIDI "'\"");
}

static int setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));
	struct collector *collector = &site->collector;

	collector_init(collector);
	(void)strcpy(collector->more, "[role partner]\nis = vendor\nsubject = CN=Partner\n"
				      "packages = reader-app/acme\nshows_terminals = yes\n");
	pki_issue_client(&collector->pki, &site->partner_pair, "Partner", pki_yesterday(), pki_next_year());
	collector_start(collector);
	askers_begin(&site->askers, collector);
	make_terminals(site);
	site->partner = collector_client(collector, &site->partner_pair);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	askers_clear(&site->askers);
	ask_free(site->partner);
	pki_pair_clear(&site->partner_pair);
	collector_stop(&site->collector);
	report_maker_clear(&site->quiet);
	report_maker_clear(&site->hostile);
	collector_clear(&site->collector);
	free(site);
	return 0;
}

static const char *see(struct site *site, struct ask *ask, const char *path)
{
	return askers_see(&site->askers, ask, path);
}

static const char *page_of(const struct report_maker *maker, char *ret_path, size_t size)
{
	(void)snprintf(ret_path, size, "/terminals/%s", signer_key_id(maker->signer));
	return ret_path;
}

static const char *const views[] = {
	"/",
	"/releases",
	"/release?package=reader-app/acme&version=1.4.0",
	"/release?package=reader-app/acme&version=1.4.0&state=rolled-back",
	"/campaigns",
	"/campaigns/150",
	"/campaigns/150?state=rolled-back",
	"/terminals",
	"/terminals?q=1312345678",
	"/terminals?q=%3Cscript%3E",
	"/terminals?verdict=needs-attention&ring=%22%3E%3Cscript%3Ealert(3)%3C/script%3E",
	"/ledger",
};

TEST_CASE(test_nothing_that_is_said_is_more_than_text)
{
	struct site *site = *state;
	char path[128];

	for (size_t i = 0; i <= ARRAY_SIZE(views); i++) {
		const char *view = i < ARRAY_SIZE(views) ? views[i] : page_of(&site->hostile, path, sizeof(path));
		const char *text = see(site, site->askers.boss, view);

		if (strstr(text, "<script>") || strstr(text, "<img") || strstr(text, "<b>9") || strstr(text, BIDI) ||
			strstr(text, "<script>alert"))
			fail_msg("%s: %s", view, text);
	}
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "&lt;script&gt;alert(1)&lt;/script&gt;"));
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "\xef\xbf\xbd&quot;&gt;&lt;img"));
}

TEST_CASE(test_a_browser_is_told_to_run_nothing_but_ours)
{
	struct site *site = *state;
	char value[512];

	(void)see(site, site->askers.boss, "/");
	(void)ask_header(&site->askers.answer, "Content-Security-Policy", value, sizeof(value));
	assert_non_null(strstr(value, "default-src 'none'"));
	assert_non_null(strstr(value, "script-src 'self'"));
	assert_null(strstr(value, "unsafe"));
	assert_null(strstr(buf_text(&site->askers.answer.body), "style=\""));
	assert_null(strstr(buf_text(&site->askers.answer.body), " onclick="));
	(void)see(site, site->askers.boss, "/page/page.js");
	assert_string_equal(
		ask_header(&site->askers.answer, "Content-Type", value, sizeof(value)), "text/javascript; charset=utf-8");
	(void)see(site, site->askers.vendor, "/page/style.css");
	(void)see(site, site->askers.terminal, "/page/icon.svg");
}

TEST_CASE(test_the_browser_chooses_the_language_and_a_switch_the_other)
{
	struct site *site = *state;
	char value[256];

	assert_non_null(strstr(see(site, site->askers.boss, "/terminals"), "<html lang=\"en\">"));
	assert_non_null(
		strstr(see(site, site->askers.boss, "/terminals?silent=yes"), "href=\"/terminals?silent=yes&amp;lang=ja\""));
	assert_non_null(strstr(see(site, site->askers.boss, "/terminals?lang=ja"), "<h1>端末</h1>"));
	assert_string_equal(ask_header(&site->askers.answer, "Set-Cookie", value, sizeof(value)),
		"lang=ja; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly");
	ask_add_header(site->askers.boss, "Accept-Language: fr;q=0.9, ja-JP, en;q=0.8");
	assert_non_null(strstr(see(site, site->askers.boss, "/"), "<html lang=\"ja\">"));
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "今夜の状況"));
	assert_string_equal(ask_header(&site->askers.answer, "Set-Cookie", value, sizeof(value)), "");
	ask_add_header(site->askers.boss, "Cookie: lang=en");
	assert_non_null(strstr(see(site, site->askers.boss, "/"), "<html lang=\"en\">"));
	ask_add_header(site->askers.auditor, "Cookie: lang=\"><script>");
	assert_non_null(strstr(see(site, site->askers.auditor, "/"), "<html lang=\"en\">"));
}

TEST_CASE(test_each_role_sees_its_views_and_no_more)
{
	static const struct {
		const char *path;
		long status[4]; /* to operator, auditor, vendor, terminal */
	} rows[] = {
		{"/", {200, 200, 200, 403}},
		{"/releases", {200, 200, 200, 403}},
		{"/release?package=reader-app/acme&version=1.4.0", {200, 200, 200, 403}},
		{"/release?package=face-library&version=5.1.0", {200, 200, 403, 403}},
		{"/campaigns", {200, 200, 403, 403}},
		{"/campaigns/150", {200, 200, 403, 403}},
		{"/campaigns/x", {404, 404, 403, 403}},
		{"/terminals", {200, 200, 403, 403}},
		{"/terminals/0", {404, 404, 403, 403}},
		{"/terminals?verdit=x", {400, 400, 403, 403}},
		{"/nights/1999-01-01", {404, 404, 403, 403}},
		{"/ledger", {200, 200, 403, 403}},
		{"/nothing", {404, 404, 404, 404}},
		{"/page/nothing", {404, 404, 404, 404}},
	};
	struct site *site = *state;
	struct ask *asks[] = {site->askers.boss, site->askers.auditor, site->askers.vendor, site->askers.terminal};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t who = 0; who < ARRAY_SIZE(asks); who++)
			if (ask_for(asks[who], rows[i].path, NULL, 0, &site->askers.answer) != rows[i].status[who])
				fail_msg("%s, asked by number %zu: %ld", rows[i].path, who, site->askers.answer.status);
	assert_int_equal(ask_for(site->askers.terminal, "/terminals", NULL, 0, &site->askers.answer), 403);
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "<h1>This is not for you.</h1>"));
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "has the role terminal here"));
}

TEST_CASE(test_a_vendor_sees_its_package_and_no_institution)
{
	static const char *const paths[] = {"/", "/releases", "/release?package=reader-app/acme&version=1.4.0"};
	struct site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		const char *text = see(site, site->askers.vendor, paths[i]);

		assert_non_null(strstr(text, "reader-app/acme"));
		assert_null(strstr(text, "face-library"));
		assert_null(strstr(text, "1312345678"));
		assert_null(strstr(text, "href=\"/terminals"));
		assert_null(strstr(text, "href=\"/campaigns"));
	}
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "was taken back"));
}

TEST_CASE(test_a_vendor_who_is_shown_terminals_sees_those_with_its_package_and_no_page_of_theirs)
{
	static const char acme[] = "/api/v1/deliveries?package=reader-app/acme&version=1.4.0";
	struct site *site = *state;
	char path[256];

	assert_non_null(strstr(see(site, site->partner, acme), "\"name\":\"<script>"));
	assert_null(strstr(buf_text(&site->askers.answer.body), "1312345678"));
	assert_non_null(strstr(see(site, site->partner, "/release?package=reader-app/acme&version=1.4.0"),
		"<bdi>&lt;script&gt;"));
	assert_null(strstr(buf_text(&site->askers.answer.body), "href=\"/terminals"));
	assert_int_equal(ask_for(site->partner, page_of(&site->hostile, path, sizeof(path)), NULL, 0, &site->askers.answer), 403);
	assert_int_equal(ask_for(site->partner, "/api/v1/deliveries?package=face-library&version=5.1.0", NULL, 0,
				 &site->askers.answer),
		403);
	/* A certificate names its terminal: only where that is shown, and of its own packages. There is no ledger to make one of. */
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "/api/v1/delivery-certificate?terminal=%s&package=%s&version=1.4.0",
			signer_key_id(site->hostile.signer), i == 0 ? "reader-app/acme" : "face-library");
		assert_int_equal(ask_for(site->askers.vendor, path, NULL, 0, &site->askers.answer), 403);
		assert_int_equal(ask_for(site->partner, path, NULL, 0, &site->askers.answer) == 403, i == 1);
	}
}

TEST_CASE(test_two_machines_with_one_key_are_told_on_the_page)
{
	struct site *site = *state;
	char path[128];

	(void)page_of(&site->quiet, path, sizeof(path));
	assert_null(strstr(see(site, site->askers.boss, path), "Two with one key"));
	report(site, &site->quiet, "1312345678");
	site->quiet.rows -= 5; /* the copy goes on where the disk was copied */
	site->quiet.seed = 1;
	report(site, &site->quiet, "1312345678");
	assert_non_null(strstr(see(site, site->askers.boss, path), "Two with one key"));
	assert_non_null(strstr(see(site, site->askers.boss, "/terminals?twin=yes"), "<bdi>1312345678</bdi>"));
}

TEST_CASE(test_a_look_at_a_terminal_is_noted_and_shown)
{
	struct site *site = *state;
	char path[128];

	(void)see(site, site->askers.auditor, page_of(&site->quiet, path, sizeof(path)));
	assert_null(strstr(buf_text(&site->askers.answer.body), "Who looked"));
	(void)see(site, site->askers.boss, path);
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "CN=Auditor"));
	assert_int_equal(collector_count(&site->collector, "SELECT count(*) FROM access"), 2);
}

TEST_CASE(test_a_terminal_is_found_as_it_is_asked_for)
{
	static const struct {
		const char *path;
		bool is_found;
	} rows[] = {
		{"/terminals?q=1312345678", true},
		{"/terminals?q=13123", true},
		{"/terminals?q=13123456", true}, /* it could be a key too */
		{"/terminals?q=131234567", true},
		{"/terminals?q=9999999999", false},
		{"/terminals?q=nobody", false},
		{"/terminals?verdict=up-to-date", true},
		{"/terminals?verdict=restart", false},
		{"/terminals?package=face-library&version=5.1.0", true},
		{"/terminals?package=face-library&version=4.0.0", false},
		{"/terminals?silent=yes", false},
		{"/terminals?twin=yes", false},
	};
	struct site *site = *state;
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strstr(see(site, site->askers.boss, rows[i].path), "<bdi>1312345678</bdi>") == rows[i].is_found)
			fail_msg("%s", rows[i].path);
	(void)snprintf(path, sizeof(path), "/terminals?q=%.10s", signer_key_id(site->quiet.signer));
	assert_non_null(strstr(see(site, site->askers.boss, path), "<bdi>1312345678</bdi>"));
}

TEST_CASE(test_what_was_confirmed_can_be_taken_away_as_a_certificate_where_there_is_a_ledger)
{
	struct site *site = *state;
	char path[128], link[256];

	(void)snprintf(link, sizeof(link),
		"href=\"/api/v1/delivery-certificate?terminal=%s&amp;package=face-library&amp;version=5.1.0\"",
		signer_key_id(site->quiet.signer));
	assert_null(strstr(see(site, site->askers.boss, page_of(&site->quiet, path, sizeof(path))), "delivery-certificate"));
	assert_non_null(strstr(see(site, site->askers.boss, "/ledger"), "No ledger is written here."));
	collector_stop(&site->collector);
	collector_use_ledger(&site->collector);
	collector_start(&site->collector);
	ask_free(site->askers.boss);
	site->askers.boss = collector_client(&site->collector, &site->collector.operator);
	assert_non_null(strstr(see(site, site->askers.boss, path), link));
	assert_non_null(strstr(see(site, site->askers.boss, "/ledger"), "ledger.example.jp/1"));
	assert_non_null(strstr(see(site, site->askers.boss, page_of(&site->hostile, path, sizeof(path))), "rolled-back"));
	assert_null(strstr(buf_text(&site->askers.answer.body), "delivery-certificate"));
}

TEST_CASE(test_lists_go_on_where_they_ended)
{
	struct site *site = *state;
	const char *text = see(site, site->askers.boss, "/terminals?limit=1&lang=en"), *next;
	char path[256] = "";

	assert_non_null(next = strstr(text, "rel=\"next\" href=\""));
	(void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(next + 17, "\""), next + 17);
	assert_non_null(strstr(path, "limit=1&amp;lang=en&amp;after="));
}

/* What was counted was in another night, and nothing is counted any more. */
static void keep_from_counting(const struct collector *collector)
{
	sqlite3 *database = NULL;

	assert_int_equal(sqlite3_open_v2(collector->store, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database,
				 "UPDATE summary SET night = night - 2; CREATE TRIGGER not_yet BEFORE INSERT ON summary "
				 "BEGIN SELECT RAISE(ABORT, 'not yet'); END",
				 NULL, NULL, NULL),
		SQLITE_OK);
	(void)sqlite3_close(database);
}

/* A night has just begun, or the collector has just started, and counting takes its time. */
TEST_CASE(test_the_last_night_is_shown_until_the_present_one_is_counted)
{
	static const char *const paths[] = {"/", "/releases", "/campaigns", "/metrics", "/api/v1/releases", "/api/v1/fleet"};
	struct site *site = *state;

	assert_int_equal(ask_for(site->askers.boss, "/api/v1/fleet", NULL, 0, &site->askers.answer), 200);
	keep_from_counting(&site->collector);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		(void)see(site, site->askers.boss, paths[i]);
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "\"terminals\":2"));
}

TESTS(setup, teardown)
