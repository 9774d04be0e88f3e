#include "agent/control/methods.h"

#include <string.h>

#include "agent/control/method.h"
#include "agent/power/wake.h"
#include "agent/rights/permission.h"

static const struct method *const methods[] = {
#define METHOD_ENTRY(name) &method_##name,
	EACH_METHOD(METHOD_ENTRY)
#undef METHOD_ENTRY
};

/* ---- What the interface is, in varlink's language. ---- */

static const char beginning[] =
	"# haishin keeps the software on this terminal current. Times are UTC, such as 2026-01-10T20:00:00Z.\n"
	"interface jp.haishin.Agent\n"
	"\n"
	"type Pause (since: string, until: ?string, who: ?string, why: ?string)\n"
	"type Progress (state: string, package: ?string, version: ?string, number: int, of: int, bytes: int,\n"
	"total: int, saved: int, saved_by_delta: int, saved_by_resume: int, rate: int, left_s: ?int)\n"
	"# Of a job that crashed there is no more than how it ended.\n"
	"type Result (state: string, staged: ?int, available: ?int, not_its_turn: ?int, confirmed: ?int, rolled_back: ?int,\n"
	"damaged: ?int, agent_replaced: ?bool, contact: ?bool, error: string, exit: int, message: string)\n";

static const char end[] =
	"\n"
	"# Code and exit status are those of the command line; some codes bring more members.\n"
	"error Failed (code: string, exit: int, message: string, seconds_left: ?int, disabled: ?Pause, "
	"result: ?Result)\n";

static int describe_method(const struct method *method, struct buf *text, struct error *err)
{
	const struct method_parameter *parameter = method->parameters;

	if ((method->types && buf_printf(text, err, "\n%s", method->types) < 0) || buf_printf(text, err, "\n") < 0 ||
		(method->meaning && buf_printf(text, err, "# %s\n", method->meaning) < 0) ||
		buf_printf(text, err, "method %s(", method->name) < 0)
		return -1;
	for (; parameter->name; parameter++)
		if (buf_printf(text, err, "%s%s: %s%s", parameter > method->parameters ? ", " : "", parameter->name,
			    parameter->is_required ? "" : "?", parameter->type == JSON_STRING ? "string" : "int") < 0)
			return -1;
	return buf_printf(text, err, ")\n  -> (%s)\n", method->result);
}

int methods_describe(struct buf *ret_text, struct error *err)
{
	if (buf_printf(ret_text, err, "%s", beginning) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (describe_method(methods[i], ret_text, err) < 0)
			return -1;
	return buf_printf(ret_text, err, "%s", end);
}

/* ---- Calls. ---- */

static const struct method *find_method(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (strcmp(methods[i]->name, name) == 0)
			return methods[i];
	return NULL;
}

static const struct method_parameter *find_parameter(const struct method *method, const char *name)
{
	for (const struct method_parameter *parameter = method->parameters; parameter->name; parameter++)
		if (strcmp(parameter->name, name) == 0)
			return parameter;
	return NULL;
}

/* The name of the first parameter that is unknown, missing or of the wrong type; NULL where all are right. A null
 * counts as missing. */
static const char *wrong_parameter(const struct method *method, const json_t *given)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)given, name, value) {
		const struct method_parameter *known = find_parameter(method, name);

		if (!known || (!json_is_null(value) && json_typeof(value) != known->type))
			return name;
		if (json_is_string(value) && strlen(json_string_value(value)) != json_string_length(value))
			return name; /* U+0000 inside */
	}
	for (const struct method_parameter *parameter = method->parameters; parameter->name; parameter++)
		if (parameter->is_required &&
			(!(value = json_object_get(given, parameter->name)) || json_is_null(value)))
			return parameter->name;
	return NULL;
}

static int refuse_stranger(const struct varlink_call *call, struct error *err)
{
	char who[METHOD_WHO_SIZE];

	method_who(call, who);
	return error_set(err, ERROR_DENIED, "%s may look but not change anything on this terminal", who);
}

/* Root and the agent's own user could change the records without asking. */
static bool is_refused_as_too_many(struct resident *resident, struct varlink_call *call)
{
	const struct clock *clock = resident->terminal->env->clock;
	uid_t uid = varlink_peer(call)->uid;
	struct error why = {0};
	int64_t left_s;

	if (uid == 0 || uid == geteuid() ||
		allowance_take(&resident->allowances, uid, clock->monotonic_ms(clock), &left_s, &why) == 0)
		return false;
	varlink_fail(call, &why, JSON_OBJECT({json_number("seconds_left", left_s)}));
	return true;
}

/* *RET_GOES_ON is false where the call has been answered, or waits for polkit. */
static int ask_for_right(struct resident *resident, struct varlink_call *call, enum change_kind change,
	bool *ret_goes_on, struct error *err)
{
	bool is_new = !varlink_is_resumed(call), is_asked = false;

	*ret_goes_on = true;
	if (change == CHANGE_NONE)
		return 0;
	if (!method_may_change(resident, call) && !permission_is_asked_for(resident->terminal->config))
		return refuse_stranger(call, err);
	if (is_new && is_refused_as_too_many(resident, call)) {
		*ret_goes_on = false;
		return 0;
	}
	if (!method_may_change(resident, call) && permission_ask(resident->permissions, resident->terminal->config, call,
							   change, &is_asked, err) < 0)
		return -1;
	*ret_goes_on = !is_asked;
	return is_asked ? 0 : wake_stay(resident->terminal, err);
}

void methods_handle(void *context, struct varlink_call *call)
{
	struct resident *resident = context;
	const struct method *method = find_method(varlink_method(call));
	struct error err = {0};
	const char *wrong;
	bool goes_on;

	if (!method) {
		varlink_method_not_found(call);
		return;
	}
	if ((wrong = wrong_parameter(method, varlink_parameters(call)))) {
		varlink_invalid_parameter(call, wrong);
		return;
	}
	if (ask_for_right(resident, call, method->change, &goes_on, &err) < 0 ||
		(goes_on && method->answer(resident, call, &err) < 0))
		varlink_fail(call, &err, NULL);
}
