#include "tests/manifests/catalog/catalog_text.h"

#include "manifests/catalog/catalog_candidate.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define STAGES                                                                                                       \
	"\"stages\": [{\"night\": \"2026-12-01\", \"rings\": [\"pilot\"]}, {\"night\": \"2026-12-02\", \"percent\": 1}, " \
	"{\"night\": \"2026-12-08\", \"percent\": 50, \"rings\": [\"big-sites\"]}]"
#define NAMED "\"version\": \"5.1.0\", \"release\": \"face-library/face-library-5.1.0.json\", \"digest\": \"" DIGEST "\""
#define BEGUN "\"begun\": \"2026-11-30T11:00:00Z\", \"attempt\": 1"
#define CANDIDATE NAMED ", " BEGUN ", \"state\": \"running\", " STAGES
#define CATALOG(candidate)                                                                                           \
	"{\"issued\": \"2026-11-30T11:00:00Z\", \"packages\": [{\"package\": \"face-library\", \"priority\": 2, "    \
	"\"version\": \"5.0.2\", \"release\": \"face-library/face-library-5.0.2.json\", \"candidate\": {" candidate "}}]}"

TEST_CASE(test_reads_a_candidate_beside_the_stable_release)
{
	AUTO(catalog) struct catalog *catalog = catalog_of_text(CATALOG(CANDIDATE));
	const struct candidate *candidate = catalog->packages[0].candidate;

	assert_string_equal(catalog->packages[0].version, "5.0.2");
	assert_non_null(candidate);
	assert_string_equal(candidate->version, "5.1.0");
	assert_string_equal(candidate->digest, DIGEST);
	assert_string_equal(candidate->place_of, DIGEST);
	assert_int_equal(candidate->attempt, 1);
	assert_int_equal(candidate->state, CANDIDATE_RUNNING);
	assert_false(candidate->is_recalled);
	assert_false(candidate->does_without_brake);
	assert_int_equal(candidate->least, 20);
	assert_int_equal(candidate->most_silent, 0);
	assert_int_equal(candidate->stages_count, 3);
	assert_string_equal(candidate->stages[0].rings[0], "pilot");
	assert_int_equal(candidate->stages[0].percent, 0);
	assert_int_equal(candidate->stages[1].percent, 1);
	assert_int_equal(candidate->stages[2].rings_count, 1);
}

TEST_CASE(test_reads_bounds_and_what_the_operator_said)
{
	AUTO(catalog) struct catalog *catalog = catalog_of_text(CATALOG(NAMED
		", \"begun\": \"2026-11-30T11:00:00Z\", \"attempt\": 3, \"state\": \"stopped\", \"why\": \"cameras go dark\", "
		"\"recall\": true, \"brake\": false, \"place_of\": \"" OTHER "\", \"least\": 50, "
		"\"stop_at\": {\"rolled_back\": 200, \"silent\": 25}, " STAGES));
	const struct candidate *candidate = catalog->packages[0].candidate;

	assert_int_equal(candidate->attempt, 3);
	assert_int_equal(candidate->state, CANDIDATE_STOPPED);
	assert_string_equal(candidate->why, "cameras go dark");
	assert_true(candidate->is_recalled);
	assert_true(candidate->does_without_brake);
	assert_string_equal(candidate->place_of, OTHER);
	assert_int_equal(candidate->least, 50);
	assert_int_equal(candidate->most_rolled_back, 200);
	assert_int_equal(candidate->most_silent, 25);
}

TEST_CASE(test_writes_what_it_read)
{
	AUTO(catalog) struct catalog *catalog = catalog_of_text(CATALOG(NAMED
		", \"begun\": \"2026-11-30T11:00:00Z\", \"attempt\": 3, \"state\": \"withdrawn\", \"why\": \"old\", \"recall\": "
		"true, \"brake\": false, \"stop_at\": {\"silent\": 25}, " STAGES));

	assert_written_as_read(catalog, "\"withdrawn\"", "\"big-sites\"");
}

TEST_CASE(test_refuses_what_breaks_a_rule_and_names_it)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{CATALOG("\"version\": \"5.1.0\""), "'release' is missing"},
		{CATALOG("\"version\": \"5.0.2\", \"release\": \"face-library/face-library-5.0.2.json\", \"digest\": \"" DIGEST
			 "\", " BEGUN ", \"state\": \"running\", " STAGES),
			"5.0.2 is not newer than the stable 5.0.2"},
		{CATALOG("\"version\": \"5.1.0\", \"release\": \"linkage-app/linkage-app-5.1.0.json\", \"digest\": \"" DIGEST
			 "\", " BEGUN ", \"state\": \"running\", " STAGES),
			"its release is"},
		{CATALOG("\"version\": \"5.1.0\", \"release\": \"face-library/face-library-5.1.0.json\", \"digest\": \"77\", " BEGUN
			 ", \"state\": \"running\", " STAGES),
			"candidate"},
		{CATALOG(NAMED ", \"begun\": \"today\", \"attempt\": 1, \"state\": \"running\", " STAGES), "'begun'"},
		{CATALOG(NAMED ", \"begun\": \"2026-11-30T11:00:00Z\", \"attempt\": 0, \"state\": \"running\", " STAGES),
			"'attempt' is 0"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"paused\", " STAGES), "state 'paused'"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"recall\": true, " STAGES), "recalled and running"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"stopped\", \"why\": \"\\u001b[2J\", " STAGES), "no plain text"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stages\": []"), "0 stages"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stages\": [7]"), "stage 1: not an object"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stages\": [{\"night\": \"2026-12-01\"}]"), "for nobody"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stages\": [{\"night\": \"2026-12-01\", \"percent\": 101}]"),
			"'percent' is 101"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stages\": [{\"night\": \"2026-12-01\", \"rings\": "
			       "[\"A b\"]}]"),
			"ring 'A b'"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stages\": [{\"night\": \"2026-12-02\", \"percent\": 1}, "
			       "{\"night\": \"2026-12-01\", \"percent\": 5}]"),
			"stage 2: its night is not after"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stages\": [{\"night\": \"2026-12-02\", \"percent\": 10}, "
			       "{\"night\": \"2026-12-03\", \"percent\": 5}]"),
			"is below that of the stage before"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"stop_at\": {\"silent\": 10001}, " STAGES), "'silent' is 10001"},
		{CATALOG(NAMED ", " BEGUN ", \"state\": \"running\", \"least\": 0, " STAGES), "'least' is 0"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_no_catalog(i, rows[i].text, rows[i].says);
}

TESTS(NULL, NULL)
