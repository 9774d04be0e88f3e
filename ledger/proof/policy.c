#include "ledger/proof/policy.h"

#include <stdlib.h>
#include <string.h>

static int check_characters(struct span text, struct error *err)
{
	if (text.len > POLICY_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "a policy of more than %d bytes", POLICY_MAX_BYTES);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c == '\r')
			return error_set(
				err, ERROR_INPUT, "lines of a policy end in a line feed alone: save it without CR");
		if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
			return error_set(err, ERROR_INPUT, "control character %#04x in a policy", c);
	}
	if (text.len > 0 && text.at[text.len - 1] != '\n')
		return error_set(err, ERROR_INPUT, "the last line of a policy is not ended");
	return 0;
}

/* The number of the member that is called so; -1 where there is none. */
static int find_member(const struct policy *policy, struct span name)
{
	for (size_t i = 0; i < policy->member_count; i++)
		if (span_is(name, policy->members[i].name))
			return (int)i;
	return -1;
}

static int take_key(struct span *rest, enum vkey_type type, struct vkey *ret_key, struct error *err)
{
	struct span word;

	if (!span_take_word(rest, &word))
		return error_set(err, ERROR_INPUT, "a key is missing");
	if (vkey_parse(word, ret_key, err) < 0)
		return -1;
	if (ret_key->type != type)
		return error_set(err, ERROR_INPUT, "'%.64s' is a key of type %#04x; here belongs one of type %#04x",
			ret_key->name, ret_key->type, type);
	return 0;
}

static int take_url(struct span *rest, char ret_url[static POLICY_URL_SIZE], struct error *err)
{
	struct span word;

	if (span_take_word(rest, &word) && !span_copy(word, ret_url, POLICY_URL_SIZE))
		return error_set(err, ERROR_INPUT, "an address of more than %d bytes", POLICY_URL_SIZE - 1);
	return 0;
}

static bool same_key(const struct vkey *a, const struct vkey *b)
{
	return memcmp(a->public_key, b->public_key, VKEY_PUBLIC_BYTES) == 0;
}

static int read_log(struct policy *policy, struct span *rest, struct error *err)
{
	struct policy_log *log = &policy->logs[policy->log_count];

	if (policy->log_count == POLICY_MAX_LOGS)
		return error_set(err, ERROR_INPUT, "more than %d logs", POLICY_MAX_LOGS);
	if (take_key(rest, VKEY_NOTE, &log->key, err) < 0 || take_url(rest, log->url, err) < 0)
		return -1;
	for (size_t i = 0; i < policy->log_count; i++)
		if (same_key(&policy->logs[i].key, &log->key))
			return error_set(
				err, ERROR_INPUT, "the key of log '%.64s' stands there already", log->key.name);
	policy->log_count++;
	return 0;
}

/* Begins a member under a name that is not taken yet. */
static int begin_member(
	struct policy *policy, struct span *rest, struct policy_member **ret_member, struct error *err)
{
	struct policy_member *member = &policy->members[policy->member_count];
	struct span name;

	if (!span_take_word(rest, &name) || !span_copy(name, member->name, sizeof(member->name)))
		return error_set(err, ERROR_INPUT, "a name is missing, or longer than %d bytes", VKEY_NAME_SIZE - 1);
	if (strcmp(member->name, "none") == 0 || find_member(policy, name) >= 0)
		return error_set(err, ERROR_INPUT, "the name '%.64s' is taken", member->name);
	*ret_member = member;
	return 0;
}

static int read_witness(struct policy *policy, struct span *rest, struct error *err)
{
	struct policy_member *member;

	if (policy->witness_count == POLICY_MAX_WITNESSES)
		return error_set(err, ERROR_INPUT, "more than %d witnesses", POLICY_MAX_WITNESSES);
	if (begin_member(policy, rest, &member, err) < 0 || take_key(rest, VKEY_COSIGNATURE, &member->key, err) < 0 ||
		take_url(rest, member->url, err) < 0)
		return -1;
	for (size_t i = 0; i < policy->member_count; i++)
		if (!policy->members[i].is_group && same_key(&policy->members[i].key, &member->key))
			return error_set(
				err, ERROR_INPUT, "the key of witness '%.64s' stands there already", member->name);
	policy->witness_count++;
	policy->member_count++;
	return 0;
}

static int take_members(struct policy *policy, struct span *rest, struct policy_member *group, struct error *err)
{
	struct span name;

	while (span_take_word(rest, &name)) {
		int number = find_member(policy, name);

		if (number < 0)
			return error_set(err, ERROR_INPUT, "no line before this one names '%.*s'",
				(int)(name.len < 64 ? name.len : 64), name.at);
		if (policy->members[number].placed)
			return error_set(
				err, ERROR_INPUT, "'%.64s' is in a group already", policy->members[number].name);
		policy->members[number].placed = true;
		group->members |= (uint64_t)1 << number;
	}
	return 0;
}

static int set_threshold(struct policy_member *group, struct span threshold, struct error *err)
{
	unsigned count = (unsigned)__builtin_popcountll(group->members);
	uint64_t number = 1;

	if (span_is(threshold, "all"))
		number = count;
	else if (!span_is(threshold, "any") && !span_number(threshold, &number))
		return error_set(err, ERROR_INPUT, "behind the name of a group belongs all, any, or a number");
	if (number < 1 || number > count)
		return error_set(err, ERROR_INPUT, "group '%.64s' has %u members: it cannot ask for that many",
			group->name, count);
	group->threshold = (unsigned)number;
	return 0;
}

static int read_group(struct policy *policy, struct span *rest, struct error *err)
{
	struct policy_member *group;
	struct span threshold;

	if (policy->group_count == POLICY_MAX_GROUPS)
		return error_set(err, ERROR_INPUT, "more than %d groups", POLICY_MAX_GROUPS);
	if (begin_member(policy, rest, &group, err) < 0)
		return -1;
	if (!span_take_word(rest, &threshold))
		return error_set(err, ERROR_INPUT, "a group without members");
	if (take_members(policy, rest, group, err) < 0 || set_threshold(group, threshold, err) < 0)
		return -1;
	group->is_group = true;
	policy->group_count++;
	policy->member_count++;
	return 0;
}

static int read_quorum(struct policy *policy, struct span *rest, struct error *err)
{
	struct span name;

	if (policy->has_quorum)
		return error_set(err, ERROR_INPUT, "a second quorum");
	if (!span_take_word(rest, &name))
		return error_set(err, ERROR_INPUT, "a quorum without a name");
	policy->quorum = span_is(name, "none") ? -1 : find_member(policy, name);
	if (policy->quorum < 0 && !span_is(name, "none"))
		return error_set(err, ERROR_INPUT, "no line before this one names '%.*s'",
			(int)(name.len < 64 ? name.len : 64), name.at);
	policy->has_quorum = true;
	return 0;
}

static int read_line(struct policy *policy, struct span line, struct error *err)
{
	static const struct {
		const char *word;
		int (*read)(struct policy *policy, struct span *rest, struct error *err);
	} kinds[] = {
		{"log", read_log},
		{"witness", read_witness},
		{"group", read_group},
		{"quorum", read_quorum},
	};
	struct span word;

	if (!span_take_word(&line, &word) || *word.at == '#')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!span_is(word, kinds[i].word))
			continue;
		if (kinds[i].read(policy, &line, err) < 0)
			return -1;
		return span_take_word(&line, &word) ? error_set(err, ERROR_INPUT, "more words than belong here") : 0;
	}
	return error_set(err, ERROR_INPUT, "a line begins with log, witness, group or quorum");
}

struct policy *policy_parse(struct span text, struct error *err)
{
	AUTO(policy) struct policy *policy = calloc(1, sizeof(*policy));
	struct span line;

	if (!policy) {
		(void)error_set(err, ERROR_FAILED, "no memory for a policy");
		return NULL;
	}
	if (check_characters(text, err) < 0)
		return NULL;
	for (int number = 1; span_take_line(&text, &line); number++)
		if (read_line(policy, line, err) < 0) {
			(void)error_context(err, "line %d", number);
			return NULL;
		}
	if (!policy->has_quorum) {
		(void)error_set(err, ERROR_INPUT, "a policy needs a line 'quorum NAME' or 'quorum none'");
		return NULL;
	}
	return take_ptr(&policy);
}

bool policy_is_satisfied(const struct policy *policy, uint64_t witnesses)
{
	uint64_t satisfied = witnesses;

	if (policy->quorum < 0)
		return true;
	for (size_t i = 0; i < policy->member_count; i++) {
		const struct policy_member *member = &policy->members[i];

		if (member->is_group &&
			(unsigned)__builtin_popcountll(member->members & satisfied) >= member->threshold)
			satisfied |= (uint64_t)1 << i;
	}
	return satisfied >> policy->quorum & 1;
}

void policy_free(struct policy *policy)
{
	free(policy);
}
