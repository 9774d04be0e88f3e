#include "agent/status/explain.h"

#include <string.h>

#include "agent/status/explain_question.h"
#include "agent/turn/windows.h"
#include "manifests/catalog/catalog.h"
#include "manifests/tuf/time_floor.h"

static const struct {
	const char *name;
	explain_question *ask;
	enum explain_repair repair;
} gates[EXPLAIN_GATES] = {
#define EXPLAIN_ROW(enumerator, question, name, repair, telling, open, who) {name, explain_ask_##question, repair},
	EXPLAIN_EACH_GATE(EXPLAIN_ROW)
#undef EXPLAIN_ROW
};

const char *explain_gate_name(enum explain_gate gate)
{
	return gates[gate].name;
}

int explain_package(const struct explain_facts *facts, const struct status_package *package,
	struct explanation *ret_explanation, struct error *err)
{
	struct explain_case about = {
		.facts = facts,
		.package = package,
		.named = facts->catalog ? catalog_find(facts->catalog, package->name) : NULL,
	};
	bool found;

	*ret_explanation = (struct explanation){.decides = EXPLAIN_GATES};
	if (kept_choice_of_package(facts->terminal->store, package->name, &about.kept, &found, err) < 0)
		return -1;
	if (!found || strcmp(about.kept.version, package->newest) != 0)
		about.kept = (struct kept_choice){.error = "none"}; /* it was about another release */
	for (size_t i = 0; i < EXPLAIN_GATES; i++) {
		struct explain_answer *answer = &ret_explanation->gates[i];

		answer->open = true;
		if (gates[i].ask(&about, answer, err) < 0)
			return error_context(err, "%s", package->name);
		answer->open |= gates[i].repair == REPAIR_PASSES && status_package_wants_repair(package);
		if (!answer->open && ret_explanation->decides == EXPLAIN_GATES)
			ret_explanation->decides = (enum explain_gate)i;
	}
	return 0;
}

int explain_collect(struct terminal *terminal, const struct status *status, const struct catalog *catalog,
	int64_t turn_s, struct explain_facts *ret_facts, struct error *err)
{
	*ret_facts = (struct explain_facts){
		.terminal = terminal,
		.status = status,
		.catalog = catalog,
		.rules = windows_rules_of(terminal, catalog),
		.time_floor_s = time_floor_load(terminal->env->fs, terminal->metadata_dir_fd),
		.turn_s = turn_s,
	};
	if (last_contact_read(terminal->store, &ret_facts->contact, err) < 0 ||
		store_terminal_secret(terminal->store, ret_facts->secret, err) < 0)
		return -1;
	return 0;
}
