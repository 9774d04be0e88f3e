#include "tools/repo/release/release_options.h"

#include <stdlib.h>
#include <string.h>

#include "manifests/base/arena.h"

static int keep(struct release *release, const char *text, size_t len, const char **ret_copy, struct error *err)
{
	return (*ret_copy = arena_copy(release->memory, text, len, err)) ? 0 : -1;
}

static int read_names(const struct args *args, struct release *release, struct error *err)
{
	const char *package;
	const char *version;
	const char *passes_through = args_get(args, "passes-through");
	char target[PACKAGE_TARGET_SIZE];

	if (args_want(args, "package", &package, err) < 0 || args_want(args, "version", &version, err) < 0 ||
		package_check_name(package, err) < 0 || version_check(version, err) < 0)
		return -1;
	package_payload_target(package, version, target);
	if (keep(release, package, strlen(package), &release->package, err) < 0 ||
		keep(release, version, strlen(version), &release->version, err) < 0 ||
		keep(release, target, strlen(target), &release->payload_target, err) < 0)
		return -1;
	return passes_through ? keep(release, passes_through, strlen(passes_through), &release->passes_through, err)
			      : 0;
}

static int read_requirements(const struct args *args, struct release *release, struct error *err)
{
	size_t count = 0;
	const char *text;

	while (args_nth(args, "requires", count))
		count++;
	if (!(release->requires = calloc(count + 1, sizeof(*release->requires))))
		return error_set(err, ERROR_FAILED, "no memory for %zu requirements", count);
	for (size_t i = 0; (text = args_nth(args, "requires", i)); i++) {
		const char *equals = strchr(text, '=');

		if (!equals)
			return error_set(err, ERROR_USAGE, "--requires '%.80s' is not PACKAGE=VERSION", text);
		if (keep(release, text, (size_t)(equals - text), &release->requires[i].package, err) < 0 ||
			keep(release, equals + 1, strlen(equals + 1), &release->requires[i].version, err) < 0)
			return -1;
		release->requires_count++;
	}
	return 0;
}

/* Cuts a command at its blanks. */
static int read_arguments(
	struct release *release, const char *name, const char *text, struct release_check *check, struct error *err)
{
	size_t count = 0;

	text += strspn(text, " ");
	for (; *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");

		if (count == RELEASE_MAX_ARGUMENTS)
			return error_set(
				err, ERROR_USAGE, "--%s has more than %d words", name, RELEASE_MAX_ARGUMENTS);
		if (keep(release, text, len, &check->argv[count++], err) < 0)
			return -1;
		text += len;
	}
	return count ? 0 : error_set(err, ERROR_USAGE, "--%s is empty", name);
}

static int read_health(const struct args *args, struct release *release, struct error *err)
{
	struct release_health *health = &release->health;
	const char *command = args_get(args, "health");
	const char *unit = args_get(args, "health-unit");
	const char *url = args_get(args, "health-url");

	if (!!command + !!unit + !!url > 1)
		return error_set(err, ERROR_USAGE, "--health, --health-unit and --health-url exclude each other");
	health->check.timeout_s = 30;
	health->check.retry_pause_s = 5;
	if (args_integer(args, "health-timeout", 1, RELEASE_MAX_TIMEOUT_S, &health->check.timeout_s, err) < 0 ||
		args_integer(args, "health-retries", 0, 100, &health->check.retries, err) < 0 ||
		args_integer(args, "health-retry-pause", 0, 600, &health->check.retry_pause_s, err) < 0 ||
		args_integer(args, "settle", 0, 3600, &health->settle_s, err) < 0)
		return -1;
	health->kind = command ? RELEASE_HEALTH_COMMAND
		       : unit  ? RELEASE_HEALTH_UNIT
		       : url   ? RELEASE_HEALTH_HTTP
			       : RELEASE_HEALTH_NONE;
	if (command)
		return read_arguments(release, "health", command, &health->check, err);
	if (unit)
		return keep(release, unit, strlen(unit), &health->unit, err);
	return url ? keep(release, url, strlen(url), &health->url, err) : 0;
}

/* A program that the guard runs once. */
static int read_program(const struct args *args, struct release *release, const char *name, const char *timeout_name,
	struct release_check *check, struct error *err)
{
	const char *command = args_get(args, name);

	check->timeout_s = 30;
	check->retry_pause_s = 5;
	if (args_integer(args, timeout_name, 1, RELEASE_MAX_TIMEOUT_S, &check->timeout_s, err) < 0)
		return -1;
	return command ? read_arguments(release, name, command, check, err) : 0;
}

int release_options_read(const struct args *args, struct release *release, struct error *err)
{
	if (!(release->memory = arena_new(err)) || read_names(args, release, err) < 0 ||
		read_requirements(args, release, err) < 0 || read_health(args, release, err) < 0 ||
		read_program(args, release, "self-test", "self-test-timeout", &release->self_test, err) < 0)
		return -1;
	release->wants_network = args_has(args, "network");
	return read_program(args, release, "migrate", "migrate-timeout", &release->migrate, err);
}
