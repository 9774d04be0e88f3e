#include "ledger/proof/policy_judge.h"

#include <string.h>

#include "ledger/note/cosignature.h"
#include "ledger/note/note.h"

static int find_log(
	const struct policy *policy, const struct note *note, struct policy_verdict *verdict, struct error *err)
{
	bool known = false, found = false;

	for (size_t i = 0; i < policy->log_count; i++) {
		enum note_verdict signature;

		if (strcmp(policy->logs[i].key.name, verdict->checkpoint.origin) != 0)
			continue;
		known = true;
		if ((signature = note_check(note, &policy->logs[i].key)) == NOTE_FORGED)
			return error_set(err, ERROR_REFUSED, "the signature of log '%s' does not hold",
				verdict->checkpoint.origin);
		if (signature == NOTE_SIGNED && !found) {
			verdict->log = i;
			found = true;
		}
	}
	if (found)
		return 0;
	return error_set(err, ERROR_REFUSED,
		known ? "the log '%s' has not signed its checkpoint with the key that the policy names"
		      : "the policy names no log '%s'",
		verdict->checkpoint.origin);
}

static int count_witnesses(
	const struct policy *policy, const struct note *note, struct policy_verdict *verdict, struct error *err)
{
	for (size_t i = 0; i < policy->member_count; i++) {
		const struct policy_member *member = &policy->members[i];
		enum note_verdict signature;

		if (member->is_group)
			continue;
		signature = cosignature_check(note, &member->key, &verdict->cosigned_s[i]);
		if (signature == NOTE_FORGED)
			return error_set(
				err, ERROR_REFUSED, "the cosignature of witness '%s' does not hold", member->name);
		if (signature == NOTE_SIGNED)
			verdict->witnesses |= (uint64_t)1 << i;
	}
	return 0;
}

/* True if those that had cosigned by TIME_S were enough. */
static bool enough_by(const struct policy *policy, const struct policy_verdict *verdict, int64_t time_s)
{
	uint64_t witnesses = 0;

	for (size_t i = 0; i < policy->member_count; i++)
		if (verdict->witnesses >> i & 1 && verdict->cosigned_s[i] <= time_s)
			witnesses |= (uint64_t)1 << i;
	return policy_is_satisfied(policy, witnesses);
}

static void find_time(const struct policy *policy, struct policy_verdict *verdict)
{
	int64_t first_s = INT64_MAX;

	verdict->satisfied = policy_is_satisfied(policy, verdict->witnesses);
	if (!verdict->satisfied || policy->quorum < 0)
		return;
	for (size_t i = 0; i < policy->member_count; i++)
		if (verdict->witnesses >> i & 1 && verdict->cosigned_s[i] < first_s &&
			enough_by(policy, verdict, verdict->cosigned_s[i]))
			first_s = verdict->cosigned_s[i];
	verdict->quorum_s = first_s;
}

int policy_look(const struct policy *policy, struct span data, struct policy_verdict *ret_verdict, struct error *err)
{
	struct note note;

	*ret_verdict = (struct policy_verdict){0};
	if (note_parse(data, &note, err) < 0 || checkpoint_parse(note.text, &ret_verdict->checkpoint, err) < 0 ||
		find_log(policy, &note, ret_verdict, err) < 0 || count_witnesses(policy, &note, ret_verdict, err) < 0)
		return -1;
	find_time(policy, ret_verdict);
	return 0;
}

/* The names of the witnesses that have not cosigned, cut where they are many. */
static void name_missing(
	const struct policy *policy, const struct policy_verdict *verdict, char *ret_names, size_t size)
{
	size_t len = 0;

	*ret_names = '\0';
	for (size_t i = 0; i < policy->member_count && len < size; i++)
		if (!policy->members[i].is_group && !(verdict->witnesses >> i & 1))
			len += (size_t)snprintf(
				ret_names + len, size - len, "%s%.64s", len ? ", " : "", policy->members[i].name);
}

int policy_judge(const struct policy *policy, struct span data, struct policy_verdict *ret_verdict, struct error *err)
{
	char missing[256];

	if (policy_look(policy, data, ret_verdict, err) < 0)
		return -1;
	if (ret_verdict->satisfied)
		return 0;
	name_missing(policy, ret_verdict, missing, sizeof(missing));
	return error_set(err, ERROR_REFUSED,
		"too few witnesses have cosigned this checkpoint of '%.128s'; missing: %s",
		ret_verdict->checkpoint.origin, missing);
}
