#include <string.h>

#include "agent/control/method.h"
#include "agent/status/completion.h"
#include "agent/status/status_json.h"

static json_t *packages_json(const struct completion *completion)
{
	json_t *list = json_array();

	for (size_t i = 0; i < completion->count; i++) {
		const struct completion_package *package = &completion->packages[i];

		(void)json_array_append_new(list, JSON_OBJECT({
							  json_text("name", package->name),
							  json_text("version", package->version),
							  json_text("wanted", package->wanted),
							  json_flag("done", package->is_done),
							  json_take("since", status_time_json(package->since_s)),
						  }));
	}
	return list;
}

/* What the caller says, by the setting's rules, or else what is configured. */
static int choose_text(const struct varlink_call *call, const char *name, const char *configured, char **ret_text,
	struct error *err)
{
	const char *given = method_text(call, name);

	if (!given)
		return (*ret_text = strdup(configured)) ? 0 : error_set(err, ERROR_FAILED, "out of memory");
	if (config_plain("terminal", name, given, ret_text, err) == 0)
		return 0;
	err->code = ERROR_USAGE;
	return -1;
}

static int get_completion(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const struct config *config = resident->terminal->config;
	int64_t number = json_integer_value(json_object_get(varlink_parameters(call), "campaign"));
	AUTO(completion) struct completion completion = {0};
	AUTO(free) char *institution_name = NULL, *telephone = NULL;
	char date[NIGHT_DATE_TEXT_SIZE];

	if (choose_text(call, "institution_name", config->institution_name, &institution_name, err) < 0 ||
		choose_text(call, "telephone", config->telephone, &telephone, err) < 0 ||
		completion_find(resident->terminal, number, &completion, err) < 0)
		return -1;
	varlink_reply(call, JSON_OBJECT({
				    json_number("campaign", completion.campaign),
				    json_text("title", completion.title),
				    json_flag("complete", completion.is_complete),
				    json_take("completed", completion.is_complete ? json_string(night_date_text(
											    &completion.date, date))
										  : json_null()),
				    json_text("institution_name", institution_name),
				    json_text("telephone", telephone),
				    json_take("packages", packages_json(&completion)),
			    }));
	return 0;
}

const struct method method_get_completion = {
	.name = "GetCompletion",
	.parameters = {{"campaign", JSON_INTEGER, false}, {"institution_name", JSON_STRING, false},
		{"telephone", JSON_STRING, false}},
	.meaning = "The completion report of a campaign; without a number, of the newest that has begun.",
	.result = "campaign: int, title: string, complete: bool, completed: ?string, institution_name: string,\n  "
		  "telephone: string, packages: [](name: string, version: string, wanted: string, done: bool,\n  "
		  "since: ?string)",
	.answer = get_completion,
};
