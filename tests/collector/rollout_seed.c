#include "tests/collector/rollout_seed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/rollout/rollout_row.h"
#include "collector/store/night.h"
#include "collector/store/schema.h"
#include "manifests/catalog/catalog.h"

#define STAGES 5
#define EVENING_S (9 * 3600)
#define RUNNING 0x1a
#define HARMFUL 0x2b
#define FINISHED 0x3c

static void need(bool true_value, const struct error *err)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "rollouts: %s\n", err->text);
	abort();
}

static const char *digest_of(int byte, char ret_digest[static SHA256_HEX_SIZE])
{
	for (size_t i = 0; i < SHA256_HEX_SIZE - 1; i += 2)
		(void)snprintf(ret_digest + i, 3, "%02x", (unsigned int)byte);
	return ret_digest;
}

/* ---- What is published ---- */

struct tried {
	char digest[SHA256_HEX_SIZE], target[128];
	struct candidate_stage stages[STAGES];
	struct candidate candidate;
};

/* AFTER: on which nights from FIRST on the stages open. */
static void try(struct tried *tried, const char *package, const char *version, int byte, int64_t first,
	const int64_t after[static STAGES])
{
	static const char *pilot[] = {"pilot"};
	static const int64_t percents[STAGES] = {0, 1, 10, 50, 100};

	for (size_t i = 0; i < STAGES; i++) {
		tried->stages[i] =
			(struct candidate_stage){.percent = percents[i], .rings = pilot, .rings_count = i == 0};
		night_date_of_days(first + after[i], &tried->stages[i].night);
	}
	(void)snprintf(tried->target, sizeof(tried->target), "%s/%s-%s.json", package, package, version);
	tried->candidate = (struct candidate){
		.version = version,
		.release_target = tried->target,
		.digest = digest_of(byte, tried->digest),
		.place_of = tried->digest,
		.begun_s = night_begin_s(first),
		.attempt = 1,
		.why = "",
		.stages = tried->stages,
		.stages_count = STAGES,
		.most_rolled_back = 200,
		.most_silent = 300,
		.least = 20,
	};
}

static void put_text(const struct collector *collector, const char *name, const char *text)
{
	folder_put(&collector->folder, name, text, strlen(text));
}

/* The documents name each other by version and digest; that they are signed is the terminals' concern. */
static void put_catalog(const struct collector *collector, const struct catalog *catalog)
{
	AUTO(buf) struct buf text = BUF_INIT(CATALOG_MAX_BYTES);
	char hex[SHA256_HEX_SIZE], name[256], role[512];
	struct error err = {0};
	struct sha256 sum;

	need(catalog_write(catalog, &text, &err) == 0, &err);
	sha256_of(text.data, text.len, &sum);
	(void)snprintf(name, sizeof(name), "repository/targets/%s.catalog.json", sha256_hex(&sum, hex));
	put_text(collector, name, buf_text(&text));
	(void)snprintf(role, sizeof(role),
		"{\"signed\": {\"targets\": {\"catalog.json\": {\"hashes\": {\"sha256\": \"%s\"}}}}}", hex);
	put_text(collector, "repository/metadata/1.root.json", "{\"signed\": {}}");
	put_text(collector, "repository/metadata/1.operator.json", role);
	put_text(collector, "repository/metadata/1.snapshot.json",
		"{\"signed\": {\"meta\": {\"operator.json\": {\"version\": 1}}}}");
	put_text(collector, "repository/metadata/timestamp.json",
		"{\"signed\": {\"meta\": {\"snapshot.json\": {\"version\": 1}}}}");
}

static void put_key(struct collector *collector)
{
	AUTO(buf) struct buf pem = BUF_INIT(4096);
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	size_t len = strlen(collector->more);
	const char *at = collector->folder.path;

	need(signer && signer_write(signer, NULL, &pem, &err) == 0, &err);
	folder_put_secret(&collector->folder, "brake.key", buf_text(&pem));
	(void)snprintf(collector->more + len, sizeof(collector->more) - len,
		"[metadata]\nrepository = %s/repository\nshelf = %s/shelf\n[brake]\nkey = %s/brake.key\n"
		"file = %s/repository/metadata/brake.json\n",
		at, at, at, at);
}

void rollout_seed_publish(struct collector *collector, int64_t now_s)
{
	static const int64_t slow[STAGES] = {0, 1, 4, 7, 9}, quick[STAGES] = {0, 1, 2, 3, 4};
	struct tried running, harmful;
	int64_t tonight = night_of(now_s);

	try(&running, ROLLOUT_SEED_PACKAGE, ROLLOUT_SEED_VERSION, RUNNING, tonight - 3, slow);
	try(&harmful, "distro-app", "2.5.0", HARMFUL, tonight - 4, quick);
	{
		struct catalog_package packages[] = {
			{.name = "distro-app", .priority = 1, .version = "2.4.1",
				.release_target = "distro-app/distro-app-2.4.1.json", .rollout_percent = 100,
				.candidate = &harmful.candidate},
			{.name = ROLLOUT_SEED_PACKAGE, .priority = 2, .version = "1.0.4",
				.release_target = "linkage-app/linkage-app-1.0.4.json", .rollout_percent = 100,
				.candidate = &running.candidate},
		};
		const struct catalog catalog = {
			.issued_s = 1, .packages = packages, .packages_count = ARRAY_SIZE(packages)};

		put_catalog(collector, &catalog);
	}
	put_key(collector);
}

/* ---- What came of it ---- */

struct nights {
	struct database *database;
	int64_t rollout;
	struct error err;
};

/* COUNT terminals that were heard of since: they took it in that NIGHT, and one in HARMED of them took it back. As many others as
 * OTHERS says, of which some fell silent. */
static void write_night(struct nights *nights, int64_t night, int64_t count, int64_t harmed, int64_t others)
{
	const char *fresh = "id NOT IN (SELECT terminal FROM trial WHERE rollout";
	char sql[1024];

	(void)snprintf(sql, sizeof(sql),
		"INSERT INTO trial (rollout, terminal, night, kind, came, state) SELECT %" PRId64 ", id, %" PRId64
		", 'took', 1, CASE WHEN id %% %" PRId64 " = 0 THEN 'rolled-back' ELSE 'confirmed' END FROM terminal "
		"WHERE (received_s - 10800) / 86400 > %" PRId64 " AND %s = %" PRId64 ") ORDER BY name LIMIT %" PRId64,
		nights->rollout, night, harmed, night, fresh, nights->rollout, count);
	need(database_run(nights->database, sql, &nights->err) == 0, &nights->err);
	(void)snprintf(sql, sizeof(sql),
		"INSERT INTO trial (rollout, terminal, night, kind, came, state) SELECT %" PRId64 ", id, %" PRId64
		", 'other', CASE WHEN (received_s - 10800) / 86400 > %" PRId64 " THEN 1 ELSE 0 END, '' FROM terminal "
		"WHERE (received_s - 10800) / 86400 >= %" PRId64 " AND %s = %" PRId64 ") ORDER BY name LIMIT %" PRId64,
		nights->rollout, night, night, night, fresh, nights->rollout, others);
	need(database_run(nights->database, sql, &nights->err) == 0, &nights->err);
	(void)snprintf(sql, sizeof(sql), "INSERT INTO cohort (rollout, night, base) VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ")",
		nights->rollout, night, night);
	need(database_run(nights->database, sql, &nights->err) == 0, &nights->err);
}

static void begin(struct nights *nights, const char *package, const char *version, int byte, int64_t first)
{
	struct rollout_row row = {.attempt = 1, .stages_open = 1, .opened_night = first};

	(void)snprintf(row.package, sizeof(row.package), "%s", package);
	(void)snprintf(row.version, sizeof(row.version), "%s", version);
	(void)digest_of(byte, row.digest);
	(void)snprintf(row.plan, sizeof(row.plan), "{}");
	row.began_s = night_begin_s(first) + EVENING_S;
	row.id = nights->rollout = rollout_id_of(package, row.digest, 1);
	need(rollout_row_add(nights->database, &row, &nights->err) == 0, &nights->err);
}

static void open_stage(struct nights *nights, int64_t stage, int64_t night)
{
	need(rollout_row_open(nights->database, nights->rollout, stage, night, night_begin_s(night) + EVENING_S + 4210, "well",
		     &nights->err) == 0,
		&nights->err);
}

static void write_nights(struct nights *nights, int64_t tonight, int64_t hundredth)
{
	begin(nights, "linkage-app", "1.0.4", FINISHED, tonight - 20);
	write_night(nights, tonight - 20, hundredth, 1000000007, 4 * hundredth);
	open_stage(nights, 2, tonight - 19);
	write_night(nights, tonight - 19, 2 * hundredth, 1000000007, 4 * hundredth);
	begin(nights, ROLLOUT_SEED_PACKAGE, ROLLOUT_SEED_VERSION, RUNNING, tonight - 3);
	write_night(nights, tonight - 3, hundredth, 1000000007, 27 * hundredth);
	open_stage(nights, 2, tonight - 2);
	write_night(nights, tonight - 2, hundredth, 97, 27 * hundredth);
	begin(nights, "distro-app", "2.5.0", HARMFUL, tonight - 4);
	write_night(nights, tonight - 4, hundredth, 7, 27 * hundredth);
}

static void stop_the_last(const struct collector *collector, struct nights *nights, int64_t at_s)
{
	char sql[256], why[ROLLOUT_WHY_SIZE];
	int64_t taken, harmed;
	bool is_stopped;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM trial WHERE kind = 'took' AND rollout = %" PRId64, nights->rollout);
	taken = collector_count(collector, sql);
	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM trial WHERE state = 'rolled-back' AND rollout = %" PRId64,
		nights->rollout);
	harmed = collector_count(collector, sql);
	(void)snprintf(why, sizeof(why), "%" PRId64 " of %" PRId64 " terminals took it back; 0.1 %% would be usual", harmed, taken);
	need(database_begin(nights->database, &nights->err) == 0 &&
			rollout_row_stop(nights->database, nights->rollout, at_s, "rolled-back", why, &is_stopped,
				&nights->err) == 0 &&
			database_commit(nights->database, &nights->err) == 0,
		&nights->err);
}

void rollout_seed_nights(const struct collector *collector, int64_t now_s)
{
	struct nights nights = {0};
	int64_t terminals;

	need(database_open(collector->store, &nights.database, &nights.err) == 0 &&
			schema_update(nights.database, &nights.err) == 0 &&
			database_begin(nights.database, &nights.err) == 0,
		&nights.err);
	terminals = collector_count(collector, "SELECT count(*) FROM terminal");
	write_nights(&nights, night_of(now_s), terminals / 100);
	need(database_commit(nights.database, &nights.err) == 0, &nights.err);
	stop_the_last(collector, &nights, night_begin_s(night_of(now_s) - 4) + EVENING_S + 9000);
	database_close(nights.database);
}

void rollout_seed_wait(const struct collector *collector)
{
	struct ask *ask = collector_client(collector, &collector->operator);
	struct ask_answer answer = {0};

	do
		(void)usleep(50000);
	while (ask_for(ask, "/brake.json", NULL, 0, &answer) != 200);
	ask_answer_clear(&answer);
	ask_free(ask);
}
