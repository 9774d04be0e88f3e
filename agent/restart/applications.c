#include "agent/restart/applications.h"

#include <stdio.h>
#include <string.h>

#include "agent/restart/release_file.h"
#include "common/platform.h"

#define CONTROL_TIMEOUT_MS 90000
#define OUTPUT_LIMIT 4096
/* The setting "stopped.PACKAGE" holds the start of the machine and the unit, with a blank between them. */
#define NAME_SIZE (PLAN_NAME_SIZE + sizeof("stopped."))
#define VALUE_SIZE (BOOT_ID_SIZE + 1 + APPLICATION_UNIT_SIZE)

static bool has_command(const struct terminal *terminal)
{
	return *terminal->config->applications_command_path;
}

int application_find(struct terminal *terminal, const struct plan_entry *entry, struct application *ret_application,
	struct error *err)
{
	AUTO(release) struct release *release = NULL;

	*ret_application = (struct application){0};
	(void)strcpy(ret_application->package, entry->package);
	if (has_command(terminal))
		return 0;
	if (release_file_read(terminal, entry->package, entry->folder, &release, err) < 0)
		return error_context(err, "%s", entry->package);
	return application_unit_find(terminal, entry->package,
		release->health.kind == RELEASE_HEALTH_UNIT ? release->health.unit : "", ret_application->unit, err);
}

/* ---- Which ones were stopped ---- */

static const char *name_of(const char *package, char ret_name[static NAME_SIZE])
{
	(void)snprintf(ret_name, NAME_SIZE, "stopped.%s", package);
	return ret_name;
}

static int note_stopped(
	struct terminal *terminal, const struct application *applications, int count, struct error *err)
{
	const struct clock *clock = terminal->env->clock;
	char name[NAME_SIZE], boot_id[BOOT_ID_SIZE], value[VALUE_SIZE];
	int ret;

	if ((ret = clock->boot_id(clock, boot_id, err)) < 0 || (ret = store_begin(terminal->store, err)) < 0)
		return ret;
	for (int i = 0; i < count && ret == 0; i++) {
		(void)snprintf(value, sizeof(value), "%s %s", boot_id, applications[i].unit);
		ret = store_set_setting(terminal->store, name_of(applications[i].package, name), value, err);
	}
	return store_end(terminal->store, ret, err);
}

static int find_stopped(struct terminal *terminal, const char *package, struct application *ret_application,
	bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf value = BUF_INIT(VALUE_SIZE);
	const struct clock *clock = terminal->env->clock;
	char name[NAME_SIZE], boot_id[BOOT_ID_SIZE];
	const char *blank;

	*ret_found = false;
	if (clock->boot_id(clock, boot_id, err) < 0 ||
		store_setting(terminal->store, name_of(package, name), &value, err) < 0)
		return -1;
	blank = strchr(buf_text(&value), ' ');
	if (!blank || strlen(boot_id) != (size_t)(blank - buf_text(&value)) ||
		memcmp(buf_text(&value), boot_id, strlen(boot_id)) != 0)
		return 0;
	*ret_found = true;
	record_text(package, ret_application->package, sizeof(ret_application->package));
	record_text(blank + 1, ret_application->unit, sizeof(ret_application->unit));
	return 0;
}

/* ---- Stop and start ---- */

/* VERB is "stop" or "start". */
static int control(
	struct terminal *terminal, const char *verb, const struct application *application, struct error *err)
{
	const char *command = terminal->config->applications_command_path;
	const char *const by_command[] = {command, verb, application->package, NULL};
	const char *const by_unit[] = {PLATFORM_SERVICE_CONTROL, verb, "--", application->unit, NULL};
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_LIMIT);
	struct process_request request = {
		.argv = has_command(terminal) ? by_command : by_unit,
		.timeout_ms = CONTROL_TIMEOUT_MS,
		.output = &output,
	};
	struct processes *processes = terminal->env->processes;
	struct process_result result = {0};

	if (processes->run(processes, &request, &result, err) < 0)
		return error_context(err, "%s of the application of %s", verb, application->package);
	if (result.timed_out || result.exit_status)
		return error_set(err, ERROR_FAILED, "'%s %s' for %s %s with %d: %.120s", request.argv[0], verb,
			application->package, result.timed_out ? "was ended" : "ended", result.exit_status,
			process_last_line(&output));
	return 0;
}

static int start_one(struct terminal *terminal, const struct application *application, struct error *err)
{
	struct error failed = {0};
	char name[NAME_SIZE];

	if (control(terminal, "start", application, &failed) < 0)
		log_line(terminal->env->log, LOG_LEVEL_ERROR, "%s; a restart starts it", failed.text);
	return store_drop_setting(terminal->store, name_of(application->package, name), err);
}

int applications_stop(struct terminal *terminal, const struct application *applications, int count, struct error *err)
{
	struct error failed = {0};

	if (note_stopped(terminal, applications, count, err) < 0)
		return -1;
	for (int i = count - 1; i >= 0; i--)
		if (control(terminal, "stop", &applications[i], err) < 0) {
			if (applications_start(terminal, applications, count, &failed) < 0)
				log_line(terminal->env->log, LOG_LEVEL_ERROR, "%s", failed.text);
			return -1;
		}
	return 0;
}

int applications_start(
	struct terminal *terminal, const struct application *applications, int count, struct error *err)
{
	struct error failed = {0};
	int ret = 0;

	for (int i = 0; i < count; i++)
		if (start_one(terminal, &applications[i], ret < 0 ? &failed : err) < 0)
			ret = -1;
	return ret;
}

/* ---- What an interruption has left ---- */

int applications_are_stopped(struct terminal *terminal, bool *ret_stopped, struct error *err)
{
	const struct config_list *packages = &terminal->config->packages;
	struct application application;

	*ret_stopped = false;
	for (size_t i = 0; i < packages->count && !*ret_stopped; i++)
		if (find_stopped(terminal, packages->items[i], &application, ret_stopped, err) < 0)
			return -1;
	return 0;
}

int applications_start_stopped(struct terminal *terminal, struct error *err)
{
	const struct config_list *packages = &terminal->config->packages;
	struct application application;
	bool found;

	for (size_t i = 0; i < packages->count; i++)
		if (find_stopped(terminal, packages->items[i], &application, &found, err) < 0 ||
			(found && start_one(terminal, &application, err) < 0))
			return -1;
	return 0;
}
