/* What haishin-collector answers, and to whom. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/store/terminal_row.h"
#include "tests/collector/collector_fixture.h"
#include "tests/collector/openapi.h"
#include "tests/support/test.h"

/* The fleet of these tests: of the terminals, the second needs attention, and the third has taken a release back. */
#define TERMINALS 5

struct fleet {
	struct collector collector;
	struct report_maker makers[TERMINALS];
	struct askers askers;
};

static void report(struct fleet *fleet, struct report_maker *maker, const struct pki_pair *pair)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask *ask = collector_client(&fleet->collector, pair);

	report_maker_make(maker, &body);
	if (ask_for(ask, "/reports", buf_text(&body), body.len, &fleet->askers.answer) != 200)
		fail_msg("%s", buf_text(&fleet->askers.answer.body));
	ask_free(ask);
}

static void make_report(struct fleet *fleet, int number)
{
	struct report_maker *maker = &fleet->makers[number];
	char name[32];
	struct pki_pair pair;

	report_maker_init(maker, collector_now_s());
	report_maker_add_window(maker, collector_now_s() - 2 * 86400, number == 1 ? "network" : "contacted");
	report_maker_add_delivery(maker, "reader-app/acme", "1.4.0", number == 2 ? "rolled-back" : "confirmed",
		collector_now_s() - 3 * 86400, collector_now_s() - (number + 1) * 86400 / 2);
	report_maker_add_delivery(maker, "face-library", "5.1.0", number < 3 ? "planned" : "confirmed",
		collector_now_s() - 86400, collector_now_s() - 3600);
	for (size_t i = 0; i < 2; i++)
		(void)json_object_set_new(json_array_get(maker->deliveries, i), "campaign", json_integer(7));
	if (number == 1) {
		maker->verdict = "needs-attention";
		maker->reason = "no-contact";
		maker->environment = "\xef\xbc\x9d" "1+1"; /* a formula, written wide */
		report_maker_add_problem(maker, "no-contact", NULL);
	}
	(void)snprintf(name, sizeof(name), "131000000%d", number);
	pki_issue_client(&fleet->collector.pki, &pair, name, pki_yesterday(), pki_next_year());
	report(fleet, maker, number == 0 ? &fleet->collector.terminal : &pair);
	pki_pair_clear(&pair);
}

static struct fleet *start_fleet(struct fleet *fleet)
{
	struct collector *collector = &fleet->collector;

	collector_start(collector);
	askers_begin(&fleet->askers, collector);
	for (int i = 0; i < TERMINALS; i++)
		make_report(fleet, i);
	return fleet;
}

static int setup(void **state)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	collector_init(&fleet->collector);
	*state = start_fleet(fleet);
	return 0;
}

static int setup_postgres(void **state)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	(void)postgres_number(&collector_postgres,
		"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT 1");
	collector_init(&fleet->collector);
	collector_use_postgres(&fleet->collector, &collector_postgres);
	*state = start_fleet(fleet);
	return 0;
}

static int teardown(void **state)
{
	struct fleet *fleet = *state;

	collector_stop(&fleet->collector);
	askers_clear(&fleet->askers);
	for (int i = 0; i < TERMINALS; i++)
		report_maker_clear(&fleet->makers[i]);
	collector_clear(&fleet->collector);
	free(fleet);
	return 0;
}

/* What PATH is answered with. */
static json_t *get(struct fleet *fleet, struct ask *ask, const char *path)
{
	return json_loads(askers_see(&fleet->askers, ask, path), 0, NULL);
}

static int64_t number_at(const json_t *value, const char *first, const char *second)
{
	value = json_object_get(value, first);
	return json_integer_value(second ? json_object_get(value, second) : value);
}

static const char *key_of(const struct fleet *fleet, int terminal)
{
	return signer_key_id(fleet->makers[terminal].signer);
}

/* ---- What is answered ---- */

static void test_the_fleet_is_told_in_figures(void **state)
{
	struct fleet *fleet = *state;
	AUTO(json) json_t *now = get(fleet, fleet->askers.boss, "/api/v1/fleet");

	assert_int_equal(number_at(now, "terminals", NULL), TERMINALS);
	assert_int_equal(number_at(now, "reached", NULL), TERMINALS);
	assert_int_equal(number_at(now, "silent", NULL), 0);
	assert_int_equal(number_at(now, "verdicts", "up-to-date"), TERMINALS - 1);
	assert_int_equal(number_at(now, "verdicts", "needs-attention"), 1);
	assert_true(json_is_null(json_object_get(now, "trouble")));
}

static void test_releases_tell_where_they_run_and_why_they_were_taken_back(void **state)
{
	struct fleet *fleet = *state;
	AUTO(json) json_t *list = get(fleet, fleet->askers.boss, "/api/v1/releases");
	AUTO(json) json_t *one = get(fleet, fleet->askers.boss, "/api/v1/release?package=reader-app/acme&version=1.4.0");
	const json_t *items = json_object_get(list, "items"), *acme = NULL;

	for (size_t i = 0; i < json_array_size(items); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(items, i), "package")),
			    "reader-app/acme") == 0)
			acme = json_array_get(items, i);
	assert_int_equal(json_array_size(items), 3);
	assert_int_equal(number_at(acme, "terminals", NULL), TERMINALS);
	assert_int_equal(number_at(acme, "confirmed", NULL), TERMINALS - 1);
	assert_int_equal(number_at(acme, "rolled_back", NULL), 1);
	assert_int_equal(json_array_size(json_object_get(one, "reasons")), 1);
	assert_true(json_array_size(json_object_get(one, "confirmed_after")) >= 2);
}

/* Goes through all pages of PATH, which has arguments already, and counts the items. */
static size_t count_by_pages(struct fleet *fleet, struct ask *ask, const char *path)
{
	char address[1024];
	size_t count = 0;

	(void)snprintf(address, sizeof(address), "%s", path);
	while (*address) {
		AUTO(json) json_t *page = get(fleet, ask, address);
		const char *next = json_string_value(json_object_get(page, "next"));

		count += json_array_size(json_object_get(page, "items"));
		(void)snprintf(address, sizeof(address), "%s", next ? next : "");
	}
	return count;
}

static void test_lists_are_walked_page_by_page(void **state)
{
	static const struct {
		const char *path;
		size_t count;
	} rows[] = {
		{"/api/v1/terminals?limit=2", TERMINALS},
		{"/api/v1/terminals?limit=2&name=131000000", TERMINALS - 1},
		{"/api/v1/terminals?limit=1&name=1312345678", 1},
		{"/api/v1/terminals?limit=2&verdict=up-to-date", TERMINALS - 1},
		{"/api/v1/terminals?limit=2&verdict=needs-attention", 1},
		{"/api/v1/terminals?limit=2&institution=1312345678", 1},
		{"/api/v1/terminals?limit=2&package=reader-app/acme&version=1.4.0", TERMINALS},
		{"/api/v1/terminals?limit=2&package=reader-app/acme&version=1.4.0&state=staged", 0},
		{"/api/v1/terminals?limit=2&package=reader-app/acme&version=1.4.0&verdict=needs-attention", 1},
		{"/api/v1/terminals?limit=2&package=reader-app/acme&version=1.4.0&silent=yes", 0},
		{"/api/v1/terminals?limit=2&verdict=up-to-date&ring=pilot", 0},
		{"/api/v1/terminals?limit=2&verdict=up-to-date&silent=yes", 0},
		{"/api/v1/terminals?limit=2&verdict=needs-attention&cause=off&twin=yes", 0},
		{"/api/v1/terminals?limit=2&silent=yes", 0},
		{"/api/v1/terminals?limit=2&cause=off", 0},
		{"/api/v1/terminals?limit=2&twin=yes", 0},
		{"/api/v1/deliveries?limit=2&package=face-library&version=5.1.0", TERMINALS},
		{"/api/v1/deliveries?limit=2&package=reader-app/acme&version=1.4.0&state=rolled-back", 1},
		{"/api/v1/deliveries?limit=2&campaign=7&left=yes", 3 + 1},
		{"/api/v1/deliveries?limit=2&campaign=7&state=confirmed", TERMINALS - 3 + TERMINALS - 1},
		{"/api/v1/certificates?limit=2", TERMINALS},
		{"/api/v1/nights?limit=2", 1},
	};
	struct fleet *fleet = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (count_by_pages(fleet, fleet->askers.boss, rows[i].path) != rows[i].count)
			fail_msg("%s: not %zu", rows[i].path, rows[i].count);
}

static void test_a_terminal_is_found_by_the_beginning_of_its_key(void **state)
{
	struct fleet *fleet = *state;
	char path[256];

	(void)snprintf(path, sizeof(path), "/api/v1/terminals?key=%.12s", key_of(fleet, 3));
	assert_int_equal(count_by_pages(fleet, fleet->askers.boss, path), 1);
}

static void test_one_terminal_is_told_in_full_and_the_look_is_noted(void **state)
{
	struct fleet *fleet = *state;
	AUTO(json) json_t *first = NULL;
	AUTO(json) json_t *second = NULL;
	const json_t *looks;
	char path[256];

	(void)snprintf(path, sizeof(path), "/api/v1/terminals/%s", key_of(fleet, 1));
	first = get(fleet, fleet->askers.auditor, path);
	second = get(fleet, fleet->askers.boss, path);
	looks = json_object_get(second, "looks");
	assert_null(json_object_get(first, "looks"));
	assert_int_equal(json_array_size(json_object_get(second, "windows")), 1);
	assert_int_equal(json_array_size(json_object_get(second, "deliveries")), 2);
	assert_int_equal(json_array_size(looks), 2);
	assert_string_equal(json_string_value(json_object_get(second, "reason")), "no-contact");
}

static void test_answers_are_as_the_document_says(void **state)
{
	static const char *const paths[][2] = {
		{"/api/v1/fleet", "/api/v1/fleet"},
		{"/api/v1/nights", "/api/v1/nights"},
		{"/api/v1/releases", "/api/v1/releases"},
		{"/api/v1/release?package=reader-app/acme&version=1.4.0", "/api/v1/release"},
		{"/api/v1/deliveries?package=reader-app/acme&version=1.4.0", "/api/v1/deliveries"},
		{"/api/v1/campaigns", "/api/v1/campaigns"},
		{"/api/v1/terminals", "/api/v1/terminals"},
		{"/api/v1/terminals?verdict=needs-attention", "/api/v1/terminals"},
		{"/api/v1/certificates", "/api/v1/certificates"},
		{"/api/v1/rollouts", "/api/v1/rollouts"},
	};
	struct fleet *fleet = *state;
	AUTO(json) json_t *document = get(fleet, fleet->askers.boss, "/api/v1/openapi.json");
	AUTO(json) json_t *one = NULL;
	char wrong[512], path[256];

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		AUTO(json) json_t *answer = get(fleet, fleet->askers.boss, paths[i][0]);

		if (!openapi_allows(document, paths[i][1], answer, wrong, sizeof(wrong)))
			fail_msg("%s: %s", paths[i][0], wrong);
		if (!*ask_header(&fleet->askers.answer, "ETag", wrong, sizeof(wrong)))
			fail_msg("%s has no ETag", paths[i][0]);
	}
	(void)snprintf(path, sizeof(path), "/api/v1/terminals/%s", key_of(fleet, 1));
	one = get(fleet, fleet->askers.boss, path);
	if (!openapi_allows(document, "/api/v1/terminals/{key}", one, wrong, sizeof(wrong)))
		fail_msg("%s", wrong);
	assert_int_equal(json_object_del(one, "verdict"), 0);
	assert_false(openapi_allows(document, "/api/v1/terminals/{key}", one, wrong, sizeof(wrong)));
}

static void test_lists_are_csv_for_spreadsheets(void **state)
{
	struct fleet *fleet = *state;
	const char *text;

	(void)ask_for(fleet->askers.boss, "/api/v1/terminals?format=csv&verdict=needs-attention", NULL, 0, &fleet->askers.answer);
	text = buf_text(&fleet->askers.answer.body);
	assert_memory_equal(text, "\xef\xbb\xbfinstitution,name,terminal,", 29);
	assert_non_null(strstr(text, "\"1310000001\",\"1310000001\",\""));
	assert_non_null(strstr(text, "\"needs-attention\",\"no-contact\""));
	assert_non_null(strstr(text, ",\"'\xef\xbc\x9d" "1+1\","));
}

static void test_what_has_not_changed_is_not_sent_again(void **state)
{
	struct fleet *fleet = *state;
	char etag[128], header[160];

	(void)ask_for(fleet->askers.boss, "/api/v1/terminals", NULL, 0, &fleet->askers.answer);
	(void)snprintf(
		header, sizeof(header), "If-None-Match: %s", ask_header(&fleet->askers.answer, "ETag", etag, sizeof(etag)));
	ask_add_header(fleet->askers.boss, header);
	assert_int_equal(ask_for(fleet->askers.boss, "/api/v1/terminals", NULL, 0, &fleet->askers.answer), 304);
	assert_int_equal(fleet->askers.answer.body.len, 0);
	/* As a proxy that packs answers has made it, beside another. */
	(void)snprintf(header, sizeof(header), "If-None-Match: \"0123\", W/%s", etag);
	ask_add_header(fleet->askers.auditor, header);
	assert_int_equal(ask_for(fleet->askers.auditor, "/api/v1/terminals", NULL, 0, &fleet->askers.answer), 304);
	assert_int_equal(ask_for(fleet->askers.auditor, "/api/v1/fleet", NULL, 0, &fleet->askers.answer), 200);
}

static void test_metrics_have_the_figures(void **state)
{
	struct fleet *fleet = *state;
	const char *text;

	(void)ask_for(fleet->askers.boss, "/metrics", NULL, 0, &fleet->askers.answer);
	text = buf_text(&fleet->askers.answer.body);
	assert_non_null(strstr(text, "haishin_terminals{verdict=\"up-to-date\"} 4\n"));
	assert_non_null(strstr(text, "haishin_reports_total{outcome=\"kept\"} 5\n"));
	assert_non_null(strstr(
		text, "haishin_packages{package=\"reader-app/acme\",version=\"1.4.0\",state=\"current\"} 5\n"));
	assert_non_null(strstr(text, "haishin_answer_seconds_bucket{kind=\"reports\",le=\"+Inf\"} 5\n"));
	assert_string_equal(text + fleet->askers.answer.body.len - 6, "# EOF\n");
}

static void test_what_cannot_be_asked_is_said(void **state)
{
	static const struct {
		const char *path;
		long status;
		const char *part;
	} rows[] = {
		{"/api/v1/terminals?verdit=x", 400, "there is no argument 'verdit'"},
		{"/api/v1/terminals?limit=0", 400, "'limit'"},
		{"/api/v1/terminals?limit=100000", 400, "'limit'"},
		{"/api/v1/terminals?after=x", 400, "'after'"},
		{"/api/v1/terminals?format=xml", 400, "'format'"},
		{"/api/v1/terminals?package=face-library", 400, "belong together"},
		{"/api/v1/terminals?key=XYZ", 400, "'key'"},
		{"/api/v1/terminals?limit=1&limit=2", 400, "given twice"},
		{"/api/v1/terminals?format=csv&format=json", 400, "given twice"},
		{"/api/v1/terminals?silent=maybe", 400, "'silent' is yes or no"},
		{"/api/v1/terminals?twin=1", 400, "'twin' is yes or no"},
		{"/api/v1/terminals?name=%ff", 400, "UTF-8"},
		{"/api/v1/terminals?%ff=1", 400, "UTF-8"},
		{"/api/v1/terminals?name=%ed%a0%80", 400, "UTF-8"},
		{"/api/v1/terminals?after=5~%ff", 400, "UTF-8"},
		{"/terminals?q=%ff", 400, "UTF-8"},
		{"/api/v1/terminals?name=%27;DROP%20TABLE%20terminal;--", 200, "\"items\":[]"},
		{"/api/v1/terminals?after=99999999999999999999", 200, "\"items\":[]"},
		{"/api/v1/deliveries?campaign=99999999999999999999&left=yes", 200, "\"items\":[]"},
		{"/api/v1/deliveries?campaign=7&left=true", 400, "'left' is yes or no"},
		{"/api/v1/deliveries?campaign=7x&left=yes", 400, "'campaign'"},
		{"/api/v1/release?package=face-library&version=5.1.0&state=x", 400, "no argument 'state'"},
		{"/api/v1/fleet?night=yesterday", 400, "no argument 'night'"},
		{"/api/v1/terminals/0", 404, "no such terminal"},
		{"/api/v1/terminals/0/1", 404, "nothing at this address"},
		{"/api/v1/deliveries", 400, "'package' and 'version'"},
		{"/api/v1/deliveries?package=../x&version=1", 400, "../x"},
		{"/api/v1/deliveries?campaign=1", 400, "'state'"},
		{"/api/v1/nights/2026-13-01", 400, "2026-13-01"},
		{"/api/v1/nights/1999-01-01", 404, "nothing was counted"},
		{"/api/v1/nothing", 404, "nothing at this address"},
		{"/reports", 405, "for this method"},
	};
	struct fleet *fleet = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (ask_for(fleet->askers.boss, rows[i].path, NULL, 0, &fleet->askers.answer) != rows[i].status ||
			!strstr(buf_text(&fleet->askers.answer.body), rows[i].part))
			fail_msg("%s: %ld %s", rows[i].path, fleet->askers.answer.status, buf_text(&fleet->askers.answer.body));
}

/* ---- Who may see what ---- */

static void test_each_role_sees_its_own_and_no_more(void **state)
{
	static const struct {
		const char *path; /* "@N" stands for the key of terminal N */
		long status[5];	  /* to operator, auditor, vendor, terminal 0, another terminal */
	} rows[] = {
		{"/api/v1/fleet", {200, 200, 403, 403, 403}},
		{"/api/v1/nights", {200, 200, 403, 403, 403}},
		{"/api/v1/terminals", {200, 200, 403, 403, 403}},
		{"/api/v1/terminals/@0", {200, 200, 403, 200, 404}},
		{"/api/v1/terminals/@1", {200, 200, 403, 404, 404}},
		{"/api/v1/certificates", {200, 200, 403, 403, 403}},
		{"/api/v1/campaigns", {200, 200, 403, 403, 403}},
		{"/api/v1/rollouts", {200, 200, 403, 403, 403}},
		{"/rollouts", {200, 200, 403, 403, 403}},
		{"/brake.json", {404, 404, 404, 404, 404}},
		{"/api/v1/releases", {200, 200, 200, 403, 403}},
		{"/api/v1/release?package=reader-app/acme&version=1.4.0", {200, 200, 200, 403, 403}},
		{"/api/v1/release?package=face-library&version=5.1.0", {200, 200, 403, 403, 403}},
		{"/api/v1/release?package=reader-app&version=1.4.0", {200, 200, 403, 403, 403}},
		{"/api/v1/deliveries?package=reader-app/acme&version=1.4.0", {200, 200, 200, 403, 403}},
		{"/api/v1/deliveries?package=face-library&version=5.1.0", {200, 200, 403, 403, 403}},
		{"/metrics", {200, 200, 403, 403, 403}},
		{"/api/v1/openapi.json", {200, 200, 200, 200, 200}},
	};
	struct fleet *fleet = *state;
	struct ask *asks[] = {fleet->askers.boss, fleet->askers.auditor, fleet->askers.vendor, fleet->askers.terminal, fleet->askers.stranger};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t who = 0; who < ARRAY_SIZE(asks); who++) {
			const char *at = strchr(rows[i].path, '@');
			char path[256];

			(void)snprintf(path, sizeof(path), "%.*s%s", (int)strcspn(rows[i].path, "@"), rows[i].path,
				at ? key_of(fleet, at[1] - '0') : "");
			if (ask_for(asks[who], path, NULL, 0, &fleet->askers.answer) != rows[i].status[who])
				fail_msg("%s, asked by number %zu: %ld", path, who, fleet->askers.answer.status);
		}
}

/* Another site could make the operator's browser send the form, with the operator's certificate: not with the page's token. */
static void test_the_button_of_the_brake_is_the_operators_and_the_pages(void **state)
{
	static const char form[] = "package=face-library&version=5.1.0&why=a+doubt&token=";
	static const char forged[] = "package=face-library&version=5.1.0&why=a+doubt&token="
				     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct fleet *fleet = *state;

	assert_int_equal(ask_for(fleet->askers.auditor, "/brake", forged, strlen(forged), &fleet->askers.answer), 403);
	assert_int_equal(ask_for(fleet->askers.vendor, "/brake", forged, strlen(forged), &fleet->askers.answer), 403);
	assert_int_equal(ask_for(fleet->askers.terminal, "/brake", forged, strlen(forged), &fleet->askers.answer), 403);
	assert_int_equal(ask_for(fleet->askers.boss, "/brake", "why=x", 5, &fleet->askers.answer), 400);
	assert_int_equal(ask_for(fleet->askers.boss, "/brake", form, strlen(form), &fleet->askers.answer), 403);
	assert_int_equal(ask_for(fleet->askers.boss, "/brake", forged, strlen(forged), &fleet->askers.answer), 403);
}

static void test_whoever_may_not_see_something_is_told_as_whom_they_asked(void **state)
{
	struct fleet *fleet = *state;

	assert_int_equal(ask_for(fleet->askers.stranger, "/api/v1/fleet", NULL, 0, &fleet->askers.answer), 403);
	assert_non_null(strstr(buf_text(&fleet->askers.answer.body), "CN=Somebody"));
	assert_non_null(strstr(buf_text(&fleet->askers.answer.body), "has the role terminal here"));
}

static void test_a_vendor_does_not_learn_who_has_its_package(void **state)
{
	static const char *const path = "/api/v1/deliveries?package=reader-app/acme&version=1.4.0&limit=2";
	struct fleet *fleet = *state;
	AUTO(json) json_t *list = get(fleet, fleet->askers.vendor, "/api/v1/releases");
	const char *text;

	assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
	assert_int_equal(count_by_pages(fleet, fleet->askers.vendor, path), TERMINALS);
	(void)ask_for(fleet->askers.vendor, path, NULL, 0, &fleet->askers.answer);
	text = buf_text(&fleet->askers.answer.body);
	for (int i = 0; i < TERMINALS; i++) {
		char part[24];

		(void)snprintf(part, sizeof(part), "%.12s", key_of(fleet, i));
		assert_null(strstr(text, part));
		(void)snprintf(part, sizeof(part), "%" PRId64, terminal_id_of(key_of(fleet, i)));
		assert_null(strstr(text, part));
	}
	assert_null(strstr(text, "131000000"));
	assert_null(strstr(text, "face-library"));
}

/* Pages are cut among what it may see: none is short, and the last one is the last. */
static void test_a_vendor_walks_through_its_share_of_a_campaign(void **state)
{
	struct fleet *fleet = *state;
	const char *text;

	assert_int_equal(count_by_pages(fleet, fleet->askers.vendor, "/api/v1/deliveries?limit=1&campaign=7&left=yes"), 1);
	assert_int_equal(
		count_by_pages(fleet, fleet->askers.vendor, "/api/v1/deliveries?limit=1&campaign=7&state=confirmed"), TERMINALS - 1);
	(void)ask_for(fleet->askers.vendor, "/api/v1/deliveries?campaign=7&state=confirmed&format=csv", NULL, 0, &fleet->askers.answer);
	text = buf_text(&fleet->askers.answer.body);
	assert_null(strstr(text, "face-library"));
	assert_null(strstr(text, "131000000"));
}

#define ON_BOTH_STORES(test)                                                                                         \
	cmocka_unit_test_setup_teardown(test, setup, teardown),                                                      \
		cmocka_unit_test_setup_teardown(test, setup_postgres, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH_STORES(test_the_fleet_is_told_in_figures),
		ON_BOTH_STORES(test_releases_tell_where_they_run_and_why_they_were_taken_back),
		ON_BOTH_STORES(test_lists_are_walked_page_by_page),
		ON_BOTH_STORES(test_a_terminal_is_found_by_the_beginning_of_its_key),
		ON_BOTH_STORES(test_one_terminal_is_told_in_full_and_the_look_is_noted),
		ON_BOTH_STORES(test_answers_are_as_the_document_says),
		ON_BOTH_STORES(test_metrics_have_the_figures),
		cmocka_unit_test_setup_teardown(test_lists_are_csv_for_spreadsheets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_has_not_changed_is_not_sent_again, setup, teardown),
		ON_BOTH_STORES(test_what_cannot_be_asked_is_said),
		cmocka_unit_test_setup_teardown(test_each_role_sees_its_own_and_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_button_of_the_brake_is_the_operators_and_the_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_whoever_may_not_see_something_is_told_as_whom_they_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_vendor_does_not_learn_who_has_its_package, setup, teardown),
		ON_BOTH_STORES(test_a_vendor_walks_through_its_share_of_a_campaign),
	};

	return cmocka_run_group_tests(tests, collector_postgres_begin, collector_postgres_end);
}
