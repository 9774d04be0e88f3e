#include <string.h>

#include "agent/control/method.h"
#include "agent/night/enrolment_files.h"
#include "agent/proof/chapter.h"
#include "agent/resident/resident_job.h"
#include "agent/status/status_json.h"
#include "agent/store/history.h"

/* What belongs to the former environment, and would keep the terminal away from the new one. */
static const char *const settings_dropped[] = {
	"last_contact_s", "window.done_opens_s", "window.done_s", "window.again_s"};

static json_t *environment_json(const struct config *config, const char *name, const char *url)
{
	return JSON_OBJECT({
		json_text("name", name),
		json_text_if("url", url),
		json_flag("current", strcmp(config->environment, name) == 0),
	});
}

/* The servers of production are not at hand while another environment is in force. */
static json_t *environments_json(const struct config *config)
{
	bool is_production = strcmp(config->environment, ENVIRONMENT_PRODUCTION) == 0;
	json_t *list = json_array();

	(void)json_array_append_new(list, environment_json(config, ENVIRONMENT_PRODUCTION,
						  is_production ? config->server_urls.items[0] : NULL));
	for (size_t i = 0; i < config->environments.count; i++)
		(void)json_array_append_new(list, environment_json(config, config->environments.items[i].name,
							  config->environments.items[i].settings[0].value));
	return list;
}

static int take_chapter(void *context, const struct chapter_row *row, struct error *err)
{
	json_t *json = JSON_OBJECT({
		json_number("number", row->number),
		json_number("first_row", row->first_row),
		json_take("since", status_time_json(row->since_s)),
		json_text("environment", row->environment),
		json_text_unless_empty("institution_code", row->institution_code),
		json_text_unless_empty("certificate", row->certificate),
	});

	return json_array_append_new(context, json) < 0 ? error_set(err, ERROR_FAILED, "out of memory") : 0;
}

static int get_environment(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const struct config *config = resident->terminal->config;
	AUTO(json) json_t *chapters = json_array();

	if (chapter_each(resident->terminal->store, take_chapter, chapters, err) < 0)
		return -1;
	varlink_reply(call, JSON_OBJECT({
				    json_text("environment", config->environment),
				    json_take("environments", environments_json(config)),
				    json_share("chapters", chapters),
				    json_text("time_zone", config->zone_name),
			    }));
	return 0;
}

const struct method method_get_environment = {
	.name = "GetEnvironment",
	.types = "type Environment (name: string, url: ?string, current: bool)\n"
		 "type Chapter (number: int, first_row: int, since: string, environment: string, institution_code: "
		 "?string,\n"
		 "certificate: ?string)\n",
	.result = "environment: string, environments: []Environment, chapters: []Chapter, time_zone: string",
	.answer = get_environment,
};

static int record(struct resident *resident, const struct varlink_call *call, const char *name, struct error *err)
{
	struct store *store = resident->terminal->store;
	char who[METHOD_WHO_SIZE], detail[STORE_TEXT_SIZE];
	struct history_entry entry = {.operation = "environment", .outcome = "done", .detail = detail};

	method_who(call, who);
	(void)snprintf(
		detail, sizeof(detail), "from %s to %s by %s", resident->terminal->config->environment, name, who);
	for (size_t i = 0; i < ARRAY_SIZE(settings_dropped); i++)
		if (store_drop_setting(store, settings_dropped[i], err) < 0)
			return -1;
	return history_add(store, &entry, err);
}

/* Told before it is done: a cut in between leaves a row too many, not a switch that nobody was told of. */
static int switch_to(struct resident *resident, const struct varlink_call *call, const char *name, struct error *err)
{
	struct terminal *terminal = resident->terminal;
	int ret;

	if (store_begin(terminal->store, err) < 0)
		return -1;
	ret = record(resident, call, name, err);
	if (store_end(terminal->store, ret, err) < 0)
		return -1;
	return environment_choose(terminal->env->fs, terminal->config->state_path, name, err);
}

static int set_environment(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const struct config *config = resident->terminal->config;
	const char *name = method_text(call, "environment");
	bool changes = strcmp(name, config->environment) != 0, waits = false;

	if (strcmp(name, ENVIRONMENT_PRODUCTION) != 0 && !environment_find(&config->environments, name))
		return error_set(err, ERROR_NOT_FOUND,
			"the configuration has no [" ENVIRONMENT_SECTION "%.40s]; 'haishin env' lists what there is",
			name);
	if (changes && method_end_delivery(resident, call, &waits, err) < 0)
		return -1;
	if (waits)
		return 0;
	if (changes && switch_to(resident, call, name, err) < 0)
		return -1;
	varlink_reply(call, JSON_OBJECT({
				    json_text("environment", name),
				    json_text("former", config->environment),
				    json_flag("changed", changes),
			    }));
	resident->reload |= changes; /* all is opened anew, for the environment that now holds */
	return 0;
}

const struct method method_set_environment = {
	.name = "SetEnvironment",
	.change = CHANGE_ENVIRONMENT,
	.parameters = {{"environment", JSON_STRING, true}},
	.meaning = "Connects to another one; the agent starts over.",
	.result = "environment: string, former: string, changed: bool",
	.answer = set_environment,
};

/* ---- The certificate that says whose it is ---- */

/* The code is nobody's business, nor the history's. */
static int note_enrolment(struct resident *resident, const struct varlink_call *call, const char *url, struct error *err)
{
	struct history_entry entry = {.operation = "certificate", .outcome = "begun"};
	char who[METHOD_WHO_SIZE], detail[STORE_TEXT_SIZE];

	method_who(call, who);
	(void)snprintf(detail, sizeof(detail), "from %.160s, asked for by %s", url, who);
	entry.detail = detail;
	return history_add(resident->terminal->store, &entry, err);
}

static int enrol(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *url = method_text(call, "url"), *code = method_text(call, "code");

	if (strncmp(url, "https://", strlen("https://")) != 0)
		return error_set(err, ERROR_USAGE, "'%.200s' is no address that begins with https://", url);
	if (resident->job.running)
		return error_set(err, ERROR_BUSY, "job %s is at work; try again when it has ended",
			job_kind_name(resident->job.kind));
	if (note_enrolment(resident, call, url, err) < 0 || enrolment_wish_keep(resident->terminal, url, code, err) < 0 ||
		resident_job_start(resident, JOB_ENROL, err) < 0)
		return -1;
	varlink_follow(call);
	return 0;
}

const struct method method_enrol = {
	.name = "Enrol",
	.change = CHANGE_ENROL,
	.parameters = {{"url", JSON_STRING, true}, {"code", JSON_STRING, true}},
	.meaning = "Gets this terminal's client certificate from an EST server, for a one-time code. The key is made here and "
		   "never leaves.",
	.result = "progress: ?Progress, result: ?Result",
	.answer = enrol,
};
