#include <string.h>

#include "agent/control/method.h"
#include "agent/server/distribution.h"
#include "agent/status/explain.h"
#include "agent/status/status_collect.h"
#include "common/text.h"

/* NULL for "" and for what is not UTF-8: the member is then left out. */
static const char *text_or_null(const char *text)
{
	return *text && text_is_utf8(text, strlen(text)) ? text : NULL;
}

static json_t *gate_json(enum explain_gate gate, const struct explain_answer *answer)
{
	return JSON_OBJECT({
		json_text("gate", explain_gate_name(gate)),
		json_flag("open", answer->open),
		json_text_or_null("value", text_or_null(answer->value)),
		json_text_or_null("source", text_or_null(answer->source)),
		json_text_or_null("code", text_or_null(answer->code)),
		json_text_or_null("detail", text_or_null(answer->detail)),
	});
}

static int add_explanation(
	const struct explain_facts *facts, const struct status_package *package, json_t *list, struct error *err)
{
	AUTO(free) struct explanation *explanation = calloc(1, sizeof(*explanation));
	json_t *gates = json_array();

	if (!explanation || explain_package(facts, package, explanation, err) < 0) {
		json_decref(gates);
		return explanation ? -1 : error_set(err, ERROR_FAILED, "out of memory");
	}
	for (size_t i = 0; i < EXPLAIN_GATES; i++)
		(void)json_array_append_new(gates, gate_json((enum explain_gate)i, &explanation->gates[i]));
	(void)json_array_append_new(
		list, JSON_OBJECT({
			      json_text("package", package->name),
			      json_text("state", status_package_state(package)),
			      json_text("version", package->version),
			      json_text_or_null("newest", text_or_null(package->newest)),
			      json_text_or_null("decides", explanation->decides == EXPLAIN_GATES
								   ? NULL
								   : explain_gate_name(explanation->decides)),
			      json_take("gates", gates),
		      }));
	return 0;
}

static int explain(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *only = method_text(call, "package");
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *list = json_array();
	struct error none_yet = {0};
	struct explain_facts facts;

	if (only && method_check_package(resident, only, err) < 0)
		return -1;
	if (distribution_kept_catalog(resident->terminal, &catalog, &none_yet) < 0)
		catalog = NULL;
	if (status_collect(resident->terminal, &status, err) < 0 ||
		explain_collect(resident->terminal, &status, catalog,
			resident->next_kind == JOB_NIGHT ? resident->next_s : 0, &facts, err) < 0)
		return -1;
	for (size_t i = 0; i < status.count; i++)
		if (!only || strcmp(status.packages[i].name, only) == 0)
			if (add_explanation(&facts, &status.packages[i], list, err) < 0)
				return -1;
	varlink_reply(call, JSON_OBJECT({json_share("packages", list)}));
	return 0;
}

const struct method method_explain = {
	.name = "Explain",
	.parameters = {{"package", JSON_STRING, false}},
	.types = "type Gate (gate: string, open: bool, value: ?string, source: ?string, code: ?string, detail: "
		 "?string)\n"
		 "type Explanation (package: string, state: string, version: string, newest: ?string, decides: "
		 "?string,\n"
		 "gates: []Gate)\n",
	.meaning = "Why a package is, or is not, delivered now. Without a package: all of them.",
	.result = "packages: []Explanation",
	.answer = explain,
};
