#include "tests/collector/rollout_desk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/night.h"
#include "collector/store/report_row.h"
#include "collector/store/schema.h"
#include "collector/store/terminal_row.h"
#include "manifests/catalog/catalog.h"

/* ---- What is published ---- */

void desk_put(struct desk *desk, const char *name, const char *text)
{
	folder_put(&desk->folder, name, text, strlen(text));
}

void desk_publish(struct desk *desk)
{
	struct catalog_package package = {.name = "face-library",
		.priority = 1,
		.version = "5.0.2",
		.release_target = "face-library/face-library-5.0.2.json",
		.rollout_percent = 100,
		.candidate = &desk->candidate};
	const struct catalog catalog = {.issued_s = 1, .packages = &package, .packages_count = 1};
	AUTO(buf) struct buf text = BUF_INIT(CATALOG_MAX_BYTES);
	char hex[SHA256_HEX_SIZE], name[256], role[512];
	struct error err = {0};
	struct sha256 sum;

	assert_ok(catalog_write(&catalog, &text, &err), &err);
	sha256_of(text.data, text.len, &sum);
	(void)snprintf(name, sizeof(name), "targets/%s.catalog.json", sha256_hex(&sum, hex));
	desk_put(desk, name, buf_text(&text));
	(void)snprintf(role, sizeof(role),
		"{\"signed\": {\"targets\": {\"catalog.json\": {\"hashes\": {\"sha256\": \"%s\"}}}}}", hex);
	desk_put(desk, "metadata/3.operator.json", role);
	desk_put(desk, "metadata/4.snapshot.json", "{\"signed\": {\"meta\": {\"operator.json\": {\"version\": 3}}}}");
	desk_put(desk, "metadata/timestamp.json", "{\"signed\": {\"meta\": {\"snapshot.json\": {\"version\": 4}}}}");
}

static void make_candidate(struct desk *desk)
{
	static const char *pilot[] = {"pilot"};
	static const int64_t percents[] = {0, 1, 100};

	for (int i = 0; i < 3; i++) {
		desk->stages[i] = (struct candidate_stage){.percent = percents[i], .rings = pilot, .rings_count = i == 0};
		night_date_of_days(FIRST + i, &desk->stages[i].night);
	}
	desk->candidate = (struct candidate){
		.version = "5.1.0",
		.release_target = "face-library/face-library-5.1.0.json",
		.digest = DIGEST,
		.place_of = DIGEST,
		.begun_s = 1,
		.attempt = 1,
		.why = "",
		.stages = desk->stages,
		.stages_count = 3,
		.most_rolled_back = 200,
		.most_silent = 300,
		.least = 20,
	};
}

void desk_make_key(struct desk *desk)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	AUTO(buf) struct buf pem = BUF_INIT(4096);

	assert_non_null(signer);
	assert_ok(signer_write(signer, NULL, &pem, &err), &err);
	folder_put_secret(&desk->folder, "brake.key", buf_text(&pem));
}

static int64_t monotonic_ms(const struct clock *clock)
{
	struct desk *desk = clock->context;

	return desk->now_ms += desk->takes_ms;
}

static int open_on(void **state, bool on_postgres)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	struct error err = {0};
	char path[512];

	fs_init(&desk->fs);
	log_init(&desk->log, "test");
	folder_init(&desk->folder);
	(void)snprintf(desk->config.metadata_repository, CONFIG_TEXT_SIZE, "%s", desk->folder.path);
	(void)snprintf(desk->config.brake_key, CONFIG_TEXT_SIZE, "%s/brake.key", desk->folder.path);
	(void)snprintf(desk->config.brake_file, CONFIG_TEXT_SIZE, "%s/metadata/brake.json", desk->folder.path);
	(void)snprintf(path, sizeof(path), "%s/collector.db", desk->folder.path);
	desk->config.brake_every_s = 4 * 3600;
	if ((desk->has_postgres = on_postgres))
		postgres_init(&desk->postgres);
	assert_ok(database_open(on_postgres ? desk->postgres.url : path, &desk->database, &err), &err);
	assert_ok(schema_update(desk->database, &err), &err);
	desk->clock = (struct clock){.monotonic_ms = monotonic_ms, .context = desk};
	desk->watch = (struct rollout_watch){.config = &desk->config, .clock = &desk->clock, .log = &desk->log};
	make_candidate(desk);
	desk_make_key(desk);
	desk_publish(desk);
	*state = desk;
	return 0;
}

int desk_open(void **state)
{
	return open_on(state, false);
}

int desk_open_on_postgres(void **state)
{
	return open_on(state, true);
}

int desk_close(void **state)
{
	struct desk *desk = *state;

	database_close(desk->database);
	if (desk->has_postgres)
		postgres_clear(&desk->postgres);
	folder_clear(&desk->folder);
	free(desk);
	return 0;
}

/* ---- Terminals ---- */

int64_t desk_at(int night, int64_t second)
{
	return night_begin_s(FIRST + night) + second;
}

static void report(struct desk *desk, int number, int64_t now_s, const char *state)
{
	struct terminal_row row = {0};
	struct error err = {0};
	const struct delivery_row delivery = {
		.release = release_id_of("face-library", "5.1.0", DIGEST),
		.planned_s = desk_at(0, EVENING_S),
		.state = state,
		.changed_s = now_s,
		.error = "",
		.detail = "",
	};
	struct delivery_row told = delivery;
	char key[SHA256_HEX_SIZE];

	(void)snprintf(key, sizeof(key), "%07x%057x", number * 7919 + 1, number);
	assert_ok(terminal_row_reserve(desk->database, key, now_s, &err), &err);
	assert_ok(terminal_row_find(desk->database, terminal_id_of(key), &row, &err), &err);
	(void)snprintf(row.institution, sizeof(row.institution), "%02d10000001", number % 3);
	row.received_s = now_s;
	assert_ok(terminal_row_change(desk->database, &row, &err), &err);
	told.terminal = row.id;
	if (state)
		assert_ok(delivery_row_put(desk->database, &told, &err), &err);
}

void desk_report_all(struct desk *desk, int64_t now_s, const char *state)
{
	struct error err = {0};

	assert_ok(database_begin(desk->database, &err), &err);
	assert_ok(release_row_add(desk->database, "face-library", "5.1.0", DIGEST, now_s, &err), &err);
	for (int i = state ? 0 : PILOTS; i < TERMINALS; i++)
		report(desk, i, now_s, i < PILOTS ? state : NULL);
	assert_ok(database_commit(desk->database, &err), &err);
}

void desk_report_some(struct desk *desk, int from, int to, int64_t now_s, const char *state)
{
	struct error err = {0};

	assert_ok(database_begin(desk->database, &err), &err);
	for (int i = from; i < to; i++)
		report(desk, i, now_s, state);
	assert_ok(database_commit(desk->database, &err), &err);
}

struct trials desk_trials(struct desk *desk)
{
	struct trials trials;
	struct error err = {0};

	assert_ok(trials_count(desk->database, rollout_id_of("face-library", DIGEST, 1), &trials, &err), &err);
	return trials;
}

struct rollout_row desk_look(struct desk *desk, int64_t now_s)
{
	struct rollout_row row;
	struct error err = {0};

	rollout_watch_look(&desk->watch, desk->database, true, now_s);
	assert_false(desk->watch.is_in_trouble);
	assert_ok(rollout_row_find(desk->database,
			  rollout_id_of("face-library", DIGEST, desk->candidate.attempt), &row, &err),
		&err);
	return row;
}

struct brake *desk_statement(struct desk *desk)
{
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
	struct brake *brake = NULL;
	struct error err = {0};

	assert_ok(fs_read_file(&desk->fs, AT_FDCWD, desk->config.brake_file, &text, &err), &err);
	assert_ok(brake_parse(text.data, text.len, &brake, &err), &err);
	return brake;
}

void desk_begin(struct desk *desk)
{
	(void)desk_look(desk, desk_at(0, 0));
	desk_report_all(desk, desk_at(0, EVENING_S), "staged");
	(void)desk_look(desk, desk_at(0, EVENING_S));
}
