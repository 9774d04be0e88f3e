#include <string.h>

#include "agent/config/config_edit.h"
#include "agent/control/method.h"
#include "agent/store/history.h"
#include "common/text.h"

/* ---- What there is ---- */

static json_t *setting_json(const struct config *config, const char *name)
{
	char section[CONFIG_STAFF_NAME_SIZE], key[CONFIG_STAFF_NAME_SIZE];
	const char *source;

	config_staff_split(name, section, key);
	source = config_source(config, section, key);
	return JSON_OBJECT({
		json_text("name", name),
		json_text("value", config_text(config, section, key)),
		json_text("source", source),
		json_flag("by_staff", config_edit_is_source(source)),
		json_flag("may_set", text_holds_word(config->staff_may_set, name)),
	});
}

static int get_settings(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(json) json_t *settings = json_array();
	const char *name;

	for (size_t i = 0; (name = config_staff_name_at(i)); i++)
		if (json_array_append_new(settings, setting_json(resident->terminal->config, name)) < 0)
			return error_set(err, ERROR_FAILED, "no memory for the settings");
	varlink_reply(call, JSON_OBJECT({json_share("settings", settings)}));
	return 0;
}

const struct method method_get_settings = {
	.name = "GetSettings",
	.types = "type Setting (name: string, value: string, source: string, by_staff: bool, may_set: bool)\n",
	.meaning = "The settings that the operator may leave to staff, as they are in force.",
	.result = "settings: []Setting",
	.answer = get_settings,
};

/* ---- Changing one ---- */

static int record(struct resident *resident, const struct varlink_call *call, const struct config_edit *edit,
	const struct error *why, struct error *err)
{
	const char *value = method_text(call, "value");
	char who[METHOD_WHO_SIZE], detail[STORE_TEXT_SIZE];
	struct history_entry entry = {.operation = "setting",
		.outcome = why ? "failed" : "done",
		.error = why ? why->code : ERROR_NONE,
		.detail = detail};

	method_who(call, who);
	(void)snprintf(detail, sizeof(detail), "%s by %s: from '%.60s' to %s%.60s%s", method_text(call, "name"), who,
		edit->former, value ? "'" : "", value ? value : "what the operator's files say", value ? "'" : "");
	return history_add(resident->terminal->store, &entry, err);
}

/* Told before it is done: a cut in between leaves a row too many, not a change that nobody was told of. */
static int change(
	struct resident *resident, const struct varlink_call *call, const struct config_edit *edit, struct error *err)
{
	struct error why = {0};

	if (record(resident, call, edit, NULL, err) < 0)
		return -1;
	if (config_edit_write(resident->terminal->env->fs, edit, &why) == 0)
		return 0;
	(void)record(resident, call, edit, &why, err);
	return error_set(err, why.code, "%s", why.text);
}

static void answer_mistake(struct varlink_call *call, const struct error *why)
{
	varlink_fail(call, why,
		JSON_OBJECT({
			json_flag("not_left_to_staff", why->code == ERROR_DENIED),
			json_flag("wrong_value", why->code == ERROR_USAGE),
		}));
}

static int set_setting(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(config_edit) struct config_edit edit = CONFIG_EDIT_INIT;
	const char *name = method_text(call, "name"), *value = method_text(call, "value");

	if (config_edit_make(resident->terminal->env->fs, resident->config_file, resident->root, name, value, &edit,
		    err) < 0) {
		if (err->code != ERROR_DENIED && err->code != ERROR_USAGE)
			return -1;
		answer_mistake(call, err);
		return 0;
	}
	if (change(resident, call, &edit, err) < 0)
		return -1;
	varlink_reply(call, JSON_OBJECT({
				    json_text("name", name),
				    json_text("former", edit.former),
				    json_text_or_null("value", value),
				    json_flag("after_job", resident->job.running),
			    }));
	resident->reload = true; /* all is read anew: when the job at work has ended, or now */
	return 0;
}

const struct method method_set_setting = {
	.name = "SetSetting",
	.change = CHANGE_SETTINGS,
	.parameters = {{"name", JSON_STRING, true}, {"value", JSON_STRING, false}},
	.meaning =
		"Changes one of them, where [control] staff_may_set lists it; without a value it is again what the "
		"operator's files say. The agent starts over, after the job at work (after_job).",
	.result = "name: string, former: string, value: ?string, after_job: bool",
	.answer = set_setting,
};
