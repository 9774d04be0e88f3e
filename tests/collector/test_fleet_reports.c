/* A whole fleet that fleet-sim plays, over real HTTPS with a certificate for each terminal: what the collector says of it is what was
 * played. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

#define TERMINALS 600
#define DAY_S 86400

static void put_authority(const struct collector *collector)
{
	char *key = pki_authority_key(&collector->pki);

	folder_put(&collector->folder, "ca.key", key, strlen(key));
	free(key);
}

/* Plays a night; what fleet-sim tells of it. */
static json_t *play(const struct collector *collector, const char *night)
{
	char url[320], ca[600], key[600], output[8192];
	const char *const argv[] = {FLEET_SIM, "--reports", url, "--server-ca", ca, "--client-ca", ca,
		"--client-ca-key", key, "--terminals", "600", "--night", night, "--silent", "300", "--clones", "30",
		"--damaged", "60", "--hostile", "20", "--taken-back", "50", "--json", NULL};
	struct program program;
	json_t *told;

	(void)snprintf(url, sizeof(url), "%s/reports", collector->base);
	(void)snprintf(ca, sizeof(ca), "%s/ca.pem", collector->folder.path);
	(void)snprintf(key, sizeof(key), "%s/ca.key", collector->folder.path);
	program_start(&program, argv, -1);
	if (program_wait(&program, output, sizeof(output)) != 0)
		fail_msg("%s", output);
	assert_non_null(told = json_loads(output, 0, NULL));
	return told;
}

static void run(const struct collector *collector, const char *sql)
{
	sqlite3 *database = NULL;

	assert_int_equal(sqlite3_open_v2(collector->store, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(database);
}

/* What is in the store was so much earlier, and collectors were there all the time. */
static void let_days_go_by(const struct collector *collector, int days)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
		"UPDATE terminal SET opens_s = opens_s - %d, closes_s = closes_s - %d, received_s = received_s - %d; "
		"DELETE FROM presence; INSERT INTO presence VALUES ('test', %" PRId64 ", %" PRId64 ")",
		days * DAY_S, days * DAY_S, days * DAY_S, collector_now_s() - (days + 1) * DAY_S, collector_now_s());
	run(collector, sql);
}

static json_t *get(const struct collector *collector, const char *path)
{
	struct ask *ask = collector_client(collector, &collector->operator);
	struct ask_answer answer = {0};
	json_t *value;

	assert_int_equal(ask_for(ask, path, NULL, 0, &answer), 200);
	value = json_loads(buf_text(&answer.body), 0, NULL);
	ask_answer_clear(&answer);
	ask_free(ask);
	return value;
}

static int64_t number_at(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void assert_same_causes(const json_t *fleet, json_t *played)
{
	const json_t *causes = json_object_get(fleet, "causes");
	const char *cause;
	json_t *figure;

	json_object_foreach (played, cause, figure)
		if (number_at(causes, cause) != json_integer_value(figure))
			fail_msg("%s: %" PRId64 " were played, %" PRId64 " are told", cause,
				(int64_t)json_integer_value(figure), number_at(causes, cause));
}

TEST_CASE(test_what_is_told_of_a_fleet_is_what_was_played)
{
	struct collector collector;
	AUTO(json) json_t *first = NULL;
	AUTO(json) json_t *second = NULL;
	AUTO(json) json_t *fleet = NULL;

	collector_init(&collector);
	put_authority(&collector);
	collector_start(&collector);
	first = play(&collector, "1");
	assert_int_equal(number_at(first, "taken"), TERMINALS + number_at(first, "twins"));
	assert_true(number_at(first, "refused") > 10 && number_at(first, "twins") > 5);
	let_days_go_by(&collector, 2);
	second = play(&collector, "2");
	collector_stop(&collector); /* the next one judges silence at once */
	collector_start(&collector);
	fleet = get(&collector, "/api/v1/fleet");
	assert_int_equal(number_at(fleet, "terminals"), TERMINALS);
	assert_int_equal(number_at(fleet, "silent"), number_at(second, "quiet"));
	assert_int_equal(number_at(fleet, "twins"), number_at(first, "twins"));
	assert_same_causes(fleet, json_object_get(first, "silent"));
	collector_stop(&collector);
	collector_clear(&collector);
}

TESTS(NULL, NULL)
