#include "agent/status/explain_inside.h"

#include <inttypes.h>
#include <string.h>

#include "agent/store/quarantine.h"
#include "manifests/catalog/catalog.h"

#define MIB (UINT64_C(1) << 20)

void explain_ask_catalog(const struct explain_facts *facts, const struct status_package *package,
	struct explain_answer *named, struct explain_answer *newer)
{
	named->open = *package->newest != '\0';
	explain_set_value(named, "%s", package->newest);
	explain_source_is_catalog(facts, named);
	newer->open = version_compare(package->newest, package->version) > 0;
	if (*package->newest)
		explain_set_value(newer, "%s -> %s", package->version, package->newest);
	explain_source_is_catalog(facts, newer);
}

int explain_ask_quarantine(const struct explain_facts *facts, const struct status_package *package,
	const char *digest, struct explain_answer *answer, struct error *err)
{
	struct quarantine_row row;
	bool found;

	if (!*digest)
		return 0;
	if (quarantine_find(facts->terminal->store, package->name, digest, &row, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	explain_shut(answer, "", row.reason);
	explain_set_value(answer, "%s", row.version);
	return explain_source_is_history(facts, answer, "quarantine", package->name, err);
}

void explain_ask_rollout(const struct explain_facts *facts, const struct catalog_package *named, const char *digest,
	struct explain_answer *answer)
{
	int64_t place;

	if (!named)
		return;
	explain_source_is_catalog(facts, answer);
	explain_set_value(answer, "%" PRId64 " %%", named->rollout_percent);
	if (*digest) {
		place = wanted_rollout_place(facts->secret, digest);
		answer->open = place < named->rollout_percent;
		explain_set_value(answer, "%" PRId64 " %s %" PRId64 " %%", place,
			answer->open ? "<" : ">=", named->rollout_percent);
	} else {
		answer->open = named->rollout_percent > 0;
	}
}

static const char *version_here(const struct status *status, const char *name)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->packages[i].name, name) == 0)
			return status->packages[i].version;
	return VERSION_BROKEN;
}

/* What the release requires, as it was read; shut as long as the gate was shut then and something is still missing.
 * The value names what is missing, or else all. */
void explain_ask_requires(
	const struct explain_facts *facts, const struct finding *finding, struct explain_answer *answer)
{
	bool was_shut = strcmp(finding->gate, wanted_gate_name(WANTED_REQUIRES)) == 0;
	char words[STORE_TEXT_SIZE], *state = NULL, missing[EXPLAIN_VALUE_SIZE] = "";

	if (*finding->requirements)
		explain_source_is_catalog(facts, answer);
	explain_set_value(answer, "%s", finding->requirements);
	memcpy(words, finding->requirements, sizeof(words));
	for (char *word = strtok_r(words, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		const char *here;
		size_t len = strlen(missing);

		word[strcspn(word, "=")] = '\0';
		here = version_here(facts->status, word);
		if (version_compare(here, strchr(word, '\0') + 1) < 0)
			(void)snprintf(missing + len, sizeof(missing) - len, "%s%s %s > %s", len ? ", " : "", word,
				strchr(word, '\0') + 1, here);
	}
	if (!was_shut || (!*missing && *finding->requirements))
		return;
	explain_shut(answer, "", finding->reason);
	explain_set_value(answer, "%s", missing);
}

int explain_ask_space(const struct explain_facts *facts, const struct status_package *package,
	const struct finding *finding, struct explain_answer *answer, struct error *err)
{
	uint64_t reserve = facts->terminal->config->reserve_space, needed = reserve + (uint64_t)finding->size,
		 free_bytes;

	if (fs_free_bytes(facts->terminal->env->fs, facts->terminal->packages_dir_fd, ".", &free_bytes, err) < 0)
		return -1;
	answer->open = free_bytes >= needed;
	explain_set_value(answer, "%" PRIu64 " MiB %s %" PRIu64 " MiB", free_bytes / MIB, answer->open ? ">=" : "<",
		needed / MIB);
	explain_source_is_setting(facts, answer, "delivery", "reserve_space");
	if (!package->has_delivery || package->delivery.state != DELIVERY_FETCHING ||
		package->delivery.error != ERROR_NO_SPACE)
		return 0;
	explain_shut(answer, error_code_name(ERROR_NO_SPACE), package->delivery.detail);
	return explain_source_is_history(facts, answer, "fetch", package->name, err);
}
