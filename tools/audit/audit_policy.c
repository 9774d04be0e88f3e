#include "tools/audit/audit_policy.h"

#include <fcntl.h>
#include <stdio.h>

#include "common/command_line/language.h"
#include "common/fs.h"

struct policy *audit_policy_read(const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct policy *policy;
	struct fs fs;

	fs_init(&fs);
	if (fs_read_given(&fs, path, &text, err) < 0)
		return NULL;
	if (!(policy = policy_parse((struct span){buf_text(&text), text.len}, err)))
		(void)error_context(err, "policy '%s'", path);
	return policy;
}

const char *audit_policy_witnesses(
	const struct policy *policy, const struct policy_verdict *verdict, char *ret_names, size_t size)
{
	size_t len = 0;

	*ret_names = '\0';
	for (size_t i = 0; i < policy->member_count && len < size; i++)
		if (verdict->witnesses >> i & 1)
			len += (size_t)snprintf(
				ret_names + len, size - len, "%s%s", len ? ", " : "", policy->members[i].name);
	return ret_names;
}

void audit_policy_blame(const struct policy *policy, struct span note, enum finding_kind kind,
	const struct error *why, struct findings *findings)
{
	char names[256], said[320] = "";
	struct policy_verdict verdict;

	if (policy_look(policy, note, &verdict, NULL) == 0 && !verdict.satisfied) {
		(void)audit_policy_witnesses(policy, &verdict, names, sizeof(names));
		if (*names)
			(void)snprintf(said, sizeof(said),
				_("cosigned by %s only; the policy asks for more witnesses"), names);
		else
			(void)snprintf(said, sizeof(said), "%s", _("no witness of the policy has cosigned it"));
	}
	findings_add_error(findings, kind, -1, said, why);
}
