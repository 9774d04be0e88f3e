#include "agent/server/kept_brake.h"

#include <fcntl.h>
#include <string.h>

#include "common/json.h"
#include "manifests/tuf/time_floor.h"

#define KEPT_BRAKE BRAKE_FILE
#define SETTING_STOP "brake.stop." /* and the package's name */
#define STOP_MAX_BYTES 2048

typedef char stop_name[sizeof(SETTING_STOP) + PACKAGE_NAME_SIZE];

int64_t kept_brake_now_s(const struct terminal *terminal)
{
	return time_floor_apply(
		time_floor_load(terminal->env->fs, terminal->metadata_dir_fd), terminal_now_s(terminal));
}

static int open_state(const struct terminal *terminal, struct error *err)
{
	return fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->environment_path, err);
}

/* ---- The statement ---- */

void kept_brake_read(const struct terminal *terminal, struct brake **ret_brake)
{
	AUTO(buf) struct buf bytes = BUF_INIT(BRAKE_MAX_BYTES);
	AUTO(fd) int dir_fd = open_state(terminal, NULL);

	*ret_brake = NULL;
	if (dir_fd >= 0 && fs_read_file(terminal->env->fs, dir_fd, KEPT_BRAKE, &bytes, NULL) == 0)
		(void)!brake_parse(buf_text(&bytes), bytes.len, ret_brake, NULL);
}

/* What those who signed before said counts no more once the keys are others. */
static int read_signed(struct terminal *terminal, struct tuf_client *trust, int dir_fd, struct brake **ret_brake,
	struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(BRAKE_MAX_BYTES);
	struct fs *fs = terminal->env->fs;
	struct error why = {0};

	*ret_brake = NULL;
	if (fs_read_file(fs, dir_fd, KEPT_BRAKE, &bytes, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : fs_remove(fs, dir_fd, KEPT_BRAKE, err);
	if (tuf_client_check_statement(trust, BRAKE_ROLE, BRAKE_PATH, buf_text(&bytes), bytes.len, &why) == 0 &&
		brake_parse(buf_text(&bytes), bytes.len, ret_brake, &why) == 0)
		return 0;
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s; the statement that was kept is forgotten", why.text);
	return fs_remove(fs, dir_fd, KEPT_BRAKE, err);
}

static int fetch(struct terminal *terminal, struct tuf_client *trust, int dir_fd, const struct brake *kept,
	struct brake **ret_brake, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(BRAKE_MAX_BYTES);
	AUTO(brake) struct brake *brake = NULL;

	if (tuf_client_fetch_statement(trust, BRAKE_ROLE, BRAKE_PATH, &bytes, err) < 0 ||
		brake_parse(buf_text(&bytes), bytes.len, &brake, err) < 0)
		return -1;
	if (kept && brake->version < kept->version)
		return error_set(err, ERROR_REFUSED, "rollback attack: brake %lld is older than the trusted %lld",
			(long long)brake->version, (long long)kept->version);
	if ((!kept || brake->version > kept->version) &&
		fs_write_file(terminal->env->fs, dir_fd, KEPT_BRAKE, buf_text(&bytes), bytes.len, 0644, err) < 0)
		return -1;
	*ret_brake = take_ptr(&brake);
	return 0;
}

/* ---- Stops that were seen ---- */

static void name_stop(const char *package, stop_name ret_name)
{
	(void)snprintf(ret_name, sizeof(stop_name), SETTING_STOP "%s", package);
}

/* With the attempt that was stopped, not the one that the statement names: the next attempt is the operator's word. */
static int note_stop(struct terminal *terminal, const char *package, const struct candidate *candidate,
	const struct brake_stop *stop, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(STOP_MAX_BYTES);
	AUTO(json) json_t *json = JSON_OBJECT({
		json_blame(err),
		json_text("digest", candidate->digest),
		json_number("attempt", candidate->attempt),
		json_number("at_s", stop->at_s),
		json_text("why", stop->why),
		json_text("by", stop->by),
	});
	stop_name name;

	name_stop(package, name);
	return !json || json_write(json, &text, err) < 0 ? -1
							 : store_set_setting(terminal->store, name, buf_text(&text), err);
}

static bool is_about(const json_t *json, const struct candidate *candidate)
{
	const char *digest = json_string_value(json_object_get(json, "digest"));

	return digest && strcmp(digest, candidate->digest) == 0 &&
	       json_integer_value(json_object_get(json, "attempt")) >= candidate->attempt;
}

/* A stop that was seen before; false where there is none. */
static int find_noted(const struct terminal *terminal, const char *package, const struct candidate *candidate,
	struct brake_word *word, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(STOP_MAX_BYTES);
	AUTO(json) json_t *json = NULL;
	stop_name name;

	name_stop(package, name);
	if (store_setting(terminal->store, name, &text, err) < 0)
		return -1;
	if (!text.len || !(json = json_parse(text.data, text.len, NULL)) || !is_about(json, candidate))
		return 0;
	word->state = BRAKE_STOPPED;
	word->stopped_s = json_integer_value(json_object_get(json, "at_s"));
	record_text(json_string_value(json_object_get(json, "why")), word->why, sizeof(word->why));
	record_text(json_string_value(json_object_get(json, "by")), word->by, sizeof(word->by));
	return 0;
}

int kept_brake_ask(const struct terminal *terminal, const struct brake *brake, const char *package,
	const struct candidate *candidate, int64_t now_s, struct brake_word *ret_word, struct error *err)
{
	const struct brake_stop *stop;

	*ret_word = (struct brake_word){.state = brake_ask(brake, package, candidate, now_s, &stop)};
	if (brake) {
		ret_word->version = brake->version;
		ret_word->issued_s = brake->issued_s;
		ret_word->stages_let = brake_stages_let(brake, package, candidate);
	}
	if (!stop)
		return find_noted(terminal, package, candidate, ret_word, err);
	ret_word->stopped_s = stop->at_s;
	record_text(stop->why, ret_word->why, sizeof(ret_word->why));
	record_text(stop->by, ret_word->by, sizeof(ret_word->by));
	return 0;
}

/* ---- The whole ---- */

static int note_stops(
	struct terminal *terminal, const struct catalog *catalog, const struct brake *brake, struct error *err)
{
	for (size_t i = 0; i < catalog->packages_count; i++) {
		const struct catalog_package *package = &catalog->packages[i];
		const struct brake_stop *stop = NULL;

		if (package->candidate)
			(void)brake_ask(brake, package->name, package->candidate, brake->issued_s, &stop);
		if (stop && note_stop(terminal, package->name, package->candidate, stop, err) < 0)
			return -1;
	}
	return 0;
}

static bool has_candidate(const struct terminal *terminal, const struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->packages_count; i++)
		if (catalog->packages[i].candidate && config_runs(terminal->config, catalog->packages[i].name))
			return true;
	return false;
}

int kept_brake_refresh(
	struct terminal *terminal, struct tuf_client *trust, const struct catalog *catalog, struct error *err)
{
	AUTO(fd) int dir_fd = -1;
	AUTO(brake) struct brake *kept = NULL;
	AUTO(brake) struct brake *brake = NULL;
	struct error why = {0};

	if (!has_candidate(terminal, catalog))
		return 0;
	if ((dir_fd = open_state(terminal, err)) < 0 || read_signed(terminal, trust, dir_fd, &kept, err) < 0)
		return -1;
	if (fetch(terminal, trust, dir_fd, kept, &brake, &why) < 0) {
		if (why.code == ERROR_NOT_FOUND) /* no such role: nobody may stop, and nobody watches */
			return 0;
		return error_set(err, why.code, "the brake's statement: %s", why.text);
	}
	return store_begin(terminal->store, err) < 0
		       ? -1
		       : store_end(terminal->store, note_stops(terminal, catalog, brake, err), err);
}
