#include "manifests/release/release_check.h"

#include <string.h>

#include "common/json.h"

#define DEFAULT_TIMEOUT_S 30
#define DEFAULT_RETRY_PAUSE_S 5
#define MAX_RETRIES 100
#define MAX_RETRY_PAUSE_S 600
#define MAX_SETTLE_S 3600

/* ---- Reading ---- */

static int read_arguments(struct arena *memory, struct release_check *check, const json_t *object, struct error *err)
{
	const json_t *argv;
	const json_t *value;
	size_t i;

	if (json_want_array(object, "argv", &argv, err) < 0)
		return -1;
	if (json_array_size(argv) == 0 || json_array_size(argv) > RELEASE_MAX_ARGUMENTS)
		return error_set(
			err, ERROR_INPUT, "member 'argv' does not have 1 to %d texts", RELEASE_MAX_ARGUMENTS);
	json_array_foreach (argv, i, value) {
		if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
			return error_set(err, ERROR_INPUT, "member 'argv' does not hold texts alone");
		if (arena_keep(memory, json_string_value(value), &check->argv[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_tries(struct release_check *check, const json_t *object, struct error *err)
{
	check->timeout_s = DEFAULT_TIMEOUT_S;
	check->retry_pause_s = DEFAULT_RETRY_PAUSE_S;
	if (json_may_integer(object, "timeout_s", 1, RELEASE_MAX_TIMEOUT_S, &check->timeout_s, err) < 0 ||
		json_may_integer(object, "retries", 0, MAX_RETRIES, &check->retries, err) < 0)
		return -1;
	return json_may_integer(object, "retry_pause_s", 0, MAX_RETRY_PAUSE_S, &check->retry_pause_s, err);
}

int release_check_read(
	struct arena *memory, const json_t *release, const char *name, struct release_check *check, struct error *err)
{
	const json_t *program = NULL;

	if (json_may_object(release, name, &program, err) < 0)
		return -1;
	if (!program)
		return 0;
	if (read_arguments(memory, check, program, err) < 0 || read_tries(check, program, err) < 0)
		return error_context(err, "%s", name);
	return 0;
}

static int read_health_kind(
	struct arena *memory, struct release_health *health, const json_t *json, struct error *err)
{
	if (json_object_get(json, "argv")) {
		health->kind = RELEASE_HEALTH_COMMAND;
		return read_arguments(memory, &health->check, json, err);
	}
	if (json_object_get(json, "unit")) {
		health->kind = RELEASE_HEALTH_UNIT;
		return arena_keep_member(memory, json, "unit", &health->unit, err);
	}
	health->kind = RELEASE_HEALTH_HTTP;
	return arena_keep_member(memory, json, "url", &health->url, err);
}

int release_check_read_health(
	struct arena *memory, const json_t *release, struct release_health *health, struct error *err)
{
	const json_t *json = NULL;

	if (json_may_object(release, "health", &json, err) < 0)
		return -1;
	if (!json)
		return 0;
	if (read_health_kind(memory, health, json, err) < 0 || read_tries(&health->check, json, err) < 0 ||
		json_may_integer(json, "settle_s", 0, MAX_SETTLE_S, &health->settle_s, err) < 0)
		return error_context(err, "health");
	return 0;
}

/* ---- Writing ---- */

static json_t *pack_arguments(const struct release_check *check)
{
	json_t *argv = json_array();

	for (size_t i = 0; check->argv[i]; i++)
		if (json_array_append_new(argv, json_string(check->argv[i])) < 0) {
			json_decref(argv);
			return NULL;
		}
	return argv;
}

static int add_tries(json_t *json, const struct release_check *check)
{
	return json_object_set_new(json, "timeout_s", json_integer(check->timeout_s)) < 0 ||
	       json_object_set_new(json, "retries", json_integer(check->retries)) < 0 ||
	       json_object_set_new(json, "retry_pause_s", json_integer(check->retry_pause_s)) < 0;
}

json_t *release_check_pack(const struct release_check *check)
{
	json_t *json = JSON_OBJECT({json_take("argv", pack_arguments(check))});

	if (json && add_tries(json, check)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

json_t *release_check_pack_health(const struct release_health *health)
{
	json_t *json = health->kind == RELEASE_HEALTH_COMMAND
			       ? JSON_OBJECT({json_take("argv", pack_arguments(&health->check))})
		       : health->kind == RELEASE_HEALTH_UNIT ? JSON_OBJECT({json_text("unit", health->unit)})
							     : JSON_OBJECT({json_text("url", health->url)});

	if (json && (add_tries(json, &health->check) ||
			    json_object_set_new(json, "settle_s", json_integer(health->settle_s)) < 0)) {
		json_decref(json);
		return NULL;
	}
	return json;
}
