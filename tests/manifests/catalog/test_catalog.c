#include "tests/manifests/catalog/catalog_text.h"

#include <stdio.h>


#define DISTRO                                                                                                       \
	"{\"package\": \"distro-app\", \"priority\": 1, \"version\": \"2.0.0\", "                                    \
	"\"release\": \"distro-app/distro-app-2.0.0.json\"}"
#define FACE                                                                                                         \
	"{\"package\": \"face-library\", \"priority\": 2, \"version\": \"5.1.0\", \"rollout_percent\": 10, "         \
	"\"release\": \"face-library/face-library-5.1.0.json\"}"
#define CAMPAIGN                                                                                                     \
	"{\"number\": 150, \"title\": \"winter\", \"first_night\": \"2026-01-19\", \"last_night\": "                 \
	"\"2026-01-30\", \"window\": \"20:00-05:00\", \"left_out\": [\"2026-01-25\"], \"afterwards\": \"all-day\", " \
	"\"packages\": [\"face-library\"]}"
#define SERVICE                                                                                                      \
	"{\"service\": \"e-prescription\", \"requires\": [{\"package\": \"face-library\", \"version\": \"2.0.0\"}]}"
#define SERVICES(services) "], \"services\": [" services
#define CATALOG(packages, campaigns)                                                                                 \
	"{\"issued\": \"2026-01-10T00:00:00Z\", \"longest_disable_days\": 30, \"packages\": [" packages              \
	"], \"campaigns\": [" campaigns "]}"

TEST_CASE(test_reads_packages_by_priority)
{
	AUTO(catalog) struct catalog *catalog = catalog_of_text(CATALOG(FACE ", " DISTRO, CAMPAIGN));

	assert_int_equal(catalog->packages_count, 2);
	assert_string_equal(catalog->packages[0].name, "distro-app");
	assert_int_equal(catalog->packages[0].rollout_percent, 100);
	assert_string_equal(catalog->packages[1].version, "5.1.0");
	assert_int_equal(catalog->packages[1].rollout_percent, 10);
	assert_int_equal(catalog->longest_disable_days, 30);
	assert_int_equal(catalog->issued_s, 1768003200);
	assert_ptr_equal(catalog_find(catalog, "face-library"), &catalog->packages[1]);
	assert_null(catalog_find(catalog, "linkage-app"));
}

TEST_CASE(test_reads_a_campaign)
{
	AUTO(catalog) struct catalog *catalog = catalog_of_text(CATALOG(FACE, CAMPAIGN));
	const struct campaign *campaign = catalog->campaigns;
	char text[NIGHT_DATE_TEXT_SIZE];

	assert_int_equal(catalog->campaigns_count, 1);
	assert_int_equal(campaign->number, 150);
	assert_string_equal(campaign->title, "winter");
	assert_string_equal(night_date_text(&campaign->first_night, text), "2026-01-19");
	assert_string_equal(night_date_text(&campaign->last_night, text), "2026-01-30");
	assert_string_equal(campaign->window, "20:00-05:00");
	assert_int_equal(campaign->left_out_count, 1);
	assert_string_equal(night_date_text(&campaign->left_out[0], text), "2026-01-25");
	assert_int_equal(campaign->afterwards, CAMPAIGN_AFTERWARDS_ALL_DAY);
	assert_string_equal(campaign->packages[0], "face-library");
}

TEST_CASE(test_reads_what_services_ask_for)
{
	AUTO(catalog) struct catalog *catalog = catalog_of_text(CATALOG(FACE, CAMPAIGN SERVICES(SERVICE)));

	assert_int_equal(catalog->services_count, 1);
	assert_string_equal(catalog->services[0].name, "e-prescription");
	assert_string_equal(catalog->services[0].title, "");
	assert_int_equal(catalog->services[0].requirements_count, 1);
	assert_string_equal(catalog->services[0].requirements[0].package, "face-library");
	assert_string_equal(catalog->services[0].requirements[0].version, "2.0.0");
}

TEST_CASE(test_writes_what_it_read)
{
	AUTO(catalog) struct catalog *catalog = catalog_of_text(CATALOG(FACE ", " DISTRO, CAMPAIGN SERVICES(SERVICE)));

	assert_written_as_read(catalog, "\"all-day\"", "\"e-prescription\"");
}

TEST_CASE(test_refuses_what_breaks_a_rule_and_names_it)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{"[]", "not a JSON object"},
		{"{}", "'issued' is missing"},
		{"{\"issued\": \"yesterday\", \"packages\": []}", "'issued': 'yesterday' is not a date"},
		{"{\"issued\": \"2026-01-10T00:00:00Z\"}", "'packages' is missing"},
		{CATALOG("7", ""), "package 0: not an object"},
		{CATALOG(FACE ", " FACE, ""), "'face-library' stands there twice"},
		{CATALOG("{\"package\": \"../x\", \"priority\": 1, \"version\": \"1\", \"release\": \"x\"}", ""),
			"package name '../x'"},
		{CATALOG("{\"package\": \"x\", \"priority\": 1, \"version\": \"1-rc\", \"release\": \"x\"}", ""),
			"'1-rc' is not a version"},
		{CATALOG("{\"package\": \"x\", \"priority\": 1, \"version\": \"1\", \"release\": \"y/y-1.json\"}",
			 ""),
			"its release is 'y/y-1.json', not 'x/x-1.json'"},
		{CATALOG("{\"package\": \"x\", \"priority\": 0, \"version\": \"1\", \"release\": \"x/x-1.json\"}",
			 ""),
			"'priority' is 0"},
		{CATALOG("{\"package\": \"x\", \"priority\": 1, \"version\": \"1\", \"release\": \"x/x-1.json\", "
			 "\"rollout_percent\": 101}",
			 ""),
			"'rollout_percent' is 101"},
		{CATALOG("", "{\"number\": 1, \"first_night\": \"2026-02-29\", \"last_night\": \"2026-03-01\"}"),
			"'2026-02-29' is not a possible date"},
		{CATALOG("", "{\"number\": 1, \"first_night\": \"2026-03-02\", \"last_night\": \"2026-03-01\"}"),
			"last night is before its first"},
		{CATALOG("", "{\"number\": 0, \"first_night\": \"2026-03-01\", \"last_night\": \"2026-03-01\"}"),
			"'number' is 0"},
		{CATALOG("", "{\"number\": 1, \"first_night\": \"2026-03-01\", \"last_night\": \"2026-03-02\", "
			     "\"left_out\": [\"2026-03-03\"]}"),
			"2026-03-03 is left out, but is not one of its nights"},
		{CATALOG("", "{\"number\": 1, \"first_night\": \"2026-03-01\", \"last_night\": \"2026-03-02\", "
			     "\"window\": \"\"}"),
			"its window has 0 bytes"},
		{CATALOG("", "{\"number\": 1, \"first_night\": \"2026-03-01\", \"last_night\": \"2026-03-02\", "
			     "\"afterwards\": \"never\"}"),
			"afterwards 'never'"},
		{CATALOG("", CAMPAIGN ", " CAMPAIGN), "campaign 150 stands there twice"},
		{CATALOG("", CAMPAIGN SERVICES("7")), "service 0 is no object"},
		{CATALOG("", CAMPAIGN SERVICES("{\"service\": \"x\"}")), "'requires' is missing"},
		{CATALOG("", CAMPAIGN SERVICES("{\"service\": \"X Y\", \"requires\": []}")), "package name 'X Y'"},
		{CATALOG("", CAMPAIGN SERVICES("{\"service\": \"x\", \"requires\": [{\"package\": \"y\"}]}")),
			"service 'x': '' is not a version"},
		{CATALOG("", CAMPAIGN SERVICES(SERVICE ", " SERVICE)), "service 'e-prescription' stands there twice"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_no_catalog(i, rows[i].text, rows[i].says);
}

TEST_CASE(test_tolerates_unknown_members)
{
	AUTO(catalog)
	struct catalog *catalog =
		catalog_of_text("{\"issued\": \"2026-01-10T00:00:00Z\", \"packages\": [], \"new\": {\"x\": [1.5]}}");

	assert_int_equal(catalog->packages_count, 0);
	assert_int_equal(catalog->campaigns_count, 0);
}

TEST_CASE(test_knows_leap_years)
{
	static const struct {
		const char *text;
		int ret;
	} rows[] = {{"2024-02-29", 0}, {"2000-02-29", 0}, {"2100-02-29", -1}, {"2026-04-31", -1}, {"2026-00-01", -1},
		{"2026-13-01", -1}, {"1969-12-31", -1}, {"2026-1-1", -1}, {"2026-01-10x", -1}};
	struct night_date date;
	struct error err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(night_date_parse(rows[i].text, &date, &err), rows[i].ret);
}

TEST_CASE(test_reads_days_as_people_write_them)
{
	static const struct {
		const char *text, *next, *last; /* NULL: none */
	} rows[] = {
		{"2026-12-10", "2026-12-10", "2026-12-10"},
		{"2026/12/1", "2026-12-01", "2026-12-01"},
		{"2026年12月10日", "2026-12-10", "2026-12-10"},
		{"２０２６年１２月１０日", "2026-12-10", "2026-12-10"},
		{"令和8年12月10日", "2026-12-10", "2026-12-10"},
		{"12月10日", "2026-12-10", "2025-12-10"},
		{"１２月１０日", "2026-12-10", "2025-12-10"},
		{"12/10", "2026-12-10", "2025-12-10"},
		{"11月30日", "2026-11-30", "2026-11-30"}, /* today */
		{"1月5日", "2027-01-05", "2026-01-05"},
		{"2月29日", "2028-02-29", "2024-02-29"},
		{"12 月 10 日", "2026-12-10", "2025-12-10"},
		{"R8.12.10", "2026-12-10", "2026-12-10"},
		{"Ｒ８年１２月１０日", "2026-12-10", "2026-12-10"},
		{"20261210", "2026-12-10", "2026-12-10"},
		{"12月10日まで", "2026-12-10", "2025-12-10"},
		{"12月10日(木)", "2026-12-10", "2025-12-10"},
		{"2026年12月6日（日）まで", "2026-12-06", "2026-12-06"},
		{"今日", "2026-11-30", "2026-11-30"},
		{"明日", "2026-12-01", "2026-12-01"},
		{"20261310", NULL, NULL},
		{"R", NULL, NULL},
		{"まで", NULL, NULL},
		{"2月30日", NULL, NULL},
		{"13月1日", NULL, NULL},
		{"12月", NULL, NULL},
		{"12", NULL, NULL},
		{"2026-12-10-3", NULL, NULL},
		{"令和12月10日", NULL, NULL},
		{"tomorrow", NULL, NULL},
		{"", NULL, NULL},
	};
	static const struct night_date today = {2026, 11, 30};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int side = NIGHT_DATE_NEXT; side <= NIGHT_DATE_LAST; side++) {
			const char *expected = side == NIGHT_DATE_NEXT ? rows[i].next : rows[i].last;
			char text[NIGHT_DATE_TEXT_SIZE] = "-";
			struct night_date date;
			struct error err;

			if (night_date_parse_said(rows[i].text, &today, (enum night_date_side)side, &date, &err) == 0)
				(void)night_date_text(&date, text);
			if (strcmp(text, expected ? expected : "-") != 0)
				fail_msg("'%s' is %s", rows[i].text, text);
		}
}

TEST_CASE(test_orders_dates)
{
	const struct night_date a = {2025, 12, 31};
	const struct night_date b = {2026, 1, 1};
	const struct night_date c = {2026, 1, 2};

	assert_true(night_date_compare(&a, &b) < 0);
	assert_true(night_date_compare(&c, &b) > 0);
	assert_int_equal(night_date_compare(&c, &c), 0);
}

TESTS(NULL, NULL)
